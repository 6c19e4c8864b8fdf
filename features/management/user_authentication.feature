Feature: How users prove themselves

  Background:
    Given a user "alice"

  Scenario: an address that a code is sent to
    When I POST "/users/{alice.user_id}/authentication-methods" with
      """
      { "type": "email", "name": "home", "email": "chuck334@example.com" }
      """
    Then the answer is 201
    And the answer's members are "created_at, email, id, name, type"
    And the answer's "id" has the form "email|dev_ + 16 alphanumeric"
    And the answer carries
      | email | chuc****@exam******* |
    When it is remembered as "method"
    And I GET "/users/{alice.user_id}/authentication-methods/{method.id}"
    Then the answer carries
      | id        | {method.id} |
      | confirmed | true        |
    When I PATCH "/users/{alice.user_id}/authentication-methods/{method.id}" with
      """
      { "name": "office" }
      """
    Then the answer carries
      | name | office |
    When I GET "/users/{alice.user_id}/authentication-methods"
    Then the list has exactly these "id"
      | {method.id} |
    When I DELETE "/users/{alice.user_id}/authentication-methods/{method.id}"
    Then the answer is 204
    When I GET "/users/{alice.user_id}/authentication-methods/{method.id}"
    Then the answer is 404

  Scenario: all of them are replaced at once, and deleted at once
    When I PUT "/users/{alice.user_id}/authentication-methods" with
      """
      [{ "type": "phone", "phone_number": "+441234567890" }, { "type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP" }]
      """
    Then the answer is 200
    And the answer carries
      | 0.preferred_authentication_method | sms |
      | 1.type                            | totp |
    When I DELETE "/users/{alice.user_id}/authentication-methods"
    Then the answer is 204
    When I GET "/users/{alice.user_id}/authentication-methods"
    Then the list is empty

  Scenario: a method without what it needs is refused
    When I POST "/users/{alice.user_id}/authentication-methods" with
      """
      { "type": "phone" }
      """
    Then the answer is 400

  Scenario Outline: nobody logs in, so <list> is empty
    When I GET "<path>"
    Then the answer is 200
    And the list is empty

    Examples:
      | list                | path                                                  |
      | the sessions        | /users/{alice.user_id}/sessions                       |
      | the refresh tokens  | /users/{alice.user_id}/refresh-tokens                 |
      | all refresh tokens  | /refresh-tokens?user_id={alice.user_id}               |
      | the enrollments     | /users/{alice.user_id}/enrollments                    |
      | the accounts        | /users/{alice.user_id}/connected-accounts             |
      | the token sets      | /users/{alice.user_id}/federated-connections-tokensets |
      | the groups          | /users/{alice.user_id}/groups                         |
      | the log             | /users/{alice.user_id}/logs                           |
      | the blocks          | /user-blocks/{alice.user_id}                          |
      | the address' blocks | /user-blocks?identifier={alice.email}                 |

  @assumption
  Scenario Outline: <path> is not found
    When I GET "<path>"
    Then the answer is 404 "<sentence>"

    Examples:
      | path                           | sentence                          |
      | /sessions/nothing              | The session does not exist.       |
      | /refresh-tokens/nothing        | The refresh token does not exist. |
      | /users/auth0%7Cnobody/sessions | The user does not exist.          |

  Scenario: a new recovery code
    When I POST "/users/{alice.user_id}/recovery-code-regeneration"
    Then the answer is 200
    And the answer's members are "recovery_code"

  Scenario: everything that logins left behind ends at once
    When I DELETE "/users/{alice.user_id}/sessions"
    Then the answer is 202
    When I DELETE "/users/{alice.user_id}/refresh-tokens"
    Then the answer is 202
    When I POST "/users/{alice.user_id}/revoke-access" with
      """
      {}
      """
    Then the answer is 202
    When I POST "/users/{alice.user_id}/multifactor/actions/invalidate-remember-browser"
    Then the answer is 204 without a body
    When I DELETE "/users/{alice.user_id}/multifactor/duo"
    Then the answer is 204 without a body
    When I DELETE "/users/{alice.user_id}/authenticators"
    Then the answer is 204 without a body
    When I DELETE "/users/{alice.user_id}/federated-connections-tokensets/nothing"
    Then the answer is 204 without a body
    When I POST "/users/{alice.user_id}/risk-assessments/clear" with
      """
      { "connection": "Username-Password-Authentication", "assessors": ["new-device"] }
      """
    Then the answer is 204 without a body

  Scenario: an enrollment is an authentication method by the id of its device
    When I POST "/users/{alice.user_id}/authentication-methods" with
      """
      { "type": "phone", "name": "mobile", "phone_number": "+441234567890" }
      """
    And I GET "/users/{alice.user_id}/enrollments"
    Then the answer's "0.id" has the form "dev_ + 16 alphanumeric"
    And the answer carries
      | 0.status      | confirmed |
      | 0.auth_method | sms       |
    Given the answer's "0" is remembered as "enrollment"
    When I GET "/guardian/enrollments/{enrollment.id}"
    Then the answer carries
      | id     | {enrollment.id} |
      | status | confirmed       |
    When I DELETE "/users/{alice.user_id}/authenticators"
    And I GET "/guardian/enrollments/{enrollment.id}"
    Then the answer is 404 "enrollment_not_found" "Enrollment not found"
    When I GET "/users/{alice.user_id}/authentication-methods"
    Then the list is empty

  @mock-only
  Scenario: a ticket for an enrollment, and its end
    When I POST "/guardian/enrollments/ticket" with
      """
      { "user_id": "{alice.user_id}", "send_mail": false }
      """
    Then the answer is 200
    And the answer's members are "ticket_id, ticket_url"
    When I POST "/guardian/enrollments/ticket" with
      """
      { "user_id": "auth0|nobody" }
      """
    Then the answer is 404 "User not found."
    Given I POST "/users/{alice.user_id}/authentication-methods" with
      """
      { "type": "totp", "totp_secret": "JBSWY3DPEHPK3PXP" }
      """
    And I GET "/users/{alice.user_id}/enrollments"
    And the answer's "0.id" is remembered as "device"
    When I DELETE "/guardian/enrollments/totp|{device}"
    Then the answer is 204 without a body
    When I GET "/users/{alice.user_id}/authentication-methods"
    Then the list is empty

  # A run on a shared tenant changes nothing at a path that does not name an entity of its own.
  @mock-only
  Scenario: blocks are lifted
    When I DELETE "/user-blocks/{alice.user_id}"
    Then the answer is 204 without a body
    When I DELETE "/user-blocks?identifier={alice.email}"
    Then the answer is 204 without a body

  @assumption
  Scenario: a session and a refresh token that are not there
    When I PATCH "/sessions/00000000000000000000" with
      """
      { "session_metadata": { "theme": "dark" } }
      """
    Then the answer is 404 "inexistent_session" "The session does not exist."
    When I POST "/sessions/00000000000000000000/revoke"
    Then the answer is 404 "inexistent_session" "The session does not exist."
    When I DELETE "/sessions/00000000000000000000"
    Then the answer is 202
    When I PATCH "/refresh-tokens/00000000000000000000" with
      """
      { "refresh_token_metadata": { "theme": "dark" } }
      """
    Then the answer is 404 "inexistent_refresh_token" "The refresh token does not exist."
    When I DELETE "/refresh-tokens/00000000000000000000"
    Then the answer is 204 without a body

  @mock-only
  Scenario: refresh tokens are revoked by user
    When I POST "/refresh-tokens/revoke" with
      """
      { "user_id": "{alice.user_id}" }
      """
    Then the answer is 202
