//! Which organization may see what.

use std::time::Duration;

use m2mock::MockTenant;
use rstest::rstest;
use serde_json::json;

use crate::stage::Stage;

#[rstest]
#[case::granite_has_one("granite-tours", &["Lisbon"])]
#[case::harbour_has_others("harbour-travel", &["Oslo", "Turin"])]
#[case::summit_has_none("summit-trips", &[])]
#[tokio::test]
async fn an_agency_sees_its_own_trips(#[case] agency: &str, #[case] expected: &[&str]) {
    let stage = Stage::set().await;
    for name in ["granite-tours", "harbour-travel", "summit-trips"] {
        stage.agency(name);
    }
    for (name, city) in [("granite-tours", "Lisbon"), ("harbour-travel", "Oslo"), ("harbour-travel", "Turin")] {
        stage.book(&stage.token(name), city).await;
    }

    assert_eq!(stage.get("/trips", &stage.token(agency)).await, (200, json!(expected)));
}

/// What the service need not care for, because the tenant gives no token.
#[tokio::test]
async fn a_bot_gets_no_token_for_an_agency_that_it_does_not_work_for() {
    let stage = Stage::set().await;
    stage.tenant.organization("summit-trips").create();
    let refused = stage.tenant.token(&stage.bot).audience(&stage.trips).organization("summit-trips").request();
    let refused = refused.unwrap_err();
    assert_eq!((refused.status, refused.rules[0]), (403, "R15"), "{}", refused.why);
}

#[tokio::test]
async fn a_bot_that_names_no_agency_sees_nothing() {
    let stage = Stage::set().await;
    let token = stage.tenant.token(&stage.bot).audience(&stage.trips).request().unwrap();
    assert!(token.claims.get("org_id").is_none());
    assert_eq!(stage.get("/trips", &token.access_token).await.0, 403);
}

#[rstest]
#[case::reading("read:trips", 200)]
#[case::booking_only("book:trips", 403)]
#[tokio::test]
async fn a_scope_is_needed_to_read(#[case] scope: &str, #[case] expected: u16) {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    let request = stage.tenant.token(&stage.bot).audience(&stage.trips).organization("granite-tours");
    let token = request.scopes([scope]).request().unwrap();
    assert_eq!(stage.get("/trips", &token.access_token).await.0, expected);
}

#[tokio::test]
async fn tokens_for_something_else_are_refused() {
    let stage = Stage::set().await;
    assert_eq!(stage.get("/trips", "no token at all").await.0, 401);

    let for_another_api = stage.tenant.management_token(&["read:organizations"]);
    assert_eq!(stage.get("/trips", &for_another_api).await.0, 401);

    // Another tenant with the same API, the same bot and the same agency.
    let elsewhere = MockTenant::start();
    let api = elsewhere.api(&stage.trips.identifier).create();
    let bot = elsewhere.application("Partner bot").create();
    elsewhere.client_grant(&bot, &api).create();
    let token = elsewhere.token(&bot).audience(&api).request().unwrap();
    assert_eq!(stage.get("/trips", &token.access_token).await.0, 401);
}

#[tokio::test]
async fn a_token_is_refused_from_the_second_at_which_it_ends() {
    let stage = Stage::set_with(MockTenant::builder().clock(m2mock::Clock::fixed(1_780_315_200))).await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    stage.tenant.clock().advance(Duration::from_secs(24 * 60 * 60 - 1));
    assert_eq!(stage.get("/trips", &token).await.0, 200);
    stage.tenant.clock().advance(Duration::from_secs(1));
    assert_eq!(stage.get("/trips", &token).await.0, 401);
}
