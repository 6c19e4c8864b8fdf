//! `/clients`: applications (resources 3).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::client_metadata::mapped_fields;
use super::client_rules;
use super::credential_view;

use crate::api::addressed::Addressed::{self, Api};
use crate::api::call::{Call, Caller, Reply};
use crate::api::error::agents::AGENT_NOT_FOUND;
use crate::api::error::clients::{CLIENT_NOT_FOUND, INEXISTENT_CLIENT};
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::Fields;
use crate::api::json::object;
use crate::api::management::tenant::signing_key_view;
use crate::api::operation::{Family, Operation};
use crate::api::paging::Paging;
use crate::domain::{IdShape, Names, system_scopes};
use crate::schema::Schemas;
use crate::store::document::{merge, text, texts};
use crate::store::views::ClientView;
use crate::store::{Document, Kind, Link, Seq};
use crate::token::KeyRing;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("clients.schema.json")));

const READ: &[&str] = &["read:clients", "read:client_keys", "read:client_credentials", "read:client_summary"];

/// The API that a client represents, and the APIs of its refresh tokens.
const ADDRESSED: &[Addressed] = &[
    Api("resource_server_identifier"),
    Api("refresh_token.policies.audience"),
    Api("clients.resource_server_identifier"),
    Api("clients.refresh_token.policies.audience"),
];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/clients", READ, list).query("List").addressed(ADDRESSED),
        Operation::post("/clients", &["create:clients"], create).body("Create").addressed(ADDRESSED),
        Operation::get("/clients/search", &["read:clients", "read:client_summary"], search)
            .query("Search")
            .addressed(ADDRESSED),
        Operation::post("/clients/cimd/preview", &["read:clients"], preview_metadata).success(200).body("Metadata"),
        Operation::post("/clients/cimd/register", &["create:clients", "update:clients"], register_metadata)
            .success(200)
            .body("Metadata"),
        Operation::get("/clients/{id}", READ, get).query("Get").addressed(ADDRESSED),
        Operation::patch(
            "/clients/{id}",
            &[
                "update:clients",
                "update:client_keys",
                "update:client_credentials",
                "update:client_token_vault_privileged_access",
            ],
            patch,
        )
        .body("Patch")
        .addressed(ADDRESSED),
        Operation::delete("/clients/{id}", &["delete:clients"], delete),
        Operation::post("/clients/{id}/rotate-secret", &["update:client_keys"], rotate_secret)
            .success(200)
            .addressed(ADDRESSED),
    ],
};

/// An alias that another client has (d; the meaning of an alias is inferred from `client_aliases`).
const CLIENT_ALIAS_EXISTS: Refusal = Refusal::plain(409, "Another client exists with the same alias.");

/// An address without a host (a; the published sentence says that it varies).
const INVALID_EXTERNAL_ID: Refusal = Refusal::invalid_body("Invalid external_client_id.");

/// `fields` with members that the token cannot read (p; code and separator assumed).
const UNREADABLE_FIELDS: Refusal = Refusal::new(403, "insufficient_scope", "You cannot read the following fields: {}");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::of(call)?;
    let fields = readable_fields(call)?;
    let show = |client: &Document| view(client, call.caller, fields.as_ref());
    let clients = &call.state[Kind::Client];
    if let Some(q) = call.query_text("q") {
        let positions = granted_for(call, q)?;
        return Ok(Paging::checkpoint(call)?.reply("clients", clients, &positions, show));
    }
    let flag = |name: &str| call.query_flag(name).map(|value| if value { "true" } else { "false" });
    let app_types: Vec<&str> = call.query_text("app_type").into_iter().flat_map(|types| types.split(',')).collect();
    let filters = [
        ("global", flag("is_global")),
        ("is_first_party", flag("is_first_party")),
        ("external_client_id", call.query_text("external_client_id")),
    ];
    let filters: Vec<(&str, &str)> = filters.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
    let positions = clients.matching_any(&filters, "app_type", &app_types);
    Ok(paging.reply("clients", clients, &positions, show))
}

/// The two audit queries (R110). Only these terms are permitted, without another filter and with checkpoint pages. As in every
/// list, `take` or `from` make the parameters of offset pages irrelevant.
fn granted_for(call: &Call<'_>, q: &str) -> Result<Vec<Seq>, ApiError> {
    let checkpoint = ["q", "from", "take", "fields", "include_fields"];
    let offset = ["page", "per_page", "include_totals"];
    let is_checkpoint = call.query.contains_key("take") || call.query.contains_key("from");
    let permitted = |key: &str| checkpoint.contains(&key) || is_checkpoint && offset.contains(&key);
    if !call.query.keys().all(|key| permitted(key)) {
        return Err(ApiError::query_with_other_filters());
    }
    let state = &*call.state;
    let of_grants = |grants: &mut dyn Iterator<Item = &Document>| {
        let mut positions: Vec<Seq> =
            grants.filter_map(|grant| state[Kind::Client].seq(text(grant, "client_id")?)).collect();
        positions.sort_unstable();
        positions.dedup();
        positions
    };
    match q.split_once(':') {
        // The text after the colon is an id, not another query.
        Some(("client_grant.organization_id", id))
            if IdShape::ORGANIZATION.fits(id) || state[Kind::Organization].contains(id) =>
        {
            let associated = state[Kind::Organization]
                .seq(id)
                .map_or(&[][..], |seq| state[Link::OrganizationClientGrants].of_left(seq).as_slice());
            Ok(of_grants(&mut associated.iter().filter_map(|seq| state[Kind::ClientGrant].at(*seq))))
        }
        Some(("client_grant.allow_any_organization", "true")) => {
            let any = state[Kind::ClientGrant].having("allow_any_organization", "true").as_slice();
            Ok(of_grants(&mut any.iter().filter_map(|seq| state[Kind::ClientGrant].at(*seq))))
        }
        _ => Err(ApiError::query_not_permitted(q)),
    }
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let fields = readable_fields(call)?;
    let client = call.entity(Kind::Client, INEXISTENT_CLIENT)?;
    Ok(Reply::json(&view(client, call.caller, fields.as_ref())))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let client = std::mem::take(&mut call.body);
    let client = store_new(call, client)?;
    let answer = view(&credential_view::with_credentials(call.state, &client), &Caller::Owner, None);
    let mut answer = Map::clone(&answer);
    // Only this answer has the member (recorded 2026-08).
    answer.insert("encrypted".to_owned(), true.into());
    Ok(Reply::json(&answer))
}

/// Completes and stores a new client.
fn store_new(call: &mut Call<'_>, mut client: Map<String, Value>) -> Result<Document, ApiError> {
    let strict = ClientView(&client).is_strict_third_party();
    client_rules::check(&client, &client)?;
    check_agent(call, &client)?;
    let is_taken = |alias: &str| !call.state[Kind::Client].having("client_aliases", alias).is_empty();
    if texts(&client, "client_aliases").any(is_taken) {
        return Err(CLIENT_ALIAS_EXISTS.into());
    }
    let credentials = credential_view::NewCredentials::read(&client)?;
    if !credentials.is_empty() {
        call.require_any(&["create:client_credentials"])?;
    }
    let shape = if strict { IdShape::THIRD_PARTY_CLIENT } else { IdShape::CLIENT };
    let app_type = text(&client, "app_type").unwrap_or_default().to_owned();
    let id = call.new_id(Kind::Client, shape)?;
    let secret = call.pins.secret.take().unwrap_or_else(|| IdShape::CLIENT_SECRET.draw(&mut call.state.random));

    client.insert("client_id".to_owned(), id.clone().into());
    if app_type == "express_configuration" {
        client.entry("organization_usage").or_insert_with(|| "require".into());
        client.entry("organization_require_behavior").or_insert_with(|| "pre_login_prompt".into());
        client
            .entry("client_authentication_methods")
            .or_insert_with(|| json!({ "private_key_jwt": { "credentials": [] } }));
        let callback = "https://system-admin.okta.com/admin/app/generic/oauth20redirect";
        client.entry("callbacks").or_insert_with(|| json!([callback]));
    } else {
        client.insert("client_secret".to_owned(), secret.into());
    }
    complete(&mut client, call.names, &KeyRing::of(&call.state.signing_keys), strict);
    client.retain(|_, value| !value.is_null());
    if client.get("is_first_party") == Some(&Value::Bool(false)) {
        client.entry("third_party_security_mode").or_insert_with(|| "permissive".into());
    }
    credentials.store(call, &mut client)?;
    let client = call.state[Kind::Client].insert(&id, client);
    if let Some(identifier) = text(&client, "resource_server_identifier") {
        call.state.link_resource_server(identifier, &id);
    }
    if app_type == "express_configuration" {
        let audience = call.names.management_audience();
        call.state.grant_by_system(&id, &audience, system_scopes::OF_EXPRESS_CONFIGURATION_CLIENTS);
    }
    Ok(client)
}

/// Lists all clients, with checkpoint pages. Only the scopes of this operation are published (assumed: as `/clients`).
fn search(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let clients = &call.state[Kind::Client];
    let show = |client: &Document| view(client, call.caller, None);
    Ok(paging.reply("clients", clients, clients.order().as_slice(), show))
}

/// Answers with the result of a registration, and stores nothing. Shows the client of an earlier registration (recorded).
fn preview_metadata(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let address = text(&call.body, "external_client_id").unwrap_or_default();
    let fields = mapped_fields(address).ok_or(INVALID_EXTERNAL_ID)?;
    let client = call.state[Kind::Client].find("external_client_id", address);
    Ok(Reply::json(&registration(&fields, client)))
}

/// Creates a third-party client from a metadata document, or updates the client of an earlier registration.
fn register_metadata(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let address = text(&call.body, "external_client_id").unwrap_or_default().to_owned();
    let fields = mapped_fields(&address).ok_or(INVALID_EXTERNAL_ID)?;
    let existing =
        call.state[Kind::Client].find("external_client_id", &address).and_then(|client| text(client, "client_id"));
    if let Some(id) = existing.map(str::to_owned) {
        call.state[Kind::Client].change(&id, |client| client.extend(fields.clone()));
        return Ok(Reply::json(&registration(&fields, call.state[Kind::Client].get(&id))));
    }
    let mut client = fields.clone();
    client.extend(object(json!({
        "is_first_party": false, "third_party_security_mode": "strict", "external_metadata_type": "cimd",
        "external_metadata_created_by": "admin",
    })));
    let client = store_new(call, client)?;
    Ok(Reply::json(&registration(&fields, Some(&client))).status(201))
}

fn registration(fields: &Map<String, Value>, client: Option<&Document>) -> Map<String, Value> {
    let validation = json!({ "valid": true, "violations": [], "warnings": [] });
    let mut answer = object(json!({ "mapped_fields": fields, "validation": validation }));
    answer.extend(client.and_then(|client| Some(("client_id".to_owned(), client.get("client_id")?.clone()))));
    answer
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut client = Map::clone(call.state[Kind::Client].get(&id).ok_or(CLIENT_NOT_FOUND)?);
    let changes = std::mem::take(&mut call.body);
    may_change(call.caller, &changes)?;
    client_rules::check_immutable(&client, &changes)?;
    credential_view::check_references(call.state, &id, &changes)?;
    let quota_changes = changes.contains_key("token_quota");
    if changes.get("client_authentication_methods").is_some_and(Value::is_object) {
        client.remove("client_authentication_methods"); // a client has one method at a time
    }
    merge(&mut client, changes.clone()); // member by member at every depth (recorded)
    client_rules::check(&client, &changes)?;
    check_agent(call, &changes)?;
    complete_objects(&mut client);
    let client = call.state[Kind::Client].replace(&id, client);
    if quota_changes {
        call.state.forget_usage_without_quota();
    }
    Ok(Reply::json(&change_view(&client, call.caller)))
}

/// Checks that the agent of a client exists (R125; refusal assumed).
fn check_agent(call: &Call<'_>, client: &Map<String, Value>) -> Result<(), ApiError> {
    let is_known = |agent: &str| call.state[Kind::Agent].contains(agent);
    if text(client, "agent_id").is_none_or(is_known) { Ok(()) } else { Err(AGENT_NOT_FOUND.into()) }
}

/// Deletes a client. A missing client is no error (R92).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    call.state.remove(Kind::Client, &id);
    Ok(Reply::empty())
}

fn rotate_secret(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut client = Map::clone(call.state[Kind::Client].get(&id).ok_or(CLIENT_NOT_FOUND)?);
    let secret = IdShape::CLIENT_SECRET.draw(&mut call.state.random);
    client.insert("client_secret".to_owned(), secret.into());
    let client = call.state[Kind::Client].replace(&id, client);
    Ok(Reply::json(&view(&client, &Caller::Owner, None)))
}

/// Checks that a caller may change these members. `update:clients` allows all members that are not secret; each narrower scope
/// allows its own.
fn may_change(caller: &Caller, changes: &Map<String, Value>) -> Result<(), ApiError> {
    let may = |scope: &str| caller.has_any(&[scope]);
    let permitted = |member: &str| match member {
        "client_secret" => may("update:client_keys"),
        "encryption_key" => may("update:clients") || may("update:client_keys"),
        "client_authentication_methods" => may("update:clients") || may("update:client_credentials"),
        "token_vault_privileged_access" => may("update:clients") || may("update:client_token_vault_privileged_access"),
        _ => may("update:clients"),
    };
    if changes.keys().all(|member| permitted(member)) { Ok(()) } else { Err(ApiError::fields_beyond_the_scopes()) }
}

/// Adds the defaults of a new client (recorded).
fn complete(client: &mut Map<String, Value>, names: &Names, keys: &KeyRing, strict_third_party: bool) {
    let app_type = text(client, "app_type").unwrap_or_default().to_owned();
    let method = text(client, "token_endpoint_auth_method").map(str::to_owned);
    let for_services = matches!(app_type.as_str(), "express_configuration" | "resource_server");
    let is_third_party = ClientView(client).is_third_party();

    let grant_types = match (app_type.as_str(), method.as_deref()) {
        _ if strict_third_party => json!(["authorization_code"]),
        ("resource_server", _) => json!([]),
        ("express_configuration", _) => json!(["authorization_code", "client_credentials"]),
        ("spa" | "native", Some("none")) | (_, Some("none")) => {
            json!(["authorization_code", "implicit", "refresh_token"])
        }
        _ => json!(["authorization_code", "implicit", "refresh_token", "client_credentials"]),
    };
    let defaults = json!({
        "callback_url_template": false,
        "cross_origin_authentication": false,
        "custom_login_page_on": true,
        "global": false,
        "grant_types": grant_types,
        "is_first_party": true,
        "is_token_endpoint_ip_header_trusted": false,
        "oidc_conformant": for_services || is_third_party,
        "signing_keys": signing_key_view::of_clients(keys),
        "sso_disabled": false,
        "tenant": names.tenant(),
    });
    for (key, value) in object(defaults) {
        client.entry(key).or_insert(value);
    }
    if !client.contains_key("jwt_configuration") {
        let configuration = if strict_third_party {
            json!({ "alg": "RS256", "lifetime_in_seconds": 3600 })
        } else if for_services {
            json!({ "alg": "RS256" })
        } else {
            json!({ "lifetime_in_seconds": 36000 })
        };
        client.insert("jwt_configuration".to_owned(), configuration);
    }
    complete_refresh_token(client, method.as_deref(), strict_third_party);
    complete_objects(client);
}

/// Adds the defaults of nested objects that exist (recorded). Two of them have at least one member (published): when the
/// last one is cleared, they are gone.
fn complete_objects(client: &mut Map<String, Value>) {
    client.retain(|name, value| {
        !(["fedcm_login", "native_social_login"].contains(&name.as_str()) && *value == json!({}))
    });
    let mut complete = |key: &str, defaults: Value| {
        if let Some(member) = client.get_mut(key).and_then(Value::as_object_mut) {
            for (key, value) in object(defaults) {
                member.entry(key).or_insert(value);
            }
            member.retain(|_, value| !value.is_null());
        }
    };
    complete("jwt_configuration", json!({ "secret_encoded": false }));
    complete(
        "session_transfer",
        json!({
            "allow_refresh_token": false,
            "allowed_authentication_methods": [],
            "can_create_session_transfer_token": false,
            "enforce_cascade_revocation": true,
            "enforce_device_binding": "ip",
            "enforce_online_refresh_tokens": true,
        }),
    );
    // Answers still have the older name of the same setting.
    let urls = client.get("oidc_logout").and_then(|logout| logout.get("backchannel_logout_urls")).cloned();
    match urls {
        Some(urls) => client.insert("oidc_backchannel_logout".to_owned(), json!({ "backchannel_logout_urls": urls })),
        None => client.remove("oidc_backchannel_logout"),
    };
    crate::api::token_quota::complete_token_quota(client);
}

/// The default lifetimes depend on the authentication method (recorded).
fn complete_refresh_token(client: &mut Map<String, Value>, method: Option<&str>, strict_third_party: bool) {
    let (lifetime, idle) = match method {
        Some("client_secret_post" | "client_secret_basic") => (31_557_600, 2_592_000),
        _ => (2_592_000, 1_296_000),
    };
    let rotates = ClientView(client).is_third_party() && method == Some("none");
    let refresh_token = client.entry("refresh_token").or_insert_with(|| json!({}));
    let Some(refresh_token) = refresh_token.as_object_mut() else { return };
    let expires = strict_third_party || rotates || text(refresh_token, "expiration_type") == Some("expiring");
    for (key, value) in object(json!({
        "rotation_type": if rotates { "rotating" } else { "non-rotating" },
        "expiration_type": if expires { "expiring" } else { "non-expiring" },
        "leeway": 0,
        "token_lifetime": lifetime,
        "infinite_token_lifetime": !expires || strict_third_party,
        "infinite_idle_token_lifetime": !expires,
        "idle_token_lifetime": idle,
    })) {
        refresh_token.entry(key).or_insert(value);
    }
}

/// Members that need `read:client_keys` or `read:client_credentials` (published with GET /clients/{id}).
const SECRET: &[&str] = &["client_secret", "client_authentication_methods", "encryption_key", "signing_keys"];
/// Members that every read scope allows.
const SUMMARY: &[&str] = &["client_id", "app_type", "name", "description"];
/// The member that `fields` neither includes nor excludes (recorded).
const TENANT: &str = "tenant";

/// The scopes for the secret members.
const READ_SECRET: &[&str] = &["read:client_keys", "read:client_credentials"];
/// The scopes for the other members beyond the summary.
const READ_OTHERS: &[&str] = &["read:clients", "read:client_keys"];

/// Whether a caller may read a member at all.
fn may_read(caller: &Caller, member: &str) -> bool {
    if SECRET.contains(&member) {
        caller.has_any(READ_SECRET)
    } else {
        SUMMARY.contains(&member) || caller.has_any(READ_OTHERS)
    }
}

/// The selected members. A selected member that the token cannot read is refused (reported for `client_secret`). Without a
/// selection, unreadable members are left out.
fn readable_fields(call: &Call<'_>) -> Result<Option<Fields>, ApiError> {
    let fields = Fields::of(call);
    let selection = fields.iter().flat_map(Fields::chosen);
    let unreadable: Vec<&str> = selection.filter(|member| !may_read(call.caller, member)).collect();
    if unreadable.is_empty() { Ok(fields) } else { Err(UNREADABLE_FIELDS.with(&[&unreadable.join(", ")])) }
}

/// The view of a client for a caller.
fn view(client: &Document, caller: &Caller, fields: Option<&Fields>) -> Document {
    // A client that authenticates with keys has no secret in answers (recorded).
    let with_keys = ClientView(client).authenticates_with_keys();
    if caller.has_any(READ_SECRET) && caller.has_any(READ_OTHERS) && !with_keys && fields.is_none() {
        return Document::clone(client);
    }
    let is_visible = |member: &str| may_read(caller, member) && !(with_keys && member == "client_secret");
    let members = client.iter().filter(|(member, _)| is_visible(member));
    let visible: Map<String, Value> = members.map(|(member, value)| (member.clone(), value.clone())).collect();
    let Some(fields) = fields else { return Document::new(visible) };
    let mut selection = fields.choose(&visible);
    selection.extend(visible.get_key_value(TENANT).map(|(member, value)| (member.clone(), value.clone())));
    Document::new(selection)
}

/// The view of a client in the answer to its change: all members. Secret members need a caller that can read them.
fn change_view(client: &Document, caller: &Caller) -> Document {
    if caller.has_any(READ_SECRET) {
        return view(client, &Caller::Owner, None);
    }
    let members = client.iter().filter(|(key, _)| !SECRET.contains(&key.as_str()));
    Document::new(members.map(|(key, value)| (key.clone(), value.clone())).collect())
}

/// The management application of a new tenant: a confidential client for machine-to-machine access, with the members that the
/// dashboard sets. It has no id and no secret yet.
pub(in crate::api) fn for_management(names: &Names, name: &str) -> Map<String, Value> {
    let mut client = object(json!({
        "name": name,
        "app_type": "non_interactive",
        "grant_types": ["client_credentials"],
        "token_endpoint_auth_method": "client_secret_post",
    }));
    complete(&mut client, names, &KeyRing::shipped(), false);
    client
}

/// The global client, which every tenant has (recorded).
pub(in crate::api) fn global(names: &Names, id: &str, secret: &str) -> Map<String, Value> {
    let mut client = object(json!({
        "name": "All Applications",
        "client_id": id,
        "client_secret": secret,
        "callbacks": [],
        "cross_origin_authentication": true,
        "custom_login_page_on": true,
        "global": true,
        "is_first_party": true,
        "is_token_endpoint_ip_header_trusted": false,
        "jwt_configuration": { "alg": "RS256", "secret_encoded": false },
        "oidc_conformant": true,
        "owners": [],
        "signing_keys": signing_key_view::of_clients(&KeyRing::shipped()),
        "sso": false,
        "sso_disabled": false,
        "tenant": names.tenant(),
    }));
    complete_refresh_token(&mut client, None, false);
    client
}
