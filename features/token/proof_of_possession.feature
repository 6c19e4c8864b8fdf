Feature: Tokens that are bound to a key of the application

  An API can bind its tokens to a key (DPoP): the application signs a proof with the key and sends it
  beside its token request, and only the owner of the key can use the token.

  Background:
    Given an API "travel" with
      """
      {
        "scopes": [{ "value": "read:trips" }],
        "proof_of_possession": { "mechanism": "dpop", "required": true }
      }
      """
    And an application "bot"
    And a client grant for "bot" on "travel"

  @POP3 @DPOP5
  Scenario: a proof binds the token to its key
    When "bot" asks for a token for "travel" with a DPoP proof
    Then a token that is bound to the key of the proof is granted

  @POP4 @T17 @assumption
  Scenario: an API that requires a proof gives no token without one
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "Proof of possession is required"

  @POP2 @POP3
  Scenario: an API may leave the choice to the request
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": { "mechanism": "dpop", "required": false } }
      """
    When "bot" asks for a token for "travel"
    Then a token is granted
    When "bot" asks for a token for "travel" with a DPoP proof
    Then a token that is bound to the key of the proof is granted

  @POP1
  Scenario: without a mechanism of the API a proof has no effect
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": null }
      """
    When "bot" asks for a token for "travel" with a DPoP proof
    Then a token is granted
    And the token carries no "cnf"

  @POP7
  Scenario: what an API requires of public applications, it does not require of others
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": { "mechanism": "dpop", "required": true, "required_for": "public_clients" } }
      """
    When "bot" asks for a token for "travel"
    Then a token is granted

  @POP5 @POP6 @T17 @assumption
  Scenario: an application may require bound tokens for itself
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "require_proof_of_possession": true }
      """
    And I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": { "mechanism": "dpop", "required": false } }
      """
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "Proof of possession is required"
    When "bot" asks for a token for "travel" with a DPoP proof
    Then a token that is bound to the key of the proof is granted
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": null }
      """
    When "bot" asks for a token for "travel" with a DPoP proof
    Then the token is refused with 400 "invalid_request" "Proof of possession is required"

  @DPOP4 @T16 @assumption
  Scenario: a proof is valid once
    When "bot" asks for a token for "travel" with a DPoP proof
    Then a token that is bound to the key of the proof is granted
    When "bot" asks for a token for "travel" with the same DPoP proof
    Then the token is refused with 400 "invalid_dpop_proof" "DPoP proof is invalid"

  @DPOP3 @assumption
  Scenario Outline: <what>
    When "bot" asks for a token for "travel" with a DPoP proof that has
      | iat | <iat> |
    Then a token that is bound to the key of the proof is granted

    Examples:
      | what                             | iat       |
      | a proof of some minutes ago      | now - 240 |
      | a clock that is a little ahead   | now + 20  |

  @DPOP1 @DPOP2 @DPOP3 @T16 @assumption
  Scenario Outline: refused: <fault>
    When "bot" asks for a token for "travel" with a DPoP proof that has
      | <name> | <value> |
    Then the token is refused with 400 "invalid_dpop_proof" "DPoP proof is invalid"

    Examples:
      | fault                    | name | value                                |
      | another type             | typ  | JWT                                  |
      | no algorithm             | alg  | none                                 |
      | a symmetric algorithm    | alg  | HS256                                |
      | no key                   | jwk  | (left out)                           |
      | another method           | htm  | GET                                  |
      | another URL              | htu  | https://nowhere.example/oauth/token  |
      | no URL                   | htu  | (left out)                           |
      | an old proof             | iat  | now - 400                            |
      | a proof of the future    | iat  | now + 90                             |
      | no id                    | jti  | (left out)                           |
