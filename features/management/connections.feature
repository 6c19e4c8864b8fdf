Feature: Connections

  Scenario: a database connection is made with its defaults
    Given a connection "users" with
      """
      { "strategy": "auth0" }
      """
    Then the answer's "id" has the form "con_ + 16 alphanumeric"
    And the answer carries
      | strategy                             | auth0          |
      | realms                               | ["{users.name}"] |
      | enabled_clients                      | []             |
      | is_domain_connection                 | false          |
      | options.mfa.active                   | true           |
      | options.brute_force_protection       | true           |
      | options.strategy_version             | 2              |

  Scenario: an enterprise connection has a display name and a link to its set-up page
    Given a connection "staff" with
      """
      { "strategy": "waad", "options": { "client_id": "1", "tenant_domain": "example.onmicrosoft.com" } }
      """
    Then the answer carries
      | display_name                 | {staff.name} |
      | show_as_button               | false        |
      | options.waad_common_endpoint | false        |
    And the answer's members are "authentication, connected_accounts, display_name, enabled_clients, id, is_domain_connection, name, options, provisioning_ticket_url, realms, show_as_button, strategy"

  Scenario: the scope of a social connection follows from its options
    Given a connection "social" with
      """
      { "strategy": "github", "options": { "email": true, "gist": true, "repo": false } }
      """
    Then the answer carries
      | options.scope | ["user:email","gist"] |

  Scenario: new options take the place of the old ones
    Given a connection "staff" with
      """
      { "strategy": "oidc", "options": { "client_id": "1", "scope": "openid" } }
      """
    When I PATCH "/connections/{staff.id}" with
      """
      { "options": { "client_id": "second" } }
      """
    Then the answer carries
      | options.client_id      | second  |
      | options.schema_version | oidc-V4 |
    And the answer carries no "options.scope"

  Scenario: an Okta connection knows the endpoints of its domain
    Given a connection "staff" with
      """
      { "strategy": "okta", "options": { "client_id": "1", "domain": "domain.okta.com", "token_endpoint": null } }
      """
    Then the answer carries
      | options.token_endpoint       | https://domain.okta.com/oauth2/v1/token |
      | options.oidc_metadata.issuer | https://domain.okta.com                 |

  Scenario: a name is used once
    Given a connection "users" with
      """
      { "strategy": "auth0" }
      """
    When I POST "/connections" with
      """
      { "name": "{users.name}", "strategy": "auth0" }
      """
    Then the answer is 409 "A connection with the same name already exists"

  Scenario: a connection that is gone
    Given a connection "users" with
      """
      { "strategy": "auth0" }
      """
    When I DELETE "/connections/{users.id}"
    Then the answer is 202
    When I DELETE "/connections/{users.id}"
    Then the answer is 204 without a body
    When I GET "/connections/{users.id}"
    Then the answer is 404 "inexistent_connection" "The connection does not exist"

  Scenario: clients are enabled and disabled for a connection
    Given an application "shop"
    And a connection "users" with
      """
      { "strategy": "auth0" }
      """
    When I PATCH "/connections/{users.id}/clients" with
      """
      [{ "client_id": "{shop.client_id}", "status": true }]
      """
    Then the answer is 204 without a body
    When I GET "/connections/{users.id}/clients"
    Then the list has exactly these "client_id"
      | {shop.client_id} |
    When I PATCH "/connections/{users.id}/clients" with
      """
      [{ "client_id": "{shop.client_id}", "status": false }]
      """
    And I GET "/connections/{users.id}/clients"
    Then the list is empty

  Scenario: the keys of a connection that proves itself with a key are rotated
    Given a connection "staff" with
      """
      {
        "strategy": "oidc",
        "options": { "client_id": "1", "type": "back_channel", "token_endpoint_auth_method": "private_key_jwt" }
      }
      """
    When I GET "/connections/{staff.id}/keys"
    Then the answer carries
      | 0.current    | true              |
      | 0.algorithm  | RS256             |
      | 0.subject_dn | /CN={staff.name}  |
      | 1.next       | true              |
    Given it is remembered as "keys"
    When I POST "/connections/{staff.id}/keys/rotate"
    Then the answer is 201
    And the answer carries
      | next | true |
    Given it is remembered as "new"
    When I GET "/connections/{staff.id}/keys"
    Then the answer carries
      | 0.kid     | {keys.1.kid} |
      | 0.current | true         |
      | 1.kid     | {keys.0.kid} |
      | 1.previous | true        |
      | 2.kid     | {new.kid}    |
      | 2.next    | true         |

  @assumption
  Scenario: keys are made before the connection is told to use them, once
    Given a connection "staff" with
      """
      { "strategy": "okta", "options": { "client_id": "1" } }
      """
    When I GET "/connections/{staff.id}/keys"
    Then the list is empty
    When I POST "/connections/{staff.id}/keys" with
      """
      { "signing_alg": "PS256" }
      """
    Then the answer is 201
    And the answer carries
      | 0.algorithm | PS256 |
    When I POST "/connections/{staff.id}/keys" with
      """
      { "signing_alg": "PS256" }
      """
    Then the answer is 409 "The connection already has keys"

  @assumption
  Scenario: the connector of a directory is not reached
    Given a connection "staff" with
      """
      { "strategy": "ad" }
      """
    When I GET "/connections/{staff.id}/status"
    Then the answer is 404 "The connection is offline"

  Scenario: users are deleted by email, from a database only
    Given a connection "users" with
      """
      { "strategy": "auth0" }
      """
    And a connection "code" with
      """
      { "strategy": "email" }
      """
    When I DELETE "/connections/{users.id}/users?email=nobody%40example.com"
    Then the answer is 204 without a body
    When I DELETE "/connections/{code.id}/users?email=nobody%40example.com"
    Then the answer is 400 "Connection must be a database connection"
    When I DELETE "/connections/{users.id}/users"
    Then the answer is 400 "invalid_query_string" "Query validation error: 'Missing required property: email'."

  Scenario: the connections of a client
    Given an application "shop"
    And a connection "users" with
      """
      { "strategy": "auth0", "enabled_clients": ["{shop.client_id}"] }
      """
    When I read every page of "/clients/{shop.client_id}/connections?take=50"
    Then among the items these "id" come in this order
      | {users.id} |
