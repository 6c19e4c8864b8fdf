//! `/organizations/{id}/clients`.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

fn organization(caller: &Caller) -> String {
    caller.create("/organizations", json!({ "name": "granite-tours" }), "id")
}

fn clients(caller: &Caller, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| caller.create("/clients", json!({ "name": format!("bot {number}") }), "client_id"))
        .collect()
}

/// A body that adds these clients.
fn adding(clients: &[String]) -> Value {
    json!({ "clients": clients.iter().map(|id| json!({ "client_id": id })).collect::<Vec<_>>() })
}

#[test]
fn the_view_of_an_application_has_members_of_the_client() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let body = json!({ "name": "shop", "organization_usage": "allow", "grant_types": ["client_credentials"] });
    let client = caller.create("/clients", body, "client_id");
    let path = format!("/organizations/{organization}/clients");
    let view = json!({
        "client": {
            "grant_types": ["client_credentials"],
            "is_first_party": true,
            "name": "shop",
            "organization_usage": "allow",
        },
        "client_id": client,
        "use_for_member_access": true,
    });
    let body = json!({ "clients": [{ "client_id": client, "use_for_member_access": true }] });
    assert_eq!(caller.post(&path, body), (201, json!([view])));
    assert_eq!(caller.get(&format!("{path}/{client}")), (200, view.clone()));
    assert_eq!(caller.get(&format!("{path}?take=50")), (200, json!({ "clients": [view] })));

    let (status, changed) = caller.patch(&format!("{path}/{client}"), json!({ "use_for_member_access": false }));
    assert_eq!((status, &changed["use_for_member_access"]), (200, &json!(false)));
}

#[test]
fn cursor_pages_are_in_the_order_of_creation() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let ids = clients(&caller, 5);
    let path = format!("/organizations/{organization}/clients");
    assert_eq!(caller.post(&path, adding(&ids)).0, 201);

    let mut seen: Vec<String> = Vec::new();
    let mut query = "take=2".to_owned();
    loop {
        let (_, page) = caller.get(&format!("{path}?{query}"));
        seen.extend(page["clients"].as_array().unwrap().iter().map(|e| e["client_id"].as_str().unwrap().to_owned()));
        let Some(next) = page.get("next").and_then(Value::as_str) else { break };
        query = format!("take=2&from={next}");
    }
    assert_eq!(seen, ids);
}

#[test]
fn ten_applications_a_call_and_a_hundred_in_all() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let ids = clients(&caller, 101);
    let path = format!("/organizations/{organization}/clients");
    assert_eq!(caller.post(&path, adding(&ids[..11])).0, 400);
    for ten in ids[..100].chunks(10) {
        assert_eq!(caller.post(&path, adding(ten)).0, 201);
    }
    assert_eq!(caller.post(&path, adding(&ids[100..])).0, 409);
}

#[test]
fn a_call_adds_all_or_none() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let mut ids = clients(&caller, 2);
    let path = format!("/organizations/{organization}/clients");
    assert_eq!(caller.post(&path, adding(&ids[..1])).0, 201);
    assert_eq!(caller.post(&path, adding(&ids)).0, 409);
    ids.push("0123456789abcdefghijklmnopqrstuv".to_owned());
    let refusal = caller.post(&path, adding(&ids[1..]));
    assert_eq!((refusal.0, message(&refusal)), (400, "The specified client_id does not exist."));
    assert_eq!(caller.get(&path).1["clients"].as_array().unwrap().len(), 1);
}

#[test]
fn removing_a_missing_client_is_no_error() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let ids = clients(&caller, 2);
    let path = format!("/organizations/{organization}/clients");
    caller.post(&path, adding(&ids[..1]));
    assert_eq!(caller.delete_with(&path, json!({ "clients": ids })), (204, Value::Null));
    assert_eq!(caller.get(&format!("{path}/{}", ids[0])).0, 404);
    assert_eq!(caller.get("/organizations/org_0123456789abcdef/clients").0, 404);
}

#[test]
fn a_list_of_organizations_can_show_the_association_of_an_application() {
    let caller = Caller::start();
    let organization = organization(&caller);
    caller.create("/organizations", json!({ "name": "other" }), "id");
    let ids = clients(&caller, 1);
    caller.post(&format!("/organizations/{organization}/clients"), adding(&ids));
    let (_, listed) = caller.get(&format!("/organizations?include_client_association_for={}", ids[0]));
    assert_eq!(listed[0]["client"], json!({ "use_for_member_access": false }));
    assert_eq!(listed[1].get("client"), None);
}
