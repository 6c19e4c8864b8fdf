//! Undoes the changes of a run on a shared tenant by its journal, also after the run was killed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::collection::Collection;
use super::journal::{self, JournalLine, open_entries};
use super::settings::Settings;
use crate::conformance::error::Error;
use crate::conformance::http::{Answer, items};
use crate::conformance::target::Target;

/// The time after which a request without an answer has reached the tenant.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// After this number of failures, a sweep leaves the other entries to the next one.
const MOST_MISTAKES: usize = 10;

/// The greatest number of pages of a search.
const MOST_PAGES: usize = 200;

/// The end of a sweep.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sweep {
    /// This number of things was removed or restored, and the journal is removed.
    Complete(usize),
    /// The journal is about the tenant at this address. Nothing was changed.
    OtherTenant(String),
}

/// Undoes the changes of a journal, the last one first, and then removes the journal.
///
/// # Errors
/// Something could not be undone, and the journal stays. Everything else was undone, unless there were many failures.
pub async fn sweep(journal: &Path, target: &Target) -> Result<Sweep, Error> {
    undo_all(journal, target).await.map_err(Error)
}

async fn undo_all(journal: &Path, target: &Target) -> Result<Sweep, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", journal.display());
    let entries = journal::read(journal).map_err(|error| failed(&error))?;
    let mut done = 0;
    if let Some(JournalLine::Run { prefix, target: address }) = entries.first() {
        if *address != target.address() {
            return Ok(Sweep::OtherTenant(address.clone()));
        }
        let open = open_entries(&entries);
        if open.iter().any(|entry| matches!(entry, JournalLine::Announced { .. } | JournalLine::Changed { .. })) {
            tokio::time::sleep(ON_ITS_WAY).await;
        }
        let mut mistakes = Vec::new();
        for entry in open {
            match undo(target, entry, prefix).await {
                Ok(number) => done += number,
                Err(mistake) => mistakes.push(mistake),
            }
            // A tenant that gives no answers is not asked about every entry.
            if mistakes.len() == MOST_MISTAKES {
                mistakes.push("and more was not tried".to_owned());
                break;
            }
        }
        if !mistakes.is_empty() {
            return Err(failed(&format!("{}; the journal stays for the next --clean", mistakes.join("; "))));
        }
    }
    fs::remove_file(journal).map_err(|error| failed(&error))?;
    Ok(Sweep::Complete(done))
}

async fn undo(target: &Target, entry: &JournalLine, prefix: &str) -> Result<usize, String> {
    match entry {
        JournalLine::Created { path, .. } => delete(target, path).await,
        JournalLine::Changed { path, before } => restore(target, path, before).await.map(|()| 1),
        JournalLine::Announced { collection, name } if name.contains(prefix) => {
            let mut deleted = 0;
            for path in find(target, collection, name).await? {
                deleted += delete(target, &path).await?;
            }
            Ok(deleted)
        }
        _ => Ok(0),
    }
}

/// Deletes an entity, and gives the number of entities that were there: one, or none if it was deleted before.
pub(super) async fn delete(target: &Target, path: &str) -> Result<usize, String> {
    let mut answer = send(target, Method::DELETE, path, None).await;
    if answer.as_ref().is_ok_and(|answer| answer.status == 400)
        && let Some((end, body)) = Collection::end_of_use(path)
    {
        send(target, Method::POST, &end, Some(&body)).await?;
        answer = send(target, Method::DELETE, path, None).await;
    }
    let answer = answer.map_err(|mistake| format!("{path} cannot be deleted: {mistake}"))?;
    match answer.status {
        200 | 202 | 204 => Ok(1),
        404 => Ok(0),
        _ => Err(format!("{path} cannot be deleted: {answer}")),
    }
}

/// Restores settings to their former values.
pub(super) async fn restore(target: &Target, path: &str, before: &Value) -> Result<(), String> {
    let failed = |reason: &dyn std::fmt::Display| format!("{path} cannot be restored: {reason}");
    let settings = Settings::at(path).ok_or_else(|| failed(&"these settings are unknown"))?;
    let answer = send(target, settings.method(), path, Some(before)).await.map_err(|mistake| failed(&mistake))?;
    if answer.status != 200 {
        return Err(failed(&answer));
    }
    // A member that was not there before, and is not taken away by null, would stay.
    match settings.not_restored(&answer.body, before) {
        None => Ok(()),
        Some(name) => Err(failed(&format!("{name} is not what it was"))),
    }
}

/// Reads a path of the Management API.
pub(super) async fn read(target: &Target, path: &str) -> Result<Answer, String> {
    send(target, Method::GET, path, None).await
}

/// Calls the Management API.
async fn send(target: &Target, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, String> {
    let mut request = target.request(method, &format!("/api/v2{path}")).bearer(target.management_token().await?);
    if let Some(body) = body {
        request = request.json(body);
    }
    target.send(request).await
}

/// The paths of the entities with exactly this name.
async fn find(target: &Target, collection: &str, name: &str) -> Result<Vec<String>, String> {
    let Some(collection) = Collection::at(collection) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut page = collection.first_page(name);
    for number in 0..MOST_PAGES {
        let answer = read(target, &page).await?;
        if answer.status != 200 {
            return Err(format!("{page} answered {answer}"));
        }
        let items = items(&answer.body);
        let is_it =
            |item: &&Value| collection.names.iter().any(|member| item.get(member).is_some_and(|value| value == name));
        found.extend(items.iter().filter(is_it).filter_map(|item| collection.path_of(item)));
        match collection.next_page(number, &answer.body, items.len()) {
            Some(next) if found.is_empty() => page = next,
            _ => break,
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::MockTenant;
    use crate::conformance::cleanup::collection::COLLECTIONS;

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
        create(
            "/user-attribute-profiles",
            NAME.to_owned(),
            named(json!({ "user_attributes": { "email": attribute } })),
        );
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
        let flag =
            create("/experimentation/feature-flags", NAME.to_owned(), named(json!({ "parameters": parameters })));
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
        let mut lines = vec![JournalLine::Run { prefix: RUN.to_owned(), target: target.address().to_owned() }];
        let announced = |(path, name): &(&str, String)| JournalLine::Announced {
            collection: (*path).to_owned(),
            name: name.clone(),
        };
        lines.extend(created.iter().map(announced));
        let journal = std::env::temp_dir().join(format!("{}.journal", target.run_name()));
        let text: Vec<String> = lines.iter().map(|line| serde_json::to_string(line).unwrap()).collect();
        fs::write(&journal, text.join("\n") + "\n").unwrap();
        assert_eq!(sweep(&journal, &target).await.unwrap(), Sweep::Complete(created.len()));
        for (path, _) in created {
            let rest = tenant.perform(Method::GET, path, Value::Null).unwrap();
            assert!(!rest.to_string().contains(RUN), "{path}: {rest}");
        }
    }
}
