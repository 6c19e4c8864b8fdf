Feature: Log streams

  A stream sends the entries of the tenant's log to a service of its owner.

  Scenario: the life of a stream
    Given "/log-streams" has "siem" with
      """
      {
        "name": "{unique.siem}", "type": "http",
        "sink": { "httpEndpoint": "https://siem.example/", "httpContentType": "application/json" }
      }
      """
    Then the answer is 200
    And the answer's "id" has the form "lst_ + 16 alphanumeric"
    And the answer carries
      | name       | {siem.name} |
      | status     | active      |
      | isPriority | false       |
    When I PATCH "/log-streams/{siem.id}" with
      """
      { "status": "paused", "filters": [{ "type": "category", "name": "auth.login.fail" }] }
      """
    Then the answer is 200
    And the answer carries
      | status         | paused          |
      | filters.0.name | auth.login.fail |
    When I GET "/log-streams/{siem.id}"
    Then the answer carries
      | sink.httpEndpoint | https://siem.example/ |
      | status            | paused                |
    When I DELETE "/log-streams/{siem.id}"
    Then the answer is 204 without a body
    When I GET "/log-streams/{siem.id}"
    Then the answer is 404 "The log stream does not exist."

  Scenario: streams are listed without pages
    Given "/log-streams" has "siem" with
      """
      { "name": "{unique.siem}", "type": "http", "sink": { "httpEndpoint": "https://siem.example/" } }
      """
    When I GET "/log-streams"
    Then the list is a bare array

  Scenario: personal data is hashed unless the stream says otherwise
    Given "/log-streams" has "siem" with
      """
      {
        "name": "{unique.siem}", "type": "http", "sink": { "httpEndpoint": "https://siem.example/" },
        "pii_config": { "log_fields": ["email"] }
      }
      """
    Then the answer carries
      | pii_config.method    | hash   |
      | pii_config.algorithm | xxhash |

  Scenario: a secret of Mixpanel is masked
    Given "/log-streams" has "analysis" with
      """
      {
        "name": "{unique.analysis}", "type": "mixpanel",
        "sink": {
          "mixpanelRegion": "us", "mixpanelProjectId": "1", "mixpanelServiceAccountUsername": "bot",
          "mixpanelServiceAccountPassword": "secret"
        }
      }
      """
    Then the answer carries
      | sink.mixpanelServiceAccountPassword | ******** |

  Scenario: a type of stream has its own sink
    When I POST "/log-streams" with
      """
      { "name": "{unique.siem}", "type": "splunk", "sink": { "httpEndpoint": "https://siem.example/" } }
      """
    Then the answer is 400
