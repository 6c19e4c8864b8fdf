Feature: Searching users

  Background:
    Given a user "jane" with
      """
      { "name": "Jane Smith", "nickname": "Janey", "app_metadata": { "plan": { "name": "gold" }, "seats": 3 }, "user_metadata": { "language": "fr" } }
      """
    And a user "john" with
      """
      { "name": "John Smith", "blocked": true, "app_metadata": { "plan": { "name": "silver" }, "seats": 12 }, "user_metadata": { "language": "fr" } }
      """

  Scenario Outline: <what>
    When I GET "/users?q=user_id:%22{jane.user_id}%22 AND (<q>)"
    Then the list has exactly these "user_id"
      | {jane.user_id} |
    When I GET "/users?q=user_id:%22{john.user_id}%22 AND (<q>)"
    Then the list is empty

    Examples:
      | what                                     | q                                                      |
      | an address                               | email:%22{jane.email}%22                               |
      | a whole name, in any case                | name:%22jane smith%22                                  |
      | the beginning of a name                  | name:jan*                                              |
      | a nickname                               | nickname:janey                                         |
      | metadata of the application, at depth    | app_metadata.plan.name:gold                            |
      | a range of numbers in metadata           | app_metadata.seats:[1 TO 5]                            |
      | one of two things, and not a third       | (nickname:janey OR nickname:nobody) AND NOT blocked:true |
      | something that is not there              | NOT _exists_:blocked                                   |
      | a word in whatever names a user          | janey                                                  |

  Scenario Outline: <what> finds both
    When I GET "/users?q=(user_id:%22{jane.user_id}%22 OR user_id:%22{john.user_id}%22) AND <q>"
    Then the list has exactly these "name"
      | Jane Smith |
      | John Smith |

    Examples:
      | what                        | q                                                          |
      | the connection              | identities.connection:%22Username-Password-Authentication%22 |
      | the domain of the address   | email.domain:%22travel0.example%22                         |
      | metadata of the user        | user_metadata.language:fr                                  |
      | the moment of creation      | created_at:[2020-01-01 TO *]                               |

  Scenario: results in an order, with their number
    When I GET "/users?q=(user_id:%22{jane.user_id}%22 OR user_id:%22{john.user_id}%22)&sort=name:-1&include_totals=true&fields=name"
    Then the answer carries
      | length       | 2          |
      | total        | 2          |
      | users.0.name | John Smith |
      | users.1.name | Jane Smith |

  Scenario: a query that is none is refused
    When I GET "/users?q=name:("
    Then the answer is 400 "invalid_query_string" and begins with
      """
      The search query string has an error
      """
