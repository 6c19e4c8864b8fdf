@mock-only
Feature: Rules and hooks

  Both ran before there were Actions. Tenants since 2023 refuse to create them.

  Scenario: the life of a rule
    Given "/rules" has "first" with
      """
      { "name": "{unique.first}", "script": "function (user, context, callback) { callback(null, user, context); }" }
      """
    Then the answer is 201
    And the answer carries
      | enabled | true          |
      | stage   | login_success |
    When I PATCH "/rules/{first.id}" with
      """
      { "enabled": false }
      """
    Then the answer is 200
    And the answer carries
      | enabled | false |
    When I read every page of "/rules?enabled=false&fields=id&per_page=100"
    Then among the items these "id" come in this order
      | {first.id} |
    When I DELETE "/rules/{first.id}"
    Then the answer is 204 without a body
    When I GET "/rules/{first.id}"
    Then the answer is 404 "inexistent_rule" "The rule does not exist"

  Scenario: a name and a place in the order are used once
    Given "/rules" has "first" with
      """
      { "name": "{unique.first}", "script": "function () {}" }
      """
    When I POST "/rules" with
      """
      { "name": "{first.name}", "script": "function () {}" }
      """
    Then the answer is 409 "A rule with the same name already exists."
    When I POST "/rules" with
      """
      { "name": "{unique.second}", "script": "function () {}", "order": {first.order} }
      """
    Then the answer is 409 "A rule with the same order already exists."

  Scenario: only the answer to the write shows a value that rules read
    When I PUT "/rules-configs/{unique.key}" with
      """
      { "value": "secret" }
      """
    Then the answer is 200
    And the answer carries
      | value | secret |
    When I GET "/rules-configs"
    Then the list has exactly these "key"
      | {unique.key} |
    And the answer carries no "0.value"
    When I DELETE "/rules-configs/{unique.key}"
    Then the answer is 204 without a body

  Scenario: the life of a hook
    Given "/hooks" has "screen" with
      """
      { "name": "{unique.screen}", "script": "module.exports = () => {};", "triggerId": "pre-user-registration" }
      """
    Then the answer is 201
    And the answer carries
      | enabled      | false |
      | dependencies | {}    |
    When I PATCH "/hooks/{screen.id}" with
      """
      { "dependencies": { "bcrypt": "5.0.0" } }
      """
    Then the answer is 200
    When I GET "/hooks/{screen.id}"
    Then the answer carries
      | dependencies.bcrypt | 5.0.0 |
    When I read every page of "/hooks?per_page=100"
    Then among the items these "id" come in this order
      | {screen.id} |
    When I POST "/hooks" with
      """
      { "name": "{screen.name}", "script": "module.exports = () => {};", "triggerId": "pre-user-registration" }
      """
    Then the answer is 409 "Hook with the same name already exists."
    When I DELETE "/hooks/{screen.id}"
    Then the answer is 204 without a body
    When I GET "/hooks/{screen.id}"
    Then the answer is 404 "HookDoesNotExist" "Error: Hook does not exist"

  Scenario: the secrets of a hook are written, and never shown
    Given "/hooks" has "screen" with
      """
      { "name": "{unique.screen}", "script": "module.exports = () => {};", "triggerId": "pre-user-registration" }
      """
    When I POST "/hooks/{screen.id}/secrets" with
      """
      { "KEY": "one" }
      """
    Then the answer is 201
    When I POST "/hooks/{screen.id}/secrets" with
      """
      { "KEY": "two" }
      """
    Then the answer is 409 "Secret with the same name already exists."
    When I PATCH "/hooks/{screen.id}/secrets" with
      """
      { "KEY": "two", "TOKEN": "three" }
      """
    Then the answer is 201
    When I GET "/hooks/{screen.id}/secrets"
    Then the answer is 200
      """
      { "KEY": "_VALUE_NOT_SHOWN_", "TOKEN": "_VALUE_NOT_SHOWN_" }
      """
    When I DELETE "/hooks/{screen.id}/secrets" with
      """
      ["KEY"]
      """
    Then the answer is 204 without a body
    When I GET "/hooks/{screen.id}/secrets"
    Then the answer's members are "TOKEN"
    When I DELETE "/hooks/{screen.id}"
    Then the answer is 204 without a body
