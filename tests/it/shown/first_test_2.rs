use m2mock::MockTenant;
use m2mock::http::Method;
use serde_json::json;

#[test]
fn the_owner_creates_a_role() {
    let tenant = MockTenant::start();
    let role = tenant.perform(Method::POST, "/roles", json!({ "name": "admin" })).unwrap();
    assert!(role["id"].as_str().unwrap().starts_with("rol_"));
}
