//! `/resource-servers` (resources 4). Addressed by id or by URL-encoded identifier.

use std::sync::LazyLock;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::Call;
use crate::api::error::clients::UNREADABLE_PEM;
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Defaults, Draft, Identity, List, Patch, Removal, Resource, Unique};
use crate::domain::system_scopes::{self, Scope};
use crate::domain::{IdShape, Names, names};
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::views::ResourceServerView;
use crate::store::{Collection, Document, Kind, Seq, State};
use crate::token::pem::Pem;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("resource_servers.schema.json")));

const ADDRESSED: &[Addressed] = &[Api("id"), Api("identifiers"), Api("identifier"), Api("resource_servers.identifier")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/resource-servers", &["read:resource_servers"], &API).query("List").addressed(ADDRESSED),
        Operation::create("/resource-servers", &["create:resource_servers"], &API).body("Create").addressed(ADDRESSED),
        Operation::read("/resource-servers/{id}", &["read:resource_servers"], &API).query("Get").addressed(ADDRESSED),
        // The published sentence is "System resource servers cannot be patched."; no report has it (SYS4).
        Operation::update("/resource-servers/{id}", &["update:resource_servers"], &API)
            .body("Patch")
            .smaller_body("PatchSystem", names_system_api)
            .addressed(ADDRESSED),
        Operation::remove("/resource-servers/{id}", &["delete:resource_servers"], &API).addressed(ADDRESSED),
    ],
};

static API: Resource = Resource {
    list: List::offset("resource_servers"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique::new("identifier", RESOURCE_SERVER_EXISTS)),
    // A change of one member of the object keeps the other (assumed: every recorded request sends both).
    patch: Patch::ReplaceBut(&["subject_type_authorization"]),
    missing: INEXISTENT_RESOURCE_SERVER,
    removal: Removal::Ignore, // R94
    locate: Some(|call| find(&call.state[Kind::ResourceServer], call.names, call.parameter("id"))),
    select: Some(select),
    prepare: Some(check_identifier),
    complete: Some(complete),
    check_removal: Some(check_removable),
    stored: Some(stored),
    show: Some(|_, api| view(api)),
    ..Resource::new(Kind::ResourceServer, Identity::new(IdShape::RESOURCE_SERVER))
};

/// Unknown resource server (r).
const INEXISTENT_RESOURCE_SERVER: Refusal =
    Refusal::new(404, "inexistent_resource_server", "The resource server does not exist");

/// A resource server with an identifier that is taken (d).
const RESOURCE_SERVER_EXISTS: Refusal =
    Refusal::new(409, "resource_conflict", "A resource server with the same identifier already exists.");

/// A resource server with a reserved identifier (d).
const RESERVED_IDENTIFIER: Refusal = Refusal::invalid_body("The selected identifier is reserved.");

/// `token_lifetime_for_web` above `token_lifetime` (documented; sentence assumed).
const WEB_LIFETIME_BEYOND_LIFETIME: Refusal =
    Refusal::invalid_body("token_lifetime_for_web must not be greater than token_lifetime");

/// Proof of possession by certificates for public clients, which have none (documented: "Configure Sender
/// Constraining"; sentence assumed).
const CERTIFICATES_OF_PUBLIC_CLIENTS: Refusal =
    Refusal::invalid_body("proof_of_possession.required_for must be all_clients when the mechanism is mtls");

/// Deletion of a system API (R95, d).
const SYSTEM_RESOURCE_SERVER_DELETE: Refusal = Refusal::invalid_body("System resource servers cannot be deleted.");

/// The APIs with these `identifiers`.
fn select(call: &Call<'_>, _: &[Seq]) -> Option<Vec<Seq>> {
    let identifiers = call.query.get("identifiers")?.as_array()?;
    let apis = &call.state[Kind::ResourceServer];
    let identifiers = identifiers.iter().filter_map(Value::as_str);
    let mut positions: Vec<Seq> = identifiers.filter_map(|identifier| find(apis, call.names, identifier)).collect();
    positions.sort_unstable();
    positions.dedup();
    Some(positions)
}

fn check_identifier(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() && call.names.is_management_audience(draft.text("identifier")) {
        return Err(RESERVED_IDENTIFIER.into());
    }
    Ok(())
}

/// Refuses the deletion of the Management API (R95).
fn check_removable(call: &Call<'_>, api: &Document) -> Result<(), ApiError> {
    if call.names.is_management_audience(ResourceServerView(api).identifier()) {
        return Err(SYSTEM_RESOURCE_SERVER_DELETE.into());
    }
    Ok(())
}

fn stored(call: &mut Call<'_>, draft: &Draft, mut api: Document) -> Document {
    if !draft.is_new() {
        call.state.remove_undefined_permissions(text(&api, "id").unwrap_or_default());
    } else if text(&api, "identifier") == Some(&my_account(call.names.domain()))
        && let Some(Value::Array(scopes)) = Document::make_mut(&mut api).get_mut("scopes")
    {
        scopes.truncate(system_scopes::MY_ACCOUNT_AT_FIRST);
    }
    api
}

/// The API with this id, or with this identifier.
fn find(apis: &Collection, names: &Names, name: &str) -> Option<Seq> {
    let by_identifier = |identifier: &str| apis.having("identifier", identifier).as_slice().first().copied();
    // The service also accepts an identifier that is URL-encoded twice (recorded).
    let decoded_again = || {
        let decoded = percent_decode_str(name).decode_utf8().ok()?;
        by_identifier(&names.canonical_identifier(&decoded))
    };
    apis.seq(name).or_else(|| by_identifier(name)).or_else(decoded_again)
}

/// Whether a path names a system API, for which a PATCH accepts few members (SYS1 to SYS3).
fn names_system_api(state: &State, names: &Names, parameters: &[(&'static str, String)]) -> bool {
    let all = &state[Kind::ResourceServer];
    let mut apis = parameters.iter().filter_map(|(_, name)| all.at(find(all, names, name)?));
    apis.any(|api| ResourceServerView(api).is_system())
}

/// The default members of a new API (recorded).
static DEFAULTS: Defaults = LazyLock::new(|| {
    object(json!({
        "allow_offline_access": false,
        "skip_consent_for_verifiable_first_party_clients": false,
        "signing_alg": "RS256",
        "token_lifetime": 86400,
    }))
});

/// Sets the members that depend on other members.
fn complete(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    if draft.is_new() {
        let system = system_api(call.names.domain(), draft.text("identifier"));
        draft.entity.extend(system.into_iter().flatten());
    } else if draft.sends("token_lifetime")
        && !draft.sends("token_lifetime_for_web")
        && web_lifetime_is_beyond(&draft.entity)
    {
        let lifetime = draft.entity.get("token_lifetime").cloned().unwrap_or_default();
        draft.entity.insert("token_lifetime_for_web".to_owned(), lifetime);
    }
    let api = &mut draft.entity;
    let key = api.get_mut("token_encryption").and_then(|encryption| encryption.get_mut("encryption_key"));
    if let Some(key) = key.and_then(Value::as_object_mut)
        && let Some(pem) = text(key, "pem")
    {
        let pem = Pem::read(pem).ok_or(UNREADABLE_PEM)?;
        let thumbprint = pem.key().ok_or(UNREADABLE_PEM)?.thumbprint();
        key.insert("thumbprint_sha256".to_owned(), thumbprint.into());
    }
    let proof = api.get("proof_of_possession").and_then(Value::as_object);
    let proof = |member: &str| proof.and_then(|proof| text(proof, member));
    if proof("mechanism") == Some("mtls") && proof("required_for") == Some("public_clients") {
        return Err(CERTIFICATES_OF_PUBLIC_CLIENTS.into());
    }
    let policies = api.entry("subject_type_authorization").or_insert_with(|| json!({}));
    if let Some(policies) = policies.as_object_mut() {
        policies.entry("client").or_insert_with(|| json!({ "policy": "require_client_grant" }));
        policies.entry("user").or_insert_with(|| json!({ "policy": "allow_all" }));
    }
    let for_web = api.get("token_lifetime").and_then(Value::as_u64).map_or(7200, |lifetime| lifetime.min(7200));
    api.entry("token_lifetime_for_web").or_insert_with(|| for_web.into());
    if web_lifetime_is_beyond(api) {
        return Err(WEB_LIFETIME_BEYOND_LIFETIME.into());
    }
    if text(api, "signing_alg") != Some("HS256") {
        api.remove("signing_secret");
    } else if !api.contains_key("signing_secret") {
        let secret = IdShape::SIGNING_SECRET.draw(&mut call.state.random);
        api.insert("signing_secret".to_owned(), secret.into());
    }
    Ok(())
}

/// Whether `token_lifetime_for_web` is greater than `token_lifetime`. Only a system API may have this (recorded for the express
/// configuration API).
fn web_lifetime_is_beyond(api: &Map<String, Value>) -> bool {
    let seconds = |member: &str| api.get(member).and_then(Value::as_u64);
    !ResourceServerView(api).is_system() && seconds("token_lifetime_for_web") > seconds("token_lifetime")
}

/// The view of an API in answers: the key of `token_encryption` without its PEM (recorded), and the scopes of the Management
/// API, which the state does not store.
fn view(api: &Document) -> Document {
    let undeclared = ResourceServerView(api).has_management_scopes();
    if !undeclared && api.get("token_encryption").is_none_or(Value::is_null) {
        return Document::clone(api);
    }
    let mut view = Map::clone(api);
    if undeclared {
        view.insert("scopes".to_owned(), members(system_scopes::MANAGEMENT));
    }
    if let Some(key) = view.get_mut("token_encryption").and_then(|member| member.get_mut("encryption_key"))
        && let Some(key) = key.as_object_mut()
    {
        key.remove("pem");
    }
    Document::new(view)
}

/// Scopes as the member `scopes` of an API.
fn members(scopes: &[Scope]) -> Value {
    let member = |&(value, description): &Scope| json!({ "value": value, "description": description });
    scopes.iter().map(member).collect()
}

/// The identifier of the My Account API.
fn my_account(domain: &str) -> String {
    format!("https://{domain}/me/")
}

/// The identifier of the My Organization API (M2).
fn my_organization(domain: &str) -> String {
    format!("https://{domain}/{}", names::MY_ORGANIZATION)
}

/// The fixed members of an API with which users or organizations manage themselves.
fn self_service_api(name: &str, scopes: &[Scope]) -> Map<String, Value> {
    object(json!({
        "name": name,
        "scopes": members(scopes),
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
    }))
}

/// The fixed members of an API with a reserved identifier of the service. They override the members of the request (recorded for
/// both). Unlike the Management API, these APIs can be created and deleted.
fn system_api(domain: &str, identifier: &str) -> Option<Map<String, Value>> {
    if identifier == my_account(domain) {
        let mut api = self_service_api("Auth0 My Account API", system_scopes::MY_ACCOUNT);
        api.insert("proof_of_possession".to_owned(), json!({ "mechanism": "dpop", "required": false }));
        return Some(api);
    }
    if identifier == my_organization(domain) {
        // The members beyond the documented ones (M3, M5, M7) are assumed to be those of the My Account API.
        return Some(self_service_api("Auth0 My Organization API", system_scopes::MY_ORGANIZATION));
    }
    (identifier == "urn:auth0:express-configure").then(|| {
        object(json!({
            "name": "Okta OIN Express Configuration API",
            "scopes": members(system_scopes::EXPRESS_CONFIGURATION),
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
