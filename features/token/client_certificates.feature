# The custom domain of a shared tenant is verified only with a record in its DNS zone.
@mock-only
Feature: Client certificates

  A proxy of the tenant terminates TLS for a custom domain and forwards the certificate of the
  application in headers. An application can authenticate with its certificate, and an API can bind its
  tokens to it.

  Background:
    Given a proxy in front of the custom domain "edge"
    And an API "travel" with
      """
      {
        "scopes": [{ "value": "read:trips" }]
      }
      """

  @MTLS1 @MTLS3 @MTLS5
  Scenario: a registered certificate authenticates the application
    Given an application "bot" with a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with its certificate
    Then a token is granted
    And the token carries no "cnf"

  @MTLS1 @MTLS2
  Scenario: the subject of a certificate that an authority signed authenticates the application
    Given an application "bot" with the subject of a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with its certificate, verified by the proxy
    Then a token is granted

  @MTLS2 @MTLS3 @T19 @assumption
  Scenario: the verification of the proxy has to be that of the method
    Given an application "bot" with a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with its certificate, verified by the proxy
    Then the token is refused with 401 "invalid_client" "Client authentication failed"
    Given an application "fleet" with the subject of a certificate
    And a client grant for "fleet" on "travel"
    When "fleet" asks for a token for "travel" with its certificate
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @MTLS2 @MTLS3 @T19 @assumption
  Scenario: another certificate does not authenticate the application
    Given an application "bot" with a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with another certificate
    Then the token is refused with 401 "invalid_client" "Client authentication failed"
    Given an application "fleet" with the subject of a certificate
    And a client grant for "fleet" on "travel"
    When "fleet" asks for a token for "travel" with another certificate, verified by the proxy
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @MTLS1 @T19 @assumption
  Scenario: a secret does not authenticate an application with a certificate
    Given an application "bot" with a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with its certificate, and
      | client-certificate | (left out) |
      | .client_secret     | s3cret     |
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @MTLS1 @MTLS5 @MTLS6 @T19 @assumption
  Scenario Outline: refused: <fault>
    Given an application "bot" with a certificate
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel" with its certificate, and
      | <name> | <value> |
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

    Examples:
      | fault                                  | name                           | value      |
      | no key of the proxy                    | cname-api-key                  | (left out) |
      | another key                            | cname-api-key                  | 0123456789 |
      | no certificate                         | client-certificate             | (left out) |
      | a header that is no certificate        | client-certificate             | MIIB       |
      | no result of the verification          | client-certificate-ca-verified | (left out) |
      | another result of the verification     | client-certificate-ca-verified | success    |
      | a secret, too                          | .client_secret                 | s3cret     |

  @POP2 @POP3 @MTLS7
  Scenario: a certificate binds the token of any application
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": { "mechanism": "mtls", "required": false } }
      """
    And an application "bot"
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the token carries no "cnf"
    When "bot" asks for a token for "travel" with its certificate, and
      | .client_secret | {bot.client_secret} |
    Then a token that is bound to the certificate is granted

  @POP4 @T17 @MTLS5 @assumption
  Scenario: an API that requires a certificate gives no token without one
    Given I PATCH "/resource-servers/{travel.id}" with
      """
      { "proof_of_possession": { "mechanism": "mtls", "required": true } }
      """
    And an application "bot"
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "Proof of possession is required"
    When "bot" asks for a token for "travel" with its certificate, and
      | .client_secret | {bot.client_secret} |
      | cname-api-key  | (left out)          |
    Then the token is refused with 400 "invalid_request" "Proof of possession is required"
