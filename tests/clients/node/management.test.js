// The Management API by ManagementClient, which fetches and keeps its own token.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, describe, test } from "node:test";
import { Management, ManagementError } from "auth0";
import { clients } from "./asking.js";
import { audience, disturb, granite, management, managementAs, managementAudience, named, summit } from "./tenant.js";

const { token, refusal } = clients["@auth0/auth0-auth-js"];

const made = [];
const organization = async (name = named("organization")) => {
    const organization = await management.organizations.create({ name });
    made.push(organization.id);
    return organization;
};
after(() => Promise.all(made.map((id) => management.organizations.delete(id))));

const client = (more) =>
    management.clients.create({
        name: named("client"), app_type: "non_interactive", grant_types: ["client_credentials"], ...more,
    });

const all = async (page) => {
    const items = [];
    for await (const item of await page) items.push(item);
    return items;
};

test("an organization is made, found, changed and deleted", async () => {
    const name = named("tours");
    const { id } = await management.organizations.create({ name, display_name: "Tours" });
    assert.equal((await management.organizations.getByName(name)).id, id);
    await management.organizations.update(id, { metadata: { country: "NO" } });
    const { display_name, metadata } = await management.organizations.get(id);
    assert.deepEqual({ display_name, metadata }, { display_name: "Tours", metadata: { country: "NO" } });
    await management.organizations.delete(id);
    await assert.rejects(management.organizations.get(id), Management.NotFoundError);
});

test("an application gets a grant, an association and a token, and is told apart in each list", async () => {
    const { client_id, client_secret } = await client();
    const grant = await management.clientGrants.create({
        client_id, audience, scope: ["read:trips"], organization_usage: "require",
    });
    const { id } = await organization();
    await management.organizations.clientGrants.create(id, { grant_id: grant.id });

    assert.deepEqual((await all(management.organizations.clientGrants.list(id))).map(({ id }) => id), [grant.id]);
    assert.deepEqual((await all(management.clientGrants.organizations.list(grant.id))).map(({ id }) => id), [id]);
    assert.deepEqual((await all(management.clientGrants.list({ client_id }))).map(({ id }) => id), [grant.id]);
    assert.ok(await token({ clientId: client_id, clientSecret: client_secret }, id));

    await management.clients.delete(client_id);
    assert.deepEqual(await all(management.organizations.clientGrants.list(id)), []);
});

test("an API is found by its identifier, which holds slashes", async () => {
    const identifier = `https://${named("orders")}.example/`;
    await management.resourceServers.create({ identifier, scopes: [{ value: "read:orders" }] });
    assert.deepEqual((await management.resourceServers.get(identifier)).scopes, [{ value: "read:orders" }]);
});

test("a secret that was rotated is good, and the one before it no more", async () => {
    const { client_id, client_secret } = await client();
    await management.clientGrants.create({ client_id, audience, scope: [] });
    const rotated = await management.clients.rotateSecret(client_id);
    assert.ok(await token({ clientId: client_id, clientSecret: rotated.client_secret }));
    await assert.rejects(token({ clientId: client_id, clientSecret: client_secret }), (error) => {
        assert.deepEqual(refusal(error), ["access_denied", "Unauthorized"]);
        return true;
    });
});

test("an application proves itself with a key", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
        modulusLength: 2048,
        publicKeyEncoding: { type: "spki", format: "pem" },
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    const { client_id } = await client({
        client_authentication_methods: {
            private_key_jwt: { credentials: [{ credential_type: "public_key", pem: publicKey, alg: "RS256" }] },
        },
    });
    await management.clientGrants.create({ client_id, audience, scope: [] });
    assert.ok(await token({ clientId: client_id, clientAssertionSigningKey: privateKey }));
});

describe("a list of several pages is read to its end", () => {
    test("by checkpoint", async () => {
        const { id: grant_id } = await management.clientGrants.create({
            client_id: (await client()).client_id, audience, scope: [], organization_usage: "require",
        });
        const ids = [];
        for (let i = 0; i < 5; i++) ids.push((await organization()).id);
        for (const id of ids) await management.organizations.clientGrants.create(id, { grant_id });
        const page = await management.clientGrants.organizations.list(grant_id, { take: 2 });
        assert.deepEqual([page.data.length, page.hasNextPage()], [2, true]);
        assert.deepEqual((await all(page)).map(({ id }) => id).sort(), ids.sort());
        const everyone = (await all(management.organizations.list({ take: 2 }))).map(({ id }) => id);
        assert.ok([granite, summit, ...ids].every((id) => everyone.includes(id)), everyone);
    });

    test("by number, with the empty page that this client asks for at the end", async () => {
        const { client_id } = await client();
        const listed = await all(management.clients.list({ per_page: 2 }));
        assert.equal(listed.filter((client) => client.client_id === client_id).length, 1);
        assert.equal(listed.length, (await all(management.clients.list())).length);
        assert.equal((await management.clients.list({ page: 19 })).data.length, 0);
    });
});

describe("a refusal is an exception of its own kind", () => {
    const refusedWith = (kind, status, message) => (error) => {
        assert.ok(error instanceof kind, error);
        assert.deepEqual([error.statusCode, error.body.message], [status, message]);
        return true;
    };

    test("for a body that is wrong", () =>
        assert.rejects(
            management.organizations.create({ name: "Not A Name" }),
            refusedWith(
                Management.BadRequestError,
                400,
                "Payload validation error: 'Object didn't pass validation for format organization-name: Not A Name' on property name.",
            ),
        ));

    test("for a token that is none", () =>
        assert.rejects(
            managementAs({ token: "not.a.token" }).organizations.get(granite),
            refusedWith(Management.UnauthorizedError, 401, "Invalid signature received for JSON Web Token validation"),
        ));

    test("for a scope that was not granted", async () => {
        const { client_id: clientId, client_secret: clientSecret } = await client();
        await management.clientGrants.create({
            client_id: clientId, audience: managementAudience, scope: ["read:clients"],
        });
        await assert.rejects(
            managementAs({ clientId, clientSecret }).organizations.get(granite),
            refusedWith(Management.ForbiddenError, 403, "Insufficient scope, expected any of: read:organizations,read:organizations_summary"),
        );
    });

    test("for what is not there", () =>
        assert.rejects(
            management.organizations.get("org_NobodyIsHere0000"),
            refusedWith(Management.NotFoundError, 404, "No organization found by that id or name"),
        ));

    test("for what is there already", async () => {
        const { name } = await organization();
        await assert.rejects(
            management.organizations.create({ name }),
            refusedWith(Management.ConflictError, 409, "An organization with this name already exists."),
        );
    });

    for (const [status, kind] of [[429, Management.TooManyRequestsError], [503, ManagementError]]) {
        test(`for a ${status}, unless the client may try again`, async () => {
            const find = (options) => management.organizations.getByName("granite-tours", options);
            await disturb("GET /organizations/name/{name}", status);
            await assert.rejects(find({ maxRetries: 0 }), (error) => {
                assert.ok(error instanceof kind, error);
                return error.statusCode === status;
            });
            await disturb("GET /organizations/name/{name}", status);
            assert.equal((await find()).id, granite);
        });
    }
});
