//! Two suites of scenarios that run against two tenants at the same time, in one process.

use std::sync::LazyLock;
use std::time::Duration;

use cucumber::given;
use m2mock::MockTenant;
use m2mock::conformance::{FeatureFile, Options, Report, Target, World, run};
use m2mock::http::Method;
use tokio::sync::Barrier;
use tokio::time::timeout;

static BOTH: LazyLock<Barrier> = LazyLock::new(|| Barrier::new(2));

/// Neither suite goes on before the other one has come as far.
#[given("both suites are in the middle of a scenario")]
async fn both_suites(_: &mut World) {
    timeout(Duration::from_secs(60), BOTH.wait()).await.expect("the other suite comes as far");
}

/// A tenant with an organization of this name.
fn tenant_with(organization: &str) -> MockTenant {
    let tenant = MockTenant::start();
    tenant.organization(organization).create();
    tenant
}

/// Runs scenarios that know one organization of the tenant by its name, and one of the other tenant.
async fn run_suite(tenant: &MockTenant, own: &str, other: &str) -> Report {
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None).unwrap();
    let scenario = |name: &str| {
        format!(
            "  Scenario: {name}\n    Given an organization \"acme\"\n    And both suites are in the middle of a scenario\n    \
             When I GET \"/organizations/name/{own}\"\n    Then the answer is 200\n    \
             When I GET \"/organizations/name/{other}\"\n    Then the answer is 404\n    \
             When I GET \"/organizations/{{acme.id}}\"\n    Then the answer is 200\n"
        )
    };
    let text = format!("Feature: {own}\n{}{}", scenario("one"), scenario("another"));
    let features = vec![FeatureFile::new(format!("{own}.feature"), text)];
    // One scenario at a time, so that the two of one suite do not meet each other.
    run(Options::of(features).concurrency(1), target).await.unwrap()
}

#[tokio::test(flavor = "current_thread")]
async fn two_suites_run_against_two_tenants_at_the_same_time() {
    let (alps, fjords) = (tenant_with("alps"), tenant_with("fjords"));
    let (of_alps, of_fjords) = tokio::join!(run_suite(&alps, "alps", "fjords"), run_suite(&fjords, "fjords", "alps"));
    for (tenant, report, own) in [(alps, of_alps, "alps"), (fjords, of_fjords, "fjords")] {
        assert!(!report.failed, "{}", report.text);
        assert_eq!(report.passed_steps, 16);
        assert_eq!(tenant.requests().operation("POST /organizations").count(), 2);
        let organizations = tenant.perform(Method::GET, "/organizations", ().into()).unwrap();
        let names: Vec<&str> =
            organizations.as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
        assert_eq!(names, [own], "each scenario has removed its organization");
    }
}
