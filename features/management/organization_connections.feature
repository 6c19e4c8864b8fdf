Feature: Connections of an organization

  Background:
    Given an organization "acme"
    And a connection "users" with
      """
      { "strategy": "auth0" }
      """

  Scenario: a connection is enabled, changed, and disabled for an organization
    When I POST "/organizations/{acme.id}/enabled_connections" with
      """
      { "connection_id": "{users.id}" }
      """
    Then the answer is 201
      """
      {
        "connection_id": "{users.id}",
        "assign_membership_on_login": false,
        "is_signup_enabled": false,
        "show_as_button": true,
        "connection": { "name": "{users.name}", "strategy": "auth0" }
      }
      """
    When I PATCH "/organizations/{acme.id}/enabled_connections/{users.id}" with
      """
      { "assign_membership_on_login": true, "is_signup_enabled": true }
      """
    Then the answer is 200
    When I GET "/organizations/{acme.id}/enabled_connections/{users.id}"
    Then the answer carries
      | assign_membership_on_login | true |
      | is_signup_enabled          | true |
      | show_as_button             | true |
    When I DELETE "/organizations/{acme.id}/enabled_connections/{users.id}"
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}/enabled_connections/{users.id}"
    Then the answer is 404 "No connection found by that id"
    When I GET "/connections/{users.id}"
    Then the answer is 200

  Scenario: the list of all connections says which of them are enabled
    When I POST "/organizations/{acme.id}/connections" with
      """
      { "connection_id": "{users.id}", "is_enabled": false }
      """
    Then the answer is 201
    When I GET "/organizations/{acme.id}/connections?include_totals=true"
    Then the answer carries
      | total                     | 1          |
      | connections.0.connection_id | {users.id} |
      | connections.0.is_enabled  | false      |
    When I GET "/organizations/{acme.id}/enabled_connections"
    Then the list is empty
    When I PATCH "/organizations/{acme.id}/connections/{users.id}" with
      """
      { "is_enabled": true }
      """
    And I GET "/organizations/{acme.id}/enabled_connections"
    Then the list has exactly these "connection_id"
      | {users.id} |

  Scenario: users sign up only where they become members
    When I POST "/organizations/{acme.id}/enabled_connections" with
      """
      { "connection_id": "{users.id}", "is_signup_enabled": true }
      """
    Then the answer is 400 "invalid_body" "Only database connections with assign_membership_on_login = true support is_signup_enabled = true."

  @V4
  Scenario Outline: the setting for sign-up belongs to database connections: POST /organizations/{id}/<list>
    Given a connection "staff" with
      """
      { "strategy": "okta", "options": { "client_id": "abc", "domain": "acme.okta.com" } }
      """
    When I POST "/organizations/{acme.id}/<list>" with
      """
      { "connection_id": "{staff.id}", "assign_membership_on_login": true, "is_signup_enabled": false }
      """
    Then the answer is 400 "invalid_body" "Only database connections support is_signup_enabled"
    When I POST "/organizations/{acme.id}/<list>" with
      """
      { "connection_id": "{staff.id}", "assign_membership_on_login": true }
      """
    Then the answer is 201
    When I PATCH "/organizations/{acme.id}/<list>/{staff.id}" with
      """
      { "is_signup_enabled": false }
      """
    Then the answer is 400 "invalid_body" "Only database connections support is_signup_enabled"

    Examples:
      | list                |
      | connections         |
      | enabled_connections |

  @assumption
  Scenario: a connection that an organization manages has a name there
    When I POST "/organizations/{acme.id}/connections" with
      """
      { "connection_id": "{users.id}", "organization_access_level": "limited" }
      """
    Then the answer is 400 "invalid_body" "organization_connection_name must be set when organization_access_level is not none"
    When I POST "/organizations/{acme.id}/connections" with
      """
      { "connection_id": "{users.id}", "organization_access_level": "limited", "organization_connection_name": "staff" }
      """
    Then the answer is 201
    And the answer carries
      | organization_access_level | limited |

  Scenario: an organization loses a connection that is deleted
    Given I POST "/organizations/{acme.id}/enabled_connections" with
      """
      { "connection_id": "{users.id}" }
      """
    When I DELETE "/connections/{users.id}"
    And I GET "/organizations/{acme.id}/connections"
    Then the list is empty

  Scenario: a connection is read, and removed from all connections of an organization
    Given I POST "/organizations/{acme.id}/connections" with
      """
      { "connection_id": "{users.id}", "is_enabled": false }
      """
    When I GET "/organizations/{acme.id}/connections/{users.id}"
    Then the answer is 200
    And the answer carries
      | is_enabled | false |
    When I DELETE "/organizations/{acme.id}/connections/{users.id}"
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}/connections/{users.id}"
    Then the answer is 404 "No connection found by that id"
