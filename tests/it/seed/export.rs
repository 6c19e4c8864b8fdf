//! The way back: a tenant in the layout of a seed, by `MockTenant::to_seed` and by `m2mock export`.

use std::fs;
use std::path::{Path, PathBuf};

use m2mock::http::Method;
use m2mock::{MockTenant, Seed};
use rstest::rstest;
use serde_json::{Value, json};

use super::exports::{export, started};
use super::tenant_with;
use crate::serve::m2mock;

/// A tenant with a seed of the tests.
fn tenant(name: &str) -> MockTenant {
    let reader = Seed::reader().skip_unmodelled();
    let mappings = ["bookshop", "library", "travel0"].into_iter().find(|known| name.starts_with(known));
    let reader = match mappings {
        Some(mappings) => reader.mappings(export(&format!("{mappings}.mappings.json"))).unwrap(),
        None => reader,
    };
    started(reader.read(export(name)).unwrap())
}

/// Both are the same; otherwise the first difference of each section is told.
#[track_caller]
fn assert_same(left: &Value, right: &Value) {
    fn difference(place: &str, left: &Value, right: &Value) -> Option<String> {
        match (left, right) {
            (Value::Object(one), Value::Object(other)) => {
                let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
                let all: Vec<String> =
                    keys.filter_map(|key| difference(&format!("{place}/{key}"), &left[key], &right[key])).collect();
                (!all.is_empty()).then(|| all.join("\n"))
            }
            (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
                let mut pairs = one.iter().zip(other).enumerate();
                pairs.find_map(|(index, (one, other))| difference(&format!("{place}/{index}"), one, other))
            }
            _ => (left != right).then(|| format!("{place}: {left} and {right}")),
        }
    }
    if let Some(differences) = difference("", left, right) {
        panic!("{differences}");
    }
}

/// A tenant with an export as its seed.
fn with(seed: &Value) -> MockTenant {
    // A page of the library has a text that is none of its keywords.
    let reader = Seed::reader().mapping("anything", "##anything##");
    started(reader.parse(&seed.to_string(), "seed.json").unwrap())
}

#[rstest]
fn a_tenant_with_the_seed_of_another_one_has_the_same_seed(
    #[values("every-section.yaml", "bookshop.yaml", "clinic.yaml", "library", "travel0", "travel0-file/tenant.yaml")]
    name: &str,
) {
    let tenant = tenant(name);
    let seed = tenant.to_seed();
    assert_same(&with(&seed).to_seed(), &seed);
}

#[test]
fn the_seed_of_a_tenant_has_every_section_that_the_tenant_has() {
    let tenant = tenant("every-section.yaml");
    let seed = tenant.to_seed();
    let sections: Vec<&str> = seed.as_object().unwrap().keys().map(String::as_str).collect();
    let given = std::fs::read_to_string(export("every-section.yaml")).unwrap();
    let named = given.lines().filter_map(|line| line.split_once(':').filter(|_| line.starts_with(char::is_alphabetic)));
    let mut named: Vec<&str> = named.map(|(section, _)| section).collect();
    named.sort_unstable();
    assert_eq!(sections, named);
    assert_eq!(seed["tokenExchangeProfiles"][0]["action"], "Exchange a voucher");
    assert_eq!(seed["clientGrants"][0]["client_id"], "Partner bot");
    assert_eq!(seed["flows"][0]["actions"][0]["params"]["connection_id"], "Mailer");
    assert_eq!(seed["forms"][0]["nodes"][0]["config"]["flow_id"], "Welcome mail");
    assert_eq!(seed["selfServiceProfiles"][0]["user_attribute_profile_id"], "Passenger");
    assert_eq!(seed["organizations"][0]["connections"][0]["name"], "granite-sso");
    assert!(!seed.to_string().contains("not-a-secret"), "{seed}");
}

#[test]
fn a_new_tenant_has_next_to_nothing_in_its_seed() {
    let seed = MockTenant::start().to_seed();
    let sections: Vec<&str> = seed.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(sections, ["databases", "pages", "resourceServers", "tenant"]);
}

#[test]
fn entities_that_share_a_name_are_told_apart_by_their_ids() {
    let bot = |id: &str| json!({ "name": "Bot", "x-m2mock": { "client_id": id } });
    let grant = |id: &str, usage: &str| json!({ "client_id": id, "audience": "https://travel0.example/api", "scope": [], "organization_usage": usage });
    let given = json!({
        "resourceServers": [{ "name": "API", "identifier": "https://travel0.example/api" }],
        "clients": [bot("bot-a"), bot("bot-b"), { "name": "Other" }],
        "clientGrants": [grant("bot-a", "deny"), grant("bot-b", "allow")],
    });
    let seed = tenant_with(&[given]).to_seed();
    let ids = |section: &str| -> Vec<Value> {
        seed[section].as_array().unwrap().iter().map(|entry| entry["client_id"].clone()).collect()
    };
    assert_eq!(ids("clients"), [json!("bot-a"), json!("bot-b"), json!(null)]);
    assert_eq!(ids("clientGrants"), ["bot-a", "bot-b"]);
    assert_same(&with(&seed).to_seed(), &seed);
}

/// The state of a tenant in a file, in a folder for the files of one test.
fn state_of(tenant: &MockTenant, test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("seed-export").join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let state = folder.join("state.json");
    fs::write(&state, tenant.export()).unwrap();
    state
}

/// `m2mock export` of a tenant, as the one that a state or a server has.
fn exported(from: &str, target: &Path, more: &[&str]) -> Result<(), String> {
    let mut command = m2mock(&["export", "--format", "deploy-tool", "--from", from]);
    let output = command.arg(target).args(more).output().unwrap();
    if output.status.success() {
        assert!(output.stderr.is_empty(), "{output:?}");
        return Ok(());
    }
    assert_eq!(output.status.code(), Some(2));
    Err(String::from_utf8(output.stderr).unwrap())
}

/// The files of a folder, at every depth.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() { files.extend(self::files(&entry)) } else { files.push(entry) }
    }
    files.sort();
    files
}

#[rstest]
fn each_layout_is_a_seed_of_the_same_tenant(
    #[values("tenant.yaml", "tenant.json", "tenant")] target: &str,
    #[values("every-section.yaml", "bookshop.yaml", "library")] name: &str,
) {
    let tenant = tenant(name);
    let state = state_of(&tenant, &format!("layout-{target}-{name}"));
    let target = state.with_file_name(target);
    exported(state.to_str().unwrap(), &target, &[]).unwrap();

    let reader = Seed::reader().mapping("anything", "##anything##");
    let again = started(reader.read(&target).unwrap());
    assert_same(&again.to_seed(), &tenant.to_seed());
    // Again in the same layout, byte by byte.
    let second = target.with_file_name(format!("second-{}", target.file_name().unwrap().to_str().unwrap()));
    fs::write(&state, again.export()).unwrap();
    exported(state.to_str().unwrap(), &second, &[]).unwrap();
    if target.is_dir() {
        let read = |folder: &Path| -> Vec<(PathBuf, String)> {
            let read =
                |file: PathBuf| (file.strip_prefix(folder).unwrap().to_owned(), fs::read_to_string(&file).unwrap());
            files(folder).into_iter().map(read).collect()
        };
        assert_eq!(read(&second), read(&target));
    } else {
        assert_eq!(fs::read_to_string(second).unwrap(), fs::read_to_string(target).unwrap());
    }
}

#[test]
fn a_folder_has_the_files_of_the_deploy_tool() {
    let state = state_of(&tenant("every-section.yaml"), "files");
    let folder = state.with_file_name("export");
    exported(state.to_str().unwrap(), &folder, &[]).unwrap();
    let files: Vec<String> = files(&folder)
        .iter()
        .map(|file| file.strip_prefix(&folder).unwrap().to_str().unwrap().replace('\\', "/"))
        .collect();
    for file in [
        "tenant.json",
        "clients/Partner bot.json",
        "database-connections/Passengers/database.json",
        "grants/Partner bot for https---travel0.example-bookings.json",
        "organizations/granite-tours.json",
        "actions/Add the plan.json",
        "actions/Add the plan/code.js",
        "triggers/triggers.json",
        "rules/Note-the-plan.js",
        "pages/error_page.html",
        "emails/provider.json",
        "emails/verify_email.html",
        "branding/branding.json",
        "branding/templates/1.json",
        "prompts/custom-text.json",
        "attack-protection/brute-force-protection.json",
    ] {
        assert!(files.iter().any(|known| known == file), "{file} is missing: {files:#?}");
    }
}

#[test]
fn secrets_are_written_only_on_request_and_for_their_owner() {
    let tenant = MockTenant::start();
    let bot = tenant.application("Partner bot").create();
    let idp = json!({
        "name": "granite-sso", "strategy": "oidc",
        "options": {
            "type": "back_channel", "client_id": "granite", "client_secret": "hush-hush-hush", "issuer": "https://idp.example",
            "authorization_endpoint": "https://idp.example/authorize", "token_endpoint": "https://idp.example/token",
            "jwks_uri": "https://idp.example/jwks",
        },
    });
    tenant.perform(Method::POST, "/connections", idp).unwrap();
    let state = state_of(&tenant, "secrets");
    for (target, more) in [("without.yaml", &[][..]), ("with.yaml", &["--with-secrets"])] {
        let target = state.with_file_name(target);
        exported(state.to_str().unwrap(), &target, more).unwrap();
        let text = fs::read_to_string(&target).unwrap();
        for secret in [bot.client_secret.as_str(), "hush-hush-hush"] {
            assert_eq!(text.contains(secret), !more.is_empty(), "{text}");
        }
        let again = started(Seed::read(&target).unwrap());
        let clients = again.perform(Method::GET, "/clients", Value::Null).unwrap();
        let kept = clients.as_array().unwrap().iter().any(|client| client["client_secret"] == bot.client_secret);
        assert_eq!(kept, !more.is_empty(), "{clients}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&target).unwrap().permissions().mode();
            assert_eq!(mode & 0o77 == 0, !more.is_empty(), "{mode:o}");
        }
    }
}

#[test]
fn a_served_tenant_is_exported_by_its_name() {
    let tenant = MockTenant::start();
    tenant.organization("granite-tours").create();
    let added = tenant.add_tenant(MockTenant::builder().domain("acme.localhost"));
    added.organization("north").create();
    let state = state_of(&tenant, "served");
    let uri = tenant.uri();
    for (from, name) in [(uri.clone(), "granite-tours"), (uri.replace("127.0.0.1", "acme.localhost"), "north")] {
        let target = state.with_file_name(format!("{name}.json"));
        exported(&from, &target, &[]).unwrap();
        let seed: Value = serde_json::from_str(&fs::read_to_string(&target).unwrap()).unwrap();
        assert_eq!(seed["organizations"][0]["name"], name);
    }
}

#[test]
fn an_export_that_cannot_be_written_or_read_says_so_and_writes_nothing() {
    let tenant = MockTenant::builder().without_admin().allow_unmodelled_operations().start();
    let state = state_of(&tenant, "refused");
    let folder = state.parent().unwrap().to_owned();
    let nothing = folder.join("nothing");
    for (from, target, expected) in [
        (state.to_str().unwrap(), &folder, "is not empty"),
        (state.to_str().unwrap(), &state.with_extension("txt"), "a file for an export ends with .yaml or .json"),
        ("missing.json", &nothing, "the state missing.json cannot be read"),
        ("https://127.0.0.1:1", &nothing, "the control API is read over plain HTTP"),
        (&*tenant.uri(), &nothing, "status 404"),
        ("http://127.0.0.1:1", &nothing, "no state from http://127.0.0.1:1"),
    ] {
        fs::write(state.with_extension("txt"), "").unwrap();
        let refused = exported(from, target, &[]).unwrap_err();
        assert!(refused.contains(expected), "{expected}: {refused}");
    }
    assert!(!nothing.exists());
    assert_eq!(files(&folder).len(), 2);
}
