"""The names by which a tenant is reached: those of the machine, of a service in a network, and ports of added tenants."""

import json
import os
import socket
import ssl
import subprocess
import tempfile
import time
import unittest
import urllib.request
from urllib.parse import urlsplit

import jwt
from auth0.management import ManagementClient
from cryptography import x509

from tenant import AUDIENCE, DOMAIN, ISSUER, READY, management, named, nightly_export, token


def read(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read().decode()


def served(folder, *options):
    """A server of its own with its ready file."""
    ready = os.path.join(folder, "ready.json")
    # The variables of the suite's own server are options of this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("M2MOCK_")}
    server = subprocess.Popen(
        [os.environ["M2MOCK"], "serve", "--port", "0", "--ready-file", ready, *options],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not os.path.exists(ready):
        if server.poll() is not None:
            raise AssertionError(f"the server ended with {server.returncode}")
        time.sleep(0.05)
    with open(ready, encoding="utf-8") as file:
        return server, json.load(file)


class TheNames(unittest.TestCase):
    def server(self, *options):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        server, ready = served(folder.name, *options)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        return ready, folder.name

    def test_the_management_api_answers_under_the_name_that_was_asked(self):
        audience = f"https://{DOMAIN}/api/v2/"
        made = management.clients.create(name=named("client"), app_type="non_interactive")
        self.addCleanup(management.clients.delete, made.client_id)
        grant = management.client_grants.create(client_id=made.client_id, audience=audience, scope=["read:clients"])
        self.assertEqual(grant.audience, audience)
        found = management.client_grants.list(client_id=made.client_id, audience=audience)
        self.assertEqual([(item.id, item.audience) for item in found], [(grant.id, audience)])

    def test_the_certificate_of_the_tenant_verifies_its_tokens(self):
        certificate = x509.load_pem_x509_certificate(read(f"https://{DOMAIN}/pem").encode())
        claims = jwt.decode(
            token(nightly_export), certificate.public_key(), algorithms=["RS256"], audience=AUDIENCE, issuer=ISSUER
        )
        self.assertEqual(claims["iss"], ISSUER)

    def test_an_added_tenant_answers_at_a_port_of_its_own(self):
        body = json.dumps({"domain": f"{named('added')}.localhost", "port": 0}).encode()
        control = f"{READY['base_url']}/__admin/v1/tenants"
        request = urllib.request.Request(control, data=body, headers={"content-type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            added = json.load(answer)
        domain = f"localhost:{urlsplit(added['https_base_url']).port}"
        own = added["management"]
        there = ManagementClient(domain=domain, client_id=own["client_id"], client_secret=own["client_secret"])
        organization = there.organizations.create(name="only-there")
        self.assertEqual([item.id for item in there.organizations.list()], [organization.id])
        self.assertNotIn("only-there", [item.name for item in management.organizations.list()])

    def test_one_issuer_for_every_name(self):
        ready, _ = self.server("--issuer", "https://login.example")
        port = urlsplit(ready["base_url"]).port
        for host in ["localhost", "127.0.0.1"]:
            document = json.loads(read(f"http://{host}:{port}/.well-known/openid-configuration"))
            self.assertEqual(document["issuer"], "https://login.example/")

    def test_the_certificate_has_the_name_of_a_service(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        authority = os.path.join(folder.name, "ca.pem")
        ready, _ = self.server("--tls", "--tls-port", "0", "--ca-file", authority, "--tls-name", "login.internal")
        address = urlsplit(ready["https_base_url"])
        context = ssl.create_default_context(cafile=authority)
        with socket.create_connection(("127.0.0.1", address.port)) as connection:
            with context.wrap_socket(connection, server_hostname="login.internal") as secured:
                self.assertTrue(secured.getpeercert())

