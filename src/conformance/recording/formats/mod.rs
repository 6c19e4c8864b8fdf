//! The formats of other recorders, recognized by the content of a file. Each reader returns exchanges.

mod go_vcr;
mod har;
mod nock;
mod ruby_vcr;

use serde_json::Value;

use super::cassette::Cassette;
use super::exchange::{WireExchange, interaction, split};

/// Reads a cassette in any of the formats. `name` is the name of a cassette whose file has none.
pub(super) fn read(name: &str, text: &str) -> Result<Cassette, String> {
    // JSON is also YAML, but the JSON reader has better error messages.
    let content: Value = match serde_json::from_str(text) {
        Ok(content) => content,
        Err(error) if text.trim_start().starts_with(['{', '[']) => return Err(format!("is not JSON: {error}")),
        Err(_) => crate::yaml::parse(text).map_err(|error| format!("is neither JSON nor YAML: {error}"))?,
    };
    let has = |member: &str| content.get(member).is_some();
    let exchanges = if has("cassette") && has("interactions") {
        return typed(content);
    } else if has("log") {
        har::read(typed(content)?)
    } else if has("http_interactions") {
        ruby_vcr::read(&typed(content)?)
    } else if has("interactions") {
        go_vcr::read(typed(content)?)
    } else if content.is_array() {
        nock::read(typed(content)?)
    } else {
        return Err("is none of the known formats: m2mock's own, HAR, go-vcr, nock, Ruby VCR".to_owned());
    };
    Ok(cassette(name, exchanges))
}

fn typed<T: serde::de::DeserializeOwned>(content: Value) -> Result<T, String> {
    serde_json::from_value(content).map_err(|error| format!("does not have the structure of its format: {error}"))
}

/// The exchanges with one tenant: the first host with a request to the Management API or the token endpoint. A placeholder replaces
/// its name, so that the cassette can be replayed against another tenant.
fn cassette(name: &str, exchanges: Vec<WireExchange>) -> Cassette {
    let is_of_a_tenant = |path: &str| path.starts_with("/api/v2/") || path.starts_with("/oauth/");
    let tenant = exchanges.iter().map(|exchange| split(&exchange.url)).find(|(_, path)| is_of_a_tenant(path));
    let domain = tenant.map(|(host, _)| host.to_owned()).unwrap_or_default();
    let interactions = exchanges.into_iter().filter(|exchange| split(&exchange.url).0 == domain);
    Cassette {
        source: String::new(),
        cassette: name.to_owned(),
        recorded_with: None,
        interactions: interactions.map(|exchange| interaction(exchange, &domain)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::read;

    const OWN: &str = r#"{ "cassette": "story", "interactions": [
        { "method": "POST", "path": "/api/v2/clients", "query": {}, "request": { "name": "bot" },
          "request_content_type": "application/json", "status": 201,
          "response": { "client_id": "abc", "name": "bot", "tenant": "{{tenant_name}}" }, "duration_ms": 12.5 } ] }"#;

    const HAR: &str = r#"{ "log": { "version": "1.2", "entries": [
        { "time": 3.0, "request": { "method": "GET", "url": "https://elsewhere.example/picture.png", "headers": [] },
          "response": { "status": 200, "headers": [], "content": { "text": "" } } },
        { "time": 12.5, "request": { "method": "POST", "url": "https://travel0.auth0.example/api/v2/clients",
            "headers": [ { "name": "content-type", "value": "application/json" } ],
            "postData": { "mimeType": "application/json", "text": "{\"name\":\"bot\"}" } },
          "response": { "status": 201, "headers": [], "content": { "mimeType": "application/json", "encoding": "base64",
            "text": "eyJjbGllbnRfaWQiOiJhYmMiLCJuYW1lIjoiYm90IiwidGVuYW50IjoidHJhdmVsMCJ9" } } } ] } }"#;

    const GO_VCR_1: &str = r#"
version: 1
interactions:
- request:
    body: |
      {"name":"bot"}
    form: {}
    headers:
      Content-Type: [application/json]
    url: https://travel0.auth0.example/api/v2/clients
    method: POST
  response:
    body: '{"client_id":"abc","name":"bot","tenant":"travel0"}'
    headers: {}
    status: 201 Created
    code: 201
    duration: 12.5ms
"#;

    const GO_VCR_2: &str = r#"
version: 2
interactions:
    - id: 0
      request:
        proto: HTTP/1.1
        content_length: 15
        host: travel0.auth0.example
        body: |
            {"name":"bot"}
        form: {}
        headers:
            Content-Type:
                - application/json
        url: https://travel0.auth0.example/api/v2/clients
        method: POST
      response:
        proto: HTTP/2.0
        content_length: -1
        uncompressed: true
        body: '{"client_id":"abc","name":"bot","tenant":"travel0"}'
        headers: {}
        status: 201 Created
        code: 201
        duration: 12.5ms
"#;

    const NOCK: &str = r#"[ { "scope": "https://travel0.auth0.example:443", "method": "POST", "path": "/api/v2/clients",
        "body": { "name": "bot" }, "status": 201,
        "response": { "client_id": "abc", "name": "bot", "tenant": "travel0" }, "rawHeaders": [],
        "reqheaders": { "content-type": "application/json" }, "responseIsBinary": false } ]"#;

    const RUBY_VCR: &str = r#"
---
http_interactions:
- request:
    method: post
    uri: https://travel0.auth0.example/api/v2/clients
    body:
      encoding: UTF-8
      string: '{"name":"bot"}'
    headers:
      Content-Type:
      - application/json
  response:
    status:
      code: 201
      message: Created
    headers: {}
    body:
      encoding: ASCII-8BIT
      base64_string: eyJjbGllbnRfaWQiOiJhYmMiLCJuYW1lIjoiYm90IiwidGVuYW50IjoidHJhdmVsMCJ9
  recorded_at: Mon, 01 Jun 2026 10:00:00 GMT
recorded_with: VCR 6.2.0
"#;

    #[rstest]
    #[case::its_own(OWN)]
    #[case::har(HAR)]
    #[case::go_vcr_1(GO_VCR_1)]
    #[case::go_vcr_2(GO_VCR_2)]
    #[case::nock(NOCK)]
    #[case::ruby_vcr(RUBY_VCR)]
    fn every_format_yields_the_same_cassette(#[case] text: &str) {
        let cassette = read("story", text).unwrap();
        assert_eq!(cassette.cassette, "story");
        let [item] = cassette.interactions.as_slice() else { panic!("one interaction: {cassette:?}") };
        assert_eq!((item.method.as_str(), item.path.as_str(), item.status), ("POST", "/api/v2/clients", 201));
        assert_eq!(item.request, json!({ "name": "bot" }));
        assert_eq!(item.request_content_type.as_deref(), Some("application/json"));
        assert_eq!(item.response, json!({ "client_id": "abc", "name": "bot", "tenant": "{{tenant_name}}" }));
        assert!(item.duration_ms.is_none_or(|duration| duration == 12.5));
    }

    #[test]
    fn a_query_and_a_form_are_read_into_their_values() {
        let text = r#"[ { "scope": "https://t.example:443", "method": "POST", "path": "/oauth/token?a=1&a=2&b=%2F",
            "body": "grant_type=client_credentials&audience=https%3A%2F%2Ft.example%2F", "status": 200, "response": "",
            "reqheaders": { "Content-Type": "application/x-www-form-urlencoded" } } ]"#;
        let cassette = read("story", text).unwrap();
        let item = &cassette.interactions[0];
        assert_eq!(json!(item.query), json!({ "a": ["1", "2"], "b": "/" }));
        let form = json!({ "grant_type": "client_credentials", "audience": "https://{{tenant_domain}}/" });
        assert_eq!(item.request, form);
        assert!(item.response.is_null());
    }

    #[rstest]
    #[case::broken("{ \"log\": ", "is not JSON")]
    #[case::something_else("{ \"hello\": 1 }", "none of the known formats")]
    #[case::half_of_it("{ \"log\": { \"entries\": [ {} ] } }", "does not have the structure of its format")]
    fn the_error_of_an_invalid_file_says_what_is_wrong(#[case] text: &str, #[case] expected: &str) {
        let mistake = read("story", text).unwrap_err();
        assert!(mistake.contains(expected), "{mistake}");
    }
}
