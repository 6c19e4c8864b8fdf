Feature: Organization usage of a client grant

  A client grant decides whether its client may, must or must not name an organization in a token request. The setting
  belongs to the pair of one application and one API.

  Background:
    Given an API "travel" with scopes "read:trips"
    And an application "bot"
    And an organization "acme"

  @R11 @R12 @R13 @R14 @R16 @R18 @E1 @E3
  Scenario Outline: usage "<usage>", an associated organization, <request>
    Given a client grant for "bot" on "travel" with organization usage "<usage>"
    And "acme" is associated with that grant
    When "bot" asks for a token for "travel" <parameter>
    Then <outcome>

    Examples:
      | usage   | request    | parameter               | outcome                                                                                                                     |
      | deny    | none sent  |                         | a token without an organization is granted                                                                                  |
      | deny    | acme sent  | in organization "acme"  | the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"                     |
      | allow   | none sent  |                         | a token without an organization is granted                                                                                  |
      | allow   | acme sent  | in organization "acme"  | a token for organization "acme" is granted                                                                                  |
      | require | none sent  |                         | the token is refused with 400 "invalid_request" "parameter organization is required for this client"                        |
      | require | acme sent  | in organization "acme"  | a token for organization "acme" is granted                                                                                  |

  @R11 @R13 @R17 @R52
  Scenario Outline: usage "<usage>" and a default organization, none sent
    Given a client grant for "bot" on "travel" with organization usage "<usage>"
    And "acme" is associated with that grant
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel"
    Then <outcome>

    Examples:
      | usage   | outcome                                    |
      | deny    | a token without an organization is granted |
      | allow   | a token without an organization is granted |
      | require | a token for organization "acme" is granted |

  @R12 @R15 @R19 @R21 @R22 @E2 @E4 @assumption
  Scenario Outline: usage "<usage>", <organization> sent
    Given a client grant for "bot" on "travel" with organization usage "<usage>"
    And an organization "globex"
    And an organization "gone"
    And I DELETE "/organizations/{gone.id}"
    When "bot" asks for a token for "travel" with
      | organization | <value> |
    Then the token is refused with <status> "<error>" and says
      """
      <description>
      """

    Examples:
      | usage   | organization        | value                | status | error           | description                                                          |
      | deny    | one not associated  | {globex.id}          | 400    | invalid_request | parameter organization is not allowed for this client                |
      | deny    | an unknown one      | org_0000000000000000 | 400    | invalid_request | parameter organization is not allowed for this client                |
      | deny    | a deleted one       | {gone.id}            | 400    | invalid_request | parameter organization is not allowed for this client                |
      | allow   | one not associated  | {globex.id}          | 403    | access_denied   | Client is not authorized to access organization "{globex.id}"        |
      | allow   | an unknown one      | org_0000000000000000 | 400    | invalid_request | parameter organization is invalid: org_0000000000000000              |
      | allow   | a deleted one       | {gone.id}            | 400    | invalid_request | parameter organization is invalid: {gone.id}                         |
      | require | one not associated  | {globex.id}          | 403    | access_denied   | Client is not authorized to access organization "{globex.id}"        |
      | require | an unknown one      | org_0000000000000000 | 400    | invalid_request | parameter organization is invalid: org_0000000000000000              |
      | require | a deleted one       | {gone.id}            | 400    | invalid_request | parameter organization is invalid: {gone.id}                         |

  @R2
  Scenario: a grant that says nothing takes no organization
    Given a client grant for "bot" on "travel"
    And "acme" is associated with that grant
    When "bot" asks for a token for "travel"
    Then a token without an organization is granted
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"

  @R20 @R40
  Scenario Outline: any organization with usage "<usage>" needs no association
    Given a client grant for "bot" on "travel" with organization usage "<usage>" and any organization
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted
    When "acme" is associated with that grant
    And "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted

    Examples:
      | usage   |
      | allow   |
      | require |

  @R20 @R21 @R22
  Scenario: any organization has to be one that exists
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When "bot" asks for a token for "travel" with
      | organization | org_0000000000000000 |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: org_0000000000000000"
    When I DELETE "/organizations/{acme.id}"
    And "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: {acme.id}"

  @R12
  Scenario: any organization does not open a grant that denies organizations
    Given a client grant for "bot" on "travel" with organization usage "deny" and any organization
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"

  @R7
  Scenario: each API has its own setting
    Given an API "billing"
    And a client grant for "bot" on "travel" with organization usage "require" and any organization
    And a client grant for "bot" on "billing" with organization usage "deny"
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted
    When "bot" asks for a token for "billing" in organization "acme"
    Then the token is refused with 400 "invalid_request" "parameter organization is not allowed for this client"
    When "bot" asks for a token for "billing"
    Then a token without an organization is granted

  @R7
  Scenario: each application has its own setting
    Given an application "partner"
    And a client grant for "bot" on "travel" with organization usage "allow" and any organization
    And a client grant for "partner" on "travel" with organization usage "allow"
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted
    When "partner" asks for a token for "travel" in organization "acme"
    Then the token is refused with 403 "access_denied" and says
      """
      Client is not authorized to access organization "{acme.id}"
      """

  @R8
  Scenario Outline: usage "<client usage>" on the application decides user logins, not tokens for machines
    Given an application "portal" with
      """
      { "organization_usage": "<client usage>" }
      """
    And a client grant for "portal" on "travel" with organization usage "<grant usage>" and any organization
    When "portal" asks for a token for "travel" <parameter>
    Then <outcome>

    Examples:
      | client usage | grant usage | parameter              | outcome                                    |
      | require      | deny        |                        | a token without an organization is granted |
      | require      | allow       |                        | a token without an organization is granted |
      | deny         | allow       | in organization "acme" | a token for organization "acme" is granted |

  @R23 @assumption
  Scenario Outline: an empty organization is none, usage "<usage>"
    Given a client grant for "bot" on "travel" with organization usage "<usage>"
    When "bot" asks for a token for "travel" with
      | organization | |
    Then <outcome>

    Examples:
      | usage   | outcome                                                                                              |
      | deny    | a token without an organization is granted                                                           |
      | allow   | a token without an organization is granted                                                           |
      | require | the token is refused with 400 "invalid_request" "parameter organization is required for this client" |

  @R25 @assumption
  Scenario: organization sent twice
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When the token endpoint is sent the form
      """
      grant_type=client_credentials
      client_id={bot.client_id}
      client_secret={bot.client_secret}
      audience={travel.identifier}
      organization={acme.id}
      organization={acme.id}
      """
    Then the token is refused with 400 "invalid_request"

  @R25 @assumption
  Scenario Outline: organization as <kind>
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When the token endpoint is sent the JSON
      """
      {
        "grant_type": "client_credentials",
        "client_id": "{bot.client_id}",
        "client_secret": "{bot.client_secret}",
        "audience": "{travel.identifier}",
        "organization": <value>
      }
      """
    Then the token is refused with 400 "invalid_request"

    Examples:
      | kind      | value           |
      | a number  | 7               |
      | a list    | ["{acme.id}"]   |
      | an object | {"id": "acme"}  |
