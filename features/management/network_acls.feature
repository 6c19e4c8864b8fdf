Feature: Network access control lists

  A list has a rule about the addresses of requests, and a place in the order. The lists of these scenarios are not
  active.

  Scenario: the life of a list
    Given "/network-acls" has "offices" with
      """
      {
        "description": "{unique.offices}", "active": false, "priority": 91,
        "rule": { "action": { "block": true }, "match": { "ipv4_cidrs": ["203.0.113.0/24"] }, "scope": "tenant" }
      }
      """
    Then the answer is 201
    And the answer's "id" has the form "acl_ + 22 alphanumeric"
    When I PATCH "/network-acls/{offices.id}" with
      """
      { "priority": 92 }
      """
    Then the answer is 200
    And the answer carries
      | priority    | 92                    |
      | description | {offices.description} |
    When I PUT "/network-acls/{offices.id}" with
      """
      {
        "description": "{unique.offices}", "active": false, "priority": 92,
        "rule": { "action": { "log": true }, "match": { "geo_country_codes": ["FR"] }, "scope": "management" }
      }
      """
    Then the answer is 200
    When I GET "/network-acls/{offices.id}"
    Then the answer carries
      | rule.action | {"log": true} |
      | rule.scope  | management    |
    When I read every page of "/network-acls?per_page=100"
    Then among the items these "id" come in this order
      | {offices.id} |
    When I DELETE "/network-acls/{offices.id}"
    Then the answer is 200
    When I GET "/network-acls/{offices.id}"
    Then the answer is 404 "Network access control list not found."

  Scenario: a priority is used once
    Given "/network-acls" has "offices" with
      """
      {
        "description": "{unique.offices}", "active": false, "priority": 93,
        "rule": { "action": { "block": true }, "match": { "ipv4_cidrs": ["203.0.113.0/24"] }, "scope": "tenant" }
      }
      """
    When I POST "/network-acls" with
      """
      {
        "description": "{unique.second}", "active": false, "priority": 93,
        "rule": { "action": { "block": true }, "match": { "ipv4_cidrs": ["203.0.113.0/24"] }, "scope": "tenant" }
      }
      """
    Then the answer is 409 "A Network ACL with this priority number has already been created."

  Scenario: a redirection needs an address, and a curated list is one of the vendor's
    When I POST "/network-acls" with
      """
      {
        "description": "{unique.offices}", "active": false, "priority": 94,
        "rule": { "action": { "redirect": true }, "match": { "ipv4_cidrs": ["203.0.113.0/24"] }, "scope": "tenant" }
      }
      """
    Then the answer is 400 "invalid_body" "Payload validation error: Action type of `redirect` requires a `redirect_uri`"
    When I POST "/network-acls" with
      """
      {
        "description": "{unique.offices}", "active": false, "priority": 94,
        "rule": { "action": { "block": true }, "match": { "auth0_managed": ["mine"] }, "scope": "tenant" }
      }
      """
    Then the answer is 400 "invalid_body" "Invalid curated list name(s): mine. Allowed curated list names are: auth0.low_reputation, auth0.icloud_relay_proxy"

  Scenario: an id of another form
    When I GET "/network-acls/nothing"
    Then the answer is 400 "invalid_uri" "Network ACL id is not a valid ACL ID in the form 'acl_XXXXXXXXXXXXXXXXXXXXXX'"

  # Whether a run on a shared tenant finds such a key again is not known.
  @mock-only
  Scenario: a key shows its fingerprint, not its value
    Given "/keys/network-acls" has "proxy" with
      """
      { "name": "{unique.proxy}", "alg": "hmac-sha256", "value": "c2VjcmV0" }
      """
    Then the answer is 201
    And the answer carries
      | fingerprint | 2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b |
    And the answer carries no "value"
    When I GET "/keys/network-acls/{proxy.id}"
    Then the answer carries
      | name | {proxy.name} |
      | alg  | hmac-sha256  |
    When I POST "/keys/network-acls" with
      """
      { "name": "{proxy.name}", "alg": "hmac-sha256", "value": "c2VjcmV0" }
      """
    Then the answer is 409
    When I DELETE "/keys/network-acls/{proxy.id}"
    Then the answer is 204 without a body
    When I GET "/keys/network-acls/{proxy.id}"
    Then the answer is 404
    When I GET "/keys/network-acls"
    Then the answer is 200
