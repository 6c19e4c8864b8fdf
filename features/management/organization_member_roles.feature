Feature: Roles of a member of an organization

  A role that is assigned to a member counts in that organization only.

  Background:
    Given an organization "acme"
    And a user "ada"
    And a role "admin"
    And a role "guide"
    And "ada" is a member of "acme"

  Scenario: roles are assigned and listed
    When I POST "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{admin.id}"] }
      """
    Then the answer is 204 without a body
    When I POST "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{guide.id}", "{admin.id}"] }
      """
    Then the answer is 204
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/roles?include_totals=true"
    Then the answer is 200
      """
      {
        "roles": [
          { "id": "{admin.id}", "name": "{admin.name}", "description": "" },
          { "id": "{guide.id}", "name": "{guide.name}", "description": "" }
        ],
        "start": 0, "limit": 50, "total": 2
      }
      """

  Scenario: roles are taken away, and may be taken away again
    Given "ada" is a member of "acme" with the role "admin"
    When I DELETE "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{admin.id}", "{guide.id}"] }
      """
    Then the answer is 204 without a body
    When I DELETE "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{admin.id}"] }
      """
    Then the answer is 204
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/roles"
    Then the list is empty

  @assumption
  Scenario: a call with an unknown role assigns none
    When I POST "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{admin.id}", "rol_0000000000000000"] }
      """
    Then the answer is 400 "invalid_body" "One or more of the specified roles do not exist: rol_0000000000000000"
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/roles"
    Then the list is empty

  @assumption
  Scenario: only a member can have a role
    Given a user "bob"
    When I POST "/organizations/{acme.id}/members/{bob.user_id}/roles" with
      """
      { "roles": ["{admin.id}"] }
      """
    Then the answer is 404 "No member found by that id"
    When I GET "/organizations/{acme.id}/members/{bob.user_id}/roles"
    Then the answer is 404 "No member found by that id"

  @assumption
  Scenario: a role of another organization does not exist here
    Given an organization "globex"
    When I POST "/roles" with
      """
      { "name": "{globex.name}-clerk", "type": "organization", "owner_id": "{globex.id}" }
      """
    And it is remembered as "clerk"
    And I POST "/organizations/{acme.id}/members/{ada.user_id}/roles" with
      """
      { "roles": ["{clerk.id}"] }
      """
    Then the answer is 400 "invalid_body" "One or more of the specified roles do not exist: {clerk.id}"

  Scenario: a role in one organization is none in another
    Given an organization "globex"
    And "ada" is a member of "acme" with the role "admin"
    And "ada" is a member of "globex"
    When I GET "/organizations/{globex.id}/members/{ada.user_id}/roles"
    Then the list is empty
    When I GET "/users/{ada.user_id}/roles"
    Then the list is empty

  Scenario: who comes back as a member comes back without roles
    Given "ada" is a member of "acme" with the role "admin"
    When I DELETE "/organizations/{acme.id}/members" with
      """
      { "members": ["{ada.user_id}"] }
      """
    And "ada" is a member of "acme"
    And I GET "/organizations/{acme.id}/members/{ada.user_id}/roles"
    Then the list is empty

  Scenario: a deleted role is no member's
    Given "ada" is a member of "acme" with the role "admin"
    And "ada" is a member of "acme" with the role "guide"
    When I DELETE "/roles/{admin.id}"
    And I GET "/organizations/{acme.id}/members/{ada.user_id}/roles"
    Then the list has exactly these "id"
      | {guide.id} |

  Scenario: an effective role tells where it comes from
    Given "ada" is a member of "acme" with the role "admin"
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/effective-roles"
    Then the answer is 200
      """
      {
        "roles": [
          { "id": "{admin.id}", "name": "{admin.name}", "description": "", "sources": ["direct"] }
        ]
      }
      """
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/effective-roles/sources/groups?role_id={admin.id}"
    Then the answer is 200
      """
      { "groups": [] }
      """

  Scenario: the members who have a role
    Given a user "bob"
    And "ada" is a member of "acme" with the role "admin"
    And "bob" is a member of "acme" with the role "admin"
    When I GET "/organizations/{acme.id}/roles/{admin.id}/members?take=1"
    Then the answer's members are "members, next"
    When I read every page of "/organizations/{acme.id}/roles/{admin.id}/members?take=1&fields=user_id"
    Then these are the items' "user_id"
      | {ada.user_id} |
      | {bob.user_id} |
    When I GET "/organizations/{acme.id}/roles/{guide.id}/members"
    Then the answer is 200
      """
      { "members": [] }
      """
    When I GET "/organizations/{acme.id}/roles/rol_0000000000000000/members"
    Then the answer is 404 "The role does not exist."

  Scenario: there are no groups
    When I GET "/organizations/{acme.id}/groups"
    Then the answer is 200
      """
      { "groups": [] }
      """
    When I GET "/organizations/{acme.id}/roles/{admin.id}/groups"
    Then the answer is 200
      """
      { "groups": [] }
      """

  @assumption
  Scenario: a group that does not exist has no roles
    When I GET "/organizations/{acme.id}/groups/grp_11111111111111/roles"
    Then the answer is 404 "Group not found."
    When I POST "/organizations/{acme.id}/groups/grp_11111111111111/roles" with
      """
      { "roles": ["{admin.id}"] }
      """
    Then the answer is 404 "Group not found."
    When I DELETE "/organizations/{acme.id}/groups/grp_11111111111111/roles" with
      """
      { "roles": ["{admin.id}"] }
      """
    Then the answer is 404 "Group not found."
    When I GET "/organizations/org_0000000000000000/groups"
    Then the answer is 404 "Organization not found."
