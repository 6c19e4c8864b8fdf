Feature: Roles

  Scenario: a role answers what was said, and has a description from then on
    Given a role "guide"
    Then the answer is 200
    And the answer's "id" has the form "rol_ + 16 alphanumeric"
    And the answer's members are "id, name, type"
    And the answer carries
      | type | tenant |
    When I GET "/roles/{guide.id}"
    Then the answer is 200
      """
      { "id": "{guide.id}", "name": "{guide.name}", "description": "", "type": "tenant" }
      """
    When I PATCH "/roles/{guide.id}" with
      """
      { "description": "Leads the tour" }
      """
    Then the answer is 200
      """
      { "id": "{guide.id}", "name": "{guide.name}", "description": "Leads the tour", "type": "tenant" }
      """

  Scenario: a deleted role answers an empty object and is gone
    Given a role "guide"
    When I DELETE "/roles/{guide.id}"
    Then the answer is 200
      """
      {}
      """
    When I GET "/roles/{guide.id}"
    Then the answer is 404 "The role does not exist."
    When I DELETE "/roles/{guide.id}"
    Then the answer is 404 "The role does not exist."
    When I PATCH "/roles/{guide.id}" with
      """
      { "description": "Leads the tour" }
      """
    Then the answer is 404 "The role does not exist."

  Scenario: a name is taken once
    Given a role "guide"
    And a role "driver"
    When I POST "/roles" with
      """
      { "name": "{guide.name}" }
      """
    Then the answer is 409 "The role already exists."
    When I PATCH "/roles/{driver.id}" with
      """
      { "name": "{guide.name}" }
      """
    Then the answer is 409 "The role already exists."
    When I PATCH "/roles/{guide.id}" with
      """
      { "name": "{guide.name}" }
      """
    Then the answer is 200

  Scenario: a role can belong to one organization
    Given an organization "acme"
    And a role "guide"
    When I POST "/roles" with
      """
      { "name": "{guide.name}", "type": "organization", "owner_id": "{acme.id}" }
      """
    And it is remembered as "own"
    Then the answer carries
      | type     | organization |
      | owner_id | {acme.id}    |
    When I GET "/roles?owner_id={acme.id}&type=organization&name_filter={guide.name}&page=0&per_page=100&include_totals=true"
    Then the answer is 200
      """
      {
        "start": 0, "limit": 100, "total": 1,
        "roles": [
          {
            "id": "{own.id}", "name": "{guide.name}", "description": "",
            "type": "organization", "owner_id": "{acme.id}"
          }
        ]
      }
      """

  @assumption
  Scenario: the roles of an organization go with it
    Given an organization "acme"
    When I POST "/roles" with
      """
      { "name": "{unique.guide}", "type": "organization", "owner_id": "{acme.id}" }
      """
    And it is remembered as "guide"
    And I DELETE "/organizations/{acme.id}"
    And I GET "/roles/{guide.id}"
    Then the answer is 404 "The role does not exist."

  @assumption
  Scenario: the owner of a role is an organization that is there
    Given an organization "acme"
    When I POST "/roles" with
      """
      { "name": "{unique.guide}", "type": "organization" }
      """
    Then the answer is 400 "invalid_body" "owner_id is required when type is organization"
    When I POST "/roles" with
      """
      { "name": "{unique.guide}", "owner_id": "{acme.id}" }
      """
    Then the answer is 400 "invalid_body" "owner_id is only allowed when type is organization"
    When I POST "/roles" with
      """
      { "name": "{unique.guide}", "type": "organization", "owner_id": "org_0123456789abcdef" }
      """
    Then the answer is 400 "invalid_body" "No organization found by that id or name"

  @assumption
  Scenario: roles are found by a part of their name, in any case
    Given a role "tour guide"
    When I POST "/roles" with
      """
      { "name": "Head {tour guide.name}" }
      """
    And it is remembered as "head"
    And I GET "/roles?name_filter=EAD%20{tour guide.name}&include_totals=true"
    Then the list has exactly these "name"
      | {head.name} |
    When I GET "/roles?name_filter={tour guide.name}"
    Then the list is a bare array
    And the list has exactly these "id"
      | {tour guide.id} |
      | {head.id}       |
    When I GET "/roles?name_filter=no-such-role&include_totals=true"
    Then the list is empty

  Scenario: the permissions of a role are scopes of APIs
    Given a role "guide"
    And an API "travel" with
      """
      { "scopes": [{ "value": "read:trips", "description": "See trips" }, { "value": "book:trips" }] }
      """
    When I POST "/roles/{guide.id}/permissions" with
      """
      {
        "permissions": [
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "book:trips" }
        ]
      }
      """
    Then the answer is 201
      """
      {}
      """
    When I GET "/roles/{guide.id}/permissions?page=0&per_page=100&include_totals=true"
    Then the answer is 200
      """
      {
        "start": 0, "limit": 100, "total": 2,
        "permissions": [
          {
            "permission_name": "book:trips",
            "resource_server_identifier": "{travel.identifier}", "resource_server_name": "{travel.name}"
          },
          {
            "permission_name": "read:trips", "description": "See trips",
            "resource_server_identifier": "{travel.identifier}", "resource_server_name": "{travel.name}"
          }
        ]
      }
      """
    When I DELETE "/roles/{guide.id}/permissions" with
      """
      {
        "permissions": [
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
          { "resource_server_identifier": "https://nowhere.example/", "permission_name": "read:trips" }
        ]
      }
      """
    Then the answer is 204 without a body
    When I GET "/roles/{guide.id}/permissions?per_page=1"
    Then the list is a bare array
    And the list has exactly these "permission_name"
      | book:trips |

  @assumption
  Scenario: a permission is a scope that an API defines
    Given a role "guide"
    And an API "travel" with scopes "read:trips"
    When I POST "/roles/{guide.id}/permissions" with
      """
      {
        "permissions": [
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
          { "resource_server_identifier": "https://nowhere.example/", "permission_name": "read:trips" }
        ]
      }
      """
    Then the answer is 404 "The resource server does not exist: 'https://nowhere.example/'"
    When I POST "/roles/{guide.id}/permissions" with
      """
      {
        "permissions": [
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "fly:planes" }
        ]
      }
      """
    Then the answer is 404 "The permission does not exist: 'fly:planes' on '{travel.identifier}'"
    When I GET "/roles/{guide.id}/permissions"
    Then the list is empty

  @assumption
  Scenario: a permission goes with its scope, and with its API
    Given a role "guide"
    And an API "travel" with scopes "read:trips book:trips"
    When I POST "/roles/{guide.id}/permissions" with
      """
      {
        "permissions": [
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "read:trips" },
          { "resource_server_identifier": "{travel.identifier}", "permission_name": "book:trips" }
        ]
      }
      """
    And I PATCH "/resource-servers/{travel.id}" with
      """
      { "scopes": [{ "value": "read:trips" }] }
      """
    And I GET "/roles/{guide.id}/permissions"
    Then the list has exactly these "permission_name"
      | read:trips |
    When I DELETE "/resource-servers/{travel.id}"
    And I GET "/roles/{guide.id}/permissions"
    Then the list is empty

  Scenario: there is nothing below a role that is not there
    When I GET "/roles/rol_0123456789abcdef/permissions"
    Then the answer is 404 "The role does not exist."
    When I GET "/roles/rol_0123456789abcdef/users"
    Then the answer is 404 "The role does not exist."

  Scenario: a role is given to users
    Given a role "guide"
    And a user "ada"
    When I POST "/roles/{guide.id}/users" with
      """
      { "users": ["{ada.user_id}"] }
      """
    Then the answer is 200
      """
      {}
      """
    When I GET "/roles/{guide.id}/users?take=10"
    Then the answer is 200
      """
      {
        "users": [
          { "user_id": "{ada.user_id}", "email": "{ada.email}", "name": "{ada.name}", "picture": "{ada.picture}" }
        ]
      }
      """
