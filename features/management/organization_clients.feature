Feature: Applications of an organization

  Background:
    Given an organization "acme"
    And an application "shop" with
      """
      { "organization_usage": "allow" }
      """

  Scenario: an application belongs to an organization until it is taken out
    When I POST "/organizations/{acme.id}/clients" with
      """
      { "clients": [{ "client_id": "{shop.client_id}", "use_for_member_access": true }] }
      """
    Then the answer is 201
    When I PATCH "/organizations/{acme.id}/clients/{shop.client_id}" with
      """
      { "use_for_member_access": false }
      """
    Then the answer is 200
    When I GET "/organizations/{acme.id}/clients/{shop.client_id}"
    Then the answer carries
      | client_id             | {shop.client_id} |
      | use_for_member_access | false            |
      | client.name           | {shop.name}      |
    When I DELETE "/organizations/{acme.id}/clients" with
      """
      { "clients": ["{shop.client_id}"] }
      """
    Then the answer is 204 without a body
    When I GET "/organizations/{acme.id}/clients"
    Then the answer is 200
      """
      { "clients": [] }
      """

  Scenario: an organization loses an application that is deleted
    Given I POST "/organizations/{acme.id}/clients" with
      """
      { "clients": [{ "client_id": "{shop.client_id}" }] }
      """
    When I DELETE "/clients/{shop.client_id}"
    And I GET "/organizations/{acme.id}/clients"
    Then the answer is 200
      """
      { "clients": [] }
      """
