use m2mock::http::Method;
use m2mock::serde_json::{Value, json};
use m2mock::{Delivery, MockTenant};
use wiremock::matchers::{header, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn a_new_customer_reaches_the_webhook() {
    let receiver = MockServer::start().await;
    let expected = Mock::given(path("/auth0")).and(header("authorization", "Bearer sesame"));
    expected.respond_with(ResponseTemplate::new(204)).mount(&receiver).await;

    let tenant = MockTenant::builder().deliver(Delivery::to(receiver.uri())).start();
    let webhook = json!({
        "webhook_endpoint": "https://hooks.travel0.example/auth0",
        "webhook_authorization": { "method": "bearer", "token": "sesame" },
    });
    let stream = json!({
        "name": "customers",
        "destination": { "type": "webhook", "configuration": webhook },
        "subscriptions": [{ "event_type": "organization.created" }],
    });
    tenant.perform(Method::POST, "/event-streams", stream).unwrap();
    tenant.organization("granite-tours").create();

    let event: Value = loop {
        match receiver.received_requests().await.unwrap().pop() {
            Some(request) => break request.body_json().unwrap(),
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(event["data"]["object"]["name"], "granite-tours");
}
