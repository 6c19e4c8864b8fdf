use m2mock::MockTenant;
use std::sync::Arc;

#[test]
fn a_service_reads_the_clock_of_the_tenant() {
    let tenant = MockTenant::start();
    let clock = tenant.clock().clone();
    let now: Arc<dyn Fn() -> i64 + Send + Sync> = Arc::new(move || clock.unix());
    assert_eq!(now(), tenant.clock().unix());
}
