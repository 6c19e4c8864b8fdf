Feature: Roles and permissions of users

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And a role "pilot"
    And a user "alice"

  Scenario: a user has the roles that were given
    When I POST "/users/{alice.user_id}/roles" with
      """
      { "roles": ["{pilot.id}"] }
      """
    Then the answer is 204
    When I GET "/users/{alice.user_id}/roles"
    Then the list has exactly these "id"
      | {pilot.id} |
    When I GET "/roles/{pilot.id}/users"
    Then the list has exactly these "user_id"
      | {alice.user_id} |
    When I DELETE "/users/{alice.user_id}/roles" with
      """
      { "roles": ["{pilot.id}"] }
      """
    Then the answer is 204
    When I GET "/users/{alice.user_id}/roles"
    Then the list is empty

  Scenario: a role that is not there is given to nobody
    When I POST "/users/{alice.user_id}/roles" with
      """
      { "roles": ["{pilot.id}", "rol_0123456789abcdef"] }
      """
    Then the answer is 404 "The role does not exist."
    When I GET "/users/{alice.user_id}/roles"
    Then the list is empty

  Scenario: permissions come directly and with a role
    When I POST "/users/{alice.user_id}/permissions" with
      """
      { "permissions": [{ "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" }] }
      """
    Then the answer is 201
    When I POST "/roles/{pilot.id}/permissions" with
      """
      { "permissions": [
        { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
        { "resource_server_identifier": "{travel.identifier}", "permission_name": "write:trips" }
      ] }
      """
    And I POST "/users/{alice.user_id}/roles" with
      """
      { "roles": ["{pilot.id}"] }
      """
    And I GET "/users/{alice.user_id}/permissions"
    Then the answer is 200
    And the answer carries
      | 0.permission_name            | read:trips          |
      | 0.resource_server_identifier | {travel.identifier} |
      | 0.resource_server_name       | {travel.name}       |
      | 0.sources.0.source_type      | DIRECT              |
      | 0.sources.1.source_type      | ROLE                |
      | 0.sources.1.source_id        | {pilot.id}          |
      | 1.permission_name            | write:trips         |
      | 1.sources.0.source_name      | {pilot.name}        |
    When I GET "/users/{alice.user_id}/effective-permissions?resource_server_identifier={travel.identifier}"
    Then the answer carries
      | permissions.0.sources | ["direct", "roles"] |
      | permissions.1.sources | ["roles"]           |
    When I GET "/users/{alice.user_id}/effective-permissions/sources/effective-roles?resource_server_identifier={travel.identifier}&permission_name=write:trips"
    Then the list has exactly these "id"
      | {pilot.id} |
    When I GET "/users/{alice.user_id}/effective-roles"
    Then the answer carries
      | roles.0.id      | {pilot.id} |
      | roles.0.sources | ["direct"] |
    When I GET "/users/{alice.user_id}/effective-roles/sources/groups?role_id={pilot.id}"
    Then the list is empty

  Scenario: a permission goes with its scope
    When I POST "/users/{alice.user_id}/permissions" with
      """
      { "permissions": [{ "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" }] }
      """
    And I PATCH "/resource-servers/{travel.id}" with
      """
      { "scopes": [{ "value": "write:trips" }] }
      """
    And I GET "/users/{alice.user_id}/permissions"
    Then the list is empty

  Scenario: permissions are taken away
    When I POST "/users/{alice.user_id}/permissions" with
      """
      { "permissions": [
        { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
        { "resource_server_identifier": "{travel.identifier}", "permission_name": "write:trips" }
      ] }
      """
    And I DELETE "/users/{alice.user_id}/permissions" with
      """
      { "permissions": [{ "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" }] }
      """
    Then the answer is 204
    When I GET "/users/{alice.user_id}/permissions"
    Then the list has exactly these "permission_name"
      | write:trips |

  Scenario: a user without memberships is in no organization
    When I GET "/users/{alice.user_id}/organizations"
    Then the list is empty
