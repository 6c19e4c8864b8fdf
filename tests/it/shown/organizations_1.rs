use m2mock::{MockTenant, OrganizationUsage};

#[test]
fn a_grant_that_requires_an_organization() {
    let tenant = MockTenant::start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    let granite = tenant.organization("granite-tours").create();
    let grant = tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Require).create();
    let ask = || tenant.token(&bot).audience(&api);

    // The request names no organization and the client has no default: R16.
    let refused = ask().request().unwrap_err();
    assert_eq!((refused.status, refused.error.as_str()), (400, "invalid_request"));
    assert_eq!(refused.rules[0], "R16");

    // The request names an organization without an association: R19.
    let refused = ask().organization(&granite).request().unwrap_err();
    assert_eq!(refused.rules[0], "R19", "{}", refused.why);

    tenant.associate(&granite, &grant);
    assert_eq!(ask().organization(&granite).request().unwrap().claims["org_id"], granite.id.as_str());

    tenant.set_default_organization(&bot, &granite);
    assert_eq!(ask().request().unwrap().claims["org_id"], granite.id.as_str());
}
