Feature: Third-party applications

  A third-party application gets tokens only with a grant, and for an organization only with an association.

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
      { "name": "{unique.website}", "is_first_party": false, "<member>": "<value>" }
      """
    Then the answer is 403
    And the answer carries
      | message | Organizations are only available to first party clients on user-based flows. Properties organization_usage and organization_require_behavior must be unset for third party clients. |

    Examples:
      | member                        | value           |
      | organization_usage            | allow           |
      | organization_require_behavior | no_prompt       |

  @R87
  Scenario Outline: no <member> for a third-party application that is there
    When I PATCH "/clients/{partner.client_id}" with
      """
      { "<member>": "<value>" }
      """
    Then the answer is 403

    Examples:
      | member                        | value           |
      | organization_usage            | allow           |
      | organization_require_behavior | no_prompt       |

  @assumption
  Scenario Outline: whose an application is does not change: <change>
    Given an application "bot"
    When I PATCH "/clients/{<application>.client_id}" with
      """
      <change>
      """
    Then the answer is 400
    When I PATCH "/clients/{<application>.client_id}" with
      """
      { "is_first_party": <as before>, "description": "the same" }
      """
    Then the answer is 200

    Examples:
      | application | change                                     | as before |
      | partner     | { "is_first_party": true }                 | false     |
      | partner     | { "third_party_security_mode": "permissive" } | false  |
      | bot         | { "is_first_party": false }                | true      |

  @R86 @assumption
  Scenario: a grant type that third-party applications cannot have
    When I PATCH "/clients/{partner.client_id}" with
      """
      { "grant_types": ["implicit", "client_credentials", "password"] }
      """
    Then the answer is 400 "invalid_body" "Invalid grant types: implicit, password"

  @R82 @T13
  Scenario: no grant
    When "partner" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client"

  @R82 @T4
  Scenario: in permissive mode it is refused as an application of one's own
    Given an application "website" with
      """
      { "is_first_party": false, "third_party_security_mode": "permissive" }
      """
    When "website" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"

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
        "name": "{unique.website}",
        "is_first_party": false,
        "third_party_security_mode": "strict",
        "token_endpoint_auth_method": "none",
        "grant_types": ["client_credentials"]
      }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Application must not have Token Endpoint Authentication Method set to "none" when client_credentials grant type is enabled
      """

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

  @R77 @assumption
  Scenario: its grant cannot be opened to any organization later
    Given a client grant for "partner" on "travel" with organization usage "allow"
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "allow_any_organization": true }
      """
    Then the answer is 400
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "allow_any_organization": false }
      """
    Then the answer is 200

  @R77 @R79 @assumption
  Scenario: no default grant for any organization
    When I POST "/client-grants" with
      """
      {
        "default_for": "third_party_clients",
        "audience": "{travel.identifier}",
        "organization_usage": "allow",
        "allow_any_organization": true
      }
      """
    Then the answer is 400

  @R79 @R83
  Scenario: no default grant on the Management API
    When I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{management.audience}", "scope": ["read:clients"] }
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

  @R57 @R58 @R79
  Scenario: one default grant for each API and subject type
    Given I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "subject_type": "user" }
      """
    And that is remembered as "for users"
    When I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "subject_type": "user" }
      """
    Then the answer is 409
    When "partner" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client"
    When I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "subject_type": "client" }
      """
    Then the answer is 201
    When "partner" asks for a token for "travel"
    Then a token without an organization is granted
    When I GET "/client-grants?default_for=third_party_clients&audience={travel.identifier}&subject_type=user"
    Then the list has exactly these "id"
      | {for users.id} |

  @R61 @R79
  Scenario: whom a grant is for cannot be changed
    Given I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "scope": [] }
      """
    And that is remembered as "default"
    When I PATCH "/client-grants/{default.id}" with
      """
      { "default_for": "third_party_clients" }
      """
    Then the answer is 400 "Payload validation error: 'Additional properties not allowed: default_for'."

  @R79
  Scenario: a default grant serves organizations that it is associated with
    Given I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "organization_usage": "require" }
      """
    And that is remembered as "default"
    And the default organization of "partner" is "acme"
    When "partner" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"
    When "acme" is associated with the grant "default"
    And "partner" asks for a token for "travel"
    Then a token for organization "acme" is granted

  @R79 @assumption
  Scenario: a default grant serves third-party applications in permissive mode, too
    Given an application "website" with
      """
      { "is_first_party": false, "third_party_security_mode": "permissive" }
      """
    And I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "scope": ["read:trips"] }
      """
    When "website" asks for a token for "travel"
    Then the token carries the scopes "read:trips"

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
