Feature: Lists in pages

  Background:
    Given an API "travel"
    And an API "billing"
    And an API "weather"
    And an application "bot"
    And a client grant for "bot" on "travel"
    And it is remembered as "first"
    And a client grant for "bot" on "billing"
    And it is remembered as "second"
    And a client grant for "bot" on "weather"
    And it is remembered as "third"

  Scenario: without totals a list is a bare array
    When I GET "/client-grants?client_id={bot.client_id}"
    Then the list is a bare array
    And the list has exactly these "id"
      | {first.id}  |
      | {second.id} |
      | {third.id}  |

  Scenario: with totals it stands in an envelope
    When I GET "/client-grants?client_id={bot.client_id}&include_totals=true"
    Then the answer's members are "total, start, limit, client_grants"
    And the answer carries
      | total | 3  |
      | start | 0  |
      | limit | 50 |

  Scenario: a page of offset paging
    When I GET "/client-grants?client_id={bot.client_id}&page=1&per_page=2&include_totals=true"
    Then the answer carries
      | total | 3 |
      | start | 2 |
      | limit | 2 |
    And the list has exactly these "id"
      | {third.id} |

  Scenario: past the end
    When I GET "/client-grants?client_id={bot.client_id}&page=7&per_page=10&include_totals=true"
    Then the answer carries
      | total         | 3  |
      | start         | 70 |
      | limit         | 10 |
      | client_grants | [] |

  Scenario: offset pages bring everything once
    When I read every page of "/client-grants?client_id={bot.client_id}&per_page=2"
    Then these are the items' "id"
      | {first.id}  |
      | {second.id} |
      | {third.id}  |

  Scenario: cursor pages bring everything once
    When I read every page of "/client-grants?client_id={bot.client_id}&take=1"
    Then these are the items' "id"
      | {first.id}  |
      | {second.id} |
      | {third.id}  |

  Scenario: a cursor page says where the next one begins, the last page does not
    When I GET "/client-grants?client_id={bot.client_id}&take=2"
    Then the answer's members are "client_grants, next"
    When I GET "/client-grants?client_id={bot.client_id}&take=2&from={answer.next}"
    Then the answer's members are "client_grants"

  Scenario: a cursor outlives the item it points to
    When I GET "/client-grants?client_id={bot.client_id}&take=1"
    And it is remembered as "page"
    And I DELETE "/client-grants/{page.client_grants.0.id}"
    And I GET "/client-grants?client_id={bot.client_id}&take=5&from={page.next}"
    Then the list has exactly these "id"
      | {second.id} |
      | {third.id}  |

  Scenario: take wins over page and totals
    When I GET "/client-grants?client_id={bot.client_id}&take=50&page=3&per_page=1&include_totals=true"
    Then the answer's members are "client_grants"
    And the list has exactly these "id"
      | {first.id}  |
      | {second.id} |
      | {third.id}  |

  Scenario Outline: <query> is out of range
    When I GET "<path>?<query>"
    Then the answer is 400

    Examples:
      | path           | query        |
      | /client-grants | per_page=0   |
      | /client-grants | per_page=101 |
      | /client-grants | page=-1      |
      | /client-grants | take=0       |
      | /client-grants | take=101     |
      | /client-grants | take=many    |
      | /organizations | page=1001    |

  Scenario Outline: offset paging of <list> ends at a thousand, and checkpoints go on
    When I GET "<list>?page=<last>&per_page=<size>"
    Then the answer is 200
    When I GET "<list>?page=<beyond>&per_page=<size>"
    Then the answer is 400 "invalid_paging" "Requesting page <beyond> exceeds the allowed maximum of 1000 records. To fetch results beyond 1000, use the checkpoint pagination method."

    Examples:
      | list           | size | last | beyond |
      | /organizations | 100  | 9    | 10     |
      | /organizations | 50   | 19   | 20     |
      | /clients       | 100  | 9    | 10     |
      | /client-grants | 50   | 19   | 999    |
      | /connections   | 100  | 9    | 10     |
      | /logs          | 100  | 9    | 10     |

  Scenario Outline: offset paging of <list>, which has no checkpoints, ends at a thousand
    When I GET "<list>?page=9&per_page=100"
    Then the answer is 200
    When I GET "<list>?page=10&per_page=100"
    Then the answer is 400 "invalid_paging" "Requesting page exceeds the allowed maximum of 1000 records"

    Examples:
      | list               |
      | /resource-servers  |
      | /roles             |
      | /device-credentials |

  Scenario Outline: the envelope of <list>
    Given an organization "acme"
    When I GET "<path>?include_totals=true&per_page=1"
    Then the answer's members are "<members>"

    Examples:
      | list                             | path                                       | members                               |
      | clients                          | /clients                                   | total, start, limit, clients          |
      | APIs                             | /resource-servers                          | total, start, limit, resource_servers |
      | organizations                    | /organizations                             | organizations, start, limit, total    |
      | the grants of an organization    | /organizations/{acme.id}/client-grants     | client_grants, start, limit, total    |
      | the organizations of a grant     | /client-grants/{first.id}/organizations    | organizations, start, limit, total    |

  Scenario: the organizations of a grant, page by page
    Given an organization "acme"
    And an organization "globex"
    And an organization "initech"
    And "acme" is associated with the grant "first"
    And "globex" is associated with the grant "first"
    And "initech" is associated with the grant "first"
    When I read every page of "/client-grants/{first.id}/organizations?take=2"
    Then these are the items' "id"
      | {acme.id}    |
      | {globex.id}  |
      | {initech.id} |
    When I read every page of "/client-grants/{first.id}/organizations?per_page=2"
    Then these are the items' "id"
      | {acme.id}    |
      | {globex.id}  |
      | {initech.id} |

  Scenario Outline: organizations sorted by <sort>
    Given an organization "banana" with
      """
      { "display_name": "Zebra" }
      """
    And an organization "apple" with
      """
      { "display_name": "Yak" }
      """
    And an organization "cherry" with
      """
      { "display_name": "Xerus" }
      """
    When I read every page of "/organizations?sort=<sort>&per_page=100"
    Then among the items these "name" come in this order
      | {<one>.name}   |
      | {<two>.name}   |
      | {<three>.name} |

    Examples:
      | sort            | one    | two    | three  |
      | name:1          | apple  | banana | cherry |
      | name:-1         | cherry | banana | apple  |
      | display_name:1  | cherry | apple  | banana |
      | display_name:-1 | banana | apple  | cherry |
      | created_at:1    | banana | apple  | cherry |
      | created_at:-1   | cherry | apple  | banana |

  Scenario: organizations sort by three members only
    When I GET "/organizations?sort=metadata:1"
    Then the answer is 400 "invalid_query_string" and begins with
      """
      Query validation error: 'String does not match pattern
      """
