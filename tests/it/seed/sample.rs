//! The sample tenant behaves as `fixtures/tenants/travel0.yaml` says.

use std::collections::HashSet;

use m2mock::MockTenant;
use m2mock::Seed;
use m2mock::http::Method;
use m2mock::{Token, TokenRefused};
use rstest::rstest;
use serde_json::{Value, json};

use super::{get, state};
use crate::wire;

const API: &str = "https://travel0.example/api";
const GRANITE: &str = "org_GraniteTours0001";
const HARBOUR: &str = "org_HarbourTravel001";
const SUMMIT: &str = "org_SummitTrips00001";

const INTERNAL: (&str, &str) = ("travel0InternalApplication000001", "internal-application-secret");
const PARTNER: (&str, &str) = ("travel0PartnerBot000000000000001", "partner-bot-secret");
const NIGHTLY: (&str, &str) = ("travel0NightlyExport000000000001", "nightly-export-secret");

fn travel0() -> MockTenant {
    MockTenant::builder().seed(Seed::sample()).start()
}

fn ask(tenant: &MockTenant, client: (&str, &str), organization: Option<&str>) -> Result<Token, TokenRefused> {
    let application = m2mock::Application::new(client.0, client.1);
    let request = tenant.token(&application).audience(API);
    match organization {
        Some(organization) => request.organization(organization).request(),
        None => request.request(),
    }
}

#[rstest]
#[case::the_internal_application_works_for_travel0_as_a_whole(INTERNAL, None, None)]
#[case::the_internal_application_works_for_an_agency(INTERNAL, Some(GRANITE), Some(GRANITE))]
#[case::the_internal_application_works_for_every_agency(INTERNAL, Some(SUMMIT), Some(SUMMIT))]
#[case::the_partner_bot_works_for_its_first_agency(PARTNER, Some(GRANITE), Some(GRANITE))]
#[case::the_partner_bot_works_for_its_second_agency(PARTNER, Some(HARBOUR), Some(HARBOUR))]
#[case::the_nightly_export_works_for_its_default(NIGHTLY, None, Some(HARBOUR))]
fn a_token_is_granted(
    #[case] client: (&str, &str),
    #[case] organization: Option<&str>,
    #[case] bound_to: Option<&str>,
) {
    let token = ask(&travel0(), client, organization).unwrap();
    assert_eq!(token.claims["org_id"].as_str(), bound_to, "{}", token.why);
}

#[rstest]
#[case::the_partner_bot_has_to_name_an_agency(PARTNER, None, "R16")]
#[case::the_partner_bot_is_not_let_into_every_agency(PARTNER, Some(SUMMIT), "R19")]
#[case::the_nightly_export_is_not_let_into_another_agency(NIGHTLY, Some(GRANITE), "R19")]
fn a_token_is_refused(#[case] client: (&str, &str), #[case] organization: Option<&str>, #[case] rule: &str) {
    let refusal = ask(&travel0(), client, organization).unwrap_err();
    assert!(refusal.rules.contains(&rule), "{:?}: {}", refusal.rules, refusal.why);
}

fn has_shape(id: &str, prefix: &str, length: usize) -> bool {
    id.strip_prefix(prefix)
        .is_some_and(|rest| rest.len() == length && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[test]
fn pinned_ids_have_the_vendors_shapes() {
    let tenant = travel0();
    let everything = state(&tenant);
    let all_fit = |family: &str, key: &str, prefix: &str, length: usize| {
        let entities = everything[family].as_array().unwrap();
        let ids: HashSet<&str> = entities.iter().map(|entity| entity[key].as_str().unwrap()).collect();
        assert_eq!(ids.len(), entities.len());
        assert!(ids.iter().all(|id| has_shape(id, prefix, length)), "{ids:?}");
        ids.len()
    };
    assert_eq!(all_fit("apis", "id", "", 24), 1);
    assert_eq!(all_fit("clients", "client_id", "", 32), 3);
    assert_eq!(all_fit("organizations", "id", "org_", 16), 3);
    assert_eq!(all_fit("grants", "id", "cgr_", 16), 3);
}

#[test]
fn two_tenants_begin_alike() {
    assert_eq!(state(&travel0()), state(&travel0()));
}

#[test]
fn a_reset_restores_the_seed_with_the_same_ids() {
    let tenant = travel0();
    let before = state(&tenant);
    tenant.perform(Method::DELETE, &format!("/organizations/{GRANITE}"), Value::Null).unwrap();
    tenant.perform(Method::DELETE, &format!("/clients/{}", PARTNER.0), Value::Null).unwrap();
    tenant.update_settings(json!({ "friendly_name": "Elsewhere" }));
    tenant.organization("newcomer").create();
    assert_ne!(state(&tenant), before);

    let request = format!(
        "POST /__admin/reset HTTP/1.1\r\nhost: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        wire::address(&tenant.uri())
    );
    let answer = wire::send(&tenant.uri(), request.as_bytes());

    assert!(answer.status < 300, "{}", answer.body);
    assert_eq!(state(&tenant), before);
    assert!(ask(&tenant, PARTNER, Some(GRANITE)).is_ok());
}

#[test]
fn json_and_yaml_seeds_are_equivalent() {
    // The same seed in JSON, converted from the parsed YAML.
    let yaml = include_str!("../../../fixtures/tenants/travel0.yaml");
    let content: Value = serde_yaml_ng::from_str(yaml).unwrap();
    let seed = Seed::parse(&content.to_string(), "travel0.json").unwrap();
    let tenant = MockTenant::builder().seed(seed).start();
    assert_eq!(state(&tenant), state(&travel0()));
}

#[test]
fn the_sample_tenant_has_the_management_application() {
    let tenant = MockTenant::builder().management_client("an-id", "a-secret").seed(Seed::sample()).start();
    assert_eq!(get(&tenant, "/clients/an-id")["client_secret"], "a-secret");
}
