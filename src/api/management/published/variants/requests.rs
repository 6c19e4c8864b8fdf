//! A tenant with an entity of every kind, and requests to it whose paths name these entities.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;
use serde_json::{Value, json};

use super::samples;
use crate::api::gate;
use crate::api::management::published::facts::branches;
use crate::api::management::published::schemas::PublishedSchemas;
use crate::api::operation::Operation;
use crate::api::referential_integrity::{API, CLIENT, CONNECTION, ORGANIZATION, STEPS, USER, World};
use crate::api::{ApiError, Config, Pins, Tenant};
use crate::domain::Clock;
use crate::store::State;

/// Members of bodies and queries that name an entity, with the collection of the entity.
const NAMES: &[(&str, &str)] = &[
    ("action_id", "/actions/actions"),
    ("client_id", CLIENT),
    ("connection_id", CONNECTION),
    ("enabled_clients", CLIENT),
    ("feature_flag_id", "/experimentation/feature-flags"),
    ("flow_id", "/flows"),
    ("grant_id", "/client-grants"),
    ("grant_ids", "/client-grants"),
    ("members", USER),
    ("module_id", "/actions/modules"),
    ("organization", ORGANIZATION),
    ("organization_id", ORGANIZATION),
    ("owner_id", ORGANIZATION),
    ("role_id", "/roles"),
    ("roles", "/roles"),
    ("segment_id", "/experimentation/segments"),
    ("user_attribute_profile_id", "/user-attribute-profiles"),
    ("user_id", USER),
    ("users", USER),
];

/// Members that name an entity by its second name.
const SECOND_NAMES: &[(&str, &str)] =
    &[("audience", API), ("connection", CONNECTION), ("resource_server_identifier", API)];

/// What a tenant has beside the entities of the steps: the path and the body of each create.
fn further() -> [(&'static str, Value); 2] {
    let template = json!({
        "template": "verify_email", "body": "a", "from": "a", "subject": "a", "syntax": "liquid", "enabled": true,
    });
    [
        ("/emails/provider", json!({ "name": "sendgrid", "credentials": { "api_key": "a" } })),
        ("/email-templates", template),
    ]
}

/// The tenant, and the states that requests find.
pub(super) struct Requests {
    world: World,
    full: State,
    new: State,
    schemas: &'static PublishedSchemas,
}

/// How many entities of a collection a request is tried with.
const ENTITIES: usize = 8;

/// What the requests of one operation have in common.
pub(super) struct Target<'a> {
    pub(super) row: &'static Operation,
    path: String,
    /// The state that every request finds.
    state: &'a State,
}

impl Requests {
    pub(super) fn new(schemas: &'static PublishedSchemas) -> Requests {
        let clock = Clock::fixed(1_780_315_200);
        let tenant = Tenant::new(Config { clock, random_seed: Some(1), ..Config::default() });
        let mut world = World::empty().with(tenant);
        let new = world.tenant.state().clone();
        world.begin();
        // The last step deletes something.
        for step in 0..STEPS.len() - 1 {
            for pick in 0..4 {
                world.take(step, [pick; 3]);
                world.take(step, [pick, pick + 1, pick]);
            }
        }
        for (path, body) in further() {
            world.tenant.perform(Method::POST, path, body, Pins::default()).expect("a new tenant has none of these");
        }
        let full = world.tenant.state().clone();
        Requests { world, full, new, schemas }
    }

    /// What names the first entity of each kind, by the name of the member.
    pub(super) fn known(&self) -> BTreeMap<&'static str, String> {
        let ids = NAMES.iter().filter_map(|(member, family)| Some((*member, self.world.get(family, 0)?.id)));
        let names = SECOND_NAMES.iter().filter_map(|(member, family)| Some((*member, self.world.get(family, 0)?.name)));
        ids.chain(names).chain([("permission_name", "book".to_owned())]).collect()
    }

    /// The answer to a request: status and body. The state is what it was before.
    pub(super) fn perform(&self, target: &Target<'_>, query: &str, body: Value) -> Result<(u16, Value), ApiError> {
        let Target { row, path, state } = target;
        let reply = gate::perform(&self.world.tenant, row.method, &format!("{path}{query}"), body, Pins::default())?;
        let answer = (reply.status.unwrap_or(row.success), reply.body.into_value());
        if row.method != "GET" {
            self.world.tenant.state().clone_from(state);
        }
        Ok(answer)
    }

    /// The target of an operation: the first entities for which it accepts this request, or else a new tenant, where no
    /// name is taken, or else entities that exist.
    pub(super) fn target(&self, row: &'static Operation, operation: &str, query: &str, body: &Value) -> Target<'_> {
        let mut existing = None;
        for state in [&self.full, &self.new] {
            for pick in 0..ENTITIES {
                let target = self.target_at(row, operation, pick, state);
                match self.perform(&target, query, body.clone()) {
                    Ok(_) => return target,
                    Err(error) if error.status() != 404 && existing.is_none() => existing = Some((pick, state)),
                    Err(_) => {}
                }
            }
        }
        let (pick, state) = existing.unwrap_or((0, &self.full));
        self.target_at(row, operation, pick, state)
    }

    /// The operation at one of the entities. The tenant has the state from here on.
    fn target_at<'a>(&'a self, row: &'static Operation, operation: &str, pick: usize, state: &'a State) -> Target<'a> {
        self.world.tenant.state().clone_from(&self.full);
        let path = self.path_of(row, operation, pick);
        self.world.tenant.state().clone_from(state);
        Target { row, path, state }
    }

    fn path_of(&self, row: &Operation, operation: &str, pick: usize) -> String {
        let mut path = String::new();
        let mut rules = self.schemas.path(operation).iter();
        for segment in row.path.split('/').skip(1) {
            let value = match segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) {
                Some(name) => {
                    let rule = rules.next().cloned().unwrap_or_default();
                    self.entity(&path, name, pick).unwrap_or_else(|| self.sample(&rule))
                }
                None => segment.to_owned(),
            };
            path = format!(
                "{path}/{}",
                value.replace('%', "%25").replace('|', "%7C").replace('/', "%2F").replace(' ', "%20")
            );
        }
        path
    }

    /// What a path names of this collection: an entity that was made, or one that the collection lists.
    fn entity(&self, collection: &str, parameter: &str, pick: usize) -> Option<String> {
        if let Some(made) = self.world.get(collection, pick) {
            return Some(made.id);
        }
        let list = self.world.tenant.perform(Method::GET, collection, Value::Null, Pins::default()).ok()?;
        let items = list.as_array().or_else(|| list.as_object()?.values().find_map(Value::as_array))?;
        let item = items.get(pick % items.len().max(1))?;
        let names = [parameter, "id", "user_id", "client_id", "connection_id", "kid", "name"];
        names.iter().find_map(|name| item[*name].as_str()).map(str::to_owned)
    }

    fn sample(&self, rule: &Value) -> String {
        let branches = branches(rule, &|name| self.schemas.definition(name));
        let listed = branches.iter().find_map(|branch| branch.get("enum")?.as_array()?.first()?.as_str());
        let text = || branches.iter().find_map(|branch| samples::texts(branch).into_iter().next());
        listed.map(str::to_owned).or_else(text).unwrap_or_else(|| "a".to_owned())
    }

    /// A query as text, if one can be written that has these values: it says `7`, whether that is a text or a number.
    pub(super) fn query(&self, schema: &Value, query: &Value) -> Option<String> {
        let mut text = String::new();
        for (name, value) in query.as_object()? {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            let types = self.types(&schema["properties"][name]);
            let one = values.len() == 1;
            if values.is_empty() || (one && types.contains("array") != value.is_array()) {
                return None;
            }
            for value in values {
                let written = match value {
                    Value::String(text) => text.clone(),
                    Value::Number(_) | Value::Bool(_) => value.to_string(),
                    Value::Null | Value::Array(_) | Value::Object(_) => return None,
                };
                if read(&written, &types) != *value {
                    return None;
                }
                let start = if text.is_empty() { '?' } else { '&' };
                let encoded: String = form_urlencoded::byte_serialize(written.as_bytes()).collect();
                text.extend([&format!("{start}{name}="), encoded.as_str()]);
            }
        }
        Some(text)
    }

    /// The types of a parameter and of its items.
    fn types(&self, schema: &Value) -> BTreeSet<String> {
        let mut types = BTreeSet::new();
        for branch in branches(schema, &|name| self.schemas.definition(name)) {
            let kind = branch.get("type").cloned().unwrap_or(json!("string"));
            types.extend(kind.as_str().map(str::to_owned));
            if let Some(items) = branch.get("items") {
                types.extend(self.types(items));
            }
        }
        types
    }
}

/// The value that a query says to an operation that expects these types.
fn read(text: &str, types: &BTreeSet<String>) -> Value {
    let integer = types.contains("integer").then(|| text.parse::<i64>().ok()).flatten().map(Value::from);
    let truth = types.contains("boolean").then(|| text.parse::<bool>().ok()).flatten().map(Value::from);
    integer.or(truth).unwrap_or_else(|| text.into())
}
