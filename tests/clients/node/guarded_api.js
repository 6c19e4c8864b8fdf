// The API that tokens are for, guarded in two ways. Each works for one organization and answers for which one it was asked.
import express from "express";
import { auth, claimEquals } from "express-oauth2-jwt-bearer";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";
import { audience, issuer } from "./tenant.js";

export const guards = {
    "express-oauth2-jwt-bearer": (organization) => {
        const app = express();
        app.use(auth({ issuerBaseURL: issuer, audience }), claimEquals("org_id", organization));
        app.get("/trips", (request, response) => response.json({ organization: request.auth.payload.org_id }));
        app.use((error, request, response, next) => {
            response.status(error.status ?? 500).set(error.headers).json({ message: error.message });
        });
        return app;
    },

    jose: (organization) => {
        const app = express();
        // An unknown key may be asked for at once: in a test, keys change faster than in half a minute.
        const keys = createRemoteJWKSet(new URL(".well-known/jwks.json", issuer), { cooldownDuration: 0 });
        app.get("/trips", async (request, response) => {
            const token = request.get("authorization")?.replace(/^Bearer /, "") ?? "";
            try {
                const { payload } = await jwtVerify(token, keys, { issuer, audience, requiredClaims: ["org_id"] });
                if (payload.org_id !== organization) throw new errors.JWTClaimValidationFailed("another organization");
                response.json({ organization: payload.org_id });
            } catch (error) {
                response.status(error instanceof errors.JOSEError ? 401 : 500).json({ message: error.message });
            }
        });
        return app;
    },
};

/** Runs an API while something asks it. */
export async function serving(app, ask) {
    const server = app.listen(0, "127.0.0.1");
    await new Promise((listening, failed) => server.once("listening", listening).once("error", failed));
    const trips = `http://127.0.0.1:${server.address().port}/trips`;
    try {
        await ask(async (token) => {
            const response = await fetch(trips, token && { headers: { authorization: `Bearer ${token}` } });
            return [response.status, await response.json()];
        });
    } finally {
        server.closeAllConnections();
        await new Promise((closed) => server.close(closed));
    }
}
