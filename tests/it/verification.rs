//! Expectations of a test, and the message if they are not met.

use std::panic::{AssertUnwindSafe, catch_unwind};

use m2mock::{Api, Application, Organization};
use m2mock::{Clock, MockTenant, OrganizationUsage};
use serde_json::json;

use crate::wire;

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

/// A tenant with one API, a bot that may use it within one organization, and a stranger that may not.
struct Story {
    tenant: MockTenant,
    api: Api,
    bot: Application,
    stranger: Application,
    granite: Organization,
}

impl Story {
    fn begin() -> Story {
        Story::of(MockTenant::builder().clock(Clock::fixed(NOON)).start())
    }

    fn of(tenant: MockTenant) -> Story {
        let api = tenant.api("https://travel0.example/api").create();
        let bot = tenant.application("Partner bot").client_id("bot").create();
        let stranger = tenant.application("Stranger").client_id("stranger").create();
        let granite = tenant.organization("granite-tours").id("org_000000000granite").create();
        let grant = tenant
            .client_grant(&bot, &api)
            .id("cgr_0000000000000bot")
            .organization_usage(OrganizationUsage::Allow)
            .allow_any_organization(false)
            .create();
        tenant.associate(&granite, &grant);
        Story { tenant, api, bot, stranger, granite }
    }

    fn ask(&self, application: &Application) -> bool {
        self.tenant.token(application).audience(&self.api).request().is_ok()
    }

    fn get(&self, path: &str) -> u16 {
        let token = self.tenant.management_token(&["read:clients", "read:client_grants"]);
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n",
            wire::address(&self.tenant.uri()),
        );
        wire::send(&self.tenant.uri(), request.as_bytes()).status
    }

    /// Drops the tenant, and returns the panic message without the port and the position in this file.
    fn end(self) -> Option<String> {
        let address = wire::address(&self.tenant.uri()).to_owned();
        let panic = catch_unwind(AssertUnwindSafe(|| drop(self))).err()?;
        let message = panic.downcast::<String>().expect("a text").replace(&address, "<tenant>");
        let without_line = |line: &str| line.split(" (tests/it/").next().unwrap_or_default().to_owned();
        Some(message.lines().map(without_line).collect::<Vec<_>>().join("\n"))
    }
}

#[test]
fn the_journal_answers_questions() {
    let story = Story::begin();
    let Story { tenant, api, bot, stranger, granite } = &story;
    assert!(story.ask(bot));
    assert!(!story.ask(stranger));
    assert!(tenant.token(bot).audience(api).organization(granite).request().is_ok());
    assert_eq!(story.get("/api/v2/clients/bot?fields=name"), 200);
    assert_eq!(story.get("/api/v2/clients/nobody"), 404);

    let requests = tenant.requests();
    assert_eq!(requests.count(), 5);
    assert_eq!(requests.clone().tokens().count(), 3);
    assert_eq!(requests.clone().granted().count(), 2);
    assert_eq!(requests.clone().refused().count(), 2);
    assert_eq!(requests.clone().tokens().for_client(stranger).refused().answered_with(403).count(), 1);
    assert_eq!(requests.clone().audience(api).for_client(bot).count(), 2);
    assert_eq!(requests.clone().in_organization(granite).count(), 1);
    assert_eq!(requests.clone().operation("GET /clients/{id}").count(), 2);
    assert_eq!(requests.clone().operation("GET /api/v2/clients/bot").count(), 1);
    assert_eq!(requests.clone().operation("POST /oauth/token").count(), 3);
    assert_eq!(requests.clone().operation("no operation").count(), 0);
    assert_eq!(requests.clone().unmodelled().count(), 0);
    // The caller of the Management API is the client of the token.
    assert_eq!(requests.clone().for_client(tenant.management_client().0).count(), 2);
    assert_eq!(requests.to_string().lines().count(), 5);
    assert!(requests.iter().all(|entry| entry.status > 0));
}

#[test]
fn an_expectation_for_an_organization_matches_the_default_organization() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let grant = tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Require).create();
    tenant.associate(&granite, &grant);
    tenant.set_default_organization(&bot, &granite);
    tenant.expect_tokens(1).in_organization(&granite);
    assert!(tenant.token(&bot).audience(&api).request().is_ok());
    assert_eq!(tenant.requests().in_organization(&granite).granted().count(), 1);
}

#[test]
fn met_expectations_are_not_reported() {
    let story = Story::begin();
    story.tenant.expect_tokens(1..=2).for_client(&story.bot).audience(&story.api).named("the bot");
    story.tenant.expect_tokens(0).for_client(&story.stranger);
    story.tenant.expect_operation("POST /oauth/token", 1).for_client(&story.stranger).answered_with(403);
    story.tenant.expect_operation("GET /clients/{id}", 1..);
    assert!(story.ask(&story.bot));
    assert!(!story.ask(&story.stranger));
    assert_eq!(story.get("/api/v2/clients/bot"), 200);
    story.tenant.verify();
    assert_eq!(story.end(), None);
}

#[test]
fn surplus_requests_and_requests_of_other_clients_are_reported() {
    let story = Story::begin();
    story.tenant.expect_tokens(..2).for_client(&story.bot).named("the bot keeps its token");
    for application in [&story.bot, &story.stranger, &story.bot] {
        story.ask(application);
    }
    insta::assert_snapshot!(story.end().expect("a report"), @r#"
    the tenant at http://<tenant> was not asked what the test expects

    "the bot keeps its token": expected at most 1 token, client bot, came 2
      counted:
        1 2026-06-01T12:00:00.000Z POST /oauth/token 200 granted by R13, R52, R74: client "Partner bot" (bot) holds grant cgr_0000000000000bot with organization_usage allow; no organization applies
        3 2026-06-01T12:00:00.000Z POST /oauth/token 200 granted by R13, R52, R74: client "Partner bot" (bot) holds grant cgr_0000000000000bot with organization_usage allow; no organization applies
      nearly counted:
        2 2026-06-01T12:00:00.000Z POST /oauth/token 403 refused by R70: client "Stranger" (stranger) has no client grant for API https://travel0.example/api
          - token granted
          + token refused
          - client bot
          + client stranger
    "#);
}

#[test]
fn a_missing_operation_is_reported_with_similar_requests() {
    let story = Story::begin();
    story.tenant.expect_operation("POST /client-grants", 1);
    story.get("/api/v2/client-grants?page=0");
    insta::assert_snapshot!(story.end().expect("a report"), @r#"
    the tenant at http://<tenant> was not asked what the test expects

    expected 1 request POST /client-grants, came 0
      nearly counted:
        1 2026-06-01T12:00:00.000Z GET /api/v2/client-grants?page=0 200
          - operation POST /client-grants
          + operation GET /client-grants
    "#);
}

#[test]
fn without_similar_requests_the_last_requests_are_reported() {
    let story = Story::begin();
    story.tenant.expect_operation("POST /client-grants", 1);
    story.tenant.expect_tokens(1).in_organization(&story.granite);
    story.get("/api/v2/clients/bot");
    insta::assert_snapshot!(story.end().expect("a report"), @r#"
    the tenant at http://<tenant> was not asked what the test expects

    expected 1 request POST /client-grants, came 0
      instead came:
        1 2026-06-01T12:00:00.000Z GET /api/v2/clients/bot 200

    expected 1 token, organization org_000000000granite, came 0
      instead came:
        1 2026-06-01T12:00:00.000Z GET /api/v2/clients/bot 200
    "#);
}

#[test]
fn an_expectation_counts_from_its_creation_independent_of_the_journal() {
    let story = Story::begin();
    story.ask(&story.bot);
    story.tenant.expect_tokens(2);
    story.ask(&story.bot);
    wire::send(&story.tenant.uri(), b"DELETE /__admin/requests HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    story.ask(&story.bot);
    assert_eq!(story.tenant.requests().count(), 1);
    assert_eq!(story.end(), None);
}

#[test]
fn requests_to_unmodelled_operations_fail_the_test() {
    let story = Story::begin();
    for path in ["/api/v2/flights", "/authorize?response_type=code", "/authorize"] {
        assert_eq!(story.get(path), 404);
    }
    assert_eq!(story.tenant.requests().unmodelled().count(), 3);
    // Nobody gets rid of them by going back to the start.
    story.tenant.reset();
    insta::assert_snapshot!(story.end().expect("a report"), @r#"
    m2mock answered 404 to what it does not model; the live service may answer otherwise (MockTenant::builder().allow_unmodelled_operations() lets it pass):
        GET /api/v2/flights
        GET /authorize, 2 times
    "#);
}

#[test]
fn requests_to_unmodelled_operations_pass_if_the_test_allows_them() {
    let story = Story::of(MockTenant::builder().allow_unmodelled_operations().start());
    story.tenant.expect_operation("GET /flights", 1);
    assert_eq!(story.get("/api/v2/flights"), 404);
    let journal = json!(story.tenant.requests());
    assert_eq!(journal[0]["unmodelled"], true);
    assert_eq!(journal[0]["refusal"], "m2mock does not model GET /flights");
    assert_eq!(story.end(), None);
}

#[test]
fn a_long_list_of_unmodelled_operations_is_cut() {
    let story = Story::begin();
    for number in 0..60 {
        story.get(&format!("/nothing/{number}"));
    }
    let report = story.end().expect("a report");
    assert_eq!(report.lines().count(), 52);
    assert!(report.contains("others, 10 times"), "{report}");
}

#[test]
fn a_test_that_fails_already_fails_for_its_own_reason() {
    let failure = catch_unwind(|| {
        let story = Story::begin();
        story.tenant.expect_tokens(1);
        panic!("its own reason");
    });
    assert_eq!(failure.unwrap_err().downcast_ref(), Some(&"its own reason"));
}

#[test]
fn an_operation_that_can_never_come_is_refused_at_once() {
    let tenant = MockTenant::start();
    let refusal = |operation: &str| {
        let panic = catch_unwind(AssertUnwindSafe(|| _ = tenant.expect_operation(operation, 0))).err()?;
        panic.downcast::<String>().ok().map(|message| *message)
    };
    let message = refusal("POST /client-grant").expect("a panic");
    assert_eq!(message, "\"POST /client-grant\" is not modelled, so that no request for it can pass");
    assert!(refusal("client-grants").expect("a panic").contains("write method and path"));
    assert_eq!(refusal("POST /api/v2/client-grants"), None);
    assert_eq!(refusal("GET /clients/{id}"), None);
}
