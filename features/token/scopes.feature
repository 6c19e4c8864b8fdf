Feature: Scopes of a token

  Background:
    Given an API "travel" with scopes "read:trips write:trips delete:trips"
    And an application "bot"
    And a client grant for "bot" on "travel" with scopes "read:trips write:trips"

  @R74
  Scenario: none asked for, all granted
    When "bot" asks for a token for "travel"
    Then the token carries the scopes "read:trips write:trips"

  @R75
  Scenario Outline: "<asked>" asked for
    When "bot" asks for a token for "travel" with scope "<asked>"
    Then the token carries the scopes "<asked>"

    Examples:
      | asked                  |
      | read:trips             |
      | write:trips            |
      | write:trips read:trips |

  @R76 @T5
  Scenario Outline: <what> is not given
    When "bot" asks for a token for "travel" with scope "<asked>"
    Then the token is refused with 403 "access_denied" "Client has not been granted scopes: <missing>"

    Examples:
      | what                         | asked                                       | missing                    |
      | a scope outside the grant    | delete:trips                                | delete:trips               |
      | a scope the API has not      | drive:trains                                | drive:trains               |
      | a scope of OpenID Connect    | openid                                      | openid                     |
      | one of two                   | read:trips openid                           | openid                     |
      | two of four                  | read:trips openid write:trips delete:trips  | openid, delete:trips       |

  @R75
  Scenario: a changed grant changes new tokens
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "scope": ["read:trips"] }
      """
    And "bot" asks for a token for "travel"
    Then the token carries the scopes "read:trips"

  @R66 @R74
  Scenario: all scopes of the API
    Given an application "admin"
    And a client grant for "admin" on "travel" with
      """
      { "allow_all_scopes": true }
      """
    When "admin" asks for a token for "travel"
    Then the token carries the scopes "read:trips write:trips delete:trips"

  @R64 @R74 @assumption
  Scenario: a scope that only the grant knows is given
    Given an application "old bot"
    And a client grant for "old bot" on "travel" with scopes "fly:planes"
    When "old bot" asks for a token for "travel"
    Then the token carries the scopes "fly:planes"

  @assumption
  Scenario: the organization is looked at before the scopes
    When "bot" asks for a token for "travel" with
      | organization | org_0000000000000000 |
      | scope        | delete:trips         |
    Then the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"
