//! Decides which recorded answers apply to another tenant. An answer that depends on the recorded tenant's plan, on its earlier data
//! or on other credentials does not.

use serde_json::Value;

use super::family::names_in;
use super::references::references;
use super::story::{Scope, Story};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::is_identifier;

/// Words in refusals because of the plan.
const PLAN: [&str; 7] = ["upgrade", "subscription", "entitle", "your plan", "not enabled", "feature", "not available"];
/// The minimum length of a page token. The client chooses shorter values of `from` itself.
const PAGE_TOKEN: usize = 20;

/// The reason why an interaction does not apply to another tenant, if there is one.
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
        return Some("names an entity that the cassette did not create");
    }
    let unknown = |name: &String| story.ids.live_for(name).is_none();
    if status < 400 && item.method != "GET" && foreign_references(item, story).iter().any(unknown) {
        return Some("refers to an entity that the cassette did not create");
    }
    if status == 409 && !story.has_posted_to(path) {
        return Some("conflict with an entity that the cassette did not create");
    }
    if is_written_by_hand(item, story) {
        return Some("written by hand: the service does not generate such an id");
    }
    if story.scope(item) == Scope::Tenant && continues_an_unknown_page(item, story) {
        return Some("continues a list of the recorded tenant's own entities");
    }
    None
}

/// Whether the live tenant has a counterpart of each foreign entity in the interaction. If so, a write that is not scored can
/// still be sent.
pub(super) fn has_counterparts(item: &Interaction, story: &Story) -> bool {
    let mut foreign = foreign_names(item, story);
    foreign.extend(foreign_references(item, story));
    !foreign.is_empty() && foreign.iter().all(|name| story.ids.live_for(name).is_some())
}

/// Whether the recorded tenant changed its flag `enable_sso`. Another flag, which few tenants have, allows this.
fn changes_a_locked_flag(item: &Interaction) -> bool {
    item.status < 300
        && item.method == "PATCH"
        && item.request.pointer("/flags/enable_sso").is_some()
        && item.response.pointer("/flags/allow_changing_enable_sso") == Some(&Value::Bool(true))
}

fn foreign_names(item: &Interaction, story: &Story) -> Vec<String> {
    let mut names = names_in(&item.path);
    names.retain(|name| !story.has_created(name));
    names
}

fn foreign_references(item: &Interaction, story: &Story) -> Vec<String> {
    let mut references = references(item);
    references.retain(|text| !story.has_created(text) && !story.is_caller(text));
    references
}

/// Whether an entity was created with an id that neither the client chose nor the service generates.
fn is_written_by_hand(item: &Interaction, story: &Story) -> bool {
    let id = ["id", "custom_domain_id"].iter().find_map(|member| item.response.get(*member)?.as_str());
    item.method == "POST" && item.status < 300 && id.is_some_and(|id| !is_identifier(id) && !story.sent.has_text(id))
}

fn continues_an_unknown_page(item: &Interaction, story: &Story) -> bool {
    let is_token = |text: &&str| text.chars().count() >= PAGE_TOKEN && !text.bytes().all(|byte| byte.is_ascii_digit());
    let from = item.query.get("from").and_then(Value::as_str).filter(is_token);
    from.is_some_and(|token| story.ids.live_for(token).is_none())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{has_counterparts, why_unfair};
    use crate::conformance::recording::cassette::Interaction;
    use crate::conformance::recording::replay::story::Story;

    const FOREIGN: &str = "rol_F0reignF0reignF0";

    fn post(path: &str, request: Value, response: Value) -> Interaction {
        let (method, path) = ("POST".to_owned(), path.to_owned());
        Interaction { method, path, request, status: 201, response, ..Interaction::default() }
    }

    fn story_after(item: &Interaction) -> Story {
        let mut story = Story::of("caller");
        story.note_request(item);
        story
    }

    #[test]
    fn a_reference_to_a_foreign_entity_is_fair_once_its_counterpart_is_known() {
        let item = post("/api/v2/things", json!({ "role_id": FOREIGN }), json!({}));
        let mut story = Story::of("caller");
        assert_eq!(why_unfair(&item, &story), Some("refers to an entity that the cassette did not create"));
        story.ids.learn(FOREIGN, "rol_L1veL1veL1veL1ve");
        assert_eq!(why_unfair(&item, &story), None);
    }

    #[test]
    fn a_write_is_sent_only_if_every_foreign_entity_has_a_counterpart() {
        let path = format!("/api/v2/roles/{FOREIGN}/users");
        let item = post(&path, json!({ "users": ["auth0|f0reignf0reignf0reign"] }), Value::Null);
        let mut story = Story::of("caller");
        assert!(!has_counterparts(&item, &story));
        story.ids.learn(FOREIGN, "rol_L1veL1veL1veL1ve");
        assert!(!has_counterparts(&item, &story), "the user is unknown");
        story.ids.learn("auth0|f0reignf0reignf0reign", "auth0|livelivelivelivelive");
        assert!(has_counterparts(&item, &story));
        let own = post("/api/v2/roles", json!({ "name": "editor" }), Value::Null);
        assert!(!has_counterparts(&own, &story), "it has no foreign entity");
    }

    #[rstest]
    #[case::made_by_the_service("org_Rec0rdedRec0rded", json!({}), None)]
    #[case::chosen_by_the_client("my-id", json!({ "key": "my-id" }), None)]
    #[case::neither("42", json!({}), Some("written by hand: the service does not generate such an id"))]
    fn the_id_of_a_created_entity_has_an_origin(
        #[case] id: &str,
        #[case] request: Value,
        #[case] expected: Option<&str>,
    ) {
        let before = Interaction { request, path: "/api/v2/things".to_owned(), ..Interaction::default() };
        assert_eq!(
            why_unfair(&post("/api/v2/things", json!({}), json!({ "id": id })), &story_after(&before)),
            expected
        );
    }

    #[rstest]
    #[case::token("fe26OjVhYWE4YzMzOTU0NzQ1", Some("continues a list of the recorded tenant's own entities"))]
    #[case::log_id("90020260101100000000000000000000000001", None)]
    #[case::chosen_by_the_client("short", None)]
    fn a_page_token_of_a_tenant_wide_list_must_be_known(#[case] from: &str, #[case] expected: Option<&str>) {
        let (method, path) = ("GET".to_owned(), "/api/v2/clients".to_owned());
        let mut item = Interaction { method, path, status: 200, response: json!([]), ..Interaction::default() };
        item.query.insert("from".to_owned(), from.into());
        let mut story = Story::of("caller");
        assert_eq!(why_unfair(&item, &story), expected);
        story.ids.learn(from, "l1veT0kenl1veT0kenl1veT0ken");
        assert_eq!(why_unfair(&item, &story), None);
    }
}
