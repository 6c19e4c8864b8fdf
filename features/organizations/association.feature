Feature: Client grants of an organization

  An association allows the client of a client grant to request tokens for one organization.

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And an application "bot"
    And an organization "acme"

  @R34 @R14
  Scenario: associating a grant
    Given a client grant for "bot" on "travel" with scopes "read:trips" and organization usage "allow"
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 201
      """
      {
        "grant_id": "{grant.id}",
        "client_id": "{bot.client_id}",
        "audience": "{travel.identifier}",
        "scope": ["read:trips"],
        "organization_usage": "allow"
      }
      """
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted

  @R34 @R40 @R3 @R4
  Scenario Outline: the answer says of the organization settings what the grant says: <settings>
    Given a client grant for "bot" on "travel" with
      """
      <settings>
      """
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 201
    And the answer's members are "<members>"

    Examples:
      | settings                                                         | members                                                                            |
      | {"organization_usage": "require"}                                | grant_id, client_id, audience, scope, organization_usage                           |
      | {"organization_usage": "allow", "allow_any_organization": true}  | grant_id, client_id, audience, scope, organization_usage, allow_any_organization   |

  @R41 @assumption
  Scenario Outline: a grant that <kind> can be associated all the same
    Given a client grant for "bot" on "travel" with
      """
      <settings>
      """
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 201

    Examples:
      | kind                   | settings                       |
      | denies organizations   | {"organization_usage": "deny"} |
      | says nothing           | {}                             |
      | is for users           | {"subject_type": "user"}       |

  @R35
  Scenario: the grant does not exist
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "cgr_0000000000000000" }
      """
    Then the answer is 404 "The grant does not exist."
    When I GET "/client-grants/cgr_0000000000000000"
    Then the answer is 404 "inexistent_client_grant" "The grant does not exist."

  @R36
  Scenario: the organization does not exist
    Given a client grant for "bot" on "travel"
    When I POST "/organizations/org_0000000000000000/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 404 "No organization found by that id"
    When I GET "/organizations/org_0000000000000000"
    Then the answer is 404
      """
      { "statusCode": 404, "error": "Not Found", "message": "No organization found by that id or name" }
      """

  @R37
  Scenario: twice is a conflict
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 409 "The client grant has already been added to this organization."
    When I GET "/organizations/{acme.id}/client-grants"
    Then the list has exactly these "id"
      | {grant.id} |

  @R38
  Scenario: an organization has room for a hundred
    Given 100 client grants on "travel" are associated with "acme"
    And a client grant for "bot" on "travel" with organization usage "allow"
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{grant.id}" }
      """
    Then the answer is 409 "Quota exceeded; cannot add more than 100 client grants to a single organization"
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 403 "access_denied"
    When I GET "/organizations/{acme.id}/client-grants?per_page=1&include_totals=true"
    Then the answer carries
      | total | 100 |

  @R39
  Scenario Outline: grant_id <fault>
    When I POST "/organizations/{acme.id}/client-grants" with
      """
      <body>
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: '<message>'
      """

    Examples:
      | fault             | body                                                        | message                                                             |
      | malformed         | {"grant_id": "cgr_short"}                                   | Object didn't pass validation for format client-grant-id: cgr_short |
      | missing           | {}                                                          | Missing required property: grant_id                                 |
      | not a text        | {"grant_id": 7}                                             | Expected type string but found type integer                         |
      | with another key  | {"grant_id": "cgr_0000000000000000", "scope": []}           | Additional properties not allowed: scope                            |

  @R42 @R43 @E2 @assumption
  Scenario: removing an association ends it for new tokens
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And an organization "globex"
    And "acme" is associated with that grant
    And "globex" is associated with that grant
    When I DELETE "/organizations/{acme.id}/client-grants/{grant.id}"
    Then the answer is 204 without a body
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 403 "access_denied" and says
      """
      Client is not authorized to access organization "{acme.id}"
      """
    When "bot" asks for a token for "travel" in organization "globex"
    Then a token for organization "globex" is granted

  @R43
  Scenario: removing an association does not bind a grant for any organization
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    And "acme" is associated with that grant
    When I DELETE "/organizations/{acme.id}/client-grants/{grant.id}"
    Then the answer is 204 without a body
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted

  @R42 @assumption
  Scenario: removing what is not there
    Given a client grant for "bot" on "travel" with organization usage "allow"
    When I DELETE "/organizations/{acme.id}/client-grants/{grant.id}"
    Then the answer is 204 without a body

  @R42
  Scenario: removing from an organization that does not exist
    Given a client grant for "bot" on "travel"
    When I DELETE "/organizations/org_0000000000000000/client-grants/{grant.id}"
    Then the answer is 404 "No organization found by that id."

  @R44
  Scenario: a token that was given stays a token
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:organizations" with organization usage "allow"
    And "acme" is associated with that grant
    And "auditor" asks for a token for the Management API in organization "acme"
    And a token is granted
    And I DELETE "/organizations/{acme.id}/client-grants/{grant.id}"
    When with that token I GET "/organizations/{acme.id}"
    Then the answer is 200
    When I DELETE "/client-grants/{grant.id}"
    And with that token I GET "/organizations/{acme.id}"
    Then the answer is 200

  @R45
  Scenario: the list shows of a grant what is published of it
    Given an application "partner" with
      """
      { "is_first_party": false, "third_party_security_mode": "strict" }
      """
    When I POST "/client-grants" with
      """
      { "default_for": "third_party_clients", "audience": "{travel.identifier}", "scope": ["read:trips"],
        "subject_type": "user", "authorization_details_types": ["trip"] }
      """
    And it is remembered as "default"
    And I POST "/organizations/{acme.id}/client-grants" with
      """
      { "grant_id": "{default.id}" }
      """
    And I GET "/organizations/{acme.id}/client-grants"
    Then the list has exactly these "id"
      | {default.id} |
    And the answer carries no "0.authorization_details_types"
    And the answer carries no "0.default_for"

  @R45 @R20
  Scenario: the list has explicit associations only
    Given an application "roamer"
    And a client grant for "roamer" on "travel" with organization usage "allow" and any organization
    And a client grant for "bot" on "travel" with scopes "read:trips" and organization usage "require"
    And "acme" is associated with that grant
    When I GET "/organizations/{acme.id}/client-grants"
    Then the answer is 200
      """
      [
        {
          "id": "{grant.id}",
          "client_id": "{bot.client_id}",
          "audience": "{travel.identifier}",
          "scope": ["read:trips"],
          "organization_usage": "require",
          "subject_type": "client"
        }
      ]
      """

  @R45
  Scenario Outline: the list by <filter>
    Given an API "billing"
    And an application "partner"
    And a client grant for "bot" on "travel" with organization usage "allow"
    And it is remembered as "first"
    And "acme" is associated with that grant
    And a client grant for "bot" on "billing" with organization usage "allow"
    And it is remembered as "second"
    And "acme" is associated with that grant
    And a client grant for "partner" on "travel" with organization usage "allow"
    And it is remembered as "third"
    And "acme" is associated with that grant
    When I GET "/organizations/{acme.id}/client-grants?<query>"
    Then the list has exactly these "id"
      | {<one>.id}     |
      | {<another>.id} |

    Examples:
      | filter    | query                                           | one   | another |
      | audience  | audience={travel.identifier}                    | first | third   |
      | client    | client_id={bot.client_id}                       | first | second  |
      | grant ids | grant_ids={second.id}&grant_ids={third.id}      | second | third  |

  @R46
  Scenario: the organizations of a grant are whole organizations
    Given an organization "globex"
    And a client grant for "bot" on "travel" with organization usage "allow"
    And "globex" is associated with that grant
    When I GET "/client-grants/{grant.id}/organizations"
    Then the list is a bare array
    And the list has exactly these "id"
      | {globex.id} |
    And the answer carries
      | 0.name         | {globex.name}         |
      | 0.display_name | {globex.display_name} |

  @R46
  Scenario: the organizations of a grant for any organization are the explicit ones
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When I GET "/client-grants/{grant.id}/organizations"
    Then the list is empty

  @R46
  Scenario: the organizations of a grant that does not exist
    When I GET "/client-grants/cgr_0000000000000000/organizations"
    Then the answer is 404 "The grant does not exist."
