//! Counts a token request for the custom rate limit policy that applies to its client.
//!
//! A policy comes before client authentication, so that a client with a wrong secret is limited, too (assumed). A request for
//! a client that does not exist has no policy: its counters would grow with every invented id.

use http::{HeaderName, header};

use super::token_request::ParsedTokenRequest;
use crate::api::outcome::Outcome;
use crate::api::tenant::Tenant;
use crate::api::tenant_log::{EventKind, LimitReached};
use crate::domain::BoundedText;
use crate::domain::rate_limit_policy::{SECONDS_TO_RESET, count, may_log};
use crate::store::views::{ClientView, RateLimitPolicyView};
use crate::store::{Document, Kind};

const RATE_LIMIT: HeaderName = HeaderName::from_static("auth0-ratelimit");

/// The effect of a policy on a request.
pub(in crate::api) struct AppliedPolicy {
    /// The state of the counter, for the answer.
    header: String,
    /// The same in words, for the journal.
    note: String,
    /// Whether the request is beyond a limit that refuses nothing.
    only_logs: bool,
    event: Option<EventKind>,
    pub(in crate::api) is_refused: bool,
}

/// Counts a request. `None` if no policy limits it.
pub(in crate::api) fn apply(tenant: &Tenant, request: &ParsedTokenRequest<'_>) -> Option<AppliedPolicy> {
    if tenant.state()[Kind::RateLimitPolicy].len() == 0 {
        return None;
    }
    let client_id = request.client_id()?;
    let now = tenant.clock.unix();
    let mut state = tenant.state();
    let client = Document::clone(state[Kind::Client].get(&client_id)?);
    let client = ClientView(&client);
    let policies = &state[Kind::RateLimitPolicy];
    let mut selectors = client.consumer().selectors();
    let (selector, found) =
        selectors.find_map(|selector| Some((selector, policies.find("consumer_selector", &selector.to_string())?)))?;
    let (policy, id) = (RateLimitPolicyView(found).policy()?, RateLimitPolicyView(found).id().to_owned());

    let counter = (!selector.has_common_counter()).then_some(&*client_id);
    let counted = count(policy, state.policy_usage.of(&id, counter), now)?;
    state.policy_usage.set(&id, counter, counted.usage);
    let logs = counted.is_beyond && may_log(state.policy_usage.logged(&id, &client_id), now);
    if logs {
        state.policy_usage.set_logged(&id, &client_id, now);
    }
    let (limit, remaining) = (policy.limit, counted.remaining);
    let event = logs.then(|| {
        EventKind::LimitReached(Box::new(LimitReached {
            policy: BoundedText::of(selector),
            action: policy.action,
            limit,
            client_id: client_id.as_str().into(),
            client_name: client.name().into(),
            is_refused: counted.is_refused,
        }))
    });
    let note = match (counted.is_beyond, counted.is_refused) {
        (true, true) => format!("the rate limit policy {selector} allows {limit} requests in a second"),
        (true, false) => format!("the rate limit policy {selector} of {limit} requests in a second only logs"),
        (false, _) => format!("the rate limit policy {selector} leaves {remaining} of {limit} requests in this second"),
    };
    Some(AppliedPolicy {
        header: format!("client;q={limit};t={SECONDS_TO_RESET};r={remaining}"),
        note,
        only_logs: counted.is_beyond && !counted.is_refused,
        event,
        is_refused: counted.is_refused,
    })
}

impl AppliedPolicy {
    /// Why the policy refuses the request.
    pub(in crate::api) fn reason(&self) -> String {
        self.note.clone()
    }

    /// Adds headers, log entry and facts to the result of the request.
    pub(in crate::api) fn add_to(self, mut outcome: Outcome) -> Outcome {
        if self.is_refused {
            outcome.reply = outcome.reply.header(header::RETRY_AFTER, &SECONDS_TO_RESET.to_string());
        } else if let Some(decision) = &mut outcome.token {
            decision.rules.push("RLP1");
            decision.rules.extend(self.only_logs.then_some("RLP3"));
            decision.why = BoundedText::of(format_args!("{}; {}", decision.why, self.note));
        }
        outcome.reply = outcome.reply.header(RATE_LIMIT, &self.header);
        outcome.events.extend(self.event);
        outcome
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;
    use http::{Method, Request, Response, header};
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};
    use crate::domain::Clock;

    const API: &str = "https://travel0.example/api";
    const NOON: u64 = 1_780_315_200;

    fn tenant() -> Tenant {
        let tenant = Tenant::new(Config { clock: Clock::fixed(NOON), ..Config::default() });
        post(&tenant, "/resource-servers", json!({ "identifier": API }));
        tenant
    }

    fn post(tenant: &Tenant, path: &str, body: Value) -> Value {
        tenant.perform(Method::POST, path, body, Pins::default()).expect("it is accepted")
    }

    /// Id and secret of an application that may have tokens for the API.
    fn client(tenant: &Tenant, name: &str) -> (String, String) {
        granted(tenant, json!({ "name": name, "app_type": "non_interactive" }))
    }

    fn granted(tenant: &Tenant, client: Value) -> (String, String) {
        let client = post(tenant, "/clients", client);
        let text = |member: &str| client[member].as_str().expect("a text").to_owned();
        let id = text("client_id");
        post(tenant, "/client-grants", json!({ "client_id": id, "audience": API, "scope": [] }));
        (id, text("client_secret"))
    }

    fn limit(tenant: &Tenant, selector: &str, configuration: &Value) -> String {
        let policy = post(
            tenant,
            "/rate-limit-policies",
            json!({
                "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": selector,
                "configuration": configuration,
            }),
        );
        policy["id"].as_str().expect("an id").to_owned()
    }

    fn ask(tenant: &Tenant, (id, secret): &(String, String)) -> Response<Bytes> {
        let body = json!({
            "grant_type": "client_credentials", "audience": API, "client_id": id, "client_secret": secret,
        });
        let request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
        tenant.answer(request.body(Bytes::from(body.to_string())).expect("a request"))
    }

    fn status(tenant: &Tenant, client: &(String, String)) -> u16 {
        ask(tenant, client).status().as_u16()
    }

    fn rate_limit(response: &Response<Bytes>) -> Option<&str> {
        response.headers().get("auth0-ratelimit").map(|value| value.to_str().expect("a text"))
    }

    #[test]
    fn a_policy_refuses_requests_beyond_its_limit_until_the_next_second() {
        let tenant = tenant();
        let bot = client(&tenant, "bot");
        limit(&tenant, &format!("client_id:{}", bot.0), &json!({ "action": "block", "limit": 2 }));
        assert_eq!(rate_limit(&ask(&tenant, &bot)), Some("client;q=2;t=1;r=1"));
        assert_eq!(status(&tenant, &bot), 200);
        let refused = ask(&tenant, &bot);
        assert_eq!(refused.status(), 429);
        assert_eq!(rate_limit(&refused), Some("client;q=2;t=1;r=0"));
        assert_eq!(refused.headers()["retry-after"], "1");
        let body: Value = serde_json::from_slice(refused.body()).expect("JSON");
        assert_eq!(body, json!({ "error": "too_many_requests", "error_description": "Rate limit exceeded." }));
        let decision = tenant.requests().pop().and_then(|entry| entry.token).expect("a decision");
        assert_eq!(decision.rules, ["T18", "RLP1"]);
        assert!(decision.why.contains("allows 2 requests in a second"), "{}", decision.why);
        tenant.clock().advance(Duration::from_secs(1));
        assert_eq!(status(&tenant, &bot), 200);
    }

    // proves RLP1
    #[test]
    fn the_narrowest_policy_decides_alone() {
        let tenant = tenant();
        let (bot, other) = (client(&tenant, "bot"), client(&tenant, "other"));
        limit(&tenant, "default", &json!({ "action": "block", "limit": 0 }));
        assert_eq!((status(&tenant, &bot), status(&tenant, &other)), (429, 429));
        limit(&tenant, &format!("client_id:{}", bot.0), &json!({ "action": "allow" }));
        assert_eq!((status(&tenant, &bot), status(&tenant, &other)), (200, 429));
        assert_eq!(rate_limit(&ask(&tenant, &bot)), None, "a policy that allows has no limit to show");
    }

    #[test]
    fn the_default_policy_has_a_counter_for_each_client() {
        let tenant = tenant();
        let (bot, other) = (client(&tenant, "bot"), client(&tenant, "other"));
        limit(&tenant, "default", &json!({ "action": "block", "limit": 1 }));
        assert_eq!((status(&tenant, &bot), status(&tenant, &bot), status(&tenant, &other)), (200, 429, 200));
    }

    // proves RLP2
    #[test]
    fn the_clients_of_a_group_share_a_counter() {
        let tenant = tenant();
        let own = client(&tenant, "own");
        let [one, two] = ["one", "two"].map(|name| {
            let third_party = json!({
                "name": name, "is_first_party": false, "third_party_security_mode": "permissive",
                "app_type": "non_interactive", "grant_types": ["client_credentials"],
            });
            granted(&tenant, third_party)
        });
        limit(&tenant, "third_party_clients", &json!({ "action": "block", "limit": 1 }));
        assert_eq!((status(&tenant, &one), status(&tenant, &two), status(&tenant, &own)), (200, 429, 200));
    }

    // proves RLP3, RLP4
    #[test]
    fn a_policy_that_logs_refuses_nothing_and_logs_once_a_minute() {
        let tenant = tenant();
        let bot = client(&tenant, "bot");
        limit(&tenant, "default", &json!({ "action": "log", "limit": 0 }));
        let count = || tenant.logs().iter().filter(|entry| entry.kind == "api_limit").count();
        assert_eq!((status(&tenant, &bot), status(&tenant, &bot), count()), (200, 200, 1));
        let decision = tenant.requests().pop().and_then(|entry| entry.token).expect("a decision");
        assert_eq!(&decision.rules[decision.rules.len() - 2..], ["RLP1", "RLP3"]);
        tenant.clock().advance(Duration::from_secs(60));
        assert_eq!((status(&tenant, &bot), count()), (200, 2));
        let logs = tenant.logs();
        let entry = logs.iter().find(|entry| entry.kind == "api_limit").expect("an entry");
        assert_eq!(entry.document["details"]["action"], "log");
        assert_eq!(entry.document["details"]["limit"], json!({ "bucket": "default", "global": false, "size": 0 }));
        assert!(!entry.document.contains_key("ip"));
    }

    #[test]
    fn a_wrong_secret_counts_and_an_unknown_client_does_not() {
        let tenant = tenant();
        let bot = client(&tenant, "bot");
        limit(&tenant, "default", &json!({ "action": "block", "limit": 1 }));
        let guess = (bot.0.clone(), "guess".to_owned());
        assert_eq!((status(&tenant, &guess), status(&tenant, &bot)), (401, 429));
        let stranger = ("stranger".to_owned(), "guess".to_owned());
        let answer = ask(&tenant, &stranger);
        assert_eq!((answer.status().as_u16(), rate_limit(&answer)), (401, None));
    }

    #[test]
    fn a_reset_and_a_deletion_forget_counters_and_an_export_has_them() {
        let tenant = tenant();
        let bot = client(&tenant, "bot");
        let policy = limit(&tenant, "default", &json!({ "action": "block", "limit": 1 }));
        tenant.keep_as_initial();
        assert_eq!((status(&tenant, &bot), status(&tenant, &bot)), (200, 429));
        let copy = Tenant::new(Config::default());
        copy.import(tenant.export().as_bytes()).expect("an export");
        assert_eq!(status(&copy, &bot), 429);
        assert_eq!(copy.export(), {
            status(&tenant, &bot);
            tenant.export()
        });
        tenant.reset();
        assert_eq!((status(&tenant, &bot), status(&tenant, &bot)), (200, 429));
        let path = format!("/rate-limit-policies/{policy}");
        tenant.perform(Method::DELETE, &path, Value::Null, Pins::default()).expect("it is accepted");
        assert!(!tenant.export().contains("policy_usage"));
        assert_eq!(status(&tenant, &bot), 200);
    }

    // proves RLP5
    #[test]
    fn a_refused_request_does_not_count_for_the_limits_of_the_tenant() {
        let tenant = Tenant::new(Config { clock: Clock::fixed(NOON), rate_limits: true, ..Config::default() });
        post(&tenant, "/resource-servers", json!({ "identifier": API }));
        let bot = client(&tenant, "bot");
        let remaining = |response: &Response<Bytes>| response.headers()["x-ratelimit-remaining"].clone();
        assert_eq!(remaining(&ask(&tenant, &bot)), "29");
        limit(&tenant, "default", &json!({ "action": "block", "limit": 0 }));
        assert_eq!(remaining(&ask(&tenant, &bot)), "29");
    }
}
