Feature: The default organization of an application

  A client that cannot send an organization can have a default one. It applies if the grant for the requested API
  requires an organization.

  Background:
    Given an API "travel" with scopes "read:trips"
    And an application "bot"
    And an organization "acme"
    And an organization "globex"

  @R17 @R18 @R52
  Scenario: a grant that requires an organization takes the default
    Given a client grant for "bot" on "travel" with organization usage "require"
    And "acme" is associated with that grant
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel"
    Then a token for organization "acme" is granted

  @R17 @R20
  Scenario: the default needs no association where any organization is allowed
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel"
    Then a token for organization "acme" is granted

  @R17 @R19 @E2 @assumption
  Scenario: a default that is not associated is refused like any other
    Given a client grant for "bot" on "travel" with organization usage "require"
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel"
    Then the token is refused with 403 "access_denied" and says
      """
      Client is not authorized to access organization "{acme.id}"
      """

  @R24
  Scenario: the organization in the request wins
    Given a client grant for "bot" on "travel" with organization usage "require"
    And "acme" is associated with that grant
    And "globex" is associated with that grant
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel" in organization "globex"
    Then a token for organization "globex" is granted

  @R24 @R19 @assumption
  Scenario: a refused organization is not replaced by the default
    Given a client grant for "bot" on "travel" with organization usage "require"
    And "acme" is associated with that grant
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel" in organization "globex"
    Then the token is refused with 403 "access_denied" and says
      """
      Client is not authorized to access organization "{globex.id}"
      """

  @R52
  Scenario: one default, two APIs, only one of them requires an organization
    Given an API "billing"
    And a client grant for "bot" on "travel" with organization usage "require" and any organization
    And a client grant for "bot" on "billing" with organization usage "allow" and any organization
    And the default organization of "bot" is "acme"
    When "bot" asks for a token for "travel"
    Then a token for organization "acme" is granted
    When "bot" asks for a token for "billing"
    Then a token without an organization is granted

  @R51 @R56
  Scenario: a default can be set before there is any grant
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "default_organization": { "organization_id": "{acme.id}", "flows": ["client_credentials"] } }
      """
    Then the answer is 200
    And the answer carries
      | default_organization | {"flows": ["client_credentials"], "organization_id": "{acme.id}"} |
    And the answer carries no "organization_usage"
    And the answer's text has "flows, organization_id" in this order
    When I GET "/clients/{bot.client_id}"
    Then the answer carries
      | default_organization | {"flows": ["client_credentials"], "organization_id": "{acme.id}"} |

  @R51
  Scenario: a default can be set while the application is created
    Given an application "scheduler" with
      """
      { "default_organization": { "organization_id": "{acme.id}", "flows": ["client_credentials"] } }
      """
    And a client grant for "scheduler" on "travel" with organization usage "require" and any organization
    When "scheduler" asks for a token for "travel"
    Then a token for organization "acme" is granted

  @R47 @R48 @R49
  Scenario Outline: a default organization <fault>
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "default_organization": <value> }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: '<message>' on property default_organization<where>
      """
    When I GET "/clients/{bot.client_id}"
    Then the answer carries no "default_organization"

    Examples:
      | fault                   | value                                                                                         | message                                                           | where            |
      | without flows           | {"organization_id": "{acme.id}"}                                                              | Missing required property: flows                                  |                  |
      | without organization    | {"flows": ["client_credentials"]}                                                             | Missing required property: organization_id                        |                  |
      | with something else     | {"organization_id": "{acme.id}", "flows": ["client_credentials"], "name": "acme"}             | Additional properties not allowed: name                           |                  |
      | for another flow        | {"organization_id": "{acme.id}", "flows": ["authorization_code"]}                             | Invalid value "authorization_code"                                | .flows[0]        |
      | with a malformed id     | {"organization_id": "acme", "flows": ["client_credentials"]}                                  | Object didn't pass validation for format organization-id: acme    | .organization_id |

  @R50
  Scenario: null takes the default away
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    And the default organization of "bot" is "acme"
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "default_organization": null }
      """
    Then the answer is 200
    And the answer carries no "default_organization"
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "parameter organization is required for this client"

  @R53 @assumption
  Scenario: only the form of the default's id is looked at when it is set
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "default_organization": { "organization_id": "org_0000000000000000", "flows": ["client_credentials"] } }
      """
    Then the answer is 200

  @R54 @R55 @assumption
  Scenario: the default of a client can be deleted, and replaced afterwards
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    And the default organization of "bot" is "acme"
    When I DELETE "/organizations/{acme.id}"
    Then the answer is 204 without a body
    When "bot" asks for a token for "travel"
    Then the token is refused with 400 "invalid_request" "parameter organization is invalid: {acme.id}"
    When the default organization of "bot" becomes "globex"
    And "bot" asks for a token for "travel"
    Then a token for organization "globex" is granted
