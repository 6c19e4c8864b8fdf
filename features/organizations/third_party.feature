Feature: Third-party applications

  An application of somebody else gets tokens only where a grant says so, and in an organization
  only where an association says so.

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And an organization "acme"
    And an application "partner" with
      """
      {
        "is_first_party": false,
        "third_party_security_mode": "strict",
        "grant_types": ["client_credentials"]
      }
      """

  @R85
  Scenario: the id of a third-party application
    Then the answer's "client_id" has the form "tpc_ + 22 alphanumeric"
    And the answer carries
      | jwt_configuration.alg                 | RS256 |
      | jwt_configuration.lifetime_in_seconds | 3600  |

  @R86
  Scenario: client credentials have to be asked for
    Given an application "website" with
      """
      { "is_first_party": false, "third_party_security_mode": "strict" }
      """
    Then the answer carries
      | grant_types | ["authorization_code"] |

  @R87
  Scenario Outline: no <member> on a third-party application
    When I POST "/clients" with
      """
      { "name": "website", "is_first_party": false, "<member>": "<value>" }
      """
    Then the answer is 403
    And the answer carries
      | message | Organizations are only available to first party clients on user-based flows. Properties organization_usage and organization_require_behavior must be unset for third party clients. |

    Examples:
      | member                        | value           |
      | organization_usage            | allow           |
      | organization_require_behavior | no_prompt       |

  @R82 @T13
  Scenario: no grant
    When "partner" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client"

  @R81
  Scenario: a grant is needed even where the API lets every user in
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "subject_type_authorization": { "user": { "policy": "allow_all" } } }
      """
    And "partner" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client"

  @R84
  Scenario: client credentials are not for public applications
    When I POST "/clients" with
      """
      {
        "name": "website",
        "is_first_party": false,
        "third_party_security_mode": "strict",
        "token_endpoint_auth_method": "none",
        "grant_types": ["client_credentials"]
      }
      """
    Then the answer is 400 "invalid_body" "Invalid grant types: client_credentials"

  @R77 @assumption
  Scenario: no grant for any organization
    When I POST "/client-grants" with
      """
      {
        "client_id": "{partner.client_id}",
        "audience": "{travel.identifier}",
        "organization_usage": "allow",
        "allow_any_organization": true
      }
      """
    Then the answer is 400

  @R83
  Scenario: no grant on the Management API
    When I POST "/client-grants" with
      """
      { "client_id": "{partner.client_id}", "audience": "{management.audience}", "scope": ["read:clients"] }
      """
    Then the answer is 400

  @R77 @R78
  Scenario: an association opens an organization, whatever it says of third-party logins
    Given a client grant for "partner" on "travel" with organization usage "allow"
    When "partner" asks for a token for "travel" in organization "acme"
    Then the token is refused with 403 "access_denied"
    When "acme" is associated with that grant
    And I GET "/organizations/{acme.id}"
    Then the answer carries
      | third_party_client_access | block |
    When "partner" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted

  @R79 @R80
  Scenario: a default grant serves every third-party application
    When I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "scope": ["read:trips"] }
      """
    Then the answer is 201
    And the answer's members are "id, audience, default_for, scope, subject_type"
    And the answer carries
      | subject_type | client |
    When "partner" asks for a token for "travel"
    Then the token carries the scopes "read:trips"
    Given an application "bot"
    When "bot" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"

  @R79
  Scenario: its own grant wins over the default grant
    Given I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "scope": ["read:trips"] }
      """
    And a client grant for "partner" on "travel" with scopes "write:trips"
    When "partner" asks for a token for "travel"
    Then the token carries the scopes "write:trips"

  @R79
  Scenario Outline: a grant is for one client or for third-party clients: <fault>
    When I POST "/client-grants" with
      """
      { <subject> "audience": "{travel.identifier}", "scope": [] }
      """
    Then the answer is 400

    Examples:
      | fault   | subject                                                                    |
      | neither |                                                                            |
      | both    | "client_id": "{partner.client_id}", "default_for": "third_party_clients",  |
