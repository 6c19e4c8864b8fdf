Feature: Statistics

  Scenario: nobody has logged in
    When I GET "/stats/active-users"
    Then the answer is 200
      """
      0
      """

  Scenario: every day has its row
    When I GET "/stats/daily?from=20240228&to=20240301"
    Then the answer is 200
      """
      [
        {
          "date": "2024-02-28T00:00:00.000Z", "logins": 0, "signups": 0, "leaked_passwords": 0,
          "created_at": "2024-02-28T00:00:00.000Z", "updated_at": "2024-02-28T00:00:00.000Z"
        },
        {
          "date": "2024-02-29T00:00:00.000Z", "logins": 0, "signups": 0, "leaked_passwords": 0,
          "created_at": "2024-02-29T00:00:00.000Z", "updated_at": "2024-02-29T00:00:00.000Z"
        },
        {
          "date": "2024-03-01T00:00:00.000Z", "logins": 0, "signups": 0, "leaked_passwords": 0,
          "created_at": "2024-03-01T00:00:00.000Z", "updated_at": "2024-03-01T00:00:00.000Z"
        }
      ]
      """
    When I GET "/stats/daily?from=20240301&to=20240228"
    Then the list is empty

  @assumption
  Scenario: a day is one of the calendar
    When I GET "/stats/daily?from=20230230"
    Then the answer is 400 "invalid_query_string" "from and to must be days of the calendar"
