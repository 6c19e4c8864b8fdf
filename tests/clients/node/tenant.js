// The tenant that the tests talk to, and the story that it was started with (fixtures/tenants/travel0.yaml).
import { readFileSync } from "node:fs";
import { ManagementClient } from "auth0";

const ready = JSON.parse(readFileSync(process.env.M2MOCK_READY_FILE, "utf8"));

// The clients want a domain and put `https://` before it themselves.
export const domain = ready.sdk_domain;
export const issuer = `https://${domain}/`;
export const audience = "https://travel0.example/api";
export const managementAudience = `${issuer}api/v2/`;

export const granite = "org_GraniteTours0001";
export const harbour = "org_HarbourTravel001";
export const summit = "org_SummitTrips00001";
export const partnerBotGrant = "cgr_PartnerBot000001";

const { client_id: clientId, client_secret: clientSecret } = ready.management;

/** The Management API, for whoever proves something. */
export const managementAs = (proof) => new ManagementClient({ domain, ...proof });
export const management = managementAs({ clientId, clientSecret });

export const partnerBot = { clientId: "travel0PartnerBot000000000000001", clientSecret: "partner-bot-secret" };
export const nightlyExport = { clientId: "travel0NightlyExport000000000001", clientSecret: "nightly-export-secret" };

let serial = 0;

/** A name that no other test has. */
export const named = (what) => `node-${what}-${process.pid}-${++serial}`;

/** Lets the next request to an operation meet a fault. */
export async function disturb(operation, status) {
    const response = await fetch(new URL("/__admin/faults", ready.base_url), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ operation, status, times: 1 }),
    });
    if (!response.ok) throw new Error(`no fault: ${response.status} ${await response.text()}`);
}
