Feature: The tenant's log

  The log has entries for token requests, used quotas and changes through the Management API. A client reads it by
  search criteria, newest first, or by checkpoint, oldest first.

  Background:
    Given an API "travel" with scopes "read:trips book:trips"
    And an application "bot"
    And an organization "acme"
    And a client grant for "bot" on "travel" with
      """
      { "scope": ["read:trips", "book:trips"], "organization_usage": "allow", "allow_any_organization": true }
      """

  @R106 @R107
  Scenario: a token for an organization
    When "bot" asks for a token for "travel" in organization "acme" with scope "read:trips"
    And I GET "/logs?q=client_id:{bot.client_id}"
    Then the list has exactly these "type"
      | seccft |
    And the answer carries
      | 0.description       | Client Credentials for Access Token |
      | 0.client_id         | {bot.client_id}                     |
      | 0.client_name       | {bot.name}                          |
      | 0.audience          | {travel.identifier}                 |
      | 0.scope             | read:trips                          |
      | 0.organization_id   | {acme.id}                           |
      | 0.organization_name | {acme.name}                         |
      | 0.user_id           |                                     |
      | 0.user_name         |                                     |

  @R108
  Scenario: a token without an organization
    When "bot" asks for a token for "travel"
    And I GET "/logs?q=client_id:{bot.client_id}"
    Then the answer carries
      | 0.type  | seccft                |
      | 0.scope | read:trips book:trips |
    And the answer carries no "0.organization_id"
    And the answer carries no "0.organization_name"

  @R106
  Scenario: a refused token is found by the audit query
    When "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel" in organization "acme" with scope "delete:trips"
    And I GET "/logs?q=type:feccft%20AND%20client_id:%22{bot.client_id}%22"
    Then the list has exactly these "type"
      | feccft |
    And the answer carries
      | 0.description       | Client has not been granted scopes: delete:trips |
      | 0.client_name       | {bot.name}                                       |
      | 0.audience          | {travel.identifier}                              |
      | 0.scope             | delete:trips                                     |
      | 0.organization_id   | {acme.id}                                        |
      | 0.organization_name | {acme.name}                                      |

  @R106
  Scenario: a client that nobody knows
    When the token endpoint is sent the form
      """
      grant_type=client_credentials
      client_id={acme.id}
      client_secret=guessed
      audience={travel.identifier}
      """
    And I GET "/logs?q=type:feccft%20AND%20client_id:{acme.id}"
    Then the answer carries
      | 0.description | Unauthorized        |
      | 0.client_id   | {acme.id}           |
      | 0.client_name |                     |
      | 0.audience    | {travel.identifier} |

  @serial
  Scenario: a change over the Management API
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "client_secret": "a-secret-of-more-than-forty-eight-characters-of-length", "description": "Books trips" }
      """
    And I GET "/logs?q=type:sapi%20AND%20description:%22Update%20a%20client%22&sort=date:-1&per_page=1"
    Then the answer carries
      | 0.client_id                          | {management.client_id}             |
      | 0.details.request.method             | patch                              |
      | 0.details.request.path               | /api/v2/clients/{bot.client_id}    |
      | 0.details.request.body.description   | Books trips                        |
      | 0.details.request.body.client_secret | *****                              |
      | 0.details.response.statusCode        | 200                                |
      | 0.details.response.body.client_id    | {bot.client_id}                    |

  @assumption @serial @mock-only
  Scenario: a refused change
    When I DELETE "/organizations/org_noneatallxxxxxxx"
    And I GET "/logs?q=type:fapi&per_page=1"
    Then the answer carries
      | 0.type                        | fapi                                      |
      | 0.description                 | No organization found by that id or name  |
      | 0.details.request.method      | delete                                    |
      | 0.details.response.statusCode | 404                                       |

  Scenario: an entry by its id
    When "bot" asks for a token for "travel"
    And I GET "/logs?q=client_id:{bot.client_id}"
    Then the list has exactly these "type"
      | seccft |
    When it is remembered as "page"
    And I GET "/logs/{page.0.log_id}"
    Then the answer is 200
    And the answer carries
      | log_id    | {page.0.log_id} |
      | _id       | {page.0.log_id} |
      | type      | seccft          |
      | client_id | {bot.client_id} |
    When I GET "/logs/90020260101000001000000000000000000000000000000000000000"
    Then the answer is 404 "Log not found."

  @serial
  Scenario: by checkpoint, the entries after one come, oldest first
    When "bot" asks for a token for "travel" with scope "read:trips"
    And "bot" asks for a token for "travel" with scope "book:trips"
    And I GET "/logs?q=client_id:{bot.client_id}&sort=date:1"
    Then the list has exactly these "scope"
      | read:trips |
      | book:trips |
    When it is remembered as "page"
    And I GET "/logs?from={page.0.log_id}&take=1&page=7"
    Then the list has exactly these "log_id"
      | {page.1.log_id} |
    And the header "link" begins with "<http"
    When I GET "/logs?from=yesterday&take=1"
    Then the answer is 400

  Scenario: pages, totals and the choice of fields
    When "bot" asks for a token for "travel" with scope "read:trips"
    And "bot" asks for a token for "travel" with scope "book:trips"
    And I GET "/logs?q=client_id:{bot.client_id}&per_page=1&page=1&include_totals=true&fields=type,client_name"
    Then the answer's members are "length, limit, logs, start, total"
    And the answer carries
      | start              | 1          |
      | limit              | 1          |
      | length             | 1          |
      | total              | 1          |
      | logs.0.client_name | {bot.name} |
      | logs.0.type        | seccft     |
    And the answer carries no "logs.0.client_id"

  Scenario Outline: searches: <query>
    When "bot" asks for a token for "travel" in organization "acme" with scope "read:trips"
    And I GET "/logs?q=client_id:{bot.client_id}%20AND%20(<query>)"
    Then the list has exactly these "type"
      | seccft |

    Examples:
      | query                                            |
      | type:s*                                          |
      | type:(seccft%20OR%20feccft)                      |
      | description:*Access*                             |
      | %22Client%20Credentials%20for%20Access%20Token%22 |
      | organization_id:%22{acme.id}%22                  |
      | _exists_:organization_id                         |
      | NOT%20_exists_:connection                        |
      | date:[2018-12-10%20TO%20*]                       |

  Scenario: a field that cannot be searched
    When I GET "/logs?q=user_email:a"
    Then the answer is 400 "invalid_query_string" and begins with
      """
      The search query string has an error: unknown field "user_email"
      """

  @assumption
  Scenario Outline: what is no query: <query>
    When I GET "/logs?q=<query>"
    Then the answer is 400 "invalid_query_string" "The search query string has an error: invalid syntax"

    Examples:
      | query         |
      | type:(seccft  |
      | NOT%20NOT%20a |
