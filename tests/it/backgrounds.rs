//! Tenant files as the backgrounds of scenarios: a scenario creates the same entities over HTTP as a seed in a mock.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use m2mock::MockTenant;
use m2mock::conformance::{FeatureFile, Options, Target, run};
use m2mock::http::Method;
use serde_json::Value;

/// Runs a scenario whose feature file would be in this folder. It passes, and leaves the tenant as it was.
async fn run_scenario(folder: &Path, steps: &str) {
    let tenant = MockTenant::start();
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None).unwrap();
    let text = format!("Feature: a background\n  Scenario: it\n{steps}");
    let features = vec![FeatureFile::new(folder.join("background.feature"), text)];
    let before = holdings(&tenant);
    let report = run(Options::of(features), target.with_reasons(tenant.reasons())).await.unwrap();
    assert!(!report.failed && report.passed_steps > 0, "{}", report.text);
    assert_eq!(holdings(&tenant), before);
}

fn holdings(tenant: &MockTenant) -> Vec<Value> {
    let collections = ["clients", "client-grants", "organizations", "resource-servers", "roles", "connections"];
    let extensions = ["actions/actions", "actions/modules", "flows", "flows/vault/connections", "forms", "rules"];
    let all = collections.iter().chain(&extensions).map(|name| format!("/{name}?per_page=100"));
    let whole =
        ["/connection-profiles", "/event-streams", "/log-streams", "/self-service-profiles", "/tenants/settings"];
    let paths = all.chain(whole.map(str::to_owned));
    paths.map(|path| tenant.perform(Method::GET, &path, ().into()).unwrap()).collect()
}

/// The folders and the names of the tenant files below a folder of the repository.
fn tenant_files(folder: &str) -> Vec<(PathBuf, String)> {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
            if is_yaml || path.join("tenant.json").is_file() {
                files.push((folder.clone(), path.file_stem().unwrap().to_str().unwrap().to_owned()));
            } else if path.is_dir() {
                folders.push(path);
            }
        }
    }
    files
}

#[tokio::test]
async fn every_seed_of_the_repository_can_be_the_background_of_a_scenario() {
    let files = ["fixtures/tenants", "examples", "tests/it/seed"].into_iter().flat_map(tenant_files);
    let files: BTreeSet<(PathBuf, String)> = files.collect();
    let names: BTreeSet<&str> = files.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names, ["agency", "bookshop", "clinic", "every-section", "library", "tenant", "travel0"].into());
    for (folder, name) in &files {
        run_scenario(folder, &format!("    Given the modelled sections of the tenant \"{name}\"\n")).await;
    }
}

#[tokio::test]
async fn a_background_creates_every_part_of_an_organization() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("backgrounds");
    fs::create_dir_all(&folder).unwrap();
    let file = r#"
resourceServers: [{ name: Trips API, identifier: "https://trips.example/", scopes: [{ value: "read:trips" }] }]
clients: [{ name: bot, app_type: non_interactive, grant_types: [client_credentials] }, { name: portal, app_type: spa }]
databases: [{ name: agents, enabled_clients: [portal] }]
organizations:
  - name: acme
    connections: [{ name: agents, assign_membership_on_login: true }]
    discovery_domains: [{ domain: acme.example, status: verified }]
    clients: [{ client_id: portal, use_for_member_access: true }]
    client_grants: [{ client_id: bot }]
clientGrants: [{ client_id: bot, audience: "https://trips.example/", scope: ["read:trips"], organization_usage: require }]
"#;
    fs::write(folder.join("acme.yaml"), file).unwrap();
    let steps = r#"    Given the tenant "acme"
    When "bot" asks for a token for "Trips API" in organization "acme"
    Then a token for organization "acme" is granted
    When I GET "/organizations/{acme.id}/clients"
    Then the list has exactly these "client_id"
      | {portal.client_id} |
    When I GET "/organizations/{acme.id}/connections"
    Then the list has exactly these "connection_id"
      | {agents.id} |
    When I GET "/organizations/{acme.id}/discovery-domains"
    Then the list has exactly these "domain"
      | acme.example |
"#;
    run_scenario(&folder, steps).await;
}

#[tokio::test]
async fn a_scenario_has_the_actions_flows_and_profiles_of_a_file_under_their_names() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("named-sections");
    fs::create_dir_all(&folder).unwrap();
    let file = r#"
userAttributeProfiles:
  - name: people
    user_attributes: { email: { label: a, description: b, profile_required: true, auth0_mapping: email } }
actionModules: [{ name: dates, code: "module.exports = 1;", all_changes_published: true }]
actions:
  - name: greet
    code: "exports.onExecutePostLogin = async () => {};"
    supported_triggers: [{ id: post-login, version: v3 }]
    modules: [{ module_name: dates, module_version_number: 1 }]
    deployed: true
flowVaultConnections: [{ name: mailer, app_id: SENDGRID }]
flows: [{ name: welcome }]
forms: [{ name: survey, ending: { after_submit: { flow_id: welcome } } }]
selfServiceProfiles: [{ name: assistant, user_attribute_profile_id: people }]
logStreams: [{ name: siem, type: http, sink: { httpEndpoint: "https://siem.example/" } }]
"#;
    fs::write(folder.join("extensions.yaml"), file).unwrap();
    let steps = r#"    Given the tenant "extensions"
    When I GET "/actions/actions/{greet.id}"
    Then the answer carries
      | name                            | {unique.greet} |
      | deployed_version.number         | 1              |
      | modules.0.module_id             | {dates.id}     |
      | modules.0.module_version_number | 1              |
    When I GET "/forms/{survey.id}"
    Then the answer carries
      | ending.after_submit.flow_id | {welcome.id} |
    When I GET "/self-service-profiles/{assistant.id}"
    Then the answer carries
      | user_attribute_profile_id | {people.id} |
    When I GET "/log-streams/{siem.id}"
    Then the answer is 200
    When I GET "/flows/vault/connections/{mailer.id}"
    Then the answer is 200
"#;
    run_scenario(&folder, steps).await;
}
