Feature: Who may call the Management API

  Background:
    Given an application "auditor"

  Scenario: a token from the token endpoint opens it
    Given a client grant for "auditor" on the Management API with scopes "read:organizations"
    And an organization "acme"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/organizations/{acme.id}"
    Then the answer is 200

  Scenario: one of several scopes is enough
    Given a client grant for "auditor" on the Management API with scopes "read:organizations_summary"
    And an organization "acme"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/organizations/{acme.id}"
    Then the answer is 200

  Scenario: a scope that is missing
    Given a client grant for "auditor" on the Management API with scopes "read:clients"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/resource-servers"
    Then the answer is 403
      """
      {
        "statusCode": 403,
        "error": "Forbidden",
        "message": "Insufficient scope, expected any of: read:resource_servers",
        "errorCode": "insufficient_scope"
      }
      """

  Scenario: only the scopes in the token count
    Given a client grant for "auditor" on the Management API with scopes "read:clients create:clients"
    When "auditor" asks for a token for the Management API with scope "read:clients"
    And with that token I POST "/clients" with
      """
      { "name": "{unique.nobody}" }
      """
    Then the answer is 403 "insufficient_scope" "Insufficient scope, expected any of: create:clients"

  Scenario: the scope is looked at before the body
    Given a client grant for "auditor" on the Management API with scopes "read:clients"
    When "auditor" asks for a token for the Management API
    And with that token I POST "/organizations" with
      """
      { "unknown": true }
      """
    Then the answer is 403

  Scenario Outline: <what> as authorization
    When with the authorization "<authorization>" I GET "/organizations"
    Then the answer is <status>
      """
      <body>
      """

    Examples:
      | what                | authorization  | status | body                                                                                                                        |
      | another scheme      | Basic YTpi     | 401    | {"statusCode":401,"error":"Unauthorized","message":"Missing authentication"}                                                |
      | one word            | Bearer         | 400    | {"statusCode":400,"error":"Bad Request","message":"Bad HTTP authentication header format","errorCode":"Bearer"}             |
      | three words         | Bearer a b     | 400    | {"statusCode":400,"error":"Bad Request","message":"Bad HTTP authentication header format","errorCode":"Bearer"}             |
      | not three parts     | Bearer a.b     | 400    | {"statusCode":400,"error":"Bad Request","message":"Bad HTTP authentication header format","errorCode":"Bearer"}             |

  Scenario: no authorization
    When without authorization I GET "/organizations"
    Then the answer is 401
      """
      { "statusCode": 401, "error": "Unauthorized", "message": "Missing authentication" }
      """
    And the header "www-authenticate" is "Bearer"

  Scenario: a token that nobody signed
    When with the authorization "Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl" I GET "/organizations"
    Then the answer is 401
      """
      {
        "statusCode": 401,
        "error": "Unauthorized",
        "message": "Invalid signature received for JSON Web Token validation",
        "attributes": { "error": "Invalid signature received for JSON Web Token validation" }
      }
      """
    And the header "www-authenticate" is "Bearer error='Invalid signature received for JSON Web Token validation'"

  Scenario: a token for another API
    Given an API "travel"
    And a client grant for "auditor" on "travel"
    When "auditor" asks for a token for "travel"
    And with that token I GET "/organizations"
    Then the answer is 401
      """
      { "statusCode": 401, "error": "Unauthorized", "message": "Bad audience: {travel.identifier}" }
      """

  Scenario: a path that does not exist
    When I GET "/unicorns"
    Then the answer is 404
      """
      { "statusCode": 404, "error": "Not Found", "message": "Not Found" }
      """
