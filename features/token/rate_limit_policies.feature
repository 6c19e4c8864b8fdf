@mock-only
Feature: Rate limit policies at the token endpoint

  A policy limits the requests of a client in a second. The scenarios use a limit of zero, because the border of a
  second may fall between two steps.

  Background:
    Given an API "travel"
    And an application "bot"
    And a client grant for "bot" on "travel"

  @T18 @RLP1
  Scenario: a policy refuses requests beyond its limit
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:{bot.client_id}",
        "configuration": { "action": "block", "limit": 0 }
      }
      """
    When "bot" asks for a token for "travel"
    Then the token is refused with 429 "too_many_requests" "Rate limit exceeded."
    And the header "auth0-ratelimit" is "client;q=0;t=1;r=0"
    And the header "retry-after" is a number
    When I PATCH "/rate-limit-policies/{limit.id}" with
      """
      { "configuration": { "action": "allow" } }
      """
    And "bot" asks for a token for "travel"
    Then a token is granted

  @RLP3
  Scenario: a policy that logs refuses nothing
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:{bot.client_id}",
        "configuration": { "action": "log", "limit": 0 }
      }
      """
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the header "auth0-ratelimit" is "client;q=0;t=1;r=0"

  @T18 @assumption
  Scenario: a policy comes before client authentication
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:{bot.client_id}",
        "configuration": { "action": "block", "limit": 0 }
      }
      """
    When "bot" asks for a token for "travel" with
      | client_secret | guessed |
    Then the token is refused with 429 "too_many_requests" "Rate limit exceeded."

  @T18 @assumption
  Scenario: a policy that redirects refuses token requests
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:{bot.client_id}",
        "configuration": { "action": "redirect", "limit": 0, "redirect_uri": "https://travel0.example/busy" }
      }
      """
    When "bot" asks for a token for "travel"
    Then the token is refused with 429 "too_many_requests" "Rate limit exceeded."
