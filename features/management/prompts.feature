@serial
Feature: Prompts

  A prompt is a group of screens of the login pages.

  Scenario: the settings of all prompts
    When I PATCH "/prompts" with
      """
      { "universal_login_experience": "classic", "identifier_first": false }
      """
    Then the answer is 200
    When I GET "/prompts"
    Then the answer carries
      | universal_login_experience | classic |
      | identifier_first           | false   |

  Scenario: the texts of a prompt in a language are replaced as a whole
    When I PUT "/prompts/login/custom-text/en" with
      """
      { "login": { "title": "Welcome", "description": "Log in to travel" } }
      """
    Then the answer is 200
    When I PUT "/prompts/login/custom-text/en" with
      """
      { "login": { "title": "Hello" } }
      """
    And I GET "/prompts/login/custom-text/en"
    Then the answer is 200
      """
      { "login": { "title": "Hello" } }
      """
    When I PUT "/prompts/login/custom-text/en" with
      """
      {}
      """
    And I GET "/prompts/login/custom-text/en"
    Then the answer is 200
      """
      {}
      """

  Scenario: the partials of a prompt
    When I PUT "/prompts/login/partials" with
      """
      { "login": { "form-content-start": "<hr>" } }
      """
    Then the answer is 200
    When I GET "/prompts/login/partials"
    Then the answer is 200
      """
      { "login": { "form-content-start": "<hr>" } }
      """

  # The list shows the screens that were written, and no request makes a screen one that was never written.
  @mock-only
  Scenario: how a screen is rendered
    When I GET "/prompts/login/screen/login/rendering"
    Then the answer carries
      | rendering_mode | standard |
      | prompt         | login    |
      | screen         | login    |
    When I PATCH "/prompts/login/screen/login/rendering" with
      """
      { "rendering_mode": "advanced", "context_configuration": ["branding.settings"] }
      """
    Then the answer is 200
      """
      { "rendering_mode": "advanced", "context_configuration": ["branding.settings"] }
      """
    When I PATCH "/prompts/rendering" with
      """
      { "configs": [{ "prompt": "signup", "screen": "signup", "rendering_mode": "advanced" }] }
      """
    Then the answer is 200
    When I GET "/prompts/rendering?prompt=signup"
    Then the list has exactly these "screen"
      | signup |
