Feature: What goes with what is deleted

  Background:
    Given an API "travel"
    And an application "bot"
    And an organization "acme"

  @R88
  Scenario: an organization can be deleted once
    When I DELETE "/organizations/{acme.id}"
    Then the answer is 204 without a body
    When I DELETE "/organizations/{acme.id}"
    Then the answer is 404
      """
      { "statusCode": 404, "error": "Not Found", "message": "No organization found by that id or name" }
      """
    When I GET "/organizations/{acme.id}"
    Then the answer is 404
      """
      { "statusCode": 404, "error": "Not Found", "message": "No organization found by that id or name" }
      """

  @R89
  Scenario: the associations of a deleted organization go with it
    Given an organization "globex"
    And a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    And "globex" is associated with that grant
    When I DELETE "/organizations/{acme.id}"
    And I GET "/client-grants/{grant.id}/organizations"
    Then the list has exactly these "id"
      | {globex.id} |
    When I GET "/client-grants/{grant.id}"
    Then the answer is 200

  @R90
  Scenario: a client grant can be deleted twice
    Given a client grant for "bot" on "travel"
    When I DELETE "/client-grants/{grant.id}"
    Then the answer is 204 without a body
    When I DELETE "/client-grants/{grant.id}"
    Then the answer is 204 without a body
    When I GET "/client-grants/{grant.id}"
    Then the answer is 404 "inexistent_client_grant" "The grant does not exist."
    When "bot" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"

  @R91
  Scenario: a deleted client grant leaves its organizations
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    When I DELETE "/client-grants/{grant.id}"
    And I GET "/organizations/{acme.id}/client-grants"
    Then the list is empty
    When I GET "/clients?q=client_grant.organization_id:{acme.id}&take=50"
    Then the list is empty

  @R91
  Scenario: a new grant for the same pair does not inherit associations
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    And I DELETE "/client-grants/{grant.id}"
    And a client grant for "bot" on "travel" with organization usage "allow"
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 403 "access_denied"

  @R92
  Scenario: a client can be deleted twice
    When I DELETE "/clients/{bot.client_id}"
    Then the answer is 204 without a body
    When I DELETE "/clients/{bot.client_id}"
    Then the answer is 204 without a body
    When I GET "/clients/{bot.client_id}"
    Then the answer is 404 "inexistent_client" "The client does not exist"

  @R93
  Scenario: the grants of a deleted client go with it
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    When I DELETE "/clients/{bot.client_id}"
    And I GET "/client-grants/{grant.id}"
    Then the answer is 404 "inexistent_client_grant" "The grant does not exist."
    When I GET "/organizations/{acme.id}/client-grants"
    Then the list is empty
    When "bot" asks for a token for "travel"
    Then the token is refused with 401 "access_denied" "Unauthorized"

  @R94
  Scenario: an API can be deleted twice
    When I DELETE "/resource-servers/{travel.id}"
    Then the answer is 204 without a body
    When I DELETE "/resource-servers/{travel.id}"
    Then the answer is 204 without a body
    When I GET "/resource-servers/{travel.id}"
    Then the answer is 404 "inexistent_resource_server" "The resource server does not exist"

  @R94 @assumption
  Scenario: the grants for a deleted API go with it
    Given a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant
    When I DELETE "/resource-servers/{travel.id}"
    And I GET "/client-grants/{grant.id}"
    Then the answer is 404 "inexistent_client_grant" "The grant does not exist."
    When I GET "/organizations/{acme.id}/client-grants"
    Then the list is empty

  @R95 @mock-only
  Scenario: the Management API cannot be deleted
    When I DELETE "/resource-servers/{management.audience}"
    Then the answer is 400 "System resource servers cannot be deleted."
    When I GET "/resource-servers/{management.audience}"
    Then the answer carries
      | is_system | true                 |
      | name      | Auth0 Management API |
