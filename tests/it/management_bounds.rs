//! Bounds and shapes of the Management API that single requests easily miss.

use http::Method;
use m2mock::ApiError;
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use serde_json::{Map, Value, json};

fn tenant() -> Tenant {
    Tenant::new(Config::default())
}

fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Result<Value, ApiError> {
    tenant.perform(method, path, body, Pins::default())
}

fn post(tenant: &Tenant, path: &str, body: Value) -> Value {
    perform(tenant, Method::POST, path, body).expect("a right body")
}

fn get(tenant: &Tenant, path: &str) -> Value {
    perform(tenant, Method::GET, path, Value::Null).expect("an answer")
}

fn refusal(tenant: &Tenant, method: Method, path: &str, body: Value) -> (u16, String) {
    let error = perform(tenant, method, path, body).expect_err("a refusal");
    (error.status(), error.message().into())
}

// proves R66
#[test]
fn no_answer_shows_the_scopes_of_a_grant_with_all_scopes() {
    let tenant = tenant();
    post(&tenant, "/resource-servers", json!({ "identifier": "https://travel0.example/api" }));
    let client = post(&tenant, "/clients", json!({ "name": "Partner bot" }));
    let organization = post(&tenant, "/organizations", json!({ "name": "granite-tours" }));
    let grant = post(
        &tenant,
        "/client-grants",
        json!({
            "client_id": client["client_id"], "audience": "https://travel0.example/api",
            "scope": ["read:trips"], "allow_all_scopes": true
        }),
    );
    let path = format!("/organizations/{}/client-grants", organization["id"].as_str().expect("an id"));
    let associated = post(&tenant, &path, json!({ "grant_id": grant["id"] }));
    let listed = get(&tenant, &path);
    for shown in [&grant, &associated, &listed[0]] {
        assert!(shown.get("scope").is_none(), "{shown}");
    }
}

// proves R45
// proves R38 R91
#[test]
fn a_deleted_grant_does_not_count_towards_the_limit() {
    let tenant = tenant();
    let organization = post(&tenant, "/organizations", json!({ "name": "granite-tours" }));
    let path = format!("/organizations/{}/client-grants", organization["id"].as_str().expect("an id"));
    post(&tenant, "/resource-servers", json!({ "identifier": "https://travel0.example/api" }));
    let grants: Vec<Value> = (0..=100)
        .map(|number| {
            let client = post(&tenant, "/clients", json!({ "name": format!("Partner bot {number}") }));
            let body = json!({ "client_id": client["client_id"], "audience": "https://travel0.example/api" });
            post(&tenant, "/client-grants", body)["id"].clone()
        })
        .collect();
    let (last, others) = grants.split_last().expect("grants");
    for grant in others {
        post(&tenant, &path, json!({ "grant_id": grant }));
    }
    assert_eq!(refusal(&tenant, Method::POST, &path, json!({ "grant_id": last })).0, 409);

    let deleted = format!("/client-grants/{}", others[0].as_str().expect("an id"));
    perform(&tenant, Method::DELETE, &deleted, Value::Null).expect("a deletion");
    post(&tenant, &path, json!({ "grant_id": last }));
}

#[test]
fn at_most_ten_grants_are_looked_for_by_id() {
    let tenant = tenant();
    let organization = post(&tenant, "/organizations", json!({ "name": "granite-tours" }));
    let ids = |count: usize| vec!["grant_ids=cgr_0000000000000000"; count].join("&");
    let path = format!("/organizations/{}/client-grants", organization["id"].as_str().expect("an id"));
    assert_eq!(get(&tenant, &format!("{path}?{}", ids(10))), json!([]));
    let (status, message) = refusal(&tenant, Method::GET, &format!("{path}?{}", ids(11)), Value::Null);
    assert_eq!(status, 400);
    assert!(message.contains("Array is too long (11), maximum 10"), "{message}");
}

#[test]
fn lifetimes_in_minutes_are_converted_to_hours() {
    let tenant = tenant();
    let body = json!({ "session_lifetime_in_minutes": 181, "idle_session_lifetime_in_minutes": 120 });
    let settings = perform(&tenant, Method::PATCH, "/tenants/settings", body).expect("settings");
    assert_eq!(settings["session_lifetime"], json!(3.016_666_666_666_666_6));
    assert_eq!(settings["idle_session_lifetime"], json!(2));
    assert!(settings.get("session_lifetime_in_minutes").is_none());
}

#[test]
fn a_default_quota_is_enforced_by_default() {
    let body = json!({ "default_token_quota": { "clients": { "client_credentials": { "per_hour": 5 } } } });
    let settings = perform(&tenant(), Method::PATCH, "/tenants/settings", body).expect("settings");
    assert_eq!(settings["default_token_quota"]["clients"]["client_credentials"]["enforce"], true);
}

#[test]
fn metadata_is_bounded_after_it_was_merged() {
    let tenant = tenant();
    let entries = |from: usize| -> Map<String, Value> {
        (from..from + 6).map(|number| (format!("key{number}"), "value".into())).collect()
    };
    let client = post(&tenant, "/clients", json!({ "name": "bot", "client_metadata": entries(0) }));
    let path = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
    let (status, message) = refusal(&tenant, Method::PATCH, &path, json!({ "client_metadata": entries(6) }));
    assert_eq!(status, 400);
    assert!(message.contains("Too many properties defined (12), maximum 10"), "{message}");

    for metadata in [json!({ "key": "v".repeat(256) }), json!({ "key": 1 }), json!({ "k".repeat(256): "value" })] {
        assert_eq!(refusal(&tenant, Method::PATCH, &path, json!({ "client_metadata": metadata })).0, 400);
    }
    let organization = json!({ "name": "granite-tours", "metadata": { "k".repeat(256): "value" } });
    assert_eq!(refusal(&tenant, Method::POST, "/organizations", organization).0, 400);
}

#[test]
fn a_change_of_one_policy_keeps_the_other() {
    let tenant = tenant();
    let closed =
        json!({ "identifier": "https://closed", "subject_type_authorization": { "client": { "policy": "deny_all" } } });
    let api = post(&tenant, "/resource-servers", closed);
    assert_eq!(api["subject_type_authorization"]["user"]["policy"], "allow_all");

    let path = format!("/resource-servers/{}", api["id"].as_str().expect("an id"));
    let body = json!({ "subject_type_authorization": { "user": { "policy": "deny_all" } } });
    let api = perform(&tenant, Method::PATCH, &path, body).expect("the API");
    assert_eq!(
        api["subject_type_authorization"],
        json!({ "client": { "policy": "deny_all" }, "user": { "policy": "deny_all" } })
    );
}

#[test]
fn a_lifetime_for_the_web_is_not_beyond_the_lifetime() {
    let tenant = tenant();
    let wrong = json!({ "identifier": "https://wrong", "token_lifetime": 100, "token_lifetime_for_web": 200 });
    assert_eq!(refusal(&tenant, Method::POST, "/resource-servers", wrong).0, 400);
    let short = post(&tenant, "/resource-servers", json!({ "identifier": "https://short", "token_lifetime": 100 }));
    assert_eq!(short["token_lifetime_for_web"], 100);
}

#[test]
fn a_change_of_the_algorithm_removes_the_signing_secret() {
    let tenant = tenant();
    let api = post(&tenant, "/resource-servers", json!({ "identifier": "https://api", "signing_alg": "HS256" }));
    assert!(api["signing_secret"].is_string());
    let path = format!("/resource-servers/{}", api["id"].as_str().expect("an id"));
    let api = perform(&tenant, Method::PATCH, &path, json!({ "signing_alg": "RS256" })).expect("the API");
    assert!(api.get("signing_secret").is_none());
}

#[test]
fn a_null_member_of_a_new_entity_is_not_stored() {
    let api = post(&tenant(), "/resource-servers", json!({ "identifier": "https://n", "consent_policy": null }));
    assert!(api.get("consent_policy").is_none());
}

#[test]
fn a_third_party_client_cannot_become_first_party() {
    let tenant = tenant();
    let third = json!({ "name": "website", "is_first_party": false, "third_party_security_mode": "strict" });
    let client = post(&tenant, "/clients", third);
    let path = format!("/clients/{}", client["client_id"].as_str().expect("an id"));
    for change in [json!({ "is_first_party": true }), json!({ "third_party_security_mode": "permissive" })] {
        assert_eq!(refusal(&tenant, Method::PATCH, &path, change).0, 400);
    }
    let same = json!({ "is_first_party": false, "third_party_security_mode": "strict", "name": "shop" });
    assert_eq!(perform(&tenant, Method::PATCH, &path, same).expect("the client")["name"], "shop");
}

#[test]
fn unknown_parameters_are_refused() {
    let tenant = tenant();
    let organization = post(&tenant, "/organizations", json!({ "name": "granite-tours" }));
    let path = format!("/organizations/{}?colour=green", organization["id"].as_str().expect("an id"));
    assert_eq!(
        refusal(&tenant, Method::GET, &path, Value::Null),
        (400, "Query validation error: 'Additional properties not allowed: colour'.".to_owned())
    );
    assert_eq!(refusal(&tenant, Method::GET, "/clients?app_type=spaceship", Value::Null).0, 400);
}

// proves R110
#[test]
fn an_audit_query_is_read_by_checkpoint() {
    let tenant = tenant();
    let q = "q=client_grant.allow_any_organization:true";
    assert_eq!(get(&tenant, &format!("/clients?{q}")), json!({ "clients": [] }));
    assert_eq!(get(&tenant, &format!("/clients?{q}&take=50&include_totals=true")), json!({ "clients": [] }));
    for other in ["page=1", "include_totals=true", "is_first_party=true&take=1"] {
        assert_eq!(refusal(&tenant, Method::GET, &format!("/clients?{q}&{other}"), Value::Null).0, 400, "{other}");
    }
}

#[test]
fn filters_of_clients_go_together() {
    let tenant = tenant();
    for app_type in ["spa", "native", "regular_web", "b2b_integration"] {
        post(&tenant, "/clients", json!({ "name": app_type, "app_type": app_type }));
    }
    let names = |query: &str| -> Vec<String> {
        let listed = get(&tenant, &format!("/clients?{query}"));
        listed.as_array().expect("a list").iter().map(|client| client["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("app_type=native"), ["native"]);
    assert_eq!(names("app_type=b2b_integration"), ["b2b_integration"]);
    assert_eq!(names("app_type=regular_web,spa&is_global=false"), ["spa", "regular_web"]);
    assert_eq!(names("is_global=true"), ["All Applications"]);
    assert_eq!(names("is_first_party=false"), [""; 0]);
}

#[test]
fn the_api_for_express_configuration_is_the_services_own() {
    let tenant = tenant();
    let api = post(&tenant, "/resource-servers", json!({ "identifier": "urn:auth0:express-configure" }));
    assert_eq!(api["is_system"], true);
    // The web lifetime is beyond the lifetime, as recorded, and a change of the lifetime leaves it alone.
    assert_eq!((&api["token_lifetime"], &api["token_lifetime_for_web"]), (&json!(300), &json!(7200)));
    let path = format!("/resource-servers/{}", api["id"].as_str().expect("an id"));
    let changed = perform(&tenant, Method::PATCH, &path, json!({ "token_lifetime": 60 })).expect("a change");
    assert_eq!((&changed["token_lifetime"], &changed["token_lifetime_for_web"]), (&json!(60), &json!(7200)));
    let (status, sentence) = refusal(&tenant, Method::PATCH, &path, json!({ "enforce_policies": false }));
    assert_eq!(
        (status, sentence.as_str()),
        (400, "Payload validation error: 'Additional properties not allowed: enforce_policies'."),
    );
}

// proves SYS5 SYS7
#[test]
fn the_my_account_api_is_created_by_its_identifier_and_can_be_deleted() {
    let tenant = tenant();
    let body = json!({
        "identifier": "https://travel0.localhost/me/", "name": "Mine", "scopes": [{ "value": "fly:planes" }],
        "authorization_policy": { "policy_id": "019b76da-a800-73c9-b656-b349ae415c17" },
    });
    let made = post(&tenant, "/resource-servers", body.clone());
    assert_eq!((&made["name"], &made["is_system"]), (&json!("Auth0 My Account API"), &json!(true)));
    assert_eq!(made["authorization_policy"], body["authorization_policy"]);
    let scopes = |api: &Value| -> Vec<String> {
        let scopes = api["scopes"].as_array().expect("scopes").iter();
        scopes.map(|scope| scope["value"].as_str().expect("a text").to_owned()).collect()
    };
    // The answer to the creation lists the scopes of connected accounts alone (recorded).
    let first = ["create:me:connected_accounts", "read:me:connected_accounts", "delete:me:connected_accounts"];
    assert_eq!(scopes(&made), first);
    let path = format!("/resource-servers/{}", made["id"].as_str().expect("an id"));
    let read = get(&tenant, &path);
    assert_eq!((scopes(&read).len(), &scopes(&read)[..3]), (8, &first.map(str::to_owned)[..]));
    let changed = perform(&tenant, Method::PATCH, &path, json!({ "authorization_policy": null })).expect("a change");
    assert_eq!((changed.get("authorization_policy"), scopes(&changed).len()), (None, 8));

    perform(&tenant, Method::DELETE, &path, Value::Null).expect("a deletion");
    assert_eq!(refusal(&tenant, Method::GET, &path, Value::Null).0, 404);
}

/// Reported for two families: one sentence, names separated by a comma without a space, the last one of the request first.
#[test]
fn one_sentence_names_all_unknown_members_the_last_one_first() {
    let tenant = tenant();
    let client = post(&tenant, "/clients", json!({ "name": "Partner bot" }));
    let path = format!("/api/v2/clients/{}", client["client_id"].as_str().expect("an id"));
    let token = tenant.management_token("127.0.0.1:4000", &["update:clients", "read:clients"]);
    let sentence = |method: &str, path: &str, content_type: &str, body: &str| {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:4000")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", content_type)
            .body(body.to_owned().into())
            .expect("a request");
        let answer = tenant.answer(request);
        assert_eq!(answer.status(), 400);
        let answer: Value = serde_json::from_slice(answer.body()).expect("JSON");
        answer["message"].as_str().expect("a sentence").to_owned()
    };
    let json = "application/json";
    for (body, names) in [
        (r#"{"tenant":"x","client_id":"y","name":"own"}"#, "client_id,tenant"),
        (r#"{"client_id":"y","name":"own","tenant":"x"}"#, "tenant,client_id"),
        (r#"{"c":1,"b":2,"a":3,"c":4}"#, "a,b,c"),
    ] {
        assert_eq!(
            sentence("PATCH", &path, json, body),
            format!("Payload validation error: 'Additional properties not allowed: {names}'."),
        );
    }
    // Within a member, too, of which the last one with the name counts.
    let nested = r#"{"default_organization":{"z":1},"default_organization":
        {"organization_id":"org_0000000000000000","y":1,"flows":[],"x":2}}"#;
    assert_eq!(
        sentence("PATCH", &path, json, nested),
        "Payload validation error: 'Additional properties not allowed: x,y' on property default_organization.",
    );
    // A form and a query have an order as well.
    assert_eq!(
        sentence("PATCH", &path, "application/x-www-form-urlencoded", "b=1&a=2"),
        "Payload validation error: 'Additional properties not allowed: a,b'.",
    );
    assert_eq!(
        sentence("GET", "/api/v2/clients?b=1&page=0&a=2", json, ""),
        "Query validation error: 'Additional properties not allowed: a,b'.",
    );
}
