use m2mock::{CalibratedAnswers, MockTenant, OrganizationUsage};

#[test]
fn the_mock_answers_as_the_tenant_did() {
    let file = std::env::temp_dir().join(format!("answers-{}.json", std::process::id()));
    let learnt = r#"{ "token": { "R21": {
        "status": 400, "error": "invalid_request", "error_description": "no organization {organization}" } } }"#;
    std::fs::write(&file, learnt).unwrap(); // in place of `m2mock conformance --calibrate`

    let tenant = MockTenant::builder().answers(CalibratedAnswers::read(&file).unwrap()).start();
    std::fs::remove_file(&file).unwrap();
    let api = tenant.api("https://travel0.example/api").create();
    let bot = tenant.application("Partner bot").create();
    tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Allow).create();

    let refused = tenant.token(&bot).audience(&api).organization("org_NobodysNobodys01").request().unwrap_err();
    assert_eq!(refused.description, "no organization org_NobodysNobodys01");
}
