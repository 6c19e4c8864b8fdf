# The API is a setting of the tenant: one scenario at a time may activate it. A shared tenant may have it already.
@mock-only @serial
Feature: Identity providers that an organization manages itself

  Background:
    Given an API "myorg" with
      """
      { "identifier": "{tenant.issuer}my-org/" }
      """
    And I PATCH "/resource-servers/{myorg.id}" with
      """
      { "subject_type_authorization": { "client": { "policy": "require_client_grant" } } }
      """
    And an organization "acme"
    And an organization "globex"
    And "/connection-profiles" has "profile" with
      """
      {
        "name": "For partners", "organization": { "show_as_button": "optional", "assign_membership_on_login": "required" },
        "enabled_features": ["scim"], "connection_name_prefix_template": "partners"
      }
      """
    And "/user-attribute-profiles" has "attributes" with
      """
      {
        "name": "For partners",
        "user_attributes": {
          "email": {
            "label": "Email", "description": "The address", "profile_required": true, "auth0_mapping": "email",
            "oidc_mapping": { "mapping": "mail" }, "scim_mapping": "userName"
          }
        }
      }
      """
    And an application "bot" with
      """
      {
        "organization_usage": "allow",
        "my_organization_configuration": {
          "allowed_strategies": ["okta", "waad"], "connection_deletion_behavior": "allow_if_empty",
          "connection_profile_id": "{profile.id}", "user_attribute_profile_id": "{attributes.id}"
        }
      }
      """
    And I POST "/client-grants" with
      """
      {
        "client_id": "{bot.client_id}", "audience": "{myorg.identifier}",
        "scope": [
          "read:my_org:domains", "create:my_org:domains",
          "read:my_org:identity_providers", "create:my_org:identity_providers", "update:my_org:identity_providers",
          "delete:my_org:identity_providers", "update:my_org:identity_providers_detach",
          "create:my_org:identity_providers_domains", "delete:my_org:identity_providers_domains",
          "read:my_org:identity_providers_provisioning", "create:my_org:identity_providers_provisioning",
          "update:my_org:identity_providers_provisioning", "delete:my_org:identity_providers_provisioning",
          "read:my_org:identity_providers_scim_tokens", "create:my_org:identity_providers_scim_tokens",
          "delete:my_org:identity_providers_scim_tokens"
        ],
        "organization_usage": "require", "allow_any_organization": true
      }
      """
    When "bot" asks for a token for "myorg" in organization "acme"
    Then a token for organization "acme" is granted
    When with that token I POST "/my-org/identity-providers" with
      """
      {
        "name": "{unique.corporate}", "strategy": "okta", "display_name": "Acme Login", "show_as_button": false,
        "options": { "domain": "acme.okta.example", "client_id": "acme", "client_secret": "{unique.secret}" }
      }
      """
    Then the answer is 201
    Given it is remembered as "idp"

  Scenario: a new identity provider is a connection of the organization
    When with that token I GET "/my-org/identity-providers/{idp.id}"
    Then the answer is 200
      """
      {
        "id": "{idp.id}", "name": "{idp.name}", "display_name": "Acme Login", "is_enabled": true, "access_level": "full",
        "strategy": "okta", "show_as_button": false, "assign_membership_on_login": true,
        "options": { "domain": "acme.okta.example", "client_id": "acme" }, "domains": [],
        "attributes": [{
          "user_attribute": "email", "label": "Email", "description": "The address", "is_required": true,
          "is_extra": false, "is_missing": false, "sso_field": ["mail"]
        }]
      }
      """
    When I GET "/organizations/{acme.id}/connections/{idp.id}"
    Then the answer carries
      | organization_connection_name | {idp.name} |
      | organization_access_level    | full       |
      | connection.strategy          | okta       |
      | connection.name              | partners-{idp.name} |

  @assumption
  Scenario: what the configuration and the profile do not allow
    When with that token I POST "/my-org/identity-providers" with
      """
      { "name": "other", "strategy": "adfs", "options": { "adfs_server": "adfs.acme.example" } }
      """
    Then the answer is 400
      """
      {
        "type": "https://auth0.com/api-errors#A0E-400-0001", "status": 400, "title": "Bad Request",
        "detail": "The strategy is not allowed."
      }
      """
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      { "assign_membership_on_login": false }
      """
    Then the answer is 400
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      { "options": { "tenant_domain": "acme.example", "client_id": "acme", "client_secret": "{unique.secret}" } }
      """
    Then the answer is 400

  Scenario: a change
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      {
        "display_name": "Acme", "is_enabled": false,
        "options": { "domain": "login.acme.example", "client_id": "acme", "client_secret": "{unique.secret}" }
      }
      """
    Then the answer is 200
    And the answer carries
      | display_name   | Acme               |
      | is_enabled     | false              |
      | options.domain | login.acme.example |
    When I GET "/connections/{idp.id}"
    Then the answer carries
      | display_name   | Acme               |
      | options.domain | login.acme.example |

  Scenario: the access level decides what the organization may do
    Given I PATCH "/organizations/{acme.id}/connections/{idp.id}" with
      """
      { "organization_access_level": "limited" }
      """
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      { "is_enabled": false, "show_as_button": true }
      """
    Then the answer is 200
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      { "display_name": "Acme" }
      """
    Then the answer is 403
    When with that token I DELETE "/my-org/identity-providers/{idp.id}"
    Then the answer is 403
    Given I PATCH "/organizations/{acme.id}/connections/{idp.id}" with
      """
      { "organization_access_level": "readonly" }
      """
    When with that token I PATCH "/my-org/identity-providers/{idp.id}" with
      """
      { "is_enabled": true }
      """
    Then the answer is 403
    When with that token I GET "/my-org/identity-providers?member_access_level=readonly"
    Then the answer carries
      | identity_providers.0.id | {idp.id} |
    When with that token I GET "/my-org/identity-providers?member_access_level=full"
    Then the answer is 200
      """
      { "identity_providers": [] }
      """
    Given I PATCH "/organizations/{acme.id}/connections/{idp.id}" with
      """
      { "organization_access_level": "none" }
      """
    When with that token I GET "/my-org/identity-providers/{idp.id}"
    Then the answer is 404
      """
      {
        "type": "https://auth0.com/api-errors#A0E-404-0002", "status": 404, "title": "Resource Not Found",
        "detail": "The IdP does not exist."
      }
      """
    When with that token I GET "/my-org/identity-providers"
    Then the answer is 200
      """
      { "identity_providers": [] }
      """

  Scenario: another organization does not see it
    When "bot" asks for a token for "myorg" in organization "globex"
    And with that token I GET "/my-org/identity-providers/{idp.id}"
    Then the answer is 404
    When with that token I DELETE "/my-org/identity-providers/{idp.id}"
    Then the answer is 404

  Scenario: a detached connection stays
    When with that token I POST "/my-org/identity-providers/{idp.id}/detach"
    Then the answer is 204 without a body
    When with that token I GET "/my-org/identity-providers/{idp.id}"
    Then the answer is 404
    When I GET "/connections/{idp.id}"
    Then the answer is 200

  Scenario: a deleted identity provider is a deleted connection
    When with that token I DELETE "/my-org/identity-providers/{idp.id}"
    Then the answer is 204 without a body
    When I GET "/connections/{idp.id}"
    Then the answer is 404

  Scenario: domains of an identity provider are verified domains of the organization
    When with that token I POST "/my-org/domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 201
    Given it is remembered as "domain"
    When with that token I POST "/my-org/identity-providers/{idp.id}/domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 400
    Given I PATCH "/organizations/{acme.id}/discovery-domains/{domain.id}" with
      """
      { "status": "verified" }
      """
    When with that token I POST "/my-org/identity-providers/{idp.id}/domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 201
      """
      { "domain": "acme.example" }
      """
    When with that token I POST "/my-org/identity-providers/{idp.id}/domains" with
      """
      { "domain": "Acme.example" }
      """
    Then the answer is 409
      """
      {
        "type": "https://auth0.com/api-errors#A0E-409-0003", "status": 409, "title": "Duplicate Resource",
        "detail": "Domain is already associated with this identity provider"
      }
      """
    When with that token I GET "/my-org/domains/{domain.id}/identity-providers"
    Then the answer is 200
      """
      { "identity_providers": [{ "id": "{idp.id}", "name": "{idp.name}", "display_name": "Acme Login" }] }
      """
    When with that token I DELETE "/my-org/identity-providers/{idp.id}/domains/acme.example"
    Then the answer is 204 without a body
    When with that token I DELETE "/my-org/identity-providers/{idp.id}/domains/acme.example"
    Then the answer is 404

  Scenario: attributes follow the profile when they are updated
    Given I PATCH "/user-attribute-profiles/{attributes.id}" with
      """
      {
        "user_attributes": {
          "email": {
            "label": "Email", "description": "The address", "profile_required": true, "auth0_mapping": "email",
            "oidc_mapping": { "mapping": "upn" }
          }
        }
      }
      """
    When with that token I GET "/my-org/identity-providers/{idp.id}"
    Then the answer carries
      | attributes.0.is_missing | true |
    When with that token I PUT "/my-org/identity-providers/{idp.id}/update-attributes" with
      """
      {}
      """
    Then the answer is 200
    And the answer carries
      | attributes.0.is_missing  | false |
      | attributes.0.sso_field.0 | upn   |

  Scenario: provisioning over SCIM and its tokens
    When with that token I POST "/my-org/identity-providers/{idp.id}/provisioning"
    Then the answer is 201
    And the answer carries
      | identity_provider_id                 | {idp.id}  |
      | identity_provider_name               | {idp.name} |
      | strategy                             | okta      |
      | method                               | scim      |
      | attributes.0.user_attribute          | email     |
      | attributes.0.provisioning_field      | userName  |
      | attributes.0.is_missing              | false     |
    When with that token I POST "/my-org/identity-providers/{idp.id}/provisioning/scim-tokens" with
      """
      { "token_lifetime": 901 }
      """
    Then the answer is 201
    And the answer's members are "token_id, token, created_at, valid_until"
    Given it is remembered as "scim"
    When with that token I GET "/my-org/identity-providers/{idp.id}/provisioning/scim-tokens"
    Then the answer carries
      | scim_tokens.0.token_id | {scim.token_id} |
    When with that token I POST "/my-org/identity-providers/{idp.id}/provisioning/scim-tokens" with
      """
      { "token_lifetime": 900 }
      """
    Then the answer is 400
    When with that token I DELETE "/my-org/identity-providers/{idp.id}/provisioning/scim-tokens/{scim.token_id}"
    Then the answer is 204 without a body
    When with that token I PUT "/my-org/identity-providers/{idp.id}/provisioning/update-attributes" with
      """
      {}
      """
    Then the answer is 200
    When I GET "/connections/{idp.id}/scim-configuration"
    Then the answer is 200
    When with that token I DELETE "/my-org/identity-providers/{idp.id}/provisioning"
    Then the answer is 204 without a body
    When with that token I GET "/my-org/identity-providers/{idp.id}/provisioning"
    Then the answer is 404
