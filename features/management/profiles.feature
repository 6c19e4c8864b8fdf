Feature: Profiles for the connections of customers

  A connection profile says what the connections have that an organization creates for itself. A user attribute profile
  says how the attributes of its users are called. A self-service profile is an assistant that asks a customer for both.

  Scenario: the life of a connection profile
    Given "/connection-profiles" has "partners" with
      """
      { "name": "{unique.partners}", "enabled_features": ["scim"] }
      """
    Then the answer is 201
    And the answer's "id" has the form "cop_ + 22 alphanumeric"
    And the answer carries
      | enabled_features | ["scim"] |
    When I PATCH "/connection-profiles/{partners.id}" with
      """
      { "enabled_features": ["universal_logout"] }
      """
    Then the answer is 200
    And the answer carries
      | name             | {partners.name}      |
      | enabled_features | ["universal_logout"] |
    When I read every page of "/connection-profiles?take=10"
    Then among the items these "id" come in this order
      | {partners.id} |
    When I DELETE "/connection-profiles/{partners.id}"
    Then the answer is 204 without a body
    When I GET "/connection-profiles/{partners.id}"
    Then the answer is 404 "Connection profile not found."

  Scenario: a profile is known by one name
    Given "/connection-profiles" has "partners" with
      """
      { "name": "{unique.partners}" }
      """
    And "/user-attribute-profiles" has "people" with
      """
      {
        "name": "{unique.people}",
        "user_attributes": {
          "email": {
            "label": "Email", "description": "Where to write", "profile_required": true, "auth0_mapping": "email"
          }
        }
      }
      """
    When I POST "/connection-profiles" with
      """
      { "name": "{partners.name}" }
      """
    Then the answer is 409 "Connection profile conflict."
    When I POST "/user-attribute-profiles" with
      """
      { "name": "{people.name}", "user_attributes": {people.user_attributes} }
      """
    Then the answer is 409 "User attribute profile conflict."

  Scenario: the life of a user attribute profile
    Given "/user-attribute-profiles" has "people" with
      """
      {
        "name": "{unique.people}",
        "user_attributes": {
          "email": {
            "label": "Email", "description": "Where to write", "profile_required": true, "auth0_mapping": "email",
            "oidc_mapping": { "mapping": "email" }
          }
        }
      }
      """
    Then the answer is 201
    And the answer carries
      | user_attributes.email.label | Email |
      | user_id.oidc_mapping        | sub   |
    When I PATCH "/user-attribute-profiles/{people.id}" with
      """
      { "user_id": { "oidc_mapping": "sub", "scim_mapping": "userName" } }
      """
    Then the answer is 200
    And the answer carries
      | user_id.scim_mapping | userName |
    When I read every page of "/user-attribute-profiles?take=10"
    Then among the items these "id" come in this order
      | {people.id} |
    When I DELETE "/user-attribute-profiles/{people.id}"
    Then the answer is 204 without a body
    When I GET "/user-attribute-profiles/{people.id}"
    Then the answer is 404 "User attribute profile not found."

  Scenario: a template that is not there
    When I GET "/connection-profiles/templates"
    Then the answer's members are "connection_profile_templates"
    When I GET "/connection-profiles/templates/nothing"
    Then the answer is 404 "Connection profile template not found."
    When I GET "/user-attribute-profiles/templates"
    Then the answer's members are "user_attribute_profile_templates"
    When I GET "/user-attribute-profiles/templates/nothing"
    Then the answer is 404 "User attribute profile template not found."

  @assumption
  Scenario: a profile that an application names stays
    Given "/connection-profiles" has "partners" with
      """
      { "name": "{unique.partners}" }
      """
    And "/user-attribute-profiles" has "people" with
      """
      {
        "name": "{unique.people}",
        "user_attributes": {
          "email": {
            "label": "Email", "description": "Where to write", "profile_required": true, "auth0_mapping": "email"
          }
        }
      }
      """
    And an application "shop" with
      """
      {
        "app_type": "regular_web",
        "my_organization_configuration": {
          "connection_profile_id": "{partners.id}", "user_attribute_profile_id": "{people.id}",
          "allowed_strategies": ["okta"], "connection_deletion_behavior": "allow"
        }
      }
      """
    When I DELETE "/connection-profiles/{partners.id}"
    Then the answer is 409 "The connection profile is in use and cannot be deleted."
    When I DELETE "/user-attribute-profiles/{people.id}"
    Then the answer is 409 "The user attribute profile is in use and cannot be deleted."

  Scenario: the life of a self-service profile
    Given "/self-service-profiles" has "assistant" with
      """
      {
        "name": "{unique.assistant}", "allowed_strategies": ["oidc"],
        "user_attributes": [{ "name": "email", "description": "Where to write", "is_optional": false }]
      }
      """
    Then the answer is 201
    And the answer's "id" has the form "ssp_ + 22 alphanumeric"
    When I PATCH "/self-service-profiles/{assistant.id}" with
      """
      { "description": "For new partners", "user_attributes": null }
      """
    Then the answer is 200
    And the answer carries
      | description     | For new partners |
      | user_attributes | []               |
    When I GET "/self-service-profiles/{assistant.id}"
    Then the answer carries
      | name        | {assistant.name} |
      | description | For new partners |
    When I read every page of "/self-service-profiles?per_page=10"
    Then among the items these "id" come in this order
      | {assistant.id} |
    When I DELETE "/self-service-profiles/{assistant.id}"
    Then the answer is 204 without a body
    When I GET "/self-service-profiles/{assistant.id}"
    Then the answer is 404 "Profile with ID: {assistant.id} not found"

  Scenario: the texts of a self-service profile
    Given "/self-service-profiles" has "assistant" with
      """
      { "name": "{unique.assistant}" }
      """
    When I GET "/self-service-profiles/{assistant.id}/custom-text/en/get-started"
    Then the answer is 200
      """
      {}
      """
    When I PUT "/self-service-profiles/{assistant.id}/custom-text/en/get-started" with
      """
      { "introduction": "Welcome" }
      """
    Then the answer is 200
      """
      { "introduction": "Welcome" }
      """
    When I GET "/self-service-profiles/{assistant.id}/custom-text/en/get-started"
    Then the answer is 200
      """
      { "introduction": "Welcome" }
      """

  Scenario: a ticket is a link to the assistant
    Given "/self-service-profiles" has "assistant" with
      """
      { "name": "{unique.assistant}" }
      """
    When I POST "/self-service-profiles/{assistant.id}/sso-ticket" with
      """
      { "connection_config": { "name": "{unique.staff}" } }
      """
    Then the answer is 201
    And the answer's members are "ticket"
    Given a connection "staff" with
      """
      { "strategy": "auth0" }
      """
    When I POST "/self-service-profiles/{assistant.id}/sso-ticket" with
      """
      { "connection_config": { "name": "{staff.name}" } }
      """
    Then the answer is 409 "A connection with this name already exists."
    When I POST "/self-service-profiles/{assistant.id}/sso-ticket/nothing/revoke"
    Then the answer is 202
