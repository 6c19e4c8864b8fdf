// The names by which a tenant is reached.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { jwtVerify } from "jose";
import { clients } from "./asking.js";
import { audience, domain, issuer, management, managementAudience, named, nightlyExport } from "./tenant.js";

test("the Management API answers under the name that was asked", async () => {
    const { client_id } = await management.clients.create({ name: named("client"), app_type: "non_interactive" });
    const grant = await management.clientGrants.create({
        client_id, audience: managementAudience, scope: ["read:clients"],
    });
    assert.equal(grant.audience, managementAudience);
    const found = [];
    for await (const item of await management.clientGrants.list({ client_id, audience: managementAudience })) {
        found.push(item.id);
    }
    assert.deepEqual(found, [grant.id]);
    await management.clients.delete(client_id);
});

test("the certificate of the tenant verifies its tokens", async () => {
    const { publicKey } = new X509Certificate(await (await fetch(`https://${domain}/pem`)).text());
    const { token } = clients["@auth0/auth0-auth-js"];
    const { payload } = await jwtVerify(await token(nightlyExport), publicKey, { issuer, audience });
    assert.equal(payload.iss, issuer);
});
