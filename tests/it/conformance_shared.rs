//! `m2mock conformance` on a shared tenant: the run leaves the tenant unchanged.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use m2mock::MockTenant;
use m2mock::http::Method;
use m2mock::internal::operations;
use serde_json::{Value, json};

use crate::troubled_tenant::{self, OTHER_WORDS, Trouble, TroubledTenant};
use crate::wire;

/// A tenant that plays the real one, over HTTPS, with something of its own in it.
struct Somebody {
    tenant: MockTenant,
    door: TroubledTenant,
    journals: PathBuf,
    authority: PathBuf,
    /// A token that reads everything.
    token: String,
    /// The application that the run is given.
    client: (String, String),
}

impl Somebody {
    fn new(name: &str) -> Somebody {
        Somebody::with(name, &[])
    }

    fn with(name: &str, troubles: &[Trouble]) -> Somebody {
        // Some scenarios request missing entities.
        let tenant = MockTenant::builder().tls().allow_unmodelled_operations().start();
        let api = tenant.api("https://somebody.example/").scopes(["read:trips"]).create();
        let application = tenant.application("Somebody's bot").create();
        tenant.client_grant(&application, &api).scopes(["read:trips"]).create();
        tenant.organization("somebody").create();
        // Named as the things of a run are.
        tenant.organization("m2mock-of-somebody").create();
        tenant.application("m2mock-0-0-bot").create();
        let door = TroubledTenant::before(&tenant, troubles, 5);
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let authority = folder.join("authority.pem");
        fs::write(&authority, door.authority()).unwrap();
        let client = tenant.management_client();
        let reads = operations().into_iter().flat_map(|operation| operation.scopes);
        let reads: Vec<&str> = reads.copied().filter(|scope| scope.starts_with("read:")).collect();
        let token = tenant.management_token(&reads);
        Somebody { tenant, door, journals: folder.join("journals"), authority, token, client }
    }

    /// Lets the run have these scopes of the Management API only.
    fn grants_only(&mut self, scopes: &[&str]) {
        let application = self.tenant.application("Guest").create();
        let grant = json!({
            "client_id": application.client_id,
            "audience": self.tenant.management_audience(),
            "scope": scopes,
        });
        self.tenant.perform(Method::POST, "/client-grants", grant).unwrap();
        self.client = (application.client_id, application.client_secret);
    }

    fn conformance(&self, arguments: &[&str]) -> Command {
        let (id, secret) = &self.client;
        let mut command = Command::new(env!("CARGO_BIN_EXE_m2mock"));
        command
            .args(["conformance", "--target", &self.door.uri(), "--journals", self.journals.to_str().unwrap()])
            .args(["--audience", &self.tenant.management_audience(), "--ca-file", self.authority.to_str().unwrap()])
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

    /// Everything that scenarios could create or change: each list and each settings document, by its path.
    fn holdings(&self) -> BTreeMap<String, Value> {
        // The log grows, and the statistics count what happened.
        let is_kept = |path: &str| !path.contains('{') && !path.starts_with("/logs") && !path.starts_with("/stats");
        let operations = operations().into_iter();
        let lists = operations.filter(|operation| operation.method == "GET" && is_kept(operation.path));
        let texts = ["/prompts/login/custom-text/en", "/prompts/login/partials"];
        let paths = lists.map(|operation| operation.path).chain(texts);
        // Some lists need a query; what they hold is in another list.
        paths.filter_map(|path| Some((path.to_owned(), self.try_read(path)?))).collect()
    }

    fn read(&self, path: &str) -> Value {
        self.try_read(path).unwrap_or_else(|| panic!("{path} is refused"))
    }

    fn try_read(&self, path: &str) -> Option<Value> {
        let uri = self.tenant.uri();
        let request = format!(
            "GET /api/v2{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\nconnection: close\r\n\r\n",
            wire::address(&uri),
            self.token
        );
        let answer = wire::send(&uri, request.as_bytes());
        (answer.status == 200).then(|| serde_json::from_str(&answer.body).unwrap_or(Value::Null))
    }

    fn journal_count(&self) -> usize {
        fs::read_dir(&self.journals).map_or(0, Iterator::count)
    }
}

fn message(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Ends a process at once. Afterwards nothing that it sent is still on its way.
fn kill(somebody: &Somebody, mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
    somebody.door.settle();
}

/// Waits until so many more requests are answered, or the process has ended.
fn wait_for_requests(somebody: &Somebody, process: &mut Child, requests: u64) {
    somebody.door.wait_for(requests, || process.try_wait().unwrap().is_some());
}

#[test]
fn the_documented_rules_hold_on_somebodys_tenant_which_is_afterwards_as_before() {
    let somebody = Somebody::new("guest-whole");
    let before = somebody.holdings();
    let output = somebody.run(&["--keep-going", "--concurrency", "16"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.journal_count(), 0, "a journal without anything left goes");
    let (_, secret) = somebody.tenant.management_client();
    // A scenario has the beginning of a token, which is not a token.
    let is_token = |word: &str| word.contains("eyJ") && word.len() > 100;
    assert!(!message(&output).contains(&secret), "the secret is printed");
    assert!(!message(&output).split_whitespace().any(is_token), "a token is printed");
}

#[test]
fn the_rules_of_a_team_hold_on_a_mock_and_on_its_tenant() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/organization-rules");
    let on_a_mock = Command::new(env!("CARGO_BIN_EXE_m2mock")).args(["conformance", folder]).output().unwrap();
    assert_eq!(on_a_mock.status.code(), Some(0), "{}", message(&on_a_mock));
    let somebody = Somebody::new("guest-team");
    let before = somebody.holdings();
    let output = somebody.run(&[folder]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn a_background_that_needs_a_seed_is_refused() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeded");
    fs::create_dir_all(&folder).unwrap();
    let feature = folder.join("it.feature");
    fs::write(&feature, "Feature: it\n  Scenario: one\n    Given the tenant \"busy\"\n").unwrap();
    for (fixture, expected) in [
        ("migrations: { a: true }", "busy.yaml: m2mock does not model the section \"migrations\" yet"),
        (
            "guardianPolicies: { policies: [all-applications] }",
            "the section \"guardianPolicies\" belongs to the whole tenant, which scenarios share",
        ),
        (
            "clients: [{ name: bot, x-m2mock: { credentials_exchange: [{ deny: { code: invalid_request } }] } }]",
            "busy.yaml, clients, entry 1 (\"bot\"): credentials_exchange below x-m2mock is for seeds of a mock only",
        ),
        (
            "x-m2mock: { rate_limits: true }",
            "busy.yaml, x-m2mock: faults, rate limits and missing features are for seeds of a mock only",
        ),
        ("roles: [{ name: bot }, { name: bot }]", "two entities have the name \"bot\""),
    ] {
        fs::write(folder.join("busy.yaml"), fixture).unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
            .args(["conformance", feature.to_str().unwrap()])
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", message(&output));
        assert!(message(&output).contains(expected), "{}", message(&output));
    }
}

#[test]
fn with_all_troubles_at_once_the_tenant_is_afterwards_as_before() {
    let somebody = Somebody::with("guest-troubled", &troubled_tenant::ALL);
    let before = somebody.holdings();
    let output = somebody.run(&["--keep-going", "--concurrency", "16"]);
    // Another error text is a difference, and a request without an answer fails its scenario.
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert_eq!(somebody.holdings(), before, "{}", message(&output));
    assert_eq!(somebody.journal_count(), 0, "{}", message(&output));
    for trouble in [Trouble::Latency, Trouble::TooManyRequests, Trouble::DroppedConnections] {
        let met = somebody.door.met(trouble);
        assert!([Method::GET, Method::POST, Method::DELETE].iter().all(|method| met.contains(method)), "{trouble:?}");
    }
    assert!(!somebody.door.met(Trouble::LaggingSearches).is_empty());
    assert!(!somebody.door.met(Trouble::OtherWording).is_empty());
}

#[test]
fn a_rate_limited_request_is_repeated_after_the_requested_pause() {
    let somebody = Somebody::with("guest-busy", &[Trouble::Latency, Trouble::TooManyRequests]);
    let before = somebody.holdings();
    let output = somebody.run(&["--tags", "@R11 or @R19 or @R41", "--keep-going"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    let busy = somebody.door.met(Trouble::TooManyRequests);
    assert!(busy.contains(&Method::POST), "in the middle of a scenario: {busy:?}");
    assert!(busy.contains(&Method::DELETE), "while cleaning up: {busy:?}");
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn a_run_stays_below_the_rate_limit() {
    // Fewer requests than the scenarios send, independent of their duration.
    let limit = Trouble::RateLimit(40);
    let somebody = Somebody::with("guest-limited", &[limit]);
    let before = somebody.holdings();
    let output = somebody.run(&["--tags", "@R11", "--keep-going"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert!(somebody.door.exhausted() > 0, "the limit was never reached");
    assert!(somebody.door.met(limit).is_empty(), "there were more requests than that");
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn searches_that_lag_behind_are_repeated() {
    let somebody = Somebody::with("guest-lagging", &[Trouble::LaggingSearches]);
    let searching = ["logs.feature", "user_search.feature", "organization_members.feature"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("features/management");
    let files = searching.map(|file| folder.join(file));
    let finding = Path::new(env!("CARGO_MANIFEST_DIR")).join("features/organizations/finding.feature");
    let files: Vec<&str> = files.iter().chain([&finding]).map(|file| file.to_str().unwrap()).collect();
    let before = somebody.holdings();
    let output = somebody.run(&[&["--keep-going", "--concurrency", "16"], &files[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert!(!somebody.door.met(Trouble::LaggingSearches).is_empty());
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn a_search_fails_with_its_last_answer_after_the_lag() {
    let somebody = Somebody::new("guest-never");
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("never.feature");
    let scenario = "Feature: never\n  Scenario: it\n    When I GET \"/users?q=email:nobody\"\n    \
                    Then the list has exactly these \"email\"\n      | nobody@example.com |\n";
    fs::write(&feature, scenario).unwrap();
    let output = somebody.run(&[feature.to_str().unwrap(), "--lag", "1"]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(
        message(&output).contains("in 200 ") && message(&output).contains("(repeated for 1 s)"),
        "{}",
        message(&output)
    );
    // The first look, and one after each of the pauses that make up a second.
    assert_eq!(somebody.tenant.requests().operation("GET /users").count(), 5);
}

#[test]
fn broken_connections_fail_scenarios_and_everything_is_cleaned_up() {
    let somebody = Somebody::with("guest-broken", &[Trouble::DroppedConnections]);
    let before = somebody.holdings();
    let output = somebody.run(&["--tags", "@R11 or @R19 or @R41", "--keep-going"]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(somebody.door.met(Trouble::DroppedConnections).contains(&Method::POST));
    assert_eq!(somebody.holdings(), before, "{}", message(&output));
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn a_tenant_with_other_error_texts_fails_with_the_difference() {
    let somebody = Somebody::with("guest-words", &[Trouble::OtherWording]);
    let before = somebody.holdings();
    let usage = Path::new(env!("CARGO_MANIFEST_DIR")).join("features/organizations/usage.feature");
    let output = somebody.run(&[usage.to_str().unwrap(), "--keep-going"]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    let printed = message(&output);
    let differing: Vec<&str> = printed
        .split("  Scenario")
        .filter(|scenario| scenario.contains("✘"))
        .map(|scenario| scenario.lines().next().unwrap())
        .collect();
    assert!(differing.contains(&" Outline: usage \"require\", one not associated sent"), "{differing:?}");
    assert!(!differing.iter().any(|scenario| scenario.contains("\"require\", an associated organization, acme sent")));
    assert!(printed.contains(OTHER_WORDS), "{printed}");
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn a_rehearsal_reports_missing_scopes_of_the_application() {
    let mut somebody = Somebody::new("guest-lacking");
    somebody.grants_only(&["read:clients", "create:clients", "read:organizations", "create:organizations"]);
    let output = somebody.run(&["--dry-run", "--tags", "@R11"]);
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    let printed = message(&output);
    assert!(printed.contains("the application lacks these scopes of the Management API: "), "{printed}");
    assert!(printed.contains("delete:clients") && printed.contains("create:client_grants"), "{printed}");
}

#[test]
fn an_application_without_delete_scopes_creates_nothing() {
    let mut somebody = Somebody::new("guest-powerless");
    somebody.grants_only(&["read:clients", "create:clients", "read:organizations", "create:organizations"]);
    let before = somebody.holdings();
    let output = somebody.run(&["--tags", "@R11 or @R54", "--keep-going"]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(message(&output).contains("since the application lacks"), "{}", message(&output));
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn the_next_process_cleans_up_after_a_killed_run() {
    let somebody = Somebody::with("guest-killed", &[Trouble::Latency]);
    let before = somebody.holdings();
    for (kill_after, tags) in kills() {
        let mut process = somebody.conformance(&["--keep-going", "--tags", tags]).spawn().unwrap();
        wait_for_requests(&somebody, &mut process, kill_after);
        kill(&somebody, process);
        let output = somebody.run(&["--clean"]);
        assert_eq!(output.status.code(), Some(0), "{}", message(&output));
        assert_eq!(somebody.holdings(), before, "{tags} killed after {kill_after} requests: {}", message(&output));
        assert_eq!(somebody.journal_count(), 0);
    }
}

/// After how many requests a run of these scenarios is killed: five times, or as often as the environment says. Every other
/// time it is in the middle of those that change the settings of the tenant.
fn kills() -> impl Iterator<Item = (u64, &'static str)> {
    let times = std::env::var("M2MOCK_KILLS").ok().and_then(|times| times.parse().ok()).unwrap_or(5);
    let mut random = fastrand::Rng::with_seed(times);
    let tags = ["@serial", "not @serial"].into_iter().cycle();
    tags.map(move |tags| (random.u64(3..120), tags)).take(usize::try_from(times).unwrap())
}

#[cfg(unix)]
fn interrupt(process: &Child) {
    let status = Command::new("sh").args(["-c", &format!("kill -INT {}", process.id())]).status().unwrap();
    assert!(status.success());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_undoes_its_changes() {
    let somebody = Somebody::with("guest-interrupted", &[Trouble::Latency]);
    let before = somebody.holdings();
    for after in [5, 40] {
        let mut process = somebody.conformance(&["--keep-going"]).spawn().unwrap();
        wait_for_requests(&somebody, &mut process, after);
        interrupt(&process);
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", message(&output));
        assert!(message(&output).contains("stopped; the tenant is as it was before"), "{}", message(&output));
        assert_eq!(somebody.holdings(), before, "after {after} requests");
        assert_eq!(somebody.journal_count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_run_with_a_closed_output_cleans_up() {
    let somebody = Somebody::with("guest-unheard", &[Trouble::Latency]);
    let before = somebody.holdings();
    for (interrupted, code) in [(false, 0), (true, 2)] {
        let mut process = somebody.conformance(&["--tags", "@R16"]).spawn().unwrap();
        drop((process.stdout.take(), process.stderr.take()));
        if interrupted {
            wait_for_requests(&somebody, &mut process, 40);
            interrupt(&process);
        }
        assert_eq!(process.wait().unwrap().code(), Some(code));
        assert_eq!(somebody.holdings(), before);
        assert_eq!(somebody.journal_count(), 0);
    }
}

#[cfg(unix)]
#[test]
fn a_run_that_is_interrupted_twice_leaves_its_journal() {
    let somebody = Somebody::new("guest-impatient");
    let before = somebody.holdings();
    somebody.tenant.faults().on_operation("DELETE /resource-servers/{id}").latency(Duration::from_secs(300));
    let mut process = somebody.conformance(&["--keep-going", "--tags", "@R11"]).spawn().unwrap();
    wait_for_requests(&somebody, &mut process, 8);
    interrupt(&process);
    // The message appears when a second interruption would count.
    let mut said = BufReader::new(process.stderr.take().unwrap()).lines();
    let line = said.next().unwrap().unwrap();
    assert!(line.contains("to leave that to --clean, stop it once more"), "{line}");
    interrupt(&process);
    let rest: Vec<String> = said.map(Result::unwrap).collect();
    assert_eq!(process.wait().unwrap().code(), Some(2), "{rest:?}");
    assert!(rest.iter().any(|line| line.contains("m2mock conformance --clean removes it")), "{rest:?}");
    assert_eq!(somebody.journal_count(), 1);
    somebody.tenant.faults().clear();
    let output = somebody.run(&["--clean"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert_eq!(somebody.holdings(), before);
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn a_journal_of_another_tenant_stays() {
    let (somebody, other) = (Somebody::new("guest-here"), Somebody::new("guest-elsewhere"));
    let mut process = other.conformance(&["--keep-going"]).spawn().unwrap();
    wait_for_requests(&other, &mut process, 5);
    kill(&other, process);
    let output = Somebody { journals: other.journals.clone(), ..somebody }.run(&["--clean"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    assert!(message(&output).contains(&format!("belongs to {} and is kept", other.door.uri())), "{}", message(&output));
    assert_eq!(other.journal_count(), 1);
}

#[test]
fn an_entity_that_cannot_be_removed_stays_in_the_journal() {
    let somebody = Somebody::new("guest-stubborn");
    let before = somebody.holdings();
    let mut process = somebody.conformance(&["--keep-going", "--tags", "@R11"]).spawn().unwrap();
    wait_for_requests(&somebody, &mut process, 8);
    kill(&somebody, process);
    somebody.tenant.faults().on_operation("DELETE /clients/{id}").answers(500);
    let output = somebody.run(&["--clean"]);
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("the journal stays for the next --clean"), "{}", message(&output));
    assert_eq!(somebody.read("/resource-servers"), before["/resource-servers"], "the others are removed");
    somebody.tenant.faults().clear();
    assert_eq!(somebody.run(&["--clean"]).status.code(), Some(0));
    assert_eq!(somebody.holdings(), before);
}

/// The message of a failed check has the actual value, without secrets.
#[test]
fn the_report_of_a_failed_check_shows_no_secret() {
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("secretive.feature");
    let steps = [
        "Then the answer carries\n      | client_secret | {bot.client_secret}x |",
        "Then the answer's \"client_secret\" has the form \"3 alphanumeric\"",
        "When I POST \"/clients\" with\n      \"\"\"\n      { no {bot.client_secret} }\n      \"\"\"",
        "Then the list has exactly these \"colour\"\n      | {bot.client_secret} |",
    ];
    let scenarios = steps.map(|step| format!("  Scenario: it\n    Given an application \"bot\"\n    {step}\n"));
    fs::write(&feature, format!("Feature: secretive\n{}", scenarios.concat())).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["conformance", "--keep-going", feature.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(message(&output).contains("4 scenarios (4 failed)"), "{}", message(&output));
    // A secret has 64 characters. Certificates are longer.
    let is_of_a_secret = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let printed = message(&output);
    let words: Vec<&str> = printed.split(|c| !is_of_a_secret(c) && c != '/' && c != '+').collect();
    assert!(!words.iter().any(|word| word.len() == 64 && word.chars().all(is_of_a_secret)), "{printed}");
}

#[test]
fn a_scenario_that_changes_a_foreign_entity_fails_and_changes_nothing() {
    let somebody = Somebody::new("guest-rude");
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("rude.feature");
    let organization = somebody.read("/organizations/name/somebody")["id"].as_str().unwrap().to_owned();
    fs::write(
        &feature,
        format!("Feature: rude\n  Scenario: it deletes\n    When I DELETE \"/organizations/{organization}\"\n"),
    )
    .unwrap();
    let before = somebody.holdings();
    let output = somebody.run(&[feature.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1), "{}", message(&output));
    assert!(
        message(&output).contains("is not of this run, which changes nothing else on a shared tenant"),
        "{}",
        message(&output)
    );
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn a_rehearsal_reports_needed_and_missing_scopes() {
    let somebody = Somebody::new("guest-rehearsal");
    let output = somebody.run(&["--dry-run", "--tags", "@R11"]);
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    let printed = message(&output);
    for line in ["POST /client-grants", "create:client_grants", "The application has all of them."] {
        assert!(printed.contains(line), "{printed}");
    }
}

/// A scenario may create an entity that no scenario of the run reads.
#[test]
fn a_rehearsal_tells_the_scopes_that_remove_what_the_run_creates() {
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("creation.feature");
    let steps = "When I POST \"/flows/vault/connections\" with\n      \"\"\"\n      {}\n      \"\"\"";
    fs::write(&feature, format!("Feature: creation\n  Scenario: it\n    {steps}\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["conformance", "--dry-run", feature.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    for verb in ["create", "read", "delete"] {
        let scope = format!("  {verb}:flows_vault_connections\n");
        assert!(message(&output).contains(&scope), "{}", message(&output));
    }
}

#[test]
fn a_setting_that_a_killed_run_changed_has_its_former_value_again() {
    let somebody = Somebody::new("guest-settings");
    let before = somebody.holdings();
    // The run stops between the change and its end, because this request has no answer.
    let unanswered = "GET /stats/active-users";
    somebody.tenant.faults().on_operation(unanswered).latency(Duration::from_secs(300));
    for (name, change, body) in [
        ("new-device", "PATCH \"/risk-assessments/settings/new-device\"", r#"{ "remember_for": 60 }"#),
        ("policies", "PUT \"/guardian/policies\"", r#"["all-applications"]"#),
        ("texts", "PUT \"/prompts/login/custom-text/en\"", r#"{ "login": { "title": "Welcome" } }"#),
    ] {
        let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.feature"));
        let change = format!("When I {change} with\n      \"\"\"\n      {body}\n      \"\"\"");
        let steps = format!("{change}\n    And I GET \"/stats/active-users\"");
        fs::write(&feature, format!("Feature: {name}\n  @serial\n  Scenario: it\n    {steps}\n")).unwrap();
        let sent = somebody.tenant.requests().operation(unanswered).count();
        let mut process = somebody.conformance(&[feature.to_str().unwrap()]).spawn().unwrap();
        let waits = || somebody.tenant.requests().operation(unanswered).count() > sent;
        somebody.door.wait_for(u64::from(u32::MAX), || waits() || process.try_wait().unwrap().is_some());
        process.kill().unwrap();
        process.wait().unwrap();
        assert_ne!(somebody.holdings(), before, "{name} is not changed");
        let output = somebody.run(&["--clean"]);
        assert_eq!(output.status.code(), Some(0), "{}", message(&output));
        assert_eq!(somebody.holdings(), before, "{name}: {}", message(&output));
    }
}

#[test]
fn an_unknown_step_stops_the_run_before_it_begins() {
    let somebody = Somebody::new("guest-unknown");
    let feature = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unknown.feature");
    fs::write(&feature, "Feature: mine\n  Scenario: it\n    Given an organisation \"acme\"\n").unwrap();
    let output = somebody.run(&[feature.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("unknown.feature:3: no step is"), "{}", message(&output));
    assert!(message(&output).contains("the nearest steps are: Given an organization"), "{}", message(&output));
    assert_eq!(somebody.journal_count(), 0);
}

#[test]
fn a_run_that_gets_no_token_could_not_happen() {
    let somebody = Somebody::new("guest-tokenless");
    let refusal = Somebody { client: (somebody.client.0.clone(), "guessed".to_owned()), ..somebody };
    let output = refusal.run(&["--tags", "@R16"]);
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("got no token for the Management API: 401"), "{}", message(&output));
    assert!(!message(&output).contains("guessed"), "{}", message(&output));
    assert_eq!(refusal.journal_count(), 0);
}

#[test]
fn an_unwritable_output_is_reported_before_the_first_request() {
    let somebody = Somebody::new("guest-unwritable");
    for option in ["--html", "--junit", "--json", "--calibrate"] {
        let output = somebody.run(&[option, "no-such-folder/file", "--tags", "@R16"]);
        assert_eq!(output.status.code(), Some(2), "{}", message(&output));
        assert!(message(&output).contains("no-such-folder/file cannot be written: "), "{}", message(&output));
    }
    assert_eq!(somebody.tenant.requests().count(), 0);
}

#[test]
fn a_damaged_journal_is_reported_and_kept() {
    let somebody = Somebody::new("guest-damaged");
    let before = somebody.holdings();
    let mut process = somebody.conformance(&["--keep-going", "--tags", "@R11"]).spawn().unwrap();
    wait_for_requests(&somebody, &mut process, 8);
    kill(&somebody, process);
    let journal = fs::read_dir(&somebody.journals).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read_to_string(&journal).unwrap();
    for (place, damaged) in
        [("line 1 ", whole.replacen("run", "nur", 1)), ("line 2 ", whole.replacen("announced", "", 1))]
    {
        fs::write(&journal, damaged).unwrap();
        let output = somebody.run(&["--clean"]);
        assert_eq!(output.status.code(), Some(2), "{}", message(&output));
        assert!(message(&output).contains(&format!("{place}is none of a journal")), "{}", message(&output));
        assert_eq!(somebody.journal_count(), 1);
    }
    fs::write(&journal, whole).unwrap();
    assert_eq!(somebody.run(&["--clean"]).status.code(), Some(0));
    assert_eq!(somebody.holdings(), before);
}

#[test]
fn a_run_without_a_scenario_is_an_error() {
    let somebody = Somebody::new("guest-nothing");
    let output = somebody.run(&["--tags", "@nothing-has-this-tag"]);
    assert_eq!(output.status.code(), Some(2), "{}", message(&output));
    assert!(message(&output).contains("no scenario matches the tags and files"), "{}", message(&output));
}

#[test]
fn a_run_has_reports_for_programs() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("told");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["conformance", "--tags", "@R11", "--junit", &file("junit.xml"), "--json", &file("run.json")])
        .args(["--html", &file("run.html"), "--record", folder.join("recorded").to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", message(&output));
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert!(read("junit.xml").contains("<testsuite"), "{}", read("junit.xml"));
    let json: Value = serde_json::from_str(&read("run.json")).unwrap();
    assert!(json[0]["elements"][0]["steps"].is_array(), "{json}");
    let page = read("run.html");
    assert!(page.contains("<h1>m2mock conformance: passed</h1>") && page.contains("href=\"#rule-R11\""), "{page}");
    assert!(!read("recorded/conformance.json").contains("eyJ"), "a token is recorded");
}
