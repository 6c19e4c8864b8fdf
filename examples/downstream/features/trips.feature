Feature: Agencies and their trips
  Travel0 sells trips to agencies. A partner's bot works for some of them, and sees of each only what is that one's.

  Background:
    Given the API of the trips
    And an organization "granite"
    And an organization "summit"
    And an application "bot"
    And a client grant for "bot" on "trips" with scopes "read:trips book:trips" and organization usage "require"
    And "granite" is associated with that grant

  Scenario: A bot books for an agency, and sees it there
    When "bot" asks for a token for "trips" in organization "granite"
    Then a token for organization "granite" is granted
    When it books a trip to "Lisbon"
    Then it sees trips to "Lisbon"

  Scenario: A trip of one agency is no trip of another
    Given "summit" is associated with the grant "grant"
    And "bot" asks for a token for "trips" in organization "granite"
    When it books a trip to "Lisbon"
    And "bot" asks for a token for "trips" in organization "summit"
    And it books a trip to "Oslo"
    Then it sees trips to "Oslo"

  Scenario: A bot cannot name an agency that it does not work for
    When "bot" asks for a token for "trips" in organization "summit"
    Then the token is refused with 403 "access_denied"
