//! What a run may create and change on a shared tenant, compared with the Management API.

use std::fs;

use http::Method;
use serde_json::{Value, json};

use crate::api::management::operations;
use crate::conformance::{COLLECTIONS, SETTINGS, Sweep, Target, sweep};
use crate::server::MockTenant;

const RUN: &str = "m2mock-1";
const NAME: &str = "m2mock-1-0-it";

/// Creates an entity in each collection. Gives the collections in the order of creation, with the names in them.
fn create_all(tenant: &MockTenant) -> Vec<(&'static str, String)> {
    let mut created = Vec::new();
    let post = |path: &str, body: Value| tenant.perform(Method::POST, path, body).expect("it is created");
    let mut create = |path: &'static str, name: String, body: Value| {
        created.push((path, name));
        let entity = post(path, body);
        entity["id"].as_str().unwrap_or_default().to_owned()
    };
    let named = |body: Value| {
        let mut body = body;
        body["name"] = NAME.into();
        body
    };
    let code = json!({ "code": "", "supported_triggers": [{ "id": "custom-token-exchange" }], "deploy": true });
    let action = create("/actions/actions", NAME.to_owned(), named(code));
    create("/actions/modules", NAME.to_owned(), named(json!({ "code": "1" })));
    for path in ["/agents", "/clients", "/connection-profiles", "/flows", "/forms", "/organizations", "/roles"] {
        create(path, NAME.to_owned(), named(json!({})));
    }
    create("/self-service-profiles", NAME.to_owned(), named(json!({})));
    create("/connections", NAME.to_owned(), named(json!({ "strategy": "auth0" })));
    let domain = format!("{NAME}.example");
    create("/custom-domains", domain.clone(), json!({ "domain": domain, "type": "auth0_managed_certs" }));
    let authorization = json!({ "method": "bearer", "token": "secret" });
    let webhook = json!({ "webhook_endpoint": "https://a.example/", "webhook_authorization": authorization });
    let destination = json!({ "type": "webhook", "configuration": webhook });
    create("/event-streams", NAME.to_owned(), named(json!({ "destination": destination })));
    create("/flows/vault/connections", NAME.to_owned(), named(json!({ "app_id": "SENDGRID" })));
    let sink = json!({ "httpEndpoint": "https://a.example/" });
    create("/log-streams", NAME.to_owned(), named(json!({ "type": "http", "sink": sink })));
    let rule = json!({ "action": { "log": true }, "scope": "tenant", "match": { "geo_country_codes": ["FR"] } });
    let acl = json!({ "description": NAME, "active": false, "priority": 1, "rule": rule });
    create("/network-acls", NAME.to_owned(), acl);
    let client = format!("client_id:https://{NAME}.example/client.json");
    let policy = json!({
        "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": client,
        "configuration": { "action": "allow" },
    });
    create("/rate-limit-policies", client, policy);
    create("/resource-servers", NAME.to_owned(), json!({ "identifier": NAME }));
    create("/rules", NAME.to_owned(), named(json!({ "script": "1" })));
    let exchange = json!({
        "type": "custom_authentication", "action_id": action, "subject_token_type": "https://a.example/token",
    });
    create("/token-exchange-profiles", NAME.to_owned(), named(exchange));
    let attribute = json!({ "label": "a", "description": "b", "profile_required": true, "auth0_mapping": "email" });
    create("/user-attribute-profiles", NAME.to_owned(), named(json!({ "user_attributes": { "email": attribute } })));
    let email = format!("{NAME}@a.example");
    let user = json!({
        "connection": "Username-Password-Authentication", "email": email, "password": "Passengers 1st",
    });
    create("/users", email, user);
    let presentation = json!({ "org.iso.18013.5.1.mDL": { "org.iso.18013.5.1": { "portrait": true } } });
    let template = json!({
        "type": "mdl", "dialect": "simplified/1.0", "well_known_trusted_issuers": "aamva", "presentation": presentation,
    });
    create("/verifiable-credentials/verification/templates", NAME.to_owned(), named(template));

    let rules = json!([{ "match": { "country": ["FR"] } }]);
    create("/experimentation/segments", NAME.to_owned(), named(json!({ "rules": rules })));
    let parameters = json!({ "large": { "type": "number", "value": 0 } });
    let flag = create("/experimentation/feature-flags", NAME.to_owned(), named(json!({ "parameters": parameters })));
    let variations = [1, 2].map(|large| {
        let body = json!({ "name": format!("Large {large}"), "overrides": { "large": { "value": large } } });
        post(&format!("/experimentation/feature-flags/{flag}/variations"), body)["id"].clone()
    });
    post(&format!("/experimentation/feature-flags/{flag}/status"), json!({ "status": "active" }));
    let experiment = json!({
        "feature_flag_id": flag, "authentication_flow": "login", "allocation_strategy": "percentage",
        "assignment_config": { "subject": "device" },
        "allocations": [{ "variation_id": variations[0], "is_control": true, "weight": 100 }],
    });
    let experiment = create("/experimentation/experiments", NAME.to_owned(), named(experiment));
    // It is deleted only after its end.
    post(&format!("/experimentation/experiments/{experiment}/status"), json!({ "status": "active" }));
    created
}

#[tokio::test]
async fn what_a_killed_run_was_creating_is_found_by_its_name_in_each_collection() {
    let tenant = MockTenant::start();
    let created = create_all(&tenant);
    for collection in COLLECTIONS.iter().filter(|collection| !collection.names.is_empty()) {
        let is_it = |(path, _): &&(&str, String)| *path == collection.path;
        assert!(created.iter().any(|one| is_it(&one)), "no entity in {}", collection.path);
    }
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None).unwrap();
    let journal = std::env::temp_dir().join(format!("{}.journal", target.run_name()));
    let run = json!({ "run": { "prefix": RUN, "target": tenant.uri() } });
    let announced = |(path, name): &(&str, String)| json!({ "announced": { "collection": path, "name": name } });
    let lines = [run].into_iter().chain(created.iter().map(announced));
    fs::write(
        &journal,
        lines
            .map(|line| {
                format!(
                    "{line}
"
                )
            })
            .collect::<String>(),
    )
    .unwrap();
    assert_eq!(sweep(&journal, &target).await.unwrap(), Sweep::Complete(created.len()));
    for (path, _) in created {
        let rest = tenant.perform(Method::GET, path, Value::Null).unwrap();
        assert!(!rest.to_string().contains(RUN), "{path}: {rest}");
    }
}

#[test]
fn an_entity_is_removed_with_the_scopes_of_its_operations() {
    let operations = operations();
    for collection in &COLLECTIONS {
        let [read, delete] = collection.scopes_to_remove();
        let takes = |method: &str, path: &str, scope: &str| {
            operations.iter().any(|operation| {
                operation.method == method
                    && operation.path.split("/{").next() == Some(path)
                    && operation.scopes.contains(&scope)
            })
        };
        assert!(takes("GET", collection.path, &read), "{read}");
        assert!(takes("DELETE", collection.path, &delete), "{delete}");
    }
}

#[test]
fn a_search_is_a_list_of_the_management_api() {
    let tenant = MockTenant::start();
    for collection in &COLLECTIONS {
        let page = collection.first_page("bot");
        let answer = tenant.perform(Method::GET, &page, Value::Null);
        assert!(answer.is_ok(), "{page}: {answer:?}");
    }
}

#[test]
fn a_settings_document_is_read_changed_and_restored_with_operations_that_exist() {
    let operations = operations();
    for settings in &SETTINGS {
        for method in [Method::GET, settings.method()] {
            let exists = |method: &str| {
                operations.iter().any(|operation| operation.method == method && operation.path == settings.path)
            };
            assert!(exists(method.as_str()), "{method} {}", settings.path);
        }
    }
}
