Feature: Clients

  Scenario: a client is made with an id, a secret and the grant types of a confidential client
    Given an application "bot"
    Then the answer's "client_id" has the form "32 alphanumeric"
    And the answer's "client_secret" has the form "64 url-safe"
    And the answer carries
      | grant_types                         | ["authorization_code","implicit","refresh_token","client_credentials"] |
      | is_first_party                      | true                                                                   |
      | is_token_endpoint_ip_header_trusted | false                                                                  |
      | oidc_conformant                     | false                                                                  |
      | sso_disabled                        | false                                                                  |
      | cross_origin_authentication         | false                                                                  |
      | custom_login_page_on                | true                                                                   |
      | jwt_configuration                   | {"secret_encoded":false,"lifetime_in_seconds":36000}                   |
    And the answer carries no "organization_usage"
    And the answer carries no "default_organization"
    And the answer carries no "token_endpoint_auth_method"

  Scenario: a public client cannot use client credentials
    Given an application "website" with
      """
      { "app_type": "spa", "token_endpoint_auth_method": "none" }
      """
    Then the answer carries
      | grant_types | ["authorization_code","implicit","refresh_token"] |

  Scenario: client credentials are refused to a public client
    When I POST "/clients" with
      """
      { "name": "{unique.website}", "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] }
      """
    Then the answer is 400 "Invalid grant types: client_credentials"

  Scenario: a name may be used twice
    Given an application "bot"
    When I POST "/clients" with
      """
      { "name": "{bot.name}" }
      """
    Then the answer is 201

  Scenario: metadata is merged, null removes a key
    Given an application "bot" with
      """
      { "client_metadata": { "team": "red", "floor": "2" } }
      """
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "client_metadata": { "team": null } }
      """
    Then the answer is 200
    And the answer carries
      | client_metadata | {"floor": "2"} |
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "client_metadata": { "floor": null } }
      """
    Then the answer carries
      | client_metadata | {} |

  Scenario: a new secret
    Given an application "bot"
    When I POST "/clients/{bot.client_id}/rotate-secret"
    Then the answer is 200
    And the answer's "client_secret" has the form "64 url-safe"
    And the answer carries
      | client_id | {bot.client_id} |

  Scenario: some members only, or all but some
    Given an application "bot"
    When I GET "/clients/{bot.client_id}?fields=name,client_id"
    Then the answer's members are "name, client_id"
    When I GET "/clients/{bot.client_id}?fields=name,client_id&include_fields=true"
    Then the answer's members are "name, client_id"
    When I GET "/clients/{bot.client_id}?fields=name,client_secret&include_fields=false"
    Then the answer carries no "name"
    And the answer carries no "client_secret"
    And the answer carries
      | client_id | {bot.client_id} |

  Scenario: the secret is for those who may read keys
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:clients"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}"
    Then the answer carries
      | client_id | {bot.client_id} |
    And the answer carries no "client_secret"

  Scenario: a summary is four members
    Given an application "auditor"
    And a client grant for "auditor" on the Management API with scopes "read:client_summary"
    And an application "bot"
    When "auditor" asks for a token for the Management API
    And with that token I GET "/clients/{bot.client_id}"
    Then the answer's members are "client_id, app_type, name"

  Scenario Outline: <method> of a client that does not exist
    When I <method> "/clients/00000000000000000000000000000000"
    Then the answer is <status>

    Examples:
      | method | status |
      | GET    | 404    |
      | DELETE | 204    |

  Scenario: a change of a client that does not exist
    When I PATCH "/clients/00000000000000000000000000000000" with
      """
      { "name": "nobody" }
      """
    Then the answer is 404 "Client not found."
