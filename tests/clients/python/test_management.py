"""The Management API by ManagementClient, which fetches and keeps its own token, and parses every answer."""

import unittest

from auth0.authentication.exceptions import Auth0Error
from auth0.management import ManagementClient
from auth0.management.errors import (
    BadRequestError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UnauthorizedError,
)
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tenant import AUDIENCE, DOMAIN, GRANITE, HARBOUR, ISSUER, application, management, named, nightly_export, token


def client(**more):
    return management.clients.create(
        name=named("client"), app_type="non_interactive", grant_types=["client_credentials"], **more
    )


class TheManagementApi(unittest.TestCase):
    def organization(self):
        organization = management.organizations.create(name=named("organization"))
        self.addCleanup(management.organizations.delete, organization.id)
        return organization

    def test_makes_finds_changes_and_deletes_an_organization(self):
        name = named("tours")
        made = management.organizations.create(name=name, display_name="Tours")
        self.assertEqual(management.organizations.get_by_name(name).id, made.id)
        management.organizations.update(made.id, metadata={"country": "NO"})
        found = management.organizations.get(made.id)
        self.assertEqual((found.display_name, found.metadata), ("Tours", {"country": "NO"}))
        management.organizations.delete(made.id)
        with self.assertRaises(NotFoundError):
            management.organizations.get(made.id)

    def test_gives_an_application_a_grant_and_an_association(self):
        made = client()
        grant = management.client_grants.create(
            client_id=made.client_id, audience=AUDIENCE, scope=["read:trips"], organization_usage="require"
        )
        organization = self.organization().id
        management.organizations.client_grants.create(organization, grant_id=grant.id)
        self.assertEqual([item.id for item in management.organizations.client_grants.list(organization)], [grant.id])
        self.assertEqual([item.id for item in management.client_grants.organizations.list(grant.id)], [organization])
        self.assertEqual([item.id for item in management.client_grants.list(client_id=made.client_id)], [grant.id])
        self.assertTrue(token(application(made.client_id, made.client_secret), organization))

        management.clients.delete(made.client_id)
        self.assertEqual(list(management.organizations.client_grants.list(organization)), [])

    def test_tells_the_default_organization_of_an_application(self):
        default = management.clients.get(nightly_export.client_id).default_organization
        self.assertEqual((default.organization_id, default.flows), (HARBOUR, ["client_credentials"]))

    def test_finds_an_api_by_its_identifier_which_holds_slashes(self):
        identifier = f"https://{named('orders')}.example/"
        management.resource_servers.create(identifier=identifier, scopes=[{"value": "read:orders"}])
        self.assertEqual([scope.value for scope in management.resource_servers.get(identifier).scopes], ["read:orders"])

    def test_rotates_a_secret_and_the_one_before_it_is_good_no_more(self):
        made = client()
        management.client_grants.create(client_id=made.client_id, audience=AUDIENCE, scope=[])
        rotated = management.clients.rotate_secret(made.client_id)
        self.assertTrue(token(application(made.client_id, rotated.client_secret)))
        with self.assertRaises(Auth0Error) as refused:
            token(application(made.client_id, made.client_secret))
        self.assertEqual((refused.exception.status_code, refused.exception.message), (401, "Unauthorized"))

    def test_takes_the_key_of_an_application_that_proves_itself_with_it(self):
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        credential = {"credential_type": "public_key", "pem": public.decode(), "alg": "RS256"}
        made = client(client_authentication_methods={"private_key_jwt": {"credentials": [credential]}})
        management.client_grants.create(client_id=made.client_id, audience=AUDIENCE, scope=[])
        self.assertTrue(token(application(made.client_id, client_assertion_signing_key=private.decode())))

    def test_is_read_to_the_end_where_a_list_has_several_pages(self):
        grant = management.client_grants.create(
            client_id=client().client_id, audience=AUDIENCE, scope=[], organization_usage="require"
        )
        made = sorted(self.organization().id for _ in range(5))
        for organization in made:
            management.organizations.client_grants.create(organization, grant_id=grant.id)
        first = management.client_grants.organizations.list(grant.id, take=2)
        self.assertEqual((len(first.items), first.has_next), (2, True))
        self.assertEqual(sorted(item.id for item in first), made)

        by_number = [item.client_id for item in management.clients.list(per_page=2)]
        self.assertEqual(by_number, [item.client_id for item in management.clients.list()])
        self.assertGreater(len(by_number), 2)


class ARefusal(unittest.TestCase):
    """It is an exception of its own kind, with the words of the service."""

    def assert_refused(self, kind, message, ask):
        with self.assertRaises(kind) as refused:
            ask()
        self.assertEqual(refused.exception.body["message"], message)

    def test_of_a_body_that_is_wrong(self):
        self.assert_refused(
            BadRequestError,
            "Payload validation error: 'Object didn't pass validation for format organization-name: Not A Name' "
            "on property name.",
            lambda: management.organizations.create(name="Not A Name"),
        )

    def test_of_a_token_that_is_none(self):
        nobody = ManagementClient(domain=DOMAIN, token="not.a.token")
        self.assert_refused(
            UnauthorizedError,
            "Invalid signature received for JSON Web Token validation",
            lambda: nobody.organizations.get(GRANITE),
        )

    def test_of_a_scope_that_was_not_granted(self):
        made = client()
        management.client_grants.create(
            client_id=made.client_id, audience=f"{ISSUER}api/v2/", scope=["read:clients"]
        )
        reader = ManagementClient(domain=DOMAIN, client_id=made.client_id, client_secret=made.client_secret)
        self.assert_refused(
            ForbiddenError,
            "Insufficient scope, expected any of: read:organizations,read:organizations_summary",
            lambda: reader.organizations.get(GRANITE),
        )

    def test_of_what_is_there_already(self):
        # Without this option the client tries a conflict again, for three seconds.
        self.assert_refused(
            ConflictError,
            "An organization with this name already exists.",
            lambda: management.organizations.create(name="granite-tours", request_options={"max_retries": 0}),
        )


if __name__ == "__main__":
    unittest.main()
