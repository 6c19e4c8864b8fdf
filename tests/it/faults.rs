//! Faults, added in Rust, over HTTP and in a seed.

use std::io::{ErrorKind, Read, Write};
use std::time::{Duration, Instant};

use m2mock::Seed;
use m2mock::{Application, Organization};
use m2mock::{Clock, MockTenant, OrganizationUsage};
use rstest::rstest;
use serde_json::{Value, json};

use crate::wire::{self, Answer};

const NOON: u64 = 1_780_315_200;
const API: &str = "https://travel0.example/api";

/// A tenant at noon, and a bot that may ask for tokens for one API and any organization.
fn start() -> (MockTenant, Application) {
    let tenant = MockTenant::builder().clock(Clock::fixed(NOON)).start();
    let api = tenant.api(API).create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Allow).allow_any_organization(true).create();
    (tenant, bot)
}

fn refusal(tenant: &MockTenant, application: &Application) -> Option<u16> {
    tenant.token(application).audience(API).request().err().map(|refusal| refusal.status)
}

/// A request with a token for everything in the Management API.
fn get(tenant: &MockTenant, path: &str) -> Answer {
    wire::send(&tenant.uri(), &request(tenant, "GET", path, ""))
}

fn request(tenant: &MockTenant, method: &str, path: &str, body: &str) -> Vec<u8> {
    let token = tenant.management_token(&["read:clients", "read:organizations", "create:organizations"]);
    let uri = tenant.uri();
    let host = wire::address(&uri);
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn admin(tenant: &MockTenant, method: &str, path: &str, body: &str) -> (u16, Value) {
    let answer = wire::send(&tenant.uri(), &request(tenant, method, path, body));
    (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
}

#[test]
fn a_fault_ends_after_its_number_of_answers() {
    let (tenant, bot) = start();
    tenant.faults().on_token().times(2).too_many_requests();
    assert_eq!((refusal(&tenant, &bot), refusal(&tenant, &bot), refusal(&tenant, &bot)), (Some(429), Some(429), None));
    assert!(tenant.faults().list().is_empty());
}

#[test]
fn a_rate_limit_fault_has_the_body_of_its_api_and_the_headers_of_a_limit() {
    let (tenant, _) = start();
    tenant.faults().on_any_request().too_many_requests();
    for (path, limit, body) in [
        (
            "/api/v2/clients",
            2,
            json!({
                "statusCode": 429, "error": "Too Many Requests", "message": "Global limit has been reached",
                "errorCode": "too_many_requests"
            }),
        ),
        (
            "/.well-known/jwks.json",
            20,
            json!({
                "error": "too_many_requests",
                "error_description": "Rate limit exceeded. Please retry after some time."
            }),
        ),
    ] {
        let answer = get(&tenant, path);
        assert_eq!((answer.status, serde_json::from_str::<Value>(&answer.body).unwrap()), (429, body));
        assert!(answer.head.contains(&format!("\r\nx-ratelimit-limit: {limit}\r\n")), "{}", answer.head);
        assert!(answer.head.contains("\r\nx-ratelimit-remaining: 0\r\n"), "{}", answer.head);
        assert!(answer.head.contains(&format!("\r\nx-ratelimit-reset: {}\r\n", NOON + 1)), "{}", answer.head);
    }
}

#[test]
fn the_journal_names_the_fault() {
    let (tenant, bot) = start();
    let id = tenant.faults().on_token().answers(503);
    let refusal = tenant.token(&bot).audience(API).request().unwrap_err();
    assert_eq!((refusal.error.as_str(), refusal.why), ("temporarily_unavailable", format!("fault {id} answers 503")));

    let entry = tenant.requests().pop().unwrap();
    assert_eq!(entry.fault.as_deref(), Some(&*format!("fault {id} answers 503")));
    assert_eq!(entry.token.and_then(|decision| decision.client_id).as_deref(), Some(&*bot.client_id));
    get(&tenant, "/api/v2/clients");
    assert_eq!(tenant.requests().pop().unwrap().fault, None);
}

#[test]
fn a_fault_can_apply_to_one_operation() {
    let (tenant, bot) = start();
    tenant.faults().on_operation("GET /clients/{id}").unavailable();
    let one = format!("/api/v2/clients/{}", bot.client_id);
    assert_eq!((get(&tenant, "/api/v2/clients").status, get(&tenant, &one).status), (200, 503));
    assert_eq!(tenant.requests().pop().unwrap().operation.unwrap().to_string(), "GET /clients/{id}");

    tenant.faults().clear();
    tenant.faults().on_operation(&format!("GET {one}")).unavailable();
    assert_eq!(get(&tenant, &one).status, 503);
    let (other, _) = tenant.management_client();
    assert_eq!(get(&tenant, &format!("/api/v2/clients/{other}")).status, 200);
}

#[test]
fn a_fault_of_the_management_api_does_not_affect_token_requests() {
    let (tenant, bot) = start();
    tenant.faults().on_management_api().unavailable();
    assert_eq!((refusal(&tenant, &bot), get(&tenant, "/api/v2/clients").status), (None, 503));
}

#[test]
fn a_fault_can_apply_to_one_client_at_both_apis() {
    let (tenant, bot) = start();
    tenant.faults().for_client(&bot).unavailable();
    assert_eq!((refusal(&tenant, &bot), get(&tenant, "/api/v2/clients").status), (Some(503), 200));

    tenant.faults().clear();
    tenant.faults().for_client(tenant.management_client().0).unavailable();
    assert_eq!((refusal(&tenant, &bot), get(&tenant, "/api/v2/clients").status), (None, 503));
}

#[test]
fn a_fault_can_apply_to_one_audience() {
    let (tenant, bot) = start();
    tenant.faults().on_token().for_audience("https://invoices.travel0.example/api").unavailable();
    assert_eq!(refusal(&tenant, &bot), None);
    tenant.faults().on_token().for_audience(API).unavailable();
    assert_eq!(refusal(&tenant, &bot), Some(503));
}

#[rstest]
#[case::by_its_id(|organization: &Organization| organization.id.clone())]
#[case::by_its_name(|organization: &Organization| organization.name.clone())]
fn a_fault_can_apply_to_one_organization_by_id_or_name(#[case] called: fn(&Organization) -> String) {
    let (tenant, bot) = start();
    let (granite, summit) = (tenant.organization("granite").create(), tenant.organization("summit").create());
    tenant.faults().on_token().for_organization(called(&granite)).unavailable();
    let ask = |organization: &Organization| tenant.token(&bot).audience(API).organization(organization).request();
    assert_eq!(ask(&granite).unwrap_err().status, 503);
    assert!(ask(&summit).is_ok());
    assert_eq!(refusal(&tenant, &bot), None);
}

#[test]
fn the_first_matching_fault_answers_before_the_next_one() {
    let (tenant, bot) = start();
    tenant.faults().on_token().times(1).too_many_requests();
    tenant.faults().on_any_request().times(1).unavailable();
    assert_eq!((refusal(&tenant, &bot), refusal(&tenant, &bot), refusal(&tenant, &bot)), (Some(429), Some(503), None));
}

#[test]
fn a_delayed_answer_arrives() {
    let (tenant, _) = start();
    let late = Duration::from_millis(20);
    tenant.faults().on_operation("GET /clients").latency(late..=late * 2);
    let start = Instant::now();
    assert_eq!(get(&tenant, "/api/v2/clients").status, 200);
    assert!(start.elapsed() >= late);
    assert_eq!(tenant.requests().pop().unwrap().fault.as_deref(), Some("fault 1 keeps the answer waiting"));
}

#[test]
fn a_delayed_answer_does_not_delay_others() {
    let (tenant, bot) = start();
    tenant.faults().on_operation("GET /clients").latency(Duration::from_secs(300));
    let mut waiting = wire::connect(&tenant.uri());
    waiting.write_all(&request(&tenant, "GET", "/api/v2/clients", "")).unwrap();
    // It is in the journal as soon as it has met its fault.
    while !tenant.requests().iter().any(|entry| entry.fault.is_some()) {
        assert_eq!(get(&tenant, "/api/v2/organizations").status, 200);
    }
    assert_eq!(refusal(&tenant, &bot), None);
    waiting.set_nonblocking(true).unwrap();
    assert_eq!(waiting.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock, "it still waits");
}

#[test]
fn a_refusal_may_be_late_as_well() {
    let (tenant, _) = start();
    let late = Duration::from_millis(20);
    tenant.faults().on_any_request().after(late).unavailable();
    let start = Instant::now();
    assert_eq!(get(&tenant, "/api/v2/clients").status, 503);
    assert!(start.elapsed() >= late);
}

#[test]
fn a_reset_connection_has_no_answer_and_no_effect() {
    let (tenant, _) = start();
    tenant.faults().on_operation("POST /organizations").times(1).reset();
    let mut stream = wire::connect(&tenant.uri());
    stream.write_all(&request(&tenant, "POST", "/api/v2/organizations", r#"{"name":"granite"}"#)).unwrap();
    let error = stream.read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(get(&tenant, "/api/v2/organizations").body, "[]");
    assert_eq!(tenant.requests()[0].fault.as_deref(), Some("fault 1 resets the connection"));
}

#[test]
fn a_truncated_answer_is_shorter_than_its_length_and_its_request_took_effect() {
    let (tenant, _) = start();
    tenant.faults().on_operation("POST /organizations").truncated();
    let cut = wire::send(&tenant.uri(), &request(&tenant, "POST", "/api/v2/organizations", r#"{"name":"granite"}"#));
    let announced = cut.head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()).unwrap();
    assert_eq!((cut.status, announced.parse::<usize>().unwrap() / 2), (201, cut.body.len()));
    assert!(get(&tenant, "/api/v2/organizations").body.contains("granite"));
}

#[test]
fn a_slow_answer_is_whole_in_the_end() {
    let (tenant, _) = start();
    let whole = get(&tenant, "/.well-known/jwks.json").body;
    let time = Duration::from_millis(40);
    tenant.faults().on_operation("GET /.well-known/jwks.json").slow(time);
    let start = Instant::now();
    assert_eq!(get(&tenant, "/.well-known/jwks.json").body, whole);
    assert!(start.elapsed() >= time);
}

#[test]
fn malformed_json_is_a_whole_answer_that_is_no_json() {
    let (tenant, _) = start();
    tenant.faults().on_operation("GET /clients").malformed_json();
    let answer = get(&tenant, "/api/v2/clients");
    assert!(serde_json::from_str::<Value>(&answer.body).is_err());
    assert!(answer.head.contains(&format!("content-length: {}", answer.body.len())), "{}", answer.head);
}

#[test]
fn a_reset_removes_the_faults_of_a_test() {
    let (tenant, bot) = start();
    tenant.faults().on_token().unavailable();
    tenant.reset();
    assert!(tenant.faults().list().is_empty());
    assert_ne!(refusal(&tenant, &bot), Some(503));
}

#[test]
fn a_single_fault_can_be_removed() {
    let (tenant, bot) = start();
    let first = tenant.faults().on_token().too_many_requests();
    tenant.faults().on_token().unavailable();
    assert!(tenant.faults().remove(first));
    assert!(!tenant.faults().remove(first));
    assert_eq!(refusal(&tenant, &bot), Some(503));
}

#[test]
fn faults_are_put_in_and_cleared_over_http() {
    let (tenant, bot) = start();
    let message = json!({ "operation": "token", "client_id": bot.client_id, "times": 3, "status": 429 });
    let (status, added) = admin(&tenant, "POST", "/__admin/faults", &message.to_string());
    assert_eq!((status, &added["id"], &added["answered"]), (201, &json!(1), &json!(0)));

    assert_eq!(refusal(&tenant, &bot), Some(429));
    let (_, listed) = admin(&tenant, "GET", "/__admin/faults", "");
    assert_eq!(
        listed,
        json!([{ "id": 1, "answered": 1, "operation": "token", "client_id": bot.client_id, "times": 2, "status": 429 }])
    );

    assert_eq!(admin(&tenant, "DELETE", "/__admin/faults/1", "").0, 204);
    assert_eq!(admin(&tenant, "DELETE", "/__admin/faults/1", "").0, 404);
    assert_eq!(refusal(&tenant, &bot), None);
    tenant.faults().on_any_request().unavailable();
    assert_eq!(admin(&tenant, "DELETE", "/__admin/faults", "").0, 204);
    assert_eq!(admin(&tenant, "GET", "/__admin/faults", "").1, json!([]));
}

#[rstest]
#[case::no_json("{", "Invalid request payload JSON format")]
#[case::a_slip(r#"{"operation": "GET /client", "status": 503}"#, "there is no operation \"GET /client\"")]
#[case::nothing("{}", "a fault does something")]
fn a_wrong_fault_is_refused_with_a_sentence(#[case] body: &str, #[case] sentence: &str) {
    let (tenant, _) = start();
    let (status, refusal) = admin(&tenant, "POST", "/__admin/faults", body);
    assert_eq!(status, 400);
    assert!(refusal["message"].as_str().unwrap().starts_with(sentence), "{refusal}");
    assert!(tenant.faults().list().is_empty());
}

#[test]
fn there_are_at_most_a_hundred() {
    let (tenant, _) = start();
    for _ in 0..100 {
        tenant.faults().on_token().unavailable();
    }
    let (status, refusal) = admin(&tenant, "POST", "/__admin/faults", r#"{"status": 503}"#);
    assert_eq!((status, tenant.faults().list().len()), (409, 100), "{refusal}");
}

#[test]
fn a_reset_restores_the_faults_of_a_seed() {
    let seed = json!({
        "clients": [
            { "name": "Bot", "x-m2mock": { "client_id": "seededBot", "client_secret": "seeded-secret" } },
            { "name": "Other", "x-m2mock": { "client_id": "seededOther", "client_secret": "seeded-secret" } }
        ],
        "x-m2mock": { "faults": [{ "operation": "token", "client_id": "Bot", "times": 1, "status": 503 }] }
    });
    let tenant = MockTenant::builder().seed(Seed::parse(&seed.to_string(), "seed.json").unwrap()).start();
    let ask = |client_id: &str| {
        let application = Application::new(client_id, "seeded-secret");
        refusal(&tenant, &application)
    };
    for _ in 0..2 {
        assert_eq!((ask("seededOther"), ask("seededBot"), ask("seededBot")), (Some(403), Some(503), Some(403)));
        tenant.faults().on_any_request().unavailable();
        tenant.reset();
    }
}
