//! The options and variables by which `conformance`, `replay` and `drift` name a tenant.

use std::fs;
use std::process::Command;

use rstest::rstest;
use serde_json::json;

use crate::serve::{m2mock, scratch};

/// What somebody who works with a tenant has set for the whole shell, and no target in it.
fn with_variables(arguments: &[&str]) -> Command {
    let mut command = m2mock(arguments);
    command
        .env("M2MOCK_TARGET_CLIENT_ID", "an-application")
        .env("M2MOCK_TARGET_CLIENT_SECRET", "its-secret")
        .env("M2MOCK_TARGET_AUDIENCE", "https://somebody.example/api/v2/");
    command
}

#[test]
fn without_a_target_its_variables_are_ignored() {
    let recording = scratch("target_variables.json");
    let cassette = json!({ "source": "test", "cassette": "roles", "interactions": [
        { "method": "GET", "path": "/api/v2/roles", "status": 200, "response": [] },
    ] });
    fs::write(&recording, cassette.to_string()).unwrap();
    for arguments in [
        &["conformance", "--tags", "@R13"][..],
        &["conformance", "--tags", "@R13", "--dry-run"],
        &["replay", recording.to_str().unwrap()],
    ] {
        let output = with_variables(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        // An empty variable counts as unset.
        let output = with_variables(arguments).env("M2MOCK_TARGET", "").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn a_command_without_its_target_is_an_error() {
    for arguments in [&["conformance", "--clean"][..], &["conformance", "--calibrate", "answers.yaml"], &["drift"]] {
        let output = with_variables(arguments).output().unwrap();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!((output.status.code(), message.contains("--target")), (Some(2), true), "{arguments:?}: {message}");
    }
}

#[rstest]
#[case("--client-id")]
#[case("--client-secret")]
#[case("--audience")]
#[case("--ca-file")]
fn an_option_about_a_target_that_is_not_named_is_a_mistake(#[case] option: &str) {
    let output = m2mock(&["conformance", "--tags", "@R13", option, "value"]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains(&format!("{option} needs --target <https://TENANT>")), "{message}");
}

#[test]
fn a_target_needs_an_application() {
    let output = m2mock(&["conformance", "--target", "https://somebody.example"]).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("--client-id <ID>") && message.contains("--client-secret <SECRET>"), "{message}");
}
