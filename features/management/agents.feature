Feature: Agents

  An agent acts for users through applications. Each application names its agent.

  Scenario: the life of an agent
    Given "/agents" has "planner" with
      """
      { "name": "{unique.planner}", "external_agent_id": "{unique.planner}" }
      """
    Then the answer is 201
    And the answer carries
      | name     | {unique.planner} |
      | metadata | {}               |
    When I PATCH "/agents/{planner.agent_id}" with
      """
      { "metadata": { "team": "travel" } }
      """
    Then the answer is 200
    And the answer carries
      | metadata.team | travel |
    When I GET "/agents/{planner.agent_id}"
    Then the answer carries
      | external_agent_id | {unique.planner} |
      | metadata.team     | travel           |
    When I read every page of "/agents?take=50"
    Then among the items these "agent_id" come in this order
      | {planner.agent_id} |
    When I DELETE "/agents/{planner.agent_id}"
    Then the answer is 204 without a body
    When I GET "/agents/{planner.agent_id}"
    Then the answer is 404

  Scenario: an agent is linked to an application when it is created
    Given an application "bot"
    And "/agents" has "planner" with
      """
      { "name": "{unique.planner}", "client_id": "{bot.client_id}" }
      """
    When I GET "/clients/{bot.client_id}"
    Then the answer carries
      | agent_id | {planner.agent_id} |

  @assumption
  Scenario: an application loses an agent that is deleted
    Given an application "bot"
    And "/agents" has "planner" with
      """
      { "name": "{unique.planner}", "client_id": "{bot.client_id}" }
      """
    When I DELETE "/agents/{planner.agent_id}"
    And I GET "/clients/{bot.client_id}"
    Then the answer carries no "agent_id"

  @assumption
  Scenario: an external id is used once
    Given "/agents" has "planner" with
      """
      { "name": "{unique.planner}", "external_agent_id": "{unique.planner}" }
      """
    When I POST "/agents" with
      """
      { "name": "{unique.second}", "external_agent_id": "{unique.planner}" }
      """
    Then the answer is 409 "An agent with the same external_agent_id already exists."
