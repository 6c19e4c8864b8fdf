Feature: Identities of users

  Scenario: a second account is linked, and is a user no more
    Given a user "alice"
    And a user "second" with
      """
      { "given_name": "Alice", "email_verified": true }
      """
    When I POST "/users/{alice.user_id}/identities" with
      """
      { "provider": "auth0", "user_id": "{second.user_id}" }
      """
    Then the answer is 201
    And the answer carries
      | 0.user_id                    | {alice.identities.0.user_id}     |
      | 1.user_id                    | {second.identities.0.user_id}    |
      | 1.provider                   | auth0                            |
      | 1.connection                 | Username-Password-Authentication |
      | 1.isSocial                   | false                            |
      | 1.profileData.email          | {second.email}                   |
      | 1.profileData.email_verified | true                             |
      | 1.profileData.given_name     | Alice                            |
    When I GET "/users/{second.user_id}"
    Then the answer is 404
    When I GET "/users/{alice.user_id}"
    Then the answer carries
      | identities.1.user_id | {second.identities.0.user_id} |

  Scenario: an unlinked account is a user again
    Given a user "alice"
    And a user "second"
    And I POST "/users/{alice.user_id}/identities" with
      """
      { "provider": "auth0", "user_id": "{second.identities.0.user_id}" }
      """
    When I DELETE "/users/{alice.user_id}/identities/auth0/{second.identities.0.user_id}"
    Then the list has exactly these "user_id"
      | {alice.identities.0.user_id} |
    When I GET "/users/{second.user_id}"
    Then the answer is 200
    And the answer carries
      | email | {second.email} |
      | name  | {second.email} |

  Scenario: a linked account keeps its address
    Given a user "alice"
    And a user "second"
    And I POST "/users/{alice.user_id}/identities" with
      """
      { "provider": "auth0", "user_id": "{second.user_id}" }
      """
    When I POST "/users" with
      """
      { "connection": "Username-Password-Authentication", "email": "{second.email}", "password": "Passengers 1st" }
      """
    Then the answer is 409 "auth0_idp_error" "The user already exists."

  Scenario: nobody is linked with themselves
    Given a user "alice"
    When I POST "/users/{alice.user_id}/identities" with
      """
      { "provider": "auth0", "user_id": "{alice.user_id}" }
      """
    Then the answer is 400

  Scenario: an account that is not there cannot be linked
    Given a user "alice"
    When I POST "/users/{alice.user_id}/identities" with
      """
      { "provider": "auth0", "user_id": "nobody" }
      """
    Then the answer is 404 "inexistent_user" "The user does not exist."

  Scenario: the first identity stays
    Given a user "alice"
    When I DELETE "/users/{alice.user_id}/identities/auth0/{alice.identities.0.user_id}"
    Then the answer is 400
