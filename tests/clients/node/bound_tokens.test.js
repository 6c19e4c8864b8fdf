// Tokens that are bound to a key (DPoP): two clients make the proofs, and a verifier of the vendor checks token and key.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import express from "express";
import { auth } from "express-oauth2-jwt-bearer";
import { calculateJwkThumbprint, decodeJwt, exportJWK } from "jose";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { issuer, management, named } from "./tenant.js";

const audience = `https://${named("bound")}.example`;
let application;
let api;

before(async () => {
    const bound = { mechanism: "dpop", required: true };
    api = await management.resourceServers.create({ identifier: audience, proof_of_possession: bound });
    const { client_id, client_secret } = await management.clients.create({
        name: named("client"), app_type: "non_interactive",
    });
    await management.clientGrants.create({ client_id, audience, scope: [] });
    application = { id: client_id, secret: client_secret };
});

after(async () => {
    await management.clients.delete(application.id);
    await management.resourceServers.delete(api.id);
});

const keyPair = () => oauth.generateKeyPair("ES256", { extractable: true });

async function isBound(tokens, keys) {
    assert.equal(tokens.token_type, "dpop");
    const thumbprint = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
    assert.deepEqual(decodeJwt(tokens.access_token).cnf, { jkt: thumbprint });
}

/** An API that takes bound tokens only, while something asks it. */
async function serving(ask) {
    const app = express();
    app.use(auth({ issuerBaseURL: issuer, audience, dpop: { enabled: true, required: true } }));
    app.get("/trips", (request, response) => response.json({ client: request.auth.payload.azp }));
    app.use((error, request, response, next) => {
        response.status(error.status ?? 500).set(error.headers).json({ message: error.message });
    });
    const server = app.listen(0, "127.0.0.1");
    await new Promise((listening, failed) => server.once("listening", listening).once("error", failed));
    try {
        await ask(new URL(`http://127.0.0.1:${server.address().port}/trips`));
    } finally {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
    }
}

test("openid-client gets a bound token, and an API of the vendor's verifier takes it with its key only", async () => {
    const config = await openid.discovery(new URL(issuer), application.id, application.secret);
    const keys = await keyPair();
    const DPoP = openid.getDPoPHandle(config, keys);
    const tokens = await openid.clientCredentialsGrant(config, { audience }, { DPoP });
    await isBound(tokens, keys);

    await serving(async (trips) => {
        // Only the API is reached over plain HTTP.
        openid.allowInsecureRequests(config);
        const ask = (DPoP) =>
            openid.fetchProtectedResource(config, tokens.access_token, trips, "GET", undefined, undefined, { DPoP });
        const answer = await ask(DPoP);
        assert.deepEqual([answer.status, await answer.json()], [200, { client: application.id }]);
        const stranger = openid.getDPoPHandle(config, await keyPair());
        await assert.rejects(ask(stranger), (error) => error.status === 401 || error.status === 400);
        const bearer = await fetch(trips, { headers: { authorization: `Bearer ${tokens.access_token}` } });
        assert.ok([400, 401].includes(bearer.status), `a bound token as a bearer token: ${bearer.status}`);
    });
});

test("oauth4webapi gets a bound token", async () => {
    const url = new URL(issuer);
    const server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url));
    assert.deepEqual(server.dpop_signing_alg_values_supported, ["ES256"]);
    const client = { client_id: application.id };
    const keys = await keyPair();
    const authentication = oauth.ClientSecretPost(application.secret);
    const options = { DPoP: oauth.DPoP(client, keys) };
    const parameters = new URLSearchParams({ audience });
    for (let request = 0; request < 2; request += 1) {
        const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, options);
        await isBound(await oauth.processClientCredentialsResponse(server, client, answer), keys);
    }
});

test("without a proof there is no token", async () => {
    const config = await openid.discovery(new URL(issuer), application.id, application.secret);
    await assert.rejects(openid.clientCredentialsGrant(config, { audience }), {
        status: 400, error: "invalid_request", error_description: "Proof of possession is required",
    });
});
