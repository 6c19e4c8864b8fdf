@serial
Feature: Factors of multi-factor authentication

  Scenario: the policies of a tenant are replaced as a whole
    When I PUT "/guardian/policies" with
      """
      ["all-applications"]
      """
    Then the answer is 200
      """
      ["all-applications"]
      """
    When I GET "/guardian/policies"
    Then the answer is 200
      """
      ["all-applications"]
      """
    When I PUT "/guardian/policies" with
      """
      []
      """
    And I GET "/guardian/policies"
    Then the list is empty

  Scenario: the factors of a tenant
    When I GET "/guardian/factors"
    Then the list has exactly these "name"
      | sms               |
      | push-notification |
      | otp               |
      | email             |
      | duo               |
      | webauthn-roaming  |
      | webauthn-platform |
      | recovery-code     |

  # The list shows all factors, and no read shows one of them.
  @mock-only
  Scenario: a factor is enabled
    When I PUT "/guardian/factors/otp" with
      """
      { "enabled": true }
      """
    Then the answer is 200
      """
      { "enabled": true }
      """
    When I GET "/guardian/factors"
    Then the answer carries
      | 2.name    | otp  |
      | 2.enabled | true |

  Scenario: how phone messages are sent
    When I PUT "/guardian/factors/phone/message-types" with
      """
      { "message_types": ["sms", "voice"] }
      """
    Then the answer is 200
      """
      { "message_types": ["sms", "voice"] }
      """
    When I PUT "/guardian/factors/phone/selected-provider" with
      """
      { "provider": "phone-message-hook" }
      """
    Then the answer is 200
    When I GET "/guardian/factors/sms/selected-provider"
    Then the answer is 200
      """
      { "provider": "phone-message-hook" }
      """
    When I GET "/guardian/factors/phone/message-types"
    Then the answer carries
      | message_types | ["sms","voice"] |
    When I GET "/guardian/factors/phone/selected-provider"
    Then the answer carries
      | provider | phone-message-hook |

  Scenario: the texts of phone messages
    When I PUT "/guardian/factors/phone/templates" with
      """
      { "enrollment_message": "Enroll now", "verification_message": "Verify now" }
      """
    Then the answer is 200
    When I GET "/guardian/factors/phone/templates"
    Then the answer carries
      | enrollment_message | Enroll now |
    When I GET "/guardian/factors/sms/templates"
    Then the answer carries
      | verification_message | Verify now |

  Scenario: the provider of push notifications
    When I PUT "/guardian/factors/push-notification/selected-provider" with
      """
      { "provider": "sns" }
      """
    Then the answer is 200
    When I GET "/guardian/factors/push-notification/selected-provider"
    Then the answer carries
      | provider | sns |

  # A read does not show all secrets of these services, so a run could not restore them.
  @mock-only
  Scenario: the services that send messages
    When I PUT "/guardian/factors/sms/providers/twilio" with
      """
      { "from": "+15550100", "sid": "AC1", "auth_token": "secret", "messaging_service_sid": null }
      """
    Then the answer is 200
    When I GET "/guardian/factors/phone/providers/twilio"
    Then the answer carries
      | from | +15550100 |
      | sid  | AC1       |
    When I PUT "/guardian/factors/phone/providers/twilio" with
      """
      { "from": "+15550101" }
      """
    Then the answer is 200
    When I GET "/guardian/factors/sms/providers/twilio"
    Then the answer carries
      | from | +15550101 |
    When I PUT "/guardian/factors/sms/selected-provider" with
      """
      { "provider": "twilio" }
      """
    And I PUT "/guardian/factors/sms/templates" with
      """
      { "enrollment_message": "Enroll", "verification_message": "Verify" }
      """
    Then the answer is 200

  @mock-only
  Scenario: Duo
    When I PUT "/guardian/factors/duo/settings" with
      """
      { "host": "api.duo.example", "ikey": "key", "skey": "secret" }
      """
    Then the answer is 200
    When I PATCH "/guardian/factors/duo/settings" with
      """
      { "ikey": "second" }
      """
    Then the answer is 200
    When I GET "/guardian/factors/duo/settings"
    Then the answer carries
      | host | api.duo.example |
      | ikey | second          |

  @mock-only
  Scenario: the credentials of push services are not shown
    When I PUT "/guardian/factors/push-notification/providers/apns" with
      """
      { "bundle_id": "com.example", "sandbox": true, "p12": "AAAA" }
      """
    Then the answer is 400
    When I PUT "/guardian/factors/push-notification/providers/apns" with
      """
      { "bundle_id": "com.example", "p12": "MIIP" }
      """
    Then the answer is 200
    When I PATCH "/guardian/factors/push-notification/providers/apns" with
      """
      { "sandbox": true }
      """
    And I GET "/guardian/factors/push-notification/providers/apns"
    Then the answer is 200
      """
      { "bundle_id": "com.example", "sandbox": true, "enabled": true }
      """
    When I PUT "/guardian/factors/push-notification/providers/fcm" with
      """
      { "server_key": "secret" }
      """
    Then the answer is 200
      """
      {}
      """
    When I PATCH "/guardian/factors/push-notification/providers/fcm" with
      """
      { "server_key": "second" }
      """
    Then the answer is 200
    When I PUT "/guardian/factors/push-notification/providers/fcmv1" with
      """
      { "server_credentials": "{\"type\": \"service_account\"}" }
      """
    Then the answer is 200
      """
      {}
      """
    When I PATCH "/guardian/factors/push-notification/providers/fcmv1" with
      """
      { "server_credentials": "no JSON" }
      """
    Then the answer is 400 "Invalid server credentials"
    When I PUT "/guardian/factors/push-notification/providers/sns" with
      """
      { "aws_access_key_id": "key", "aws_secret_access_key": "secret", "aws_region": "eu-west-1" }
      """
    Then the answer is 200
    When I PATCH "/guardian/factors/push-notification/providers/sns" with
      """
      { "aws_region": "us-east-1" }
      """
    And I GET "/guardian/factors/push-notification/providers/sns"
    Then the answer carries
      | aws_region | us-east-1 |
    And the answer carries no "aws_secret_access_key"
