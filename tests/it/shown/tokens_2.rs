use m2mock::MockTenant;

#[test]
fn a_rotated_key_signs_the_next_token() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let keys = tenant.rotate_signing_key();
    let token = tenant.token(&bot).audience(&api).request().unwrap();
    assert_eq!(token.header["kid"], keys.current.as_str());
    tenant.revoke_signing_key(&keys.previous); // no longer published
}
