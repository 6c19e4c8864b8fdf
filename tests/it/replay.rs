//! `m2mock replay` and `m2mock record`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use bytes::Bytes;
use m2mock::MockTenant;
use m2mock::conformance::Target;
use m2mock::internal::{Cassette, Inferences, Outcome, Proxy, Recorder, Report, Verdict, replay};
use serde_json::{Value, json};

use crate::wire;

/// The story of an organization, as it might have been recorded of a tenant with other ids.
fn story() -> Value {
    let organization = json!({ "id": "org_Rec0rdedRec0rded", "name": "granite-tours", "display_name": "Granite Tours",
        "third_party_client_access": "block", "is_app_entitlement_active": false });
    json!({ "source": "test", "cassette": "organization", "interactions": [
        { "method": "POST", "path": "/api/v2/organizations", "status": 201, "response": organization,
          "request": { "name": "granite-tours", "display_name": "Granite Tours" } },
        { "method": "GET", "path": "/api/v2/organizations/org_Rec0rdedRec0rded", "status": 200, "response": organization },
        { "method": "GET", "path": "/api/v2/organizations/name/granite-tours", "status": 200, "response": organization },
        { "method": "DELETE", "path": "/api/v2/organizations/org_Rec0rdedRec0rded", "status": 204 },
    ] })
}

fn tell(story: Value) -> Report {
    tell_with(story, Inferences::Made)
}

fn tell_with(story: Value, inferences: Inferences) -> Report {
    let corpus: Cassette = serde_json::from_value(story).unwrap();
    let tenant = MockTenant::start();
    block_on(async { replay(&[corpus], &[], inferences, &target(&tenant)).await }).unwrap()
}

fn target(tenant: &MockTenant) -> Target {
    let (id, secret) = tenant.management_client();
    Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn outcomes(report: &Report) -> Vec<Outcome> {
    report.verdicts().iter().map(|verdict| verdict.outcome).collect()
}

/// Where and how the bodies of one interaction differ.
fn differences(verdict: &Verdict) -> Vec<(&str, &str)> {
    verdict.differences.iter().map(|difference| (difference.pointer.as_str(), difference.kind.as_str())).collect()
}

#[test]
fn a_story_is_exact_although_every_id_is_another() {
    assert_eq!(outcomes(&tell(story())), [Outcome::Exact; 4]);
}

#[test]
fn another_body_is_reported_with_its_differences() {
    let mut story = story();
    story["interactions"][1]["response"] = json!({ "id": "org_Rec0rdedRec0rded", "name": "granite-tours",
        "display_name": "Granite Journeys", "third_party_client_access": "block", "is_app_entitlement_active": false, "branding": {} });
    let report = tell(story);
    assert_eq!(outcomes(&report)[1], Outcome::Close);
    assert_eq!(differences(&report.verdicts()[1]), [("/branding", "missing"), ("/display_name", "value")]);
}

#[test]
fn another_status_and_its_consequences_are_wrong() {
    let mut story = story();
    story["interactions"][0]["request"]["name"] = "Granite Tours".into();
    let report = tell(story);
    assert_eq!(outcomes(&report)[..2], [Outcome::Wrong; 2]);
    let reasons: Vec<_> = report.verdicts()[..2].iter().map(|verdict| verdict.reason.unwrap()).collect();
    assert_eq!(reasons, ["status", "follows from an earlier failure"]);
}

#[test]
fn a_changed_id_is_a_difference() {
    let mut story = story();
    story["interactions"][1]["response"]["id"] = "org_An0therAn0therAn".into();
    let report = tell(story);
    assert_eq!(differences(&report.verdicts()[1]), [("/id", "format of id")]);
}

#[test]
fn answers_that_do_not_apply_to_another_tenant_are_skipped_with_a_reason() {
    let interactions = json!([
        { "method": "GET", "path": "/api/v2/clients/AbcdefghijklmnopqrstuvwxyzABCDEF", "status": 200, "response": {} },
        { "method": "POST", "path": "/api/v2/organizations", "status": 403, "request": { "name": "a" },
          "response": { "message": "Please upgrade your subscription." } },
        { "method": "GET", "path": "/api/v2/tenants/settings", "status": 429, "response": {} },
        { "method": "POST", "path": "/dbconnections/signup", "status": 200, "request": {}, "response": {} },
    ]);
    let report = tell(json!({ "cassette": "strange", "interactions": interactions }));
    assert_eq!(outcomes(&report), [Outcome::Skipped; 4]);
    let reasons: Vec<_> = report.verdicts().iter().map(|verdict| verdict.reason.unwrap()).collect();
    assert_eq!(
        reasons,
        [
            "names an entity that the cassette did not create",
            "limit of the recorded tenant's plan",
            "recorded 429 or 5xx",
            "authentication API: the tenant's own application, users or codes",
        ]
    );
}

/// A folder of this test alone; none of it is left from an earlier run.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    folder
}

#[test]
fn a_recording_has_no_secret_and_replays_exactly() {
    let tenant = MockTenant::start();
    let folder = folder("recording");
    let (id, secret) = tenant.management_client();
    let recorder = Recorder::begin(&folder, "bot", tenant.domain()).unwrap();
    let path = recorder.path().to_owned();
    let proxy = Proxy::new(&tenant.uri(), recorder, None).unwrap();
    let token = tenant.management_token(&["create:clients", "read:clients", "read:client_keys"]);
    let ask = |method: &str, path: &str, body: Value| {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .body(Bytes::from(if body.is_null() { String::new() } else { body.to_string() }))
            .unwrap();
        block_on(proxy.answer(request))
    };
    let asked = json!({ "grant_type": "client_credentials", "client_id": id, "client_secret": secret,
        "audience": tenant.management_audience() });
    assert_eq!(ask("POST", "/oauth/token", asked).status(), 200);
    let created = ask("POST", "/api/v2/clients", json!({ "name": "Partner bot" }));
    assert_eq!(created.status(), 201);
    let created: Value = serde_json::from_slice(created.body()).unwrap();
    let read = ask("GET", &format!("/api/v2/clients/{}", created["client_id"].as_str().unwrap()), Value::Null);
    assert_eq!(read.status(), 200);

    let recorded = fs::read_to_string(&path).unwrap();
    for hidden in [&secret, created["client_secret"].as_str().unwrap(), &token, tenant.domain(), "eyJ"] {
        assert!(!recorded.contains(hidden), "the recording holds {hidden}");
    }
    let corpus = Cassette::load(&[path]).unwrap();
    let report = block_on(replay(&corpus, &[], Inferences::Made, &target(&tenant))).unwrap();
    assert_eq!(outcomes(&report), [Outcome::Exact; 3], "{report}");
}

/// Secrets in every kind of body go through the recorder; none is in the file, and the file replays.
#[test]
fn a_recording_of_secrets_in_bodies_of_every_kind_replays_exactly() {
    const MARKER: &str = "PLANTEDs3cretMarker-Aa1!";
    let tenant = MockTenant::start();
    let folder = folder("recording-of-secrets");
    let recorder = Recorder::begin(&folder, "bot", tenant.domain()).unwrap();
    let path = recorder.path().to_owned();
    let proxy = Proxy::new(&tenant.uri(), recorder, None).unwrap();
    let scopes: Vec<&str> =
        m2mock::internal::operations().iter().flat_map(|operation| operation.scopes.iter().copied()).collect();
    let token = tenant.management_token(&scopes);
    let ask = |path: &str, media_type: &str, body: &str| {
        let request = http::Request::post(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", media_type)
            .body(Bytes::from(body.to_owned()));
        let answer = block_on(proxy.answer(request.unwrap()));
        (answer.status().as_u16(), serde_json::from_slice::<Value>(answer.body()).unwrap_or_default())
    };
    let json_type = "application/json";
    let database = json!({ "name": "staff", "strategy": "auth0", "options": { "configuration": { "DB": MARKER } } });
    let (status, database) = ask("/api/v2/connections", json_type, &database.to_string());
    assert_eq!(status, 201, "{database}");
    let user = json!({ "connection": "staff", "email": "jane@travel0.example", "password": MARKER });
    assert_eq!(ask("/api/v2/users", json_type, &user.to_string()).0, 201);
    let api = json!({ "identifier": "https://a.example/", "signing_alg": "HS256", "signing_secret": MARKER });
    assert_eq!(ask("/api/v2/resource-servers", json_type, &api.to_string()).0, 201);
    let hash = "$2b$10$PLANTEDmarkerPLANTEDmaruMa1oHFJqYV7TOwLYPGXxJ3yMQcmWNBC";
    let users = json!([{ "email": "joe@travel0.example", "password_hash": hash }]);
    let part =
        |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; name={name}\r\n\r\n{value}\r\n");
    let import =
        part("connection_id", database["id"].as_str().unwrap()) + &part("users", &users.to_string()) + "--b--\r\n";
    let (status, job) = ask("/api/v2/jobs/users-imports", "multipart/form-data; boundary=b", &import);
    assert_eq!(status, 202, "{job}");
    for (media_type, body) in [
        (json_type, format!("{{\"client_secret\": \"{MARKER}\"")),
        ("text/plain", MARKER.to_owned()),
        ("application/x-www-form-urlencoded", format!("name=bot;client_secret={MARKER}")),
        (json_type, json!({ "client_secret": { "a": [MARKER] } }).to_string()),
    ] {
        let target = format!("/api/v2/clients?%63lient_secret={MARKER}&x=1;otp={MARKER}");
        assert!(ask(&target, media_type, &body).0 >= 400, "{body}");
    }

    let recorded = fs::read_to_string(&path).unwrap();
    assert!(!recorded.contains("PLANTED"), "{recorded}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let report = block_on(replay(&Cassette::load(&[path]).unwrap(), &[], Inferences::Made, &target(&tenant))).unwrap();
    assert_eq!(outcomes(&report), [Outcome::Exact; 8], "{report}");
}

/// A page from elsewhere and a program on another machine must not reach a mock's control through the recorder.
#[test]
fn the_recorder_forwards_no_control_and_no_request_without_a_path() {
    let tenant = MockTenant::start();
    let recorder = Recorder::begin(&folder("recorder-and-control"), "bot", tenant.domain()).unwrap();
    let path = recorder.path().to_owned();
    let proxy = Proxy::new(&tenant.uri(), recorder, None).unwrap();
    let status = |method: &str, target: &str| {
        let request = http::Request::builder().method(method).uri(target).body(Bytes::new()).unwrap();
        block_on(proxy.answer(request)).status().as_u16()
    };
    for target in ["/__admin/state", "/__admin", "//__admin/v1/state", "/%5f_admin/state", "/a/../__admin/reset"] {
        assert_eq!(status("GET", target), 403, "{target}");
    }
    assert_eq!(status("OPTIONS", "*"), 400);
    assert_eq!(status("CONNECT", "evil.example:443"), 400);
    assert_eq!(tenant.requests().count(), 0);
    assert_eq!(status("GET", "/.well-known/jwks.json"), 200);
    let recording: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(recording["interactions"].as_array().unwrap().len(), 1);
}

/// The command, over a socket: a page that came by a name of its own gets no further than the recorder.
#[test]
fn the_record_command_is_for_programs_of_this_machine() {
    let tenant = MockTenant::start();
    let mut recorder = Command::new(env!("CARGO_BIN_EXE_m2mock"))
        .args(["record", "--target", &tenant.uri(), "--listen", "127.0.0.1:0", "--listen-name", "recorder.example"])
        .args(["--out", folder("recorder-at-a-socket").to_str().unwrap()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(recorder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let uri = line.split(' ').next().unwrap().to_owned();
    let own = wire::address(&uri).to_owned();
    let status = |method: &str, target: &str, host: &str| {
        let request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        wire::send(&uri, request.as_bytes()).status
    };
    let keys = "/.well-known/jwks.json";
    let statuses = [
        status("GET", keys, &own),
        status("GET", keys, "recorder.example:8081"),
        status("GET", keys, "evil.example"),
        status("GET", "/__admin/state", "evil.example"),
        status("GET", "/__admin/state", &own),
        status("OPTIONS", "*", &own),
    ];
    recorder.kill().unwrap();
    recorder.wait().unwrap();
    assert_eq!(statuses, [200, 200, 403, 403, 403, 400]);
    assert_eq!(tenant.requests().count(), 2);
}

#[test]
fn a_recording_is_never_written_over() {
    let folder = folder("recorded-twice");
    assert!(Recorder::begin(&folder, "story", "travel0.localhost").is_ok());
    assert!(Recorder::begin(&folder, "story", "travel0.localhost").is_err());
}

#[test]
fn the_command_prints_its_result_and_fails_below_the_ratchet() {
    let folder = folder("replayed");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        let file = folder.join(name);
        fs::write(&file, content).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let cassette = file("story.json", &story().to_string());
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_m2mock")).arg("replay").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };

    let kept = file("kept.tsv", "# reached\norganizations\t100.00\n");
    let (code, printed, _) = run(&[&cassette, "--ratchet", &kept]);
    assert_eq!(code, Some(0));
    assert!(printed.contains("at or above the ratchet"), "{printed}");

    let mut changed = story();
    changed["interactions"][1]["response"]["name"] = "basalt".into();
    let changed = file("changed.json", &changed.to_string());
    let (code, printed, _) = run(&[&changed, "--ratchet", &kept, "--show", "1"]);
    assert_eq!(code, Some(1));
    assert!(printed.contains("organizations: 75.00 % exact, below the 100.00 % of the ratchet"), "{printed}");
    assert!(printed.contains("organizations  GET /name  value"), "{printed}");

    let (code, _, complaint) = run(&[&file("broken.json", "{")]);
    assert_eq!(code, Some(2));
    assert!(complaint.contains("broken.json: is not JSON"), "{complaint}");
}

#[test]
fn a_change_of_a_locked_flag_is_skipped() {
    let changed = |may: bool| {
        json!({ "method": "PATCH", "path": "/api/v2/tenants/settings", "status": 200, "request": { "flags": { "enable_sso": false } },
                "response": { "flags": { "allow_changing_enable_sso": may, "enable_sso": false } } })
    };
    let story = json!({ "source": "test", "cassette": "flag", "interactions": [changed(true), changed(false)] });
    assert_eq!(outcomes(&tell(story)), [Outcome::Skipped, Outcome::Wrong]);
}

#[test]
fn a_failed_change_of_a_created_entity_is_its_own_failure() {
    let mut story = story();
    let interactions = story["interactions"].as_array_mut().unwrap();
    let mut changed = interactions[1].clone();
    changed["method"] = "PATCH".into();
    changed["request"] = json!({ "name": "Granite Tours" });
    interactions.insert(1, changed.clone());
    interactions.insert(1, changed);
    let report = tell(story);
    let reasons: Vec<_> = report.verdicts().iter().map(|verdict| verdict.reason).collect();
    assert_eq!(reasons, [None, Some("status"), Some("status"), None, None, None]);
}

#[test]
fn the_command_reads_further_recordings_and_writes_a_line_for_each_interaction() {
    let folder = folder("evidence");
    fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    // The service did not show these members when the story was recorded.
    let mut old = story();
    for index in 0..3 {
        let organization = old["interactions"][index]["response"].as_object_mut().unwrap();
        organization.retain(|name, _| ["id", "name", "display_name"].contains(&name.as_str()));
    }
    fs::write(file("old.json"), old.to_string()).unwrap();
    fs::write(file("new.json"), story().to_string()).unwrap();
    let lines = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_m2mock"));
        command.args(["replay", &file("old.json"), "--verdicts", &file("verdicts.tsv")]).args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let text = fs::read_to_string(file("verdicts.tsv")).unwrap();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let judged_alone = lines(&[]);
    assert_eq!(judged_alone.len(), 5);
    assert_eq!(judged_alone[0], "outcome\tinteraction\tmethod\tpath\trecorded\tlive\tdetail");
    assert_eq!(
        judged_alone[1],
        "close\ttest/organization#0\tPOST\t/api/v2/organizations\t201\t201\t\
         /is_app_entitlement_active extra; /third_party_client_access extra"
    );
    let judged_beside_newer_ones = lines(&["--evidence", &file("new.json")]);
    assert!(
        judged_beside_newer_ones[1..].iter().all(|line| line.starts_with("exact\t")),
        "{judged_beside_newer_ones:?}"
    );
}

/// A tenant that had a verified custom domain and an email template when its recording began.
#[test]
fn a_mock_is_given_what_the_recorded_tenant_had_before() {
    let domain = |primary: bool| {
        json!({ "custom_domain_id": "cd_Rec0rdedRec0rded", "domain": "login.travel0.example", "primary": primary,
            "status": "pending_verification", "type": "auth0_managed_certs", "tls_policy": "recommended", "is_default": false,
            "created_at": "2026-01-01T10:00:00.000Z",
            "verification": { "methods": [{ "name": "CNAME", "record": "a.example", "domain": "login.travel0.example" }] } })
    };
    let template = |enabled: bool| {
        json!({ "template": "welcome_email", "body": "<html></html>", "from": "a@travel0.example", "subject": "Welcome",
            "resultUrl": "https://travel0.example/", "syntax": "liquid", "enabled": enabled })
    };
    let path = "/api/v2/email-templates/welcome_email";
    let story = json!({ "source": "test", "cassette": "earlier", "interactions": [
        { "method": "POST", "path": "/api/v2/custom-domains", "status": 201, "response": domain(false),
          "request": { "domain": "login.travel0.example", "type": "auth0_managed_certs" } },
        { "method": "GET", "path": path, "status": 200, "response": template(false) },
        { "method": "PATCH", "path": path, "status": 200, "request": { "enabled": true }, "response": template(true) },
        { "method": "GET", "path": path, "status": 200, "response": template(true) },
        { "method": "PATCH", "path": "/api/v2/custom-domains/default", "status": 200,
          "request": { "domain": "auth.travel0.example" },
          "response": { "custom_domain_id": "cd_EarlierEarlierEa", "domain": "auth.travel0.example", "is_default": true } },
    ] });
    let report = tell(story.clone());
    let given = [Outcome::Exact, Outcome::Skipped, Outcome::Exact, Outcome::Exact, Outcome::Exact];
    assert_eq!(
        outcomes(&report),
        given,
        "{:#}",
        report.verdicts().iter().map(|one| format!("{one}\n")).collect::<String>()
    );
    assert!(report.to_string().contains("given 3 entities that recorded tenants had before"), "{report}");

    let report = tell_with(story, Inferences::None);
    let not_given = [Outcome::Close, Outcome::Skipped, Outcome::Skipped, Outcome::Skipped, Outcome::Wrong];
    assert_eq!(outcomes(&report), not_given);
    assert_eq!(differences(&report.verdicts()[0]), [("/primary", "value false -> true")]);
    assert!(!report.to_string().contains("Inferred"), "{report}");
}

#[test]
fn a_list_without_an_order_is_exact_in_any_order() {
    let path = "/api/v2/attack-protection/brute-force-protection";
    let answer = |shields: Value| json!({ "enabled": true, "shields": shields });
    let (one, other) = (json!(["user_notification", "block"]), json!(["block", "user_notification"]));
    let story = json!({ "source": "test", "cassette": "shields", "interactions": [
        { "method": "PATCH", "path": path, "status": 200, "request": answer(one.clone()), "response": answer(other) },
        { "method": "GET", "path": path, "status": 200, "response": answer(one) },
    ] });
    let report = tell(story.clone());
    assert_eq!(outcomes(&report), [Outcome::Exact; 2]);
    assert!(report.to_string().contains("1 exact answer has the values of a list in another order"), "{report}");
    let report = tell_with(story, Inferences::None);
    assert_eq!(outcomes(&report), [Outcome::Close, Outcome::Exact]);
}
