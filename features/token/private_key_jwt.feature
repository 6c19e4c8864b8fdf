Feature: Applications that prove themselves with a key

  An application signs a short-lived assertion with its own key instead of sending a secret. The
  tenant's log has the reason of a refusal; the answer does not.

  Background:
    Given an API "travel" with scopes "read:trips"
    And an application "bot" with a key
    And a client grant for "bot" on "travel"

  Scenario: an assertion instead of a secret
    When "bot" asks for a token for "travel" with an assertion
    Then a token is granted
    And the token carries
      | sub | {bot.client_id}@clients |

  Scenario Outline: a key for <algorithm>
    Given an application "courier" with a key for <algorithm>
    And a client grant for "courier" on "travel"
    When "courier" asks for a token for "travel" with an assertion that has
      | alg | <algorithm> |
    Then a token is granted

    Examples:
      | algorithm |
      | RS256     |
      | RS384     |
      | PS256     |

  Scenario Outline: <what>
    When "bot" asks for a token for "travel" with an assertion that has
      | <name> | <value> |
    Then a token is granted

    Examples:
      | what                                          | name       | value                                                         |
      | the id of the key                             | kid        | {bot.client_authentication_methods.private_key_jwt.credentials.0.kid} |
      | the token endpoint as audience                | aud        | {tenant.issuer}oauth/token                                    |
      | several audiences                             | aud        | ["https://elsewhere.example/", "{tenant.issuer}"]             |
      | no time at which it was made                  | iat        | (left out)                                                    |
      | a life of five minutes                        | exp        | now + 290                                                     |
      | a clock that is some seconds ahead            | iat        | now + 5                                                       |
      | a time from which on it is valid              | nbf        | now - 5                                                       |
      | the client's id in the request as well        | .client_id | {bot.client_id}                                               |

  @T2 @assumption
  Scenario Outline: refused: <fault>
    When "bot" asks for a token for "travel" with an assertion that has
      | <name> | <value> |
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

    Examples:
      | fault                                    | name                   | value                    |
      | another algorithm than the credential's  | alg                    | PS256                    |
      | no algorithm                             | alg                    | none                     |
      | the id of a key that the client lacks    | kid                    | nobody                   |
      | another issuer                           | iss                    | nobody                   |
      | another subject                          | sub                    | nobody                   |
      | no issuer                                | iss                    | (left out)               |
      | another audience                         | aud                    | https://nowhere.example/ |
      | no audience                              | aud                    | (left out)               |
      | no end                                   | exp                    | (left out)               |
      | a life of more than five minutes         | exp                    | now + 330                |
      | an end that is past                      | exp                    | now - 20                 |
      | a time of making far ahead               | iat                    | now + 30                 |
      | a beginning far ahead                    | nbf                    | now + 30                 |
      | no id of its own                         | jti                    | (left out)               |
      | no type of assertion                     | .client_assertion_type | (left out)               |
      | another type of assertion                | .client_assertion_type | jwt-bearer               |
      | another client in the request            | .client_id             | {management.client_id}   |
      | a secret beside it                       | .client_secret         | secret                   |

  @T2 @assumption
  Scenario: a key that the client does not have
    When "bot" asks for a token for "travel" with an assertion by a strange key
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @T2 @assumption
  Scenario Outline: a <what> of 65 characters
    When "bot" asks for a token for "travel" with an assertion that has
      | <name> | 01234567890123456789012345678901234567890123456789012345678901234x |
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

    Examples:
      | what    | name |
      | issuer  | iss  |
      | subject | sub  |
      | name    | jti  |

  @T2 @assumption
  Scenario: an assertion is good once
    When "bot" asks for a token for "travel" with an assertion
    Then a token is granted
    When the same request is sent again
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @T2 @assumption
  Scenario: a credential that has expired
    Given I PATCH "/clients/{bot.client_id}/credentials/{bot.client_authentication_methods.private_key_jwt.credentials.0.id}" with
      """
      { "expires_at": "2020-01-01T00:00:00.000Z" }
      """
    When "bot" asks for a token for "travel" with an assertion
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @T2 @assumption
  Scenario: a credential that the client does not name
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "client_authentication_methods": { "private_key_jwt": { "credentials": [] } } }
      """
    When "bot" asks for a token for "travel" with an assertion
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @T1 @T2 @assumption
  Scenario: an application that turns from its secret to a key
    Given an application "courier"
    And a client grant for "courier" on "travel"
    When "courier" asks for a token for "travel" with an assertion
    Then the token is refused with 401 "invalid_client" "Client authentication failed"
    Given "courier" proves itself with a key from now on
    When "courier" asks for a token for "travel" with an assertion
    Then a token is granted
    When "courier" asks for a token for "travel"
    Then the token is refused with 401 "access_denied" "Unauthorized"

  @T1
  Scenario: an application that turns back to its secret
    Given an application "courier"
    And a client grant for "courier" on "travel"
    And "courier" proves itself with a key from now on
    And I PATCH "/clients/{courier.client_id}" with
      """
      { "client_authentication_methods": null, "token_endpoint_auth_method": "client_secret_post" }
      """
    When "courier" asks for a token for "travel"
    Then a token is granted

  @T1
  Scenario: a new secret ends the old one
    Given an application "courier"
    And a client grant for "courier" on "travel"
    And I POST "/clients/{courier.client_id}/rotate-secret"
    And it is remembered as "rotated"
    When "courier" asks for a token for "travel"
    Then the token is refused with 401 "access_denied" "Unauthorized"
    When "rotated" asks for a token for "travel"
    Then a token is granted
