Feature: Requests that say the wrong thing

  Scenario Outline: POST <path> <fault>
    When I POST "<path>" with
      """
      <body>
      """
    Then the answer is 400 "invalid_body" "Payload validation error: '<message>'."

    Examples:
      | path              | fault                   | body                                         | message                                   |
      | /clients          | without a name          | {}                                           | Missing required property: name           |
      | /clients          | with a key nobody knows | {"name": "{unique.bot}", "colour": "green"}  | Additional properties not allowed: colour |
      | /organizations    | without a name          | {"display_name": "Acme"}                     | Missing required property: name           |
      | /organizations    | with a key nobody knows | {"name": "{unique.acme}", "colour": "green"} | Additional properties not allowed: colour |
      | /resource-servers | without an identifier   | {"name": "{unique.travel}"}                  | Missing required property: identifier     |
      | /client-grants    | without an audience     | {"client_id": "abc"}                         | Missing required property: audience       |

  Scenario Outline: POST <path> with <member> <fault>
    When I POST "<path>" with
      """
      <body>
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: '<message>' on property <member>
      """

    Examples:
      | path              | member          | fault           | body                                                                      | message                                                                   |
      | /clients          | name            | of another type | {"name": 7}                                                               | Expected type string but found type integer                               |
      | /clients          | app_type        | nobody knows    | {"name": "{unique.bot}", "app_type": "toaster"}                           | Invalid value "toaster"                                                   |
      | /clients          | is_first_party  | as a text       | {"name": "{unique.bot}", "is_first_party": "yes"}                         | Expected type boolean but found type string                               |
      | /organizations    | display_name    | too short       | {"name": "{unique.acme}", "display_name": ""}                             | String is too short (0 chars), minimum 1                                  |
      | /organizations    | name            | in capitals     | {"name": "{unique.Acme}"}                                                 | Object didn't pass validation for format organization-name: {unique.Acme} |
      | /organizations    | branding.colors | half given      | {"name": "{unique.acme}", "branding": {"colors": {"primary": "#000000"}}} | Missing required property: page_background                                |
      | /resource-servers | token_lifetime  | too long        | {"identifier": "urn:{unique.x}", "token_lifetime": 2592001}               | Value 2592001 is greater than maximum 2592000                             |
      | /resource-servers | scopes[0]       | without a value | {"identifier": "urn:{unique.x}", "scopes": [{"description": "d"}]}        | Missing required property: value                                          |
      | /resource-servers | signing_alg     | nobody knows    | {"identifier": "urn:{unique.x}", "signing_alg": "none"}                   | Invalid value "none"                                                      |
      | /resource-servers | signing_secret  | too short       | {"identifier": "urn:{unique.x}", "signing_secret": "short"}               | String is too short (5 chars), minimum 16                                 |
      | /client-grants    | scope           | as a text       | {"client_id": "abc", "audience": "urn:x", "scope": "read:trips"}          | Expected type array but found type string                                 |
      | /client-grants    | scope[0]        | empty           | {"client_id": "abc", "audience": "urn:x", "scope": [""]}                  | String is too short (0 chars), minimum 1                                  |
      | /client-grants    | subject_type    | nobody knows    | {"client_id": "abc", "audience": "urn:x", "subject_type": "robot"}        | Invalid value "robot"                                                     |

  Scenario Outline: a query string with <fault>
    When I GET "<path>"
    Then the answer is 400 "invalid_query_string" "Query validation error: 'Additional properties not allowed: <name>'."

    Examples:
      | fault           | path                         | name      |
      | an unknown word | /organizations?colour=green  | colour    |
      | somebody else's | /organizations?client_id=abc | client_id |
      | an unknown word | /resource-servers?name=x     | name      |

  Scenario: a refused create leaves nothing behind
    Given an organization "acme"
    When I POST "/organizations" with
      """
      { "name": "{acme.name}-2", "colour": "green" }
      """
    Then the answer is 400
    When I GET "/organizations/name/{acme.name}-2"
    Then the answer is 404

  Scenario: a refused change changes nothing
    Given an organization "acme"
    When I PATCH "/organizations/{acme.id}" with
      """
      { "display_name": "Other", "colour": "green" }
      """
    Then the answer is 400
    When I GET "/organizations/{acme.id}"
    Then the answer carries
      | display_name | {acme.display_name} |
