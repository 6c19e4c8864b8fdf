//! The step that makes everything that a fixture tells of.
//!
//! It is made through the Management API, as anything else that a scenario makes: with names of its own, so that it can be made
//! on a real tenant, beside others, and taken away again. A scenario knows the things by the names that the fixture gives them.

use cucumber::given;
use http::Method;
use serde_json::{Map, Value, json};

use crate::conformance::scenario::fixture::{Fixture, entries};
use crate::conformance::scenario::world::World;

/// What a fixture says beside the bodies of the Management API: ids and secrets, which are those of the tenant here.
const PINS: [&str; 3] = ["id", "client_id", "client_secret"];
/// How the tenant is shown to people. That stays its owner's.
const SHOWN: [&str; 4] = ["friendly_name", "picture_url", "support_email", "support_url"];

type Body = Map<String, Value>;

/// A file `NAME.yaml` beside the feature file, or a fixture of the crate. Tag the scenario @serial if it has tenant settings.
#[given(regex = r#"^the tenant "([^"]*)"$"#)]
async fn the_tenant(world: &mut World, name: String) {
    let fixture = Fixture::named(&name, world.folder()).unwrap_or_else(|mistake| panic!("{mistake}"));
    let title = fixture.title.clone();
    plant(world, fixture).await.unwrap_or_else(|mistake| panic!("{title}: {mistake}"));
}

/// In the order in which one thing needs another.
async fn plant(world: &mut World, mut fixture: Fixture) -> Result<(), String> {
    settings(world, fixture.sections.remove("tenant")).await?;
    for api in fixture.take("resourceServers")? {
        make_api(world, api).await?;
    }
    let mut defaults = Vec::new();
    for mut client in fixture.take("clients")? {
        let default = client.remove("default_organization");
        let name = make(world, "/clients", client).await?;
        defaults.extend(default.map(|default| (name, default)));
    }
    for section in ["databases", "connections"] {
        for mut connection in fixture.take(section)? {
            if let Some(Value::Array(clients)) = connection.get_mut("enabled_clients") {
                clients.iter_mut().for_each(|client| refer(world, client, "client_id"));
            }
            make(world, "/connections", connection).await?;
        }
    }
    for mut role in fixture.take("roles")? {
        let permissions = parts(&mut role, "permissions")?;
        let name = make(world, "/roles", role).await?;
        for mut permission in permissions {
            refer_member(world, &mut permission, "resource_server_identifier", "identifier");
            add(world, &format!("/roles/{{{name}.id}}/permissions"), json!({ "permissions": [permission] })).await?;
        }
    }
    let mut belongings = Vec::new();
    for mut organization in fixture.take("organizations")? {
        let of_it = ["connections", "discovery_domains", "client_grants"].map(|part| parts(&mut organization, part));
        let [connections, domains, grants] = of_it;
        let name = make(world, "/organizations", organization).await?;
        belongings.push((name, connections?, domains?, grants?));
    }
    for grant in fixture.take("clientGrants")? {
        make_grant(world, grant).await?;
    }
    for (organization, connections, domains, grants) in belongings {
        let below = |part: &str| format!("/organizations/{{{organization}.id}}/{part}");
        for mut connection in connections {
            let name = connection.remove("name").unwrap_or_default();
            connection.entry("connection_id").or_insert(name);
            refer_member(world, &mut connection, "connection_id", "id");
            add(world, &below("enabled_connections"), Value::Object(connection)).await?;
        }
        for domain in domains {
            add(world, &below("discovery-domains"), Value::Object(domain)).await?;
        }
        for grant in grants {
            let grant = world.get(&format!("{}.id", grant_name(&grant)?));
            add(world, &below("client-grants"), json!({ "grant_id": grant })).await?;
        }
    }
    for (client, mut default) in defaults {
        if let Value::Object(members) = &mut default {
            refer_member(world, members, "organization_id", "id");
        }
        let path = world.fill_path(&format!("/clients/{{{client}.client_id}}"));
        world.call(Method::PATCH, &path, Some(json!({ "default_organization": default }))).await;
        answered(world, &path)?;
    }
    match fixture.sections.keys().next() {
        None => Ok(()),
        Some(section) => Err(format!("{section} cannot be made through the Management API by this step")),
    }
}

async fn settings(world: &mut World, settings: Option<Value>) -> Result<(), String> {
    let Some(Value::Object(mut settings)) = settings else { return Ok(()) };
    settings.retain(|name, _| !SHOWN.contains(&name.as_str()));
    if settings.is_empty() {
        return Ok(());
    }
    let path = "/tenants/settings";
    world.call(Method::PATCH, path, Some(Value::Object(settings))).await;
    answered(world, path)
}

/// An API is known by its name and by its identifier.
async fn make_api(world: &mut World, mut api: Body) -> Result<(), String> {
    let identifier = api.get("identifier").and_then(Value::as_str).ok_or("an API has no identifier")?.to_owned();
    api.insert("identifier".to_owned(), world.unique_identifier(&identifier).into());
    api.entry("name").or_insert(identifier.clone().into());
    let name = make(world, "/resource-servers", api).await?;
    let made = world.last().body.clone();
    if name != identifier {
        is_new(world, &identifier)?;
        world.remember(&identifier, made);
    }
    Ok(())
}

/// A grant is known by the names of its client and its API, and the first one of a client by that of the client.
async fn make_grant(world: &mut World, mut grant: Body) -> Result<(), String> {
    without_pins(&mut grant, "a client grant")?;
    let known_as = [grant_name(&grant)?, text(&grant, "client_id")?.to_owned() + "'s grant"];
    refer_member(world, &mut grant, "client_id", "client_id");
    refer_member(world, &mut grant, "audience", "identifier");
    world.create("grant", "/client-grants", Value::Object(grant)).await;
    let made = world.last().body.clone();
    for name in known_as {
        if !world.knows(&name) {
            world.remember(&name, made.clone());
        }
    }
    Ok(())
}

fn grant_name(grant: &Body) -> Result<String, String> {
    let client = text(grant, "client_id")?;
    let api = grant.get("audience").and_then(Value::as_str);
    Ok(api.map_or(format!("{client}'s grant"), |api| format!("{client}'s grant for {api}")))
}

/// Makes something that has a name, and gives the name by which the scenario knows it.
async fn make(world: &mut World, path: &str, mut body: Body) -> Result<String, String> {
    let name = text(&body, "name")?.to_owned();
    is_new(world, &name)?;
    without_pins(&mut body, &name)?;
    body.insert("name".to_owned(), world.unique(&name).into());
    world.call(Method::POST, path, Some(Value::Object(body))).await;
    answered(world, &format!("{path} for {name:?}"))?;
    let made = world.last().body.clone();
    world.remember(&name, made);
    Ok(name)
}

async fn add(world: &mut World, path: &str, body: Value) -> Result<(), String> {
    let path = world.fill_path(path);
    world.call(Method::POST, &path, Some(body)).await;
    answered(world, &path)
}

fn answered(world: &World, what: &str) -> Result<(), String> {
    let answer = world.last();
    if (200..300).contains(&answer.status) { Ok(()) } else { Err(format!("{what} answered {answer}")) }
}

fn is_new(world: &World, name: &str) -> Result<(), String> {
    match world.knows(name) {
        true => Err(format!("two things are called {name:?}, and the scenario could not tell them apart")),
        false => Ok(()),
    }
}

/// What a mock alone can have is refused rather than left out.
fn without_pins(body: &mut Body, name: &str) -> Result<(), String> {
    let Some(Value::Object(ours)) = body.remove("x-m2mock") else { return Ok(()) };
    match ours.keys().find(|key| !PINS.contains(&key.as_str())) {
        None => Ok(()),
        Some(key) => Err(format!("{key} below x-m2mock of {name} is for seeds of a mock only")),
    }
}

/// The name of something that the scenario knows becomes what the tenant calls it. Anything else is the tenant's own.
fn refer(world: &World, value: &mut Value, member: &str) {
    if let Some(name) = value.as_str().filter(|name| world.knows(name)) {
        *value = world.get(&format!("{name}.{member}")).into();
    }
}

fn refer_member(world: &World, body: &mut Body, name: &str, member: &str) {
    if let Some(value) = body.get_mut(name) {
        refer(world, value, member);
    }
}

fn parts(body: &mut Body, member: &str) -> Result<Vec<Body>, String> {
    entries(body.remove(member)).ok_or_else(|| format!("{member} is no list of objects"))
}

fn text<'b>(body: &'b Body, member: &str) -> Result<&'b str, String> {
    body.get(member).and_then(Value::as_str).ok_or_else(|| format!("an entry has no {member}"))
}
