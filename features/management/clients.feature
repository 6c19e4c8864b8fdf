Feature: Clients

  Scenario: a client is made with an id, a secret and the grant types of a confidential client
    Given an application "bot"
    Then the answer's "client_id" has the form "32 alphanumeric"
    And the answer's "client_secret" has the form "64 url-safe"
    And the answer carries
      | grant_types                         | ["authorization_code","implicit","refresh_token","client_credentials"] |
      | is_first_party                      | true                                                                   |
      | is_token_endpoint_ip_header_trusted | false                                                                  |
      | oidc_conformant                     | false                                                                  |
      | sso_disabled                        | false                                                                  |
      | cross_origin_authentication         | false                                                                  |
      | custom_login_page_on                | true                                                                   |
      | jwt_configuration                   | {"secret_encoded":false,"lifetime_in_seconds":36000}                   |
    And the answer carries no "organization_usage"
    And the answer carries no "default_organization"
    And the answer carries no "token_endpoint_auth_method"

  Scenario: a public client cannot use client credentials
    Given an application "website" with
      """
      { "app_type": "spa", "token_endpoint_auth_method": "none" }
      """
    Then the answer carries
      | grant_types | ["authorization_code","implicit","refresh_token"] |

  @V2
  Scenario: client credentials are refused to a public client
    When I POST "/clients" with
      """
      { "name": "{unique.website}", "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Application must not have Token Endpoint Authentication Method set to "none" when client_credentials grant type is enabled
      """
    Given an application "bot"
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "token_endpoint_auth_method": "none" }
      """
    Then the answer is 400

  @V1
  Scenario: grant types that do not exist are refused, and all of them are named
    When I POST "/clients" with
      """
      { "name": "{unique.bot}", "grant_types": ["client_credentials", "passwordless", "device_code"] }
      """
    Then the answer is 400 "invalid_body" "Invalid grant types: passwordless, device_code"
    Given an application "bot"
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "grant_types": ["authorisation_code"] }
      """
    Then the answer is 400 "invalid_body" "Invalid grant types: authorisation_code"

  @V3
  Scenario Outline: a refresh token that nobody uses expires before one that is used: <lifetime> and <idle>
    When I POST "/clients" with
      """
      { "name": "{unique.website}", "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring",
        "token_lifetime": <lifetime>, "idle_token_lifetime": <idle> } }
      """
    Then the answer is 400 "invalid_body" "idle_token_lifetime must have a value less than token_lifetime"

    Examples:
      | lifetime | idle |
      | 42       | 42   |
      | 42       | 43   |

  @V3
  Scenario: the lifetimes of a refresh token are compared after a change of one of them
    Given an application "website" with
      """
      { "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring",
        "token_lifetime": 3600, "idle_token_lifetime": 600 } }
      """
    When I PATCH "/clients/{website.client_id}" with
      """
      { "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring", "idle_token_lifetime": 3600 } }
      """
    Then the answer is 400 "invalid_body" "idle_token_lifetime must have a value less than token_lifetime"
    When I PATCH "/clients/{website.client_id}" with
      """
      { "refresh_token": { "rotation_type": "rotating", "expiration_type": "expiring", "idle_token_lifetime": 3599 } }
      """
    Then the answer is 200

  Scenario: an encryption key has at least one member
    Given an application "bot"
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "encryption_key": {} }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: 'Too few properties defined (0), minimum 1' on property encryption_key (The client's encryption key).
      """

  Scenario: a name may be used twice
    Given an application "bot"
    When I POST "/clients" with
      """
      { "name": "{bot.name}" }
      """
    Then the answer is 201

  Scenario: metadata is merged, null removes a key
    Given an application "bot" with
      """
      { "client_metadata": { "team": "red", "floor": "2" } }
      """
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "client_metadata": { "team": null } }
      """
    Then the answer is 200
    And the answer carries
      | client_metadata | {"floor": "2"} |
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "client_metadata": { "floor": null } }
      """
    Then the answer carries
      | client_metadata | {} |

  Scenario: a new secret
    Given an application "bot"
    When I POST "/clients/{bot.client_id}/rotate-secret"
    Then the answer is 200
    And the answer's "client_secret" has the form "64 url-safe"
    And the answer carries
      | client_id | {bot.client_id} |

  Scenario: some members only, or all but some, and the tenant in any case
    Given an application "bot"
    When I GET "/clients/{bot.client_id}?fields=name,client_id"
    Then the answer's members are "name, client_id, tenant"
    When I GET "/clients/{bot.client_id}?fields=name,client_id&include_fields=true"
    Then the answer's members are "name, client_id, tenant"
    When I GET "/clients/{bot.client_id}?fields=name,client_secret,tenant&include_fields=false"
    Then the answer carries no "name"
    And the answer carries no "client_secret"
    And the answer carries
      | client_id | {bot.client_id} |
      | tenant    | {bot.tenant}    |
    When I GET "/clients?fields=name&is_first_party=true&per_page=1"
    Then the answer carries
      | 0.tenant | {bot.tenant} |
    And the answer carries no "0.client_id"

  Scenario: only the answer to a creation tells that the secret is encrypted
    Given an application "bot"
    Then the answer carries
      | encrypted | true |
    When I GET "/clients/{bot.client_id}"
    Then the answer carries no "encrypted"
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "description": "A bot" }
      """
    Then the answer carries no "encrypted"
    When I POST "/clients/{bot.client_id}/rotate-secret"
    Then the answer carries no "encrypted"

  Scenario: an application for business customers
    Given an application "portal" with
      """
      {
        "app_type": "b2b_integration",
        "my_organization_configuration": {
          "allowed_strategies": ["okta"],
          "connection_deletion_behavior": "allow",
          "third_party_client_access": { "default_value": "block", "allowed_values": ["allow", "block"] }
        }
      }
      """
    Then the answer carries
      | app_type                                                               | b2b_integration |
      | my_organization_configuration.third_party_client_access.default_value | block           |
    When I GET "/clients?app_type=b2b_integration&fields=client_id"
    Then the answer is 200
    When I PATCH "/clients/{portal.client_id}" with
      """
      {
        "my_organization_configuration": {
          "allowed_strategies": [], "connection_deletion_behavior": "allow",
          "third_party_client_access": { "default_value": "allow", "allowed_values": [] }
        }
      }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: 'Invalid value "allow"' on property my_organization_configuration.third_party_client_access.default_value
      """

  Scenario: the secret is for those who may read keys
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:clients"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}"
    Then the answer carries
      | client_id | {bot.client_id} |
    And the answer carries no "client_secret"

  Scenario Outline: fields that name a member which the token does not open: <fields>
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "<scope>"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}?fields=<fields>&include_fields=true"
    Then the answer is 403 "You cannot read the following fields: <refused>"
    When with that token I GET "/clients?fields=<fields>"
    Then the answer is 403 "You cannot read the following fields: <refused>"
    When with that token I GET "/clients/{bot.client_id}?fields=<fields>&include_fields=false"
    Then the answer is 200

    Examples:
      | scope                   | fields                  | refused                    |
      | read:clients            | client_id,client_secret | client_secret              |
      | read:client_credentials | client_secret,callbacks | callbacks                  |
      | read:client_summary     | callbacks,name,addons   | callbacks, addons          |

  Scenario Outline: either scope for secrets opens the secret: <scope>
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "<scope>"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}?fields=client_id,client_secret"
    Then the answer's "client_secret" has the form "64 url-safe"

    Examples:
      | scope                   |
      | read:client_keys        |
      | read:client_credentials |

  Scenario: a summary is four members
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:client_summary"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}"
    Then the answer's members are "client_id, app_type, name"

  Scenario Outline: <method> of a client that does not exist
    When I <method> "/clients/00000000000000000000000000000000"
    Then the answer is <status>

    Examples:
      | method | status |
      | GET    | 404    |
      | DELETE | 204    |

  Scenario: a change of a client that does not exist
    When I PATCH "/clients/00000000000000000000000000000000" with
      """
      { "name": "nobody" }
      """
    Then the answer is 404 "Client not found."

  Scenario: every client is found by checkpoint
    Given an application "bot"
    When I read every page of "/clients/search?take=50"
    Then among the items these "client_id" come in this order
      | {bot.client_id} |

  Scenario: the keys of a client
    Given an application "bot" with a key
    When I GET "/clients/{bot.client_id}/credentials"
    Then the list is a bare array
    Given the answer's "0" is remembered as "key"
    When I GET "/clients/{bot.client_id}/credentials/{key.id}"
    Then the answer is 200
    And the answer carries
      | id              | {key.id}   |
      | credential_type | public_key |
    When I DELETE "/clients/{bot.client_id}/credentials/{key.id}"
    Then the answer is 400

  # A client that comes from its metadata document has no name of the scenario.
  @mock-only
  Scenario: a client is registered by its metadata document
    When I POST "/clients/cimd/preview" with
      """
      { "external_client_id": "https://{unique.bot}.example/client.json" }
      """
    Then the answer is 200
    And the answer carries
      | validation.valid | true |
    And the answer carries no "client_id"
    When I POST "/clients/cimd/register" with
      """
      { "external_client_id": "https://{unique.bot}.example/client.json" }
      """
    Then the answer is 201
    Given it is remembered as "bot"
    When I POST "/clients/cimd/register" with
      """
      { "external_client_id": "https://{unique.bot}.example/client.json" }
      """
    Then the answer is 200
    And the answer carries
      | client_id | {bot.client_id} |
    When I GET "/clients/{bot.client_id}"
    Then the answer carries
      | is_first_party         | false |
      | external_metadata_type | cimd  |
    When I DELETE "/clients/{bot.client_id}"
    Then the answer is 204 without a body
