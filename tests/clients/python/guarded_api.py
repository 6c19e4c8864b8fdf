"""Two ways to verify tokens in an API. Each gives the organization that the token is for, or raises its own exception."""

import asyncio

import jwt
from auth0_api_python import ApiClient, ApiClientOptions
from auth0_api_python.errors import BaseAuthError

from tenant import AUDIENCE, DOMAIN, ISSUER


class OfAuth0ApiPython:
    name = "auth0-api-python"
    refusal = BaseAuthError

    def __init__(self):
        self.client = ApiClient(ApiClientOptions(domain=DOMAIN, audience=AUDIENCE))

    def organization_of(self, token):
        return asyncio.run(self.client.verify_access_token(token, required_claims=["org_id"]))["org_id"]


class OfPyJwt:
    name = "PyJWT"
    refusal = jwt.PyJWTError

    def __init__(self):
        self.keys = jwt.PyJWKClient(f"{ISSUER}.well-known/jwks.json")

    def organization_of(self, token):
        key = self.keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token, key, algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER, options={"require": ["exp", "org_id"]}
        )
        return claims["org_id"]


GUARDS = [OfAuth0ApiPython(), OfPyJwt()]


class Refused(Exception):
    """The token is good, and for another organization."""


def trips(guard, organization, token):
    """The API itself: it works for one organization."""
    found = guard.organization_of(token)
    if found != organization:
        raise Refused(found)
    return found
