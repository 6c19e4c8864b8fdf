use m2mock::{MockTenant, Seed};

#[test]
fn the_shop_has_its_callbacks() {
    let export = r###"{
        "clients": [{ "name": "Shop", "cross_origin_auth": false, "callbacks": "@@CALLBACKS@@" }],
        "migrations": { "an_old_one": true }
    }"###;
    let reader = Seed::reader().mapping("CALLBACKS", vec!["https://shop.example/cb"]).skip_unmodelled();
    let tenant = MockTenant::builder().seed(reader.parse(export, "tenant.json").unwrap()).start();
    let clients = tenant.perform(m2mock::http::Method::GET, "/clients", ().into()).unwrap();
    assert!(clients.to_string().contains("https://shop.example/cb"));
}
