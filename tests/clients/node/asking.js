// The clients by which an application asks for tokens. Each gives the token, or throws an exception of its own kind that
// `refusal` reads: the `error` and `error_description` of the tenant.
import assert from "node:assert/strict";
import { AuthClient, TokenByClientCredentialsError } from "@auth0/auth0-auth-js";
import { AuthApiError, AuthenticationClient } from "auth0/legacy";
import { audience, domain } from "./tenant.js";

export const clients = {
    "@auth0/auth0-auth-js": {
        async token(application, organization) {
            const client = new AuthClient({ domain, ...application });
            return (await client.getTokenByClientCredentials({ audience, organization })).accessToken;
        },
        refusal(error) {
            assert.ok(error instanceof TokenByClientCredentialsError, error);
            return [error.cause.error, error.cause.error_description];
        },
    },

    // The last AuthenticationClient of the SDK; its newest main entry has only the Management API.
    "auth0/legacy": {
        async token(application, organization) {
            const client = new AuthenticationClient({ domain, ...application });
            // Given `undefined`, this client sends the word.
            const asked = organization === undefined ? { audience } : { audience, organization };
            return (await client.oauth.clientCredentialsGrant(asked)).data.access_token;
        },
        refusal(error) {
            assert.ok(error instanceof AuthApiError, error);
            return [error.error, error.error_description];
        },
    },
};
