Feature: Token exchange profiles

  A profile says which Action handles a type of token that a client exchanges.

  Background:
    Given "/actions/actions" has "exchange" with
      """
      {
        "name": "{unique.exchange}", "deploy": true,
        "supported_triggers": [{ "id": "custom-token-exchange", "version": "v1" }]
      }
      """

  Scenario: the life of a profile
    Given "/token-exchange-profiles" has "legacy" with
      """
      {
        "name": "{unique.legacy}", "type": "custom_authentication", "action_id": "{exchange.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    Then the answer is 201
    And the answer's "id" has the form "tep_ + 16 alphanumeric"
    When I PATCH "/token-exchange-profiles/{legacy.id}" with
      """
      { "subject_token_type": "https://legacy.example/{unique.modern}" }
      """
    Then the answer is 200
    When I GET "/token-exchange-profiles/{legacy.id}"
    Then the answer is 200
    And the answer carries
      | subject_token_type | https://legacy.example/{unique.modern} |
      | action_id          | {exchange.id}                          |
    When I read every page of "/token-exchange-profiles?take=50"
    Then among the items these "id" come in this order
      | {legacy.id} |
    When I DELETE "/token-exchange-profiles/{legacy.id}"
    Then the answer is 204 without a body
    When I GET "/token-exchange-profiles/{legacy.id}"
    Then the answer is 404 "Token exchange profile not found."

  Scenario: a type of token has one profile
    Given "/token-exchange-profiles" has "legacy" with
      """
      {
        "name": "{unique.legacy}", "type": "custom_authentication", "action_id": "{exchange.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    When I POST "/token-exchange-profiles" with
      """
      {
        "name": "{unique.second}", "type": "custom_authentication", "action_id": "{exchange.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    Then the answer is 409 "subject_token_type already exists for tenant"

  @assumption
  Scenario: the Action is a deployed one for this trigger
    Given "/actions/actions" has "draft" with
      """
      { "name": "{unique.draft}", "supported_triggers": [{ "id": "custom-token-exchange", "version": "v1" }] }
      """
    And "/actions/actions" has "greet" with
      """
      { "name": "{unique.greet}", "deploy": true, "supported_triggers": [{ "id": "post-login", "version": "v3" }] }
      """
    When I POST "/token-exchange-profiles" with
      """
      {
        "name": "{unique.second}", "type": "custom_authentication", "action_id": "{draft.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    Then the answer is 400 "invalid_body" "Action is not deployed"
    When I POST "/token-exchange-profiles" with
      """
      {
        "name": "{unique.second}", "type": "custom_authentication", "action_id": "{greet.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    Then the answer is 400 "invalid_body" "Action must have supported_triggers: custom-token-exchange"
    When I POST "/token-exchange-profiles" with
      """
      {
        "name": "{unique.second}", "type": "custom_authentication",
        "action_id": "00000000-0000-0000-0000-000000000000", "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    Then the answer is 400 "invalid_body" "Action not found"

  @assumption
  Scenario: a profile goes with its Action
    Given "/token-exchange-profiles" has "legacy" with
      """
      {
        "name": "{unique.legacy}", "type": "custom_authentication", "action_id": "{exchange.id}",
        "subject_token_type": "https://legacy.example/{unique.legacy}"
      }
      """
    When I DELETE "/actions/actions/{exchange.id}"
    And I GET "/token-exchange-profiles/{legacy.id}"
    Then the answer is 404 "Token exchange profile not found."
