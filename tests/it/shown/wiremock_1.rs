use m2mock::MockTenant;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn a_mock_replaces_one_answer_of_the_tenant() {
    let server = MockServer::start().await;
    let tenant = MockTenant::start();
    let mounted = tenant.mount(&server).await;

    Mock::given(method("GET"))
        .and(path("/api/v2/organizations"))
        .respond_with(ResponseTemplate::new(500))
        .up_to_n_times(1)
        .mount(&server)
        .await;

    let token = mounted.management_token(&["read:organizations"]);
    let list = async || {
        let request = reqwest::Client::new().get(server.uri() + "/api/v2/organizations").bearer_auth(&token);
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(list().await, 500);
    assert_eq!(list().await, 200);
}
