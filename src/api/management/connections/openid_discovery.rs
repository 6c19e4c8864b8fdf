//! The metadata of an OpenID provider: `oidc_metadata` of a connection, and the endpoints from it.
//!
//! The live service fetches the metadata from the provider; m2mock does not. `openid_discovery.json` has the metadata of the
//! providers in the recordings, by URL. `{domain}` is the domain of an Okta organization; all Okta organizations publish the same
//! metadata. A connection to any other provider has the metadata of the request, or none.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::store::document::text;

static PUBLISHED: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("openid_discovery.json")).expect("openid_discovery.json is a JSON object")
});

/// Endpoints that are also options of a connection.
const ENDPOINTS: [&str; 3] = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"];

/// Adds the metadata, and the endpoints of the request without a value. A connection to Okta also gets absent
/// endpoints. Other endpoints stay (recorded).
pub(super) fn discover(options: &mut Map<String, Value>, strategy: &str) {
    if !["oidc", "okta"].contains(&strategy) {
        return;
    }
    if !options.get("oidc_metadata").is_some_and(Value::is_object) {
        let Some(metadata) = published(options, strategy) else { return };
        options.insert("oidc_metadata".to_owned(), metadata);
    }
    let metadata = options.get("oidc_metadata").cloned().unwrap_or_default();
    for endpoint in ENDPOINTS {
        let is_copied = options.get(endpoint).map_or(strategy == "okta", Value::is_null);
        if let Some(value) = metadata.get(endpoint).filter(|_| is_copied) {
            options.insert(endpoint.to_owned(), value.clone());
        }
    }
}

/// The metadata of the provider in these options, if it is known.
fn published(options: &Map<String, Value>, strategy: &str) -> Option<Value> {
    match strategy {
        "okta" => {
            let domain = text(options, "domain").filter(|domain| !domain.is_empty())?;
            let mut metadata = PUBLISHED.get("https://{domain}/.well-known/openid-configuration")?.clone();
            for (_, value) in metadata.as_object_mut().into_iter().flatten() {
                if let Value::String(value) = value {
                    *value = value.replace("{domain}", domain);
                }
            }
            Some(metadata)
        }
        _ => PUBLISHED.get(text(options, "discovery_url")?).cloned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::discover;

    fn completed(strategy: &str, options: Value) -> Value {
        let Value::Object(mut options) = options else { unreachable!("written as an object") };
        discover(&mut options, strategy);
        Value::Object(options)
    }

    #[test]
    fn a_connection_to_okta_gets_the_endpoints_that_the_request_lacks() {
        let options = completed(
            "okta",
            json!({
                "domain": "domain.okta.com", "authorization_endpoint": "https://example.com", "token_endpoint": null,
            }),
        );
        assert_eq!(options["authorization_endpoint"], "https://example.com");
        assert_eq!(options["token_endpoint"], "https://domain.okta.com/oauth2/v1/token");
        assert_eq!(options["userinfo_endpoint"], "https://domain.okta.com/oauth2/v1/userinfo");
        assert_eq!(options["oidc_metadata"]["issuer"], "https://domain.okta.com");
    }

    #[test]
    fn another_connection_gets_only_the_endpoints_that_the_request_leaves_null() {
        let metadata =
            json!({ "token_endpoint": "https://example.com/token", "userinfo_endpoint": "https://example.com/me" });
        let options = completed("oidc", json!({ "token_endpoint": null, "oidc_metadata": metadata }));
        assert_eq!(options["token_endpoint"], "https://example.com/token");
        assert_eq!(options.get("userinfo_endpoint"), None);
    }

    #[test]
    fn the_metadata_of_the_request_counts() {
        let request =
            json!({ "token_endpoint": null, "oidc_metadata": { "token_endpoint": "https://example.com/token" } });
        let options = completed("oidc", request);
        assert_eq!(options["token_endpoint"], "https://example.com/token");
    }

    #[test]
    fn options_of_other_providers_are_unchanged() {
        let request = json!({ "discovery_url": "https://idp.example.com/.well-known/openid-configuration" });
        assert_eq!(completed("oidc", request.clone()), request);
        assert_eq!(completed("okta", request.clone()), request);
        assert_eq!(completed("samlp", request.clone()), request);
    }
}
