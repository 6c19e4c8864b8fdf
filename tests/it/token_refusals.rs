//! Every refusal of the token endpoint names its rules and its facts: in the journal, in the line of the log, and in what
//! a failed helper says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use m2mock::TokenDecision;
use m2mock::action::Action;
use m2mock::http::{Method, Request, header};
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{DenyCode, Entitlement, MockTenant};
use rstest::rstest;
use serde_json::{Value, json};

const API: &str = "https://travel0.example/api";
const CLOSED: &str = "https://closed.example/api";
const ACME: &str = "org_Acme000000000001";
const OTHER: &str = "org_Other00000000001";
const PEM: &str = include_str!("../../fixtures/credentials/public-key.pem");

/// Two APIs, two organizations, and clients that are refused each in its own way.
fn tenant() -> Tenant {
    let deny = Action::new(|event, api| {
        if event.client.client_id == "denied" {
            api.access().deny(DenyCode::InvalidRequest, "no");
        }
    });
    let tenant = Tenant::new(Config { actions: vec![deny], ..Config::default() });
    let create = |path: &str, body: Value, id: &str| {
        let pins = Pins { id: Some(id.to_owned()), secret: Some("secret".to_owned()) };
        tenant.perform(Method::POST, path, body, pins).unwrap_or_else(|error| panic!("{path} {id}: {error}"));
    };
    let scopes = json!([{ "value": "read:trips" }]);
    create("/resource-servers", json!({ "identifier": API, "scopes": scopes }), "api");
    let policy = json!({ "client": { "policy": "deny_all" } });
    create("/resource-servers", json!({ "identifier": CLOSED, "subject_type_authorization": policy }), "closed");
    create("/organizations", json!({ "name": "acme" }), ACME);
    create("/organizations", json!({ "name": "other" }), OTHER);

    let key = json!({ "credentials": [{ "credential_type": "public_key", "pem": PEM }] });
    let quota = json!({ "client_credentials": { "per_day": 1 } });
    let default = |id: &str| json!({ "organization_id": id, "flows": ["client_credentials"] });
    for (id, members) in [
        ("stranger", json!({})),
        ("website", json!({ "grant_types": ["authorization_code"] })),
        ("signer", json!({ "client_authentication_methods": { "private_key_jwt": key } })),
        (
            "partner",
            json!({
                "is_first_party": false, "third_party_security_mode": "strict", "grant_types": ["client_credentials"],
            }),
        ),
        ("denied", json!({})),
        ("limited", json!({ "token_quota": quota })),
        ("deny", json!({})),
        ("allow", json!({})),
        ("require", json!({})),
        ("astray", json!({ "default_organization": default("org_Gone000000000001") })),
        ("elsewhere", json!({ "default_organization": default(OTHER) })),
    ] {
        let mut body = members;
        body["name"] = id.into();
        create("/clients", body, id);
    }
    for (id, usage) in [
        ("denied", "deny"),
        ("limited", "deny"),
        ("deny", "deny"),
        ("allow", "allow"),
        ("require", "require"),
        ("astray", "require"),
        ("elsewhere", "require"),
    ] {
        let grant = json!({ "client_id": id, "audience": API, "scope": ["read:trips"], "organization_usage": usage });
        let grant_id = format!("cgr_{id:0>16}");
        create("/client-grants", grant, &grant_id);
        let path = format!("/organizations/{ACME}/client-grants");
        tenant.perform(Method::POST, &path, json!({ "grant_id": grant_id }), Pins::default()).expect("an association");
    }
    tenant
}

fn right(client_id: &str) -> Value {
    json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": "secret", "audience": API })
}

fn with(client_id: &str, changes: Value) -> Value {
    let mut body = right(client_id);
    for (name, value) in changes.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

fn decide(tenant: &Tenant, body: &str, authorization: Option<&str>) -> TokenDecision {
    let mut request = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
    if let Some(authorization) = authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    tenant.answer(request.body(Bytes::from(body.to_owned())).expect("a request"));
    tenant.requests().pop().expect("an entry").token.expect("a decision")
}

#[rstest]
#[case::no_grant_type(with("allow", json!({ "grant_type": null })), &["T8"], "grant_type")]
#[case::an_unknown_grant_type(with("allow", json!({ "grant_type": "telepathy" })), &["T9"], "telepathy")]
#[case::a_list(with("allow", json!({ "organization": [ACME] })), &["R25"], "organization")]
#[case::nobody(with("allow", json!({ "client_id": null })), &["T10"], "names no client")]
#[case::an_unknown_client(right("nobody"), &["T1"], "nobody")]
#[case::a_wrong_secret(with("allow", json!({ "client_secret": "wrong" })), &["T1"], "client allow")]
#[case::no_secret(with("allow", json!({ "client_secret": null })), &["T1"], "client allow")]
#[case::a_secret_instead_of_an_assertion(right("signer"), &["T1"], "client signer")]
#[case::no_assertion(with("signer", json!({ "client_secret": null })), &["T2"], "client signer")]
#[case::a_bad_assertion(
    with("signer", json!({ "client_secret": null, "client_assertion": "a.b.c" })),
    &["T2"],
    "signer"
)]
#[case::a_client_without_the_grant_type(right("website"), &["T3"], "client website")]
#[case::no_audience(with("allow", json!({ "audience": null })), &["T7"], "no audience")]
#[case::an_ignored_resource(
    with("allow", json!({ "audience": null, "resource": API })),
    &["T7", "AUD3"],
    "resource counts only in tenants"
)]
#[case::an_unknown_audience(with("allow", json!({ "audience": "urn:nowhere" })), &["T6"], "urn:nowhere")]
#[case::a_closed_api(with("allow", json!({ "audience": CLOSED })), &["R73", "T14"], CLOSED)]
#[case::no_client_grant(right("stranger"), &["R70", "T4"], "client stranger")]
#[case::no_client_grant_of_a_third_party(right("partner"), &["R82", "T13", "R81"], "third-party client")]
#[case::an_organization_where_none_may_be(with("deny", json!({ "organization": ACME })), &["R12", "E1"], "cgr_000000000000deny")]
#[case::an_organization_that_is_not_associated(with("allow", json!({ "organization": OTHER })), &["R15", "E2"], OTHER)]
#[case::a_required_one_that_is_not_associated(with("require", json!({ "organization": OTHER })), &["R19", "E2"], OTHER)]
#[case::no_organization(right("require"), &["R16", "E3"], "cgr_000000000require")]
#[case::a_default_organization_that_is_not_associated(right("elsewhere"), &["R19", "R17", "E2"], OTHER)]
#[case::a_default_organization_that_is_gone(right("astray"), &["R55", "R17", "E4"], "org_Gone000000000001")]
#[case::an_unknown_organization(
    with("allow", json!({ "organization": "org_0000000000000000" })),
    &["R21", "E4"],
    "org_0000000000000000"
)]
#[case::a_name(with("allow", json!({ "organization": "acme" })), &["R28", "E5"], "acme")]
#[case::a_scope_beyond_the_grant(with("allow", json!({ "scope": "read:trips fly" })), &["R76", "T5"], "fly")]
#[case::an_action(right("denied"), &["T12"], "client denied")]
fn a_refusal(#[case] body: Value, #[case] rules: &[&str], #[case] fact: &str) {
    let decision = decide(&tenant(), &body.to_string(), None);
    assert!(!decision.granted, "{decision}");
    assert_eq!(decision.rules, rules, "{decision}");
    assert!(decision.why.contains(fact), "{decision}");
    // The line has the deciding rules, and has the answer only if there is no rule.
    let deciding = rules.iter().filter(|rule| rule.starts_with('R')).copied().collect::<Vec<_>>().join(", ");
    let deciding = if deciding.is_empty() { rules.join(", ") } else { deciding };
    assert_eq!(decision.to_string(), format!("refused by {deciding}: {}", decision.why));
}

#[test]
fn a_decision_has_its_facts_apart_from_the_sentence() {
    let tenant = tenant();
    let facts = |decision: TokenDecision| json!(decision.facts);
    let found = |id: &str, name: &str| json!({ "id": id, "name": name });
    let client = |id: &str, by: &str| json!({ "by": by, "value": id, "found": found(id, id) });
    let api = json!({ "by": "audience", "value": API, "found": { "id": API } });

    let default_organization = json!({ "by": "default_organization", "value": OTHER, "found": found(OTHER, "other") });
    assert_eq!(
        facts(decide(&tenant, &right("elsewhere").to_string(), None)),
        json!({
            "client": client("elsewhere", "client_id"),
            "api": api,
            "client_grant": { "by": "client_id", "value": "elsewhere", "found": { "id": "cgr_0000000elsewhere" } },
            "default_organization": default_organization,
        }),
    );

    let nowhere = with("allow", json!({ "organization": "org_0000000000000000", "client_id": null }));
    let basic = format!("Basic {}", STANDARD.encode("allow:wrong"));
    assert_eq!(
        facts(decide(
            &tenant,
            &with("allow", json!({ "client_secret": null, "organization": ACME })).to_string(),
            Some(&basic)
        )),
        json!({
            "client": client("allow", "basic"),
            "organization": { "by": "organization", "value": ACME, "found": found(ACME, "acme") },
        }),
        "what was not reached is absent",
    );
    assert_eq!(facts(decide(&tenant, &nowhere.to_string(), None)), json!({}));
}

#[test]
fn a_refusal_for_the_header() {
    let tenant = tenant();
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    for authorization in ["Basic !", &basic("deny:secret"), &basic("allow:other")] {
        assert_eq!(decide(&tenant, &right("allow").to_string(), Some(authorization)).rules, ["T1"]);
    }
    let twice = right("allow").to_string().replacen('{', r#"{"scope":"","scope":"","#, 1);
    assert_eq!(decide(&tenant, &twice, None).rules, ["R25"]);
}

#[test]
fn a_refusal_for_a_quota() {
    let tenant = tenant();
    let ask = |body: Value| decide(&tenant, &body.to_string(), None);
    assert!(ask(right("limited")).granted);
    let used_up = ask(right("limited"));
    assert_eq!(used_up.rules, ["R100", "R97"]);
    assert!(used_up.why.contains("client limited"), "{used_up}");

    let quota = json!({ "token_quota": { "client_credentials": { "per_day": 1 } } });
    tenant.perform(Method::PATCH, &format!("/organizations/{ACME}"), quota, Pins::default()).expect("a right body");
    let in_acme = || ask(with("allow", json!({ "organization": ACME })));
    assert!(in_acme().granted);
    let used_up = in_acme();
    assert_eq!(used_up.rules, ["R100", "R98", "R97"]);
    assert!(used_up.why.contains(ACME), "{used_up}");
}

#[test]
fn a_refusal_for_the_plan() {
    let plan = Config { without: vec![Entitlement::MachineToMachineForOrganizations], ..Config::default() };
    let tenant = Tenant::new(plan);
    let (id, secret) = tenant.management_client();
    let audience = tenant.management_audience();
    let body = with(&id, json!({ "client_secret": secret, "audience": audience, "organization": ACME }));
    let refusal = decide(&tenant, &body.to_string(), None);
    assert_eq!(refusal.rules, ["R10"]);
    assert!(refusal.why.contains("plan"), "{refusal}");
}

/// No rule of the list applies to these refusals; their reasons have the facts nevertheless.
#[test]
fn a_refusal_without_a_rule_has_a_reason() {
    let tenant = tenant();
    assert_eq!(decide(&tenant, "{", None).to_string(), "refused: the body is not a JSON object");
}

#[test]
fn the_panic_of_a_helper_has_the_rule_and_the_reason() {
    let tenant = MockTenant::start();
    let api = tenant.api(API).create();
    let bot = tenant.application("Partner bot").create();
    let acme = tenant.organization("acme").id("org_Acme000000000001").create();
    let usage = m2mock::OrganizationUsage::Allow;
    tenant.client_grant(&bot, &api).id("cgr_Partner000000001").organization_usage(usage).create();

    let refusal = tenant.token(&bot).audience(&api).organization(&acme).request().unwrap_err();
    let facts = "refused by R15: organization \"acme\" (org_Acme000000000001) is not associated with grant \
                 cgr_Partner000000001 and allow_any_organization is not set";
    // What `unwrap` prints, and what `?` leads to.
    assert!(format!("{refusal:?}").ends_with(facts), "{refusal:?}");
    assert_eq!(format!("{refusal:?}"), refusal.to_string());
    // And the line of the log.
    assert!(tenant.requests().pop().expect("an entry").to_string().ends_with(facts));
}
