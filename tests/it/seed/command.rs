//! Seeds by the command: errors and warnings of `check`, keywords from a file and from the environment, sections left out.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::{Value, json};

use crate::serve::{Served, m2mock, scratch};
use crate::wire;

fn export(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/seed/exports").join(name)
}

/// A seed of this test alone.
fn seed(name: &str, text: &str) -> PathBuf {
    let file = scratch(&format!("seed_command_{name}"));
    fs::write(&file, text).unwrap();
    file
}

fn check(file: &Path) -> Command {
    let mut command = m2mock(&["check"]);
    command.arg(file);
    command
}

/// The exit code and the lines on standard error.
fn message(command: &mut Command) -> (Option<i32>, Vec<String>) {
    let Output { status, stderr, .. } = command.output().unwrap();
    (status.code(), String::from_utf8(stderr).unwrap().lines().map(str::to_owned).collect())
}

const KEYWORDS: &str = "clients:\n- name: Shop\n  callbacks: @@SHOP_CALLBACKS@@\n";

#[test]
fn check_prints_every_error_of_every_file_and_the_number_of_errors() {
    let one = seed("one.yaml", "clients:\n- { name: Bot, app_typ: spa }\n- { name: Bot, lable: a }\n");
    let two = seed("two.yaml", "migrations: { a: true }\nclient: []\n");
    let (code, lines) = message(check(&one).arg(&two));
    assert_eq!((code, lines.len()), (Some(2), 6), "{lines:#?}");
    assert!(lines[0].starts_with("m2mock: warning: ") && lines[0].ends_with("the deploy tool wants names that differ"));
    assert!(lines[1].ends_with(r#"clients, entry 1 ("Bot"): there is no key "app_typ"; did you mean "app_type"?"#));
    assert!(lines[2].ends_with(r#"clients, entry 2 ("Bot"): there is no key "lable""#), "{lines:#?}");
    assert!(lines[3].ends_with(r#"there is no section "client"; did you mean "clients"?"#), "{lines:#?}");
    assert!(lines[4].contains(r#"does not model the section "migrations" yet"#), "{lines:#?}");
    assert_eq!(lines[5], "m2mock: the seeds have 4 errors and 1 warning");
}

#[test]
fn a_scope_that_no_api_defines_is_a_warning_and_no_error() {
    let text = "resourceServers: [{ identifier: trips, scopes: [{ value: 'read:trips' }] }]\nclients: [{ name: Bot }]\n\
                clientGrants: [{ client_id: Bot, audience: trips, scope: ['read:trips', 'read:trip'] }]\n";
    let (code, lines) = message(&mut check(&seed("scope.yaml", text)));
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:#?}");
    let warning = r#"clientGrants, entry 1 ("Bot" for "trips"), scope: "trips" does not define the scope "read:trip"; did you mean "read:trips"?"#;
    assert!(lines[0].starts_with("m2mock: warning: ") && lines[0].ends_with(warning), "{lines:#?}");
}

#[test]
fn a_warning_about_several_entries_is_reported_once() {
    let text = r#"{ "clients": [{ "name": "a", "global": false }, { "name": "b", "global": false }, { "name": "c", "global": false }] }"#;
    let (code, lines) = message(&mut check(&seed("alike.json", text)));
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:#?}");
    assert!(lines[0].ends_with("(likewise 2 other entries)"), "{lines:#?}");
}

#[rstest]
#[case::a_section_with_something_in_it("migrations: { a: true }", Some(2), Some(0))]
#[case::an_empty_section("rules: []\nbranding: {}\nmigrations: {}", Some(0), Some(0))]
#[case::a_section_that_is_none("rulez: []", Some(2), Some(2))]
fn sections_that_are_not_modelled(#[case] text: &str, #[case] strict: Option<i32>, #[case] skipping: Option<i32>) {
    let file = seed(&format!("section{}.yaml", text.len()), text);
    assert_eq!(message(&mut check(&file)).0, strict);
    assert_eq!(message(check(&file).arg("--skip-unmodelled")).0, skipping);
    assert_eq!(message(check(&file).env("M2MOCK_SKIP_UNMODELLED", "true")).0, skipping);
}

#[test]
fn a_keyword_has_its_mapping_from_a_file_or_the_environment() {
    let file = seed("keywords.yaml", KEYWORDS);
    let mappings = seed("mappings.yaml", "SHOP_CALLBACKS: ['https://shop.example']\n");
    let (code, lines) = message(&mut check(&file));
    assert_eq!((code, lines.len()), (Some(2), 1), "{lines:#?}");
    let place = r#"line 3, clients, entry 1 ("Shop"), callbacks: the keyword "SHOP_CALLBACKS" has no mapping"#;
    assert!(lines[0].contains(place), "{lines:#?}");

    assert_eq!(message(check(&file).arg("--mappings").arg(&mappings)), (Some(0), Vec::new()));
    assert_eq!(message(check(&file).env("M2MOCK_MAPPINGS", &mappings)), (Some(0), Vec::new()));
    let list = ("SHOP_CALLBACKS", r#"["https://shop.example"]"#);
    assert_eq!(message(check(&file).envs([list])), (Some(0), Vec::new()));
    let all = ("AUTH0_KEYWORD_REPLACE_MAPPINGS", r#"{ "SHOP_CALLBACKS": ["https://shop.example"] }"#);
    assert_eq!(message(check(&file).envs([all])), (Some(0), Vec::new()));
    assert_eq!(message(check(&file).envs([list]).arg("--no-env")).0, Some(2));
}

#[test]
fn a_variable_wins_over_the_file_and_stays_a_text_unless_it_is_a_list_or_an_object() {
    let file = seed("wins.yaml", KEYWORDS);
    let mappings = seed("wins.json", r#"{ "SHOP_CALLBACKS": ["https://shop.example"] }"#);
    let (code, lines) = message(check(&file).arg("--mappings").arg(&mappings).env("SHOP_CALLBACKS", "5"));
    assert_eq!(code, Some(2));
    assert!(lines[0].contains("Expected type array but found type string"), "{lines:#?}");
}

#[test]
fn a_line_of_an_error_is_that_of_the_original_file() {
    let file = seed("lines.yaml", "tenant:\n  friendly_name: ##NAME_OF_SHOP##\nclients: [\n");
    let (_, lines) = message(check(&file).env("NAME_OF_SHOP", "one\n    two\n    three"));
    assert!(lines[0].contains("lines.yaml, line 4, column 1: the YAML cannot be read"), "{lines:#?}");
}

#[test]
fn unreadable_mappings_are_an_error_of_one_sentence() {
    let (code, lines) = message(check(&seed("any.yaml", "{}")).args(["--mappings", "no/such/file.json"]));
    assert_eq!((code, lines.len()), (Some(2), 1), "{lines:#?}");
    assert!(lines[0].starts_with("m2mock: no/such/file.json: the mapping file cannot be read"), "{lines:#?}");
}

#[rstest]
#[case::one_file("bookshop.yaml")]
#[case::a_folder("library")]
#[tokio::test]
async fn an_export_is_served(#[case] name: &str) {
    let (export, mappings) = (export(name), export("bookshop.mappings.json"));
    let file = scratch(&format!("served_{name}.ready.json"));
    let mut command = m2mock(&["serve", "--port", "0", "--skip-unmodelled", "--ready-file"]);
    command.arg(&file).arg("--seed").arg(&export).arg("--mappings").arg(&mappings);
    command.envs([("LIBRARY", "library"), ("READING_ROOM_CALLBACKS", "[]")]);
    let served = Served::run(&mut command, &file);

    let client = wire::client();
    let management = &served.ready["management"];
    let request = json!({
        "grant_type": "client_credentials",
        "client_id": management["client_id"],
        "client_secret": management["client_secret"],
        "audience": management["audience"],
    });
    let answer = client.post(format!("{}/oauth/token", served.uri())).json(&request).send().await.unwrap();
    let token: Value = answer.json().await.unwrap();
    let clients = client.get(format!("{}/api/v2/clients", served.uri()));
    let clients = clients.bearer_auth(token["access_token"].as_str().unwrap()).send().await.unwrap();
    let clients: Value = clients.json().await.unwrap();
    let explorers = clients.as_array().unwrap().iter().filter(|client| client["name"] == "API Explorer Application");
    assert_eq!((explorers.count(), clients.as_array().unwrap().len()), (1, 4));
}
