"""The story of an application and its organizations, told by auth0-python and two verifiers."""

import unittest

from auth0.authentication.exceptions import Auth0Error

from guarded_api import GUARDS, Refused, trips
from tenant import (
    GRANITE,
    HARBOUR,
    PARTNER_BOT_GRANT,
    SUMMIT,
    management,
    named,
    nightly_export,
    partner_bot,
    token,
)


class AGuardedApi(unittest.TestCase):
    def test_lets_in_an_application_that_is_allowed_and_knows_for_which_organization_it_works(self):
        for guard in GUARDS:
            with self.subTest(guard.name):
                self.assertEqual(trips(guard, GRANITE, token(partner_bot, GRANITE)), GRANITE)

    def test_lets_in_an_application_that_names_no_organization_for_its_default_one(self):
        for guard in GUARDS:
            with self.subTest(guard.name):
                self.assertEqual(trips(guard, HARBOUR, token(nightly_export)), HARBOUR)

    def test_refuses_a_token_of_another_organization(self):
        for guard in GUARDS:
            with self.subTest(guard.name):
                with self.assertRaises(Refused):
                    trips(guard, GRANITE, token(partner_bot, HARBOUR))

    def test_refuses_a_token_that_was_tampered_with(self):
        for guard in GUARDS:
            with self.subTest(guard.name):
                own, other = token(partner_bot, GRANITE).split("."), token(partner_bot, HARBOUR).split(".")
                with self.assertRaises(guard.refusal):
                    trips(guard, GRANITE, ".".join([other[0], own[1], other[2]]))


class AnApplication(unittest.TestCase):
    def assert_not_for(self, organization):
        with self.assertRaises(Auth0Error) as refused:
            token(partner_bot, organization)
        error = refused.exception
        words = f'Client is not authorized to access organization "{organization}"'
        self.assertEqual((error.status_code, error.error_code, error.message), (403, "access_denied", words))

    def test_is_refused_for_an_organization_that_it_is_not_associated_with(self):
        self.assert_not_for(SUMMIT)

    def test_is_refused_without_an_organization_where_it_has_to_name_one(self):
        # What this client sends is `"organization": null`.
        with self.assertRaises(Auth0Error) as refused:
            token(partner_bot)
        self.assertEqual(refused.exception.message, "parameter organization is required for this client")

    def test_is_refused_as_soon_as_its_association_is_revoked(self):
        organization = management.organizations.create(name=named("revoked")).id
        self.assert_not_for(organization)

        management.organizations.client_grants.create(organization, grant_id=PARTNER_BOT_GRANT)
        for guard in GUARDS:
            self.assertEqual(trips(guard, organization, token(partner_bot, organization)), organization)

        management.organizations.client_grants.delete(organization, PARTNER_BOT_GRANT)
        self.assert_not_for(organization)


if __name__ == "__main__":
    unittest.main()
