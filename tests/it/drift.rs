//! `m2mock drift` between two processes of one binary: they have different names, which are not a difference.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::serve::{Served, m2mock, scratch};

/// An empty folder of this test alone.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn serve(name: &str, arguments: &[&str]) -> Served {
    let seed = scratch(&format!("{name}.seed.json"));
    fs::write(&seed, "{}").unwrap();
    Served::start(name, &[&["--seed", seed.to_str().unwrap()], arguments].concat())
}

/// Compares a served tenant, reached by this host, with a mock.
fn drift(served: &Served, host: &str, report: &Path, arguments: &[&str]) -> Output {
    let (_, port) = served.uri().rsplit_once(':').unwrap();
    m2mock(&["drift", "--target", &format!("http://{host}:{port}"), "--concurrency", "8"])
        .args(["--report", report.to_str().unwrap(), "--ledgers", report.join("ledgers").to_str().unwrap()])
        .args(arguments)
        .env("M2MOCK_TARGET_CLIENT_ID", served.ready["management"]["client_id"].as_str().unwrap())
        .env("M2MOCK_TARGET_CLIENT_SECRET", served.ready["management"]["client_secret"].as_str().unwrap())
        .output()
        .unwrap()
}

fn message(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn shows_no_difference(output: &Output) {
    assert!(output.status.code() == Some(0) && message(output).contains(" 0 differences"), "{}", message(output));
}

#[test]
fn every_scenario_has_the_same_answers_in_two_processes() {
    let served = serve("drift_whole", &[]);
    shows_no_difference(&drift(&served, "127.0.0.1", &folder("drift-whole"), &[]));
}

#[test]
fn the_name_by_which_a_tenant_is_reached_and_its_own_are_no_difference() {
    let about = ["--tags", "@R13 or @R16 or @R41 or @serial"];
    let served = serve("drift_localhost", &[]);
    shows_no_difference(&drift(&served, "localhost", &folder("drift-localhost"), &about));
    let served = serve("drift_domain", &["--domain", "payroll-inc.eu.auth0.example"]);
    shows_no_difference(&drift(&served, "127.0.0.1", &folder("drift-domain"), &about));
    let audience = ["--audience", "https://payroll-inc.eu.auth0.example/api/v2/"];
    shows_no_difference(&drift(&served, "127.0.0.1", &folder("drift-audience"), &[&about[..], &audience].concat()));
}

#[test]
fn the_second_report_of_a_day_does_not_replace_the_first() {
    let served = serve("drift_twice", &[]);
    let report = folder("drift-twice");
    for _ in 0..2 {
        shows_no_difference(&drift(&served, "127.0.0.1", &report, &["--tags", "@R13"]));
    }
    let names = fs::read_dir(&report).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let reports = names.filter(|name| name.starts_with("drift-"));
    let endings: BTreeSet<String> = reports.map(|name| name["drift-2026-01-01".len()..].to_owned()).collect();
    assert_eq!(endings, [".md", ".json", "-2.md", "-2.json"].map(str::to_owned).into());
}

#[test]
fn differences_are_grouped_by_operation_place_and_kind() {
    let answers = scratch("drift_answers.json");
    let other =
        r#"{ "token": { "R16": { "status": 403, "error": "access_denied", "error_description": "which one?" } } }"#;
    fs::write(&answers, other).unwrap();
    let served = serve("drift_groups", &["--answers", answers.to_str().unwrap()]);
    let report = folder("drift-groups");
    let output = drift(&served, "127.0.0.1", &report, &["--tags", "@R16"]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    let printed = message(&output);
    let groups: Vec<&str> = printed.lines().filter(|line| line.starts_with("differs: POST /oauth/token")).collect();
    assert!(!groups.is_empty() && groups.iter().all(|line| line.contains("scenarios: ")), "{printed}");
    let page = fs::read_dir(&report).unwrap().map(|entry| entry.unwrap().path());
    let (pages, others): (Vec<_>, Vec<_>) = page.partition(|path| path.extension().is_some_and(|found| found == "md"));
    let text = fs::read_to_string(&pages[0]).unwrap();
    assert!(text.contains("## Differences by operation, place and kind"), "{text}");
    let json = others.iter().find(|path| path.extension().is_some_and(|found| found == "json")).unwrap();
    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["groups"].as_array().unwrap().len(), groups.len(), "{json}");
}
