//! The streams of a tenant without a server: a test takes the place of the receiver.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request};
use serde_json::{Value, json};

use super::{Attempt, DueRequest, Failure};
use crate::api::{Config, Pins, Tenant};
use crate::domain::Clock;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

fn tenant() -> Tenant {
    let tenant = Tenant::new(Config { clock: Clock::fixed(NOON), ..Config::default() });
    tenant.deliver(Arc::new(|| {}));
    tenant
}

fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Value {
    tenant.perform(method, path, body, Pins::default()).unwrap()
}

fn log_stream(tenant: &Tenant, more: Value) -> String {
    let mut stream = json!({ "type": "http", "sink": { "httpEndpoint": "https://127.0.0.1:1/logs" } });
    stream.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    text(&perform(tenant, Method::POST, "/log-streams", stream)["id"])
}

fn event_stream(tenant: &Tenant, types: &[&str]) -> String {
    let subscriptions: Vec<Value> = types.iter().map(|name| json!({ "event_type": name })).collect();
    let destination = json!({ "type": "webhook", "configuration": {
        "webhook_endpoint": "https://127.0.0.1:1/events",
        "webhook_authorization": { "method": "bearer", "token": "sesame" },
    } });
    let stream = json!({ "destination": destination, "subscriptions": subscriptions });
    text(&perform(tenant, Method::POST, "/event-streams", stream)["id"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// A request without a token, which writes one entry of the log.
fn write_log(tenant: &Tenant) {
    let request = Request::post("http://travel0.localhost/oauth/token").body(bytes::Bytes::from_static(
        b"grant_type=client_credentials&client_id=nobody&client_secret=wrong&audience=https://travel0.example/api",
    ));
    tenant.answer(request.unwrap());
}

/// The only request that is due.
fn one(tenant: &Tenant) -> DueRequest {
    let mut due = tenant.due_deliveries().requests;
    assert_eq!(due.len(), 1, "{due:?}");
    due.remove(0)
}

fn none(tenant: &Tenant) -> bool {
    tenant.due_deliveries().requests.is_empty()
}

fn body(due: &DueRequest) -> Value {
    serde_json::from_slice(due.request.as_ref().unwrap().body()).unwrap()
}

fn fail(tenant: &Tenant, attempt: &Attempt) {
    assert!(tenant.attempted(attempt, Err(Failure::passing("the receiver answered 500"))).is_some());
}

fn later(tenant: &Tenant, seconds: u64) {
    tenant.clock().advance(Duration::from_secs(seconds));
}

fn status(tenant: &Tenant, path: &str) -> String {
    text(&perform(tenant, Method::GET, path, Value::Null)["status"])
}

#[test]
fn a_log_stream_has_the_entries_since_its_creation_in_batches() {
    let tenant = tenant();
    write_log(&tenant);
    let stream = log_stream(
        &tenant,
        json!({ "sink": {
        "httpEndpoint": "https://127.0.0.1:1/logs", "httpContentFormat": "JSONARRAY",
    } }),
    );
    assert!(none(&tenant), "the entry is older than the stream");
    (0..101).for_each(|_| write_log(&tenant));
    let mut ids = Vec::new();
    for expected in [100, 1] {
        let due = one(&tenant);
        let entries = body(&due);
        assert_eq!(entries.as_array().unwrap().len(), expected);
        for entry in entries.as_array().unwrap() {
            assert_eq!((&entry["data"]["type"], &entry["data"]["log_id"]), (&json!("feccft"), &entry["log_id"]));
            ids.push(text(&entry["log_id"]));
        }
        assert!(tenant.attempted(&due.attempt, Ok(())).is_none());
    }
    assert!(none(&tenant));
    ids.dedup();
    assert!(ids.len() == 101 && ids.is_sorted());
    assert_eq!(status(&tenant, &format!("/log-streams/{stream}")), "active");
}

#[test]
fn a_log_stream_begins_at_the_moment_of_its_cursor() {
    let tenant = tenant();
    write_log(&tenant);
    later(&tenant, 60);
    write_log(&tenant);
    let sink = json!({ "httpEndpoint": "https://127.0.0.1:1/logs", "httpContentFormat": "JSONOBJECT" });
    log_stream(&tenant, json!({ "startFrom": "2026-06-01T12:01:00Z", "sink": sink }));
    assert_eq!(body(&one(&tenant))["logs"].as_array().unwrap().len(), 1);
}

#[test]
fn filters_choose_the_entries_and_a_paused_stream_has_none() {
    let tenant = tenant();
    let failures = json!([{ "type": "category", "name": "management.fail" }]);
    log_stream(&tenant, json!({ "filters": failures }));
    let paused = log_stream(&tenant, json!({}));
    let path = format!("/log-streams/{paused}");
    perform(&tenant, Method::PATCH, &path, json!({ "status": "paused" }));
    write_log(&tenant);
    assert!(none(&tenant));
    perform(&tenant, Method::PATCH, &path, json!({ "status": "active" }));
    let due = one(&tenant);
    assert!(matches!(&due.attempt, Attempt::Logs { stream, .. } if *stream == paused), "{due:?}");
}

#[test]
fn the_same_entries_are_due_after_each_pause_until_a_week_of_failures_suspends_the_stream() {
    let tenant = tenant();
    let path = format!("/log-streams/{}", log_stream(&tenant, json!({})));
    write_log(&tenant);
    for pause in [1, 2, 60, 1] {
        let due = one(&tenant);
        fail(&tenant, &due.attempt);
        later(&tenant, pause - 1);
        assert!(none(&tenant), "{pause}");
        write_log(&tenant);
        later(&tenant, 1);
    }
    assert_eq!(status(&tenant, &path), "active");
    later(&tenant, 7 * 24 * 60 * 60);
    let due = one(&tenant);
    assert_eq!(due.request.as_ref().unwrap().body().iter().filter(|byte| **byte == b'\n').count(), 5);
    fail(&tenant, &due.attempt);
    assert_eq!(status(&tenant, &path), "suspended");
    assert!(none(&tenant));

    // Resumed, it has a week again.
    perform(&tenant, Method::PATCH, &path, json!({ "status": "active" }));
    fail(&tenant, &one(&tenant).attempt);
    assert_eq!(status(&tenant, &path), "active");
    assert_eq!(tenant.delivery_failures().len(), 6);
}

#[test]
fn a_clock_that_is_set_back_ends_a_pause() {
    let tenant = tenant();
    log_stream(&tenant, json!({}));
    write_log(&tenant);
    fail(&tenant, &one(&tenant).attempt);
    assert!(none(&tenant));
    tenant.clock().set(NOON - 24 * 60 * 60);
    one(&tenant);
}

#[test]
fn a_reset_forgets_what_was_to_be_delivered() {
    let tenant = tenant();
    log_stream(&tenant, json!({}));
    event_stream(&tenant, &["organization.created"]);
    tenant.keep_as_initial();
    write_log(&tenant);
    perform(&tenant, Method::POST, "/organizations", json!({ "name": "granite-tours" }));
    assert_eq!(tenant.due_deliveries().requests.len(), 2);
    tenant.reset();
    assert!(none(&tenant));
    write_log(&tenant);
    one(&tenant);
}

#[test]
fn an_event_has_four_attempts_and_can_be_delivered_again() {
    let tenant = tenant();
    let stream = event_stream(&tenant, &["organization.created"]);
    perform(&tenant, Method::POST, "/organizations", json!({ "name": "granite-tours" }));
    let deliveries = format!("/event-streams/{stream}/deliveries");
    let listed = || perform(&tenant, Method::GET, &deliveries, Value::Null)["deliveries"].clone();
    assert_eq!(listed()[0]["status"], "pending");
    for pause in [1, 2, 4, 60] {
        fail(&tenant, &one(&tenant).attempt);
        assert!(none(&tenant));
        later(&tenant, pause);
    }
    assert!(none(&tenant));
    let failed = listed()[0].clone();
    assert_eq!((&failed["status"], failed["attempts"].as_array().unwrap().len()), (&json!("failed"), 4));
    assert_eq!(failed["attempts"][3]["error_message"], "the receiver answered 500");

    perform(&tenant, Method::POST, &format!("/event-streams/{stream}/redeliver"), json!({ "statuses": ["failed"] }));
    fail(&tenant, &one(&tenant).attempt);
    later(&tenant, 1);
    assert!(tenant.attempted(&one(&tenant).attempt, Ok(())).is_none());
    assert_eq!(listed(), json!([]), "the list is one of failures");
    let id = text(&failed["id"]);
    assert_eq!(status(&tenant, &format!("{deliveries}/{id}")), "success");
    let again = format!("/event-streams/{stream}/redeliver/{id}");
    assert_eq!(tenant.perform(Method::POST, &again, Value::Null, Pins::default()).unwrap_err().status(), 409);
}

#[test]
fn the_attempts_of_an_event_are_bounded() {
    for tenant in [tenant(), Tenant::new(Config::default())] {
        let path = format!("/event-streams/{}", event_stream(&tenant, &["organization.created"]));
        perform(&tenant, Method::POST, &format!("{path}/test"), json!({ "event_type": "organization.created" }));
        for _ in 0..60 {
            if let Some(due) = tenant.due_deliveries().requests.pop() {
                tenant.attempted(&due.attempt, Err(Failure::refused("the receiver answered 400")));
            }
            perform(&tenant, Method::POST, &format!("{path}/redeliver"), json!({}));
        }
        let listed = perform(&tenant, Method::GET, &format!("{path}/deliveries"), Value::Null);
        assert_eq!(listed["deliveries"][0]["attempts"].as_array().unwrap().len(), 100);
    }
}

#[test]
fn a_refused_event_has_one_attempt_and_many_of_them_disable_the_stream() {
    let tenant = tenant();
    let stream = event_stream(&tenant, &["organization.updated"]);
    let organization =
        text(&perform(&tenant, Method::POST, "/organizations", json!({ "name": "granite-tours" }))["id"]);
    let path = format!("/event-streams/{stream}");
    for number in 1..=500 {
        assert_eq!(status(&tenant, &path), "enabled", "{number}");
        let name = json!({ "display_name": number.to_string() });
        perform(&tenant, Method::PATCH, &format!("/organizations/{organization}"), name);
        let due = one(&tenant);
        tenant.attempted(&due.attempt, Err(Failure::refused("the receiver answered 400")));
        assert!(none(&tenant));
    }
    assert_eq!(status(&tenant, &path), "disabled");
    perform(&tenant, Method::PATCH, &format!("/organizations/{organization}"), json!({ "display_name": "unheard" }));
    assert!(none(&tenant));
}

#[test]
fn the_queue_of_events_is_bounded_and_so_is_their_history() {
    let tenant = tenant();
    let stream = event_stream(&tenant, &["organization.updated"]);
    let organization =
        text(&perform(&tenant, Method::POST, "/organizations", json!({ "name": "granite-tours" }))["id"]);
    let change = |name: &str| {
        perform(&tenant, Method::PATCH, &format!("/organizations/{organization}"), json!({ "display_name": name }));
    };
    let count = |status: &str| {
        let path = format!("/event-streams/{stream}/deliveries?take=100&statuses={status}");
        let mut page = perform(&tenant, Method::GET, &path, Value::Null);
        let mut count = page["deliveries"].as_array().unwrap().len();
        while let Some(next) = page["nextPageToken"].as_str() {
            page = perform(&tenant, Method::GET, &format!("{path}&from={next}"), Value::Null);
            count += page["deliveries"].as_array().unwrap().len();
        }
        count
    };
    (0..2500).for_each(|number| change(&number.to_string()));
    assert_eq!((count("pending"), count("failed")), (1000, 1000));
    let id = match one(&tenant).attempt {
        Attempt::Event { id } => id,
        other @ Attempt::Logs { .. } => panic!("{other:?}"),
    };
    let oldest = perform(&tenant, Method::GET, &format!("/event-streams/{stream}/deliveries/{id}"), Value::Null);
    assert_eq!(oldest["event"]["data"]["object"]["display_name"], "0", "an event that waits stays");
}

#[test]
fn an_event_that_is_too_large_fails_without_its_data() {
    let tenant = tenant();
    let stream = event_stream(&tenant, &["user.created"]);
    let user = json!({
        "connection": "Username-Password-Authentication", "email": "ada@travel0.example", "password": "Correct-horse-9",
        "user_metadata": { "story": "x".repeat(70_000) },
    });
    perform(&tenant, Method::POST, "/users", user);
    assert!(none(&tenant));
    let listed = perform(&tenant, Method::GET, &format!("/event-streams/{stream}/deliveries"), Value::Null);
    assert_eq!(listed["deliveries"][0]["event"]["data"], json!({}));
    let sentence = text(&listed["deliveries"][0]["attempts"][0]["error_message"]);
    assert!(sentence.starts_with("m2mock delivers no event of 70"), "{sentence}");
}

/// Each change raises its event, and no other one.
#[test]
fn changes_of_users_and_organizations_raise_events() {
    let all = [
        "organization.connection.added",
        "organization.connection.removed",
        "organization.connection.updated",
        "organization.created",
        "organization.deleted",
        "organization.member.added",
        "organization.member.deleted",
        "organization.member.role.assigned",
        "organization.member.role.deleted",
        "organization.updated",
        "user.created",
        "user.deleted",
        "user.updated",
    ];
    let tenant = tenant();
    event_stream(&tenant, &all);
    event_stream(&tenant, &["group.created"]);
    let raised = || {
        let mut events = Vec::new();
        while let Some(due) = tenant.due_deliveries().requests.pop() {
            let event = body(&due);
            assert_eq!((&event["specversion"], &event["source"]), (&json!("1.0"), &json!("urn:auth0:")));
            events.push((text(&event["type"]), event["data"]["object"].clone()));
            tenant.attempted(&due.attempt, Ok(()));
        }
        events
    };
    let types = |events: Vec<(String, Value)>| events.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let change = |method: Method, path: &str, body: Value| perform(&tenant, method, path, body);

    let connection = text(&change(Method::GET, "/connections", Value::Null)[0]["id"]);
    let role = text(&change(Method::POST, "/roles", json!({ "name": "Dispatcher" }))["id"]);
    let new_user = |email: &str| {
        let database = "Username-Password-Authentication";
        let user = json!({ "connection": database, "email": email, "password": "Correct-horse-9" });
        text(&change(Method::POST, "/users", user)["user_id"])
    };
    let user = new_user("ada@travel0.example");
    let events = raised();
    assert_eq!((events[0].0.as_str(), &events[0].1["email"]), ("user.created", &json!("ada@travel0.example")));
    assert!(!events[0].1.to_string().contains("Correct-horse-9"));
    change(Method::PATCH, &format!("/users/{user}"), json!({ "nickname": "ada" }));
    assert_eq!(raised()[0].1["nickname"], "ada");

    let second = new_user("eve@travel0.example");
    raised();
    change(Method::POST, &format!("/users/{user}/identities"), json!({ "provider": "auth0", "user_id": second }));
    assert_eq!(types(raised()), ["user.deleted", "user.updated"]);
    change(Method::DELETE, &format!("/users/{user}/identities/auth0/{}", &second["auth0|".len()..]), Value::Null);
    assert_eq!(types(raised()), ["user.created", "user.updated"]);

    let granite = json!({ "name": "granite-tours", "enabled_connections": [{ "connection_id": connection }] });
    let organization = format!("/organizations/{}", text(&change(Method::POST, "/organizations", granite)["id"]));
    let events = raised();
    assert_eq!(events[1].1["connection"]["id"], *connection);
    assert_eq!(types(events), ["organization.created", "organization.connection.added"]);
    change(Method::PATCH, &organization, json!({ "display_name": "Granite" }));
    assert_eq!(
        raised()[0],
        (
            "organization.updated".to_owned(),
            json!({
                "id": organization["/organizations/".len()..], "name": "granite-tours", "display_name": "Granite",
            })
        )
    );

    let members = format!("{organization}/members");
    let body = json!({ "members": [user] });
    (0..2).for_each(|_| drop(change(Method::POST, &members, body.clone())));
    let events = raised();
    assert_eq!(events[0].1["user"]["user_id"], *user);
    assert_eq!(types(events), ["organization.member.added"], "the second time, the user is a member");
    let roles = format!("{members}/{user}/roles");
    (0..2).for_each(|_| drop(change(Method::POST, &roles, json!({ "roles": [role] }))));
    let events = raised();
    assert_eq!(events[0].1["role"], json!({ "id": role, "name": "Dispatcher" }));
    assert_eq!(types(events), ["organization.member.role.assigned"]);
    (0..2).for_each(|_| drop(change(Method::DELETE, &roles, json!({ "roles": [role] }))));
    assert_eq!(types(raised()), ["organization.member.role.deleted"]);
    (0..2).for_each(|_| drop(change(Method::DELETE, &members, body.clone())));
    assert_eq!(types(raised()), ["organization.member.deleted"]);

    let association = format!("{organization}/enabled_connections/{connection}");
    change(Method::PATCH, &association, json!({ "assign_membership_on_login": true }));
    assert_eq!(raised()[0].1["assign_membership_on_login"], true);
    (0..2).for_each(|_| drop(change(Method::DELETE, &association, Value::Null)));
    assert_eq!(types(raised()), ["organization.connection.removed"]);

    (0..2).for_each(|_| drop(change(Method::DELETE, &format!("/users/{user}"), Value::Null)));
    let events = raised();
    assert!(events[0].1["deleted_at"].is_string());
    assert_eq!(types(events), ["user.deleted"]);
    change(Method::DELETE, &organization, Value::Null);
    assert_eq!(types(raised()), ["organization.deleted"]);
}

#[test]
fn a_tenant_that_does_not_deliver_raises_no_event() {
    let tenant = Tenant::new(Config::default());
    let stream = event_stream(&tenant, &["organization.created"]);
    log_stream(&tenant, json!({}));
    perform(&tenant, Method::POST, "/organizations", json!({ "name": "granite-tours" }));
    write_log(&tenant);
    assert!(none(&tenant) && tenant.delivery_failures().is_empty());
    let path = format!("/event-streams/{stream}/deliveries");
    assert_eq!(perform(&tenant, Method::GET, &path, Value::Null), json!({ "deliveries": [] }));
}
