Feature: Client grants

  Background:
    Given an API "travel" with scopes "read:trips write:trips"
    And an application "bot"

  @R3 @R4 @R59
  Scenario: a grant answers what was said, and nothing about organizations
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "scope": ["read:trips"] }
      """
    Then the answer is 201
    And the answer's members are "id, client_id, audience, scope, subject_type"
    And the answer's "id" has the form "cgr_ + 16 alphanumeric"
    And the answer carries
      | client_id    | {bot.client_id}     |
      | audience     | {travel.identifier} |
      | scope        | ["read:trips"]      |
      | subject_type | client              |
    When it is remembered as "grant"
    And I GET "/client-grants/{grant.id}"
    Then the answer's members are "id, client_id, audience, scope, subject_type"

  @assumption
  Scenario: no scope is no scopes
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}" }
      """
    Then the answer is 201
    And the answer carries
      | scope | [] |

  @R1
  Scenario Outline: organization usage "<usage>"
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "scope": [], "organization_usage": "<usage>" }
      """
    Then the answer is 201
    And the answer carries
      | organization_usage | <usage> |

    Examples:
      | usage   |
      | deny    |
      | allow   |
      | require |

  @R1
  Scenario: the word is require, not required
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "organization_usage": "required" }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: 'Invalid value "required"' on property organization_usage
      """

  @R5
  Scenario Outline: a new grant takes no null for <member>
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "<member>": null }
      """
    Then the answer is 400

    Examples:
      | member                 |
      | organization_usage     |
      | allow_any_organization |

  @R5 @assumption
  Scenario Outline: null takes <member> away from a grant
    Given a client grant for "bot" on "travel" with organization usage "require" and any organization
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "<member>": null }
      """
    Then the answer is 200
    And the answer carries no "<member>"
    When I GET "/client-grants/{grant.id}"
    Then the answer carries no "<member>"
    And the answer carries
      | <other> | <value> |

    Examples:
      | member                 | other                  | value   |
      | organization_usage     | allow_any_organization | true    |
      | allow_any_organization | organization_usage     | require |

  @R6 @assumption
  Scenario Outline: usage "<usage>" with any organization <any>
    When I POST "/client-grants" with
      """
      {
        "client_id": "{bot.client_id}",
        "audience": "{travel.identifier}",
        "organization_usage": "<usage>",
        "allow_any_organization": <any>
      }
      """
    Then the answer is 201
    And the answer carries
      | organization_usage     | <usage> |
      | allow_any_organization | <any>   |

    Examples:
      | usage   | any   |
      | deny    | true  |
      | deny    | false |
      | allow   | true  |
      | allow   | false |
      | require | true  |
      | require | false |

  @R6
  Scenario: a change of one setting leaves the other
    Given a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "organization_usage": "require" }
      """
    Then the answer is 200
    And the answer carries
      | organization_usage     | require |
      | allow_any_organization | true    |

  @R58 @R57
  Scenario: a second grant for the same pair is a conflict
    Given a client grant for "bot" on "travel" with scopes "read:trips"
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "scope": [] }
      """
    Then the answer is 409 "A client grant already exists between {bot.client_id} and {travel.identifier}"
    When I GET "/client-grants?client_id={bot.client_id}"
    Then the list has exactly these "id"
      | {grant.id} |

  @R57
  Scenario: one grant for the client and one for its users
    Given a client grant for "bot" on "travel" with
      """
      { "subject_type": "client" }
      """
    And it is remembered as "own"
    And a client grant for "bot" on "travel" with
      """
      { "subject_type": "user" }
      """
    When I GET "/client-grants?client_id={bot.client_id}"
    Then the list has exactly these "subject_type"
      | client |
      | user   |
    When I GET "/client-grants?client_id={bot.client_id}&subject_type=client"
    Then the list has exactly these "id"
      | {own.id} |

  @R61
  Scenario Outline: <member> cannot be changed
    Given a client grant for "bot" on "travel"
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "<member>": "<value>" }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: <member>'."

    Examples:
      | member       | value               |
      | client_id    | {bot.client_id}     |
      | audience     | {travel.identifier} |
      | subject_type | client              |
      | default_for  | third_party_clients |

  @R62
  Scenario: a grant for an audience that is no API
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "https://nowhere.example/", "scope": [] }
      """
    Then the answer is 404 "Resource server not found"

  @R63
  Scenario: a grant for a client that does not exist
    When I POST "/client-grants" with
      """
      { "client_id": "00000000000000000000000000000000", "audience": "{travel.identifier}", "scope": [] }
      """
    Then the answer is 404 "Client not found"

  @R64
  Scenario: a scope that the API does not define
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "scope": ["fly:planes"] }
      """
    Then the answer is 201
    And the answer carries
      | scope | ["fly:planes"] |

  @R65
  Scenario: a scope that the Management API does not define, in a changed grant
    Given a client grant for "bot" on the Management API with scopes "read:clients"
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "scope": ["read:clients", "read:moon_phases"] }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: scope must be a subset of resource server scopes"
    When I GET "/client-grants/{grant.id}"
    Then the answer carries
      | scope | ["read:clients"] |

  @R65 @assumption
  Scenario: a scope that the Management API does not define, in a new grant
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{management.audience}", "scope": ["read:clients", "fly:planes"] }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: scope must be a subset of resource server scopes"

  @R66
  Scenario: all scopes instead of some
    Given a client grant for "bot" on "travel" with
      """
      { "allow_all_scopes": true }
      """
    When I GET "/client-grants/{grant.id}"
    Then the answer carries no "scope"
    And the answer carries
      | allow_all_scopes | true |
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "allow_all_scopes": false, "scope": [] }
      """
    Then the answer is 200
    And the answer carries
      | allow_all_scopes | false |
      | scope            | []    |

  @R67
  Scenario Outline: all scopes (<value>) of the Management API
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{management.audience}", "allow_all_scopes": <value> }
      """
    Then the answer is 400 "`allow_all_scopes` cannot be provided when `audience` is a system API"

    Examples:
      | value |
      | true  |
      | false |

  @R68
  Scenario: authorization details belong to users
    When I POST "/client-grants" with
      """
      {
        "client_id": "{bot.client_id}",
        "audience": "{travel.identifier}",
        "subject_type": "user",
        "authorization_details_types": ["payment"]
      }
      """
    Then the answer is 201
    And the answer carries
      | authorization_details_types | ["payment"] |

  Scenario: a change of nothing
    Given a client grant for "bot" on "travel"
    When I PATCH "/client-grants/{grant.id}" with
      """
      {}
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Too few properties defined (0), minimum 1'."

  Scenario: a change of a grant that does not exist
    When I PATCH "/client-grants/cgr_0000000000000000" with
      """
      { "scope": [] }
      """
    Then the answer is 404 "The client grant does not exist."

  Scenario Outline: grants by <filter>
    Given an API "billing"
    And a client grant for "bot" on "billing"
    And it is remembered as "other"
    And a client grant for "bot" on "travel" with organization usage "allow"
    When I GET "/client-grants?client_id={bot.client_id}<query>"
    Then the list has exactly these "id"
      | <id> |

    Examples:
      | filter   | query                            | id         |
      | audience | &audience={travel.identifier}    | {grant.id} |
      | audience | &audience={billing.identifier}   | {other.id} |

  Scenario: nobody has grants for an unknown audience
    When I GET "/client-grants?audience=https%3A%2F%2Fnowhere.example%2F"
    Then the answer is 200
      """
      []
      """

  @R68 @assumption
  Scenario: authorization details are refused to a grant for the client itself
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "authorization_details_types": ["payment"] }
      """
    Then the answer is 400

  @R68 @assumption
  Scenario: nor are they added to one later
    Given a client grant for "bot" on "travel"
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "authorization_details_types": ["payment"] }
      """
    Then the answer is 400
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "authorization_details_types": [] }
      """
    Then the answer is 200
    And the answer carries
      | authorization_details_types | [] |

  @R59
  Scenario: a subject type that is none
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "subject_type": "robot" }
      """
    Then the answer is 400 "invalid_body" and begins with
      """
      Payload validation error: 'Invalid value "robot"' on property subject_type
      """

  @R69
  Scenario: no grant for the application of an express configuration
    Given an application "express" with
      """
      { "app_type": "express_configuration" }
      """
    When I POST "/client-grants" with
      """
      { "client_id": "{express.client_id}", "audience": "{travel.identifier}", "scope": [] }
      """
    Then the answer is 400 "validation_error" "Client of type express_configuration cannot be used"

  @R71
  Scenario: the application of an express configuration has a grant that the service made
    Given an application "express" with
      """
      { "app_type": "express_configuration" }
      """
    When I GET "/client-grants?client_id={express.client_id}"
    Then the answer carries
      | 0.is_system    | true                         |
      | 0.subject_type | client                       |
      | 0.scope.0      | read:clients                 |
      | 0.scope.1      | read:user_attribute_profiles |
      | 0.scope.15     | delete:scim_token            |
    And the answer carries no "0.organization_usage"
    And the answer carries no "0.allow_any_organization"
    And the answer carries no "0.scope.16"
    And the answer carries no "1"

  @R126 @R129
  Scenario: one grant for each type of subject
    Given a client grant for "bot" on "travel" with scopes "read:trips"
    And a client grant for "bot" on "travel" with
      """
      { "subject_type": "user" }
      """
    And a client grant for "bot" on "travel" with
      """
      { "subject_type": "anonymous_user", "scope": ["write:trips"] }
      """
    When I GET "/client-grants/{grant.id}"
    Then the answer carries
      | subject_type | anonymous_user |
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "subject_type": "anonymous_user" }
      """
    Then the answer is 409
    When I GET "/client-grants?client_id={bot.client_id}&subject_type=anonymous_user"
    Then the list has exactly these "id"
      | {grant.id} |

  @R127
  Scenario: a grant for anonymous users has no organization usage
    When I POST "/client-grants" with
      """
      { "client_id": "{bot.client_id}", "audience": "{travel.identifier}", "subject_type": "anonymous_user", "organization_usage": "allow" }
      """
    Then the answer is 400 "`organization_usage` cannot be set for client grants with `subject_type`: anonymous_user"
    Given a client grant for "bot" on "travel" with
      """
      { "subject_type": "anonymous_user" }
      """
    When I PATCH "/client-grants/{grant.id}" with
      """
      { "organization_usage": "deny" }
      """
    Then the answer is 400 "`organization_usage` cannot be set for client grants with `subject_type`: anonymous_user"

  @R127 @assumption
  Scenario Outline: nor has it <member>
    When I POST "/client-grants" with
      """
      { <subject>, "audience": "{travel.identifier}", "subject_type": "anonymous_user", "<member>": <value> }
      """
    Then the answer is 400 "`<member>` cannot be set for client grants with `subject_type`: anonymous_user"

    Examples:
      | member                      | value                | subject                          |
      | allow_any_organization      | false                | "client_id": "{bot.client_id}"   |
      | authorization_details_types | []                   | "client_id": "{bot.client_id}"   |
      | default_for                 | "third_party_clients" | "scope": []                     |

  @R128 @R60
  Scenario: a grant for anonymous users gives the client itself no token
    Given a client grant for "bot" on "travel" with
      """
      { "subject_type": "anonymous_user" }
      """
    When "bot" asks for a token for "travel"
    Then the token is refused with 403 "access_denied"
