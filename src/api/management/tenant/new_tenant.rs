//! The content of a new tenant: its settings, the Management API, the global client, a management application with
//! every scope of the Management API, a database for users, and encryption keys.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::{encryption_keys, settings};
use crate::api::call::Pins;
use crate::api::json::object;
use crate::api::management::applications::clients;
use crate::api::management::connections::connection;
use crate::domain::{IdShape, Names, SigningKeys, system_scopes};
use crate::store::{Document, Kind, Settings, State};

/// The name of the management application, the counterpart of the dashboard's "Create & Authorize a Test Application".
const MANAGEMENT_CLIENT_NAME: &str = "API Explorer Application";

/// The state of a new tenant. With a random seed, the ids that tenants of one domain share follow from the seed as well.
pub(in crate::api) fn state(names: &Names, pins: Pins, seed: Option<u64>, now: SystemTime) -> State {
    let template = Template::of(names, seed);
    let mut state = template.state.clone();
    state.random = seed.map_or_else(fastrand::Rng::new, fastrand::Rng::with_seed);
    state.signing_keys = Arc::new(SigningKeys::since(now));
    let [root, master] = &template.encryption_keys;
    encryption_keys::insert_first(&mut state, root, master, now);

    let client_id = pins.id.unwrap_or_else(|| IdShape::CLIENT.draw(&mut state.random));
    let secret = pins.secret.unwrap_or_else(|| IdShape::CLIENT_SECRET.draw(&mut state.random));
    let mut client = template.management_client.clone();
    client.insert("client_id".to_owned(), client_id.clone().into());
    client.insert("client_secret".to_owned(), secret.into());
    state[Kind::Client].insert(&client_id, client);

    let id = IdShape::CLIENT_GRANT.draw(&mut state.random);
    let mut grant = template.management_grant.clone();
    grant.insert("id".to_owned(), id.clone().into());
    grant.insert("client_id".to_owned(), client_id.clone().into());
    state[Kind::ClientGrant].insert(&id, grant);
    state.management_client_id = client_id;
    state
}

/// What all tenants of one domain have in common.
///
/// It is made once, because making it takes longer than the rest of a start, and the tenants of a test run have one domain. The
/// tenants share its collections until they change one.
struct Template {
    domain: String,
    seed: Option<u64>,
    /// The settings, the Management API, the default database of users, and the global client, which has no grant and no
    /// grant type, so that its secret allows nothing.
    state: State,
    /// The management application, without id and secret.
    management_client: Map<String, Value>,
    /// The grant of the management application, without id and client.
    management_grant: Map<String, Value>,
    /// The ids of the root key and of the master key.
    encryption_keys: [String; 2],
}

impl Template {
    fn of(names: &Names, seed: Option<u64>) -> Arc<Template> {
        static LAST: Mutex<Option<Arc<Template>>> = Mutex::new(None);
        let mut last = LAST.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some(template) if template.domain == names.domain() && template.seed == seed => Arc::clone(template),
            _ => Arc::clone(last.insert(Arc::new(Template::new(names, seed)))),
        }
    }

    fn new(names: &Names, seed: Option<u64>) -> Template {
        // The tenant draws from the same seed, so these values use its complement.
        let mut random = seed.map_or_else(fastrand::Rng::new, |seed| fastrand::Rng::with_seed(!seed));
        let (api_id, global_id) = (IdShape::RESOURCE_SERVER.draw(&mut random), IdShape::CLIENT.draw(&mut random));
        let api = object(json!({
            "id": api_id,
            "name": "Auth0 Management API",
            "identifier": names.management_audience(),
            "allow_offline_access": false,
            "skip_consent_for_verifiable_first_party_clients": false,
            "subject_type_authorization": {
                "client": { "policy": "require_client_grant" },
                "user": { "policy": "allow_all" }
            },
            "token_lifetime": 86400,
            "token_lifetime_for_web": 7200,
            "signing_alg": "RS256",
            "is_system": true,
        }));
        let scopes: Vec<&str> = system_scopes::MANAGEMENT.iter().map(|(scope, _)| *scope).collect();
        let grant = json!({ "audience": names.management_audience(), "scope": scopes, "subject_type": "client" });
        let database_id = IdShape::CONNECTION.draw(&mut random);
        let secret = IdShape::CLIENT_SECRET.draw(&mut random);
        let mut state = State::new(random.clone());
        state.settings.set(Settings::TENANT, Document::new(Map::clone(&settings::DEFAULTS)));
        state[Kind::ResourceServer].insert(&api_id, api);
        let database = connection::database(names, &database_id, &mut random);
        state[Kind::Connection].insert(&database_id, database);
        state[Kind::Client].insert(&global_id, clients::global(names, &global_id, &secret));
        Template {
            domain: names.domain().to_owned(),
            seed,
            state,
            management_client: clients::for_management(names, MANAGEMENT_CLIENT_NAME),
            management_grant: object(grant),
            encryption_keys: [(); 2].map(|()| IdShape::UUID.draw(&mut random)),
        }
    }
}
