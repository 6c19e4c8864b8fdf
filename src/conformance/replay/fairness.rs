//! Which recorded answers say anything about another tenant. A recording also shows the recorded tenant's plan, its earlier
//! life and its other credentials; those prove nothing.

use serde_json::Value;

use super::cassette::Interaction;
use super::family::names_in;
use super::identifiers::is_identifier;
use super::references::references;
use super::story::{Scope, Story};

/// Words of the refusals that state a limit of the plan.
const PLAN: [&str; 7] = ["upgrade", "subscription", "entitle", "your plan", "not enabled", "feature", "not available"];
/// The least length of a page token; shorter values of `from` are chosen by the client.
const PAGE_TOKEN: usize = 20;

/// The reason why an interaction says nothing about another tenant, if there is one.
pub(super) fn why_unfair(item: &Interaction, story: &Story) -> Option<&'static str> {
    let (status, path) = (item.status, item.path.as_str());
    if status == 429 || status >= 500 {
        return Some("recorded 429 or 5xx");
    }
    if !path.starts_with("/api/v2/") {
        let has = |key: &str| item.request.get(key).is_some();
        let own =
            item.request.get("grant_type").is_some_and(|grant| grant == "client_credentials") && has("client_secret");
        let comparable = path == "/oauth/token" && own && !has("organization");
        return (!comparable).then_some("authentication API: the tenant's own application, users or codes");
    }
    if changes_a_locked_flag(item) {
        return Some("changes a flag that only some tenants can change");
    }
    if path.starts_with("/api/v2/clients/cimd/") {
        return Some("the live service downloads a document from the internet");
    }
    let code = item.response.get("errorCode").and_then(Value::as_str);
    let response = item.response.to_string().to_lowercase();
    if status == 403 && PLAN.iter().any(|word| response.contains(word)) {
        return Some("limit of the recorded tenant's plan");
    }
    if status == 401 {
        return Some("recorded with other credentials");
    }
    if code == Some("insufficient_scope") {
        return Some("limit of the recorded token's scopes");
    }
    let about_the_id = status == 404 || status == 400 && code == Some("invalid_uri");
    if !about_the_id && !foreign_names(item, story).is_empty() {
        return Some("names a thing that the cassette did not make");
    }
    let unknown = |name: &String| story.ids.live_for(name).is_none();
    if status < 400 && item.method != "GET" && foreign_references(item, story).iter().any(unknown) {
        return Some("refers to a thing that the cassette did not make");
    }
    if status == 409 && !story.has_posted_to(path) {
        return Some("conflict with something that the cassette did not make");
    }
    if is_written_by_hand(item, story) {
        return Some("written by hand: the service makes no such id");
    }
    if story.scope(item) == Scope::Tenant && continues_an_unknown_page(item, story) {
        return Some("continues a list of the recorded tenant's own things");
    }
    None
}

/// Whether the live tenant has a counterpart of each thing that the interaction names and the cassette did not make. Then
/// the live tenant can follow a write that is not scored.
pub(super) fn has_counterparts(item: &Interaction, story: &Story) -> bool {
    let mut strangers = foreign_names(item, story);
    strangers.extend(foreign_references(item, story));
    !strangers.is_empty() && strangers.iter().all(|name| story.ids.live_for(name).is_some())
}

/// The default login route of the recorded tenant, where an invitation shows one that the cassette did not set. The service
/// invites nobody to a tenant that has no such route (documented: `default_redirection_uri`).
pub(super) fn borrowed_login_route<'i>(item: &'i Interaction, story: &Story) -> Option<&'i str> {
    let invites = item.method == "POST" && item.path.ends_with("/invitations");
    let url = item.response.get("invitation_url").and_then(Value::as_str).filter(|_| invites)?;
    let set = ["default_redirection_uri", "initiate_login_uri"].iter().any(|key| story.sent.has_key(key));
    (!set).then(|| url.split('?').next().unwrap_or_default())
}

/// Whether the recorded tenant changed its flag `enable_sso`. Another flag allows that, and few tenants have it.
fn changes_a_locked_flag(item: &Interaction) -> bool {
    item.status < 300
        && item.method == "PATCH"
        && item.request.pointer("/flags/enable_sso").is_some()
        && item.response.pointer("/flags/allow_changing_enable_sso") == Some(&Value::Bool(true))
}

fn foreign_names(item: &Interaction, story: &Story) -> Vec<String> {
    let mut names = names_in(&item.path);
    names.retain(|name| !story.has_made(name));
    names
}

fn foreign_references(item: &Interaction, story: &Story) -> Vec<String> {
    let mut references = references(item);
    references.retain(|text| !story.has_made(text) && !story.is_caller(text));
    references
}

/// Whether something was created with an `id` that the client did not choose and the service does not make.
fn is_written_by_hand(item: &Interaction, story: &Story) -> bool {
    let id = item.response.get("id").and_then(Value::as_str);
    item.method == "POST" && item.status < 300 && id.is_some_and(|id| !is_identifier(id) && !story.sent.has_text(id))
}

fn continues_an_unknown_page(item: &Interaction, story: &Story) -> bool {
    let is_token = |text: &&str| text.chars().count() >= PAGE_TOKEN && !text.bytes().all(|byte| byte.is_ascii_digit());
    let from = item.query.get("from").and_then(Value::as_str).filter(is_token);
    from.is_some_and(|token| story.ids.live_for(token).is_none())
}
