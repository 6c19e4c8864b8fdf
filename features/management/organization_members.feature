Feature: Members of an organization

  Background:
    Given an organization "acme"
    And a user "ada"
    And a user "bob"

  Scenario: members are added and listed with a little of what is known of them
    When I POST "/organizations/{acme.id}/members" with
      """
      { "members": ["{ada.user_id}"] }
      """
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}/members"
    Then the answer is 200
      """
      [{ "user_id": "{ada.user_id}", "email": "{ada.email}", "name": "{ada.name}", "picture": "{ada.picture}" }]
      """

  Scenario: who is a member can be added again
    Given "ada" is a member of "acme"
    When I POST "/organizations/{acme.id}/members" with
      """
      { "members": ["{bob.user_id}", "{ada.user_id}", "{bob.user_id}"] }
      """
    Then the answer is 204
    When I GET "/organizations/{acme.id}/members"
    Then the list has exactly these "user_id"
      | {ada.user_id} |
      | {bob.user_id} |

  @assumption
  Scenario: a call with an unknown user adds nobody
    When I POST "/organizations/{acme.id}/members" with
      """
      { "members": ["{ada.user_id}", "auth0|000000000000000000000000"] }
      """
    Then the answer is 400 "invalid_body" "One or more of the specified users do not exist: auth0|000000000000000000000000"
    When I GET "/organizations/{acme.id}/members"
    Then the list is empty

  Scenario: a call names someone
    When I POST "/organizations/{acme.id}/members" with
      """
      { "members": [] }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Array is too short (0), minimum 1' on property members."

  Scenario: members are removed, and may be removed again
    Given "ada" is a member of "acme"
    And "bob" is a member of "acme"
    When I DELETE "/organizations/{acme.id}/members" with
      """
      { "members": ["{ada.user_id}"] }
      """
    Then the answer is 204 without a body
    When I DELETE "/organizations/{acme.id}/members" with
      """
      { "members": ["{ada.user_id}"] }
      """
    Then the answer is 204
    When I GET "/organizations/{acme.id}/members"
    Then the list has exactly these "user_id"
      | {bob.user_id} |
    When I GET "/users/{ada.user_id}"
    Then the answer is 200

  Scenario: a page of offset paging
    Given "ada" is a member of "acme"
    And "bob" is a member of "acme"
    When I GET "/organizations/{acme.id}/members?page=1&per_page=1&include_totals=true"
    Then the answer's members are "members, start, limit, total"
    And the answer carries
      | start             | 1             |
      | limit             | 1             |
      | total             | 2             |
      | members.0.user_id | {bob.user_id} |

  Scenario: by cursor every page with members has a next one, and an empty page ends the list
    Given "ada" is a member of "acme"
    When I GET "/organizations/{acme.id}/members?take=50&include_totals=true"
    Then the answer's members are "members, next"
    When I GET "/organizations/{acme.id}/members?take=50&from={answer.next}"
    Then the answer is 200
      """
      { "members": [] }
      """
    Given "bob" is a member of "acme"
    When I read every page of "/organizations/{acme.id}/members?take=1"
    Then these are the items' "user_id"
      | {ada.user_id} |
      | {bob.user_id} |

  Scenario: roles are shown only to who asks for them
    Given a role "admin"
    And "ada" is a member of "acme" with the role "admin"
    When I GET "/organizations/{acme.id}/members?fields=user_id,roles"
    Then the answer is 200
      """
      [{ "user_id": "{ada.user_id}", "roles": [{ "id": "{admin.id}", "name": "{admin.name}" }] }]
      """
    When I GET "/organizations/{acme.id}/members?fields=picture&include_fields=false"
    Then the answer is 200
      """
      [{ "user_id": "{ada.user_id}", "email": "{ada.email}", "name": "{ada.name}" }]
      """

  Scenario: roles are shown only to a token that may read them
    Given an application "bot"
    And a client grant for "bot" on the Management API with scopes "read:organization_members"
    And "bot" asks for a token for the Management API
    When with that token I GET "/organizations/{acme.id}/members?fields=roles"
    Then the answer is 403 "insufficient_scope" "Insufficient scope, expected any of: read:organization_member_roles"
    When with that token I GET "/organizations/{acme.id}/members?fields=user_id"
    Then the answer is 200

  Scenario: an organization that does not exist has no members
    When I GET "/organizations/org_0000000000000000/members"
    Then the answer is 404 "The organization does not exist."
    When I POST "/organizations/org_0000000000000000/members" with
      """
      { "members": ["{ada.user_id}"] }
      """
    Then the answer is 404 "The organization does not exist."

  Scenario: a deleted user is no member
    Given "ada" is a member of "acme"
    When I DELETE "/users/{ada.user_id}"
    And I GET "/organizations/{acme.id}/members?include_totals=true"
    Then the answer carries
      | members | [] |
      | total   | 0  |

  Scenario: who belongs to a deleted organization belongs to it no more
    Given "ada" is a member of "acme"
    When I DELETE "/organizations/{acme.id}"
    And I GET "/users/{ada.user_id}/organizations"
    Then the list is empty
