@mock-only
Feature: Jobs

  Scenario: a job is taken at once and done later
    Given a user "ada"
    When I POST "/jobs/verification-email" with
      """
      { "user_id": "{ada.user_id}", "identity": { "user_id": "{ada.identities.0.user_id}", "provider": "auth0" } }
      """
    And it is remembered as "email"
    Then the answer is 201
    And the answer's members are "created_at, id, status, type"
    And the answer's "id" has the form "job_ + 16 alphanumeric"
    And the answer carries
      | type   | verification_email |
      | status | pending            |
    When I GET "/jobs/{email.id}"
    Then the answer is 200
    And the answer carries
      | id   | {email.id}         |
      | type | verification_email |
    When I GET "/jobs/{email.id}/errors"
    Then the answer is 204 without a body

  Scenario: users are imported from a file into a database
    Given a connection "staff" with
      """
      { "strategy": "auth0" }
      """
    When I POST the form "/jobs/users-imports" with
      | connection_id | {staff.id}                                                      |
      | external_id   | night                                                           |
      | users         | [{ "email": "ada@example.com", "user_id": "{staff.name}-ada" }] |
    Then the answer is 202
    And the answer carries
      | type          | users_import |
      | status        | pending      |
      | connection_id | {staff.id}   |
      | external_id   | night        |
    When I GET "/users/auth0%7C{staff.name}-ada"
    Then the answer is 200
    And the answer carries
      | email                   | ada@example.com |
      | identities.0.connection | {staff.name}    |

  Scenario: an import needs a database
    When I POST the form "/jobs/users-imports" with
      | users | [] |
    Then the answer is 400 "invalid_body" "Payload validation error: 'Missing required property: connection_id'."
    When I POST the form "/jobs/users-imports" with
      | connection_id | con_0123456789abcdef |
      | users         | []                   |
    Then the answer is 400 "inexistent_connection" "The connection does not exist."

  Scenario: users are exported
    When I POST "/jobs/users-exports" with
      """
      { "format": "csv", "limit": 5, "fields": [{ "name": "email", "export_as": "address" }] }
      """
    Then the answer is 200
    And the answer carries
      | type   | users_export |
      | status | pending      |
      | format | csv          |
      | limit  | 5            |

  Scenario: a job is about users and connections that are there
    When I POST "/jobs/verification-email" with
      """
      { "user_id": "auth0|nobody" }
      """
    Then the answer is 404 "inexistent_user" "The user does not exist."
    When I POST "/jobs/users-exports" with
      """
      { "connection_id": "con_0123456789abcdef" }
      """
    Then the answer is 400 "inexistent_connection" "The connection does not exist."

  @assumption
  Scenario: a job that is not there
    When I GET "/jobs/job_0123456789abcdef"
    Then the answer is 404 "inexistent_job" "The job does not exist."
