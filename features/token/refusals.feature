Feature: Token requests that are refused

  The checks come in this order: missing parameters, the client, the request itself.

  Background:
    Given an API "travel" with scopes "read:trips"
    And an application "bot"
    And a client grant for "bot" on "travel"

  @T8 @assumption
  Scenario: no grant type
    When "bot" asks for a token for "travel" with
      | grant_type | (left out) |
    Then the token is refused with 400 "invalid_request" "Missing required parameter: grant_type"

  @T8 @assumption
  Scenario: nothing at all
    When the token endpoint is sent the JSON
      """
      {}
      """
    Then the token is refused with 400 "invalid_request" "Missing required parameter: grant_type"

  @T9
  Scenario: an unknown grant type
    When "bot" asks for a token for "travel" with
      | grant_type | telepathy |
    Then the token is refused with 400 "unsupported_grant_type" "Grant type not supported"

  @T9 @assumption
  Scenario: an unknown grant type is refused before the client is looked at
    When "bot" asks for a token for "travel" with
      | grant_type    | telepathy |
      | client_secret | wrong     |
    Then the token is refused with 400 "unsupported_grant_type" "Grant type not supported"

  @T10 @assumption
  Scenario: no client id anywhere
    When "bot" asks for a token for "travel" with
      | client_id | (left out) |
    Then the token is refused with 401 "invalid_client" "Missing client_id"

  @T2 @assumption
  Scenario: an assertion that proves nothing
    When "bot" asks for a token for "travel" with
      | client_secret         | (left out)                                             |
      | client_assertion_type | urn:ietf:params:oauth:client-assertion-type:jwt-bearer |
      | client_assertion      | not-an-assertion                                       |
    Then the token is refused with 401 "invalid_client" "Client authentication failed"

  @T1
  Scenario Outline: <fault>
    When "bot" asks for a token for "travel" with
      | <parameter> | <value> |
    Then the token is refused with 401 "access_denied" "Unauthorized"

    Examples:
      | fault             | parameter     | value                            |
      | a wrong secret    | client_secret | wrong                            |
      | an empty secret   | client_secret |                                  |
      | no secret         | client_secret | (left out)                       |
      | an unknown client | client_id     | 00000000000000000000000000000000 |

  @T1 @T6
  Scenario: who asks is looked at before the audience
    When "bot" asks for a token with
      | audience      | https://nowhere.example/ |
      | client_secret | wrong                    |
    Then the token is refused with 401 "access_denied" "Unauthorized"

  @T3
  Scenario: the application may not use this grant type
    Given an application "website" with
      """
      { "grant_types": ["authorization_code"] }
      """
    And a client grant for "website" on "travel"
    When "website" asks for a token for "travel"
    Then the token is refused with 403 "unauthorized_client" "Grant type 'client_credentials' not allowed for the client."
    And the answer carries
      | error_uri | https://auth0.com/docs/clients/client-grant-types |

  @T3
  Scenario: the grant type is looked at before the audience
    Given an application "website" with
      """
      { "grant_types": ["authorization_code"] }
      """
    When "website" asks for a token with
      | audience | https://nowhere.example/ |
    Then the token is refused with 403 "unauthorized_client"

  @T6
  Scenario Outline: <audience> is no API
    When "bot" asks for a token with
      | audience | <value> |
    Then the token is refused with 403 "access_denied" "Service not enabled within domain: <value>"

    Examples:
      | audience                     | value                     |
      | an unknown identifier        | https://nowhere.example/  |
      | an identifier plus a slash   | {travel.identifier}/      |
      | the id of an API             | {travel.id}               |

  @T7 @serial
  Scenario: no audience
    Given I PATCH "/tenants/settings" with
      """
      { "default_audience": "" }
      """
    When "bot" asks for a token
    Then the token is refused with 403 "access_denied" "Non-global clients are not allowed access to APIv1"

  @T7 @serial
  Scenario: no audience, but the tenant has one for this case
    Given I PATCH "/tenants/settings" with
      """
      { "default_audience": "{travel.identifier}" }
      """
    When "bot" asks for a token
    Then the token carries
      | aud | {travel.identifier} |

  @R70 @T4
  Scenario: no client grant
    Given an application "stranger"
    When "stranger" asks for a token for "travel"
    Then the token is refused with 403 "access_denied" and says
      """
      Client "{stranger.client_id}" is not authorized to access resource server "{travel.identifier}". You need to create a "client-grant" associated to this API.
      """

  @R60 @R70 @T4
  Scenario: a grant for users is no grant for the client itself
    Given an application "website"
    And a client grant for "website" on "travel" with
      """
      { "subject_type": "user" }
      """
    When "website" asks for a token for "travel"
    Then the token is refused with 403 "access_denied" and says
      """
      Client "{website.client_id}" is not authorized to access resource server "{travel.identifier}". You need to create a "client-grant" associated to this API.
      """

  @T4
  Scenario: the grant is looked at before the organization
    Given an application "stranger"
    When "stranger" asks for a token for "travel" with
      | organization | org_0000000000000000 |
    Then the token is refused with 403 "access_denied" and says
      """
      Client "{stranger.client_id}" is not authorized to access resource server "{travel.identifier}". You need to create a "client-grant" associated to this API.
      """

  @R73 @T14 @assumption
  Scenario: an API whose policy denies every client
    Given an API "closed" with
      """
      { "subject_type_authorization": { "client": { "policy": "deny_all" } } }
      """
    And a client grant for "bot" on "closed"
    When "bot" asks for a token for "closed"
    Then the token is refused with 403 "access_denied" and says
      """
      Client "{bot.client_id}" is not authorized to access resource server "{closed.identifier}". You need to create a "client-grant" associated to this API.
      """
