//! `m2mock conformance` on a tenant that is somebody's: it leaves that tenant as it found it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use m2mock::MockTenant;
use serde_json::Value;

use crate::wire;

/// A tenant that plays the real one, with something of its own in it.
struct Somebody {
    tenant: MockTenant,
    ledgers: PathBuf,
}

impl Somebody {
    fn new(name: &str) -> Somebody {
        // Some scenarios ask for what is not there.
        let tenant = MockTenant::builder().allow_unmodelled_operations().start();
        let api = tenant.api("https://somebody.example/").scopes(["read:trips"]).create();
        let application = tenant.application("Somebody's bot").create();
        tenant.client_grant(&application, &api).scopes(["read:trips"]).create();
        tenant.organization("somebody").create();
        let ledgers = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&ledgers);
        Somebody { tenant, ledgers }
    }

    fn conformance(&self, arguments: &[&str]) -> Command {
        let (id, secret) = self.tenant.management_client();
        let mut command = Command::new(env!("CARGO_BIN_EXE_m2mock"));
        command
            .args(["conformance", "--target", &self.tenant.uri(), "--ledgers", self.ledgers.to_str().unwrap()])
            .args(["--audience", &self.tenant.management_audience()])
            .args(arguments)
            .env("M2MOCK_TARGET_CLIENT_ID", id)
            .env("M2MOCK_TARGET_CLIENT_SECRET", secret)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.conformance(arguments).output().unwrap()
    }

    /// Everything that scenarios could make or change.
    fn holdings(&self) -> Vec<Value> {
        let lists = ["clients", "client-grants", "organizations", "resource-servers", "roles", "users", "connections"];
        let lists = lists.map(|list| format!("{list}?per_page=100")).into_iter();
        lists.chain(["tenants/settings".to_owned()]).map(|path| self.read(&path)).collect()
    }

    fn read(&self, path: &str) -> Value {
        let scopes = [
            "read:clients",
            "read:client_keys",
            "read:client_grants",
            "read:organizations",
            "read:resource_servers",
            "read:roles",
            "read:users",
            "read:connections",
            "read:tenant_settings",
        ];
        let uri = self.tenant.uri();
        let request = format!(
            "GET /api/v2/{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            wire::address(&uri),
            self.tenant.management_token(&scopes)
        );
        let answer = wire::send(&uri, request.as_bytes());
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    fn ledger_count(&self) -> usize {
        fs::read_dir(&self.ledgers).map_or(0, Iterator::count)
    }
}

fn told(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Ends a process at once, as a machine that fails would.
fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

#[test]
fn the_documented_rules_hold_on_somebodys_tenant_which_is_afterwards_as_before() {
    let somebody = Somebody::new("guest-whole");
    let before = somebody.holdings();
    let output = somebody.run(&["--keep-going", "--concurrency", "16"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.ledger_count(), 0, "a ledger without anything left goes");
    let (_, secret) = somebody.tenant.management_client();
    // A scenario shows the beginning of a token, which is none.
    let is_token = |word: &str| word.contains("eyJ") && word.len() > 100;
    assert!(!told(&output).contains(&secret), "the secret is printed");
    assert!(!told(&output).split_whitespace().any(is_token), "a token is printed");
}

#[test]
fn what_a_killed_run_left_is_removed_by_the_next_process() {
    let somebody = Somebody::new("guest-killed");
    let before = somebody.holdings();
    for kill_after in kills() {
        let process = somebody.conformance(&["--keep-going", "--tags", "not @serial"]).spawn().unwrap();
        // It is killed in the middle of its work, wherever that is: so many requests after it began.
        let patience = Instant::now() + Duration::from_secs(60);
        let begun = somebody.tenant.requests().last().map_or(0, |entry| entry.number);
        while somebody.tenant.requests().last().map_or(0, |entry| entry.number) < begun + kill_after {
            assert!(Instant::now() < patience, "the run asks nothing");
            std::thread::yield_now();
        }
        kill(process);
        let output = somebody.run(&["--clean"]);
        assert_eq!(output.status.code(), Some(0), "{}", told(&output));
        assert_eq!(somebody.holdings(), before, "killed after {kill_after} requests");
        assert_eq!(somebody.ledger_count(), 0);
    }
}

/// After how many requests a run is killed: five times, or as often as the environment says.
fn kills() -> Vec<u64> {
    let times = std::env::var("M2MOCK_KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(5);
    let mut random = fastrand::Rng::with_seed(times);
    (0..times).map(|_| random.u64(3..120)).collect()
}

#[test]
fn a_tenant_that_is_busy_is_asked_again_when_it_says_so() {
    let somebody = Somebody::new("guest-busy");
    let before = somebody.holdings();
    somebody.tenant.faults().on_operation("POST /organizations").times(1).too_many_requests();
    somebody.tenant.faults().on_operation("DELETE /organizations/{id}").times(1).too_many_requests();
    let output = somebody.run(&["--tags", "@R11", "--keep-going"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    assert_eq!(somebody.tenant.requests().answered_with(429).count(), 2);
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn connections_that_break_fail_scenarios_and_leave_nothing_behind() {
    let somebody = Somebody::new("guest-broken");
    let before = somebody.holdings();
    somebody.tenant.faults().on_operation("POST /resource-servers").times(2).reset();
    somebody.tenant.faults().on_operation("POST /clients").times(2).truncated();
    let output = somebody.run(&["--tags", "@R11", "--keep-going"]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert_eq!(somebody.holdings(), before, "{}", told(&output));
    assert_eq!(somebody.ledger_count(), 0);
}

#[test]
fn a_scenario_that_touches_what_it_did_not_make_fails_and_changes_nothing() {
    let somebody = Somebody::new("guest-rude");
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rude.feature");
    let organization = somebody.read("organizations/name/somebody")["id"].as_str().unwrap().to_owned();
    fs::write(
        &feature,
        format!("Feature: rude\n  Scenario: it deletes\n    When I DELETE \"/organizations/{organization}\"\n"),
    )
    .unwrap();
    let before = somebody.holdings();
    let output = somebody.run(&[feature.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("is not of this run, and a guest changes nothing else"), "{}", told(&output));
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn a_rehearsal_tells_what_the_run_needs_and_what_the_application_lacks() {
    let somebody = Somebody::new("guest-rehearsal");
    let output = somebody.run(&["--dry-run", "--tags", "@R11"]);
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let printed = told(&output);
    for line in ["POST /client-grants", "create:client_grants", "The application has them all."] {
        assert!(printed.contains(line), "{printed}");
    }
}

#[test]
fn a_step_that_nothing_knows_stops_the_run_before_it_begins() {
    let somebody = Somebody::new("guest-unknown");
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unknown.feature");
    fs::write(&feature, "Feature: mine\n  Scenario: it\n    Given an organisation \"acme\"\n").unwrap();
    let output = somebody.run(&[feature.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("unknown.feature:3: no step is"), "{}", told(&output));
    assert!(told(&output).contains("the nearest step is: Given an organization"), "{}", told(&output));
    assert_eq!(somebody.ledger_count(), 0);
}

#[test]
fn a_run_without_a_scenario_is_none() {
    let somebody = Somebody::new("guest-nothing");
    let output = somebody.run(&["--tags", "@nothing-has-this-tag"]);
    assert_eq!(output.status.code(), Some(2), "{}", told(&output));
    assert!(told(&output).contains("no scenario is meant"), "{}", told(&output));
}

#[test]
fn a_run_is_told_to_programs_too() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("told");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["conformance", "--tags", "@R11", "--junit", &file("junit.xml"), "--json", &file("run.json")])
        .args(["--html", &file("run.html"), "--record", folder.join("recorded").to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", told(&output));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("junit.xml").contains("<testsuite"), "{}", read("junit.xml"));
    let json: Value = serde_json::from_str(&read("run.json")).unwrap();
    assert!(json[0]["elements"][0]["steps"].is_array(), "{json}");
    assert!(read("run.html").contains("<h1>m2mock conformance: holds</h1>"));
    assert!(!read("recorded/conformance.json").contains("eyJ"), "a token is recorded");
}
