Feature: Templates of verifiable credentials

  A template says which parts of a mobile driving licence a verification requests.

  Background:
    Given "/verifiable-credentials/verification/templates" has "licence" with
      """
      {
        "name": "{unique.licence}", "type": "mdl", "dialect": "simplified/1.0", "well_known_trusted_issuers": "aamva",
        "presentation": { "org.iso.18013.5.1.mDL": { "org.iso.18013.5.1": { "family_name": true } } }
      }
      """

  Scenario: the life of a template
    When I GET "/verifiable-credentials/verification/templates/{licence.id}"
    Then the answer is 200
    And the answer carries
      | name    | {licence.name} |
      | dialect | simplified/1.0 |
    When I PATCH "/verifiable-credentials/verification/templates/{licence.id}" with
      """
      { "name": "{licence.name}-2" }
      """
    Then the answer is 200
    And the answer carries
      | name | {licence.name}-2 |
      | type | mdl              |
    When I read every page of "/verifiable-credentials/verification/templates?take=50"
    Then among the items these "id" come in this order
      | {licence.id} |
    When I DELETE "/verifiable-credentials/verification/templates/{licence.id}"
    Then the answer is 204 without a body
    When I GET "/verifiable-credentials/verification/templates/{licence.id}"
    Then the answer is 404 "The verifiable credential template does not exist."

  Scenario: a name is used once
    When I POST "/verifiable-credentials/verification/templates" with
      """
      {
        "name": "{licence.name}", "type": "mdl", "dialect": "simplified/1.0", "well_known_trusted_issuers": "aamva",
        "presentation": { "org.iso.18013.5.1.mDL": { "org.iso.18013.5.1": { "portrait": true } } }
      }
      """
    Then the answer is 409 "Template (name) already exists."
