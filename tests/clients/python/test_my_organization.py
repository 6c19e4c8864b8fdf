"""An application manages its organization with the vendor's client for the My Organization API."""

import unittest

from auth0.myorganization.errors import ConflictError, ForbiddenError, NotFoundError
from auth0.myorganization import IdpOktaOptionsRequest, IdpOktaRequest, IdpOktaUpdateRequest
from auth0.myorganization.myorganization_client import MyOrganizationClient

from tenant import DOMAIN, management, named

SCOPES = [
    "read:my_org:configuration",
    "read:my_org:details",
    "update:my_org:details",
    "read:my_org:domains",
    "create:my_org:domains",
    "update:my_org:domains",
    "delete:my_org:domains",
    "read:my_org:identity_providers",
    "create:my_org:identity_providers",
    "update:my_org:identity_providers",
    "delete:my_org:identity_providers",
    "update:my_org:identity_providers_detach",
    "create:my_org:identity_providers_domains",
    "delete:my_org:identity_providers_domains",
    "read:my_org:identity_providers_provisioning",
    "create:my_org:identity_providers_provisioning",
    "update:my_org:identity_providers_provisioning",
    "delete:my_org:identity_providers_provisioning",
    "read:my_org:identity_providers_scim_tokens",
    "create:my_org:identity_providers_scim_tokens",
    "delete:my_org:identity_providers_scim_tokens",
    "read:my_org:members",
    "delete:my_org:memberships",
    "read:my_org:member_roles",
    "create:my_org:member_roles",
    "delete:my_org:member_roles",
    "read:my_org:member_invitations",
    "create:my_org:member_invitations",
    "delete:my_org:member_invitations",
]


class TheOrganizationOfAnApplication(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        audience = f"https://{DOMAIN}/my-org/"
        api = management.resource_servers.create(identifier=audience, name="My Organization API")
        cls.addClassCleanup(management.resource_servers.delete, api.id)
        management.resource_servers.update(
            api.id, subject_type_authorization={"client": {"policy": "require_client_grant"}}
        )
        connections = management.connection_profiles.create(name=named("partners"), enabled_features=["scim"])
        cls.addClassCleanup(management.connection_profiles.delete, connections.id)
        email = {
            "label": "Email",
            "description": "The address",
            "profile_required": True,
            "auth0_mapping": "email",
            "oidc_mapping": {"mapping": "mail"},
            "scim_mapping": "userName",
        }
        attributes = management.user_attribute_profiles.create(
            name=named("partners"), user_attributes={"email": email}
        )
        cls.addClassCleanup(management.user_attribute_profiles.delete, attributes.id)
        bot = management.clients.create(
            name=named("bot"),
            app_type="non_interactive",
            organization_usage="allow",
            initiate_login_uri="https://bot.example/login",
            my_organization_configuration={
                "allowed_strategies": ["okta"],
                "connection_deletion_behavior": "allow",
                "connection_profile_id": connections.id,
                "user_attribute_profile_id": attributes.id,
            },
        )
        cls.addClassCleanup(management.clients.delete, bot.client_id)
        management.client_grants.create(
            client_id=bot.client_id,
            audience=audience,
            scope=SCOPES,
            organization_usage="require",
            allow_any_organization=True,
        )
        cls.bot = bot

    def setUp(self):
        self.acme = management.organizations.create(name=named("acme"))
        self.addCleanup(management.organizations.delete, self.acme.id)
        self.client = MyOrganizationClient(
            domain=DOMAIN,
            client_id=self.bot.client_id,
            client_secret=self.bot.client_secret,
            organization=self.acme.id,
        )

    def test_details_and_configuration(self):
        self.assertEqual(self.client.organization_details.get().name, self.acme.name)
        self.client.organization_details.update(display_name="Acme Travels")
        self.assertEqual(management.organizations.get(self.acme.id).display_name, "Acme Travels")
        configuration = self.client.organization.configuration.get()
        self.assertEqual(configuration.allowed_strategies, ["okta"])

    def test_domains(self):
        domains = self.client.organization.domains
        for name in ["acme.example", "acme.test"]:
            domains.create(domain=name)
        with self.assertRaises(ConflictError) as refused:
            domains.create(domain="acme.test")
        self.assertEqual(refused.exception.body.detail, "Domain name must be unique")
        self.assertEqual([domain.domain for domain in domains.list(take=1)], ["acme.example", "acme.test"])
        first = next(iter(domains.list()))
        self.assertEqual(domains.verify.create(first.id).status, "pending")
        management.organizations.discovery_domains.update(self.acme.id, first.id, status="verified")
        self.assertEqual(domains.get(first.id).status, "verified")
        domains.delete(first.id)
        with self.assertRaises(NotFoundError):
            domains.get(first.id)

    def test_members_and_their_roles(self):
        user = management.users.create(
            connection="Username-Password-Authentication",
            email=f"{named('ada')}@acme.example",
            password="correct-Horse-battery-1",
        )
        self.addCleanup(management.users.delete, user.user_id)
        role = management.roles.create(name=named("admin"))
        self.addCleanup(management.roles.delete, role.id)
        management.organizations.members.create(self.acme.id, members=[user.user_id])
        members = self.client.organization.members
        members.roles.assign(user.user_id, role_ids=[role.id])
        listed = [(member.user_id, [role.id for role in member.roles]) for member in members.list()]
        self.assertEqual(listed, [(user.user_id, [role.id])])
        self.assertIn(role.id, [role.id for role in self.client.organization.roles.list(name="ADMIN")])
        members.roles.unassign(user.user_id, role_ids=[role.id])
        self.assertEqual(list(members.roles.list(user.user_id)), [])
        self.client.organization.memberships.delete_memberships(members=[user.user_id])
        with self.assertRaises(NotFoundError):
            members.get(user.user_id)
        self.assertEqual(management.users.get(user.user_id).user_id, user.user_id)

    def test_invitations(self):
        invitations = self.client.organization.invitations
        created = invitations.create(
            invitees=[{"email": "ada@acme.example"}, {"email": "bob@acme.example"}], inviter={"name": "Eve"}
        )
        self.assertEqual([invitation.organization_id for invitation in created], [self.acme.id, self.acme.id])
        newest_first = [invitation.invitee.email for invitation in invitations.list(take=1)]
        self.assertEqual(newest_first, ["bob@acme.example", "ada@acme.example"])
        self.assertEqual(invitations.roles.list(created[0].id).roles, [])
        invitations.delete(invitations=[created[0].id])
        self.assertEqual([invitation.id for invitation in invitations.list()], [created[1].id])

    def create_identity_provider(self):
        options = IdpOktaOptionsRequest(domain="acme.okta.example", client_id="acme", client_secret="a-secret")
        request = IdpOktaRequest(strategy="okta", name=named("corporate"), display_name="Acme", options=options)
        return self.client.organization.identity_providers.create(request=request)

    def test_identity_providers(self):
        providers = self.client.organization.identity_providers
        created = self.create_identity_provider()
        self.assertEqual((created.access_level, created.attributes[0].sso_field), ("full", ["mail"]))
        self.assertEqual(management.connections.get(created.id).options["domain"], "acme.okta.example")
        self.assertEqual([provider.id for provider in providers.list().identity_providers], [created.id])
        changed = providers.update(created.id, request=IdpOktaUpdateRequest(display_name="Acme Login"))
        self.assertEqual((changed.display_name, providers.get(created.id).options.client_id), ("Acme Login", "acme"))
        self.assertFalse(providers.update_attributes(created.id, request={}).attributes[0].is_missing)

        domain = self.client.organization.domains.create(domain="acme.example")
        management.organizations.discovery_domains.update(self.acme.id, domain.id, status="verified")
        self.assertEqual(providers.domains.create(created.id, domain="acme.example").domain, "acme.example")
        of_domain = self.client.organization.domains.identity_providers
        self.assertEqual([provider.id for provider in of_domain.list(domain.id).identity_providers], [created.id])
        providers.domains.delete(created.id, "acme.example")

        providers.detach(created.id)
        with self.assertRaises(NotFoundError) as refused:
            providers.get(created.id)
        self.assertEqual(refused.exception.body.detail, "The IdP does not exist.")
        management.connections.delete(created.id)

    def test_provisioning(self):
        providers = self.client.organization.identity_providers
        created = self.create_identity_provider()
        provisioning = providers.provisioning.create(created.id)
        self.assertEqual((provisioning.method, provisioning.attributes[0].provisioning_field), ("scim", "userName"))
        token = providers.provisioning.scim_tokens.create(created.id, token_lifetime=3600)
        listed = providers.provisioning.scim_tokens.list(created.id).scim_tokens
        self.assertEqual([listed.token_id for listed in listed], [token.token_id])
        providers.provisioning.scim_tokens.delete(created.id, token.token_id)
        self.assertFalse(providers.provisioning.update_attributes(created.id, request={}).attributes[0].is_missing)
        providers.provisioning.delete(created.id)
        with self.assertRaises(NotFoundError):
            providers.provisioning.get(created.id)
        providers.delete(created.id)
        with self.assertRaises(NotFoundError):
            providers.get(created.id)

    def test_a_scope_that_the_application_lacks(self):
        with self.assertRaises(ForbiddenError) as refused:
            self.client.organization_details.delete()
        self.assertEqual(refused.exception.body.type, "https://auth0.com/api-errors#A0E-403-0002")
