Feature: Event streams

  A stream sends the tenant's events to a service of its owner. Only test events are raised here.

  Background:
    Given "/event-streams" has "audit" with
      """
      {
        "name": "{unique.audit}",
        "subscriptions": [{ "event_type": "user.created" }],
        "destination": {
          "type": "webhook",
          "configuration": {
            "webhook_endpoint": "https://audit.example/events",
            "webhook_authorization": { "method": "bearer", "token": "secret" }
          }
        }
      }
      """

  Scenario: a new stream is enabled, and shows no secret
    Then the answer is 201
    And the answer's "id" has the form "est_ + 22 alphanumeric"
    And the answer carries
      | name                                                   | {audit.name} |
      | status                                                 | enabled      |
      | destination.configuration.webhook_authorization.method | bearer       |
    And the answer carries no "destination.configuration.webhook_authorization.token"
    When I read every page of "/event-streams?take=50"
    Then among the items these "id" come in this order
      | {audit.id} |

  Scenario: a stream is disabled and deleted
    When I PATCH "/event-streams/{audit.id}" with
      """
      { "status": "disabled" }
      """
    Then the answer is 200
    And the answer carries
      | status | disabled     |
      | name   | {audit.name} |
    When I DELETE "/event-streams/{audit.id}"
    Then the answer is 204 without a body
    When I GET "/event-streams/{audit.id}"
    Then the answer is 404

  Scenario: a name is used once
    When I POST "/event-streams" with
      """
      {
        "name": "{audit.name}",
        "destination": {
          "type": "webhook",
          "configuration": {
            "webhook_endpoint": "https://audit.example/events",
            "webhook_authorization": { "method": "bearer", "token": "secret" }
          }
        }
      }
      """
    Then the answer is 409

  # The live service delivers after a while.
  @mock-only
  Scenario: a test event is delivered, and delivered again
    When I POST "/event-streams/{audit.id}/test" with
      """
      { "event_type": "user.created" }
      """
    Then the answer is 202
    And the answer's "id" has the form "evt_ + 22 alphanumeric"
    And the answer carries
      | status          | pending      |
      | attempts        | []           |
      | event.type      | user.created |
      | event.a0purpose | test         |
    When it is remembered as "delivery"
    And I GET "/event-streams/{audit.id}/deliveries/{delivery.id}"
    Then the answer carries
      | status            | failed |
      | attempts.0.status | failed |
    When I POST "/event-streams/{audit.id}/redeliver/{delivery.id}"
    Then the answer is 202
    When I POST "/event-streams/{audit.id}/redeliver" with
      """
      { "event_types": ["user.created"] }
      """
    Then the answer is 202
    When I GET "/event-streams/{audit.id}/deliveries/{delivery.id}"
    Then the answer carries
      | attempts.4.status | failed |
    When I GET "/event-streams/{audit.id}/deliveries?statuses=failed&event_types=user.created"
    Then the list has exactly these "id"
      | {delivery.id} |
    When I GET "/event-streams/{audit.id}/deliveries?event_types=user.deleted"
    Then the list is empty

  @mock-only
  Scenario: the events of the tenant are a stream of messages
    Given I POST "/event-streams/{audit.id}/test" with
      """
      { "event_type": "user.created" }
      """
    When I GET "/events?event_type=user.created"
    Then the answer is 200
    And the header "content-type" is "text/event-stream"

  @assumption
  Scenario: a disabled stream delivers nothing again
    Given I PATCH "/event-streams/{audit.id}" with
      """
      { "status": "disabled" }
      """
    When I POST "/event-streams/{audit.id}/redeliver" with
      """
      {}
      """
    Then the answer is 409 "One or more events is not in a state that allows redelivery."

  Scenario: an event that the stream does not have
    When I GET "/event-streams/{audit.id}/deliveries/evt_0000000000000000000000"
    Then the answer is 404 "The event does not exist."
    When I POST "/event-streams/{audit.id}/redeliver/evt_0000000000000000000000"
    Then the answer is 404 "The event does not exist."
