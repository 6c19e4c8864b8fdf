Feature: The sample story

  Travel0 sells trips to travel agencies, and three applications use its API without a user. The seed
  is fixtures/tenants/travel0.yaml; `Given the tenant "…"` creates its entities, under names of this scenario.

  Background:
    Given the tenant "travel0"

  @R14 @R18
  Scenario Outline: who gets a token for which agency
    When "<application>" asks for a token for "https://travel0.example/api" in organization "<agency>"
    Then a token for organization "<agency>" is granted

    Examples:
      | application          | agency         |
      | Internal application | granite-tours  |
      | Internal application | summit-trips   |
      | Partner bot          | granite-tours  |
      | Partner bot          | harbour-travel |
      | Nightly export       | harbour-travel |

  @R19
  Scenario: a partner has no business with the other agencies
    When "Partner bot" asks for a token for "https://travel0.example/api" in organization "summit-trips"
    Then the token is refused with 403 "access_denied"

  @R17
  Scenario: an export that cannot name an agency works for its default one
    When "Nightly export" asks for a token for "Travel0 API"
    Then the token carries
      | aud    | {https://travel0.example/api.identifier} |
      | org_id | {harbour-travel.id}                      |
      | scope  | read:trips                               |
