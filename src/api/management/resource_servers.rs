//! `/resource-servers` (resources 4). Addressed by id or by URL-encoded identifier.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::crud::{Fields, Paging, fields_of};
use super::{object, scopes};
use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::{IdShape, Names};
use crate::schema::Schemas;
use crate::store::document::{merge, patch as apply, text};
use crate::store::views::ResourceServerView;
use crate::store::{Collection, Document, Kind, Seq, State};
use crate::token::pem::Pem;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::parse(include_str!("resource_servers.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("id"), Api("identifiers"), Api("identifier"), Api("resource_servers.identifier")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/resource-servers", &["read:resource_servers"], list).query("List").addressed(ADDRESSED),
        Operation::post("/resource-servers", &["create:resource_servers"], create).body("Create").addressed(ADDRESSED),
        Operation::get("/resource-servers/{id}", &["read:resource_servers"], get).query("Get").addressed(ADDRESSED),
        // Published is "System resource servers cannot be patched.", which no report has (SYS4).
        Operation::patch("/resource-servers/{id}", &["update:resource_servers"], patch)
            .body("Patch")
            .smaller_body("PatchSystem", names_system_api)
            .addressed(ADDRESSED),
        Operation::delete("/resource-servers/{id}", &["delete:resource_servers"], delete).addressed(ADDRESSED),
    ],
};

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::offset(call)?;
    let fields = Fields::of(call);
    let shown = |api: &Document| fields_of(fields.as_ref(), &shown(api));
    let apis = &call.state[Kind::ResourceServer];
    match call.query.get("identifiers").and_then(Value::as_array) {
        None => Ok(paging.reply("resource_servers", apis, apis.order().as_slice(), shown)),
        Some(identifiers) => {
            let wanted = identifiers.iter().filter_map(Value::as_str);
            let mut places: Vec<Seq> = wanted.filter_map(|wanted| find(apis, call.names, wanted)).collect();
            places.sort_unstable();
            places.dedup();
            Ok(paging.reply("resource_servers", apis, &places, shown))
        }
    }
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let apis = &call.state[Kind::ResourceServer];
    let api = find(apis, call.names, call.parameter("id")).and_then(|seq| apis.at(seq));
    let api = shown(api.ok_or_else(ApiError::inexistent_resource_server)?);
    Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &api)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut api = std::mem::take(&mut call.body);
    let identifier = text(&api, "identifier").unwrap_or_default().to_owned();
    if call.names.is_management_audience(&identifier) {
        return Err(ApiError::reserved_identifier());
    }
    if call.state[Kind::ResourceServer].find("identifier", &identifier).is_some() {
        return Err(ApiError::resource_server_exists());
    }
    if let Some(system) = system_api(call.names.domain(), &identifier) {
        api.extend(system);
    }
    for (key, value) in object(json!({
        "allow_offline_access": false,
        "skip_consent_for_verifiable_first_party_clients": false,
        "signing_alg": "RS256",
        "token_lifetime": 86400,
    })) {
        api.entry(key).or_insert(value);
    }
    complete(call, &mut api)?;
    let id = call.new_id(Kind::ResourceServer, IdShape::RESOURCE_SERVER)?;
    api.insert("id".to_owned(), id.clone().into());
    let mut answer = Map::clone(&shown(&call.state[Kind::ResourceServer].insert(&id, api)));
    if identifier == my_account(call.names.domain())
        && let Some(Value::Array(scopes)) = answer.get_mut("scopes")
    {
        scopes.truncate(scopes::MY_ACCOUNT_AT_FIRST);
    }
    Ok(Reply::json(&answer))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let apis = &call.state[Kind::ResourceServer];
    let seq = find(apis, call.names, call.parameter("id")).ok_or_else(ApiError::inexistent_resource_server)?;
    let held = apis.at(seq).cloned().unwrap_or_default();
    let id = text(&held, "id").unwrap_or_default().to_owned();
    let mut changes = std::mem::take(&mut call.body);
    let mut api = Map::clone(&held);
    let lowered = changes.contains_key("token_lifetime") && !changes.contains_key("token_lifetime_for_web");
    if let Some(policies) = changes.remove("subject_type_authorization") {
        // One half sent leaves the other as it is (assumed: every recorded request sends both).
        merge(&mut api, Map::from_iter([("subject_type_authorization".to_owned(), policies)]));
    }
    apply(&mut api, changes);
    if lowered && web_lifetime_is_beyond(&api) {
        let lifetime = api.get("token_lifetime").cloned().unwrap_or_default();
        api.insert("token_lifetime_for_web".to_owned(), lifetime);
    }
    complete(call, &mut api)?;
    Ok(Reply::json(&shown(&call.state.replace_resource_server(&id, api))))
}

/// Deletes an API; one that is gone already is no error (R94). The Management API stays (R95).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let apis = &call.state[Kind::ResourceServer];
    let Some(seq) = find(apis, call.names, call.parameter("id")) else { return Ok(Reply::empty()) };
    let held = apis.at(seq).cloned().unwrap_or_default();
    if call.names.is_management_audience(ResourceServerView(&held).identifier()) {
        return Err(ApiError::system_resource_server_delete());
    }
    call.state.remove(Kind::ResourceServer, text(&held, "id").unwrap_or_default());
    Ok(Reply::empty())
}

/// The API with this id, or else with this identifier.
fn find(apis: &Collection, names: &Names, called: &str) -> Option<Seq> {
    let by_identifier = |identifier: &str| apis.having("identifier", identifier).as_slice().first().copied();
    // An identifier that was URL-encoded twice is found as well (recorded).
    let decoded_again = || {
        let decoded = percent_decode_str(called).decode_utf8().ok()?;
        by_identifier(&names.canonical_identifier(&decoded))
    };
    apis.seq(called).or_else(|| by_identifier(called)).or_else(decoded_again)
}

/// Whether a path names an API of the service itself, of which a PATCH changes little (SYS1 to SYS3).
fn names_system_api(state: &State, names: &Names, parameters: &[(&'static str, String)]) -> bool {
    let apis = &state[Kind::ResourceServer];
    let mut named = parameters.iter().filter_map(|(_, called)| apis.at(find(apis, names, called)?));
    named.any(|api| ResourceServerView(api).is_system())
}

/// Members that follow from others.
fn complete(call: &mut Call<'_>, api: &mut Map<String, Value>) -> Result<(), ApiError> {
    let key = api.get_mut("token_encryption").and_then(|encryption| encryption.get_mut("encryption_key"));
    if let Some(key) = key.and_then(Value::as_object_mut)
        && let Some(pem) = text(key, "pem")
    {
        let pem = Pem::read(pem).ok_or_else(ApiError::unreadable_pem)?;
        let thumbprint = pem.key().ok_or_else(ApiError::unreadable_pem)?.thumbprint();
        key.insert("thumbprint_sha256".to_owned(), thumbprint.into());
    }
    let proof = api.get("proof_of_possession").and_then(Value::as_object);
    let proof = |member: &str| proof.and_then(|proof| text(proof, member));
    if proof("mechanism") == Some("mtls") && proof("required_for") == Some("public_clients") {
        return Err(ApiError::certificates_of_public_clients());
    }
    let policies = api.entry("subject_type_authorization").or_insert_with(|| json!({}));
    if let Some(policies) = policies.as_object_mut() {
        policies.entry("client").or_insert_with(|| json!({ "policy": "require_client_grant" }));
        policies.entry("user").or_insert_with(|| json!({ "policy": "allow_all" }));
    }
    let for_web = api.get("token_lifetime").and_then(Value::as_u64).map_or(7200, |lifetime| lifetime.min(7200));
    api.entry("token_lifetime_for_web").or_insert_with(|| for_web.into());
    if web_lifetime_is_beyond(api) {
        return Err(ApiError::web_lifetime_beyond_lifetime());
    }
    if text(api, "signing_alg") != Some("HS256") {
        api.remove("signing_secret");
    } else if !api.contains_key("signing_secret") {
        let secret = IdShape::SIGNING_SECRET.draw(&mut call.state.random);
        api.insert("signing_secret".to_owned(), secret.into());
    }
    Ok(())
}

/// Whether `token_lifetime_for_web` is greater than `token_lifetime`, which only the service's own APIs may have (recorded
/// for the express configuration API).
fn web_lifetime_is_beyond(api: &Map<String, Value>) -> bool {
    let seconds = |member: &str| api.get(member).and_then(Value::as_u64);
    !ResourceServerView(api).is_system() && seconds("token_lifetime_for_web") > seconds("token_lifetime")
}

/// An API as answers show it: the key of `token_encryption` without its PEM (recorded).
fn shown(api: &Document) -> Document {
    if api.get("token_encryption").is_none_or(Value::is_null) {
        return Document::clone(api);
    }
    let mut shown = Map::clone(api);
    if let Some(key) = shown.get_mut("token_encryption").and_then(|member| member.get_mut("encryption_key"))
        && let Some(key) = key.as_object_mut()
    {
        key.remove("pem");
    }
    Document::new(shown)
}

/// The identifier of the My Account API.
fn my_account(domain: &str) -> String {
    format!("https://{domain}/me/")
}

/// What the service itself says about an API with one of its own identifiers, whatever the request says (recorded for
/// both). Unlike the Management API they come and go like others.
fn system_api(domain: &str, identifier: &str) -> Option<Map<String, Value>> {
    if identifier == my_account(domain) {
        return Some(object(json!({
            "name": "Auth0 My Account API",
            "scopes": scopes::shown(scopes::MY_ACCOUNT),
            "proof_of_possession": { "mechanism": "dpop", "required": false },
            "allow_offline_access": true,
            "skip_consent_for_verifiable_first_party_clients": true,
            "subject_type_authorization": {
                "client": { "policy": "deny_all" },
                "user": { "policy": "require_client_grant" }
            },
            "token_lifetime": 600,
            "token_lifetime_for_web": 600,
            "signing_alg": "RS256",
            "is_system": true,
        })));
    }
    (identifier == "urn:auth0:express-configure").then(|| {
        object(json!({
            "name": "Okta OIN Express Configuration API",
            "scopes": scopes::shown(scopes::EXPRESS_CONFIGURATION),
            "allow_offline_access": false,
            "enforce_policies": true,
            "skip_consent_for_verifiable_first_party_clients": false,
            "subject_type_authorization": {
                "client": { "policy": "deny_all" },
                "user": { "policy": "allow_all" }
            },
            "token_lifetime": 300,
            "token_lifetime_for_web": 7200,
            "signing_alg": "RS256",
            "is_system": true,
        }))
    })
}
