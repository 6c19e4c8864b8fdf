use m2mock::MockTenant;
use std::time::Duration;

#[test]
fn the_service_retries_after_429() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let ask = || tenant.token(&bot).audience(&api).request();

    tenant.faults().on_token().for_client(&bot).times(2).too_many_requests();
    assert_eq!(ask().unwrap_err().status, 429);
    assert_eq!(ask().unwrap_err().status, 429);
    assert!(ask().is_ok());

    tenant.faults().on_operation("GET /clients/{id}").latency(Duration::from_millis(50)..=Duration::from_millis(200));
    tenant.faults().on_management_api().for_client(&bot).reset();
    tenant.faults().clear();
}
