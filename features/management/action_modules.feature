Feature: Modules of Actions

  A module is code that several Actions share. An Action uses a published version of it.

  Background:
    Given "/actions/modules" has "dates" with
      """
      { "name": "{unique.dates}", "code": "module.exports = 1;", "publish": true }
      """

  Scenario: a module is published when it is created
    Then the answer is 201
    When I GET "/actions/modules/{dates.id}"
    Then the answer is 200
    And the answer carries
      | name                          | {dates.name} |
      | all_changes_published         | true         |
      | actions_using_module_total    | 0            |
      | latest_version.version_number | 1            |

  Scenario: a draft is published once
    When I POST "/actions/modules/{dates.id}/versions"
    Then the answer is 409 "No draft version is available to publish."
    When I PATCH "/actions/modules/{dates.id}" with
      """
      { "code": "module.exports = 2;" }
      """
    Then the answer is 200
    And the answer carries
      | all_changes_published | false |
    When I POST "/actions/modules/{dates.id}/versions"
    Then the answer is 200
    And the answer carries
      | version_number | 2                   |
      | code           | module.exports = 2; |
    When it is remembered as "second"
    And I GET "/actions/modules/{dates.id}/versions"
    Then the answer carries
      | versions.0.id             | {second.id} |
      | versions.1.version_number | 1           |
    When I GET "/actions/modules/{dates.id}/versions/{second.id}"
    Then the answer is 200
    And the answer carries
      | version_number | 2 |

  Scenario: a rollback gives the draft the code of an earlier version
    Given I GET "/actions/modules/{dates.id}"
    And the answer's "latest_version.id" is remembered as "first"
    When I POST "/actions/modules/{dates.id}/rollback" with
      """
      { "module_version_id": "{first}" }
      """
    Then the answer is 409 "The specified version is already the current draft version."
    Given I PATCH "/actions/modules/{dates.id}" with
      """
      { "code": "module.exports = 2;" }
      """
    When I POST "/actions/modules/{dates.id}/rollback" with
      """
      { "module_version_id": "{first}" }
      """
    Then the answer is 200
    And the answer carries
      | code | module.exports = 1; |

  Scenario: a module that an Action uses stays
    Given I GET "/actions/modules/{dates.id}"
    And the answer's "latest_version.id" is remembered as "first"
    And "/actions/actions" has "greet" with
      """
      {
        "name": "{unique.greet}",
        "supported_triggers": [{ "id": "post-login", "version": "v3" }],
        "modules": [{ "module_id": "{dates.id}", "module_version_id": "{first}" }]
      }
      """
    When I GET "/actions/modules/{dates.id}/actions"
    Then the list has exactly these "action_id"
      | {greet.id} |
    When I DELETE "/actions/modules/{dates.id}"
    Then the answer is 412 "The Actions Module cannot be deleted because it is in use by one or more actions."
    When I DELETE "/actions/actions/{greet.id}"
    And I DELETE "/actions/modules/{dates.id}"
    Then the answer is 204 without a body
    When I GET "/actions/modules/{dates.id}"
    Then the answer is 404 "The action module does not exist."

  Scenario: a name is used once
    When I POST "/actions/modules" with
      """
      { "name": "{dates.name}", "code": "module.exports = 3;" }
      """
    Then the answer is 409 "An action module with the same name already exists."
    When I read every page of "/actions/modules?per_page=50"
    Then among the items these "name" come in this order
      | {dates.name} |
