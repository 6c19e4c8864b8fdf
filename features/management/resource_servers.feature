Feature: APIs (resource servers)

  @R72
  Scenario: an API is made with the defaults of the service
    Given an API "travel"
    Then the answer's "id" has the form "24 lower-case hex"
    And the answer carries
      | identifier                                      | {travel.identifier} |
      | signing_alg                                     | RS256               |
      | token_lifetime                                  | 86400               |
      | token_lifetime_for_web                          | 7200                |
      | allow_offline_access                            | false               |
      | skip_consent_for_verifiable_first_party_clients | false               |
      | subject_type_authorization.client.policy        | require_client_grant |
      | subject_type_authorization.user.policy          | allow_all           |
    And the answer carries no "scopes"
    And the answer carries no "enforce_policies"
    And the answer carries no "token_dialect"

  @R72
  Scenario Outline: the client policy <policy>
    When I POST "/resource-servers" with
      """
      {
        "identifier": "urn:m2m:policy:<policy>:{unique.policy}",
        "subject_type_authorization": { "client": { "policy": "<policy>" } }
      }
      """
    Then the answer is <status>

    Examples:
      | policy               | status |
      | require_client_grant | 201    |
      | deny_all             | 201    |
      | allow_all            | 400    |

  @R72
  Scenario: users may be let in without a grant, clients may not
    Given an API "travel" with
      """
      { "subject_type_authorization": { "user": { "policy": "allow_all" } } }
      """
    And an application "bot"
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "allow_all" } } }
      """
    Then the answer is 400
    When "bot" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "subject_type_authorization": { "user": { "policy": "deny_all" } } }
      """
    Then the answer is 200
    And the answer carries
      | subject_type_authorization.client.policy | require_client_grant |
    Given a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    Then a token is granted

  Scenario: an API answers to its id and to its identifier
    Given an API "travel"
    When I GET "/resource-servers/{travel.id}"
    Then the answer carries
      | identifier | {travel.identifier} |
    When I GET "/resource-servers/{travel.identifier}"
    Then the answer carries
      | id | {travel.id} |
    When I PATCH "/resource-servers/{travel.identifier}" with
      """
      { "token_lifetime": 60 }
      """
    Then the answer is 200
    And the answer carries
      | token_lifetime | 60 |

  Scenario: an identifier is taken once
    Given an API "travel"
    When I POST "/resource-servers" with
      """
      { "identifier": "{travel.identifier}" }
      """
    Then the answer is 409 "A resource server with the same identifier already exists."

  Scenario: an identifier stays
    Given an API "travel"
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "identifier": "https://elsewhere.example/" }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: identifier'."

  Scenario: several members that an API does not have share a sentence, the last one first
    Given an API "travel"
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "id": "y", "identifier": "urn:x", "name": "own" }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: identifier,id'."

  Scenario: scopes are replaced as a whole
    Given an API "travel" with scopes "read:trips write:trips"
    When I PATCH "/resource-servers/{travel.id}" with
      """
      { "scopes": [{ "value": "fly:planes", "description": "Fly" }] }
      """
    Then the answer is 200
    And the answer carries
      | scopes | [{"value": "fly:planes", "description": "Fly"}] |

  Scenario: APIs by identifier
    Given an API "travel"
    And an API "billing"
    And an API "weather"
    When I GET "/resource-servers?identifiers={travel.identifier}&identifiers={weather.identifier}"
    Then the list has exactly these "id"
      | {travel.id}  |
      | {weather.id} |

  @SYS1 @SYS2 @mock-only @serial
  Scenario: what changes of the Management API
    When I PATCH "/resource-servers/{management.audience}" with
      """
      { "token_lifetime": 43200, "skip_consent_for_verifiable_first_party_clients": true }
      """
    Then the answer is 200
    And the answer carries
      | token_lifetime                                  | 43200                |
      | token_lifetime_for_web                          | 7200                 |
      | skip_consent_for_verifiable_first_party_clients | true                 |
      | name                                            | Auth0 Management API |
    When I PATCH "/resource-servers/{management.audience}" with
      """
      {
        "authorization_policy": null,
        "proof_of_possession": null,
        "skip_consent_for_verifiable_first_party_clients": false,
        "subject_type_authorization": { "client": { "policy": "require_client_grant" }, "user": { "policy": "allow_all" } },
        "token_lifetime": 86400
      }
      """
    Then the answer is 200
    And the answer carries
      | token_lifetime | 86400 |

  @SYS3 @mock-only
  Scenario Outline: <member> of the Management API stays
    When I PATCH "/resource-servers/{management.audience}" with
      """
      { "token_lifetime": 3600, "<member>": <value> }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: <member>'."
    When I GET "/resource-servers/{management.audience}"
    Then the answer carries
      | token_lifetime | 86400 |

    Examples:
      | member                 | value                          |
      | name                   | "Mine"                         |
      | name                   | "a form that no API has <>"    |
      | scopes                 | [{"value": "read:moon_phases"}] |
      | signing_alg            | "HS256"                        |
      | allow_offline_access   | true                           |
      | token_lifetime_for_web | 60                             |

  Scenario: a choice of members
    Given an API "travel" with scopes "read:trips"
    When I GET "/resource-servers?identifiers={travel.identifier}&fields=id,scopes"
    Then the answer carries
      | 0 | {"id": "{travel.id}", "scopes": [{"value": "read:trips"}]} |
    When I GET "/resource-servers?identifiers={travel.identifier}&fields=scopes&include_fields=false"
    Then the answer carries no "0.scopes"
    And the answer carries
      | 0.id | {travel.id} |
    When I GET "/resource-servers/{travel.id}?fields=identifier"
    Then the answer carries
      | identifier | {travel.identifier} |
    And the answer carries no "id"

  Scenario: members for anonymous access, which client credentials do not read
    Given an API "travel" with
      """
      {
        "allow_anonymous_access": true,
        "subject_type_authorization": { "anonymous_user": { "policy": "require_client_grant" } },
        "token_lifetime_for_anonymous_access_tokens": 600
      }
      """
    Then the answer carries
      | allow_anonymous_access                           | true                 |
      | subject_type_authorization.anonymous_user.policy | require_client_grant |
      | subject_type_authorization.client.policy         | require_client_grant |
      | token_lifetime_for_anonymous_access_tokens       | 600                  |

  Scenario: an API that does not exist
    When I GET "/resource-servers/000000000000000000000000"
    Then the answer is 404
      """
      {
        "statusCode": 404,
        "error": "Not Found",
        "message": "The resource server does not exist",
        "errorCode": "inexistent_resource_server"
      }
      """

  Scenario: scopes with their descriptions
    Given an API "https://bookings.example/api" with scopes
      | read:bookings  | Look at bookings |
      | write:bookings | Change bookings  |
    When I GET "/resource-servers/{https://bookings.example/api.id}"
    Then the answer carries
      | identifier           | {https://bookings.example/api.identifier} |
      | scopes.0.value       | read:bookings                             |
      | scopes.0.description | Look at bookings                          |
      | scopes.1.value       | write:bookings                            |

  @assumption
  Scenario: public clients have no certificates to prove possession with
    When I POST "/resource-servers" with
      """
      { "identifier": "urn:{unique.travel}",
        "proof_of_possession": { "mechanism": "mtls", "required": true, "required_for": "public_clients" } }
      """
    Then the answer is 400 "invalid_body" "proof_of_possession.required_for must be all_clients when the mechanism is mtls"
