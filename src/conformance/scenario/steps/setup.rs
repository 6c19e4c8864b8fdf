//! Steps that create entities, and steps that call the Management API directly.

use cucumber::gherkin::Step;
use cucumber::{given, then, when};
use http::Method;
use serde_json::{Map, Value, json};

use crate::conformance::scenario::variables::member;
use crate::conformance::scenario::world::World;

// The entities of a scenario. The scenario knows each by the name that it gives.

#[given(regex = r#"^an API "([^"]*)"(?: with scopes "([^"]*)")?$"#)]
async fn an_api(world: &mut World, name: String, scopes: String) {
    let mut body = Map::new();
    if !scopes.is_empty() {
        let scopes = scopes.split(' ').map(|scope| json!({ "value": scope })).collect();
        body.insert("scopes".to_owned(), Value::Array(scopes));
    }
    create_api(world, &name, body).await;
}

/// One row for each scope; a second cell is its description.
#[given(regex = r#"^an API "([^"]*)" with scopes$"#)]
async fn an_api_with_scopes(world: &mut World, name: String, step: &Step) {
    let rows = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    let scopes = rows.iter().map(|row| match row.as_slice() {
        [scope] => json!({ "value": scope }),
        [scope, description] => json!({ "value": scope, "description": description }),
        other => panic!("a row is a scope, or a scope and its description, not {other:?}"),
    });
    let scopes: Vec<Value> = scopes.collect();
    assert!(!scopes.is_empty(), "\"{}\" needs a table of scopes below it", step.value);
    create_api(world, &name, Map::from_iter([("scopes".to_owned(), Value::Array(scopes))])).await;
}

#[given(regex = r#"^an API "([^"]*)" with$"#)]
async fn an_api_with(world: &mut World, name: String, step: &Step) {
    let body = object(world, step);
    create_api(world, &name, body).await;
}

async fn create_api(world: &mut World, name: &str, mut body: Map<String, Value>) {
    let identifier = world.unique_identifier(name);
    body.entry("identifier").or_insert(json!(identifier));
    body.entry("name").or_insert(json!(world.unique(name)));
    world.create(name, "/resource-servers", Value::Object(body)).await;
}

#[given(regex = r#"^an application "([^"]*)"$"#)]
async fn an_application(world: &mut World, name: String) {
    create_application(world, &name, Map::new()).await;
}

#[given(regex = r#"^an application "([^"]*)" with$"#)]
async fn an_application_with(world: &mut World, name: String, step: &Step) {
    let body = object(world, step);
    create_application(world, &name, body).await;
}

async fn create_application(world: &mut World, name: &str, mut body: Map<String, Value>) {
    body.entry("name").or_insert(json!(world.unique(name)));
    body.entry("app_type").or_insert(json!("non_interactive"));
    world.create(name, "/clients", Value::Object(body)).await;
}

/// The strategy is a member of the body.
#[given(regex = r#"^a connection "([^"]*)" with$"#)]
async fn a_connection(world: &mut World, name: String, step: &Step) {
    let mut body = world.json(doc_string(step));
    let unique = world.unique(&name);
    body.as_object_mut().expect("a connection is an object").entry("name").or_insert(unique.into());
    world.create(&name, "/connections", body).await;
}

#[given(regex = r#"^an organization "([^"]*)"$"#)]
async fn an_organization(world: &mut World, name: String) {
    create_organization(world, &name, Map::new()).await;
}

#[given(regex = r#"^an organization "([^"]*)" with$"#)]
async fn an_organization_with(world: &mut World, name: String, step: &Step) {
    let body = object(world, step);
    create_organization(world, &name, body).await;
}

async fn create_organization(world: &mut World, name: &str, mut body: Map<String, Value>) {
    body.entry("name").or_insert(json!(world.unique(name)));
    body.entry("display_name").or_insert(json!(format!("The {name} organization")));
    world.create(name, "/organizations", Value::Object(body)).await;
}

#[given(regex = r#"^a role "([^"]*)"$"#)]
async fn a_role(world: &mut World, name: String) {
    let body = json!({ "name": world.unique(&name) });
    world.create(&name, "/roles", body).await;
}

/// In the database that every tenant begins with.
#[given(regex = r#"^a user "([^"]*)"$"#)]
async fn a_user(world: &mut World, name: String) {
    create_user(world, &name, Map::new()).await;
}

#[given(regex = r#"^a user "([^"]*)" with$"#)]
async fn a_user_with(world: &mut World, name: String, step: &Step) {
    let body = object(world, step);
    create_user(world, &name, body).await;
}

async fn create_user(world: &mut World, name: &str, mut body: Map<String, Value>) {
    body.entry("connection").or_insert(json!("Username-Password-Authentication"));
    body.entry("email").or_insert(json!(format!("{}@travel0.example", world.unique(name))));
    body.entry("password").or_insert(json!("Passengers 1st"));
    world.create(name, "/users", Value::Object(body)).await;
}

/// The scenario refers to its last client grant as "grant".
#[given(
    regex = r#"^a client grant for "([^"]*)" on (?:"([^"]*)"|the Management API)(?: with scopes "([^"]*)")?(?: (?:with|and) organization usage "([^"]*)")?( and any organization)?$"#
)]
async fn a_client_grant(
    world: &mut World,
    client: String,
    api: String,
    scopes: String,
    usage: String,
    any_organization: String,
) {
    let mut body = Map::new();
    let scopes: Vec<&str> = scopes.split_whitespace().collect();
    body.insert("scope".to_owned(), json!(scopes));
    if !usage.is_empty() {
        body.insert("organization_usage".to_owned(), json!(usage));
    }
    if !any_organization.is_empty() {
        body.insert("allow_any_organization".to_owned(), json!(true));
    }
    create_grant(world, &client, &api, body).await;
}

#[given(regex = r#"^a client grant for "([^"]*)" on "([^"]*)" with$"#)]
async fn a_client_grant_with(world: &mut World, client: String, api: String, step: &Step) {
    let body = object(world, step);
    create_grant(world, &client, &api, body).await;
}

async fn create_grant(world: &mut World, client: &str, api: &str, mut body: Map<String, Value>) {
    let audience =
        if api.is_empty() { world.get("management.audience") } else { world.get(&format!("{api}.identifier")) };
    body.insert("client_id".to_owned(), json!(world.get(&format!("{client}.client_id"))));
    body.insert("audience".to_owned(), json!(audience));
    world.create("grant", "/client-grants", Value::Object(body)).await;
}

#[given(regex = r#"^"([^"]*)" is associated with (?:that grant|the grant "([^"]*)")$"#)]
#[when(regex = r#"^"([^"]*)" is associated with (?:that grant|the grant "([^"]*)")$"#)]
async fn is_associated(world: &mut World, organization: String, grant: String) {
    let grant = if grant.is_empty() { "grant" } else { grant.as_str() };
    let path = format!("/organizations/{}/client-grants", world.get(&format!("{organization}.id")));
    let body = json!({ "grant_id": world.get(&format!("{grant}.id")) });
    world.call(Method::POST, &path, Some(body)).await;
    assert!(world.last().status == 201, "the association answered {}", world.last());
}

#[given(regex = r#"^(\d+) client grants on "([^"]*)" are associated with "([^"]*)"$"#)]
async fn many_are_associated(world: &mut World, count: usize, api: String, organization: String) {
    for number in 1..=count {
        let name = format!("bot {number}");
        create_application(world, &name, Map::new()).await;
        create_grant(world, &name, &api, Map::new()).await;
        is_associated(world, organization.clone(), String::new()).await;
    }
}

#[given(regex = r#"^the default organization of "([^"]*)" is "([^"]*)"$"#)]
#[when(regex = r#"^the default organization of "([^"]*)" becomes "([^"]*)"$"#)]
async fn the_default_organization(world: &mut World, client: String, organization: String) {
    let path = format!("/clients/{}", world.get(&format!("{client}.client_id")));
    let body = json!({ "default_organization": {
        "organization_id": world.get(&format!("{organization}.id")),
        "flows": ["client_credentials"],
    } });
    world.call(Method::PATCH, &path, Some(body)).await;
    assert!(world.last().status == 200, "the default organization answered {}", world.last());
}

#[given(regex = r"^organization names are switched (on|off)$")]
async fn organization_names(world: &mut World, state: String) {
    let body = json!({ "allow_organization_name_in_authentication_api": state == "on" });
    world.call(Method::PATCH, "/tenants/settings", Some(body)).await;
    assert!(world.last().status == 200, "the tenant settings answered {}", world.last());
}

/// Any other entity of the Management API, in the list at this path.
#[given(regex = r#"^"([^"]*)" has "([^"]*)" with$"#)]
async fn a_list_has(world: &mut World, path: String, name: String, step: &Step) {
    let path = world.fill_path(&path);
    let body = world.json(doc_string(step));
    world.create(&name, &path, body).await;
}

/// The last answer as a whole, or a member of it.
#[given(regex = r#"^(?:it|that|the answer's "([^"]*)") is remembered as "([^"]*)"$"#)]
#[when(regex = r#"^(?:it|that|the answer's "([^"]*)") is remembered as "([^"]*)"$"#)]
#[then(regex = r#"^(?:it|that|the answer's "([^"]*)") is remembered as "([^"]*)"$"#)]
async fn is_remembered(world: &mut World, path: String, name: String) {
    let value = member(&world.last().body, &path).cloned();
    let value = value.unwrap_or_else(|| panic!("the answer has no {path}: {}", world.last()));
    world.remember(&name, value);
}

// Direct calls of the Management API.

#[given(regex = r#"^I (GET|DELETE|POST|PUT) "([^"]*)"$"#)]
#[when(regex = r#"^I (GET|DELETE|POST|PUT) "([^"]*)"$"#)]
async fn i_call(world: &mut World, method: Method, path: String) {
    let path = world.fill_path(&path);
    world.call(method, &path, None).await;
}

#[given(regex = r#"^I (POST|PATCH|PUT|DELETE) "([^"]*)" with$"#)]
#[when(regex = r#"^I (POST|PATCH|PUT|DELETE) "([^"]*)" with$"#)]
async fn i_call_with(world: &mut World, method: Method, path: String, step: &Step) {
    let path = world.fill_path(&path);
    let body = world.json(doc_string(step));
    world.call(method, &path, Some(body)).await;
}

#[when(regex = r#"^with that token I (GET|DELETE|POST) "([^"]*)"$"#)]
async fn with_that_token_i_call(world: &mut World, method: Method, path: String) {
    let bearer = format!("Bearer {}", world.token());
    let path = world.fill_path(&path);
    world.call_as(Some(&bearer), method, &path, None).await;
}

#[when(regex = r#"^with that token I (POST|PATCH|PUT) "([^"]*)" with$"#)]
async fn with_that_token_i_call_with(world: &mut World, method: Method, path: String, step: &Step) {
    let bearer = format!("Bearer {}", world.token());
    let path = world.fill_path(&path);
    let body = world.json(doc_string(step));
    world.call_as(Some(&bearer), method, &path, Some(body)).await;
}

#[when(regex = r#"^with the authorization "([^"]*)" I GET "([^"]*)"$"#)]
async fn with_the_authorization(world: &mut World, authorization: String, path: String) {
    let authorization = world.fill(&authorization);
    world.call_as(Some(&authorization), Method::GET, &path, None).await;
}

#[when(regex = r#"^without authorization I GET "([^"]*)"$"#)]
async fn without_authorization(world: &mut World, path: String) {
    world.call_as(None, Method::GET, &path, None).await;
}

#[when(regex = r#"^I read every page of "([^"]*)"$"#)]
async fn i_read_every_page(world: &mut World, path: String) {
    let path = world.fill_path(&path);
    world.read_every_page(&path).await;
}

pub(crate) fn doc_string(step: &Step) -> &str {
    step.docstring.as_deref().unwrap_or_else(|| panic!("\"{}\" needs a text below it", step.value)).trim()
}

fn object(world: &World, step: &Step) -> Map<String, Value> {
    match world.json(doc_string(step)) {
        Value::Object(body) => body,
        other => panic!("not an object: {other}"),
    }
}
