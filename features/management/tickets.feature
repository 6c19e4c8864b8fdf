@mock-only
Feature: Tickets

  Scenario: a link with which a user confirms an email address, and one with which it chooses a password
    Given a user "ada"
    When I POST "/tickets/email-verification" with
      """
      { "user_id": "{ada.user_id}", "result_url": "https://app.example/verified", "ttl_sec": 3600 }
      """
    Then the answer is 201
    And the answer's members are "ticket"
    When I POST "/tickets/password-change" with
      """
      { "user_id": "{ada.user_id}", "mark_email_as_verified": true, "includeEmailInRedirect": true }
      """
    Then the answer is 201
    And the answer's members are "ticket"

  Scenario: tickets are for users
    When I POST "/tickets/email-verification" with
      """
      { "user_id": "auth0|nobody" }
      """
    Then the answer is 404 "inexistent_user" "The user does not exist."
    When I POST "/tickets/password-change" with
      """
      { "user_id": "auth0|nobody" }
      """
    Then the answer is 404 "inexistent_user" "The user does not exist."

  @assumption
  Scenario: the user of a new password is named in one way
    Given a user "ada"
    When I POST "/tickets/password-change" with
      """
      { "user_id": "{ada.user_id}", "email": "{ada.email}" }
      """
    Then the answer is 400 "invalid_body" "Either user_id, or connection_id and email, must be provided"
    When I POST "/tickets/password-change" with
      """
      { "email": "{ada.email}" }
      """
    Then the answer is 400 "invalid_body" "Either user_id, or connection_id and email, must be provided"

  @assumption
  Scenario: where the user goes afterwards is said in one way
    Given a user "ada"
    And an application "app"
    And an organization "acme"
    When I POST "/tickets/email-verification" with
      """
      { "user_id": "{ada.user_id}", "result_url": "https://app.example/", "client_id": "{app.client_id}" }
      """
    Then the answer is 400 "invalid_body" "result_url cannot be specified when using client_id or organization_id"
    When I POST "/tickets/password-change" with
      """
      { "user_id": "{ada.user_id}", "result_url": "https://app.example/", "organization_id": "{acme.id}" }
      """
    Then the answer is 400 "invalid_body" "result_url cannot be specified when using client_id or organization_id"
    When I POST "/tickets/password-change" with
      """
      { "user_id": "{ada.user_id}", "client_id": "{app.client_id}", "organization_id": "{acme.id}" }
      """
    Then the answer is 201

  @assumption
  Scenario: an identity is one of the user's
    Given a user "ada"
    When I POST "/tickets/email-verification" with
      """
      { "user_id": "{ada.user_id}", "identity": { "user_id": "somebody-else", "provider": "auth0" } }
      """
    Then the answer is 400 "invalid_body" "The identity does not belong to the user"
    When I POST "/tickets/email-verification" with
      """
      {
        "user_id": "{ada.user_id}",
        "identity": { "user_id": "{ada.identities.0.user_id}", "provider": "auth0" }
      }
      """
    Then the answer is 201
