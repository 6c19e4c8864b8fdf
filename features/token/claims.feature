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
