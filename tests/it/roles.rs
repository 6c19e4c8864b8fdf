//! `/roles/{id}/users` and the limits of roles.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

fn role(caller: &Caller, name: &str) -> String {
    let (status, role) = caller.post("/roles", json!({ "name": name }));
    assert_eq!(status, 200, "{role}");
    role["id"].as_str().unwrap().to_owned()
}

fn user(caller: &Caller, name: &str) -> Value {
    let body = json!({
        "connection": "Username-Password-Authentication", "password": "Passengers 1st",
        "email": format!("{name}@travel0.example"),
    });
    caller.post("/users", body).1
}

#[test]
fn a_role_lists_its_users_in_four_members() {
    let caller = Caller::start();
    let path = format!("/roles/{}/users", role(&caller, "guide"));
    let users: Vec<Value> = ["ada", "bob", "eve"].iter().map(|name| user(&caller, name)).collect();
    let ids: Vec<&Value> = users.iter().map(|user| &user["user_id"]).collect();
    for _ in 0..2 {
        assert_eq!(caller.post(&path, json!({ "users": ids })), (200, json!({})));
    }
    let view = |user: &Value| {
        json!({
            "user_id": user["user_id"], "email": user["email"], "picture": user["picture"], "name": user["name"]
        })
    };
    let view: Vec<Value> = users.iter().map(view).collect();
    assert_eq!(caller.get(&path), (200, json!(view)));
    let (_, page) = caller.get(&format!("{path}?page=1&per_page=2&include_totals=true"));
    assert_eq!(page, json!({ "users": [view[2]], "start": 2, "limit": 2, "total": 3 }));
    // `take` wins over the parameters of an offset page (recorded).
    let (_, first) = caller.get(&format!("{path}?take=2&per_page=50&include_totals=true"));
    assert_eq!(first["users"], json!(view[..2]));
    let next = first["next"].as_str().unwrap();
    assert_eq!(caller.get(&format!("{path}?take=2&from={next}")), (200, json!({ "users": [view[2]] })));
}

#[test]
fn a_role_is_assigned_to_all_users_or_to_none() {
    let caller = Caller::start();
    let path = format!("/roles/{}/users", role(&caller, "guide"));
    let ada = user(&caller, "ada");
    let refusal = caller.post(&path, json!({ "users": [ada["user_id"], "auth0|nobody"] }));
    assert_eq!((refusal.0, message(&refusal)), (404, "The user does not exist."));
    assert_eq!(caller.get(&path), (200, json!([])));
    assert_eq!(caller.post("/roles/rol_0123456789abcdef/users", json!({ "users": [] })).0, 404);
}

#[test]
fn a_deleted_user_is_in_no_list() {
    let caller = Caller::start();
    let path = format!("/roles/{}/users", role(&caller, "guide"));
    let ada = user(&caller, "ada");
    caller.post(&path, json!({ "users": [ada["user_id"]] }));
    caller.delete(&format!("/users/{}", ada["user_id"].as_str().unwrap().replace('|', "%7C")));
    assert_eq!(caller.get(&path), (200, json!([])));
}

#[test]
fn a_user_has_at_most_fifty_roles() {
    let caller = Caller::start();
    let ada = user(&caller, "ada");
    let body = json!({ "users": [ada["user_id"]] });
    for number in 0..50 {
        let role = role(&caller, &format!("role {number}"));
        assert_eq!(caller.post(&format!("/roles/{role}/users"), body.clone()).0, 200);
    }
    let one_more = role(&caller, "one more");
    let refusal = caller.post(&format!("/roles/{one_more}/users"), body);
    assert_eq!((refusal.0, message(&refusal)), (409, "No more roles can be assigned to this user."));
}

#[test]
fn a_tenant_has_at_most_a_thousand_roles_and_a_role_a_thousand_permissions() {
    let caller = Caller::start();
    let scopes: Vec<Value> = (0..1000).map(|number| json!({ "value": format!("do:{number}") })).collect();
    for api in ["https://travel.example/", "https://cargo.example/"] {
        assert_eq!(caller.post("/resource-servers", json!({ "identifier": api, "scopes": scopes })).0, 201);
    }
    let guide = role(&caller, "guide");
    let path = format!("/roles/{guide}/permissions");
    let permission =
        |api: &str, number| json!({ "resource_server_identifier": api, "permission_name": format!("do:{number}") });
    let thousand: Vec<Value> = (0..1000).map(|number| permission("https://travel.example/", number)).collect();
    assert_eq!(caller.post(&path, json!({ "permissions": &thousand })), (201, json!({})));
    assert_eq!(caller.post(&path, json!({ "permissions": [thousand[7]] })).0, 201, "it has that one");
    let refusal = caller.post(&path, json!({ "permissions": [permission("https://cargo.example/", 0)] }));
    assert_eq!((refusal.0, message(&refusal)), (403, "You reached the limit of 1000 permissions."));
    let (_, page) = caller.get(&format!("{path}?include_totals=true&per_page=1"));
    assert_eq!((&page["total"], page["permissions"].as_array().unwrap().len()), (&json!(1000), 1));

    for number in 1..1000 {
        role(&caller, &format!("role {number}"));
    }
    let refusal = caller.post("/roles", json!({ "name": "one more" }));
    assert_eq!((refusal.0, message(&refusal)), (403, "You reached the limit of 1000 roles for this tenant."));
}
