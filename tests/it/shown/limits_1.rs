use m2mock::{Clock, MockTenant};

#[test]
fn the_31st_request_of_a_second_is_too_many() {
    let tenant = MockTenant::builder().rate_limits().clock(Clock::fixed(1_780_315_200)).start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();
    let ask = || tenant.token(&bot).audience(&api).request();
    assert!((0..30).all(|_| ask().is_ok()));
    assert_eq!(ask().unwrap_err().status, 429);
}
