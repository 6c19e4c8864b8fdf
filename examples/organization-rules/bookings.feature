Feature: Who may do what with bookings

  The rules of one team, for its own tenant. `m2mock conformance examples/organization-rules` holds a mock to them, and with
  `--target` a real tenant.

  Rule: a bot works for the agency that let it in

    Background:
      Given the tenant "agency"

    Scenario: its own agency
      When "acme bot" asks for a token for "https://bookings.example/api" in organization "acme"
      Then the token carries
        | aud    | {Booking API.identifier} |
        | org_id | {acme.id}                |
        | scope  | read:bookings            |

    Scenario: another agency
      When "acme bot" asks for a token for "https://bookings.example/api" in organization "globex"
      Then the token is refused with 403 "access_denied"

    Scenario: no agency
      When "acme bot" asks for a token for "https://bookings.example/api"
      Then the token is refused with 400 "invalid_request"

    Scenario Outline: it never gets more than it was given
      When "acme bot" asks for a token for "Booking API" in organization "acme" with scope "<scope>"
      Then the token is refused with 403 "access_denied"

      Examples:
        | scope          |
        | write:bookings |
        | read:invoices  |

  Rule: whoever is let in later can work at once

    Scenario: an agency lets a bot in, and shuts it out again
      Given an API "https://bookings.example/api" with scopes
        | read:bookings  | Look at bookings |
        | write:bookings | Change bookings  |
      And an application "night bot"
      And an organization "initech"
      And a client grant for "night bot" on "https://bookings.example/api" with scopes "read:bookings" and organization usage "require"
      When "night bot" asks for a token for "https://bookings.example/api" in organization "initech"
      Then the token is refused with 403 "access_denied"
      When "initech" is associated with that grant
      And "night bot" asks for a token for "https://bookings.example/api" in organization "initech"
      Then a token for organization "initech" is granted
      And it is remembered as "first"
      When I GET "/organizations/{initech.id}/client-grants"
      Then the list has exactly these "client_id"
        | {night bot.client_id} |
      And the answer's "0.id" is remembered as "association"
      When I DELETE "/organizations/{initech.id}/client-grants/{association}"
      Then the answer is 204
      When "night bot" asks for a token for "https://bookings.example/api" in organization "initech"
      Then the token is refused with 403 "access_denied"

  Rule: keys are where everyone looks for them

    Scenario: the published keys
      When the tenant is sent
        """
        GET /.well-known/jwks.json
        accept: application/json
        """
      Then the answer is 200
