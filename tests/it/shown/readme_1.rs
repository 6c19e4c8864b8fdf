use m2mock::{MockTenant, OrganizationUsage};

#[test]
fn a_bot_gets_tokens_for_the_organizations_it_is_associated_with() {
    let tenant = MockTenant::start(); // a port of its own; stopped when dropped

    let api = tenant.api("https://travel0.example/api").scopes(["read:trips"]).create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let grant = tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Require).create();

    // Your service asks at `tenant.uri() + "/oauth/token"`. A test can ask without an HTTP client.
    let refused = tenant.token(&bot).audience(&api).organization(&granite).request().unwrap_err();
    assert_eq!((refused.status, refused.rules[0]), (403, "R19"), "{}", refused.why);

    tenant.associate(&granite, &grant);
    let token = tenant.token(&bot).audience(&api).organization(&granite).request().unwrap();
    assert_eq!(token.claims["org_id"], granite.id.as_str());
    assert_eq!(token.claims["iss"], tenant.issuer());
}
