//! One story as a whole: what the tenant holds and what it was asked, to be read in a diff when it changes.

use m2mock::MockTenant;

use crate::stage::Stage;

#[tokio::test]
async fn a_trip_is_booked_and_its_fare_looked_up() {
    let stage = Stage::set_with(MockTenant::builder().deterministic(7)).await;
    stage.agency("granite-tours");
    let token = stage.token("granite-tours");
    stage.book(&token, "Lisbon").await;
    assert_eq!(stage.get("/fares/Lisbon", &token).await.0, 200);

    insta::assert_snapshot!(stage.tenant.snapshot());
}
