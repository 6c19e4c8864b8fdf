Feature: Token quotas

  A quota limits the tokens of an application or an organization in an hour and in a day. The scenarios count days,
  because the border of a day rarely falls between two steps.

  Background:
    Given an API "travel"

  @R96 @R97 @R100 @R102 @R103
  Scenario: an application that has used up its quota
    Given an application "bot" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1 } } }
      """
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=1;r=0;t="
    When "bot" asks for a token for "travel"
    Then the token is refused with 429 "too_many_requests" "Client quota exceeded"
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=1;r=0;t="
    And the header "x-ratelimit-limit" is "1"
    And the header "x-ratelimit-remaining" is "0"
    And the header "x-ratelimit-reset" is a number
    And the header "retry-after" is a number

  @R98 @R100 @R102 @assumption
  Scenario: an organization that has used up its quota
    Given an application "bot" with
      """
      { "token_quota": { "client_credentials": { "per_day": 5 } } }
      """
    And an organization "acme" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1 } } }
      """
    And a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When "bot" asks for a token for "travel" in organization "acme"
    Then a token for organization "acme" is granted
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=5;r=4;t="
    And the header "auth0-organization-quota-limit" begins with "b=per_day;q=1;r=0;t="
    When "bot" asks for a token for "travel" in organization "acme"
    Then the token is refused with 429 "too_many_requests" "Organization quota exceeded"
    When "bot" asks for a token for "travel"
    Then a token without an organization is granted
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=5;r=3;t="

  @R101
  Scenario: a quota that is only watched
    Given an application "bot" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1, "enforce": false } } }
      """
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel"
    Then a token is granted
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=1;r=0;t="

  @R96
  Scenario: a quota is enforced unless it says otherwise, and null removes it
    Given an application "bot" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1 } } }
      """
    When I GET "/clients/{bot.client_id}"
    Then the answer carries
      | token_quota.client_credentials.enforce | true |
    When I PATCH "/clients/{bot.client_id}" with
      """
      { "token_quota": null }
      """
    Then the answer is 200
    And the answer carries no "token_quota"

  @R97 @serial
  Scenario: the default of the tenant
    Given an application "bot"
    And a client grant for "bot" on "travel"
    And I PATCH "/tenants/settings" with
      """
      { "default_token_quota": { "clients": { "client_credentials": { "per_day": 1000 } } } }
      """
    When "bot" asks for a token for "travel"
    Then a token is granted
    And the header "auth0-client-quota-limit" begins with "b=per_day;q=1000;r=999;t="

  @R105
  Scenario: the log warns before a quota is used up, and tells of the refusal after it
    Given an application "bot" with
      """
      { "token_quota": { "client_credentials": { "per_day": 5 } } }
      """
    And a client grant for "bot" on "travel"
    When "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel"
    And I GET "/logs?q=type:token_quota_consumption_warning%20AND%20client_id:{bot.client_id}"
    Then the list is empty
    When "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel"
    And "bot" asks for a token for "travel"
    And I GET "/logs?q=type:token_quota_consumption_warning%20AND%20client_id:{bot.client_id}"
    Then the list has exactly these "description"
      | 60% of client per_day quota consumed  |
      | 80% of client per_day quota consumed  |
      | 100% of client per_day quota consumed |
    And the answer carries
      | 2.details.bucket                       | per_day         |
      | 2.details.entity_type                  | client          |
      | 2.details.entity_id                    | {bot.client_id} |
      | 2.details.quota                        | 5               |
      | 2.details.quota_consumption            | 3               |
      | 2.details.quota_consumption_percentage | 60              |
    When I GET "/logs?q=type:feccft%20AND%20client_id:{bot.client_id}"
    Then the list has exactly these "description"
      | Client quota exceeded |

  @R105 @R101
  Scenario: the log warns of an organization's quota that is only watched
    Given an application "bot"
    And an organization "acme" with
      """
      { "token_quota": { "client_credentials": { "per_day": 1, "enforce": false } } }
      """
    And a client grant for "bot" on "travel" with organization usage "allow" and any organization
    When "bot" asks for a token for "travel" in organization "acme"
    And "bot" asks for a token for "travel" in organization "acme"
    And I GET "/logs?q=type:token_quota_consumption_warning%20AND%20organization_id:{acme.id}"
    Then the list has exactly these "description"
      | 100% of organization per_day quota consumed |
