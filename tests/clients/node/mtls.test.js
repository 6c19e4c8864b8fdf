// Client certificates: three clients authenticate with them, and an API takes a bound token with its certificate only.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { X509Certificate, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { after, before, test } from "node:test";
import { rootCertificates } from "node:tls";
import { promisify } from "node:util";
import { createRemoteJWKSet, decodeJwt, jwtVerify } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { Agent, fetch as undiciFetch } from "undici";
import { issuer, management, named } from "./tenant.js";

const run = promisify(execFile);
const file = (name) => `${process.env.M2MOCK_KEYS}/${name}`;
const own = { cert: file("client-certificate.pem"), key: file("client-key.pem") };
const expired = { ...own, cert: file("expired-client-certificate.pem") };
const foreign = { cert: file("foreign-client-certificate.pem"), key: file("foreign-client-key.pem") };
const ca = [...rootCertificates, readFileSync(process.env.M2MOCK_CA_FILE, "utf8")];

const audience = `https://${named("certified")}.example`;
let api;
let subject;
let registered;

/** An application with one credential for this method. */
async function application(method, credential) {
    const { client_id } = await management.clients.create({
        name: named("client"), app_type: "non_interactive",
        client_authentication_methods: { [method]: { credentials: [credential] } },
    });
    await management.clientGrants.create({ client_id, audience, scope: [] });
    return client_id;
}

before(async () => {
    const bound = { mechanism: "mtls", required: true };
    api = await management.resourceServers.create({ identifier: audience, proof_of_possession: bound });
    subject = await application("tls_client_auth", {
        credential_type: "cert_subject_dn", pem: readFileSync(own.cert, "utf8"),
    });
    registered = await application("self_signed_tls_client_auth", {
        credential_type: "x509_cert", pem: readFileSync(foreign.cert, "utf8"),
    });
});

after(async () => {
    await management.clients.delete(subject);
    await management.clients.delete(registered);
    await management.resourceServers.delete(api.id);
});

const thumbprint = (pem) => createHash("sha256").update(new X509Certificate(pem).raw).digest("base64url");
const contents = ({ cert, key }) => ({ cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") });

/** The fetch of a client with this certificate. */
function fetchWith(certificate) {
    const dispatcher = new Agent({ connect: { ...contents(certificate), ca } });
    return (url, options) => undiciFetch(url, { ...options, dispatcher });
}

function isBound(token, certificate) {
    assert.deepEqual(decodeJwt(token).cnf, { "x5t#S256": thumbprint(readFileSync(certificate.cert)) });
}

async function byOpenidClient(clientId, certificate) {
    const config = await openid.discovery(new URL(issuer), clientId, undefined, openid.TlsClientAuth(), {
        [openid.customFetch]: fetchWith(certificate),
    });
    const tokens = await openid.clientCredentialsGrant(config, { audience });
    return tokens.access_token;
}

async function byOauth4webapi(clientId, certificate) {
    const url = new URL(issuer);
    const options = { [oauth.customFetch]: fetchWith(certificate) };
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options));
    assert.equal(server.tls_client_certificate_bound_access_tokens, true);
    const client = { client_id: clientId };
    const parameters = new URLSearchParams({ audience });
    const answer = await oauth.clientCredentialsGrantRequest(
        server, client, oauth.TlsClientAuth(), parameters, options,
    );
    return (await oauth.processClientCredentialsResponse(server, client, answer)).access_token;
}

async function byCurl(clientId, { cert, key }) {
    const form = { grant_type: "client_credentials", client_id: clientId, audience };
    const { stdout } = await run("curl", [
        "--silent", "--show-error", "--cacert", process.env.M2MOCK_CA_FILE, "--cert", cert, "--key", key,
        ...Object.entries(form).flatMap(([name, value]) => ["--data-urlencode", `${name}=${value}`]),
        `${issuer}oauth/token`,
    ]);
    const answer = JSON.parse(stdout);
    if (!answer.access_token) throw Object.assign(new Error(answer.error_description), { error: answer.error });
    return answer.access_token;
}

const clients = { "openid-client": byOpenidClient, oauth4webapi: byOauth4webapi, curl: byCurl };

for (const [name, token] of Object.entries(clients)) {
    test(`${name} authenticates with a certificate, and its token is bound to it`, async () => {
        isBound(await token(subject, own), own);
        isBound(await token(registered, foreign), foreign);
    });

    test(`${name} gets no token with an expired, a foreign or an unknown certificate`, async () => {
        await assert.rejects(token(subject, expired), { error: "invalid_client" });
        await assert.rejects(token(subject, foreign), { error: "invalid_client" });
        await assert.rejects(token(registered, own), { error: "invalid_client" });
    });
}

test("headers of a proxy have no effect on a direct connection", async () => {
    const answer = await fetch(`${issuer}oauth/token`, {
        method: "POST",
        headers: {
            "client-certificate": encodeURIComponent(readFileSync(own.cert, "utf8")),
            "client-certificate-ca-verified": "SUCCESS",
        },
        body: new URLSearchParams({ grant_type: "client_credentials", client_id: subject, audience }),
    });
    assert.deepEqual([answer.status, (await answer.json()).error], [401, "invalid_client"]);
});

/** An API that compares the certificate of a connection with that of the token (RFC 8705, 3). */
async function serving(ask) {
    const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
    const answer = async (request, response) => {
        try {
            const token = request.headers.authorization.split(" ")[1];
            const { payload } = await jwtVerify(token, keys, { issuer, audience });
            const { raw } = request.socket.getPeerCertificate();
            assert.equal(payload.cnf["x5t#S256"], createHash("sha256").update(raw).digest("base64url"));
            response.writeHead(200).end();
        } catch {
            response.writeHead(401, { "www-authenticate": 'Bearer error="invalid_token"' }).end();
        }
    };
    // Any key pair is enough for the server itself.
    const server = createServer({ ...contents(foreign), requestCert: true, rejectUnauthorized: false }, answer);
    server.listen(0, "127.0.0.1");
    await new Promise((listening, failed) => server.once("listening", listening).once("error", failed));
    try {
        await ask(`https://127.0.0.1:${server.address().port}/`);
    } finally {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
    }
}

test("a stolen token is of no use with another certificate", async () => {
    const token = await byOauth4webapi(subject, own);
    await serving(async (url) => {
        const ask = async (certificate) => {
            const connect = { ...certificate && contents(certificate), rejectUnauthorized: false };
            const options = { headers: { authorization: `DPoP ${token}` }, dispatcher: new Agent({ connect }) };
            return (await undiciFetch(url, options)).status;
        };
        assert.equal(await ask(own), 200);
        assert.equal(await ask(foreign), 401);
        assert.equal(await ask(undefined), 401);
    });
});
