// The story of an application and its organizations, told by @auth0/auth0-auth-js and two APIs.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TokenByClientCredentialsError } from "@auth0/auth0-auth-js";
import { guards, serving } from "./guarded_api.js";
import {
    granite, harbour, management, named, nightlyExport, partnerBot, partnerBotGrant, summit, token,
} from "./tenant.js";

/** What the client throws when the tenant refuses, with the tenant's own words. */
const notFor = (organization) => (error) => {
    assert.ok(error instanceof TokenByClientCredentialsError, error);
    assert.equal(error.cause.error, "access_denied");
    assert.equal(error.cause.error_description, `Client is not authorized to access organization "${organization}"`);
    return true;
};

for (const [name, guard] of Object.entries(guards)) {
    describe(`an API guarded by ${name}`, () => {
        test("lets in an application that is allowed, and knows for which organization it works", () =>
            serving(guard(granite), async (trips) => {
                const allowed = await token(partnerBot, { organization: granite });
                assert.deepEqual(await trips(allowed), [200, { organization: granite }]);
            }));

        test("lets in an application that names no organization for its default one", () =>
            serving(guard(harbour), async (trips) => {
                assert.deepEqual(await trips(await token(nightlyExport)), [200, { organization: harbour }]);
            }));

        test("refuses a token of another organization, one that was tampered with, and none", () =>
            serving(guard(granite), async (trips) => {
                const own = await token(partnerBot, { organization: granite });
                const other = await token(partnerBot, { organization: harbour });
                const [head, , signature] = other.split(".");
                const tampered = [head, own.split(".")[1], signature].join(".");
                assert.equal((await trips(own))[0], 200);
                assert.equal((await trips(other))[0], 401);
                assert.equal((await trips(tampered))[0], 401);
                assert.equal((await trips())[0], 401);
            }));
    });
}

describe("an application", () => {
    test("is refused for an organization that it is not associated with", () =>
        assert.rejects(token(partnerBot, { organization: summit }), notFor(summit)));

    test("is refused without an organization where it has to name one", () =>
        assert.rejects(token(partnerBot), ({ cause }) => {
            assert.equal(cause.error_description, "parameter organization is required for this client");
            return true;
        }));

    test("is refused as soon as its association is revoked", async () => {
        const { id } = await management.organizations.create({ name: named("revoked") });
        await assert.rejects(token(partnerBot, { organization: id }), notFor(id));

        await management.organizations.clientGrants.create(id, { grant_id: partnerBotGrant });
        await serving(guards.jose(id), async (trips) => {
            const allowed = await token(partnerBot, { organization: id });
            assert.deepEqual(await trips(allowed), [200, { organization: id }]);
        });

        await management.organizations.clientGrants.delete(id, partnerBotGrant);
        await assert.rejects(token(partnerBot, { organization: id }), notFor(id));
    });
});

test("an API finds the key of a token that was signed after a rotation", () =>
    serving(guards.jose(granite), async (trips) => {
        const before = await token(partnerBot, { organization: granite });
        assert.equal((await trips(before))[0], 200);
        await management.keys.signing.rotate();
        const after = await token(partnerBot, { organization: granite });
        assert.notEqual(after.split(".")[0], before.split(".")[0]);
        assert.equal((await trips(after))[0], 200);
        assert.equal((await trips(before))[0], 200);
    }));
