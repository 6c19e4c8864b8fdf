Feature: Finding who may act in an organization

  Background:
    Given an API "travel"
    And an application "partner"
    And an application "roamer"
    And an application "stranger"
    And an organization "acme"
    And a client grant for "roamer" on "travel" with organization usage "allow" and any organization
    And it is remembered as "any"
    And a client grant for "stranger" on "travel" with organization usage "allow"
    And a client grant for "partner" on "travel" with organization usage "allow"
    And "acme" is associated with that grant

  @R110
  Scenario: clients with a grant that is associated with an organization
    When I GET "/clients?q=client_grant.organization_id:{acme.id}&take=50"
    Then the list has exactly these "client_id"
      | {partner.client_id} |

  @R110
  Scenario: clients with a grant for any organization
    When I read every page of "/clients?q=client_grant.allow_any_organization:true&take=50"
    Then among the items these "client_id" come in this order
      | {roamer.client_id} |
    And none of the items has the "client_id"
      | {partner.client_id}  |
      | {stranger.client_id} |

  @R110
  Scenario: cursor pages of a search
    Given an application "second partner"
    And a client grant for "second partner" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    When I GET "/clients?q=client_grant.organization_id:{acme.id}&take=1"
    Then the answer's members are "clients, next"
    When I read every page of "/clients?q=client_grant.organization_id:{acme.id}&take=1"
    Then these are the items' "client_id"
      | {partner.client_id}        |
      | {second partner.client_id} |

  @R110
  Scenario Outline: no other search: <query>
    When I GET "/clients?<query>"
    Then the answer is 400

    Examples:
      | query                                                             |
      | q=name:partner&take=50                                            |
      | q=client_grant.audience:travel&take=50                            |
      | q=client_grant.organization_id:{acme.id}%20OR%20name:x&take=50    |
      | q=client_grant.organization_id:{acme.id}&take=50&app_type=spa     |
      | q=client_grant.organization_id:{acme.id}&page=0&per_page=50       |

  @R111
  Scenario: grants for any organization
    When I GET "/client-grants?allow_any_organization=true&client_id={roamer.client_id}"
    Then the list has exactly these "id"
      | {any.id} |
    When I GET "/client-grants?allow_any_organization=true&client_id={partner.client_id}"
    Then the list is empty

  @R111
  Scenario: the filter takes true only
    When I GET "/client-grants?allow_any_organization=false"
    Then the answer is 400 "invalid_query_string" and begins with
      """
      Query validation error: 'Invalid value
      """

  @R112
  Scenario: client grants have no search
    When I GET "/client-grants?q=client_grant.organization_id:{acme.id}"
    Then the answer is 400 "invalid_query_string" "Query validation error: 'Additional properties not allowed: q'."
