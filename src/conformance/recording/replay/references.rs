//! The entities that the body of a request refers to.

use serde_json::Value;

use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::is_identifier;

/// Members of requests that refer to other entities.
const REFERENCES: [&str; 17] = [
    "action_id",
    "audience",
    "client_id",
    "clients",
    "connection_id",
    "connection_profile_id",
    "custom_domain_id",
    "enabled_clients",
    "grant_id",
    "members",
    "organization_id",
    "resource_server_identifier",
    "role_id",
    "roles",
    "user_attribute_profile_id",
    "user_id",
    "users",
];
/// Members with free content, where these names have no meaning.
const FREE_DATA: [&str; 13] = [
    "addons",
    "app_metadata",
    "client_metadata",
    "condition",
    "configuration",
    "destination",
    "metadata",
    "nodes",
    "options",
    "payload",
    "setup",
    "sink",
    "user_metadata",
];

/// The references of a request: identifiers of entities, and audiences of APIs.
pub(super) fn references(item: &Interaction) -> Vec<String> {
    let mut references = Vec::new();
    let last = item.path.rsplit('/').next().unwrap_or_default();
    match &item.request {
        Value::String(text) => {
            for (name, value) in multipart_fields(text) {
                collect(&Value::from(value), name, &item.path, &mut references);
            }
        }
        body => collect(body, last, &item.path, &mut references),
    }
    references
}

/// `key` is the name of the nearest enclosing member, or the last segment of the path for the body itself.
fn collect(value: &Value, key: &str, path: &str, references: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let typed = members.iter().filter(|(key, _)| !FREE_DATA.contains(&key.as_str()));
            typed.for_each(|(key, value)| collect(value, key, path, references));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, key, path, references)),
        Value::String(text) if REFERENCES.contains(&key) => {
            let api = key == "resource_server_identifier" || key == "audience" && path == "/api/v2/client-grants";
            let new_user = key == "user_id" && path == "/api/v2/users";
            if api && !text.ends_with("/api/v2/") || is_identifier(text) && !new_user {
                references.push(text.clone());
            }
        }
        _ => {}
    }
}

/// The plain fields of a multipart body, which recordings store as a text: name and first line.
fn multipart_fields(body: &str) -> impl Iterator<Item = (&str, &str)> {
    body.split("name=\"").skip(1).filter_map(|part| {
        let (name, rest) = part.split_once('"')?;
        // A file has further parameters and headers before its content.
        let content = rest.strip_prefix("\r\n\r\n").or_else(|| rest.strip_prefix("\n\n"))?;
        let line = content.lines().next().filter(|line| !line.is_empty())?;
        Some((name, line))
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::references;
    use crate::conformance::recording::cassette::Interaction;

    const ROLE: &str = "rol_Rec0rdedRec0rded";

    #[rstest]
    #[case::a_member("/api/v2/x", json!({ "role_id": ROLE }), &[ROLE])]
    #[case::a_list_of_them("/api/v2/organizations/o/members/u/roles", json!({ "roles": [ROLE] }), &[ROLE])]
    #[case::a_bare_list("/api/v2/x/roles", json!([ROLE]), &[ROLE])]
    #[case::the_api_of_a_grant("/api/v2/client-grants", json!({ "audience": "https://stays" }), &["https://stays"])]
    #[case::the_management_api("/api/v2/client-grants", json!({ "audience": "https://t.example/api/v2/" }), &[])]
    #[case::the_id_of_a_new_user("/api/v2/users", json!({ "user_id": "5f7c8ec7c33c6c004bbafe82" }), &[])]
    #[case::no_identifier("/api/v2/x", json!({ "role_id": "admin" }), &[])]
    #[case::free_data("/api/v2/x", json!({ "app_metadata": { "role_id": ROLE } }), &[])]
    #[case::another_member("/api/v2/x", json!({ "note": ROLE }), &[])]
    #[case::a_multipart_field(
        "/api/v2/jobs/users-imports",
        json!("--b\r\nContent-Disposition: form-data; name=\"connection_id\"\r\n\r\ncon_Rec0rdedRec0rded\r\n--b--"),
        &["con_Rec0rdedRec0rded"]
    )]
    #[case::the_file_of_a_multipart_body(
        "/api/v2/jobs/users-imports",
        json!("--b\r\nContent-Disposition: form-data; name=\"users\"; filename=\"u\"\r\n\r\ncon_Rec0rdedRec0rded\r\n--b--"),
        &[]
    )]
    fn a_request_refers_to_entities(#[case] path: &str, #[case] request: Value, #[case] expected: &[&str]) {
        assert_eq!(references(&Interaction { path: path.to_owned(), request, ..Interaction::default() }), expected);
    }
}
