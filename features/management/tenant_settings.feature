@serial
Feature: Tenant settings

  Scenario: a change answers the settings, and stays
    When I PATCH "/tenants/settings" with
      """
      { "session_lifetime": 100, "allow_organization_name_in_authentication_api": true }
      """
    Then the answer is 200
    And the answer carries
      | session_lifetime                              | 100  |
      | allow_organization_name_in_authentication_api | true |
    When I GET "/tenants/settings?fields=session_lifetime,allow_organization_name_in_authentication_api"
    Then the answer's members are "session_lifetime, allow_organization_name_in_authentication_api"

  Scenario: a change leaves the other settings
    Given organization names are switched on
    When I PATCH "/tenants/settings" with
      """
      { "session_lifetime": 100 }
      """
    Then the answer is 200
    And the answer carries
      | session_lifetime                              | 100  |
      | allow_organization_name_in_authentication_api | true |

  Scenario: a key nobody knows
    When I PATCH "/tenants/settings" with
      """
      { "colour": "green" }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: colour'."

  Scenario: a change of nothing
    When I PATCH "/tenants/settings" with
      """
      {}
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Too few properties defined (0), minimum 1'."
