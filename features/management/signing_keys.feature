@mock-only
Feature: Signing keys

  A tenant signs with one key and publishes the next one beside it. A rotation cannot be undone, and
  the live service allows few of them in a day: these scenarios take two.

  Scenario: an unknown key
    When I GET "/keys/signing/nobody"
    Then the answer is 404

  @assumption
  Scenario: the current key and the next one cannot be revoked
    Given I GET "/keys/signing"
    And it is remembered as "keys"
    When I PUT "/keys/signing/{keys.0.kid}/revoke"
    Then the answer is 404
    When I PUT "/keys/signing/{keys.1.kid}/revoke"
    Then the answer is 404

  @serial
  Scenario: the life of a key
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:organizations"
    And I GET "/keys/signing"
    And it is remembered as "before"

    # The next key becomes the current one.
    When I POST "/keys/signing/rotate"
    Then the answer is 201
    And the answer's members are "cert, kid"
    When it is remembered as "third"
    And I GET "/keys/signing"
    Then the list is a bare array
    And the answer carries
      | 0.kid      | {before.1.kid} |
      | 0.current  | true           |
      | 0.next     | false          |
      | 1.kid      | {third.kid}    |
      | 1.next     | true           |
      | 2.kid      | {before.0.kid} |
      | 2.previous | true           |
      | 2.revoked  | false          |
    When "auditor" asks for a token for the Management API
    Then the token's header carries
      | kid | {before.1.kid} |
    And the token's key is among the published keys

    # What the previous key signed is good.
    When I POST "/keys/signing/rotate"
    And with that token I GET "/organizations"
    Then the answer is 200
    And the token's key is among the published keys

    # Until it is revoked.
    When I PUT "/keys/signing/{before.1.kid}/revoke"
    Then the answer is 200
    And the answer's members are "cert, kid"
    When I GET "/keys/signing/{before.1.kid}"
    Then the answer carries
      | current  | false |
      | previous | false |
      | revoked  | true  |
    When with that token I GET "/organizations"
    Then the answer is 401 "Invalid signature received for JSON Web Token validation"
