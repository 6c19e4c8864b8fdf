use m2mock::http::Method;
use m2mock::serde_json::{Value, json};
use m2mock::{MockTenant, OrganizationUsage};

#[tokio::test]
async fn a_bot_reads_the_details_of_its_organization() {
    let tenant = MockTenant::start();
    let api = tenant.api(tenant.issuer() + "my-org/").create();
    let policies = json!({ "subject_type_authorization": { "client": { "policy": "require_client_grant" } } });
    tenant.perform(Method::PATCH, &format!("/resource-servers/{}", api.id), policies).unwrap();

    let configuration = json!({ "allowed_strategies": ["okta"], "connection_deletion_behavior": "allow" });
    let bot = tenant.application("Partner bot").with("my_organization_configuration", configuration).create();
    let granite = tenant.organization("granite-tours").create();
    let grant = tenant.client_grant(&bot, &api).scopes(["read:my_org:details"]);
    tenant.associate(&granite, &grant.organization_usage(OrganizationUsage::Require).create());

    let token = tenant.token(&bot).audience(&api).organization(&granite).request().unwrap();
    let request = reqwest::Client::new().get(tenant.uri() + "/my-org/details").bearer_auth(token.access_token);
    let details: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(details["name"], "granite-tours");
}
