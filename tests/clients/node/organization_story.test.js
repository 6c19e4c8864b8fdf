// The story of an application and its organizations, told by two clients to an API that is guarded in two ways.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clients } from "./asking.js";
import { guards, serving } from "./guarded_api.js";
import { granite, harbour, management, named, nightlyExport, partnerBot, partnerBotGrant, summit } from "./tenant.js";

for (const [clientName, { token, refusal }] of Object.entries(clients)) {
    const isRefused = (application, organization, words) =>
        assert.rejects(token(application, organization), (error) => {
            assert.deepEqual(refusal(error), words);
            return true;
        });
    const notFor = (organization) => [
        "access_denied",
        `Client is not authorized to access organization "${organization}"`,
    ];

    for (const [guardName, guard] of Object.entries(guards)) {
        describe(`an API guarded by ${guardName}, asked with tokens by ${clientName}`, () => {
            test("lets in an application that is allowed, and knows for which organization it works", () =>
                serving(guard(granite), async (trips) => {
                    assert.deepEqual(await trips(await token(partnerBot, granite)), [200, { organization: granite }]);
                }));

            test("lets in an application that names no organization for its default one", () =>
                serving(guard(harbour), async (trips) => {
                    assert.deepEqual(await trips(await token(nightlyExport)), [200, { organization: harbour }]);
                }));

            test("refuses a token of another organization, one that was tampered with, and none", () =>
                serving(guard(granite), async (trips) => {
                    const own = await token(partnerBot, granite);
                    const other = await token(partnerBot, harbour);
                    const [head, , signature] = other.split(".");
                    const tampered = [head, own.split(".")[1], signature].join(".");
                    assert.equal((await trips(own))[0], 200);
                    assert.equal((await trips(other))[0], 401);
                    assert.equal((await trips(tampered))[0], 401);
                    assert.equal((await trips())[0], 401);
                }));
        });
    }

    describe(`an application that asks by ${clientName}`, () => {
        test("is refused for an organization that it is not associated with", () =>
            isRefused(partnerBot, summit, notFor(summit)));

        test("is refused without an organization where it has to name one", () =>
            isRefused(partnerBot, undefined, [
                "invalid_request",
                "parameter organization is required for this client",
            ]));

        test("is refused as soon as its association is revoked", async () => {
            const { id } = await management.organizations.create({ name: named("revoked") });
            await isRefused(partnerBot, id, notFor(id));

            await management.organizations.clientGrants.create(id, { grant_id: partnerBotGrant });
            for (const guard of Object.values(guards)) {
                await serving(guard(id), async (trips) => {
                    assert.deepEqual(await trips(await token(partnerBot, id)), [200, { organization: id }]);
                });
            }

            await management.organizations.clientGrants.delete(id, partnerBotGrant);
            await isRefused(partnerBot, id, notFor(id));
        });
    });
}

test("an API finds the key of a token that was signed after a rotation", () =>
    serving(guards.jose(granite), async (trips) => {
        const { token } = clients["@auth0/auth0-auth-js"];
        const before = await token(partnerBot, granite);
        assert.equal((await trips(before))[0], 200);
        await management.keys.signing.rotate();
        const after = await token(partnerBot, granite);
        assert.notEqual(after.split(".")[0], before.split(".")[0]);
        assert.equal((await trips(after))[0], 200);
        assert.equal((await trips(before))[0], 200);
    }));
