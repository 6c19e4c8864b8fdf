@assumption
Feature: What nobody publishes about refused token requests

  The vendor documents when a request is refused, but rarely the error, or which of two reasons comes first. m2mock made
  a choice; the owner of a tenant can check it with these scenarios.

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And an application "bot"
    And an organization "acme"

  @R12 @E1
  Scenario Outline: an organization where the grant denies them: <organization>
    Given a client grant for "bot" on "travel" with <settings>
    And "acme" is associated with that grant
    When "bot" asks for a token for "travel" with
      | organization | <value> |
    Then the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"

    Examples:
      | organization             | settings                                          | value                |
      | one associated           | organization usage "deny"                         | {acme.id}            |
      | any, one associated      | organization usage "deny" and any organization    | {acme.id}            |
      | nothing said of usage    | scopes "read:trips"                               | {acme.id}            |
      | a name                   | organization usage "deny"                         | nobody-has-this-name |

  @R16 @E3
  Scenario: no organization where the grant requires one
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "parameter organization is required for this client"

  @R20 @R21 @E4
  Scenario Outline: an organization that nobody has, where any is allowed, usage "<usage>"
    Given a client grant for "bot" on "travel" with organization usage "<usage>" and any organization
    When "bot" asks for a token for "travel" with
      | organization | org_0000000000000000 |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: org_0000000000000000"

    Examples:
      | usage   |
      | allow   |
      | require |

  @R28 @E5 @serial
  Scenario Outline: a name while names are off: <whose>, usage "<usage>"
    Given organization names are switched off
    And a client grant for "bot" on "travel" with organization usage "<usage>" and any organization
    When "bot" asks for a token for "travel" with
      | organization | <name> |
    Then the token is refused with 400 "invalid_request" "authorization request parameter organization must be an organization id"

    Examples:
      | whose    | usage   | name                 |
      | acme's   | allow   | {acme.name}          |
      | acme's   | require | {acme.name}          |
      | nobody's | allow   | nobody-has-this-name |

  @R27 @R21 @E4 @serial
  Scenario: a name that nobody has while names are on
    Given organization names are switched on
    And a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When "bot" asks for a token for "travel" with
      | organization | nobody-has-this-name |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: nobody-has-this-name"

  @R76 @T5
  Scenario: a refused scope that the request names twice
    Given a client grant for "bot" on "travel" with scopes "read:trips"
    When "bot" asks for a token for "travel" with scope "drive:trains write:trips drive:trains"
    Then the token is refused with 403 "access_denied" "Client has not been granted scopes: drive:trains, write:trips"

  @R82 @T13
  Scenario: a third-party application without a grant
    Given an application "partner" with
      """
      { "is_first_party": false, "third_party_security_mode": "strict", "grant_types": ["client_credentials"] }
      """
    When "partner" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client" and says
      """
      Client "{partner.client_id}" is not authorized to access resource server "{travel.identifier}". You need to create a "client-grant" associated to this API.
      """

  @T1
  Scenario: a secret that is wrong, a secret that is missing, a client that nobody knows
    When "bot" asks for a token for "travel" with
      | client_secret | wrong |
    Then the token is refused with 401 "access_denied" "Unauthorized"
    When "bot" asks for a token for "travel" with
      | client_secret | (left out) |
    Then the token is refused with 401 "access_denied" "Unauthorized"
    When "bot" asks for a token for "travel" with
      | client_id | 00000000000000000000000000000000 |
    Then the token is refused with 401 "access_denied" "Unauthorized"

  @T9
  Scenario: an unknown grant type, and who asks
    When "bot" asks for a token for "travel" with
      | grant_type | telepathy |
    Then the token is refused with 400 "unsupported_grant_type" "Grant type not supported"
    When "bot" asks for a token for "travel" with
      | grant_type    | telepathy |
      | client_secret | wrong     |
    Then the token is refused with 400 "unsupported_grant_type" "Grant type not supported"

  @R25
  Scenario Outline: <parameter> sent twice
    When the token endpoint is sent the form
      """
      grant_type=client_credentials
      client_id={bot.client_id}
      client_secret={bot.client_secret}
      audience={travel.identifier}
      <parameter>=<value>
      <parameter>=<value>
      """
    Then the token is refused with 400 "invalid_request" "parameter <parameter> must not be sent more than once"

    Examples:
      | parameter    | value      |
      | scope        | read:trips |
      | organization | {acme.id}  |

  @R25
  Scenario: a scope that is no text
    When the token endpoint is sent the JSON
      """
      { "grant_type": "client_credentials", "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "scope": ["read:trips"] }
      """
    Then the token is refused with 400 "invalid_request" "parameter scope must be a string"

  @T8
  Scenario: a body of another type counts as none
    When the token endpoint is sent as "text/plain"
      """
      grant_type=client_credentials
      """
    Then the token is refused with 400 "invalid_request" "Missing required parameter: grant_type"

  Scenario: a body that is no JSON
    When the token endpoint is sent as "application/json"
      """
      { "grant_type": "client_credentials"
      """
    Then the token is refused with 400 "invalid_request" "The request body could not be parsed"

  @R100 @R103
  Scenario: of a used up day and a used up hour the day is told
    Given an application "courier" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1, "per_hour": 1 } } }
      """
    And a client grant for "courier" on "travel"
    When "courier" asks for a token for "travel"
    Then a token is granted
    When "courier" asks for a token for "travel"
    Then the token is refused with 429 "too_many_requests" "Client quota exceeded"

  @R49 @R16
  Scenario: a default organization for no flow is none
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    And I PATCH "/clients/{bot.client_id}" with
      """
      { "default_organization": { "organization_id": "{acme.id}", "flows": [] } }
      """
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "parameter organization is required for this client"

  @T3
  Scenario: the secret of a public application is not looked at
    Given an application "website" with
      """
      { "token_endpoint_auth_method": "none", "app_type": "spa" }
      """
    When "website" asks for a token for "travel" with
      | client_secret | anything |
    Then the token is refused with 403 "unauthorized_client" "Grant type 'client_credentials' not allowed for the client."
