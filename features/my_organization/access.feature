# The API is a setting of the tenant: one scenario at a time may activate it. A shared tenant may have it already.
@mock-only @serial
Feature: Who may call the My Organization API

  Background:
    Given an API "myorg" with
      """
      { "identifier": "{tenant.issuer}my-org/", "name": "My Organization API" }
      """
    And an organization "acme"
    And an application "bot" with
      """
      {
        "my_organization_configuration": {
          "allowed_strategies": ["okta"], "connection_deletion_behavior": "allow_if_empty"
        }
      }
      """
    And I POST "/client-grants" with
      """
      {
        "client_id": "{bot.client_id}", "audience": "{myorg.identifier}",
        "scope": ["read:my_org:details", "read:my_org:configuration"],
        "organization_usage": "require", "allow_any_organization": true
      }
      """

  Scenario: the activated API is a system API that denies every application
    When I GET "/resource-servers/{myorg.id}"
    Then the answer carries
      | name                                      | Auth0 My Organization API |
      | is_system                                 | true                      |
      | token_lifetime                            | 600                       |
      | subject_type_authorization.client.policy  | deny_all                  |
      | subject_type_authorization.user.policy    | require_client_grant      |
    When "bot" asks for a token for "myorg" in organization "acme"
    Then the token is refused with 403 "access_denied"

  Scenario: a token of the organization opens it after the policy allows client grants
    Given I PATCH "/resource-servers/{myorg.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "require_client_grant" } } }
      """
    When "bot" asks for a token for "myorg" in organization "acme"
    Then a token for organization "acme" is granted
    And the token is good for 600 seconds
    When with that token I GET "/my-org/details"
    Then the answer is 200
      """
      { "id": "{acme.id}", "name": "{acme.name}", "display_name": "{acme.display_name}" }
      """
    When with that token I GET "/my-org/v1/config"
    Then the answer is 200
      """
      { "allowed_strategies": ["okta"], "connection_deletion_behavior": "allow_if_empty" }
      """
    # A token of this API opens no other API.
    When with that token I GET "/organizations"
    Then the answer is 401

  Scenario: a scope that is missing
    Given I PATCH "/resource-servers/{myorg.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "require_client_grant" } } }
      """
    When "bot" asks for a token for "myorg" in organization "acme"
    And with that token I DELETE "/my-org"
    Then the answer is 403
      """
      {
        "type": "https://auth0.com/api-errors#A0E-403-0002",
        "status": 403,
        "title": "Insufficient Scope",
        "detail": "The auth token lacks the required scope: Check the API documentation for the required scopes for this endpoint."
      }
      """

  Scenario: a request without a token
    When without authorization I GET "/my-org/details"
    Then the answer is 401
      """
      {
        "type": "https://auth0.com/api-errors#A0E-401-0002",
        "status": 401,
        "title": "Missing Token",
        "detail": "No auth token provided."
      }
      """

  @assumption
  Scenario: a token without an organization
    Given I PATCH "/resource-servers/{myorg.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "require_client_grant" } } }
      """
    And an application "plain" with
      """
      { "my_organization_configuration": { "allowed_strategies": ["okta"], "connection_deletion_behavior": "allow" } }
      """
    And a client grant for "plain" on "myorg" with scopes "read:my_org:details"
    When "plain" asks for a token for "myorg"
    Then a token without an organization is granted
    When with that token I GET "/my-org/details"
    Then the answer is 404
      """
      {
        "type": "https://auth0.com/api-errors#A0E-404-0002",
        "status": 404,
        "title": "Resource Not Found",
        "detail": "The organization does not exist."
      }
      """

  @assumption
  Scenario: an application without a configuration for this API
    Given I PATCH "/resource-servers/{myorg.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "require_client_grant" } } }
      """
    And I PATCH "/clients/{bot.client_id}" with
      """
      { "my_organization_configuration": null }
      """
    When "bot" asks for a token for "myorg" in organization "acme"
    And with that token I GET "/my-org/config"
    Then the answer is 409
      """
      {
        "type": "https://auth0.com/api-errors#A0E-409-0001",
        "status": 409,
        "title": "Configuration issue",
        "detail": "Invalid or missing configuration, please contact tenant admin."
      }
      """
