//! Property tests of deletion over the Management API: after random sequences of operations no part of the state names a
//! deleted entity, and when everything is deleted the state is that of a new tenant.
//!
//! Three names may stay: the default organization of a client (R54), the reports of jobs, and names that a request may
//! send without a check.

use std::collections::BTreeMap;

use http::Method;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Config, Pins, Tenant};
use crate::domain::Clock;

/// What was made and is there.
pub(super) struct World {
    pub(super) tenant: Tenant,
    /// What the creates of each family made.
    made: BTreeMap<&'static str, Vec<Made>>,
    /// What others knew things by that are gone.
    gone: Vec<String>,
    count: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Made {
    pub(super) path: String,
    pub(super) id: String,
    /// A second name that others use.
    pub(super) name: String,
}

pub(super) const ORGANIZATION: &str = "/organizations";
pub(super) const CLIENT: &str = "/clients";
pub(super) const API: &str = "/resource-servers";
const GRANT: &str = "/client-grants";
pub(super) const CONNECTION: &str = "/connections";
pub(super) const USER: &str = "/users";
const ROLE: &str = "/roles";
const DEVICE: &str = "/device-credentials";
const ACTION: &str = "/actions/actions";
const MODULE: &str = "/actions/modules";
const ATTRIBUTES: &str = "/user-attribute-profiles";
const EVENT_STREAM: &str = "/event-streams";
const EXPERIMENT: &str = "/experimentation/experiments";
const FLAG: &str = "/experimentation/feature-flags";
const SEGMENT: &str = "/experimentation/segments";

/// Families that refuse to delete what others use.
const KEPT_IN_USE: &[&str] =
    &[ACTION, ATTRIBUTES, FLAG, MODULE, SEGMENT, "/connection-profiles", "/flows", "/flows/vault/connections"];

pub(super) type Step = fn(&mut World, [usize; 3]) -> Option<()>;

pub(super) const STEPS: &[Step] = &[
    |world, _| world.make(ORGANIZATION, json!({ "name": world.fresh("org") }), "id", "id"),
    |world, _| {
        let body = json!({
            "name": "a", "organization_usage": "allow", "initiate_login_uri": "https://travel0.example/login",
        });
        world.make(CLIENT, body, "client_id", "client_id")
    },
    |world, _| {
        let body = json!({ "identifier": world.fresh("api"), "scopes": [{ "value": "read" }, { "value": "book" }] });
        world.make(API, body, "id", "identifier")
    },
    |world, [api, ..]| {
        let body = json!({
            "name": "a", "app_type": "resource_server", "resource_server_identifier": world.get(API, api)?.name,
        });
        world.make(CLIENT, body, "client_id", "client_id")
    },
    |world, [client, api, _]| {
        let (client, api) = (world.get(CLIENT, client)?, world.get(API, api)?);
        let body = json!({ "client_id": client.id, "audience": api.name, "scope": ["read"] });
        world.make(GRANT, body, "id", "id")
    },
    |world, [client, strategy, _]| {
        let strategy = ["auth0", "oidc", "okta", "google-apps"][strategy % 4];
        let clients: Vec<String> = world.get(CLIENT, client).map(|client| client.id).into_iter().collect();
        let body = json!({
            "name": world.fresh("users"), "strategy": strategy, "enabled_clients": clients,
            "options": { "client_id": "a" },
        });
        world.make(CONNECTION, body, "id", "name")
    },
    |world, [connection, ..]| {
        let body = json!({
            "connection": world.get(CONNECTION, connection)?.name, "password": "Passengers 1st",
            "email": format!("{}@travel0.example", world.fresh("someone")),
        });
        world.make(USER, body, "user_id", "user_id")
    },
    |world, [owner, ..]| {
        let mut body = json!({ "name": world.fresh("role") });
        if owner % 2 == 0 {
            body["type"] = "organization".into();
            body["owner_id"] = world.get(ORGANIZATION, owner)?.id.into();
        }
        world.make(ROLE, body, "id", "id")
    },
    |world, [client, ..]| {
        let body = json!({
            "device_name": "phone", "type": "public_key", "value": "a", "device_id": format!("{:x}", world.count),
            "client_id": world.get(CLIENT, client)?.id,
        });
        world.make(DEVICE, body, "id", "id")
    },
    |world, [organization, grant, _]| {
        let body = json!({ "grant_id": world.get(GRANT, grant)?.id });
        world.join(ORGANIZATION, organization, "client-grants", body)
    },
    |world, [organization, connection, _]| {
        let body = json!({ "connection_id": world.get(CONNECTION, connection)?.id });
        world.join(ORGANIZATION, organization, "enabled_connections", body)
    },
    |world, [organization, client, _]| {
        let client = world.get(CLIENT, client)?;
        let body = json!({ "clients": [{ "client_id": client.id, "use_for_member_access": true }] });
        world.join(ORGANIZATION, organization, "clients", body)
    },
    |world, [organization, user, _]| {
        let body = json!({ "members": [world.get(USER, user)?.id] });
        world.join(ORGANIZATION, organization, "members", body)
    },
    |world, [organization, user, role]| {
        let member = world.get(USER, user)?;
        world.join(ORGANIZATION, organization, "members", json!({ "members": [member.id] }));
        let roles = format!("members/{}/roles", segment(&member.id));
        let body = json!({ "roles": [world.get(ROLE, role)?.id] });
        world.join(ORGANIZATION, organization, &roles, body)
    },
    |world, [organization, client, other]| {
        let body = json!({
            "client_id": world.get(CLIENT, client)?.id,
            "roles": world.get(ROLE, other).map(|role| role.id).into_iter().collect::<Vec<_>>(),
            "inviter": { "name": "Ada" }, "invitee": { "email": "bob@travel0.example" },
        });
        world.join(ORGANIZATION, organization, "invitations", body)
    },
    |world, [organization, client, connection]| {
        let connection = world.get(CONNECTION, connection)?.id;
        world.join(ORGANIZATION, organization, "enabled_connections", json!({ "connection_id": connection }));
        let body = json!({
            "client_id": world.get(CLIENT, client)?.id, "connection_id": connection,
            "inviter": { "name": "Ada" }, "invitee": { "email": "bob@travel0.example" },
        });
        world.join(ORGANIZATION, organization, "invitations", body)
    },
    |world, [organization, ..]| {
        let body = json!({ "domain": format!("{}.example", world.fresh("domain")), "status": "verified" });
        world.join(ORGANIZATION, organization, "discovery-domains", body)
    },
    |world, [user, role, _]| {
        let body = json!({ "roles": [world.get(ROLE, role)?.id] });
        world.join(USER, user, "roles", body)
    },
    |world, [user, api, role]| {
        let api = world.get(API, api)?;
        let permission = json!({ "resource_server_identifier": api.name, "permission_name": "book" });
        world.join(ROLE, role, "permissions", json!({ "permissions": [permission] }));
        world.join(USER, user, "permissions", json!({ "permissions": [permission] }))
    },
    |world, [user, ..]| {
        let body = json!({ "type": "email", "email": "ada@travel0.example", "name": "Ada" });
        world.join(USER, user, "authentication-methods", body)
    },
    |world, [user, other, _]| {
        let second = world.get(USER, other)?;
        let (provider, own_id) = second.id.split_once('|')?;
        world.join(USER, user, "identities", json!({ "provider": provider, "user_id": own_id }))?;
        world.made.get_mut(USER)?.retain(|user| user.id != second.id);
        world.gone.push(second.id);
        Some(())
    },
    |world, [connection, ..]| {
        world.join(CONNECTION, connection, "scim-configuration", Value::Null);
        world.join(CONNECTION, connection, "scim-configuration/tokens", json!({}));
        world.join(CONNECTION, connection, "directory-provisioning", json!({}));
        let groups = json!({ "groups": [{ "id": "1234567890" }] });
        let path = format!("{}/directory-provisioning/synchronized-groups", world.get(CONNECTION, connection)?.path);
        world.perform(Method::PUT, &path, groups);
        world.join(CONNECTION, connection, "keys", json!({}))
    },
    |world, [connection, client, _]| {
        let body = json!([{ "client_id": world.get(CLIENT, client)?.id, "status": true }]);
        let path = format!("{}/clients", world.get(CONNECTION, connection)?.path);
        world.perform(Method::PATCH, &path, body).map(drop)
    },
    |world, _| {
        let sink = json!({ "httpEndpoint": "https://travel0.example/logs" });
        let body = json!({ "name": world.fresh("stream"), "type": "http", "sink": sink });
        world.make("/log-streams", body, "id", "name")
    },
    |world, _| {
        let rule = json!({ "action": { "block": true }, "match": { "asns": [9453] }, "scope": "tenant" });
        let body = json!({ "description": world.fresh("list"), "active": true, "rule": rule });
        world.make("/network-acls", body, "id", "description")
    },
    |world, _| {
        let body = json!({ "name": world.fresh("key"), "alg": "hmac-sha256", "value": "c2VjcmV0" });
        world.make("/keys/network-acls", body, "id", "name")
    },
    |world, _| world.make("/rules", json!({ "name": world.fresh("rule"), "script": "//" }), "id", "name"),
    |world, _| {
        let body = json!({ "name": world.fresh("hook"), "script": "//", "triggerId": "credentials-exchange" });
        world.make("/hooks", body, "id", "name")?;
        world.join("/hooks", 0, "secrets", json!({ "KEY": "a" }));
        Some(())
    },
    |world, _| {
        let configuration = json!({ "action": "log", "limit": 10 });
        let body = json!({
            "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": world.fresh("selector"),
            "configuration": configuration,
        });
        world.make("/rate-limit-policies", body, "id", "consumer_selector")
    },
    |world, [kind, ..]| {
        let webhook = json!({
            "webhook_endpoint": "https://travel0.example/events",
            "webhook_authorization": { "method": "bearer", "token": "a" },
        });
        let bus = json!({ "aws_account_id": "1".repeat(12), "aws_region": "eu-west-1" });
        let (kind, configuration) = [("webhook", webhook), ("eventbridge", bus)][kind % 2].clone();
        let destination = json!({ "type": kind, "configuration": configuration });
        world.make(EVENT_STREAM, json!({ "name": world.fresh("stream"), "destination": destination }), "id", "name")
    },
    |world, [stream, kind, _]| {
        let event_type = ["user.created", "organization.member.added", "group.updated"][kind % 3];
        world.join(EVENT_STREAM, stream, "test", json!({ "event_type": event_type }))?;
        world.join(EVENT_STREAM, stream, "redeliver", json!({ "event_types": [event_type] }))
    },
    |world, [client, ..]| {
        let body = json!({ "name": world.fresh("agent"), "client_id": world.get(CLIENT, client)?.id });
        world.make("/agents", body, "agent_id", "name")
    },
    |world, _| {
        let parameters = json!({ "color": { "type": "string", "value": "blue" } });
        world.make(FLAG, json!({ "name": world.fresh("flag"), "parameters": parameters }), "id", "name")?;
        let flag = world.made.get(FLAG)?.len() - 1;
        for color in ["red", "green"] {
            let overrides = json!({ "color": { "value": color } });
            world.join(FLAG, flag, "variations", json!({ "name": world.fresh(color), "overrides": overrides }))?;
        }
        world.join(FLAG, flag, "status", json!({ "status": "active" }))
    },
    |world, _| {
        let rules = json!([{ "match": { "country": ["NL"] } }]);
        world.make(SEGMENT, json!({ "name": world.fresh("segment"), "rules": rules }), "id", "name")
    },
    |world, [flag, segment, _]| {
        let flag = world.get(FLAG, flag)?;
        let variations = world.perform(Method::GET, &format!("{}/variations", flag.path), Value::Null)?;
        let [control, other] = [0, 1].map(|at| variations["variations"][at]["id"].clone());
        let segment = world.get(SEGMENT, segment)?.id;
        let body = json!({
            "name": world.fresh("experiment"), "feature_flag_id": flag.id, "authentication_flow": "login",
            "allocation_strategy": "segment", "assignment_config": { "subject": "device" },
            "allocations": [
                { "variation_id": control, "is_control": true, "is_fallback": true },
                { "variation_id": other, "is_control": false, "segment_id": segment, "priority": 1 },
            ],
        });
        world.make(EXPERIMENT, body, "id", "name")
    },
    |world, [experiment, status, _]| {
        let status = ["active", "paused", "completed", "archived"][status % 4];
        world.join(EXPERIMENT, experiment, "status", json!({ "status": status }))
    },
    |world, _| {
        let requested = json!({ "org.iso.18013.5.1.mDL": { "org.iso.18013.5.1": { "given_name": true } } });
        let body = json!({
            "name": world.fresh("template"), "type": "mdl", "dialect": "simplified/1.0", "presentation": requested,
            "well_known_trusted_issuers": "aamva",
        });
        world.make("/verifiable-credentials/verification/templates", body, "id", "name")
    },
    |world, _| {
        let body = json!({ "name": world.fresh("module"), "code": "exports.a = 1;", "publish": true });
        world.make(MODULE, body, "id", "name")
    },
    |world, [module, ..]| {
        let modules: Vec<Value> =
            world.get(MODULE, module).map(|module| json!({ "module_id": module.id })).into_iter().collect();
        let body = json!({
            "name": world.fresh("action"), "supported_triggers": [{ "id": "post-login" }], "modules": modules,
            "secrets": [{ "name": "KEY", "value": "a" }],
        });
        world.make(ACTION, body, "id", "name")
    },
    |world, [action, ..]| {
        let module = world.get(MODULE, action)?;
        let path = format!("{}/versions", module.path);
        world.perform(Method::PATCH, &module.path, json!({ "code": format!("exports.a = {};", world.count) }));
        world.perform(Method::POST, &path, Value::Null);
        world.join(ACTION, action, "deploy", Value::Null)
    },
    |world, [action, other, _]| {
        let bindings = [action, other].into_iter().filter_map(|pick| world.get(ACTION, pick));
        let bindings = bindings.map(|action| json!({ "ref": { "type": "action_id", "value": action.id } }));
        let body = json!({ "bindings": bindings.collect::<Vec<_>>() });
        world.perform(Method::PATCH, "/actions/triggers/post-login/bindings", body).map(drop)
    },
    |world, _| {
        let body = json!({
            "name": world.fresh("exchange"), "supported_triggers": [{ "id": "custom-token-exchange" }], "deploy": true,
        });
        world.make(ACTION, body, "id", "name")?;
        let kind = format!("https://travel0.example/{}", world.fresh("token"));
        let body = json!({
            "name": world.fresh("profile"), "subject_token_type": kind, "type": "custom_authentication",
            "action_id": world.made.get(ACTION)?.last()?.id,
        });
        world.make("/token-exchange-profiles", body, "id", "subject_token_type")
    },
    |world, [profile, ..]| {
        let attribute =
            json!({ "description": "a", "label": "Name", "profile_required": true, "auth0_mapping": "name" });
        let body = json!({ "name": world.fresh("attributes"), "user_attributes": { "name": attribute } });
        world.make(ATTRIBUTES, body, "id", "name")?;
        let body = json!({
            "name": world.fresh("assistant"), "user_attribute_profile_id": world.get(ATTRIBUTES, profile)?.id,
        });
        world.make("/self-service-profiles", body, "id", "name")?;
        let path = format!("{}/custom-text/en/get-started", world.get("/self-service-profiles", profile)?.path);
        world.perform(Method::PUT, &path, json!({ "introduction": "Welcome" })).map(drop)
    },
    |world, [client, attributes, _]| {
        world.make("/connection-profiles", json!({ "name": world.fresh("profile") }), "id", "name")?;
        let profile = world.get("/connection-profiles", client)?.id;
        let attributes = world.get(ATTRIBUTES, attributes)?.id;
        let configuration = json!({
            "connection_profile_id": profile, "user_attribute_profile_id": attributes,
            "allowed_strategies": ["oidc"], "connection_deletion_behavior": "allow",
        });
        let body = json!({ "my_organization_configuration": configuration });
        world.perform(Method::PATCH, &world.get(CLIENT, client)?.path, body).map(drop)
    },
    |world, _| {
        let body = json!({ "name": world.fresh("vault"), "app_id": "HTTP" });
        world.make("/flows/vault/connections", body, "id", "name")
    },
    |world, [connection, ..]| {
        let step = json!({
            "id": "a", "type": "HTTP", "action": "SEND_REQUEST",
            "params": { "connection_id": world.get("/flows/vault/connections", connection)?.id, "url": "https://a.example" },
        });
        world.make("/flows", json!({ "name": world.fresh("flow"), "actions": [step] }), "id", "name")
    },
    |world, [flow, ..]| {
        let node = json!({ "id": "a", "type": "FLOW", "config": { "flow_id": world.get("/flows", flow)?.id } });
        let body = json!({ "name": world.fresh("form"), "languages": { "primary": "en" }, "nodes": [node] });
        world.make("/forms", body, "id", "name")
    },
    |world, _| {
        let body = json!({ "domain": format!("{}.example", world.fresh("login")), "type": "auth0_managed_certs" });
        world.make("/custom-domains", body, "custom_domain_id", "domain")
    },
    |world, _| {
        let body = json!({ "name": "custom", "credentials": {} });
        world.make("/branding/phone/providers", body, "id", "id")
    },
    |world, [kind, ..]| {
        let kind = ["otp_verify", "otp_enroll", "change_password"][kind % 3];
        world.make("/branding/phone/templates", json!({ "type": kind }), "id", "id")
    },
    |world, _| {
        let theme: Value = serde_json::from_str(include_str!("../../fixtures/theme.json")).expect("JSON");
        world.make("/branding/themes", theme, "themeId", "themeId")
    },
    |world, [family, one, _]| {
        let family = world.families().nth(family % world.made.len().max(1))?;
        world.delete(family, one)
    },
];

impl World {
    pub(super) fn empty() -> World {
        let tenant = Tenant::new(Config { clock: Clock::fixed(1_780_315_200), ..Config::default() });
        World { tenant, made: BTreeMap::new(), gone: Vec::new(), count: 0 }
    }

    /// The same world, but for its tenant.
    pub(super) fn with(&self, tenant: Tenant) -> World {
        World { tenant, made: self.made.clone(), gone: self.gone.clone(), count: self.count }
    }

    /// Makes enough of everything that most steps find what they need.
    pub(super) fn begin(&mut self) {
        for step in 0..9 {
            self.take(step, [0; 3]);
            self.take(step, [1; 3]);
        }
    }

    pub(super) fn take(&mut self, step: usize, picks: [usize; 3]) -> Option<()> {
        self.count += 1;
        STEPS[step](self, picks)
    }

    /// A name that is no part of another.
    fn fresh(&self, kind: &str) -> String {
        format!("{kind}-{}-x", self.count)
    }

    /// The families that have made something.
    pub(super) fn families(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.made.keys().copied()
    }

    /// One entity that a family has made and that exists.
    pub(super) fn get(&self, family: &str, pick: usize) -> Option<Made> {
        let made = self.made.get(family)?;
        made.get(pick % made.len().max(1)).cloned()
    }

    fn perform(&self, method: Method, path: &str, body: Value) -> Option<Value> {
        self.tenant.perform(method, path, body, Pins::default()).ok()
    }

    fn make(&mut self, family: &'static str, body: Value, id: &str, known_by: &str) -> Option<()> {
        // What must not be twice may be refused, and so may what does not go together.
        let made = self.perform(Method::POST, family, body.clone())?;
        let id = made[id].as_str()?.to_owned();
        let name = made.get(known_by).or_else(|| body.get(known_by)).and_then(Value::as_str)?.to_owned();
        self.made.entry(family).or_default().push(Made { path: format!("{family}/{}", segment(&id)), id, name });
        Some(())
    }

    /// Adds to something that is there.
    fn join(&self, family: &str, pick: usize, list: &str, body: Value) -> Option<()> {
        self.perform(Method::POST, &format!("{}/{list}", self.get(family, pick)?.path), body).map(drop)
    }

    fn delete(&mut self, family: &str, pick: usize) -> Option<()> {
        let Made { path, id, name } = self.get(family, pick)?;
        if family == EXPERIMENT {
            // An active one is not deleted.
            self.perform(Method::POST, &format!("{path}/status"), json!({ "status": "archived" }));
        }
        // Without `force` an Action that is bound stays.
        let delete = if family == ACTION { format!("{path}?force=true") } else { path.clone() };
        if self.perform(Method::DELETE, &delete, Value::Null).is_none() {
            assert!(KEPT_IN_USE.contains(&family), "what is there can be deleted");
            return None;
        }
        // Others went with it, and are gone as well.
        for made in self.made.values_mut() {
            let (there, gone): (Vec<Made>, Vec<Made>) =
                made.drain(..).partition(|made| made.path != path && is_there(&self.tenant, made));
            *made = there;
            self.gone.extend(gone.into_iter().map(|made| made.id));
        }
        self.gone.extend([id, name]);
        Some(())
    }

    /// Deletes the first entity of a family, from this place on, that can be deleted.
    fn delete_one(&mut self, family: &str, pick: usize) -> Option<()> {
        let count = self.made.get(family).map_or(0, Vec::len);
        (pick..pick + count).find_map(|pick| self.delete(family, pick))
    }

    /// Every line of the state, in an order that does not depend on that of maps.
    fn lines(&self) -> Vec<String> {
        let mut state = self.tenant.state().clone();
        state.random = fastrand::Rng::with_seed(0);
        let state = format!("{state:#?}");
        let mut lines: Vec<String> = state.lines().map(|line| line.trim().to_owned()).collect();
        // Numbers are given out once.
        lines.retain(|line| !["next: ", "last: "].iter().any(|start| line.starts_with(start)));
        lines.sort_unstable();
        lines
    }
}

/// Whether something is still there. Devices have no operation that tells; they go by themselves or with their client.
fn is_there(tenant: &Tenant, made: &Made) -> bool {
    if made.path.starts_with("/device-credentials") {
        let listed = tenant.perform(Method::GET, "/device-credentials?per_page=100", Value::Null, Pins::default());
        return listed.is_ok_and(|list| list.to_string().contains(&made.id));
    }
    tenant.perform(Method::GET, &made.path, Value::Null, Pins::default()).is_ok()
}

fn segment(id: &str) -> String {
    id.replace('|', "%7C")
}

/// Otherwise the sequences would prove nothing.
#[test]
fn every_step_can_be_taken() {
    let mut world = World::empty();
    world.begin();
    for step in 0..STEPS.len() {
        let mut picks = (0..8).flat_map(|pick| [[pick; 3], [pick, pick + 1, pick]]);
        assert!(picks.any(|picks| world.take(step, picks).is_some()), "step {step}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_deleted_leaves_nothing_behind(
        steps in proptest::collection::vec((0..STEPS.len(), any::<[u8; 3]>()), 20..100),
        order in any::<u8>(),
    ) {
        let mut world = World::empty();
        let before = world.lines();
        world.begin();
        for (step, picks) in steps {
            world.take(step, picks.map(usize::from));
        }
        let lines = world.lines();
        for gone in &world.gone {
            let named = lines.iter().find(|line| line.contains(gone.as_str()));
            prop_assert!(named.is_none(), "{gone} is gone, but the state says {named:?}");
        }
        let mut families: Vec<&str> = world.families().collect();
        let first = usize::from(order) % families.len();
        families.rotate_left(first);
        // What is in use goes after its users.
        while families.iter().any(|family| world.delete_one(family, usize::from(order)).is_some()) {}
        let after = world.lines();
        let left: Vec<&String> = after.iter().filter(|line| !before.contains(line)).collect();
        prop_assert!(left.is_empty(), "left behind: {left:?}");
        prop_assert_eq!(after, before);
    }
}
