//! `/organizations/{id}/members` and the roles of members: cases beyond the scenarios.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

fn organization(caller: &Caller) -> String {
    caller.create("/organizations", json!({ "name": "granite-tours" }), "id")
}

fn users(caller: &Caller, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let body = json!({
                "connection": "Username-Password-Authentication", "password": "Passengers 1st",
                "email": format!("user{number}@travel0.example"),
            });
            caller.create("/users", body, "user_id")
        })
        .collect()
}

fn roles(caller: &Caller, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| {
            let (status, role) = caller.post("/roles", json!({ "name": format!("role {number}") }));
            assert_eq!(status, 200, "{role}");
            role["id"].as_str().expect("an id").to_owned()
        })
        .collect()
}

/// The ids in a list below this key, or in a bare one.
fn ids(list: &Value, member: &str) -> Vec<String> {
    let list = list.as_array().or_else(|| list.as_object()?.values().find_map(Value::as_array)).expect("a list");
    list.iter().map(|item| item[member].as_str().expect("an id").to_owned()).collect()
}

fn encoded(user: &str) -> String {
    user.replace('|', "%7C")
}

#[test]
fn members_stand_in_the_order_in_which_they_became_members() {
    let caller = Caller::start();
    let path = format!("/organizations/{}/members", organization(&caller));
    let users = users(&caller, 3);
    for user in [2, 0, 1] {
        assert_eq!(caller.post(&path, json!({ "members": [users[user]] })), (204, Value::Null));
    }
    let expected = [2, 0, 1].map(|user| users[user].clone());
    assert_eq!(ids(&caller.get(&path).1, "user_id"), expected);
    assert_eq!(ids(&caller.get(&format!("{path}?page=1&per_page=2")).1, "user_id"), [users[1].clone()]);
}

#[test]
fn paging_skips_removed_members_and_lists_a_returning_member_last() {
    let caller = Caller::start();
    let path = format!("/organizations/{}/members", organization(&caller));
    let users = users(&caller, 4);
    caller.post(&path, json!({ "members": users }));
    let (_, first) = caller.get(&format!("{path}?take=2"));
    assert_eq!(ids(&first, "user_id"), users[..2]);
    for user in &users[1..3] {
        caller.delete_with(&path, json!({ "members": [user] }));
    }
    caller.post(&path, json!({ "members": [users[1]] }));
    let next = first["next"].as_str().expect("a cursor");
    let (_, rest) = caller.get(&format!("{path}?take=5&from={next}"));
    assert_eq!(ids(&rest, "user_id"), [users[3].clone(), users[1].clone()]);
}

#[test]
fn a_member_has_fifty_roles_at_most() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let (user, roles) = (users(&caller, 1).remove(0), roles(&caller, 51));
    caller.post(&format!("/organizations/{organization}/members"), json!({ "members": [user] }));
    let path = format!("/organizations/{organization}/members/{}/roles", encoded(&user));
    let refusal = caller.post(&path, json!({ "roles": roles }));
    assert_eq!((refusal.0, message(&refusal)), (409, "No more roles can be assigned to this organization member."));
    assert_eq!(caller.get(&path).1, json!([]));

    assert_eq!(caller.post(&path, json!({ "roles": roles[..50] })).0, 204);
    // Those that the member has do not count twice.
    assert_eq!(caller.post(&path, json!({ "roles": roles[..1] })).0, 204);
    assert_eq!(caller.post(&path, json!({ "roles": roles[50..] })).0, 409);
    assert_eq!(caller.get(&format!("{path}?include_totals=true&per_page=10&page=4")).1["total"], 50);
}

#[test]
fn roles_go_with_the_user_and_with_the_organization() {
    let caller = Caller::start();
    let organization = organization(&caller);
    let (users, role) = (users(&caller, 2), roles(&caller, 1).remove(0));
    let members = format!("/organizations/{organization}/members");
    caller.post(&members, json!({ "members": users }));
    for user in &users {
        let path = format!("{members}/{}/roles", encoded(user));
        assert_eq!(caller.post(&path, json!({ "roles": [role] })).0, 204);
    }
    let holders = format!("/organizations/{organization}/roles/{role}/members");
    assert_eq!(ids(&caller.get(&holders).1, "user_id"), users);
    assert_eq!(caller.delete(&format!("/users/{}", encoded(&users[0]))).0, 204);
    assert_eq!(ids(&caller.get(&holders).1, "user_id"), users[1..]);
    assert_eq!(caller.delete(&format!("/organizations/{organization}")).0, 204);
    assert_eq!(caller.get(&holders).0, 404);
    assert_eq!(caller.get(&format!("/roles/{role}")).0, 200);
}

#[test]
fn who_may_read_members_may_not_read_their_roles() {
    let mut caller = Caller::start();
    let organization = organization(&caller);
    caller.limit_to(&["read:organization_members"]);
    let path = format!("/organizations/{organization}/members");
    for (fields, status) in [("user_id", 200), ("email,roles", 403), ("roles&include_fields=false", 200)] {
        assert_eq!(caller.get(&format!("{path}?fields={fields}")).0, status, "{fields}");
    }
}
