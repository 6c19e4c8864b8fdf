use m2mock::{DenyCode, MockTenant};

#[test]
fn an_action_refuses_tokens_without_an_organization() {
    let tenant = MockTenant::builder()
        .on_credentials_exchange(|event, api| match &event.organization {
            Some(agency) => api.access_token().set_custom_claim("https://travel0.example/agency", agency.name.as_str()),
            None => api.access().deny(DenyCode::InvalidRequest, "Name an agency."),
        })
        .start();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).create();

    let refused = tenant.token(&bot).audience(&api).request().unwrap_err();
    assert_eq!(refused.description, "Name an agency.");
}
