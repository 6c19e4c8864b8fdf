//! The tenant takes new keys, and the service keeps up.

use std::time::Duration;

use crate::stage::Stage;

#[tokio::test]
async fn the_next_key_is_known_before_it_is_used() {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    stage.tenant.expect_operation("GET /.well-known/jwks.json", 1).named("the keys are kept");
    assert_eq!(stage.get("/trips", &stage.token("granite-tours")).await.0, 200);
    stage.tenant.rotate_signing_key();
    assert_eq!(stage.get("/trips", &stage.token("granite-tours")).await.0, 200);
}

#[tokio::test]
async fn a_key_that_is_not_known_is_looked_for_once_a_minute() {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    stage.tenant.expect_operation("GET /.well-known/jwks.json", 2);
    assert_eq!(stage.get("/trips", &stage.token("granite-tours")).await.0, 200);
    stage.tenant.rotate_signing_key();
    stage.tenant.rotate_signing_key();
    let token = stage.token("granite-tours");
    assert_eq!(stage.get("/trips", &token).await.0, 401);
    stage.tenant.clock().advance(Duration::from_secs(60));
    assert_eq!(stage.get("/trips", &token).await.0, 200);
}

#[tokio::test]
async fn a_key_that_is_revoked_is_refused_once_the_keys_are_read_again() {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    let keys = stage.tenant.rotate_signing_key();
    stage.tenant.revoke_signing_key(&keys.previous);
    assert_eq!(stage.get("/trips", &token).await.0, 401);
}

#[tokio::test]
async fn without_keys_there_is_no_answer_but_later_there_is() {
    let stage = Stage::set().await;
    stage.agency("granite-tours");
    stage.tenant.faults().on_operation("GET /.well-known/jwks.json").times(1).unavailable();
    let token = stage.token("granite-tours");
    assert_eq!(stage.get("/trips", &token).await.0, 502);
    assert_eq!(stage.get("/trips", &token).await.0, 200);
}
