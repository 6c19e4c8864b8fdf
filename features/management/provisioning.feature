Feature: Provisioning of connections, over SCIM and from a directory

  Scenario: SCIM is configured with the mapping of the strategy
    Given a connection "staff" with
      """
      { "strategy": "okta", "options": { "client_id": "1" } }
      """
    When I GET "/connections/{staff.id}/scim-configuration"
    Then the answer is 404 "Not Found"
    When I POST "/connections/{staff.id}/scim-configuration"
    Then the answer is 201
    And the answer carries
      | connection_id      | {staff.id}         |
      | connection_name    | {staff.name}       |
      | strategy           | okta               |
      | user_id_attribute  | externalId         |
      | mapping.0.scim     | userName           |
      | mapping.0.auth0    | preferred_username |
    When I GET "/connections/{staff.id}/scim-configuration/default-mapping"
    Then the answer carries
      | mapping.1.auth0 | email |
    When I PATCH "/connections/{staff.id}/scim-configuration" with
      """
      { "user_id_attribute": "id", "mapping": [{ "auth0": "name", "scim": "displayName" }] }
      """
    Then the answer carries
      | user_id_attribute | id                                       |
      | mapping           | [{"auth0":"name","scim":"displayName"}] |
    When I PATCH "/connections/{staff.id}/scim-configuration" with
      """
      { "user_id_attribute": "id" }
      """
    Then the answer is 400
    When I DELETE "/connections/{staff.id}/scim-configuration"
    Then the answer is 204 without a body
    When I DELETE "/connections/{staff.id}/scim-configuration"
    Then the answer is 204 without a body

  Scenario: not every connection is provisioned over SCIM
    Given a connection "users" with
      """
      { "strategy": "auth0" }
      """
    When I POST "/connections/{users.id}/scim-configuration"
    Then the answer is 404 "This connection type does not support SCIM. Please see our documentation for the currently supported connection types: https://auth0.com/docs/authenticate/protocols/scim/configure-inbound-scim."
    When I POST "/connections/con_0000000000000000/scim-configuration"
    Then the answer is 404 "inexistent_connection" "The connection does not exist"

  Scenario: a token for SCIM is shown once
    Given a connection "staff" with
      """
      { "strategy": "waad", "options": { "client_id": "1" } }
      """
    When I POST "/connections/{staff.id}/scim-configuration"
    And I POST "/connections/{staff.id}/scim-configuration/tokens" with
      """
      { "scopes": ["get:users", "post:users"] }
      """
    Then the answer is 201
    And the answer's "token_id" has the form "tok_ + 16 alphanumeric"
    And the answer's members are "created_at, scopes, token, token_id"
    Given it is remembered as "secret"
    When I GET "/connections/{staff.id}/scim-configuration/tokens"
    Then the list is a bare array
    And the list has exactly these "token_id"
      | {secret.token_id} |
    And the answer carries no "0.token"
    When I DELETE "/connections/{staff.id}/scim-configuration/tokens/{secret.token_id}"
    Then the answer is 204 without a body
    When I GET "/connections/{staff.id}/scim-configuration/tokens"
    Then the list is empty

  Scenario: a directory is configured with the mapping of Google Workspace
    Given a connection "staff" with
      """
      { "strategy": "google-apps", "options": { "domain": "example.com" } }
      """
    When I POST "/connections/{staff.id}/directory-provisioning" with
      """
      {}
      """
    Then the answer is 201
    And the answer carries
      | connection_id             | {staff.id}   |
      | connection_name           | {staff.name} |
      | strategy                  | google-apps  |
      | synchronize_automatically | false        |
      | synchronize_groups        | off          |
      | mapping.1.idp             | primaryEmail |
      | mapping.1.auth0           | email        |
    When I POST "/connections/{staff.id}/directory-provisioning" with
      """
      {}
      """
    Then the answer is 409
    When I PATCH "/connections/{staff.id}/directory-provisioning" with
      """
      { "synchronize_groups": "selected" }
      """
    Then the answer carries
      | synchronize_groups | selected |
      | mapping.1.auth0    | email    |
    When I POST "/connections/{staff.id}/directory-provisioning/synchronizations"
    Then the answer is 201
    And the answer's members are "connection_id, status, synchronization_id"
    When I DELETE "/connections/{staff.id}/directory-provisioning"
    Then the answer is 204 without a body
    When I GET "/connections/{staff.id}/directory-provisioning"
    Then the answer is 404 "Not Found"

  Scenario: groups of a directory are selected
    Given a connection "staff" with
      """
      { "strategy": "google-apps", "options": { "domain": "example.com" } }
      """
    When I POST "/connections/{staff.id}/directory-provisioning" with
      """
      { "synchronize_groups": "selected" }
      """
    And I PUT "/connections/{staff.id}/directory-provisioning/synchronized-groups" with
      """
      { "groups": [{ "id": "group2", "name": "Sales" }, { "id": "group1", "name": "Engineering" }] }
      """
    Then the answer is 204 without a body
    When I GET "/connections/{staff.id}/directory-provisioning/synchronized-groups?q=name%3Aeng*"
    Then the list has exactly these "id"
      | group1 |
    When I POST "/connections/{staff.id}/directory-provisioning/synchronized-groups" with
      """
      { "groups": [{ "id": "group3" }] }
      """
    Then the answer is 204 without a body
    When I read every page of "/connections/{staff.id}/directory-provisioning/synchronized-groups?take=2"
    Then among the items these "id" come in this order
      | group1 |
      | group2 |
      | group3 |
    When I POST "/connections/{staff.id}/directory-provisioning/synchronized-groups" with
      """
      { "groups": [{ "id": "group1", "email": "" }] }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Object didn't pass validation for format email: ' on property groups[0].email (Google Workspace Directory group email)."
    When I DELETE "/connections/{staff.id}/directory-provisioning/synchronized-groups" with
      """
      { "groups": [{ "id": "group1" }, { "id": "group2" }] }
      """
    Then the answer is 204 without a body
    When I GET "/connections/{staff.id}/directory-provisioning/synchronized-groups"
    Then the list has exactly these "id"
      | group3 |

  Scenario: the configurations of all connections
    Given a connection "staff" with
      """
      { "strategy": "google-apps", "options": { "domain": "example.com" } }
      """
    And a connection "partners" with
      """
      { "strategy": "okta", "options": { "client_id": "1" } }
      """
    And I POST "/connections/{staff.id}/directory-provisioning" with
      """
      {}
      """
    And I POST "/connections/{partners.id}/scim-configuration"
    When I GET "/connections/{staff.id}/directory-provisioning/default-mapping"
    Then the answer carries
      | mapping.1.auth0 | email |
    When I read every page of "/connections-directory-provisionings?take=50"
    Then among the items these "connection_id" come in this order
      | {staff.id} |
    When I read every page of "/connections-scim-configurations?take=50"
    Then among the items these "connection_id" come in this order
      | {partners.id} |
