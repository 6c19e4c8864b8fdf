//! No output of the command and of the control holds a secret: reports, recordings, transcripts, verdicts of a replay,
//! problems of a seed and answers below `/__admin`. The names and the marker are those of `secrets`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use m2mock::MockTenant;
use serde_json::{Value, json};

use crate::secrets::{MARKER, all_names, placed, secret_in, values};
use crate::wire;

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("secret-outputs").join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn m2mock(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The same against a tenant.
fn against(tenant: &MockTenant, folder: &Path, arguments: &[&str]) -> Output {
    let (id, secret) = tenant.management_client();
    Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .current_dir(folder)
        .args(arguments)
        .args(["--target", &tenant.uri(), "--audience", &tenant.management_audience(), "--concurrency", "8"])
        .env("M2MOCK_TARGET_CLIENT_ID", id)
        .env("M2MOCK_TARGET_CLIENT_SECRET", secret)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[track_caller]
fn hold_no_secret(output: &Output, files: &[PathBuf]) {
    for printed in [&output.stdout, &output.stderr] {
        let printed = String::from_utf8_lossy(printed);
        assert_eq!(secret_in(&printed), None, "{printed}");
    }
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        assert_eq!(secret_in(&text), None, "{}: {}", file.display(), around_secret(&text));
    }
}

/// The text around the secret in a long text.
fn around_secret(text: &str) -> String {
    let lines = text.lines().filter(|line| secret_in(line).is_some());
    lines.map(|line| line.chars().take(600).collect::<String>() + "\n").take(5).collect()
}

/// A scenario for each place where a feature file may hold a secret. Each fails, so that a report says why.
fn feature() -> String {
    let below = |step: String, body: &Value| format!("    When {step}\n      \"\"\"\n{body:#}\n      \"\"\"\n");
    let mut steps: Vec<String> = Vec::new();
    for value in values() {
        let all = all_names(&value);
        let body = json!({ "name": "a", "options": { "x": [all] } });
        steps.push(below("I POST \"/connections\" with".to_owned(), &body));
        steps.push(below("the token endpoint is sent the JSON".to_owned(), &all));
    }
    for (path, body) in placed() {
        match path.strip_prefix("/api/v2") {
            Some(path) => steps.push(below(format!("I POST \"{path}\" with"), &body)),
            None => steps.push(below("the token endpoint is sent the JSON".to_owned(), &body)),
        }
    }
    steps.push(format!("    When I GET \"/clients?client_secret={MARKER}\"\n"));
    steps.push(format!(
        "    When the token endpoint is sent the form\n      \"\"\"\n      client_secret={MARKER}\n      \"\"\"\n"
    ));
    let asks = "    Given an API \"travel\"\n    And an application \"bot\"\n    When \"bot\" asks for a token for \"travel\" with\n";
    steps.push(format!("{asks}      | client_secret | {MARKER} |\n"));
    let mut text = "@assumption\nFeature: secrets\n".to_owned();
    for step in steps {
        text += &format!("  Scenario: it\n{step}    Then the answer is 299\n");
    }
    text + &format!(
        "  Scenario Outline: rows\n{asks}      | client_secret | <client_secret> |\n    Then the answer is 299\n    \
         Examples:\n      | name | client_secret |\n      | bot  | {MARKER} |\n"
    )
}

#[test]
fn a_report_and_a_recording_hold_no_secret_of_a_feature_file() {
    let folder = folder("report");
    fs::write(folder.join("secrets.feature"), feature()).unwrap();
    let writers = ["--html", "run.html", "--json", "run.json", "--junit", "run.xml", "--record", "recorded"];
    let output = m2mock(&folder, &[&["conformance", "secrets.feature", "--keep-going"][..], &writers].concat());
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let files = ["run.html", "run.json", "run.xml", "recorded/conformance.json"].map(|name| folder.join(name));
    hold_no_secret(&output, &files);
    let page = fs::read_to_string(&files[0]).unwrap();
    assert!(page.contains("[REDACTED]") && page.contains("client_secret") && page.contains("the answer is 299"));
    // Each failure has its reason, as plainly as the page.
    let printed = String::from_utf8_lossy(&output.stdout);
    for text in [&*printed, &page, &fs::read_to_string(&files[1]).unwrap(), &fs::read_to_string(&files[2]).unwrap()] {
        assert!(text.contains("not 299 but"), "{text}");
        assert!(!text.contains("panicked") && !text.contains("steps/answer.rs"), "{text}");
    }
}

#[test]
fn transcripts_and_answers_of_a_tenant_hold_no_secret_of_a_feature_file() {
    let folder = folder("transcript");
    fs::write(folder.join("secrets.feature"), feature()).unwrap();
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    // Both sides differ, so that the report shows what was asked and answered.
    tenant.faults().on_operation("POST /connections").answers(418);
    let output = against(&tenant, &folder, &["drift", "--report", "report", "secrets.feature"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    let written = fs::read_dir(folder.join("report")).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    assert_eq!(written.len(), 2, "{written:?}");
    hold_no_secret(&output, &written);
    let output = against(&tenant, &folder, &["conformance", "--calibrate", "answers.yaml", "secrets.feature"]);
    assert!(output.status.code().is_some_and(|code| code < 2), "{}", String::from_utf8_lossy(&output.stderr));
    hold_no_secret(&output, &[folder.join("answers.yaml")]);
}

/// A recording of another tool may have secrets; the report of its replay has none.
#[test]
fn the_verdicts_of_a_replay_hold_no_secret() {
    let folder = folder("replay");
    let bodies = values().map(|value| all_names(&value)).into_iter().map(|body| ("/api/v2/clients", body));
    let interactions: Vec<Value> = bodies
        .chain(placed())
        .map(|(path, body)| json!({ "method": "POST", "path": path, "query": { "client_secret": MARKER }, "request": body, "status": 201, "response": body }))
        .collect();
    let recording = json!({ "source": "test", "cassette": "secrets", "interactions": interactions });
    fs::write(folder.join("recording.json"), recording.to_string()).unwrap();
    let arguments =
        ["replay", "recording.json", "--show", "100", "--json", "verdicts.json", "--verdicts", "verdicts.tsv"];
    let output = m2mock(&folder, &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    hold_no_secret(&output, &[folder.join("verdicts.json"), folder.join("verdicts.tsv")]);
}

#[test]
fn the_problems_of_a_seed_hold_no_secret() {
    let folder = folder("seed");
    for value in values() {
        let all = all_names(&value);
        let mut client = all.clone();
        client["name"] = "Bot".into();
        let seed = json!({
            "tenant": { "flags": all },
            "clients": [client],
            "databases": [{ "name": "users", "options": all }],
            "connections": [{ "name": "google", "strategy": "google-oauth2", "options": all, "metadata": all }],
            "resourceServers": [{ "identifier": "trips", "signing_secret": value, "scopes": [all] }],
            "organizations": [{ "name": "granite-tours", "metadata": all, "connections": [all], "clients": [all] }],
        });
        fs::write(folder.join("seed.json"), seed.to_string()).unwrap();
        let output = m2mock(&folder, &["check", "seed.json"]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
        hold_no_secret(&output, &[]);
    }
}

#[test]
fn answers_of_the_control_api_have_no_secrets_of_the_request() {
    let tenant = MockTenant::start();
    let uri = tenant.uri();
    let ask = |method: &str, path: &str, body: &str| {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            wire::address(&uri),
            body.len()
        );
        wire::send(&uri, (head + body).as_bytes()).body
    };
    for value in values() {
        let all = all_names(&value);
        for (path, body) in [
            ("/oauth/token", all.clone()),
            ("/__admin/v1/clock", all.clone()),
            ("/__admin/v1/faults", all.clone()),
            ("/__admin/v1/tenants", all.clone()),
            ("/__admin/v1/tenants", json!({ "domain": "a.localhost", "seed": { "clients": [all], "tenant": all } })),
            ("/__admin/v1/state", all.clone()),
        ] {
            let method = if path.ends_with("clock") || path.ends_with("state") { "PUT" } else { "POST" };
            let answer = ask(method, path, &body.to_string());
            assert_eq!(secret_in(&answer), None, "{method} {path}: {answer}");
        }
    }
    for name in ["client_secret", "%63lient_secret", "access_token"] {
        let answer = ask("GET", &format!("/__admin/v1/requests?{name}={MARKER}"), "");
        assert_eq!(secret_in(&answer), None, "{answer}");
    }
    for path in ["requests", "faults", "tenants", "clock"] {
        let answer = ask("GET", &format!("/__admin/v1/{path}"), "");
        assert_eq!(secret_in(&answer), None, "{path}: {answer}");
    }
    assert!(ask("GET", "/__admin/v1/requests", "").contains("/oauth/token"));
}

/// The journal of a run has the original settings, and calibrated answers have error texts of a tenant.
#[cfg(unix)]
#[test]
fn journals_and_calibrated_answers_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = folder("modes");
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    let text = "@assumption\nFeature: mine\n  Scenario: it\n    Given an organization \"acme\"\n    When I GET \"/organizations/org_0123456789abcdef\"\n";
    fs::write(folder.join("mine.feature"), text).unwrap();
    let calibrate = ["conformance", "--calibrate", "answers.yaml", "--journals", "journals", "mine.feature"];
    let output = against(&tenant, &folder, &calibrate);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    // What cannot be deleted stays in the journal.
    tenant.faults().on_operation("DELETE /organizations/{id}").answers(500);
    against(&tenant, &folder, &["conformance", "--journals", "journals", "mine.feature"]);
    let journals = fs::read_dir(folder.join("journals")).unwrap().map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> = journals.chain([folder.join("answers.yaml")]).collect();
    assert_eq!(files.len(), 2, "{files:?}");
    for file in files {
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}
