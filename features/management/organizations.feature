Feature: Organizations

  Scenario: an organization answers what was said
    Given an organization "acme"
    Then the answer's "id" has the form "org_ + 16 alphanumeric"
    When I GET "/organizations/{acme.id}"
    Then the answer is 200
    And the answer carries
      | id           | {acme.id}           |
      | name         | {acme.name}         |
      | display_name | {acme.display_name} |
    When I GET "/organizations/name/{acme.name}"
    Then the answer carries
      | id | {acme.id} |

  @assumption
  Scenario: no display name is none
    Given an organization "acme"
    When I POST "/organizations" with
      """
      { "name": "{acme.name}-2" }
      """
    Then the answer is 201
    And the answer carries no "display_name"

  Scenario: a name is taken once
    Given an organization "acme"
    When I POST "/organizations" with
      """
      { "name": "{acme.name}" }
      """
    Then the answer is 409 "organization_conflict" "An organization with this name already exists."

  Scenario: a name cannot be changed to one that is taken
    Given an organization "acme"
    And an organization "globex"
    When I PATCH "/organizations/{globex.id}" with
      """
      { "name": "{acme.name}" }
      """
    Then the answer is 409
    When I PATCH "/organizations/{acme.id}" with
      """
      { "name": "{acme.name}" }
      """
    Then the answer is 200

  Scenario: a new name can be found, the old one is free
    Given an organization "acme"
    When I PATCH "/organizations/{acme.id}" with
      """
      { "name": "new-{acme.name}" }
      """
    And I GET "/organizations/name/new-{acme.name}"
    Then the answer carries
      | id | {acme.id} |
    When I GET "/organizations/name/{acme.name}"
    Then the answer is 404 "No organization found by that id or name"
    When I POST "/organizations" with
      """
      { "name": "{acme.name}" }
      """
    Then the answer is 201

  Scenario: branding stays, metadata is replaced as a whole
    Given an organization "acme" with
      """
      {
        "branding": { "colors": { "primary": "#112233", "page_background": "#ffffff" } },
        "metadata": { "plan": "gold", "region": "north" }
      }
      """
    When I PATCH "/organizations/{acme.id}" with
      """
      { "metadata": { "plan": "silver" } }
      """
    Then the answer is 200
    And the answer carries
      | metadata        | {"plan": "silver"}                                         |
      | branding.colors | {"primary": "#112233", "page_background": "#ffffff"}       |
    When I PATCH "/organizations/{acme.id}" with
      """
      { "metadata": {} }
      """
    Then the answer carries no "metadata"

  @R36
  Scenario: a change of an organization that does not exist
    When I PATCH "/organizations/org_0000000000000000" with
      """
      { "display_name": "Nobody" }
      """
    Then the answer is 404
