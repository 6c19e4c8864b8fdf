//! `/organizations/{id}/connections` and `/organizations/{id}/enabled_connections`.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

fn organization(caller: &Caller) -> String {
    caller.create("/organizations", json!({ "name": "granite-tours" }), "id")
}

fn connection(caller: &Caller, name: &str, strategy: &str) -> String {
    caller.create("/connections", json!({ "name": name, "strategy": strategy }), "id")
}

#[test]
fn the_newer_path_shows_more_members_of_a_connection() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let path = format!("/organizations/{organization}/connections");
    let (status, added) = caller.post(&path, json!({ "connection_id": connection }));
    assert_eq!(status, 201);
    let all = json!({
        "assign_membership_on_login": false,
        "connection": { "name": "Users", "strategy": "auth0" },
        "connection_id": connection,
        "is_enabled": true,
        "is_signup_enabled": false,
        "organization_access_level": "none",
        "show_as_button": true,
    });
    assert_eq!(added, all);
    assert_eq!(caller.get(&format!("{path}/{connection}")), (200, all.clone()));
    assert_eq!(caller.get(&path).1, json!([all]));

    let (_, older) = caller.get(&format!("/organizations/{organization}/enabled_connections/{connection}"));
    let expected = json!({
        "assign_membership_on_login": false,
        "connection": { "name": "Users", "strategy": "auth0" },
        "connection_id": connection,
        "is_signup_enabled": false,
        "show_as_button": true,
    });
    assert_eq!(older, expected);
}

#[test]
fn only_a_database_connection_has_a_signup_setting() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "staff", "okta"));
    let (_, added) =
        caller.post(&format!("/organizations/{organization}/connections"), json!({ "connection_id": connection }));
    assert_eq!(added.get("is_signup_enabled"), None);
}

#[test]
fn a_disabled_connection_is_not_in_the_list_of_enabled_ones() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let path = format!("/organizations/{organization}");
    caller.post(&format!("{path}/connections"), json!({ "connection_id": connection, "is_enabled": false }));
    let total = |query: &str| {
        let (_, listed) = caller.get(&format!("{path}/{query}include_totals=true"));
        listed["total"].as_u64().unwrap()
    };
    assert_eq!(total("connections?"), 1);
    assert_eq!(total("connections?is_enabled=true&"), 0);
    assert_eq!(total("connections?is_enabled=false&"), 1);
    assert_eq!(total("enabled_connections?"), 0);
    assert_eq!(caller.get(&format!("{path}/enabled_connections/{connection}")).0, 404);
}

#[test]
fn a_list_has_totals_and_pages() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let path = format!("/organizations/{organization}/enabled_connections");
    for name in ["one", "two", "three"] {
        let connection = connection(&caller, name, "auth0");
        assert_eq!(caller.post(&path, json!({ "connection_id": connection })).0, 201);
    }
    let (_, page) = caller.get(&format!("{path}?include_totals=true&per_page=2&page=1"));
    assert_eq!((&page["start"], &page["limit"], &page["total"]), (&json!(2), &json!(2), &json!(3)));
    assert_eq!(page["enabled_connections"].as_array().unwrap().len(), 1);
}

#[test]
fn a_signup_needs_a_database_connection_that_assigns_membership() {
    let caller = Caller::start();
    let (organization, users) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let staff = connection(&caller, "staff", "okta");
    let path = format!("/organizations/{organization}/enabled_connections");
    let sentence = "Only database connections with assign_membership_on_login = true support is_signup_enabled = true.";

    let refusal = caller.post(&path, json!({ "connection_id": users, "is_signup_enabled": true }));
    assert_eq!((refusal.0, message(&refusal)), (400, sentence));
    for mentioned in [true, false] {
        let body =
            json!({ "connection_id": staff, "is_signup_enabled": mentioned, "assign_membership_on_login": true });
        assert_eq!(message(&caller.post(&path, body.clone())), "Only database connections support is_signup_enabled");
        let refusal = caller.post("/organizations", json!({ "name": "other", "enabled_connections": [body] }));
        assert_eq!(message(&refusal), "Only database connections support is_signup_enabled");
    }
    let body = json!({ "connection_id": users, "is_signup_enabled": true, "assign_membership_on_login": true });
    assert_eq!(caller.post(&path, body).0, 201);
    let refusal = caller.patch(&format!("{path}/{users}"), json!({ "assign_membership_on_login": false }));
    assert_eq!((refusal.0, message(&refusal)), (400, sentence));
}

#[test]
fn a_connection_is_added_once_and_removed_any_number_of_times() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let path = format!("/organizations/{organization}/connections");
    let body = json!({ "connection_id": connection });
    assert_eq!(caller.post(&path, body.clone()).0, 201);
    assert_eq!(caller.post(&path, body).0, 409);
    let one = format!("{path}/{connection}");
    assert_eq!(caller.delete(&one), (204, Value::Null));
    assert_eq!(caller.delete(&one), (204, Value::Null));
    let gone = caller.get(&one);
    assert_eq!((gone.0, message(&gone)), (404, "No connection found by that id"));
}

#[test]
fn an_organization_has_ten_connections_at_most() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let path = format!("/organizations/{organization}/connections");
    let mut statuses = (0..11).map(|number| {
        let connection = connection(&caller, &format!("users-{number}"), "auth0");
        caller.post(&path, json!({ "connection_id": connection })).0
    });
    assert!(statuses.by_ref().take(10).all(|status| status == 201));
    assert_eq!(statuses.next(), Some(409));
}

#[test]
fn unknown_entities_are_refused() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let nowhere = caller.get("/organizations/org_0123456789abcdef/connections");
    assert_eq!((nowhere.0, message(&nowhere)), (404, "The organization does not exist."));
    let body = json!({ "connection_id": "con_0123456789abcdef" });
    let unknown = caller.post(&format!("/organizations/{organization}/connections"), body);
    assert_eq!((unknown.0, message(&unknown)), (400, "The specified connection does not exist."));
    let not_added = caller.patch(&format!("/organizations/{organization}/connections/{connection}"), json!({}));
    assert_eq!(not_added.0, 404);
}

#[test]
fn a_deletion_of_a_connection_removes_it_from_organizations() {
    let caller = Caller::start();
    let (organization, connection) = (organization(&caller), connection(&caller, "Users", "auth0"));
    let path = format!("/organizations/{organization}/connections");
    caller.post(&path, json!({ "connection_id": connection }));
    caller.delete(&format!("/connections/{connection}"));
    assert_eq!(caller.get(&path), (200, json!([])));
}

#[test]
fn a_new_organization_may_bring_its_connections_along() {
    let caller = Caller::start();
    let connection = connection(&caller, "Users", "auth0");
    let body = json!({
        "name": "granite-tours",
        "enabled_connections": [{ "connection_id": connection, "assign_membership_on_login": true }],
    });
    let (status, created) = caller.post("/organizations", body);
    assert_eq!(status, 201);
    let brought = &created["enabled_connections"][0];
    assert_eq!(brought["connection"], json!({ "name": "Users", "strategy": "auth0" }));
    assert_eq!(brought["assign_membership_on_login"], true);

    let id = created["id"].as_str().unwrap();
    assert_eq!(caller.get(&format!("/organizations/{id}")).1.get("enabled_connections"), None);
    assert_eq!(&caller.get(&format!("/organizations/{id}/enabled_connections")).1[0], brought);
}

#[test]
fn bringing_connections_along_needs_the_scope_to_add_them() {
    let mut caller = Caller::start();
    let connection = connection(&caller, "Users", "auth0");
    caller.limit_to(&["create:organizations"]);
    let body = json!({ "name": "granite-tours", "enabled_connections": [{ "connection_id": connection }] });
    let refusal = caller.post("/organizations", body);
    assert_eq!(
        (refusal.0, message(&refusal)),
        (403, "Insufficient scope, expected any of: create:organization_connections")
    );
}

#[test]
fn an_organization_with_an_unknown_connection_is_not_created() {
    let caller = Caller::start();
    let enabled = json!([{ "connection_id": "con_0123456789abcdef" }]);
    let body = json!({ "name": "granite-tours", "enabled_connections": enabled });
    assert_eq!(caller.post("/organizations", body).0, 400);
    assert_eq!(caller.get("/organizations/name/granite-tours").0, 404);
}
