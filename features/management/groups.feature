@mock-only
Feature: Groups and consents

  No user logs in and no directory is connected, so these lists are always empty.

  Scenario: there are no groups
    When I GET "/groups"
    Then the answer is 200
      """
      []
      """
    When I GET "/groups?include_totals=true"
    Then the answer is 200
      """
      { "groups": [], "start": 0, "limit": 50, "total": 0 }
      """
    When I GET "/groups?take=10"
    Then the answer is 200
      """
      { "groups": [] }
      """
    When I GET "/groups/grp_123456789ABCDE/members"
    Then the answer is 200
      """
      { "members": [] }
      """

  @assumption
  Scenario: a group that is not there
    When I GET "/groups/grp_123456789ABCDE"
    Then the answer is 404 "The group does not exist."
    When I DELETE "/groups/grp_123456789ABCDE"
    Then the answer is 404 "The group does not exist."

  Scenario: nobody has consented to anything
    When I GET "/grants"
    Then the answer is 200
      """
      []
      """
    When I GET "/grants?include_totals=true&per_page=5&user_id=auth0%7Cada"
    Then the answer is 200
      """
      { "grants": [], "start": 0, "limit": 5, "total": 0 }
      """
    When I DELETE "/grants?user_id=auth0%7Cada"
    Then the answer is 204 without a body
    When I DELETE "/grants/5f0000000000000000000000"
    Then the answer is 204 without a body
    When I DELETE "/grants"
    Then the answer is 400 "invalid_query_string" "Query validation error: 'Missing required property: user_id'."

  Scenario: a role has no group
    Given a role "guide"
    When I GET "/roles/{guide.id}/groups"
    Then the list is empty
    When I POST "/roles/{guide.id}/groups" with
      """
      { "groups": ["grp_123456789ABCDE"] }
      """
    Then the answer is 404 "Group not found."
    When I DELETE "/roles/{guide.id}/groups" with
      """
      { "groups": ["grp_123456789ABCDE"] }
      """
    Then the answer is 204 without a body
    When I GET "/groups/grp_123456789ABCDE/roles"
    Then the answer is 404 "Group not found."
    When I POST "/groups/grp_123456789ABCDE/roles" with
      """
      { "roles": ["{guide.id}"] }
      """
    Then the answer is 404 "Group not found."
    When I DELETE "/groups/grp_123456789ABCDE/roles" with
      """
      { "roles": ["{guide.id}"] }
      """
    Then the answer is 404 "Group not found."
