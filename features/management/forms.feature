Feature: Forms, flows and their connections

  A form is a page that a login shows. A flow is a list of steps, which may need the credentials of a connection.

  Scenario: the life of a form
    Given "/forms" has "survey" with
      """
      {
        "name": "{unique.survey}",
        "languages": { "primary": "en" },
        "nodes": [],
        "start": { "hidden_fields": [] }
      }
      """
    Then the answer is 201
    And the answer carries
      | name              | {survey.name} |
      | languages.primary | en            |
    And the answer carries no "nodes"
    When I PATCH "/forms/{survey.id}" with
      """
      { "messages": { "errors": { "ERR_REQUIRED_PROPERTY": "Please answer" } } }
      """
    Then the answer is 200
    When I GET "/forms/{survey.id}"
    Then the answer carries
      | messages.errors.ERR_REQUIRED_PROPERTY | Please answer |
    When I read every page of "/forms?per_page=100"
    Then among the items these "id" come in this order
      | {survey.id} |
    When I DELETE "/forms/{survey.id}"
    Then the answer is 204 without a body
    When I GET "/forms/{survey.id}"
    Then the answer is 404 "Form not found"

  Scenario: a list of forms leaves out their content
    Given "/forms" has "survey" with
      """
      { "name": "{unique.survey}", "languages": { "primary": "en" } }
      """
    When I GET "/forms?per_page=1&include_totals=true"
    Then the answer is 200
    And the answer carries no "forms.0.languages"

  Scenario: the life of a flow
    Given "/flows" has "welcome" with
      """
      { "name": "{unique.welcome}" }
      """
    Then the answer is 201
    When I PATCH "/flows/{welcome.id}" with
      """
      { "name": "{welcome.name}-2" }
      """
    Then the answer is 200
    And the answer carries
      | id   | {welcome.id}     |
      | name | {welcome.name}-2 |
    When I GET "/flows/{welcome.id}/executions"
    Then the list is empty
    When I read every page of "/flows?per_page=100"
    Then among the items these "id" come in this order
      | {welcome.id} |
    When I DELETE "/flows/{welcome.id}"
    Then the answer is 204 without a body
    When I GET "/flows/{welcome.id}"
    Then the answer is 404 "Flow not found"
    When I GET "/flows/{welcome.id}/executions"
    Then the answer is 404 "Flow not found"

  Scenario: a form names the flow that runs after it
    Given "/flows" has "welcome" with
      """
      { "name": "{unique.welcome}" }
      """
    And "/forms" has "survey" with
      """
      { "name": "{unique.survey}", "ending": { "after_submit": { "flow_id": "{welcome.id}" } } }
      """
    When I GET "/flows/{welcome.id}?hydrate=form_count"
    Then the answer carries
      | form_count | 1 |
    When I GET "/forms/{survey.id}?hydrate=flow_count"
    Then the answer carries
      | flow_count | 1 |

  @assumption
  Scenario: a flow that a form names stays
    Given "/flows" has "welcome" with
      """
      { "name": "{unique.welcome}" }
      """
    And "/forms" has "survey" with
      """
      { "name": "{unique.survey}", "ending": { "after_submit": { "flow_id": "{welcome.id}" } } }
      """
    When I DELETE "/flows/{welcome.id}"
    Then the answer is 409 "The flow is in use by a form and cannot be deleted."

  @assumption
  Scenario: an execution that is not there
    Given "/flows" has "welcome" with
      """
      { "name": "{unique.welcome}" }
      """
    When I GET "/flows/{welcome.id}/executions/exec_0000000000000000"
    Then the answer is 404 "Flow execution not found"
    When I DELETE "/flows/{welcome.id}/executions/exec_0000000000000000"
    Then the answer is 404 "Flow execution not found"

  Scenario: the credentials of a connection are not shown
    Given "/flows/vault/connections" has "stripe" with
      """
      {
        "name": "{unique.stripe}", "app_id": "STRIPE",
        "setup": { "type": "KEY_PAIR", "private_key": "private", "public_key": "public" }
      }
      """
    Then the answer is 201
    And the answer carries
      | app_id | STRIPE |
      | ready  | true   |
    And the answer carries no "setup"
    When I GET "/flows/vault/connections/{stripe.id}"
    Then the answer is 200
    And the answer carries no "setup"
    When I PATCH "/flows/vault/connections/{stripe.id}" with
      """
      { "name": "{stripe.name}-2" }
      """
    Then the answer is 200
    And the answer carries
      | name | {stripe.name}-2 |
    When I read every page of "/flows/vault/connections?per_page=100"
    Then among the items these "id" come in this order
      | {stripe.id} |
    When I DELETE "/flows/vault/connections/{stripe.id}"
    Then the answer is 204 without a body
    When I GET "/flows/vault/connections/{stripe.id}"
    Then the answer is 404 "Connection not found"

  Scenario: a connection without credentials is not ready
    Given "/flows/vault/connections" has "mailer" with
      """
      { "name": "{unique.mailer}", "app_id": "SENDGRID" }
      """
    Then the answer carries
      | ready | false |
