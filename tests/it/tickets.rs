//! `/tickets`: the link, and the user whose password it changes.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

const DATABASE: &str = "Username-Password-Authentication";

#[test]
fn a_ticket_is_a_link_to_a_page_of_the_tenant() {
    let caller = Caller::start();
    let body = json!({ "connection": DATABASE, "email": "ada@travel0.example", "password": "Passengers 1st" });
    let ada = caller.create("/users", body, "user_id");
    for (kind, page) in [("email-verification", "email-verification"), ("password-change", "reset-password")] {
        let ticket = caller.create(&format!("/tickets/{kind}"), json!({ "user_id": ada }), "ticket");
        let id = ticket.strip_prefix(&format!("{}/u/{page}?ticket=", caller.uri()));
        let id = id.and_then(|id| id.strip_suffix('#')).unwrap_or_else(|| panic!("no such link: {ticket}"));
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{ticket}");
    }
}

#[test]
fn a_password_is_chosen_for_an_email_address_within_a_connection() {
    let caller = Caller::start();
    let (_, connections) = caller.get(&format!("/connections?name={DATABASE}"));
    let of = |email: &str| json!({ "connection_id": connections[0]["id"], "email": email });
    let body = json!({ "connection": DATABASE, "email": "ada@travel0.example", "password": "Passengers 1st" });
    caller.create("/users", body, "user_id");
    assert_eq!(caller.post("/tickets/password-change", of("Ada@travel0.example")).0, 201);
    let refusal = caller.post("/tickets/password-change", of("bob@travel0.example"));
    assert_eq!((refusal.0, message(&refusal)), (404, "The user does not exist."));

    let other = caller.create("/connections", json!({ "name": "staff", "strategy": "auth0" }), "id");
    let body = json!({ "connection_id": other, "email": "ada@travel0.example" });
    assert_eq!(caller.post("/tickets/password-change", body).0, 404, "she is in another connection");
    let body = json!({ "connection_id": "con_0123456789abcdef", "email": "ada@travel0.example" });
    let refusal = caller.post("/tickets/password-change", body);
    assert_eq!((refusal.0, message(&refusal)), (404, "The connection does not exist"));
}

#[test]
fn a_user_without_a_password_cannot_change_it() {
    let caller = Caller::start();
    caller.create("/connections", json!({ "name": "email", "strategy": "email" }), "id");
    let body = json!({ "connection": "email", "email": "ada@travel0.example" });
    let (_, ada): (u16, Value) = caller.post("/users", body);
    let body = json!({ "user_id": ada["user_id"] });
    let refusal = caller.post("/tickets/password-change", body.clone());
    let sentence = "The user's main connection does not support this operation";
    assert_eq!((refusal.0, message(&refusal)), (400, sentence));
    assert_eq!(caller.post("/tickets/email-verification", body).0, 201);
}
