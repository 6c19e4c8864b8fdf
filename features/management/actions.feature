Feature: Actions

  An Action has a draft, which changes, and versions, which do not. A deployment makes the draft a version; the last
  one is what the tenant runs.

  Background:
    Given "/actions/actions" has "greet" with
      """
      {
        "name": "{unique.greet}",
        "supported_triggers": [{ "id": "post-login", "version": "v3" }],
        "code": "exports.onExecutePostLogin = async () => {};",
        "secrets": [{ "name": "TOKEN", "value": "old" }]
      }
      """

  Scenario: a new Action is a draft
    Then the answer is 201
    And the answer carries
      | name                        | {greet.name} |
      | supported_triggers.0.id     | post-login   |
      | all_changes_deployed        | false        |
      | dependencies                | []           |
      | secrets.0.name              | TOKEN        |
    And the answer carries no "secrets.0.value"
    And the answer carries no "deployed_version"
    When I GET "/actions/actions/{greet.id}"
    Then the answer is 200
    And the answer carries
      | id     | {greet.id} |
      | status | built      |
    When I GET "/actions/actions?actionName={greet.name}"
    Then the list has exactly these "id"
      | {greet.id} |

  Scenario: a deployment makes the draft a version
    Given I GET "/actions/actions/{greet.id}"
    When I POST "/actions/actions/{greet.id}/deploy"
    Then the answer is 200
    And the answer carries
      | number      | 1            |
      | action.name | {greet.name} |
    When it is remembered as "first"
    And I GET "/actions/actions/{greet.id}"
    Then the answer carries
      | all_changes_deployed    | true       |
      | deployed_version.id     | {first.id} |
      | deployed_version.number | 1          |
    When I PATCH "/actions/actions/{greet.id}" with
      """
      { "code": "exports.onExecutePostLogin = async (event) => { console.log(event); };" }
      """
    Then the answer is 200
    And the answer carries
      | all_changes_deployed    | false |
      | deployed_version.number | 1     |

  Scenario: an earlier version is deployed again, as a new version
    Given I POST "/actions/actions/{greet.id}/deploy"
    And it is remembered as "first"
    And I PATCH "/actions/actions/{greet.id}" with
      """
      { "code": "exports.onExecutePostLogin = async (event) => { console.log(event); };" }
      """
    And I POST "/actions/actions/{greet.id}/deploy"
    And it is remembered as "second"
    When I POST "/actions/actions/{greet.id}/versions/{first.id}/deploy" with
      """
      { "update_draft": true }
      """
    Then the answer is 200
    And the answer carries
      | number | 3                                            |
      | code   | exports.onExecutePostLogin = async () => {}; |
    When it is remembered as "third"
    And I GET "/actions/actions/{greet.id}/versions"
    Then the answer carries
      | versions.0.id       | {third.id}  |
      | versions.0.deployed | true        |
      | versions.1.id       | {second.id} |
      | versions.1.deployed | false       |
      | versions.2.id       | {first.id}  |
    When I GET "/actions/actions/{greet.id}/versions/{first.id}"
    Then the answer is 200
    And the answer carries
      | number    | 1          |
      | action.id | {greet.id} |
    When I GET "/actions/actions/{greet.id}"
    Then the answer carries
      | code | exports.onExecutePostLogin = async () => {}; |

  Scenario: an Action is deployed when it is created
    Given "/actions/actions" has "notify" with
      """
      { "name": "{unique.notify}", "supported_triggers": [{ "id": "post-login", "version": "v3" }], "deploy": true }
      """
    When I GET "/actions/actions/{notify.id}"
    Then the answer carries
      | all_changes_deployed    | true |
      | deployed_version.number | 1    |

  Scenario: a secret keeps its value until another one is sent
    When I PATCH "/actions/actions/{greet.id}" with
      """
      { "secrets": [{ "name": "TOKEN" }, { "name": "KEY", "value": "new" }] }
      """
    Then the answer is 200
    And the answer carries
      | secrets.0.name | TOKEN |
      | secrets.1.name | KEY   |

  Scenario: a deleted Action is gone
    When I DELETE "/actions/actions/{greet.id}"
    Then the answer is 204 without a body
    When I GET "/actions/actions/{greet.id}"
    Then the answer is 404

  Scenario: an Action without a trigger
    When I POST "/actions/actions" with
      """
      { "name": "{unique.idle}", "supported_triggers": [] }
      """
    Then the answer is 400

  Scenario: a version and an execution that are not there
    When I GET "/actions/actions/{greet.id}/versions/00000000-0000-0000-0000-000000000000"
    Then the answer is 404
    When I GET "/actions/executions/00000000-0000-0000-0000-000000000000"
    Then the answer is 404 "That execution does not exist."

  @mock-only
  Scenario: m2mock runs no code
    When I POST "/actions/actions/{greet.id}/test" with
      """
      { "payload": { "event": {} } }
      """
    Then the answer is 200
    And the answer carries
      | payload.error.name | NotExecuted |

  Scenario: the triggers of a tenant
    When I GET "/actions/triggers"
    Then the answer is 200
    And the answer's members are "triggers"

  # A change replaces all bindings of a trigger, and the logins of a shared tenant would run the Action.
  @mock-only @serial
  Scenario: a deployed Action is bound to its trigger
    When I PATCH "/actions/triggers/post-login/bindings" with
      """
      { "bindings": [{ "ref": { "type": "action_id", "value": "{greet.id}" }, "display_name": "Greet" }] }
      """
    Then the answer is 400
    Given I POST "/actions/actions/{greet.id}/deploy"
    When I PATCH "/actions/triggers/post-login/bindings" with
      """
      { "bindings": [{ "ref": { "type": "action_id", "value": "{greet.id}" }, "display_name": "Greet" }] }
      """
    Then the answer is 200
    And the answer carries
      | bindings.0.display_name | Greet      |
      | bindings.0.action.id    | {greet.id} |
    When I GET "/actions/triggers/post-login/bindings"
    Then the list has exactly these "action.id"
      | {greet.id} |
    When I DELETE "/actions/actions/{greet.id}"
    Then the answer is 409 "The action is bound to a trigger. Delete it with force."
    When I DELETE "/actions/actions/{greet.id}?force=true"
    Then the answer is 204 without a body
    When I GET "/actions/triggers/post-login/bindings"
    Then the list is empty
