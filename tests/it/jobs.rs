//! `/jobs`: their effects on the tenant, and their status on its clock.

use serde_json::{Value, json};

use crate::caller::{Answered, Caller, message};

const DATABASE: &str = "Username-Password-Authentication";

fn database(caller: &Caller) -> String {
    let (_, connections) = caller.get(&format!("/connections?name={DATABASE}"));
    connections[0]["id"].as_str().unwrap().to_owned()
}

fn user(caller: &Caller, email: &str) -> String {
    let body = json!({ "connection": DATABASE, "email": email, "password": "Passengers 1st" });
    caller.create("/users", body, "user_id")
}

fn import(caller: &Caller, users: &str, upsert: &str) -> Answered {
    let parts = [("connection_id", &*database(caller)), ("external_id", "night"), ("upsert", upsert), ("users", users)];
    caller.post_form("/jobs/users-imports", &parts)
}

/// The id of a job that was taken.
fn id(answered: &Answered) -> String {
    assert!((200..300).contains(&answered.0), "{answered:?}");
    answered.1["id"].as_str().unwrap().to_owned()
}

fn status(caller: &Caller, id: &str) -> Value {
    caller.get(&format!("/jobs/{id}")).1["status"].clone()
}

#[test]
fn an_import_creates_users_and_ends_with_the_clock() {
    let caller = Caller::start();
    let users = json!([
        { "email": "Ada@travel0.example", "email_verified": true, "user_id": "ada", "password_hash": "$2b$10$x",
          "app_metadata": { "plan": "full" } },
        { "email": "bob@travel0.example" },
    ]);
    let taken = import(&caller, &users.to_string(), "false");
    let id = id(&taken);
    let connection_id = database(&caller);
    let mut view = json!({
        "id": id, "type": "users_import", "status": "pending", "created_at": "2026-06-01T12:00:00.000Z",
        "connection": DATABASE, "connection_id": connection_id, "external_id": "night",
    });
    assert_eq!(taken, (202, view.clone()));
    assert_eq!(caller.get(&format!("/jobs/{id}")), (200, view.clone()));
    caller.wait(1);
    assert_eq!(status(&caller, &id), "processing");
    caller.wait(1);
    view["status"] = "completed".into();
    view["summary"] = json!({ "failed": 0, "inserted": 2, "total": 2, "updated": 0 });
    assert_eq!(caller.get(&format!("/jobs/{id}")), (200, view));
    assert_eq!(caller.get(&format!("/jobs/{id}/errors")), (204, Value::Null));

    let (status, ada) = caller.get("/users/auth0%7Cada");
    assert_eq!(status, 200);
    assert_eq!((&ada["email"], &ada["email_verified"]), (&json!("ada@travel0.example"), &json!(true)));
    assert_eq!(ada["app_metadata"], json!({ "plan": "full" }));
    assert_eq!(ada.get("password_hash"), None);
}

#[test]
fn an_account_that_is_refused_does_not_stop_the_others() {
    let caller = Caller::start();
    user(&caller, "ada@travel0.example");
    let users = json!([
        { "email": "ada@travel0.example", "password_hash": "$2b$10$x" },
        { "email": "no address" },
        { "email": 7 },
        { "email": "eve@travel0.example", "admin": true },
        { "email": "bob@travel0.example" },
        { "email": "bob@travel0.example" },
        "nobody",
    ]);
    let id = id(&import(&caller, &users.to_string(), "false"));
    let refusal = |user: Value, code: &str, message: &str, path: &str| json!({ "user": user, "errors": [{ "code": code, "message": message, "path": path }] });
    let duplicate = |email: &str| {
        let error =
            json!({ "code": "DUPLICATED_USER", "message": "The user already exist and upsert parameter is false" });
        json!({ "user": { "email": email }, "errors": [error] })
    };
    let expected = json!([
        duplicate("ada@travel0.example"),
        refusal(
            json!({ "email": "no address" }),
            "INVALID_FORMAT",
            "Object didn't pass validation for format email: no address",
            "email"
        ),
        refusal(json!({ "email": 7 }), "INVALID_TYPE", "Expected type string but found type integer", "email"),
        refusal(
            json!({ "email": "eve@travel0.example", "admin": true }),
            "OBJECT_ADDITIONAL_PROPERTIES",
            "Additional properties not allowed: admin",
            ""
        ),
        duplicate("bob@travel0.example"),
        refusal(json!("nobody"), "INVALID_TYPE", "Expected type object but found type string", ""),
    ]);
    assert_eq!(caller.get(&format!("/jobs/{id}/errors")), (200, expected));
    caller.wait(2);
    let (_, job) = caller.get(&format!("/jobs/{id}"));
    assert_eq!(job["summary"], json!({ "failed": 6, "inserted": 1, "total": 7, "updated": 0 }));
}

#[test]
fn the_report_has_at_most_a_thousand_refused_accounts() {
    let caller = Caller::start();
    let id = id(&import(&caller, &json!(vec![0; 1200]).to_string(), "false"));
    caller.wait(2);
    assert_eq!(caller.get(&format!("/jobs/{id}")).1["summary"]["failed"], 1200);
    assert_eq!(caller.get(&format!("/jobs/{id}/errors")).1.as_array().unwrap().len(), 1000);
}

#[test]
fn an_import_may_change_the_users_that_are_there() {
    let caller = Caller::start();
    let ada = user(&caller, "ada@travel0.example").replace('|', "%7C");
    caller.patch(&format!("/users/{ada}"), json!({ "user_metadata": { "seat": "12A", "meal": "none" } }));
    let users = json!([{ "email": "ada@travel0.example", "given_name": "Ada", "user_metadata": { "seat": "1A" }, "username": "x" }]);
    let id = id(&import(&caller, &users.to_string(), "true"));
    let (_, changed) = caller.get(&format!("/users/{ada}"));
    assert_eq!(changed["given_name"], "Ada");
    assert_eq!(changed["user_metadata"], json!({ "seat": "1A", "meal": "none" }));
    assert_eq!(changed.get("username"), None);
    caller.wait(2);
    let (_, job) = caller.get(&format!("/jobs/{id}"));
    assert_eq!(job["summary"], json!({ "failed": 0, "inserted": 0, "total": 1, "updated": 1 }));
}

#[test]
fn a_file_that_is_no_list_fails_as_a_whole() {
    let caller = Caller::start();
    let id = id(&import(&caller, "{", "false"));
    assert_eq!(status(&caller, &id), "pending");
    caller.wait(2);
    let (_, job) = caller.get(&format!("/jobs/{id}"));
    let details = "Failed to parse users file JSON when importing users. Make sure it is valid JSON.";
    assert_eq!((&job["status"], &job["status_details"]), (&json!("failed"), &json!(details)));
    assert_eq!(caller.get(&format!("/jobs/{id}/errors")), (200, job));
}

#[test]
fn two_imports_are_at_work_at_a_time() {
    let caller = Caller::start();
    for _ in 0..2 {
        assert_eq!(import(&caller, "[]", "false").0, 202);
    }
    let refusal = import(&caller, "[]", "false");
    let sentence = "There are 2 active import users jobs, please wait until some of them are finished and try again";
    assert_eq!((refusal.0, message(&refusal)), (429, sentence));
    caller.wait(2);
    assert_eq!(import(&caller, "[]", "false").0, 202);
}

#[test]
fn an_import_is_a_form_with_a_file_for_a_database() {
    let caller = Caller::start();
    let refusal = caller.post("/jobs/users-imports", json!({ "users": "[]", "connection_id": database(&caller) }));
    assert_eq!((refusal.0, message(&refusal)), (415, "Unsupported Media Type"));
    let refusal = caller.post_form("/jobs/users-imports", &[("users", "[]")]);
    assert_eq!(
        (refusal.0, message(&refusal)),
        (400, "Payload validation error: 'Missing required property: connection_id'.")
    );
    let elsewhere = [("users", "[]"), ("connection_id", "con_0123456789abcdef")];
    let refusal = caller.post_form("/jobs/users-imports", &elsewhere);
    assert_eq!((refusal.0, message(&refusal)), (400, "The connection does not exist."));
    let oidc = caller.create("/connections", json!({ "name": "okta", "strategy": "okta" }), "id");
    let refusal = caller.post_form("/jobs/users-imports", &[("users", "[]"), ("connection_id", &oidc)]);
    assert_eq!((refusal.0, message(&refusal)), (400, "The connection must be a database connection."));
    let large = format!("[\"{}\"]", "x".repeat(512_000));
    let refusal = import(&caller, &large, "false");
    assert_eq!((refusal.0, message(&refusal)), (413, "Payload content length greater than maximum allowed: 512000"));
    let refusal = caller.post_form("/roles", &[("name", "guide")]);
    assert_eq!(refusal.0, 415, "other operations take no form with a file");
}

#[test]
fn an_export_has_the_location_of_its_file() {
    let caller = Caller::start();
    let connection_id = database(&caller);
    let fields = json!([{ "name": "email" }, { "name": "user_metadata.seat", "export_as": "seat" }]);
    let body = json!({ "connection_id": connection_id, "format": "csv", "limit": 5, "fields": fields });
    let taken = caller.post("/jobs/users-exports", body);
    let id = id(&taken);
    let mut view = json!({
        "id": id, "type": "users_export", "status": "pending", "created_at": "2026-06-01T12:00:00.000Z",
        "connection": DATABASE, "connection_id": connection_id, "format": "csv", "limit": 5, "fields": fields,
    });
    assert_eq!(taken, (200, view.clone()));
    caller.wait(2);
    let (_, job) = caller.get(&format!("/jobs/{id}"));
    let location = job["location"].as_str().unwrap().to_owned();
    assert!(location.starts_with(&(caller.uri() + "/exports/")) && location.ends_with(".csv.gz"), "{location}");
    view["status"] = "completed".into();
    view["percentage_done"] = 100.into();
    view["time_left_seconds"] = 0.into();
    view["location"] = location.into();
    assert_eq!(job, view);
}

#[test]
fn a_verification_email_needs_a_user_and_is_not_sent() {
    let caller = Caller::start();
    let refusal = caller.post("/jobs/verification-email", json!({ "user_id": "auth0|nobody" }));
    assert_eq!((refusal.0, message(&refusal)), (404, "The user does not exist."));
    let ada = user(&caller, "ada@travel0.example");
    let taken = caller.post("/jobs/verification-email", json!({ "user_id": ada }));
    let id = id(&taken);
    let mut view = json!({
        "id": id, "type": "verification_email", "status": "pending", "created_at": "2026-06-01T12:00:00.000Z",
    });
    assert_eq!(taken, (201, view.clone()));
    caller.wait(2);
    view["status"] = "completed".into();
    assert_eq!(caller.get(&format!("/jobs/{id}")), (200, view));
}

#[test]
fn a_job_is_forgotten_after_a_day() {
    let mut caller = Caller::start();
    let id = id(&caller.post("/jobs/users-exports", json!({})));
    caller.wait(86_399);
    assert_eq!(status(&caller, &id), "completed");
    caller.wait(1);
    caller.limit_to(&["read:users"]); // with a new token: the first one has lived its day as well
    let refusal = caller.get(&format!("/jobs/{id}"));
    assert_eq!((refusal.0, message(&refusal)), (404, "The job does not exist."));
    assert_eq!(caller.get(&format!("/jobs/{id}/errors")).0, 404);
    assert_eq!(caller.get("/jobs/job_1").0, 400);
}

// Recorded by the vendor's SDKs.
#[test]
fn an_empty_external_id_is_none_and_unknown_parameters_of_the_query_are_passed_over() {
    let caller = Caller::start();
    let parts = [("connection_id", &*database(&caller)), ("external_id", ""), ("users", "[]")];
    let (status, job) = caller.post_form("/jobs/users-imports?colour=green", &parts);
    assert_eq!((status, job.get("external_id")), (202, None), "{job}");
}

#[test]
fn an_export_always_has_connection_and_format() {
    let caller = Caller::start();
    let (status, job) = caller.post("/jobs/users-exports", json!({}));
    assert_eq!((status, &job["connection"], &job["format"]), (200, &json!(""), &json!("csv")));
    let (_, job) = caller.post("/jobs/users-exports", json!({ "connection_id": database(&caller), "format": "json" }));
    assert_eq!((&job["connection"], &job["format"]), (&json!(DATABASE), &json!("json")));
    caller.wait(2);
    let (_, ended) = caller.get(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    assert!(ended["location"].as_str().unwrap().ends_with(".json.gz"), "{ended}");
}
