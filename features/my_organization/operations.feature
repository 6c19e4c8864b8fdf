# The API is a setting of the tenant: one scenario at a time may activate it. A shared tenant may have it already.
@mock-only @serial
Feature: What an application does for its organization

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
        "enabled_features": ["scim"], "strategy_overrides": { "adfs": { "enabled_features": ["universal_logout"] } }
      }
      """
    And an application "bot" with
      """
      {
        "organization_usage": "allow", "initiate_login_uri": "https://bot.example/login",
        "my_organization_configuration": {
          "allowed_strategies": ["okta", "adfs", "google-apps"], "connection_deletion_behavior": "allow",
          "connection_profile_id": "{profile.id}"
        }
      }
      """
    And I POST "/client-grants" with
      """
      {
        "client_id": "{bot.client_id}", "audience": "{myorg.identifier}",
        "scope": [
          "read:my_org:configuration", "read:my_org:details", "update:my_org:details", "delete:my_org:organizations",
          "read:my_org:domains", "create:my_org:domains", "update:my_org:domains", "delete:my_org:domains",
          "read:my_org:identity_providers", "read:my_org:members", "delete:my_org:memberships",
          "read:my_org:member_roles", "create:my_org:member_roles", "delete:my_org:member_roles",
          "read:my_org:member_invitations", "create:my_org:member_invitations", "delete:my_org:member_invitations"
        ],
        "organization_usage": "require", "allow_any_organization": true
      }
      """
    When "bot" asks for a token for "myorg" in organization "acme"
    Then a token for organization "acme" is granted

  Scenario: the details are those of the organization
    When with that token I PATCH "/my-org/details" with
      """
      { "display_name": "Acme Travels", "id": "{globex.id}" }
      """
    Then the answer is 200
      """
      { "id": "{acme.id}", "name": "{acme.name}", "display_name": "Acme Travels" }
      """
    When I GET "/organizations/{acme.id}"
    Then the answer carries
      | display_name | Acme Travels |
    When with that token I PATCH "/my-org/details" with
      """
      { "name": "{globex.name}" }
      """
    Then the answer is 409
      """
      {
        "type": "https://auth0.com/api-errors#A0E-409-0003",
        "status": 409,
        "title": "Duplicate Resource",
        "detail": "An organization with this name already exists."
      }
      """
    When with that token I PATCH "/my-org/details" with
      """
      { "metadata": { "a": "b" } }
      """
    Then the answer is 400
      """
      {
        "type": "https://auth0.com/api-errors#A0E-400-0003",
        "status": 400,
        "title": "Validation Error",
        "validation_errors": [{ "detail": "Payload validation error: 'Additional properties not allowed: metadata'." }]
      }
      """

  Scenario: an application may delete its organization
    When with that token I DELETE "/my-org"
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}"
    Then the answer is 404

  Scenario: the connection profile says what administrators may set
    When with that token I GET "/my-org/config/identity-providers"
    Then the answer is 200
      """
      {
        "organization": { "can_set_show_as_button": true, "can_set_assign_membership_on_login": false },
        "strategies": {
          "okta": { "enabled_features": ["provisioning"], "provisioning_methods": ["scim"] },
          "adfs": { "enabled_features": ["universal_logout"], "provisioning_methods": [] },
          "googleapps": { "enabled_features": [], "provisioning_methods": [] }
        }
      }
      """

  Scenario: a domain of the organization
    When with that token I POST "/my-org/domains" with
      """
      { "domain": "acme.example" }
      """
    Then the answer is 201
    And the answer's members are "id, org_id, domain, status, verification_txt, verification_host"
    And the answer carries
      | org_id | {acme.id}    |
      | status | pending      |
    Given it is remembered as "domain"
    When with that token I POST "/my-org/domains" with
      """
      { "domain": "Acme.example" }
      """
    Then the answer is 409
      """
      {
        "type": "https://auth0.com/api-errors#A0E-409-0003",
        "status": 409,
        "title": "Duplicate Resource",
        "detail": "Domain name must be unique"
      }
      """
    When with that token I POST "/my-org/domains/{domain.id}/verify"
    Then the answer is 202
    And the answer carries
      | status | pending |
    Given I PATCH "/organizations/{acme.id}/discovery-domains/{domain.id}" with
      """
      { "status": "verified" }
      """
    When with that token I GET "/my-org/domains?take=1"
    Then the answer's members are "organization_domains"
    When with that token I GET "/my-org/domains/{domain.id}"
    Then the answer carries
      | status | verified |
    When with that token I GET "/my-org/domains/{domain.id}/identity-providers"
    Then the answer is 200
      """
      { "identity_providers": [] }
      """
    When with that token I DELETE "/my-org/domains/{domain.id}"
    Then the answer is 204 without a body
    When with that token I GET "/my-org/domains/{domain.id}"
    Then the answer is 404

  Scenario: a domain of another organization does not exist
    Given I POST "/organizations/{globex.id}/discovery-domains" with
      """
      { "domain": "globex.example" }
      """
    And it is remembered as "domain"
    When with that token I GET "/my-org/domains/{domain.id}"
    Then the answer is 404
    When with that token I DELETE "/my-org/domains/{domain.id}"
    Then the answer is 404
    When I GET "/organizations/{globex.id}/discovery-domains/{domain.id}"
    Then the answer is 200

  Scenario: members and their roles
    Given a role "admin"
    And a user "ada"
    And a user "bob"
    And "ada" is a member of "acme" with the role "admin"
    And "bob" is a member of "globex"
    When with that token I GET "/my-org/members?fields=user_id,roles"
    Then the answer is 200
      """
      { "members": [{ "user_id": "{ada.user_id}", "roles": [{ "id": "{admin.id}", "name": "{admin.name}", "description": "" }] }] }
      """
    When with that token I GET "/my-org/members?fields=user_id&include_totals=true"
    Then the answer is 200
      """
      { "members": [{ "user_id": "{ada.user_id}" }], "total": 1, "total_is_capped": false }
      """
    When with that token I GET "/my-org/members/{ada.user_id}?fields=user_id"
    Then the answer is 200
      """
      { "user_id": "{ada.user_id}" }
      """
    When with that token I GET "/my-org/members/{bob.user_id}"
    Then the answer is 404
    When with that token I POST "/my-org/members/{ada.user_id}/unassign-roles" with
      """
      { "role_ids": ["{admin.id}"] }
      """
    Then the answer is 204 without a body
    When with that token I GET "/my-org/members/{ada.user_id}/roles"
    Then the answer is 200
      """
      { "roles": [] }
      """
    When with that token I POST "/my-org/members/{ada.user_id}/roles" with
      """
      { "role_ids": ["{admin.id}"] }
      """
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}/members/{ada.user_id}/roles"
    Then the list has exactly these "id"
      | {admin.id} |
    When with that token I POST "/my-org/delete-memberships" with
      """
      { "members": ["{ada.user_id}"] }
      """
    Then the answer is 204 without a body
    When with that token I GET "/my-org/members"
    Then the answer is 200
      """
      { "members": [] }
      """
    When I GET "/users/{ada.user_id}"
    Then the answer is 200

  @assumption
  Scenario: the roles that members can have are those of the tenant and of the organization
    Given I POST "/roles" with
      """
      { "name": "{unique.own}", "type": "organization", "owner_id": "{acme.id}" }
      """
    And it is remembered as "own"
    And I POST "/roles" with
      """
      { "name": "{unique.foreign}", "type": "organization", "owner_id": "{globex.id}" }
      """
    When with that token I GET "/my-org/roles?name={unique.own}"
    Then the answer is 200
      """
      { "roles": [{ "id": "{own.id}", "name": "{own.name}", "description": "" }] }
      """
    When with that token I GET "/my-org/roles?name={unique.foreign}"
    Then the answer is 200
      """
      { "roles": [] }
      """

  Scenario: invitations of new members
    When with that token I POST "/my-org/member-invitations" with
      """
      { "invitees": [{ "email": "ada@acme.example" }, { "email": "bob@acme.example" }], "inviter": { "name": "Eve" } }
      """
    Then the answer is 201
    When with that token I GET "/my-org/member-invitations?fields=invitee&take=1"
    Then the answer's members are "invitations, next"
    And the answer carries
      | invitations.0.invitee.email | bob@acme.example |
    When with that token I GET "/my-org/member-invitations?sort=created_at:1"
    Then the answer's members are "invitations"
    And the answer carries
      | invitations.0.invitee.email   | ada@acme.example |
      | invitations.0.organization_id | {acme.id}        |
    Given the answer's "invitations.0" is remembered as "first"
    # A further invitation of the same person revokes the older one.
    When with that token I POST "/my-org/member-invitations" with
      """
      { "invitees": [{ "email": "Ada@acme.example" }] }
      """
    Then the answer is 201
    When with that token I GET "/my-org/member-invitations/{first.id}"
    Then the answer is 404
    When I GET "/organizations/{acme.id}/invitations?fields=invitee"
    Then the answer is 200
      """
      [{ "invitee": { "email": "Ada@acme.example" } }, { "invitee": { "email": "bob@acme.example" } }]
      """
