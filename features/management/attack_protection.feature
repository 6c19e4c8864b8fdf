@serial
Feature: Attack protection

  Each protection has a settings document.

  Scenario: brute-force protection
    When I PATCH "/attack-protection/brute-force-protection" with
      """
      { "max_attempts": 20, "allowlist": ["203.0.113.7"] }
      """
    Then the answer is 200
    And the answer carries
      | max_attempts | 20              |
      | allowlist    | ["203.0.113.7"] |
    When I GET "/attack-protection/brute-force-protection"
    Then the answer carries
      | max_attempts | 20 |

  Scenario: a change of one stage leaves the others
    Given I GET "/attack-protection/suspicious-ip-throttling"
    And it is remembered as "before"
    When I PATCH "/attack-protection/suspicious-ip-throttling" with
      """
      { "stage": { "pre-login": { "max_attempts": 50, "rate": 432000 } } }
      """
    Then the answer is 200
    And the answer carries
      | stage.pre-login.max_attempts | 50                                   |
      | stage.pre-user-registration  | {before.stage.pre-user-registration} |
    When I GET "/attack-protection/suspicious-ip-throttling"
    Then the answer carries
      | stage.pre-login.rate | 432000 |

  Scenario: breached passwords
    When I PATCH "/attack-protection/breached-password-detection" with
      """
      { "enabled": true, "shields": ["admin_notification"], "admin_notification_frequency": ["weekly"] }
      """
    Then the answer is 200
    And the answer carries
      | shields | ["admin_notification"] |
    When I GET "/attack-protection/breached-password-detection"
    Then the answer carries
      | enabled                      | true       |
      | admin_notification_frequency | ["weekly"] |

  Scenario: bots
    When I PATCH "/attack-protection/bot-detection" with
      """
      { "bot_detection_level": "high", "challenge_password_policy": "when_risky" }
      """
    Then the answer is 200
    When I GET "/attack-protection/bot-detection"
    Then the answer carries
      | bot_detection_level       | high       |
      | challenge_password_policy | when_risky |

  # A read does not show the secrets of a captcha, so a run could not restore them.
  @mock-only
  Scenario: the secret of a captcha is not shown
    When I PATCH "/attack-protection/captcha" with
      """
      { "active_provider_id": "hcaptcha", "hcaptcha": { "site_key": "key", "secret": "secret" } }
      """
    Then the answer is 200
    And the answer carries
      | active_provider_id | hcaptcha            |
      | hcaptcha           | {"site_key": "key"} |
    When I GET "/attack-protection/captcha"
    Then the answer carries
      | hcaptcha | {"site_key": "key"} |

  Scenario: the provider of phone messages
    Given I GET "/attack-protection/phone-provider-protection"
    And it is remembered as "before"
    When I PATCH "/attack-protection/phone-provider-protection" with
      """
      { "type": "{before.type}" }
      """
    Then the answer is 200
    And the answer carries
      | type | {before.type} |

  Scenario: a change without members, and a change with an unknown member
    When I PATCH "/attack-protection/brute-force-protection" with
      """
      { "colour": "green" }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: 'Additional properties not allowed: colour'."
    When I PATCH "/attack-protection/brute-force-protection" with
      """
      { "max_attempts": 0 }
      """
    Then the answer is 400

  Scenario: the risk of logins
    When I PATCH "/risk-assessments/settings" with
      """
      { "enabled": true }
      """
    Then the answer is 200
      """
      { "enabled": true }
      """
    When I PATCH "/risk-assessments/settings/new-device" with
      """
      { "remember_for": 60 }
      """
    Then the answer is 200
    When I GET "/risk-assessments/settings/new-device"
    Then the answer carries
      | remember_for | 60 |
    When I GET "/risk-assessments/settings"
    Then the answer carries
      | enabled | true |

  Scenario: supplemental signals
    When I PATCH "/supplemental-signals" with
      """
      { "akamai_enabled": true }
      """
    Then the answer is 200
    When I GET "/supplemental-signals"
    Then the answer carries
      | akamai_enabled | true |

  Scenario: an address that is not blocked
    When I GET "/anomaly/blocks/ips/203.0.113.7"
    Then the answer is 404 "Not Found"

  # A shared tenant may have blocked the address.
  @mock-only
  Scenario: an address that is not blocked is unblocked
    When I DELETE "/anomaly/blocks/ips/203.0.113.7"
    Then the answer is 204 without a body
