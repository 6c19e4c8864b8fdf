Feature: Users

  Scenario: a user answers what was said, and a profile that follows from it
    Given a user "alice"
    Then the answer's members are "created_at, email, email_verified, identities, name, nickname, picture, updated_at, user_id"
    And the answer's "user_id" has the form "auth0| + 24 lower-case hex"
    And the answer carries
      | email                   | {alice.email}                    |
      | email_verified          | false                            |
      | name                    | {alice.email}                    |
      | identities.0.connection | Username-Password-Authentication |
      | identities.0.provider   | auth0                            |
      | identities.0.isSocial   | false                            |
    When I GET "/users/{alice.user_id}"
    Then the answer is 200
    And the answer carries
      | user_id | {alice.user_id} |
      | email   | {alice.email}   |

  Scenario: a user whose id was said
    Given a user "alice" with
      """
      { "user_id": "the-first-of-them", "username": "alice" }
      """
    Then the answer carries
      | user_id              | auth0\|the-first-of-them |
      | identities.0.user_id | the-first-of-them        |
      | username             | alice                    |

  Scenario: the address is kept in lower case
    When I POST "/users" with
      """
      { "connection": "Username-Password-Authentication", "email": "{unique.John}@Travel0.example", "password": "Passengers 1st" }
      """
    Then the answer is 201
    And the answer carries
      | email    | {unique.john}@travel0.example |
      | nickname | {unique.john}                 |

  Scenario: an address is taken once in a connection
    Given a user "alice"
    When I POST "/users" with
      """
      { "connection": "Username-Password-Authentication", "email": "{alice.email}", "password": "Passengers 1st" }
      """
    Then the answer is 409 "auth0_idp_error" "The user already exists."

  Scenario: users live in a connection
    When I POST "/users" with
      """
      { "connection": "nowhere", "email": "{unique.alice}@travel0.example", "password": "Passengers 1st" }
      """
    Then the answer is 400 "inexistent_connection" "The connection does not exist."

  Scenario: a weak password is refused
    When I POST "/users" with
      """
      { "connection": "Username-Password-Authentication", "email": "{unique.weak}@travel0.example", "password": "password" }
      """
    Then the answer is 400 "invalid_body" "PasswordStrengthError: Password is too weak"

  Scenario: metadata is merged on its first level
    Given a user "alice" with
      """
      { "app_metadata": { "plan": { "name": "gold", "seats": 2 }, "since": 2020 }, "user_metadata": { "theme": "dark" } }
      """
    When I PATCH "/users/{alice.user_id}" with
      """
      { "app_metadata": { "plan": { "name": "silver" }, "since": null }, "user_metadata": { "language": "fr" } }
      """
    Then the answer is 200
    And the answer carries
      | app_metadata  | { "plan": { "name": "silver" } }         |
      | user_metadata | { "theme": "dark", "language": "fr" }    |
    When I PATCH "/users/{alice.user_id}" with
      """
      { "app_metadata": {}, "user_metadata": {} }
      """
    Then the answer carries no "app_metadata"
    And the answer carries
      | user_metadata | {} |

  Scenario: null takes an attribute away
    Given a user "alice" with
      """
      { "given_name": "Alice", "family_name": "Liddell" }
      """
    When I PATCH "/users/{alice.user_id}" with
      """
      { "family_name": null, "name": "Alice" }
      """
    Then the answer carries no "family_name"
    And the answer carries
      | given_name | Alice |
      | name       | Alice |

  Scenario Outline: <one> and <other> are changed one at a time
    Given a user "alice"
    When I PATCH "/users/{alice.user_id}" with
      """
      { "<one>": <value>, "<other>": <other value> }
      """
    Then the answer is 400 "invalid_body" "Cannot update <one> and <other> simultaneously"

    Examples:
      | one      | value            | other          | other value       |
      | password | "Passengers 2nd" | email          | "b@t.example"     |
      | password | "Passengers 2nd" | email_verified | true              |
      | username | "bob"            | password       | "Passengers 2nd"  |
      | username | "bob"            | email          | "b@t.example"     |
      | username | "bob"            | email_verified | true              |

  Scenario: a new address that another user has is refused
    Given a user "alice"
    And a user "bob"
    When I PATCH "/users/{bob.user_id}" with
      """
      { "email": "{alice.email}" }
      """
    Then the answer is 400 "auth0_idp_error" "The specified new email already exists"

  Scenario: what a user does not have cannot be set
    Given a user "alice"
    When I PATCH "/users/{alice.user_id}" with
      """
      { "identities": [], "seat": "12A" }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: 'Additional properties not allowed: seat,identities (consider storing them in app_metadata or user_metadata.
      """

  Scenario: a token for metadata changes nothing else
    Given a user "alice"
    And an application "bot"
    And a client grant for "bot" on the Management API with scopes "update:users_app_metadata"
    When "bot" asks for a token for the Management API
    And with that token I PATCH "/users/{alice.user_id}" with
      """
      { "app_metadata": { "seat": "12A" } }
      """
    Then the answer is 200
    When with that token I PATCH "/users/{alice.user_id}" with
      """
      { "blocked": true }
      """
    Then the answer is 403

  Scenario: users by their address
    Given a user "alice"
    And a user "bob"
    When I GET "/users-by-email?email={bob.email}"
    Then the list is a bare array
    And the list has exactly these "user_id"
      | {bob.user_id} |
    When I GET "/users-by-email?email={bob.email}&fields=email"
    Then the list has exactly these "email"
      | {bob.email} |

  Scenario: pages of users tell their length
    Given a user "alice"
    When I GET "/users?per_page=1&include_totals=true"
    Then the answer's members are "length, limit, start, total, users"
    And the answer carries
      | start  | 0 |
      | limit  | 1 |
      | length | 1 |

  Scenario: no page beyond the first thousand
    When I GET "/users?per_page=100&page=10"
    Then the answer is 400 "invalid_paging" "You can only page through the first 1000 records"

  Scenario: a deleted user is gone, and a second time is no error
    Given a user "alice"
    When I DELETE "/users/{alice.user_id}"
    Then the answer is 204
    When I DELETE "/users/{alice.user_id}"
    Then the answer is 204
    When I GET "/users/{alice.user_id}"
    Then the answer is 404 "inexistent_user" "The user does not exist."
