"""The tenant that the tests talk to, and the story that it was started with (fixtures/tenants/travel0.yaml)."""

import json
import os
import uuid

from auth0.authentication import GetToken
from auth0.management import ManagementClient

with open(os.environ["M2MOCK_READY_FILE"], encoding="utf-8") as file:
    READY = json.load(file)

# The clients want a domain and put `https://` before it themselves.
DOMAIN = READY["sdk_domain"]
ISSUER = f"https://{DOMAIN}/"
AUDIENCE = "https://travel0.example/api"

GRANITE = "org_GraniteTours0001"
HARBOUR = "org_HarbourTravel001"
SUMMIT = "org_SummitTrips00001"
PARTNER_BOT_GRANT = "cgr_PartnerBot000001"

management = ManagementClient(
    domain=DOMAIN,
    client_id=READY["management"]["client_id"],
    client_secret=READY["management"]["client_secret"],
)


def application(client_id, client_secret=None, **proof):
    """An application that asks for tokens."""
    return GetToken(DOMAIN, client_id, client_secret=client_secret, **proof)


partner_bot = application("travel0PartnerBot000000000000001", "partner-bot-secret")
nightly_export = application("travel0NightlyExport000000000001", "nightly-export-secret")


def token(client, organization=None):
    return client.client_credentials(AUDIENCE, organization=organization)["access_token"]


def named(what):
    """A name that no other test has."""
    return f"python-{what}-{uuid.uuid4().hex[:12]}"
