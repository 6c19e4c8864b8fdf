//! The recorded tenant's earlier life in a replay: a mock may be changed so that it follows, a real tenant may not.

use m2mock::MockTenant;
use m2mock::Seed;
use m2mock::conformance::Target;
use m2mock::internal::{Cassette, Inferences, Outcome, Report, replay};
use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::caller::Caller;

const FOREIGN: &str = "F0reignF0reignF0reignF0reignF0re";

/// A tenant with a client of its own. A tenant without `/__admin` looks like a real one.
fn tenant(is_mock: bool) -> MockTenant {
    let seed = json!({ "clients": [{ "name": "Shop", "app_type": "regular_web", "organization_usage": "allow" }] });
    let builder = MockTenant::builder().seed(Seed::parse(&seed.to_string(), "seed.json").unwrap());
    if is_mock { builder.start() } else { builder.without_admin().allow_unmodelled_operations().start() }
}

fn tell(tenant: &MockTenant, interactions: &Value) -> Report {
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None).unwrap();
    block_on(played(&target, interactions))
}

async fn played(target: &Target, interactions: &Value) -> Report {
    let story = json!({ "cassette": "story", "interactions": interactions });
    replay(&[serde_json::from_value::<Cassette>(story).unwrap()], &[], Inferences::Made, target).await.unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The recorded tenant had a client of this name before the cassette.
fn list_of_clients() -> Value {
    json!({ "method": "GET", "path": "/api/v2/clients", "status": 200,
        "response": [{ "client_id": FOREIGN, "name": "Shop" }] })
}

fn described(tenant: MockTenant) -> Value {
    let (_, clients) = Caller::of(tenant).get("/clients");
    let shop = clients.as_array().unwrap().iter().find(|client| client["name"] == "Shop");
    shop.unwrap()["description"].clone()
}

#[test]
fn a_mock_gets_writes_to_foreign_entities_and_a_real_tenant_does_not() {
    let change = json!({ "method": "PATCH", "path": format!("/api/v2/clients/{FOREIGN}"), "status": 200,
        "request": { "description": "changed" }, "response": { "client_id": FOREIGN } });
    for (is_mock, expected) in [(true, json!("changed")), (false, Value::Null)] {
        let tenant = tenant(is_mock);
        let report = tell(&tenant, &json!([list_of_clients(), change]));
        assert_eq!(report.verdicts()[1].outcome, Outcome::Skipped, "never scored");
        assert_eq!(described(tenant), expected, "a mock: {is_mock}");
    }
    let unknown = tenant(true);
    tell(&unknown, &json!([change]));
    assert_eq!(described(unknown), Value::Null, "the cassette did not show which thing it is");
}

#[test]
fn a_reference_to_a_foreign_entity_is_scored_once_its_counterpart_is_known() {
    let grant = json!({ "method": "POST", "path": "/api/v2/client-grants", "status": 201,
        "request": { "client_id": FOREIGN, "audience": "https://{{tenant_domain}}/api/v2/", "scope": ["read:users"] },
        "response": { "id": "cgr_Rec0rdedRec0rded", "client_id": FOREIGN, "scope": ["read:users"],
            "audience": "https://{{tenant_domain}}/api/v2/" } });
    let known = tell(&tenant(true), &json!([list_of_clients(), grant]));
    assert_eq!(known.verdicts()[1].live_status, Some(201));
    // The audience has the tenant's domain, although the mock is asked at another address.
    let differs =
        |pointer: &str| known.verdicts()[1].differences.iter().any(|difference| difference.pointer == pointer);
    assert!(!differs("/client_id") && !differs("/audience"), "{:?}", known.verdicts()[1]);
    let unknown = tell(&tenant(true), &json!([grant]));
    assert_eq!(unknown.verdicts()[0].reason, Some("refers to an entity that the cassette did not create"));
}

#[test]
fn a_mock_gets_the_login_route_of_a_recorded_invitation() {
    let organization = json!({ "id": "org_Rec0rdedRec0rded", "name": "granite-tours" });
    let path = "/api/v2/organizations/org_Rec0rdedRec0rded/invitations";
    let interactions = json!([
        list_of_clients(),
        { "method": "POST", "path": "/api/v2/organizations", "status": 201, "response": organization,
          "request": { "name": "granite-tours" } },
        { "method": "POST", "path": path, "status": 201,
          "request": { "client_id": FOREIGN, "inviter": { "name": "Ada" }, "invitee": { "email": "bob@example.com" } },
          "response": { "invitation_url": "https://shop.example/login?invitation=abc" } },
    ]);
    let mock = tenant(true);
    assert_eq!(tell(&mock, &interactions).verdicts()[2].live_status, Some(201));
    let (_, settings) = Caller::of(mock).get("/tenants/settings");
    assert_eq!(settings["default_redirection_uri"], "https://shop.example/login");

    let real = tenant(false);
    assert_eq!(tell(&real, &interactions).verdicts()[2].reason, Some("needs a default login route"));
    let (_, settings) = Caller::of(real).get("/tenants/settings");
    assert_eq!(settings.get("default_redirection_uri"), None);
}

/// A tenant whose job is pending when it is first asked for.
async fn slow_tenant() -> MockServer {
    let server = MockServer::start().await;
    let answer = |status: u16, body: Value| ResponseTemplate::new(status).set_body_json(body);
    let job = |status: &str| json!({ "id": "job_L1veL1veL1veL1ve", "status": status });
    let token = answer(200, json!({ "access_token": "token", "token_type": "Bearer" }));
    Mock::given(path("/oauth/token")).respond_with(token).mount(&server).await;
    let created = answer(201, job("pending"));
    Mock::given(method("POST")).and(path("/api/v2/jobs/verification-email")).respond_with(created).mount(&server).await;
    let of_the_job = || Mock::given(method("GET")).and(path("/api/v2/jobs/job_L1veL1veL1veL1ve"));
    of_the_job().respond_with(answer(200, job("pending"))).up_to_n_times(1).mount(&server).await;
    of_the_job().respond_with(answer(200, job("completed"))).mount(&server).await;
    server
}

#[test]
fn the_replay_waits_for_a_job_that_the_recording_shows_finished() {
    block_on(async {
        for (recorded, asked) in [("completed", 2), ("pending", 1)] {
            let job = |status: &str| json!({ "id": "job_Rec0rdedRec0rded", "status": status });
            let interactions = json!([
                { "method": "POST", "path": "/api/v2/jobs/verification-email", "status": 201, "request": {},
                  "response": job("pending") },
                { "method": "GET", "path": "/api/v2/jobs/job_Rec0rdedRec0rded", "status": 200, "response": job(recorded) },
            ]);
            let server = slow_tenant().await;
            let target = Target::new(&server.uri(), "bot", "secret", "https://travel0.example/api/v2/", None).unwrap();
            let report = played(&target, &interactions).await;
            assert!(report.verdicts().iter().all(|verdict| verdict.outcome == Outcome::Exact), "{recorded}: {report}");
            let requests = server.received_requests().await.unwrap();
            assert_eq!(requests.iter().filter(|request| request.method.as_str() == "GET").count(), asked, "{recorded}");
        }
    });
}
