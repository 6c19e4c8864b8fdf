Feature: Asking for a token with client credentials

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And an application "bot"
    And a client grant for "bot" on "travel" with scopes "read:trips write:trips"

  Scenario: a form
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the header "content-type" begins with "application/json"
    And the header "cache-control" is "no-store"
    And the header "pragma" is "no-cache"

  Scenario: JSON
    When "bot" asks for a token for "travel" as JSON
    Then a token is granted

  Scenario: parameters that nobody knows are ignored
    When "bot" asks for a token for "travel" with
      | colour | green |
    Then a token is granted

  Scenario: the answer has no other tokens
    When "bot" asks for a token for "travel"
    Then the answer's members are "access_token, expires_in, scope, token_type"

  Scenario: a day, where the API says nothing else
    When "bot" asks for a token for "travel"
    Then the token is good for 86400 seconds

  Scenario: as long as the API says
    Given an API "billing" with
      """
      { "token_lifetime": 600 }
      """
    And a client grant for "bot" on "billing"
    When "bot" asks for a token for "billing"
    Then the token is good for 600 seconds

  Scenario: the credentials in the body, the credentials as Basic
    When "bot" asks for a token for "travel" with Basic credentials
    Then a token is granted

  @assumption
  Scenario Outline: a client set up for <method> may use the other way too
    Given an application "strict" with
      """
      { "token_endpoint_auth_method": "<method>" }
      """
    And a client grant for "strict" on "travel"
    When "strict" asks for a token for "travel"
    Then a token is granted
    When "strict" asks for a token for "travel" with Basic credentials
    Then a token is granted

    Examples:
      | method              |
      | client_secret_post  |
      | client_secret_basic |

  Scenario: a new secret replaces the old one
    When I POST "/clients/{bot.client_id}/rotate-secret"
    Then the answer is 200
    When "bot" asks for a token for "travel"
    Then the token is refused with 401 "access_denied" "Unauthorized"
    When I GET "/clients/{bot.client_id}"
    And it is remembered as "bot"
    And "bot" asks for a token for "travel"
    Then a token is granted

  Scenario: a request as it goes over the wire
    When the tenant is sent
      """
      POST /oauth/token
      content-type: application/json

      {
        "grant_type": "client_credentials",
        "client_id": "{bot.client_id}",
        "client_secret": "{bot.client_secret}",
        "audience": "{travel.identifier}"
      }
      """
    Then a token is granted
    And the answer's "token_type" is remembered as "type"
    When the tenant is sent
      """
      GET /api/v2/organizations
      authorization: {type} {token}
      """
    Then the answer is 401
