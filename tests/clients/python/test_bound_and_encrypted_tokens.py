"""Tokens that are bound to a client certificate, by Authlib, and encrypted tokens, by joserfc."""

import base64
import hashlib
import os
import unittest

import httpx
import jwt
from authlib.integrations.httpx_client import OAuth2Client
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jwe
from joserfc.jwk import RSAKey

from tenant import ISSUER, READY, application, management, named

KEYS = os.environ["M2MOCK_KEYS"]


def read(name):
    with open(os.path.join(KEYS, name), "rb") as file:
        return file.read()


class BoundAndEncryptedTokens(unittest.TestCase):
    def api(self, **members):
        audience = f"https://{named('api')}.example"
        # Not by `management`: its model of the answer needs the PEM of `token_encryption`, which recorded answers lack.
        own = READY["management"]
        there = f"{ISSUER}api/v2/"
        bearer = application(own["client_id"], own["client_secret"]).client_credentials(there)["access_token"]
        body = {"identifier": audience, **members}
        made = httpx.post(f"{there}resource-servers", json=body, headers={"authorization": f"Bearer {bearer}"})
        self.addCleanup(management.resource_servers.delete, made.raise_for_status().json()["id"])
        return audience

    def application(self, audience, **members):
        made = management.clients.create(name=named("client"), app_type="non_interactive", **members)
        self.addCleanup(management.clients.delete, made.client_id)
        management.client_grants.create(client_id=made.client_id, audience=audience, scope=[])
        return made

    def test_authlib_authenticates_with_a_certificate_that_binds_its_token(self):
        audience = self.api(proof_of_possession={"mechanism": "mtls", "required": True})
        pem = read("client-certificate.pem").decode()
        credential = {"credential_type": "cert_subject_dn", "pem": pem}
        methods = {"tls_client_auth": {"credentials": [credential]}}
        made = self.application(audience, client_authentication_methods=methods)
        files = tuple(os.path.join(KEYS, name) for name in ("client-certificate.pem", "client-key.pem"))
        # The method `none` sends the id in the body and nothing else.
        with OAuth2Client(made.client_id, token_endpoint_auth_method="none", cert=files) as client:
            answer = client.fetch_token(f"{ISSUER}oauth/token", grant_type="client_credentials", audience=audience)
        claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
        der = load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)
        thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        self.assertEqual(claims["cnf"], {"x5t#S256": thumbprint})

    def test_joserfc_decrypts_a_token_with_the_key_of_the_api(self):
        private_key = load_der_private_key(read("key-4.der"), None)
        pem = private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
        key = {"alg": "RSA-OAEP-256", "pem": pem}
        audience = self.api(token_encryption={"format": "compact-nested-jwe", "encryption_key": key})
        made = self.application(audience)
        with OAuth2Client(made.client_id, made.client_secret) as client:
            answer = client.fetch_token(f"{ISSUER}oauth/token", grant_type="client_credentials", audience=audience)
        own, other = (RSAKey.import_key(load_der_private_key(read(name), None)) for name in ("key-4.der", "key-3.der"))
        algorithms = ["RSA-OAEP-256", "A256GCM"]
        opened = jwe.decrypt_compact(answer["access_token"], own, algorithms=algorithms)
        self.assertEqual(opened.protected, {"alg": "RSA-OAEP-256", "enc": "A256GCM", "cty": "JWT"})
        keys = jwt.PyJWKClient(f"{ISSUER}.well-known/jwks.json")
        signed = opened.plaintext.decode()
        claims = jwt.decode(
            signed, keys.get_signing_key_from_jwt(signed).key, algorithms=["RS256"], audience=audience, issuer=ISSUER
        )
        self.assertEqual(claims["azp"], made.client_id)
        with self.assertRaises(Exception):
            jwe.decrypt_compact(answer["access_token"], other, algorithms=algorithms)
