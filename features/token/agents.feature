Feature: Agents in tokens

  An agent has no credentials: applications act for it. An API with agent_subject_claims has the agent of the
  application as the subject of its tokens, beside the kinds of the subject and of the application.

  Background:
    Given an API "travel" with
      """
      { "scopes": [{ "value": "read:trips" }], "agent_subject_claims": "auth0-v1" }
      """
    And an API "billing" with scopes "read:bills"
    And an application "bot"
    And a client grant for "bot" on "travel" with scopes "read:trips" and organization usage "allow" and any organization
    And a client grant for "bot" on "billing"
    And "/agents" has "planner" with
      """
      { "name": "{unique.planner}", "external_agent_id": "{unique.planner}" }
      """

  @R113 @R115 @R118
  Scenario: the subject is the external id of the agent
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And I GET "/clients/{bot.client_id}"
    Then the answer carries
      | agent_id | {planner.agent_id} |
    When "bot" asks for a token for "travel"
    Then the token carries
      | sub            | {unique.planner}    |
      | sub_profile    | ai_agent            |
      | client_profile | service ai_agent    |
      | azp            | {bot.client_id}     |
      | aud            | {travel.identifier} |
      | gty            | client-credentials  |

  @R115
  Scenario: the subject is the id of an agent without an external id
    Given "/agents" has "helper" with
      """
      { "name": "{unique.helper}", "client_id": "{bot.client_id}" }
      """
    When "bot" asks for a token for "travel"
    Then the token carries
      | sub         | {helper.agent_id} |
      | sub_profile | ai_agent          |

  @R113
  Scenario: several applications act for one agent
    Given an application "first" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And an application "second" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And a client grant for "first" on "travel"
    And a client grant for "second" on "travel"
    When "first" asks for a token for "travel"
    Then the token carries
      | sub | {unique.planner}  |
      | azp | {first.client_id} |
    When "second" asks for a token for "travel"
    Then the token carries
      | sub | {unique.planner}   |
      | azp | {second.client_id} |

  @R115 @R118
  Scenario: a token of the profile of RFC 9068 has the agent as well
    Given an API "fleet" with
      """
      { "agent_subject_claims": "auth0-v1", "token_dialect": "rfc9068_profile" }
      """
    And an application "driver" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And a client grant for "driver" on "fleet"
    When "driver" asks for a token for "fleet"
    Then the token carries
      | sub            | {unique.planner}   |
      | sub_profile    | ai_agent           |
      | client_profile | service ai_agent   |
      | client_id      | {driver.client_id} |

  @R116 @R117
  Scenario: an application without an agent is the subject by its bare id
    When "bot" asks for a token for "travel"
    Then the token carries
      | sub            | {bot.client_id} |
      | sub_profile    | service         |
      | client_profile | service         |
      | azp            | {bot.client_id} |

  @R114
  Scenario: an API without agent_subject_claims has the application as the subject
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    When "bot" asks for a token for "billing"
    Then the token carries
      | sub | {bot.client_id}@clients |
    And the token carries no "sub_profile"
    And the token carries no "client_profile"

  @R119
  Scenario: the answer of the token endpoint is that of any other application
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the answer's members are "access_token, expires_in, scope, token_type"

  @R113 @R120
  Scenario: an application that is no longer linked gets tokens without the agent
    Given an application "admin" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And a client grant for "admin" on the Management API with scopes "read:clients"
    And a client grant for "admin" on "travel"
    When "admin" asks for a token for "travel"
    Then the token carries
      | sub | {unique.planner} |
    When "admin" asks for a token for the Management API
    Then a token is granted
    When I PATCH "/clients/{admin.client_id}" with
      """
      { "agent_id": null }
      """
    Then the answer carries no "agent_id"
    When with that token I GET "/clients/{admin.client_id}"
    Then the answer is 200
    When "admin" asks for a token for "travel"
    Then the token carries
      | sub         | {admin.client_id} |
      | sub_profile | service           |

  @R125 @assumption
  Scenario: an application has no unknown agent
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "agt_23456789ABCDEFGHJKLMNP" }
      """
    Then the answer is 404 "The agent does not exist."

  @R125 @assumption
  Scenario: the application of a deleted agent is the subject again
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    And I DELETE "/agents/{planner.agent_id}"
    When "bot" asks for a token for "travel"
    Then the token carries
      | sub         | {bot.client_id} |
      | sub_profile | service         |

  @R122
  Scenario: the log has the agent of an application
    Given I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    When "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel" with scope "delete:trips"
    And I GET "/logs?q=agent_id:{planner.agent_id}"
    Then the list has exactly these "type"
      | seccft |
      | feccft |
    And the answer carries
      | 0.agent_id          | {planner.agent_id} |
      | 0.external_agent_id | {unique.planner}   |
      | 1.agent_id          | {planner.agent_id} |
      | 1.external_agent_id | {unique.planner}   |
      | 1.client_id         | {bot.client_id}    |

  @R122
  Scenario: the log has no external id of an agent without one
    Given "/agents" has "helper" with
      """
      { "name": "{unique.helper}", "client_id": "{bot.client_id}" }
      """
    When "bot" asks for a token for "billing"
    And I GET "/logs?q=agent_id:{helper.agent_id}"
    Then the answer carries
      | 0.client_id | {bot.client_id} |
    And the answer carries no "0.external_agent_id"

  @R124
  Scenario: a token of an agent for an organization
    Given an organization "acme"
    And I PATCH "/clients/{bot.client_id}" with
      """
      { "agent_id": "{planner.agent_id}" }
      """
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token carries
      | sub    | {unique.planner} |
      | org_id | {acme.id}        |

  @assumption
  Scenario: a tenant with agents publishes the kinds of subjects and clients
    Then "/.well-known/openid-configuration" serves a JSON document with
      | entity_profiles_supported.subject.2 | ai_agent |
      | entity_profiles_supported.client.3  | service  |
