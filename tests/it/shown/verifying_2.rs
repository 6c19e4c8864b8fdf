use m2mock::MockTenant;

#[test]
fn the_journal_names_the_rule() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.token(&bot).audience(&api).request().unwrap_err();

    let requests = tenant.requests().tokens().for_client(&bot).refused();
    assert_eq!(requests.count(), 1);
    assert_eq!(requests[0].token.as_ref().unwrap().rules[0], "R70"); // no client grant
    println!("{requests}"); // a line for each
}
