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
