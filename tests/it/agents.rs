//! Agents as principals, beyond the scenarios: the event of an Action, the journal, the log and the discovery document.

use std::sync::{Arc, Mutex};

use m2mock::http::Method;
use m2mock::{Application, MockTenant};
use serde_json::{Value, json};

const API: &str = "https://travel0.example/api";

/// An agent, an API with `agent_subject_claims`, an application of the agent, and one without an agent.
struct World {
    tenant: MockTenant,
    agent_id: String,
    linked: Application,
    unlinked: Application,
}

fn world(tenant: MockTenant) -> World {
    let agent = json!({ "name": "Trip planner", "external_agent_id": "planner", "metadata": { "team": "travel" } });
    let agent = tenant.perform(Method::POST, "/agents", agent).expect("a right body");
    let agent_id = agent["agent_id"].as_str().expect("an id").to_owned();
    let api = tenant.api(API).scopes(["read:trips"]).with("agent_subject_claims", "auth0-v1").create();
    let linked = tenant.application("Partner bot").with("agent_id", agent_id.as_str()).create();
    let unlinked = tenant.application("Report bot").create();
    for application in [&linked, &unlinked] {
        tenant.client_grant(application, &api).create();
    }
    World { tenant, agent_id, linked, unlinked }
}

// proves R121
#[test]
fn an_action_sees_the_agent_of_a_client_that_has_one() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let events = Arc::clone(&seen);
    let builder = MockTenant::builder().on_credentials_exchange(move |event, _| {
        events.lock().expect("no panic").push(event.agent.clone());
    });
    let world = world(builder.start());
    world.tenant.token(&world.linked).audience(API).request().expect("a token");
    world.tenant.token(&world.unlinked).audience(API).request().expect("a token");

    let seen = seen.lock().expect("no panic");
    let [Some(agent), None] = seen.as_slice() else { panic!("one event with an agent, one without: {seen:?}") };
    assert_eq!((agent.agent_id.as_str(), agent.name.as_str()), (world.agent_id.as_str(), "Trip planner"));
    assert_eq!(Value::from(agent.agent_metadata.clone()), json!({ "team": "travel" }));
}

#[test]
fn a_custom_claim_does_not_replace_the_kinds_of_subject_and_client() {
    let builder = MockTenant::builder().on_credentials_exchange(|_, api| {
        for claim in ["sub_profile", "client_profile"] {
            api.access_token().set_custom_claim(claim, "user");
        }
    });
    let world = world(builder.start());
    let token = world.tenant.token(&world.linked).audience(API).request().expect("a token");
    assert_eq!(
        ["sub", "sub_profile", "client_profile"].map(|claim| &token.claims[claim]),
        ["planner", "ai_agent", "service ai_agent"]
    );
}

#[test]
fn the_journal_says_which_subject_a_token_has() {
    let World { tenant, agent_id, linked, unlinked } = world(MockTenant::start());
    let billing = tenant.api("https://travel0.example/billing").create();
    tenant.client_grant(&linked, &billing).create();
    let decision = |application: &Application, api: &str| {
        tenant.token(application).audience(api).request().expect("a token");
        tenant.requests().pop().and_then(|entry| entry.token).expect("a decision")
    };

    let of_agent = decision(&linked, API);
    assert_eq!(of_agent.rules.last(), Some(&"R115"));
    assert!(
        of_agent.why.ends_with(&format!("; the subject is agent \"Trip planner\" ({agent_id})")),
        "{}",
        of_agent.why
    );
    let agent = of_agent.facts.agent.expect("a look-up");
    assert_eq!((agent.value.as_str(), agent.found.expect("an agent").id.as_str()), (&*agent_id, &*agent_id));

    let of_client = decision(&unlinked, API);
    assert!(of_client.rules.ends_with(&["R116", "R117"]), "{:?}", of_client.rules);
    assert!(of_client.why.ends_with("has agent_subject_claims, and the client has no agent"), "{}", of_client.why);
    assert_eq!(of_client.facts.agent, None);

    let without_claims = decision(&linked, &billing.identifier);
    assert_eq!(without_claims.rules.last(), Some(&"R114"));
    let end = format!(
        "; the subject is not agent \"Trip planner\" ({agent_id}), because API {} has no agent_subject_claims",
        billing.identifier
    );
    assert!(without_claims.why.ends_with(&end), "{}", without_claims.why);
}

// proves R122
#[test]
fn a_wrong_secret_of_a_linked_client_is_logged_with_its_agent() {
    let World { tenant, agent_id, linked, .. } = world(MockTenant::start());
    let wrong = Application::new(linked.client_id, "wrong");
    tenant.token(&wrong).audience(API).request().expect_err("a wrong secret");
    let entry = tenant.logs().pop().expect("an entry");
    assert_eq!(entry.kind, "feccft");
    assert_eq!(
        (&entry.document["agent_id"], &entry.document["external_agent_id"]),
        (&json!(agent_id), &json!("planner"))
    );
}

// proves R115
#[test]
fn an_empty_external_id_is_none() {
    let World { tenant, unlinked, .. } = world(MockTenant::start());
    let agent = json!({ "name": "Helper", "external_agent_id": "", "client_id": unlinked.client_id });
    let agent = tenant.perform(Method::POST, "/agents", agent).expect("a right body");
    let token = tenant.token(&unlinked).audience(API).request().expect("a token");
    assert_eq!(token.claims["sub"], agent["agent_id"]);
    assert!(!tenant.logs().pop().expect("an entry").document.contains_key("external_agent_id"));
}

#[test]
fn a_system_api_has_no_agent_subject_claims() {
    let tenant = MockTenant::start();
    let apis = tenant.perform(Method::GET, "/resource-servers", Value::Null).expect("a list");
    let id = apis[0]["id"].as_str().expect("the Management API");
    let body = json!({ "agent_subject_claims": "auth0-v1" });
    let refusal = tenant.perform(Method::PATCH, &format!("/resource-servers/{id}"), body).expect_err("a refusal");
    assert_eq!(refusal.status(), 400);
}
