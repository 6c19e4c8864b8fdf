// Encrypted access tokens: jose decrypts them with the private key of the API, and verifies the token in them.
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { compactDecrypt, createRemoteJWKSet, jwtVerify } from "jose";
import * as openid from "openid-client";
import { issuer, management, named } from "./tenant.js";

const keyOf = (number) =>
    createPrivateKey({ key: readFileSync(`${process.env.M2MOCK_KEYS}/key-${number}.der`), format: "der", type: "pkcs1" });
const privateKey = keyOf(4);
const pem = createPublicKey(privateKey).export({ type: "spki", format: "pem" });

const created = [];

after(async () => {
    for (const remove of created.reverse()) await remove();
});

for (const alg of ["RSA-OAEP-256", "RSA-OAEP-384", "RSA-OAEP-512"]) {
    test(`jose decrypts a token with ${alg}`, async () => {
        const audience = `https://${named("encrypted")}.example`;
        const api = await management.resourceServers.create({
            identifier: audience,
            token_encryption: { format: "compact-nested-jwe", encryption_key: { alg, pem, kid: "key-of-the-api" } },
        });
        created.push(() => management.resourceServers.delete(api.id));
        const { client_id, client_secret } = await management.clients.create({
            name: named("client"), app_type: "non_interactive",
        });
        created.push(() => management.clients.delete(client_id));
        await management.clientGrants.create({ client_id, audience, scope: [] });

        const config = await openid.discovery(new URL(issuer), client_id, client_secret);
        const { access_token, token_type } = await openid.clientCredentialsGrant(config, { audience });
        assert.equal(token_type, "bearer");
        const { plaintext, protectedHeader } = await compactDecrypt(access_token, privateKey);
        assert.deepEqual(protectedHeader, { alg, enc: "A256GCM", cty: "JWT", kid: "key-of-the-api" });
        const keys = createRemoteJWKSet(new URL(`${issuer}.well-known/jwks.json`));
        const { payload } = await jwtVerify(new TextDecoder().decode(plaintext), keys, { issuer, audience });
        assert.equal(payload.azp, client_id);
        await assert.rejects(compactDecrypt(access_token, keyOf(3)));
    });
}
