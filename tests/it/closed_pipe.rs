//! Commands with a closed output, as in `m2mock steps | head -1`: no command panics, and each finishes its work.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use m2mock::MockTenant;
use m2mock::http::Method;
use serde_json::{Value, json};

use crate::manual;
use crate::serve::{m2mock, scratch};

/// The writing end of a pipe without a reader.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

/// Runs a command twice: first with its standard output closed, then with standard error closed as well.
fn ends_quietly(command: &mut Command, code: i32) {
    let output = command.stdout(closed()).stderr(Stdio::piped()).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!((output.status.code(), message.contains("panicked")), (Some(code), false), "{command:?}: {message}");
    let status = command.stdout(closed()).stderr(closed()).status().unwrap();
    assert_eq!(status.code(), Some(code), "{command:?}");
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A recording of one answer that m2mock gives in the same way.
fn recording() -> String {
    let file = scratch("unread.json");
    let cassette = json!({ "source": "test", "cassette": "roles", "interactions": [
        { "method": "GET", "path": "/api/v2/roles", "status": 200, "response": [] },
    ] });
    fs::write(&file, cassette.to_string()).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn every_command_that_prints_a_result_ends_as_it_would_with_a_reader() {
    let (seed, wrong, recording) = (scratch("unread_seed.json"), scratch("unread_wrong.json"), recording());
    fs::write(&seed, "{}").unwrap();
    fs::write(&wrong, "nonsense").unwrap();
    for subcommand in manual::subcommands() {
        let cases: &[(&[&str], i32)] = match subcommand.as_str() {
            "check" => &[(&[seed.to_str().unwrap()], 0), (&[wrong.to_str().unwrap()], 2)],
            "completions" => &[(&["bash"], 0)],
            "conformance" => &[(&["--tags", "@R13"], 0), (&["--dry-run", "--tags", "@R13"], 0)],
            "man" | "steps" => &[(&[], 0)],
            "replay" => &[(&[&recording, "--show", "3"], 0)],
            // What they print is no result, or they need a tenant: the tests below.
            "serve" | "record" | "healthcheck" | "drift" | "export" => &[],
            other => panic!("decide what {other} does when nobody reads it"),
        };
        for (arguments, code) in cases {
            ends_quietly(m2mock(&[&subcommand]).args(*arguments), *code);
        }
        ends_quietly(&mut m2mock(&[&subcommand, "--help"]), 0);
        ends_quietly(&mut m2mock(&[&subcommand, "--no-such-option"]), 2);
    }
    ends_quietly(&mut m2mock(&["--version"]), 0);
}

#[test]
fn a_run_with_a_closed_pipe_removes_its_entities() {
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    let folder = folder("unread");
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (id, secret) = tenant.management_client();
    let on_the_tenant = |arguments: &[&str]| {
        let mut command = m2mock(arguments);
        command
            .args(["--target", &tenant.uri(), "--audience", &tenant.management_audience()])
            .args(["--journals", &path("journals")])
            .env("M2MOCK_TARGET_CLIENT_ID", &id)
            .env("M2MOCK_TARGET_CLIENT_SECRET", &secret);
        command
    };
    let lists = ["clients", "client-grants", "organizations", "resource-servers", "roles", "tenants/settings"];
    let holdings = || lists.map(|list| tenant.perform(Method::GET, &format!("/{list}"), Value::Null).unwrap());
    let before = holdings();
    for arguments in [
        &["conformance", "--tags", "@R13", "--html", &path("run.html")][..],
        &["conformance", "--tags", "@R16", "--calibrate", &path("answers.yaml")],
        &["conformance", "--clean"],
    ] {
        ends_quietly(&mut on_the_tenant(arguments), 0);
    }
    let status = on_the_tenant(&["drift", "--tags", "@R13", "--report", &path("report")]).stdout(closed()).status();
    assert!(matches!(status.unwrap().code(), Some(0 | 1)));
    assert!(folder.join("run.html").exists() && folder.join("answers.yaml").exists());
    assert_eq!(fs::read_dir(folder.join("journals")).map_or(0, Iterator::count), 0);
    assert!(holdings() == before, "something is left");
}
