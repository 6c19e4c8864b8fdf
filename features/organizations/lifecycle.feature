Feature: The life of an organization, from its first member to its end

  Scenario: a partner is taken on, works, and leaves without a trace
    # What the tenant has, whoever comes and goes.
    Given an API "travel" with scopes "read:trips book:trips"
    And a role "admin"
    And a user "ada"
    And an application "shop" with
      """
      { "organization_usage": "require", "initiate_login_uri": "https://shop.example/login" }
      """
    And an application "bot"
    And a client grant for "bot" on "travel" with scopes "read:trips" and organization usage "require"

    # Taken on: an organization with its own users, an admin, a domain, and a colleague who is invited.
    Given an organization "granite"
    When I POST "/connections" with
      """
      { "name": "{granite.name}-db", "strategy": "auth0" }
      """
    Then the answer is 201
    Given it is remembered as "database"
    When I POST "/organizations/{granite.id}/enabled_connections" with
      """
      { "connection_id": "{database.id}", "assign_membership_on_login": true }
      """
    Then the answer is 201
    When "ada" is a member of "granite" with the role "admin"
    And I POST "/organizations/{granite.id}/discovery-domains" with
      """
      { "domain": "granite.example", "status": "verified" }
      """
    Then the answer is 201
    Given it is remembered as "domain"
    When I POST "/organizations/{granite.id}/invitations" with
      """
      {
        "client_id": "{shop.client_id}", "connection_id": "{database.id}", "roles": ["{admin.id}"],
        "inviter": { "name": "Ada" }, "invitee": { "email": "bob@granite.example" }
      }
      """
    Then the answer is 201
    Given it is remembered as "invitation"
    When I POST "/organizations/{granite.id}/clients" with
      """
      { "clients": [{ "client_id": "{shop.client_id}", "use_for_member_access": true }] }
      """
    Then the answer is 201

    # Works: the partner's bot is refused until its grant is associated.
    When "bot" asks for a token for "travel" in organization "granite"
    Then the token is refused with 403 "access_denied"
    When "granite" is associated with that grant
    And "bot" asks for a token for "travel" in organization "granite"
    Then a token for organization "granite" is granted
    And the token carries the scopes "read:trips"
    When I GET "/organizations/{granite.id}/members?fields=user_id,roles"
    Then the answer is 200
      """
      [{ "user_id": "{ada.user_id}", "roles": [{ "id": "{admin.id}", "name": "{admin.name}" }] }]
      """
    When I GET "/users/{ada.user_id}/organizations"
    Then the list has exactly these "id"
      | {granite.id} |

    # Leaves.
    When I DELETE "/organizations/{granite.id}"
    Then the answer is 204 without a body
    When "bot" asks for a token for "travel" in organization "granite"
    Then the token is refused with 400 "invalid_request"

    # Nothing of it remains, and nothing else is gone.
    When I GET "/users/{ada.user_id}/organizations"
    Then the list is empty
    When I GET "/organizations?include_client_association_for={shop.client_id}&take=100"
    Then the answer is 200
    When I GET "/client-grants/{grant.id}/organizations"
    Then the list is empty
    When I GET "/organizations/{granite.id}/invitations/{invitation.id}"
    Then the answer is 404 "No organization found by that id"
    When I GET "/organizations/{granite.id}/discovery-domains/{domain.id}"
    Then the answer is 404 "Organization not found."
    When I GET "/organizations/{granite.id}/enabled_connections/{database.id}"
    Then the answer is 404 "The organization does not exist."
    When I GET "/organizations/{granite.id}/members/{ada.user_id}/roles"
    Then the answer is 404 "The organization does not exist."
    When I GET "/users/{ada.user_id}"
    Then the answer is 200
    When I GET "/roles/{admin.id}"
    Then the answer is 200
    When I GET "/connections/{database.id}"
    Then the answer is 200

    # Whoever comes next under the same name begins with nothing.
    When I POST "/organizations" with
      """
      { "name": "{granite.name}" }
      """
    Then the answer is 201
    Given it is remembered as "again"
    When I GET "/organizations/{again.id}/members"
    Then the list is empty
    When I GET "/organizations/{again.id}/discovery-domains"
    Then the list is empty
