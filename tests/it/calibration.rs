//! A mock learns the words of a tenant: `m2mock conformance --calibrate`, `m2mock drift`, and what is made of them. The tenant
//! is a mock with words of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use m2mock::http::Method;
use m2mock::{CalibratedAnswers, DenyCode, MockTenant, MockTenantBuilder, OrganizationUsage};
use serde_json::{Value, json};

use crate::troubled_tenant::{OTHER_WORDS, Trouble, TroubledTenant};
use crate::wire;

/// Other words for E1 to E5 and some more: R15 and R19 say different things of one refusal.
fn other_words() -> Value {
    let token = |status: u16, error: &str, description: &str| json!({ "status": status, "error": error, "error_description": description });
    let mut twice = token(422, "invalid_request", "say {parameter} once");
    twice["instead_of"] = "parameter {parameter} must not be sent more than once".into();
    let mut no_text = token(400, "invalid_type", "{parameter} is a text");
    no_text["instead_of"] = "parameter {parameter} must be a string".into();
    json!({
        "token": {
            "R12": token(403, "access_denied", "organizations are off for {client_id}"),
            "R15": token(401, "unauthorized_client", "organization \"{organization}\" has not enabled {client_name}"),
            "R19": token(400, "invalid_request", "no access to {organization}"),
            "R16": token(400, "invalid_request", "which organization, {client_name}?"),
            "R21": token(403, "invalid_organization", "{organization} is unknown at {audience}"),
            "R55": token(410, "invalid_organization", "the default {organization} is gone"),
            "R28": token(400, "invalid_request", "{organization} is no id, {{really}}"),
            "R25": [no_text, twice],
            "R76": token(403, "invalid_scope", "not yours: {missing_scopes}"),
            "R73": { "status": 403, "error": "access_denied" },
            "T10": { "status": 400, "error": "invalid_request", "error_description": "", "error_uri": "https://a.example/" },
        },
        "management": [{
            "operation": "POST /client-grants",
            "instead_of": {
                "status": 400,
                "message": "authorization_details_types can only be set when subject_type is user",
            },
            "status": 403,
            "message": "{body.client_id} is not a user",
            "errorCode": "operation_not_supported",
        }],
    })
}

fn answers(content: &Value) -> CalibratedAnswers {
    CalibratedAnswers::parse(&content.to_string(), "answers.json").unwrap()
}

/// A tenant with its own entities and error texts, and a folder for the files of the commands.
struct Somebody {
    tenant: MockTenant,
    /// The proxy in front of it, and the certificate of its authority.
    door: Option<(TroubledTenant, String)>,
    folder: PathBuf,
}

const DOMAIN: &str = "payroll-inc.eu.auth0.example";

impl Somebody {
    fn new(name: &str, tenant: MockTenantBuilder) -> Somebody {
        let tenant = tenant.domain(DOMAIN).allow_unmodelled_operations().start();
        let api = tenant.api("https://payroll.example/").create();
        let bot = tenant.application("Payroll bot").create();
        tenant.client_grant(&bot, &api).create();
        tenant.organization("payroll").create();
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Somebody { tenant, door: None, folder }
    }

    /// The same, reached through a layer that makes these troubles.
    fn behind(mut self, troubles: &[Trouble]) -> Somebody {
        let door = TroubledTenant::before(&self.tenant, troubles, 5);
        let authority = self.file("authority.pem");
        fs::write(&authority, door.authority()).unwrap();
        self.door = Some((door, authority));
        self
    }

    fn uri(&self) -> String {
        self.door.as_ref().map_or_else(|| self.tenant.uri(), |(door, _)| door.uri())
    }

    /// With other words than m2mock's.
    fn with_words(name: &str, content: &Value) -> Somebody {
        Somebody::new(name, MockTenant::builder().answers(answers(content)))
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_owned()
    }

    fn run(&self, arguments: &[&str]) -> Told {
        let (id, secret) = self.tenant.management_client();
        self.run_as(&id, &secret, arguments)
    }

    fn run_as(&self, id: &str, secret: &str, arguments: &[&str]) -> Told {
        let output = Command::new(env!("CARGO_BIN_EXE_m2mock"))
            .args(arguments)
            .args(["--target", &self.uri(), "--audience", &self.tenant.management_audience()])
            .args(self.door.iter().flat_map(|(_, authority)| ["--ca-file", authority]))
            .args(["--journals", &self.file("journals"), "--concurrency", "8"])
            .env("M2MOCK_TARGET_CLIENT_ID", id)
            .env("M2MOCK_TARGET_CLIENT_SECRET", secret)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        Told::from(&output)
    }

    fn calibrate(&self, file: &str, tags: &[&str]) -> Told {
        self.run(&[&["conformance", "--calibrate", file], tags].concat())
    }

    fn drift(&self, arguments: &[&str]) -> Told {
        self.run(&[&["drift", "--report", &self.file("report")], arguments].concat())
    }

    /// The report in Markdown and in JSON.
    fn report(&self) -> (String, Value) {
        let read = |ending: &str| {
            let files = fs::read_dir(self.folder.join("report")).unwrap().map(|entry| entry.unwrap().path());
            // The last report of a day has the highest number, and so the longest name.
            let found = files.filter(|path| path.extension().is_some_and(|found| found == ending));
            fs::read_to_string(found.max_by_key(|path| (path.as_os_str().len(), path.clone())).unwrap()).unwrap()
        };
        (read("md"), serde_json::from_str(&read("json")).unwrap())
    }

    /// Everything that scenarios could make or change.
    fn holdings(&self) -> Vec<String> {
        let lists = ["clients", "client-grants", "organizations", "resource-servers", "roles", "users", "connections"];
        let scopes = lists.map(|list| format!("read:{}", list.replace('-', "_")));
        let mut scopes: Vec<&str> = scopes.iter().map(String::as_str).collect();
        scopes.push("read:tenant_settings");
        let token = self.tenant.management_token(&scopes);
        let uri = self.tenant.uri();
        let read = |path: String| {
            let host = wire::address(&uri);
            let head = format!(
                "GET /api/v2/{path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
            );
            let answer = wire::send(&uri, head.as_bytes());
            assert_eq!(answer.status, 200, "{path}: {}", answer.body);
            answer.body
        };
        let lists = lists.map(|list| format!("{list}?per_page=100")).into_iter();
        lists.chain(["tenants/settings".to_owned()]).map(read).collect()
    }

    /// That a text names nothing of this tenant.
    fn is_kept_from(&self, text: &str) {
        let (id, secret) = self.tenant.management_client();
        let uri = self.uri();
        for private in [id.as_str(), secret.as_str(), "ayroll", wire::address(&uri)] {
            assert!(!text.contains(private), "{private} stands in {text}");
        }
        // A scenario has the beginning of a token, which is not a token.
        let is_token = |word: &str| word.starts_with("eyJ") && word.len() > 100;
        let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        assert!(!words().any(is_token), "a token stands in {text}");
        let word = |c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c);
        let is_id = |word: &&str| {
            let hex = word.len() == 24 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
            let of_nothing = word.contains("0000000000000000");
            let prefixed = ["org_", "cgr_", "con_", "rol_", "tpc_"].iter().any(|prefix| word.starts_with(prefix));
            !of_nothing
                && (hex
                    || prefixed && word.len() > 16
                    || word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        };
        let ids: Vec<&str> = text.split(word).filter(is_id).collect();
        assert!(ids.is_empty(), "{ids:?} stand in {text}");
    }
}

/// The output and the exit code of a command.
struct Told {
    code: Option<i32>,
    text: String,
}

impl From<&Output> for Told {
    fn from(output: &Output) -> Told {
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Told { code: output.status.code(), text }
    }
}

impl Told {
    #[track_caller]
    fn ends_with(self, code: i32) -> Told {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self
    }

    #[track_caller]
    fn says(self, words: &str) -> Told {
        assert!(self.text.contains(words), "{}", self.text);
        self
    }
}

#[test]
fn a_mock_learns_every_word_of_a_tenant_and_then_answers_as_it_does() {
    let somebody = Somebody::with_words("calibration-whole", &other_words());
    let before = somebody.holdings();
    let file = somebody.file("answers.yaml");
    somebody.calibrate(&file, &[]).ends_with(0).says("0 with another decision");
    assert_eq!(somebody.holdings(), before, "the tenant is as it was");

    let text = fs::read_to_string(&file).unwrap();
    somebody.is_kept_from(&text);
    let learnt = CalibratedAnswers::read(&file).unwrap();
    assert_eq!(learnt.seen(), 0, "{text}");
    // The words of the tenant, place for place.
    let as_read = read_yaml(&text);
    for (rule, expected) in other_words()["token"].as_object().unwrap() {
        for (found, expected) in each(&as_read["token"][rule]).into_iter().zip(each(expected)) {
            for (member, expected) in expected.as_object().unwrap() {
                assert_eq!(&found[member], expected, "{rule} in {text}");
            }
        }
    }
    // The run requested every unpublished text of the token endpoint.
    for rule in [
        "R12", "R15", "R16", "R19", "R21", "R25", "R28", "R55", "R73", "R76", "R82", "R100", "T1", "T2", "T8", "T9",
        "T10",
    ] {
        assert!(!as_read["token"][rule].is_null(), "{rule} is not in {text}");
    }

    // The second time it writes the same.
    let again = somebody.file("again.yaml");
    somebody.calibrate(&again, &[]).ends_with(0);
    assert_eq!(dateless(&again), dateless(&file));

    // And a mock that has loaded it is that tenant.
    somebody.drift(&["--tags", "@assumption and @E2"]).ends_with(1).says("new: ");
    let (page, _) = somebody.report();
    somebody.is_kept_from(&page);
    somebody.drift(&["--tags", "@assumption", "--answers", &file]).ends_with(0).says(" 0 differences");
    let (page, report) = somebody.report();
    assert!(page.contains("## Scenarios that are alike") && !page.contains("that differ"), "{page}");
    assert_eq!(report["differences"], 0);
    assert_eq!(somebody.holdings(), before, "the tenant is as it was");

    let mock = MockTenant::builder().answers(learnt).start();
    let api = mock.api("https://travel0.example/api").create();
    let bot = mock.application("Partner bot").create();
    let granite = mock.organization("granite-tours").create();
    let grant = mock.client_grant(&bot, &api).organization_usage(OrganizationUsage::Allow);
    grant.create();
    let refused = mock.token(&bot).audience(&api).organization(&granite).request().unwrap_err();
    let expected = format!("organization \"{}\" has not enabled Partner bot", granite.id);
    assert_eq!((refused.status, refused.error.as_str(), refused.description), (401, "unauthorized_client", expected));
    assert_eq!(refused.rules, ["R15", "E2"], "the decision is the same");
    let entry = mock.requests().pop().unwrap();
    assert!(entry.calibrated && entry.to_string().ends_with("[calibrated answer]"), "{entry}");
    let logged = mock.logs().pop().unwrap();
    assert!(logged.description.contains("has not enabled"), "the log has the words of the wire");
}

/// A file of answers without the day on which it was written.
fn dateless(file: &str) -> String {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.starts_with("calibrated:")).collect::<Vec<_>>().join("\n")
}

/// The failures of a tenant that do not change its error texts.
const TROUBLES: [Trouble; 5] = [
    Trouble::Latency,
    Trouble::TooManyRequests,
    Trouble::RateLimit(500),
    Trouble::LaggingSearches,
    Trouble::DroppedConnections,
];

#[test]
fn a_troubled_tenant_is_learnt_as_it_would_be_without_its_troubles() {
    let tenant = MockTenant::builder().answers(answers(&other_words())).tls();
    let somebody = Somebody::new("calibration-troubled", tenant);
    let before = somebody.holdings();
    let calm = somebody.file("calm.yaml");
    let about = ["--tags", "@R12 or @R15 or @R16 or @R21 or @R25 or @R28"];
    somebody.calibrate(&calm, &about).ends_with(0);
    let somebody = somebody.behind(&TROUBLES);
    let file = somebody.file("answers.yaml");
    somebody.calibrate(&file, &about).ends_with(0);
    assert_eq!(dateless(&file), dateless(&calm));
    assert_eq!(somebody.holdings(), before, "the tenant is as it was");
    let (door, _) = somebody.door.as_ref().unwrap();
    assert!(!door.met(Trouble::TooManyRequests).is_empty() && !door.met(Trouble::DroppedConnections).is_empty());
}

#[test]
fn a_tenant_with_other_error_texts_drifts_only_in_these_texts() {
    let troubles = [&TROUBLES[..], &[Trouble::OtherWording]].concat();
    let somebody = Somebody::new("drift-troubled", MockTenant::builder().tls()).behind(&troubles);
    let before = somebody.holdings();
    let message = somebody.drift(&["--tags", "@R15 or @R106 or @R41 or @serial"]).ends_with(1);
    let new: Vec<&str> = message.text.lines().filter(|line| line.starts_with("new: ")).collect();
    assert!(!new.is_empty(), "{}", message.text);
    for line in new {
        assert!(line.contains("/error_description value: ") && line.contains(OTHER_WORDS), "{line}");
    }
    assert_eq!(somebody.holdings(), before, "the tenant is as it was");
    let (door, _) = somebody.door.as_ref().unwrap();
    for trouble in [Trouble::TooManyRequests, Trouble::LaggingSearches, Trouble::DroppedConnections] {
        assert!(!door.met(trouble).is_empty(), "{trouble:?}");
    }
}

#[test]
fn a_tenant_may_look_for_the_organization_before_it_looks_at_the_grant() {
    let refusal = |organization: &str, error: &str, sentence: &str| {
        json!({ "instead_of": "parameter organization is not allowed for this client", "organization": organization,
            "status": 400, "error": error, "error_description": sentence })
    };
    let somebody = Somebody::with_words(
        "calibration-order",
        &json!({ "token": { "R12": [
        refusal("known", "invalid_request", "none for {client_name}"),
        refusal("unknown", "invalid_organization", "no {organization} here"),
    ] } }),
    );
    let file = somebody.file("answers.json");
    let about = ["--tags", "@R12"];
    somebody.calibrate(&file, &about).ends_with(0).says("0 with another decision");
    let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written["token"]["R12"][0]["error_description"], "none for {client_name}");
    assert_eq!(written["token"]["R12"][1]["error_description"], "no {organization} here");
    somebody.drift(&["--tags", "@R12 and @assumption", "--answers", &file]).ends_with(0).says(" 0 differences");
}

/// A rule's answer, or its answers.
fn each(answers: &Value) -> Vec<&Value> {
    answers.as_array().map_or_else(|| vec![answers], |answers| answers.iter().collect())
}

/// The reader of seeds is not public; this is enough for a file that m2mock has written itself.
fn read_yaml(text: &str) -> Value {
    serde_json::to_value(serde_yaml_ng::from_str::<serde_yaml_ng::Value>(text).unwrap()).unwrap()
}

const ABOUT_E3: &str = "@E3 and @assumption";

#[test]
fn a_change_of_one_answer_is_the_only_drift() {
    let somebody = Somebody::with_words(
        "drift-one",
        &json!({ "token": { "R16": {
        "status": 422, "error": "invalid_request", "error_description": "which one, {client_name}?"
    } } }),
    );
    let tags = "@assumption and (@E3 or @R15 or @R12)";
    let message = somebody.drift(&["--tags", tags]).ends_with(1);
    let new: Vec<&str> = message.text.lines().filter(|line| line.starts_with("new: ")).collect();
    assert!(
        new.len() == 2 && new.iter().all(|line| line.contains("no organization where the grant requires one")),
        "{new:?}"
    );
    assert!(message.text.contains("status 400 -> 422"), "{}", message.text);
    assert!(message.text.contains("/error_description value: "), "{}", message.text);

    let (page, report) = somebody.report();
    for shown in [
        "status 400 -&gt; 422",
        "which one, ",
        "parameter organization is required for this client",
        "| step | request | mock | tenant |",
    ] {
        assert!(page.contains(shown), "{page}");
    }
    assert_eq!(report["date"].as_str().unwrap().len(), "2026-01-01".len());
    let differing: Vec<&Value> = report["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|scenario| scenario["requests"].as_array().unwrap())
        .filter(|request| request["differences"].is_array())
        .collect();
    assert_eq!(differing.len(), 1, "{differing:?}");
    assert_eq!(differing[0]["mock"]["status"], 400);
    assert_eq!(differing[0]["tenant"]["status"], 422);
    assert_eq!(differing[0]["tenant"]["body"]["error_description"], "which one, <bot.name>?");
    somebody.is_kept_from(&(page + &report.to_string()));
}

#[test]
fn two_tenants_that_answer_alike_are_alike_in_every_scenario() {
    let somebody = Somebody::new("drift-alike", MockTenant::builder());
    let before = somebody.holdings();
    somebody.drift(&[]).ends_with(0).says(" 0 differences");
    assert_eq!(somebody.holdings(), before);
    let (page, report) = somebody.report();
    assert!(report["requests"].as_u64().unwrap() > 3000, "every scenario was asked");
    somebody.is_kept_from(&(page + &report.to_string()));
}

#[test]
fn a_ledger_of_differences_only_shrinks() {
    let e3 = |words: &str| json!({ "token": { "R16": { "status": 422, "error": "invalid_request", "error_description": words } } });
    let one = Somebody::with_words("drift-ledger", &e3("which one?"));
    let ledger = one.file("known.tsv");
    let held = |who: &Somebody, more: &[&str]| who.drift(&[&["--tags", ABOUT_E3, "--ledger", &ledger], more].concat());

    held(&one, &[]).ends_with(2).says("--new-ledger writes the first one");
    held(&one, &["--new-ledger"]).ends_with(0).says("wrote 2 known differences");
    let begun = fs::read_to_string(&ledger).unwrap();
    one.is_kept_from(&begun);
    assert_eq!(begun.lines().filter(|line| !line.starts_with('#')).count(), 2, "{begun}");
    held(&one, &[]).ends_with(0);
    held(&one, &["--new-ledger"]).ends_with(2).says("a ledger may only shrink");

    // One difference is new and another one is missing. The ledger does not grow.
    let other = Somebody::with_words("drift-ledger-other", &e3("which other one?"));
    held(&other, &[]).ends_with(1).says("new: ").says("gone: ").says("--update-ledger removes these lines");
    assert_eq!(fs::read_to_string(&ledger).unwrap(), begun);
    held(&other, &["--update-ledger"]).ends_with(1).says("removed 1 lines");
    assert_eq!(fs::read_to_string(&ledger).unwrap().lines().filter(|line| !line.starts_with('#')).count(), 1);

    // What is gone must leave, or the run fails.
    let alike = Somebody::new("drift-ledger-alike", MockTenant::builder());
    held(&alike, &[]).ends_with(1).says("gone: ").says("--update-ledger removes these lines");
    alike.drift(&["--tags", "@R15 and @assumption", "--ledger", &ledger]).ends_with(0);
    held(&alike, &["--update-ledger"]).ends_with(0);
    held(&alike, &[]).ends_with(0);
    assert!(fs::read_to_string(&ledger).unwrap().lines().all(|line| line.starts_with('#')));

    fs::write(&ledger, "half a line\n").unwrap();
    held(&alike, &[]).ends_with(2).says("line 1: not five parts");
}

#[test]
fn differences_besides_error_texts_are_reported_separately() {
    // The tenant refuses a request that the mock grants.
    let strict = MockTenant::builder().on_credentials_exchange(|event, api| {
        if event.organization.is_none() {
            api.access().deny(DenyCode::InvalidRequest, "Not here.");
        }
    });
    let somebody = Somebody::new("calibration-strict", strict);
    let file = somebody.file("answers.yaml");
    let message = somebody.calibrate(&file, &["--tags", "@R23"]);
    // Whoever gets no token has no run.
    message.ends_with(2).says("got no token for the Management API");
    assert!(!Path::new(&file).exists());

    let strict = MockTenant::builder().on_credentials_exchange(|event, api| {
        let own = event.resource_server.identifier.ends_with("/api/v2/");
        if event.organization.is_none() && !own {
            api.access().deny(DenyCode::InvalidRequest, "Not here.");
        }
    });
    let somebody = Somebody::new("calibration-strict", strict);
    somebody.calibrate(&file, &["--tags", "@R23"]).ends_with(0).says("1 with another decision");
    let text = fs::read_to_string(&file).unwrap();
    somebody.is_kept_from(&text);
    let seen = &read_yaml(&text)["seen"];
    assert_eq!(seen[0]["why"], "the tenant refuses what m2mock does");
    assert_eq!((&seen[0]["mock"]["status"], &seen[0]["tenant"]["status"]), (&json!(200), &json!(400)));
    assert_eq!(seen[0]["scenarios"].as_array().unwrap().len(), 2, "{text}");

    // A mock that loads the file reports this, and uses its own rules. It then ends, because the seed is missing.
    let served = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["serve", "--port", "0", "--seed", "no-such-seed.yaml", "--answers", &file])
        .output()
        .unwrap();
    Told::from(&served).ends_with(2).says("in 1 answers the tenant decided differently").says("no-such-seed.yaml");
    let loaded = CalibratedAnswers::read(&file).unwrap();
    assert_eq!(loaded.seen(), 1);
    somebody
        .drift(&["--tags", "@R23", "--answers", &file])
        .ends_with(1)
        .says("in 1 answers the tenant decided differently")
        .says("status 200 -> 400");
}

#[test]
fn a_failed_run_writes_no_file() {
    let somebody = Somebody::with_words("calibration-broken", &other_words());
    let before = somebody.holdings();
    let file = somebody.file("answers.yaml");
    fs::write(&file, "token: {}\n").unwrap();
    let unchanged = || assert_eq!(fs::read_to_string(&file).unwrap(), "token: {}\n");
    let (id, _) = somebody.tenant.management_client();
    somebody.run_as(&id, "wrong", &["conformance", "--calibrate", &file]).ends_with(2).says("got no token");
    unchanged();
    somebody
        .calibrate(&file, &["--tags", "@nothing-has-this-tag"])
        .ends_with(2)
        .says("no scenario matches the tags and files");
    unchanged();
    somebody.tenant.faults().on_operation("POST /organizations").reset();
    somebody.calibrate(&file, &["--tags", ABOUT_E3]).ends_with(2).says("a request got no answer");
    unchanged();
    somebody.drift(&["--tags", ABOUT_E3]).ends_with(2).says("the comparison is incomplete");
    somebody.tenant.faults().clear();
    assert_eq!(somebody.holdings(), before);
    let alone = Command::new(env!("CARGO_BIN_EXE_m2mock")).arg("drift").output().unwrap();
    Told::from(&alone).ends_with(2).says("name the tenant with --target");
    let wrong = somebody.file("wrong.yaml");
    fs::write(&wrong, "token:\n  R15: { status: 200, error: a }\n").unwrap();
    somebody
        .drift(&["--answers", &wrong])
        .ends_with(2)
        .says("wrong.yaml, token, R15, status: a refusal has a status from 400 to 599");
}

#[test]
fn a_scenario_that_ends_early_is_reported() {
    let somebody = Somebody::new("calibration-early", MockTenant::builder());
    somebody.tenant.faults().on_operation("POST /client-grants").times(1).answers(403);
    let file = somebody.file("answers.yaml");
    somebody.calibrate(&file, &["--tags", "@R16 or @R23"]).ends_with(1).says("ended early: ");
    assert!(fs::read_to_string(&file).unwrap().contains("R16"));

    // Without such a scenario, the message has the reason why no file is written.
    let poor = somebody.tenant.application("Poor").create();
    let audience = somebody.tenant.management_audience();
    let grant = json!({ "client_id": poor.client_id, "audience": audience, "scope": ["create:clients"] });
    somebody.tenant.perform(Method::POST, "/client-grants", grant).unwrap();
    let nothing = somebody.file("nothing.yaml");
    let about = ["conformance", "--calibrate", &nothing, "--tags", "@R16"];
    let message = somebody.run_as(&poor.client_id, &poor.client_secret, &about);
    message.ends_with(2).says("ended early: ").says("nothing.yaml is not written");
}

#[test]
fn each_mistake_of_the_feature_files_has_a_line() {
    let somebody = Somebody::new("calibration-mistakes", MockTenant::builder());
    let feature = somebody.file("wrong.feature");
    let text =
        "@assumption\nFeature: mine\n  Scenario: it\n    Given an organisation \"acme\"\n    Then it is wonderful\n";
    fs::write(&feature, text).unwrap();
    let (answers, report) = (somebody.file("answers.yaml"), somebody.file("report"));
    for command in [
        &["conformance", &feature][..],
        &["conformance", "--dry-run", &feature],
        &["conformance", "--calibrate", &answers, &feature],
        &["drift", "--report", &report, &feature],
    ] {
        let message = somebody.run(command).ends_with(2);
        let lines: Vec<&str> = message.text.lines().filter(|line| line.contains("no step is")).collect();
        let places = lines.iter().map(|line| line.find("wrong.feature:").map(|at| &line[at..][..15]));
        assert!(places.eq([Some("wrong.feature:4"), Some("wrong.feature:5")]), "{command:?}: {}", message.text);
        assert!(lines.iter().all(|line| line.starts_with("m2mock: ")), "{command:?}: {}", message.text);
    }
}
