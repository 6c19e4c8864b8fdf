use m2mock::{MockTenant, Seed};

#[test]
fn a_tenant_starts_with_a_seed() {
    let seed = r#"{
        "resourceServers": [{ "name": "Travel0 API", "identifier": "https://travel0.example/api" }],
        "clients": [{ "name": "Partner bot", "x-m2mock": { "client_id": "a-bot", "client_secret": "a-secret" } }],
        "clientGrants": [{ "client_id": "Partner bot", "audience": "https://travel0.example/api", "scope": [] }]
    }"#;
    let tenant = MockTenant::builder().seed(Seed::parse(seed, "tenant.json").unwrap()).start();
    tenant.reset(); // back to the seed, with the same ids
}
