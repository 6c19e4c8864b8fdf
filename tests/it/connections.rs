//! `/connections`.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

#[test]
fn a_new_database_connection_has_its_defaults() {
    let caller = Caller::start();
    let (status, mut created) = caller.post("/connections", json!({ "name": "Users", "strategy": "auth0" }));
    assert_eq!(status, 201);
    let id = created["id"].as_str().unwrap().to_owned();
    assert_eq!(caller.get(&format!("/connections/{id}")), (200, created.clone()));
    created["id"] = "con_…".into();
    let expected = json!({
        "authentication": { "active": true },
        "connected_accounts": { "active": false },
        "enabled_clients": [],
        "id": "con_…",
        "is_domain_connection": false,
        "name": "Users",
        "options": {
            "authentication_methods": {
                "passkey": { "enabled": false },
                "password": { "api_behavior": "required", "enabled": true, "signup_behavior": "allow" },
            },
            "brute_force_protection": true,
            "mfa": { "active": true, "return_enroll_settings": true },
            "passkey_options": {
                "challenge_ui": "both",
                "local_enrollment_enabled": true,
                "progressive_enrollment_enabled": true,
            },
            "passwordPolicy": "good",
            "password_options": {
                "complexity": {
                    "character_type_rule": "all",
                    "character_types": [],
                    "identical_characters": "allow",
                    "max_length_exceeded": "error",
                    "min_length": 15,
                    "sequential_characters": "allow",
                },
                "dictionary": { "active": false, "custom": [], "default": "en_100k" },
                "history": { "active": false, "size": 3 },
                "profile_data": {
                    "active": false,
                    "blocked_fields": [
                        "name", "username", "nickname", "email", "phone_number", "user_metadata.name",
                        "user_metadata.first", "user_metadata.last",
                    ],
                },
            },
            "strategy_version": 2,
        },
        "realms": ["Users"],
        "strategy": "auth0",
    });
    assert_eq!(created, expected);
}

#[test]
fn an_enterprise_connection_has_a_display_name_and_a_ticket() {
    let caller = Caller::start();
    let (_, created) = caller.post("/connections", json!({ "name": "staff", "strategy": "waad" }));
    assert_eq!((&created["display_name"], &created["show_as_button"]), (&json!("staff"), &json!(false)));
    let ticket = created["provisioning_ticket_url"].as_str().unwrap();
    assert!(ticket.starts_with(&(caller.uri() + "/travel0/p/waad/")), "{ticket}");
}

#[test]
fn a_second_connection_of_a_name_is_a_conflict() {
    let caller = Caller::start();
    let body = json!({ "name": "Users", "strategy": "auth0" });
    caller.create("/connections", body.clone(), "id");
    let refused = caller.post("/connections", body);
    assert_eq!((refused.0, message(&refused)), (409, "A connection with the same name already exists"));
}

#[test]
fn an_unknown_strategy_is_refused() {
    let refused = Caller::start().post("/connections", json!({ "name": "Users", "strategy": "carrier-pigeon" }));
    assert_eq!(refused.0, 400);
    assert!(message(&refused).contains("carrier-pigeon"), "{}", message(&refused));
}

#[test]
fn connections_are_found_by_name_and_by_strategies() {
    let caller = Caller::start();
    for (name, strategy) in [("one", "auth0"), ("two", "okta"), ("three", "sms")] {
        caller.create("/connections", json!({ "name": name, "strategy": strategy }), "id");
    }
    let names = |query: &str| {
        let (status, listed) = caller.get(&format!("/connections?{query}"));
        assert_eq!(status, 200, "{listed}");
        let listed = listed.get("connections").cloned().unwrap_or(listed);
        let names = listed.as_array().unwrap().iter().map(|entry| entry["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names("name=two"), ["two"]);
    // Every tenant begins with a database.
    let first = "Username-Password-Authentication";
    assert_eq!(names("strategy=auth0&strategy=sms"), [first, "one", "three"]);
    assert_eq!(names("name=two&strategy=auth0"), [""; 0]);
    assert_eq!(names("include_totals=true&per_page=1&page=2"), ["two"]);
    assert_eq!(names("take=2"), [first, "one"]);
}

#[test]
fn four_members_come_with_any_choice_of_fields() {
    let caller = Caller::start();
    let id = caller.create("/connections", json!({ "name": "Users", "strategy": "auth0" }), "id");
    let (_, view) = caller.get(&format!("/connections/{id}?fields=strategy&include_fields=true"));
    let keys: Vec<&String> = view.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["authentication", "connected_accounts", "id", "is_domain_connection", "strategy"]);
}

#[test]
fn new_options_replace_the_old_ones() {
    let caller = Caller::start();
    let body = json!({ "name": "staff", "strategy": "oidc", "options": { "client_id": "1", "scope": "openid" } });
    let id = caller.create("/connections", body, "id");
    let (_, changed) = caller.patch(&format!("/connections/{id}"), json!({ "options": { "client_id": "2" } }));
    assert_eq!((&changed["options"]["client_id"], changed["options"].get("scope")), (&json!("2"), None));
    assert_eq!(changed["options"]["schema_version"], "oidc-V4");
}

#[test]
fn deleting_a_connection_is_accepted_once_and_no_error_later() {
    let caller = Caller::start();
    let id = caller.create("/connections", json!({ "name": "Users", "strategy": "auth0" }), "id");
    let path = format!("/connections/{id}");
    assert_eq!(caller.delete(&path), (202, json!({ "deleted_at": "2026-06-01T12:00:00.000Z" })));
    assert_eq!(caller.delete(&path), (204, Value::Null));
    let gone = caller.get(&path);
    assert_eq!((gone.0, message(&gone)), (404, "The connection does not exist"));
}

#[test]
fn clients_are_enabled_and_disabled_for_a_connection() {
    let caller = Caller::start();
    let connection = caller.create("/connections", json!({ "name": "Users", "strategy": "auth0" }), "id");
    let client = caller.create("/clients", json!({ "name": "shop" }), "client_id");
    let path = format!("/connections/{connection}/clients");

    assert_eq!(caller.patch(&path, json!([{ "client_id": client, "status": true }])).0, 204);
    assert_eq!(caller.get(&path).1, json!({ "clients": [{ "client_id": client }] }));
    assert_eq!(caller.get(&format!("/connections/{connection}")).1["enabled_clients"], json!([client]));
    let (_, of_client) = caller.get(&format!("/clients/{client}/connections?fields=name"));
    assert_eq!(of_client["connections"][0]["name"], "Users");
    // The items do not tell which clients each connection has (recorded 2025-06).
    let (_, of_client) = caller.get(&format!("/clients/{client}/connections"));
    assert_eq!(of_client["connections"][0]["id"], connection);
    assert_eq!(of_client["connections"][0].get("enabled_clients"), None);

    assert_eq!(caller.patch(&path, json!([{ "client_id": client, "status": false }])).0, 204);
    assert_eq!(caller.get(&path).1, json!({ "clients": [] }));
    assert_eq!(caller.patch(&path, json!([])).0, 400);
    assert_eq!(caller.patch(&path, json!({ "client_id": client })).0, 400);
}

#[test]
fn a_deleted_client_is_enabled_nowhere() {
    let caller = Caller::start();
    let client = caller.create("/clients", json!({ "name": "shop" }), "client_id");
    let body = json!({ "name": "Users", "strategy": "auth0", "enabled_clients": [client] });
    let connection = caller.create("/connections", body, "id");
    caller.delete(&format!("/clients/{client}"));
    assert_eq!(caller.get(&format!("/connections/{connection}")).1["enabled_clients"], json!([]));
}

#[test]
fn the_connections_of_a_client_need_scopes_for_both() {
    let mut caller = Caller::start();
    let client = caller.create("/clients", json!({ "name": "shop" }), "client_id");
    let path = format!("/clients/{client}/connections");
    caller.limit_to(&["read:connections"]);
    assert_eq!(caller.get(&path).0, 403);
    caller.limit_to(&["read:client_summary"]);
    assert_eq!(caller.get(&path).0, 403);
    caller.limit_to(&["read:connections", "read:client_summary"]);
    assert_eq!(caller.get(&path), (200, json!({ "connections": [] })));
}

#[test]
fn attributes_go_neither_with_validation_nor_without_an_identifier() {
    let caller = Caller::start();
    let refusal = |options: Value| {
        let answer = caller.post("/connections", json!({ "name": "Users", "strategy": "auth0", "options": options }));
        assert_eq!(answer.0, 400, "{}", answer.1);
        message(&answer).to_owned()
    };
    let email = |active: bool, status: &str| json!({ "identifier": { "active": active }, "profile_required": true, "signup": { "status": status } });
    let attributes = json!({ "email": email(true, "required") });
    assert_eq!(
        refusal(json!({ "attributes": attributes, "validation": { "username": { "min": 1, "max": 5 } } })),
        "Cannot set both options.attributes and options.validation"
    );
    assert_eq!(
        refusal(json!({ "attributes": attributes, "requires_username": true })),
        "Cannot set both options.attributes and options.requires_username"
    );
    assert_eq!(
        refusal(json!({ "attributes": { "email": email(false, "required") } })),
        "attributes must contain one active identifier"
    );
    assert_eq!(
        refusal(json!({ "attributes": { "email": email(true, "inactive") } })),
        "attribute email must also be required on signup"
    );
}

#[test]
fn a_null_endpoint_is_echoed_and_not_stored() {
    // TestAccConnectionLine, TestAccConnectionTwitter; TestAccDataSCIMConfiguration keeps another.
    let caller = Caller::start();
    let options = json!({ "authorizationURL": null, "tokenURL": null, "userinfo_endpoint": null });
    let (_, created) = caller.post("/connections", json!({ "name": "line", "strategy": "line", "options": options }));
    assert!(created["options"].as_object().unwrap().contains_key("tokenURL"));
    let path = format!("/connections/{}", created["id"].as_str().unwrap());
    let kept = |caller: &Caller| {
        let options = caller.get(&path).1["options"].take();
        ["authorizationURL", "tokenURL", "userinfo_endpoint"].map(|option| options.get(option).is_some())
    };
    assert_eq!(kept(&caller), [false, false, true]);
    let (_, changed) = caller.patch(&path, json!({ "options": options }));
    assert!(changed["options"].as_object().unwrap().contains_key("authorizationURL"));
    assert_eq!(kept(&caller), [false, false, true]);
}

#[test]
fn a_client_that_is_named_twice_is_enabled_once() {
    let caller = Caller::start();
    let clients: Vec<String> = (0..3)
        .map(|number| caller.create("/clients", json!({ "name": format!("bot {number}") }), "client_id"))
        .collect();
    let enabled = json!([clients[1], clients[0], clients[1], clients[2]]);
    let body = json!({ "name": "Users", "strategy": "auth0", "enabled_clients": enabled });
    let id = caller.create("/connections", body, "id");
    let path = format!("/connections/{id}/clients");
    let (_, first) = caller.get(&format!("{path}?take=2"));
    assert_eq!(first["clients"], json!([{ "client_id": clients[1] }, { "client_id": clients[0] }]));
    let (_, rest) = caller.get(&format!("{path}?take=2&from={}", first["next"].as_str().unwrap()));
    assert_eq!(rest, json!({ "clients": [{ "client_id": clients[2] }] }));

    let change = |client: usize, status: bool| json!({ "client_id": clients[client], "status": status });
    caller.patch(&path, json!([change(0, true), change(2, true), change(0, false), change(1, true)]));
    assert_eq!(caller.get(&format!("/connections/{id}")).1["enabled_clients"], json!([clients[2], clients[1]]));
}

#[test]
fn a_list_of_several_strategies_is_in_the_order_of_creation() {
    let caller = Caller::start();
    for (name, strategy) in [("a", "oidc"), ("b", "sms"), ("c", "okta"), ("d", "sms")] {
        caller.create("/connections", json!({ "name": name, "strategy": strategy }), "id");
    }
    let names = |query: &str| -> Vec<String> {
        let (_, listed) = caller.get(&format!("/connections?{query}"));
        listed.as_array().unwrap().iter().map(|each| each["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("strategy=sms&strategy=oidc&strategy=sms"), ["a", "b", "d"]);
    assert_eq!(names("strategy=sms&name=b"), ["b"]);
    assert!(names("strategy=sms&name=c").is_empty());
}

#[test]
fn older_password_settings_are_completed_with_newer_defaults() {
    let caller = Caller::start();
    let settings = |name: &str, options: Value| {
        let (_, made) = caller.post("/connections", json!({ "name": name, "strategy": "auth0", "options": options }));
        ["passwordPolicy", "password_options"].map(|option| made["options"].get(option).is_some())
    };
    assert_eq!(settings("none", json!({})), [true, true]);
    assert_eq!(settings("newer", json!({ "password_options": { "complexity": { "min_length": 12 } } })), [false, true]);

    // Recorded in August 2026: the defaults are complete for any older settings in the request, and reads show them.
    let (_, plain) = caller.post("/connections", json!({ "name": "plain", "strategy": "auth0" }));
    let older = json!({ "passwordPolicy": "fair", "password_history": { "enable": true, "size": 4 },
        "password_complexity_options": { "min_length": 9 } });
    let (_, made) = caller.post("/connections", json!({ "name": "older", "strategy": "auth0", "options": older }));
    assert_eq!(made["options"]["password_options"], plain["options"]["password_options"]);
    for (member, sent) in older.as_object().unwrap() {
        assert_eq!(made["options"][member], *sent, "{member}");
    }
    let (_, read) = caller.get(&format!("/connections/{}", made["id"].as_str().unwrap()));
    assert_eq!(read["options"], made["options"]);
}

#[test]
fn no_answer_shows_the_secrets_of_scripts() {
    // TestAccConnectionConfiguration.
    let caller = Caller::start();
    let options = |secret: &str| json!({ "configuration": { "key": secret } });
    let body = json!({ "name": "users", "strategy": "auth0", "options": options("xyzzy") });
    let (_, made) = caller.post("/connections", body);
    let view = made["options"]["configuration"]["key"].as_str().unwrap();
    assert!(view.starts_with("CkIKI") && !view.contains("xyzzy"), "{view}");
    let path = format!("/connections/{}", made["id"].as_str().unwrap());
    assert_eq!(caller.get(&path).1["options"]["configuration"]["key"], view);
    let (_, changed) = caller.patch(&path, json!({ "options": options("xyzzy") }));
    assert_ne!(changed["options"]["configuration"]["key"], view);
}

#[test]
fn the_parts_of_a_provider_certificate_are_options() {
    // TestAccConnectionPingFederate, TestAccConnectionOIDCMetadata.
    let caller = Caller::start();
    let certificate = include_str!("../../fixtures/credentials/certificate.pem");
    for (strategy, kept) in [("samlp", true), ("pingfederate", false)] {
        let options = json!({ "signingCert": certificate });
        let (_, made) =
            caller.post("/connections", json!({ "name": strategy, "strategy": strategy, "options": options }));
        assert_eq!(made["options"]["cert"], certificate);
        assert_eq!(made["options"].get("signingCert").is_some(), kept);
        assert_eq!(made["options"]["thumbprints"].as_array().map(Vec::len), Some(1));
    }
}

#[test]
fn options_of_azure_depend_on_its_api() {
    // TestAccConnectionAzureAD, TestAccSCIMToken.
    let caller = Caller::start();
    for (api, older) in [("azure-active-directory-v1.0", true), ("microsoft-identity-platform-v2.0", false)] {
        let name = if older { "one" } else { "two" };
        let body = json!({ "name": name, "strategy": "waad", "options": { "identity_api": api } });
        let (_, made) = caller.post("/connections", body);
        assert_eq!(made["options"].get("app_domain").is_some(), older);
        assert_eq!(made["options"].get("thumbprints").is_some(), older);
        assert_eq!(made.get("provisioning_ticket_url").is_some(), older);
    }
    // Recorded in May 2025: without the option it is the newer API, with what follows from the older one.
    let (_, made) = caller.post("/connections", json!({ "name": "three", "strategy": "waad", "options": {} }));
    assert_eq!(made["options"]["identity_api"], "microsoft-identity-platform-v2.0");
    assert!(made["options"].get("app_domain").is_some() && made.get("provisioning_ticket_url").is_some(), "{made}");
}

// Recorded from 2024 to 2026.
#[test]
fn endpoints_of_okta_come_from_the_request_or_the_domain() {
    let caller = Caller::start();
    let sent =
        json!({ "domain": "acme.okta.com", "authorization_endpoint": "https://example.com/a", "token_endpoint": null });
    let (_, made) = caller.post("/connections", json!({ "name": "staff", "strategy": "okta", "options": sent }));
    let endpoints = |connection: &Value| {
        ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"]
            .map(|endpoint| connection["options"][endpoint].as_str().unwrap_or("none").to_owned())
    };
    let followed = ["https://acme.okta.com/oauth2/v1/token", "https://acme.okta.com/oauth2/v1/userinfo"];
    assert_eq!(endpoints(&made), ["https://example.com/a", followed[0], followed[1]]);
    let sent = json!({ "domain": "acme.okta.com", "token_endpoint": "https://example.com/t" });
    let (_, changed) =
        caller.patch(&format!("/connections/{}", made["id"].as_str().unwrap()), json!({ "options": sent }));
    assert_eq!(
        endpoints(&changed),
        ["https://acme.okta.com/oauth2/v1/authorize", "https://example.com/t", followed[1]]
    );
}

#[test]
fn options_that_are_published_have_their_types_and_others_are_anything() {
    let caller = Caller::start();
    let create = |options: Value| {
        caller.post("/connections", json!({ "name": "staff", "strategy": "oidc", "options": options }))
    };
    for (options, sentence) in [
        (
            json!({ "import_mode": "yes" }),
            "'Expected type boolean but found type string' on property options.import_mode.",
        ),
        (
            json!({ "set_user_root_attributes": "never" }),
            "'Invalid value \"never\"' on property options.set_user_root_attributes.",
        ),
        (
            json!({ "validation": { "username": { "min": 1 } } }),
            "'Missing required property: max' on property options.validation.username.",
        ),
        (
            json!({ "attributes": { "fax": {} } }),
            "'Additional properties not allowed: fax' on property options.attributes.",
        ),
    ] {
        let refused = create(options);
        assert_eq!((refused.0, message(&refused)), (400, format!("Payload validation error: {sentence}").as_str()));
    }
    let taken = create(
        json!({ "client_id": "a", "made_up": { "of": ["anything"] }, "upstream_params": { "prompt": { "value": "none" } } }),
    );
    assert_eq!(taken.0, 201, "{taken:?}");
}
