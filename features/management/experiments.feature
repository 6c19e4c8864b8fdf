Feature: Experiments

  A feature flag has parameters with default values. A variation overrides them, and an experiment says which requests
  get which variation.

  Background:
    Given "/experimentation/feature-flags" has "button" with
      """
      {
        "name": "{unique.button}",
        "parameters": { "label": { "type": "string", "value": "Log in" }, "large": { "type": "boolean", "value": false } }
      }
      """
    And "/experimentation/feature-flags/{button.id}/variations" has "large" with
      """
      { "name": "Large", "overrides": { "large": { "value": true } } }
      """
    And "/experimentation/feature-flags/{button.id}/variations" has "friendly" with
      """
      { "name": "Friendly", "overrides": { "label": { "value": "Welcome" } } }
      """

  Scenario: a flag is a draft until it is activated
    When I GET "/experimentation/feature-flags/{button.id}"
    Then the answer is 200
    And the answer carries
      | type   | self  |
      | status | draft |
    When I POST "/experimentation/feature-flags/{button.id}/status" with
      """
      { "status": "active" }
      """
    Then the answer is 200
    And the answer carries
      | status | active |
    When I read every page of "/experimentation/feature-flags?status=active&take=50"
    Then among the items these "id" come in this order
      | {button.id} |
    When I DELETE "/experimentation/feature-flags/{button.id}"
    Then the answer is 204 without a body
    When I GET "/experimentation/feature-flags/{button.id}"
    Then the answer is 404 "Feature flag not found."

  Scenario: the variations of a flag
    When I GET "/experimentation/feature-flags/{button.id}/variations"
    Then the list has exactly these "id"
      | {large.id}    |
      | {friendly.id} |
    When I PATCH "/experimentation/feature-flags/{button.id}/variations/{friendly.id}" with
      """
      { "description": "A warm word" }
      """
    Then the answer is 200
    When I GET "/experimentation/feature-flags/{button.id}/variations/{friendly.id}"
    Then the answer carries
      | description           | A warm word |
      | overrides.label.value | Welcome     |
    When I POST "/experimentation/feature-flags/{button.id}/variations" with
      """
      { "name": "Large", "overrides": { "large": { "value": true } } }
      """
    Then the answer is 409 "A variation with this name already exists on this feature flag."
    When I DELETE "/experimentation/feature-flags/{button.id}/variations/{friendly.id}"
    Then the answer is 204 without a body
    When I GET "/experimentation/feature-flags/{button.id}/variations/{friendly.id}"
    Then the answer is 404 "Variation not found."

  @assumption
  Scenario Outline: a variation overrides a parameter of the flag with another value of its type: <overrides>
    When I POST "/experimentation/feature-flags/{button.id}/variations" with
      """
      { "name": "Third", "overrides": <overrides> }
      """
    Then the answer is 400 "invalid_body" "<sentence>"

    Examples:
      | overrides                        | sentence                                                                |
      | { "colour": { "value": "red" } } | Invalid override key.                                                   |
      | { "large": { "value": "yes" } }  | Override value type does not match the parameter type.                  |
      | { "large": { "value": false } }  | Override value must differ from the feature flag parameter default value. |

  Scenario: the life of a segment
    Given "/experimentation/segments" has "france" with
      """
      { "name": "{unique.france}", "rules": [{ "match": { "country": ["FR"] } }] }
      """
    Then the answer is 201
    When I PATCH "/experimentation/segments/{france.id}" with
      """
      { "rules": [{ "match": { "country": ["FR", "BE"] } }] }
      """
    Then the answer is 200
    And the answer carries
      | rules.0.match.country | ["FR","BE"] |
    When I read every page of "/experimentation/segments?take=50"
    Then among the items these "id" come in this order
      | {france.id} |
    When I POST "/experimentation/segments" with
      """
      { "name": "{france.name}", "rules": [{ "match": { "country": ["FR"] } }] }
      """
    Then the answer is 409 "A segment with this name already exists."
    When I DELETE "/experimentation/segments/{france.id}"
    Then the answer is 204 without a body
    When I GET "/experimentation/segments/{france.id}"
    Then the answer is 404 "Segment not found."

  Scenario: the life of an experiment
    Given "/experimentation/experiments" has "test" with
      """
      {
        "name": "{unique.test}", "feature_flag_id": "{button.id}", "authentication_flow": "login",
        "allocation_strategy": "percentage", "assignment_config": { "subject": "device" },
        "allocations": [
          { "variation_id": "{large.id}", "is_control": true, "weight": 50 },
          { "variation_id": "{friendly.id}", "is_control": false, "weight": 40 }
        ]
      }
      """
    Then the answer is 201
    And the answer carries
      | status | draft |
    When I PATCH "/experimentation/experiments/{test.id}" with
      """
      {
        "description": "Which button is pressed",
        "allocations": [
          { "variation_id": "{large.id}", "is_control": true, "weight": 50 },
          { "variation_id": "{friendly.id}", "is_control": false, "weight": 50 }
        ]
      }
      """
    Then the answer is 200
    Given I POST "/experimentation/feature-flags/{button.id}/status" with
      """
      { "status": "active" }
      """
    When I POST "/experimentation/experiments/{test.id}/validate"
    Then the answer is 200
    And the answer carries
      | is_valid | true |
    When I POST "/experimentation/experiments/{test.id}/status" with
      """
      { "status": "active" }
      """
    Then the answer is 200
    And the answer carries
      | status | active |
    When I read every page of "/experimentation/experiments?feature_flag_id={button.id}&take=50"
    Then these are the items' "id"
      | {test.id} |

    # The flag and its variations are in use.
    When I DELETE "/experimentation/feature-flags/{button.id}"
    Then the answer is 409 "Feature flag is in use by one or more non-archived experiments and cannot be deleted."
    When I DELETE "/experimentation/feature-flags/{button.id}/variations/{large.id}"
    Then the answer is 409 "Variation is in use by one or more non-archived allocations and cannot be deleted."

    When I POST "/experimentation/experiments/{test.id}/status" with
      """
      { "status": "completed" }
      """
    Then the answer is 200
    When I DELETE "/experimentation/experiments/{test.id}"
    Then the answer is 204 without a body
    When I GET "/experimentation/experiments/{test.id}"
    Then the answer is 404 "Experiment not found."

  Scenario: an active experiment is paused before it is deleted
    Given I POST "/experimentation/feature-flags/{button.id}/status" with
      """
      { "status": "active" }
      """
    And "/experimentation/experiments" has "test" with
      """
      {
        "name": "{unique.test}", "feature_flag_id": "{button.id}", "authentication_flow": "login",
        "allocation_strategy": "percentage", "assignment_config": { "subject": "device" },
        "allocations": [{ "variation_id": "{large.id}", "is_control": true, "weight": 100 }]
      }
      """
    When I POST "/experimentation/experiments/{test.id}/status" with
      """
      { "status": "active" }
      """
    And I DELETE "/experimentation/experiments/{test.id}"
    Then the answer is 400
    When I POST "/experimentation/experiments/{test.id}/status" with
      """
      { "status": "paused" }
      """
    Then the answer is 200
    When I DELETE "/experimentation/experiments/{test.id}"
    Then the answer is 204 without a body

  @assumption
  Scenario: an experiment with mistakes does not begin
    Given "/experimentation/experiments" has "test" with
      """
      {
        "name": "{unique.test}", "feature_flag_id": "{button.id}", "authentication_flow": "login",
        "allocation_strategy": "percentage", "assignment_config": { "subject": "device" },
        "allocations": [{ "variation_id": "{large.id}", "is_control": true, "weight": 50 }]
      }
      """
    When I POST "/experimentation/experiments/{test.id}/validate"
    Then the answer carries
      | is_valid      | false                   |
      | errors.0.code | feature_flag_not_active |
      | errors.1.code | invalid_weights         |
    When I POST "/experimentation/experiments/{test.id}/status" with
      """
      { "status": "active" }
      """
    Then the answer is 400 "invalid_body" "Experiment cannot be activated: validation failed."
