use cucumber::then;
use m2mock::MockTenant;
use m2mock::conformance::{Options, Target, World, feature_files, run};

#[then(regex = r#"^it sees trips to "([^"]*)"$"#)]
async fn sees(world: &mut World, cities: String) {
    let request = reqwest::Client::new().get("http://127.0.0.1:3000/trips").bearer_auth(world.token());
    assert_eq!(request.send().await.unwrap().text().await.unwrap(), cities);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), m2mock::conformance::Error> {
    let tenant = MockTenant::start();
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None)?;
    let target = target.with_reasons(tenant.reasons()); // a failed step names the rule
    let report = run(Options::of(feature_files(&["features".into()])?), target).await?;
    assert!(!report.failed && report.passed_steps > 0, "{}", report.text);
    Ok(())
}
