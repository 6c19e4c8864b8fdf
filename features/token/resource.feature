@serial
Feature: An API that is named by resource

  A tenant with the resource_parameter_profile "compatibility" reads the parameter resource (RFC 8707) of requests
  without an audience. Other tenants ignore it.

  Background:
    Given an API "travel" with scopes "read:trips"
    And an API "billing" with scopes "read:bills"
    And an application "bot"
    And a client grant for "bot" on "travel" with scopes "read:trips"
    And a client grant for "bot" on "billing" with scopes "read:bills"
    And I PATCH "/tenants/settings" with
      """
      { "resource_parameter_profile": "compatibility", "default_audience": "" }
      """

  @AUD1
  Scenario: resource names the API
    When "bot" asks for a token with
      | resource | {travel.identifier} |
    Then the token carries
      | aud   | {travel.identifier} |
      | scope | read:trips          |

  @AUD1
  Scenario: resource counts before the default audience of the tenant
    Given I PATCH "/tenants/settings" with
      """
      { "default_audience": "{billing.identifier}" }
      """
    When "bot" asks for a token with
      | resource | {travel.identifier} |
    Then the token carries
      | aud | {travel.identifier} |
    When "bot" asks for a token
    Then the token carries
      | aud | {billing.identifier} |

  @AUD2
  Scenario: audience counts before resource
    When "bot" asks for a token for "travel" with
      | resource | {billing.identifier} |
    Then the token carries
      | aud | {travel.identifier} |
    When "bot" asks for a token for "travel" with
      | resource | https://nowhere.example/ |
    Then the token carries
      | aud | {travel.identifier} |

  @AUD4
  Scenario: resource is the identifier of an API
    When "bot" asks for a token with
      | resource | https://nowhere.example/ |
    Then the token is refused with 403 "access_denied" "Service not found: https://nowhere.example/"
    When "bot" asks for a token with
      | resource | {travel.id} |
    Then the token is refused with 403 "access_denied" "Service not found: {travel.id}"

  @AUD3 @T7
  Scenario: a tenant with the profile audience ignores resource
    Given I PATCH "/tenants/settings" with
      """
      { "resource_parameter_profile": "audience" }
      """
    When "bot" asks for a token with
      | resource | {travel.identifier} |
    Then the token is refused with 403 "access_denied" "Non-global clients are not allowed access to APIv1"
    When "bot" asks for a token for "travel" with
      | resource | {billing.identifier} |
    Then the token carries
      | aud | {travel.identifier} |

  @R25 @assumption
  Scenario: resource is sent twice
    When the token endpoint is sent the form
      """
      grant_type=client_credentials
      client_id={bot.client_id}
      client_secret={bot.client_secret}
      resource={travel.identifier}
      resource={billing.identifier}
      """
    Then the token is refused with 400 "invalid_request" "parameter resource must not be sent more than once"

  @R25 @assumption
  Scenario: a fragment of resource is no reason to refuse it
    Given an API "fleet" with
      """
      { "identifier": "https://{unique.fleet}.example/#cars" }
      """
    And a client grant for "bot" on "fleet"
    When "bot" asks for a token with
      | resource | {fleet.identifier} |
    Then the token carries
      | aud | {fleet.identifier} |
