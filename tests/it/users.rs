//! `/users` and its subresources, beyond the scenarios.

use rstest::rstest;
use serde_json::{Value, json};

use crate::caller::{Caller, message};

const DATABASE: &str = "Username-Password-Authentication";
const PASSWORD: &str = "Passengers 1st";

/// A user of the database that every tenant begins with.
fn user(caller: &Caller, name: &str) -> String {
    let body = json!({ "connection": DATABASE, "email": format!("{name}@travel0.example"), "password": PASSWORD });
    caller.create("/users", body, "user_id")
}

/// A path below a user, whose id holds a `|`.
fn path(user: &str, rest: &str) -> String {
    format!("/users/{}{rest}", user.replace('|', "%7C"))
}

fn connection(caller: &Caller, name: &str, strategy: &str, options: Value) -> String {
    caller.create("/connections", json!({ "name": name, "strategy": strategy, "options": options }), "id")
}

#[test]
fn a_profile_follows_from_the_address() {
    let caller = Caller::start();
    let body = json!({ "user_id": "1", "connection": DATABASE, "email": "jane@example.com", "password": PASSWORD });
    let (status, made) = caller.post("/users", body);
    let expected = json!({
        "created_at": "2026-06-01T12:00:00.000Z",
        "email": "jane@example.com",
        "email_verified": false,
        "identities": [{ "connection": DATABASE, "isSocial": false, "provider": "auth0", "user_id": "1" }],
        "name": "jane@example.com",
        "nickname": "jane",
        // What `md5sum` says of the address.
        "picture": "https://s.gravatar.com/avatar/9e26471d35a78862c17e467d87cddedf?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fja.png",
        "updated_at": "2026-06-01T12:00:00.000Z",
        "user_id": "auth0|1",
    });
    assert_eq!((status, made), (201, expected));
}

// Recorded: the name that was given, or else the nickname.
#[test]
fn the_letters_of_an_avatar_come_from_the_name_of_the_request() {
    let caller = Caller::start();
    for (given, letters) in [
        (json!({ "name": "Ada Lovelace" }), "ad"),
        (json!({ "name": "Ada Lovelace", "nickname": "countess" }), "ad"),
        (json!({}), "ja"),
    ] {
        let mut body = given.clone();
        for (member, value) in [("connection", DATABASE), ("email", "jane@example.com"), ("password", PASSWORD)] {
            body[member] = value.into();
        }
        let (_, made) = caller.post("/users", body);
        let picture = made["picture"].as_str().unwrap_or_else(|| panic!("{made}"));
        assert!(picture.ends_with(&format!("avatars%2F{letters}.png")), "{given}: {picture}");
        let id = made["user_id"].as_str().unwrap().replace('|', "%7C");
        assert_eq!(caller.delete(&format!("/users/{id}")).0, 204);
    }
}

#[test]
fn passwordless_users_are_identified_by_email_or_phone_number() {
    let caller = Caller::start();
    connection(&caller, "sms", "sms", json!({}));
    connection(&caller, "email", "email", json!({}));
    let (status, made) = caller.post("/users", json!({ "connection": "sms", "phone_number": "+441234567890" }));
    assert_eq!(status, 201, "{made}");
    assert!(made["user_id"].as_str().unwrap().starts_with("sms|"));
    assert_eq!((&made["name"], &made["phone_verified"]), (&json!("+441234567890"), &json!(false)));
    let (status, made) = caller.post("/users", json!({ "connection": "email", "email": "a@b.test" }));
    assert_eq!((status, &made["identities"][0]["provider"]), (201, &json!("email")));
    assert_eq!(caller.post("/users", json!({ "connection": "sms", "email": "a@b.test" })).0, 400);
}

#[test]
fn an_external_connection_accepts_no_new_users() {
    let caller = Caller::start();
    connection(&caller, "staff", "waad", json!({}));
    let refusal = caller.post("/users", json!({ "connection": "staff", "email": "a@b.test", "password": PASSWORD }));
    assert_eq!(refusal.0, 400);
    assert!(message(&refusal).starts_with("Connection does not support user creation through the API"));
}

#[test]
fn a_database_requires_accepts_or_refuses_usernames() {
    let caller = Caller::start();
    connection(&caller, "with", "auth0", json!({ "requires_username": true }));
    connection(&caller, "without", "auth0", json!({ "requires_username": false }));
    let short = json!({ "requires_username": true, "validation": { "username": { "min": 3, "max": 5 } } });
    connection(&caller, "short", "auth0", short);
    let create = |connection: &str, username: Option<&str>| {
        let mut body = json!({ "connection": connection, "email": "a@b.test", "password": PASSWORD });
        if let Some(username) = username {
            body["username"] = username.into();
        }
        caller.post("/users", body)
    };
    let refusal = create("with", None);
    let sentence = "Missing username for with connection with requires_username enabled";
    assert_eq!((refusal.0, message(&refusal)), (400, sentence));
    assert_eq!(create("with", Some("jane")).0, 201);
    let refusal = create("without", Some("jane"));
    let sentence = "Cannot set username for connection without requires_username";
    assert_eq!((refusal.0, message(&refusal)), (400, sentence));
    let refusal = create("short", Some("jane-doe"));
    assert_eq!(refusal.0, 400);
    assert!(message(&refusal).contains("String is too long (8 chars), maximum 5"), "{refusal:?}");
}

#[test]
fn a_database_with_flexible_identifiers_requires_one_of_them() {
    let caller = Caller::start();
    let attribute = |status: &str| json!({ "identifier": { "active": true }, "signup": { "status": status } });
    let attributes =
        json!({ "attributes": { "phone_number": attribute("optional"), "username": attribute("optional") } });
    connection(&caller, "flexible", "auth0", attributes);
    let create = |body: Value| {
        let mut all = json!({ "connection": "flexible", "password": PASSWORD });
        all.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        caller.post("/users", all).0
    };
    assert_eq!(create(json!({ "username": "jane" })), 201);
    assert_eq!(create(json!({ "username": "jane" })), 409);
    assert_eq!(create(json!({ "phone_number": "+441234567890" })), 201);
    assert_eq!(create(json!({ "name": "Jane" })), 400);
}

#[rstest]
#[case::a_policy(json!({ "passwordPolicy": "excellent" }), "Passenger1", "passenger1")]
#[case::a_length_of_its_own(json!({ "passwordPolicy": "low", "password_complexity_options": { "min_length": 12 } }), "passengersss", "passengers")]
#[case::the_newer_options(json!({ "password_options": { "complexity": { "min_length": 4, "character_types": ["number"] } } }), "abc1", "abcd")]
fn a_database_sets_the_strength_of_passwords(#[case] options: Value, #[case] strong: &str, #[case] weak: &str) {
    let caller = Caller::start();
    connection(&caller, "strict", "auth0", options);
    let create = |password: &str| {
        caller.post("/users", json!({ "connection": "strict", "email": "a@b.test", "password": password }))
    };
    let refusal = create(weak);
    assert_eq!((refusal.0, message(&refusal)), (400, "PasswordStrengthError: Password is too weak"));
    let (status, made) = create(strong);
    assert_eq!(status, 201, "{made}");
    let patched = caller.patch(&path(made["user_id"].as_str().unwrap(), ""), json!({ "password": weak }));
    assert_eq!(patched.0, 400);
    assert!(!made.to_string().contains(strong), "nothing of a password is shown");
}

#[test]
fn the_same_address_may_live_in_two_connections() {
    let caller = Caller::start();
    connection(&caller, "other", "auth0", json!({}));
    user(&caller, "jane");
    let body = json!({ "connection": "other", "email": "jane@travel0.example", "password": PASSWORD });
    assert_eq!(caller.post("/users", body.clone()).0, 201);
    assert_eq!(caller.post("/users", body).0, 409);
    let (_, found) = caller.get("/users-by-email?email=jane@travel0.example");
    assert_eq!(found.as_array().unwrap().len(), 2);
    let (_, found) = caller.get("/users?q=email:%22JANE@travel0.example%22%20AND%20identities.connection:other");
    assert_eq!(found.as_array().unwrap().len(), 1);
    let (_, found) = caller.get("/users?connection=other");
    assert_eq!(found.as_array().unwrap().len(), 1);
}

#[test]
fn a_new_address_is_unverified_by_default() {
    let caller = Caller::start();
    let jane = user(&caller, "jane");
    let patch = |body: Value| caller.patch(&path(&jane, ""), body).1["email_verified"].clone();
    assert_eq!(patch(json!({ "email_verified": true })), true);
    assert_eq!(patch(json!({ "email": "jane@travel0.example" })), true);
    assert_eq!(patch(json!({ "email": "new@travel0.example" })), false);
    assert_eq!(patch(json!({ "email": "newer@travel0.example", "email_verified": true })), true);
}

#[test]
fn a_removed_name_is_derived_from_the_address() {
    let caller = Caller::start();
    let jane = user(&caller, "jane");
    let patch = |body: Value| caller.patch(&path(&jane, ""), body).1["name"].clone();
    assert_eq!(patch(json!({ "name": "Jane" })), "Jane");
    assert_eq!(patch(json!({ "name": null })), "jane@travel0.example");
}

#[test]
fn an_account_that_is_linked_is_changed_by_its_connection() {
    let caller = Caller::start();
    let other = connection(&caller, "other", "auth0", json!({}));
    let jane = user(&caller, "jane");
    let body = json!({ "connection": "other", "email": "second@travel0.example", "password": PASSWORD });
    let second = caller.create("/users", body, "user_id");
    let link = |body: Value| caller.post(&path(&jane, "/identities"), body);
    assert_eq!(link(json!({ "link_with": "a.b.c" })).0, 400);
    assert_eq!(link(json!({ "provider": "auth0" })).0, 400);
    let wrong = json!({ "provider": "auth0", "user_id": second, "connection_id": "con_0123456789abcdef" });
    assert_eq!(link(wrong).0, 404);
    assert_eq!(link(json!({ "provider": "auth0", "user_id": second, "connection_id": other })).0, 201);

    let (status, changed) =
        caller.patch(&path(&jane, ""), json!({ "connection": "other", "email": "changed@travel0.example" }));
    assert_eq!((status, &changed["email"]), (200, &json!("jane@travel0.example")));
    let profile = json!({ "email": "changed@travel0.example", "email_verified": false });
    assert_eq!(changed["identities"][1]["profileData"], profile);
    let refusal = caller.patch(&path(&jane, ""), json!({ "connection": "nowhere", "email": "a@b.test" }));
    assert_eq!(refusal.0, 400);

    let own_id = second.trim_start_matches("auth0|");
    let (status, left) = caller.delete(&path(&jane, &format!("/identities/auth0/{own_id}")));
    assert_eq!((status, left.as_array().unwrap().len()), (200, 1));
    assert_eq!(caller.get(&path(&second, "")).1["email"], "changed@travel0.example");
}

#[test]
fn a_deletion_of_a_user_deletes_all_its_data() {
    let caller = Caller::start();
    let jane = user(&caller, "jane");
    let (_, role) = caller.post("/roles", json!({ "name": "pilot" }));
    let role = role["id"].as_str().unwrap().to_owned();
    assert_eq!(caller.post(&path(&jane, "/roles"), json!({ "roles": [role, role] })).0, 204);
    let method = json!({ "type": "phone", "phone_number": "+441234567890" });
    assert_eq!(caller.post(&path(&jane, "/authentication-methods"), method.clone()).0, 201);
    assert_eq!(caller.post(&path(&jane, "/authentication-methods"), method).0, 409);
    assert_eq!(caller.get(&format!("/roles/{role}/users")).1.as_array().unwrap().len(), 1);

    assert_eq!(caller.delete(&path(&jane, "")), (204, Value::Null));
    assert_eq!(caller.get(&format!("/roles/{role}/users")).1, json!([]));
    let again =
        json!({ "user_id": &jane[6..], "connection": DATABASE, "email": "jane@travel0.example", "password": PASSWORD });
    assert_eq!(caller.create("/users", again, "user_id"), jane);
    for list in ["roles", "authentication-methods", "permissions"] {
        assert_eq!(caller.get(&path(&jane, &format!("/{list}"))), (200, json!([])), "{list}");
    }
}

#[test]
fn fifty_roles_and_no_more() {
    let caller = Caller::start();
    let jane = user(&caller, "jane");
    let role = |number: usize| caller.post("/roles", json!({ "name": format!("role {number}") })).1["id"].clone();
    let roles: Vec<Value> = (0..51).map(role).collect();
    let refusal = caller.post(&path(&jane, "/roles"), json!({ "roles": roles }));
    assert_eq!(refusal.0, 409, "{refusal:?}");
    assert_eq!(caller.get(&path(&jane, "/roles")).1, json!([]), "a refused request changes nothing");
    assert_eq!(caller.post(&path(&jane, "/roles"), json!({ "roles": roles[..50] })).0, 204);
    assert_eq!(caller.post(&path(&jane, "/roles"), json!({ "roles": roles[..50] })).0, 204);
    let (_, listed) = caller.get(&path(&jane, "/roles?include_totals=true&per_page=2&page=1"));
    assert_eq!((&listed["total"], &listed["roles"][0]["name"]), (&json!(50), &json!("role 10")), "by name");
}

#[test]
fn a_token_for_the_own_user_opens_no_other() {
    let mut caller = Caller::start();
    let jane = user(&caller, "jane");
    caller.limit_to(&["read:current_user", "update:current_user_metadata", "delete:current_user"]);
    let sentence = "User to be acted on does not match subject in bearer token.";
    for refusal in [
        caller.get(&path(&jane, "")),
        caller.patch(&path(&jane, ""), json!({ "user_metadata": {} })),
        caller.delete(&path(&jane, "")),
        caller.get(&path(&jane, "/enrollments")),
    ] {
        assert_eq!((refusal.0, message(&refusal)), (403, sentence));
    }
}

#[test]
fn users_in_an_order() {
    let caller = Caller::start();
    for (name, seats) in [("b", 2), ("a", 10), ("c", 1)] {
        let id = user(&caller, name);
        caller.patch(&path(&id, ""), json!({ "app_metadata": { "seats": seats } }));
    }
    let nicknames = |query: &str| {
        let (_, listed) = caller.get(&format!("/users?{query}"));
        let names = listed.as_array().unwrap().iter().map(|user| user["nickname"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>().join("")
    };
    assert_eq!(nicknames(""), "bac");
    assert_eq!(nicknames("sort=created_at:-1"), "cab");
    assert_eq!(nicknames("sort=email:1"), "abc");
    assert_eq!(nicknames("sort=name:-1&per_page=2"), "cb");
    assert_eq!(nicknames("sort=app_metadata.seats:1"), "cba");
    assert_eq!(nicknames("sort=email:1&page=1&per_page=2"), "c");
    assert_eq!(nicknames("q=nickname:(a%20OR%20c)&sort=email:-1"), "ca");
    assert_eq!(nicknames("q=*"), "bac");
    assert_eq!(nicknames("q=unheard_of:1"), "");
}

/// The members of a passkey, by the published schema.
#[test]
fn a_passkey_stores_the_members_from_its_authenticator() {
    let caller = Caller::start();
    let jane = user(&caller, "jane");
    let passkey = json!({
        "type": "passkey",
        "key_id": "k1",
        "public_key": "MFkw",
        "relying_party_identifier": "travel0.example",
        "aaguid": "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4",
        "credential_backed_up": true,
        "credential_device_type": "multi_device",
        "identity_user_id": jane,
        "transports": ["internal"],
        "user_agent": "Firefox",
        "user_handle": "handle",
    });
    let (status, made) = caller.post(&path(&jane, "/authentication-methods"), passkey.clone());
    assert_eq!(status, 201, "{made}");
    let (_, shown) = caller.get(&path(&jane, &format!("/authentication-methods/{}", made["id"].as_str().unwrap())));
    for (member, value) in passkey.as_object().unwrap() {
        assert_eq!((&made[member], &shown[member]), (value, value), "{member}");
    }
    for (member, wrong) in [("aaguid", "1"), ("credential_device_type", "three"), ("relying_party_identifier", "a b")] {
        let mut body = passkey.clone();
        body[member] = wrong.into();
        let refusal = caller.post(&path(&jane, "/authentication-methods"), body);
        assert!(refusal.0 == 400 && message(&refusal).contains(member), "{refusal:?}");
    }
}
