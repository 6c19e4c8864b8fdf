Feature: Rate limit policies

  A policy limits the token requests of a client, of a kind of clients, or of every other client. These scenarios name
  a client by its metadata document, which no other policy uses.

  Scenario: the life of a policy
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:https://{unique.bot}.example/client.json",
        "configuration": { "action": "block", "limit": 100 }
      }
      """
    Then the answer is 201
    And the answer's "id" has the form "rlp_ + 21 alphanumeric"
    When I PATCH "/rate-limit-policies/{limit.id}" with
      """
      { "configuration": { "action": "allow" } }
      """
    Then the answer is 200
    And the answer carries
      | configuration     | {"action": "allow"}       |
      | consumer_selector | {limit.consumer_selector} |
    When I GET "/rate-limit-policies/{limit.id}"
    Then the answer is 200
    When I read every page of "/rate-limit-policies?consumer_selector={limit.consumer_selector}&take=50"
    Then these are the items' "id"
      | {limit.id} |
    When I DELETE "/rate-limit-policies/{limit.id}"
    Then the answer is 204 without a body
    When I GET "/rate-limit-policies/{limit.id}"
    Then the answer is 404 "The rate limit policy does not exist."

  Scenario: the same requests have one policy
    Given "/rate-limit-policies" has "limit" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:https://{unique.bot}.example/client.json",
        "configuration": { "action": "log", "limit": 10 }
      }
      """
    When I POST "/rate-limit-policies" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "{limit.consumer_selector}",
        "configuration": { "action": "allow" }
      }
      """
    Then the answer is 409 "A rate limit policy with the same resource, consumer, and consumer_selector already exists."

  Scenario: an action has the members that it needs
    When I POST "/rate-limit-policies" with
      """
      {
        "resource": "oauth_authentication_api", "consumer": "client",
        "consumer_selector": "client_id:https://{unique.bot}.example/client.json",
        "configuration": { "action": "redirect", "limit": 10 }
      }
      """
    Then the answer is 400
