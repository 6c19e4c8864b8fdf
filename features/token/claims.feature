Feature: What a token says

  Background:
    Given an API "travel" with scopes "read:trips"
    And an application "bot"
    And an organization "acme"
    And a client grant for "bot" on "travel" with scopes "read:trips" and organization usage "allow" and any organization

  Scenario: the claims of a client
    When "bot" asks for a token for "travel"
    Then the token carries
      | iss   | {tenant.issuer}         |
      | sub   | {bot.client_id}@clients |
      | aud   | {travel.identifier}     |
      | azp   | {bot.client_id}         |
      | gty   | client-credentials      |
      | scope | read:trips              |
    And the token carries no "nbf"
    And the token carries no "jti"
    And the token carries no "permissions"
    And the answer's text has "access_token, scope, expires_in, token_type" in this order

  @R26
  Scenario: the organization is told by its id
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token carries
      | org_id | {acme.id} |

  Scenario: the header names a published key
    When "bot" asks for a token for "travel"
    Then the token's header carries
      | alg | RS256 |
      | typ | JWT   |
    And the token's key is among the published keys

  Scenario Outline: an API with the algorithm <alg>
    Given an API "billing" with
      """
      { "signing_alg": "<alg>", "scopes": [{ "value": "read:bills" }] }
      """
    And a client grant for "bot" on "billing" with scopes "read:bills"
    When "bot" asks for a token for "billing"
    Then the token's header carries
      | alg | <alg> |
      | typ | JWT   |
    And the token's key is among the published keys

    Examples:
      | alg   |
      | RS256 |
      | PS256 |
      | RS512 |

  Scenario: an API that signs with a secret of its own
    Given an API "billing" with
      """
      { "signing_alg": "HS256", "signing_secret": "a-secret-of-the-billing-api" }
      """
    And a client grant for "bot" on "billing"
    When "bot" asks for a token for "billing"
    Then the token's header carries
      | alg | HS256 |
      | typ | JWT   |
    And the token's header carries no "kid"

  Scenario Outline: the vendor's own profile, with the dialect <dialect>
    Given an API "billing" with
      """
      { "token_dialect": "<dialect>", "scopes": [{ "value": "read:bills" }] }
      """
    And a client grant for "bot" on "billing" with scopes "read:bills"
    When "bot" asks for a token for "billing"
    Then the token's header carries
      | typ | JWT |
    And the token carries
      | iss   | {tenant.issuer}         |
      | sub   | {bot.client_id}@clients |
      | aud   | {billing.identifier}    |
      | azp   | {bot.client_id}         |
      | gty   | client-credentials      |
      | scope | read:bills              |
    And the token carries no "client_id"
    And the token carries no "jti"

    Examples:
      | dialect            |
      | access_token       |
      | access_token_authz |

  Scenario Outline: the profile of RFC 9068, with the dialect <dialect>
    Given an API "billing" with
      """
      { "token_dialect": "<dialect>", "scopes": [{ "value": "read:bills" }] }
      """
    And a client grant for "bot" on "billing" with scopes "read:bills"
    When "bot" asks for a token for "billing"
    Then the token's header carries
      | alg | RS256  |
      | typ | at+jwt |
    And the token carries
      | iss       | {tenant.issuer}         |
      | sub       | {bot.client_id}@clients |
      | aud       | {billing.identifier}    |
      | client_id | {bot.client_id}         |
      | scope     | read:bills              |
    And the token carries a "jti" of 22 characters
    And the token carries no "azp"
    And the token carries no "gty"

    Examples:
      | dialect               |
      | rfc9068_profile       |
      | rfc9068_profile_authz |

  @assumption
  Scenario Outline: permissions with the dialect <dialect>
    Given an API "billing" with
      """
      { "token_dialect": "<dialect>", "enforce_policies": true, "scopes": [{ "value": "read:bills" }] }
      """
    And a client grant for "bot" on "billing" with scopes "read:bills"
    When "bot" asks for a token for "billing"
    Then the token carries
      | permissions | ["read:bills"] |
      | scope       | read:bills     |

    Examples:
      | dialect               |
      | access_token_authz    |
      | rfc9068_profile_authz |

  @assumption
  Scenario Outline: no permissions with the dialect <dialect> and enforce_policies <enforce>
    Given an API "billing" with
      """
      { "token_dialect": "<dialect>", "enforce_policies": <enforce>, "scopes": [{ "value": "read:bills" }] }
      """
    And a client grant for "bot" on "billing" with scopes "read:bills"
    When "bot" asks for a token for "billing"
    Then a token is granted
    And the token carries no "permissions"

    Examples:
      | dialect               | enforce |
      | access_token          | true    |
      | access_token_authz    | false   |
      | rfc9068_profile       | true    |
      | rfc9068_profile_authz | false   |

  Scenario: an API says how long its tokens live
    Given an API "billing" with
      """
      { "token_lifetime": 600, "token_dialect": "rfc9068_profile" }
      """
    And a client grant for "bot" on "billing"
    When "bot" asks for a token for "billing"
    Then the token is good for 600 seconds

  Scenario: no scopes, no scope
    Given an API "billing"
    And a client grant for "bot" on "billing"
    When "bot" asks for a token for "billing"
    Then a token is granted
    And the token carries no "scope"
    And the answer's members are "access_token, expires_in, token_type"

  Scenario Outline: the tenant describes itself at <path>
    Then "<path>" serves a JSON document with
      | issuer         | {tenant.issuer}                      |
      | token_endpoint | {tenant.uri}/oauth/token             |
      | jwks_uri       | {tenant.uri}/.well-known/jwks.json   |

    Examples:
      | path                                    |
      | /.well-known/openid-configuration       |
      | /.well-known/oauth-authorization-server |
