//! A seed with several problems reports all of them, also for hostile input.

use std::fs;
use std::path::PathBuf;

use m2mock::internal::{Config, Tenant, plant};
use m2mock::{MockTenant, SeedProblemKind};
use m2mock::{Seed, SeedError};
use rstest::rstest;
use serde_json::{Value, json};

fn problems(seed: &Value) -> SeedError {
    let seed = Seed::parse(&seed.to_string(), "seed.json");
    seed.and_then(|seed| plant(&seed, &Tenant::new(Config::default()))).unwrap_err()
}

#[test]
fn every_invalid_entry_is_reported() {
    let refusal = problems(&json!({
        "clients": [
            { "name": "Bot", "app_typ": "spa", "lable": "a" },
            { "name": "Other", "app_type": "robot" },
        ],
        "organizations": [{ "name": "granite-tours", "conections": [] }, { "name": "Not A Name" }],
        "clientGrants": [{ "client_id": "Nobody", "audience": "trips" }],
    }));
    let expected = [
        r#"seed.json, clients, entry 1 ("Bot"): there is no key "app_typ"; did you mean "app_type"?"#,
        r#"seed.json, clients, entry 1 ("Bot"): there is no key "lable""#,
        r#"seed.json, clients, entry 2 ("Other"): the Management API refuses it: Payload validation error: 'Invalid value "robot"' on property app_type."#,
        r#"seed.json, organizations, entry 1 ("granite-tours"): there is no key "conections""#,
    ];
    let told = refusal.to_string();
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[..4], expected);
    assert!(
        lines[4].contains(r#"entry 2 ("Not A Name")"#) && lines[5].contains(r#"with the name or id "Nobody""#),
        "{told}"
    );
    assert_eq!(lines.len(), 6);
}

#[test]
fn all_problems_of_a_reader_are_reported() {
    let text = json!({
        "cleints": [],
        "migrations": { "a": true },
        "clients": ["Bot", { "name": "Other", "x-m2mock": { "client_id": 1, "id": "a" } }],
        "organizations": [{ "name": "granite-tours", "client_grants": [{}] }],
    });
    let refusal = Seed::parse(&text.to_string(), "seed.json").unwrap_err();
    let kinds: Vec<SeedProblemKind> = refusal.problems().iter().map(|problem| problem.kind).collect();
    use SeedProblemKind::{Shape, UnknownKey, UnknownSection, UnmodelledSection};
    assert_eq!(kinds, [UnknownSection, UnmodelledSection, Shape, Shape, UnknownKey, Shape], "{refusal}");
    assert!(refusal.to_string().contains(r#"there is no section "cleints"; did you mean "clients"?"#), "{refusal}");
    assert_eq!(refusal.problems()[2].section(), Some("clients"));
}

#[test]
fn an_entry_that_depends_on_a_refused_entry_is_not_reported() {
    let refusal = problems(&json!({
        "resourceServers": [{ "identifier": "trips" }],
        "clients": [{ "name": "Bot", "app_type": "robot" }],
        "databases": [{ "name": "users", "enabled_clients": ["Bot"] }],
        "organizations": [{ "name": "granite-tours", "client_grants": [{ "client_id": "Bot" }] }],
        "clientGrants": [{ "client_id": "Bot", "audience": "trips" }],
    }));
    assert_eq!(refusal.problems().len(), 1, "{refusal}");
}

#[test]
fn the_check_continues_after_a_misspelt_key() {
    let refusal = problems(&json!({ "clients": [{ "name": "Bot", "app_typ": "spa", "callbacks": [1] }] }));
    assert_eq!(refusal.problems().len(), 2, "{refusal}");
    assert_eq!(refusal.problems()[0].kind, SeedProblemKind::UnknownKey);
    assert_eq!(refusal.problems()[1].kind, SeedProblemKind::Refused);
}

#[test]
fn a_tenant_reports_all_problems_of_all_seeds() {
    let seed = |name: &str| Seed::parse(r#"{ "clients": [{ "nam": "a" }] }"#, name).unwrap();
    let start = || MockTenant::builder().seed(seed("one.json")).seed(seed("two.json")).start();
    let panic = std::panic::catch_unwind(start).err().unwrap();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.contains("one.json, clients") && message.contains("two.json, clients"), "{message}");
}

/// A folder of this test alone, empty.
fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("seed_problems").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("clients")).unwrap();
    folder
}

#[test]
fn a_folder_of_another_kind() {
    let folder = scratch("other");
    fs::remove_dir(folder.join("clients")).unwrap();
    let told = Seed::read(&folder).unwrap_err().to_string();
    assert!(told.ends_with("no tenant.json, and no folder such as clients"), "{told}");
    fs::write(folder.join("tenant.yaml"), "{}").unwrap();
    assert!(Seed::read(&folder).unwrap_err().to_string().ends_with("name its file tenant.yaml"));
}

#[rstest]
#[case::binary(b"\xff\xfe\x00", "is not a text in UTF-8")]
#[case::half_of_it(b"{ \"name\": ", "line 1, column 10: the JSON cannot be read")]
#[case::too_deep(&[b'['; 10_000], "the JSON cannot be read: recursion limit exceeded")]
#[case::a_list(b"[]", ": an object belongs here")]
#[case::a_key_twice(b"{ \"name\": 1, \"name\": 2 }", "the key \"name\" stands here twice")]
fn a_file_of_a_folder_that_cannot_be_read(#[case] content: &[u8], #[case] fault: &str) {
    let folder = scratch(fault.split_once(' ').unwrap().0.trim_matches(':'));
    fs::write(folder.join("clients/a.json"), content).unwrap();
    fs::write(folder.join("clients/b.json"), "[]").unwrap();
    let refusal = Seed::read(&folder).unwrap_err();
    assert_eq!(refusal.problems().len(), 2, "{refusal}");
    assert!(refusal.problems()[0].file().ends_with("a.json"));
    assert!(refusal.problems().iter().any(|problem| problem.to_string().contains(fault)), "{refusal}");
}

#[test]
fn a_folder_of_too_many_bytes() {
    let folder = scratch("large");
    let client = json!({ "name": "a", "description": "x".repeat(3 << 20) }).to_string();
    for number in 0..6 {
        fs::write(folder.join(format!("clients/{number}.json")), &client).unwrap();
    }
    let refusal = Seed::read(&folder).unwrap_err().to_string();
    assert!(refusal.ends_with("5.json: the seed is too large; 16 MiB are the most"), "{refusal}");
}

#[test]
fn keywords_count_with_their_values_in_a_folder() {
    let folder = scratch("lengthened");
    for number in 0..6 {
        fs::write(folder.join(format!("clients/{number}.json")), r###"{ "name": "a", "description": "##LONG##" }"###)
            .unwrap();
    }
    let reader = Seed::reader().mapping("LONG", "x".repeat(3 << 20));
    let refusal = reader.read(&folder).unwrap_err().to_string();
    let fault = "5.json: the seed is too large with the values of its keywords; 16 MiB are the most";
    assert!(refusal.ends_with(fault), "{refusal}");
}

#[test]
fn two_files_with_the_same_name_are_two_entries() {
    let folder = scratch("twice");
    fs::create_dir(folder.join("organizations")).unwrap();
    for file in ["a", "b"] {
        fs::write(folder.join(format!("organizations/{file}.json")), r#"{ "name": "granite-tours" }"#).unwrap();
    }
    let refusal = plant(&Seed::read(&folder).unwrap(), &Tenant::new(Config::default())).unwrap_err().to_string();
    assert!(
        refusal.contains("b.json") && refusal.contains("An organization with this name already exists."),
        "{refusal}"
    );
}

#[rstest]
#[case::upwards("../../secret.html")]
#[case::from_the_root("/etc/hosts.html")]
#[case::of_windows("..\\..\\secret.html")]
fn a_file_outside_of_the_folder_is_not_read(#[case] path: &str) {
    let folder = scratch(&format!("escape{}", path.len())).join("inner");
    fs::create_dir_all(folder.join("clients")).unwrap();
    fs::write(folder.join("../secret.html"), "secret").unwrap();
    let client = json!({ "name": "a", "custom_login_page": path });
    fs::write(folder.join("clients/a.json"), client.to_string()).unwrap();
    let refusal = Seed::read(&folder).unwrap_err();
    assert_eq!(refusal.problems()[0].kind, SeedProblemKind::File);
    assert!(refusal.to_string().contains("lies outside of the folder of the seed"), "{refusal}");
    assert!(!refusal.to_string().contains("secret\""), "{refusal}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_or_to_itself_is_not_followed() {
    let outer = scratch("links");
    fs::write(outer.join("outside.json"), r#"{ "name": "a" }"#).unwrap();
    let folder = outer.join("inner");
    fs::create_dir_all(folder.join("clients")).unwrap();
    std::os::unix::fs::symlink(outer.join("outside.json"), folder.join("clients/out.json")).unwrap();
    std::os::unix::fs::symlink("loop.json", folder.join("clients/loop.json")).unwrap();
    std::os::unix::fs::symlink("..", folder.join("clients/up")).unwrap();
    let refusal = Seed::read(&folder).unwrap_err();
    assert_eq!(refusal.problems().len(), 2, "{refusal}");
    assert!(
        refusal.to_string().lines().all(|line| line.ends_with("lies outside of the folder of the seed, or nowhere"))
    );
}

#[cfg(unix)]
#[test]
fn a_file_without_permission_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let folder = scratch("permission");
    let file = folder.join("clients/a.json");
    fs::write(&file, r#"{ "name": "a" }"#).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser may read every file.
    if fs::read(&file).is_err() {
        assert!(Seed::read(&folder).unwrap_err().to_string().contains("a.json: the seed cannot be read: "));
    } else {
        assert!(Seed::read(&folder).is_ok());
    }
}

#[rstest]
#[case::no_object("[1]", "an object with a value for each keyword belongs here")]
#[case::no_json("{", "the JSON cannot be read")]
#[case::no_mappings(
    r#"{ "AUTH0_KEYWORD_REPLACE_MAPPINGS": 1 }"#,
    "an object with a value for each keyword belongs here"
)]
fn a_file_of_mappings_that_is_none(#[case] content: &str, #[case] fault: &str) {
    let file = scratch(&format!("mappings{}", content.len())).join("mappings.json");
    fs::write(&file, content).unwrap();
    let refusal = Seed::reader().mappings(&file).unwrap_err().to_string();
    assert!(refusal.contains("mappings.json") && refusal.contains(fault), "{refusal}");
}

#[test]
fn values_of_mappings_do_not_show_in_debug() {
    let view = format!("{:?}", Seed::reader().mapping("SECRET", "hush"));
    assert!(!view.contains("hush"), "{view}");
}
