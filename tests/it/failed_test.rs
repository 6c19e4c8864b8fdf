//! The output of a test that fails while it has a tenant: its panic, and the tenant's report of refused requests.
//!
//! Each test runs itself in a child process, where it fails, and reads what the child printed.

use std::env;
use std::process::Command;

use m2mock::http::Method;
use m2mock::{Clock, MockTenant};
use serde_json::json;

use crate::wire;

/// Set in the child process.
const CHILD: &str = "M2MOCK_TEST_FAILS_HERE";

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

/// Runs `fails` in a child process, as the test with this name, and gives the standard error of the child without what
/// differs from run to run: the port, and the place and backtrace of the panic.
fn stderr_of(test: &str, fails: impl FnOnce()) -> String {
    if env::var_os(CHILD).is_some() {
        fails();
        unreachable!("the test {test} fails in the child process");
    }
    let this_binary = env::current_exe().expect("a test binary has a path");
    let child = Command::new(this_binary)
        .args(["--exact", &format!("failed_test::{test}"), "--nocapture", "--test-threads=1"])
        .env(CHILD, "1")
        .env("RUST_BACKTRACE", "0")
        .output()
        .expect("the test binary runs");
    assert!(!child.status.success(), "the child fails");
    let text = String::from_utf8(child.stderr).expect("text");
    let is_of_the_panic = |line: &&str| !line.starts_with("thread '") && !line.starts_with("note: ");
    let lines = text.lines().filter(|line| !line.is_empty()).filter(is_of_the_panic);
    let lines: Vec<&str> = lines.take_while(|line| !line.starts_with("error: ")).collect();
    without_ports(&lines.join("\n"))
}

fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + "<tenant>" + part.trim_start_matches(|c: char| c.is_ascii_digit()))
}

fn get(tenant: &MockTenant, path: &str) -> u16 {
    let address = wire::address(&tenant.uri()).to_owned();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    wire::send(&tenant.uri(), request.as_bytes()).status
}

#[test]
fn a_failed_test_prints_refusals_with_rule_and_facts_unmodelled_requests_and_faults() {
    let stderr = stderr_of("a_failed_test_prints_refusals_with_rule_and_facts_unmodelled_requests_and_faults", || {
        let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
        let api = tenant.api("https://travel0.example/api").with("name", "Travel0 API").create();
        let bot = tenant.application("Partner bot").client_id("4V6UPartnerBot").create();
        let refusal = tenant.token(&bot).audience(&api).request().unwrap_err();
        get(&tenant, "/api/v2/flights");
        tenant.faults().on_operation("GET /clients").times(1).answers(503);
        get(&tenant, "/api/v2/clients");
        get(&tenant, "/api/v2/clients");
        assert_eq!(refusal.status, 200);
    });
    insta::assert_snapshot!(stderr, @r#"
    assertion `left == right` failed
      left: 403
     right: 200
    m2mock at http://<tenant>: 1 request for an operation that m2mock does not model got 404:
        2 2026-06-01T12:00:00.000Z GET /api/v2/flights 404 m2mock does not model GET /flights
    m2mock at http://<tenant>: 1 request hit a fault:
        3 2026-06-01T12:00:00.000Z GET /api/v2/clients 503 Service Unavailable [fault 1 answers 503]
    m2mock at http://<tenant>: 2 requests were refused:
        1 2026-06-01T12:00:00.000Z POST /oauth/token 403 refused by R70: client "Partner bot" (4V6UPartnerBot) has no client grant for API "Travel0 API" (https://travel0.example/api)
        4 2026-06-01T12:00:00.000Z GET /api/v2/clients 401 Missing authentication
    "#);
}

#[test]
fn the_error_of_a_helper_prints_rule_and_facts() {
    let stderr = stderr_of("the_error_of_a_helper_prints_rule_and_facts", || {
        let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
        let api = tenant.api("https://travel0.example/api").create();
        let bot = tenant.application("Partner bot").client_id("4V6UPartnerBot").create();
        tenant.token(&bot).audience(&api).request().unwrap();
    });
    insta::assert_snapshot!(stderr, @r#"
    called `Result::unwrap()` on an `Err` value: 403 access_denied: Client "4V6UPartnerBot" is not authorized to access resource server "https://travel0.example/api". You need to create a "client-grant" associated to this API.; refused by R70: client "Partner bot" (4V6UPartnerBot) has no client grant for API https://travel0.example/api
    m2mock at http://<tenant>: 1 request was refused:
        1 2026-06-01T12:00:00.000Z POST /oauth/token 403 refused by R70: client "Partner bot" (4V6UPartnerBot) has no client grant for API https://travel0.example/api
    "#);
}

#[test]
fn the_error_of_an_operation_prints_status_code_and_sentence() {
    let stderr = stderr_of("the_error_of_an_operation_prints_status_code_and_sentence", || {
        let tenant = MockTenant::start();
        tenant.perform(Method::POST, "/client-grants", json!({ "client_id": "nobody" })).unwrap();
    });
    insta::assert_snapshot!(stderr, @"called `Result::unwrap()` on an `Err` value: 400 invalid_body: Payload validation error: 'Missing required property: audience'.");
}

#[test]
fn a_failed_test_prints_the_last_refusals_and_no_more() {
    let stderr = stderr_of("a_failed_test_prints_the_last_refusals_and_no_more", || {
        let tenant = MockTenant::start();
        (0..50).for_each(|_| _ = get(&tenant, &format!("/api/v2/clients/{}", "x".repeat(900))));
        panic!("its own reason");
    });
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(
        lines[..2],
        ["its own reason", "m2mock at http://<tenant>: 50 requests were refused, the last 20 of them:"]
    );
    assert_eq!(lines.len(), 22);
    assert!(lines.iter().all(|line| line.chars().count() < 620), "{stderr}");
}

#[test]
fn a_failed_verification_lists_an_unmodelled_request_once() {
    let stderr = stderr_of("a_failed_verification_lists_an_unmodelled_request_once", || {
        let tenant = MockTenant::start();
        get(&tenant, "/api/v2/flights");
        tenant.verify();
    });
    assert_eq!(stderr.matches("/flights").count(), 1, "{stderr}");
}

#[test]
fn a_failed_test_whose_requests_were_all_answered_prints_its_own_panic_alone() {
    let stderr = stderr_of("a_failed_test_whose_requests_were_all_answered_prints_its_own_panic_alone", || {
        let tenant = MockTenant::start();
        assert_eq!(get(&tenant, "/.well-known/jwks.json"), 404);
    });
    insta::assert_snapshot!(stderr, @r"
    assertion `left == right` failed
      left: 200
     right: 404
    ");
}

/// A scenario speaks HTTP only, and the wire is vague: the mock adds the reason to the failure of a step.
#[cfg(all(feature = "cli", feature = "conformance"))]
#[test]
fn a_failed_scenario_against_its_own_mock_names_the_rule_and_the_facts() {
    let folder = env::temp_dir().join(format!("m2mock-failed-scenario-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let feature = "Feature: A bot\n  Scenario: It has no grant\n    Given an API \"trips\" with scopes \"read:trips\"\n    \
                   And an application \"bot\"\n    When \"bot\" asks for a token for \"trips\"\n    Then a token is granted\n";
    std::fs::write(folder.join("bot.feature"), feature).expect("a file");
    let output = Command::new(env!("CARGO_BIN_EXE_m2mock")).arg("conformance").arg(&folder).output().expect("it runs");
    std::fs::remove_dir_all(&folder).expect("the folder is still there");
    let text = String::from_utf8(output.stdout).expect("text");
    assert_eq!(output.status.code(), Some(1), "{text}");
    let reason =
        text.lines().find(|line| line.contains("refused by R70: client \"")).unwrap_or_else(|| panic!("{text}"));
    assert!(reason.contains("-bot\" (") && reason.contains("has no client grant for API "), "{reason}");
}
