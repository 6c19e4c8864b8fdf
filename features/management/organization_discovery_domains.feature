Feature: Discovery domains of an organization

  Background:
    Given an organization "acme"

  Scenario: a domain waits for its proof, until someone says that it is there
    When I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 201
    And the answer's "id" has the form "ord_ + 22 alphanumeric"
    And the answer's "verification_txt" has the form "32 lower-case hex"
    And the answer's members are "id, domain, status, verification_host, verification_txt, use_for_organization_discovery"
    And the answer carries
      | domain                         | acme.example                           |
      | status                         | pending                                |
      | use_for_organization_discovery | true                                   |
      | verification_host              | _ss-verification.{acme.id}.acme.example |
    Given it is remembered as "domain"
    When I PATCH "/organizations/{acme.id}/discovery-domains/{domain.id}" with
      """
      { "status": "verified", "use_for_organization_discovery": false }
      """
    Then the answer is 200
      """
      {
        "id": "{domain.id}",
        "domain": "acme.example",
        "status": "verified",
        "use_for_organization_discovery": false,
        "verification_host": "{domain.verification_host}",
        "verification_txt": "{domain.verification_txt}"
      }
      """
    When I GET "/organizations/{acme.id}/discovery-domains/name/ACME.example"
    Then the answer carries
      | id     | {domain.id} |
      | status | verified    |

  Scenario: domains are listed by cursor
    Given I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example", "status": "verified" }
      """
    And I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.test" }
      """
    When I GET "/organizations/{acme.id}/discovery-domains"
    Then the answer's members are "domains"
    When I GET "/organizations/{acme.id}/discovery-domains?take=1"
    Then the answer's members are "domains, next"
    When I read every page of "/organizations/{acme.id}/discovery-domains?take=1"
    Then these are the items' "domain"
      | acme.example |
      | acme.test    |

  Scenario: an organization has a domain once
    Given an organization "globex"
    And I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    When I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 409 "An organization discovery domain with this domain is already registered to this organization."
    When I POST "/organizations/{globex.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 201

  Scenario: a domain is removed, and may be removed again
    Given I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    And it is remembered as "domain"
    When I DELETE "/organizations/{acme.id}/discovery-domains/{domain.id}"
    Then the answer is 204 without a body
    When I DELETE "/organizations/{acme.id}/discovery-domains/{domain.id}"
    Then the answer is 204
    When I GET "/organizations/{acme.id}/discovery-domains/{domain.id}"
    Then the answer is 404 "No organization domain found by that id"
    When I PATCH "/organizations/{acme.id}/discovery-domains/{domain.id}" with
      """
      { "status": "verified" }
      """
    Then the answer is 404 "No organization domain found by that id"

  Scenario: a domain belongs to one organization
    Given an organization "globex"
    And I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme.example" }
      """
    And it is remembered as "domain"
    When I GET "/organizations/{globex.id}/discovery-domains/{domain.id}"
    Then the answer is 404 "No organization domain found by that id"
    When I GET "/organizations/org_0000000000000000/discovery-domains"
    Then the answer is 404 "Organization not found."

  @assumption
  Scenario: what is no domain is refused
    When I POST "/organizations/{acme.id}/discovery-domains" with
      """
      { "domain": "acme example" }
      """
    Then the answer is 400
    When I GET "/organizations/{acme.id}/discovery-domains/name/acme.test"
    Then the answer is 404 "No organization domain found by that name"
