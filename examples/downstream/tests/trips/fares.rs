//! The service calls another API, with tokens of its own that it keeps.

use std::time::Duration;

use m2mock::{FaultBuilder, MockTenant};
use rstest::rstest;
use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn one_token_is_enough_for_a_day_and_an_agency() {
    let stage = Stage::set().await;
    let granite = stage.agency("granite-tours");
    let harbour = stage.agency("harbour-travel");
    stage.tenant.expect_tokens(2).for_client(&stage.service).in_organization(&granite);
    stage.tenant.expect_tokens(1).for_client(&stage.service).in_organization(&harbour);
    let ask = async |agency: &str| stage.get("/fares/Lisbon", &stage.token(agency)).await;

    let expected = (200, json!({ "city": "Lisbon", "euros": 40 }));
    assert_eq!(ask("granite-tours").await, expected);
    assert_eq!(ask("granite-tours").await, expected);
    assert_eq!(ask("harbour-travel").await, expected);

    stage.tenant.clock().advance(Duration::from_secs(24 * 60 * 60));
    assert_eq!(ask("granite-tours").await, expected);
}

#[rstest]
#[case::too_many_requests(|fault: FaultBuilder<'_>| fault.too_many_requests())]
#[case::unavailable(|fault: FaultBuilder<'_>| fault.unavailable())]
#[case::reset(|fault: FaultBuilder<'_>| fault.reset())]
#[case::truncated(|fault: FaultBuilder<'_>| fault.truncated())]
#[case::malformed(|fault: FaultBuilder<'_>| fault.malformed_json())]
#[tokio::test]
async fn when_the_tenant_fails_it_says_try_later_and_later_it_works(#[case] goes_wrong: fn(FaultBuilder<'_>) -> u64) {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    goes_wrong(stage.tenant.faults().on_token().for_client(&stage.service).times(1));

    assert_eq!(stage.get("/fares/Lisbon", &token).await.0, 502);
    assert_eq!(stage.get("/fares/Lisbon", &token).await.0, 200);
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_as_bad_as_none() {
    let stage = Stage::set_with_patience(MockTenant::builder(), Duration::from_millis(100)).await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    // The service keeps the keys once it has them; on a busy machine, the first answer may be too late as well.
    while stage.get("/trips", &token).await.0 != 200 {}
    stage.tenant.faults().on_token().for_client(&stage.service).latency(Duration::from_secs(60));
    assert_eq!(stage.get("/fares/Lisbon", &token).await.0, 502);
}

#[tokio::test]
async fn a_token_that_is_kept_outlives_an_outage() {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    assert_eq!(stage.get("/fares/Lisbon", &token).await.0, 200);
    stage.tenant.faults().on_any_request().unavailable();
    assert_eq!(stage.get("/fares/Oslo", &token).await.0, 200);
}
