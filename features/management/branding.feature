@serial
Feature: Branding

  Scenario: colours and logo of the pages
    Given I PATCH "/branding" with
      """
      { "colors": { "primary": "#112233", "page_background": "#ffffff" } }
      """
    When I PATCH "/branding" with
      """
      { "logo_url": "https://cdn.example/logo.png", "colors": { "primary": "#445566" } }
      """
    Then the answer is 200
    And the answer carries
      | logo_url               | https://cdn.example/logo.png |
      | colors.primary         | #445566                      |
      | colors.page_background | #ffffff                      |
    When I GET "/branding"
    Then the answer carries
      | colors.primary | #445566 |
    When I PATCH "/branding" with
      """
      { "logo_url": "http://cdn.example/logo.png" }
      """
    Then the answer is 400

  # A shared tenant may have a template, a theme, an email provider and a phone provider of its own, with secrets that no
  # read shows. It has at most one of each.
  @mock-only
  Scenario: the template of the login page
    When I GET "/branding/templates/universal-login"
    Then the answer is 404 "inexistent_templates_universal_login" "Template does not exist."
    When I PUT "/branding/templates/universal-login" with
      """
      { "template": "<html><head>{%- auth0:head -%}</head></html>" }
      """
    Then the answer is 400 "Payload content missing required Liquid tags (auth0:head and auth0:widget)."
    When I PUT "/branding/templates/universal-login" with
      """
      { "template": "<html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html>" }
      """
    Then the answer is 201
    When I GET "/branding/templates/universal-login"
    Then the answer carries
      | body | <html><head>{%- auth0:head -%}</head><body>{%- auth0:widget -%}</body></html> |
    When I DELETE "/branding/templates/universal-login"
    Then the answer is 204 without a body

  @mock-only
  Scenario: a tenant has one theme
    When I GET "/branding/themes/default"
    Then the answer is 404 "theme_not_found" "There was an error retrieving branding settings: invalid theme ID"
    Given "/branding/themes" has "theme" with
      """
      {
        "displayName": "Night",
        "borders": {
          "button_border_radius": 3, "button_border_weight": 1, "buttons_style": "rounded", "input_border_radius": 3,
          "input_border_weight": 1, "inputs_style": "rounded", "show_widget_shadow": true, "widget_border_weight": 0,
          "widget_corner_radius": 5
        },
        "colors": {
          "body_text": "#1e212a", "error": "#d03c38", "header": "#1e212a", "icons": "#65676e", "input_background": "#ffffff",
          "input_border": "#c9cace", "input_filled_text": "#000000", "input_labels_placeholders": "#65676e",
          "links_focused_components": "#635dff", "primary_button": "#635dff", "primary_button_label": "#ffffff",
          "secondary_button_border": "#c9cace", "secondary_button_label": "#1e212a", "success": "#13a688",
          "widget_background": "#ffffff", "widget_border": "#c9cace"
        },
        "fonts": {
          "body_text": { "bold": false, "size": 87.5 }, "buttons_text": { "bold": false, "size": 100 }, "font_url": "",
          "input_labels": { "bold": false, "size": 100 }, "links": { "bold": true, "size": 87.5 }, "links_style": "normal",
          "reference_text_size": 16, "subtitle": { "bold": false, "size": 87.5 }, "title": { "bold": false, "size": 150 }
        },
        "page_background": { "background_color": "#000000", "background_image_url": "", "page_layout": "center" },
        "widget": {
          "header_text_alignment": "center", "logo_height": 52, "logo_position": "center", "logo_url": "",
          "social_buttons_layout": "bottom"
        }
      }
      """
    Then the answer is 200
    When I GET "/branding/themes/default"
    Then the answer carries
      | themeId | {theme.themeId} |
    When I PATCH "/branding/themes/{theme.themeId}" with
      """
      {
        "displayName": "Day", "borders": {theme.borders}, "colors": {theme.colors}, "fonts": {theme.fonts},
        "page_background": {theme.page_background}, "widget": {theme.widget}
      }
      """
    Then the answer is 200
    When I GET "/branding/themes/{theme.themeId}"
    Then the answer carries
      | displayName | Day |
    When I POST "/branding/themes" with
      """
      {
        "borders": {theme.borders}, "colors": {theme.colors}, "fonts": {theme.fonts},
        "page_background": {theme.page_background}, "widget": {theme.widget}
      }
      """
    Then the answer is 409 "There was an error updating branding settings: The theme already exists"
    When I DELETE "/branding/themes/{theme.themeId}"
    Then the answer is 204 without a body
    When I DELETE "/branding/themes/{theme.themeId}"
    Then the answer is 404 "theme_not_found" "There was an error deleting branding settings: invalid theme ID"

  @mock-only
  Scenario: a tenant has one email provider, whose credentials are not shown
    When I GET "/emails/provider"
    Then the answer is 404 "inexistent_email_provider" "There is not a configured email provider"
    When I POST "/emails/provider" with
      """
      {
        "name": "smtp", "default_from_address": "travel@example.com",
        "credentials": { "smtp_host": "smtp.example", "smtp_port": 587, "smtp_user": "travel", "smtp_pass": "secret" }
      }
      """
    Then the answer is 201
    And the answer carries
      | enabled               | true         |
      | credentials.smtp_host | smtp.example |
    And the answer carries no "credentials.smtp_pass"
    When I POST "/emails/provider" with
      """
      { "name": "sendgrid", "credentials": { "api_key": "secret" } }
      """
    Then the answer is 409 "Email provider is already configured."
    When I PATCH "/emails/provider" with
      """
      { "enabled": false }
      """
    Then the answer is 200
    When I GET "/emails/provider?fields=name,enabled&include_fields=true"
    Then the answer is 200
      """
      { "name": "smtp", "enabled": false }
      """
    When I DELETE "/emails/provider"
    Then the answer is 204 without a body

  # Nothing deletes a template of an email.
  @mock-only
  Scenario: the templates of emails
    When I POST "/email-templates" with
      """
      {
        "template": "welcome_email", "subject": "Welcome", "body": "<html>Welcome</html>", "from": "travel@example.com",
        "syntax": "liquid", "enabled": true
      }
      """
    Then the answer is 200
    When I POST "/email-templates" with
      """
      {
        "template": "welcome_email", "subject": "Welcome", "body": "<html>Welcome</html>", "from": "travel@example.com",
        "syntax": "liquid", "enabled": true
      }
      """
    Then the answer is 409 "Template welcome_email already exists."
    When I PATCH "/email-templates/welcome_email" with
      """
      { "subject": "Hello", "urlLifetimeInSeconds": 3600 }
      """
    Then the answer is 200
    And the answer carries
      | subject              | Hello |
      | urlLifetimeInSeconds | 3600  |
    When I PUT "/email-templates/welcome_email" with
      """
      {
        "template": "welcome_email", "subject": "Good day", "body": "<html>Welcome</html>", "from": "travel@example.com",
        "syntax": "liquid", "enabled": false
      }
      """
    Then the answer is 200
    When I GET "/email-templates/welcome_email"
    Then the answer carries
      | subject | Good day |
      | enabled | false    |
    And the answer carries no "urlLifetimeInSeconds"

  @mock-only
  Scenario: a tenant has one provider of phone messages
    Given "/branding/phone/providers" has "twilio" with
      """
      {
        "name": "twilio", "credentials": { "auth_token": "secret" },
        "configuration": { "sid": "AC1", "default_from": "+15550100", "delivery_methods": ["text"] }
      }
      """
    Then the answer is 201
    And the answer carries
      | channel  | phone |
      | disabled | false |
    And the answer carries no "credentials"
    When I POST "/branding/phone/providers" with
      """
      { "name": "custom", "credentials": {}, "configuration": { "delivery_methods": ["text"] } }
      """
    Then the answer is 409 "Custom phone provider conflict."
    When I PATCH "/branding/phone/providers/{twilio.id}" with
      """
      { "disabled": true }
      """
    Then the answer is 200
    When I GET "/branding/phone/providers/{twilio.id}"
    Then the answer carries
      | disabled | true |
    When I POST "/branding/phone/providers/{twilio.id}/try" with
      """
      { "to": "+15550101", "delivery_method": "text" }
      """
    Then the answer is 202
    When I GET "/branding/phone/providers?disabled=true"
    Then the list has exactly these "id"
      | {twilio.id} |
    When I DELETE "/branding/phone/providers/{twilio.id}"
    Then the answer is 204 without a body
    When I GET "/branding/phone/providers/{twilio.id}"
    Then the answer is 404

  @mock-only
  Scenario: a template for each type of phone message
    Given "/branding/phone/templates" has "verify" with
      """
      { "type": "otp_verify", "content": { "body": { "text": "{{ code }} is your code" } } }
      """
    Then the answer is 201
    And the answer carries
      | content.syntax    | liquid                  |
      | content.body.text | {{ code }} is your code |
    When I POST "/branding/phone/templates" with
      """
      { "type": "otp_verify" }
      """
    Then the answer is 409 "Phone template already configured for tenant"
    When I PATCH "/branding/phone/templates/{verify.id}" with
      """
      { "disabled": true, "content": { "from": "+15550100" } }
      """
    Then the answer is 200
    When I PATCH "/branding/phone/templates/{verify.id}/reset" with
      """
      {}
      """
    Then the answer is 200
    When I GET "/branding/phone/templates/{verify.id}"
    Then the answer carries
      | type | otp_verify |
    When I POST "/branding/phone/templates/{verify.id}/try" with
      """
      { "to": "+15550101" }
      """
    Then the answer is 202
    When I GET "/branding/phone/templates"
    Then the list has exactly these "id"
      | {verify.id} |
    When I DELETE "/branding/phone/templates/{verify.id}"
    Then the answer is 204 without a body
