@serial
Feature: Organizations by name

  A tenant setting decides whether requests may contain the name of an organization, and whether tokens have that
  name. These scenarios change the setting for the whole tenant, so they run one at a time and restore it.

  Background:
    Given an API "travel"
    And an application "bot"
    And an organization "acme"
    And a client grant for "bot" on "travel" with organization usage "allow"
    And "acme" is associated with that grant

  @R27 @R26 @R31
  Scenario: with names on, a name is taken and the token says both
    Given organization names are switched on
    When "bot" asks for a token for "travel" in the organization named "acme"
    Then a token for organization "acme" is granted
    And the token carries
      | org_id   | {acme.id}   |
      | org_name | {acme.name} |

  @R29
  Scenario: with names on, an id is taken and the token still says the name
    Given organization names are switched on
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token carries
      | org_id   | {acme.id}   |
      | org_name | {acme.name} |

  @R28
  Scenario: with names off, the token does not say the name
    Given organization names are switched off
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted
    And the token carries no "org_name"

  @R28 @E5
  Scenario: with names off, a name is refused
    Given organization names are switched off
    When "bot" asks for a token for "travel" in the organization named "acme"
    Then the token is refused with 400 "invalid_request" "authorization request parameter organization must be an organization id"

  @R28 @R31
  Scenario: names are off in the beginning, and null switches them off
    Given organization names are switched on
    When I PATCH "/tenants/settings" with
      """
      { "allow_organization_name_in_authentication_api": null }
      """
    Then the answer is 200
    When "bot" asks for a token for "travel" in the organization named "acme"
    Then the token is refused with 400 "invalid_request" "authorization request parameter organization must be an organization id"

  @R27 @R15 @E2 @assumption
  Scenario: a name is refused like the id it stands for, in the words of the request
    Given organization names are switched on
    And an organization "globex"
    When "bot" asks for a token for "travel" in the organization named "globex"
    Then the token is refused with 403 "access_denied" and says
      """
      Client is not authorized to access organization "{globex.name}"
      """

  @R21 @E4
  Scenario: a name that nobody has
    Given organization names are switched on
    When "bot" asks for a token for "travel" with
      | organization | nobody-has-this-name |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: nobody-has-this-name"

  @R30
  Scenario: the display name is not a name
    Given organization names are switched on
    When "bot" asks for a token for "travel" with
      | organization | {acme.display_name} |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: {acme.display_name}"

  @R33
  Scenario: a new name is said by new tokens only
    Given organization names are switched on
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token carries
      | org_name | {acme.name} |
    When I PATCH "/organizations/{acme.id}" with
      """
      { "name": "new-{acme.name}" }
      """
    Then the answer is 200
    When "bot" asks for a token for "travel" with
      | organization | new-{acme.name} |
    Then the token carries
      | org_id   | {acme.id}       |
      | org_name | new-{acme.name} |
    When "bot" asks for a token for "travel" in the organization named "acme"
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: {acme.name}"

  @R11 @R28
  Scenario: a token without an organization says no name either
    Given organization names are switched on
    When "bot" asks for a token for "travel"
    Then a token without an organization is granted

  @R32 @assumption
  Scenario: names are compared as they are written
    Given organization names are switched on
    And an organization "lower" with
      """
      { "name": "{acme.name}-x" }
      """
    When "bot" asks for a token for "travel" with
      | organization | {acme.name}-X |
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: {acme.name}-X"
