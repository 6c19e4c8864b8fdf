//! The metadata of an OpenID provider: `oidc_metadata` of a connection, and the endpoints from it.
//!
//! The live service fetches it from the provider; m2mock does not. `openid_discovery.json` has the metadata of the
//! providers in the recordings, by URL. `{domain}` is the domain of an Okta organization; all of them publish the same.
//! A connection to any other provider has the metadata of the request, or none.

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
        let Some(published) = published(options, strategy) else { return };
        options.insert("oidc_metadata".to_owned(), published);
    }
    let metadata = options.get("oidc_metadata").cloned().unwrap_or_default();
    for endpoint in ENDPOINTS {
        let follows = options.get(endpoint).map_or(strategy == "okta", Value::is_null);
        if let Some(value) = metadata.get(endpoint).filter(|_| follows) {
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

    fn discovered(strategy: &str, options: Value) -> Value {
        let Value::Object(mut options) = options else { unreachable!("written as an object") };
        discover(&mut options, strategy);
        Value::Object(options)
    }

    #[test]
    fn okta_tells_a_connection_the_endpoints_that_were_not_sent() {
        let discovered = discovered(
            "okta",
            json!({
                "domain": "domain.okta.com", "authorization_endpoint": "https://example.com", "token_endpoint": null,
            }),
        );
        assert_eq!(discovered["authorization_endpoint"], "https://example.com");
        assert_eq!(discovered["token_endpoint"], "https://domain.okta.com/oauth2/v1/token");
        assert_eq!(discovered["userinfo_endpoint"], "https://domain.okta.com/oauth2/v1/userinfo");
        assert_eq!(discovered["oidc_metadata"]["issuer"], "https://domain.okta.com");
    }

    #[test]
    fn another_provider_tells_only_the_endpoints_that_were_sent_without_a_value() {
        let metadata =
            json!({ "token_endpoint": "https://example.com/token", "userinfo_endpoint": "https://example.com/me" });
        let discovered = discovered("oidc", json!({ "token_endpoint": null, "oidc_metadata": metadata }));
        assert_eq!(discovered["token_endpoint"], "https://example.com/token");
        assert_eq!(discovered.get("userinfo_endpoint"), None);
    }

    #[test]
    fn metadata_that_was_given_is_believed() {
        let sent =
            json!({ "token_endpoint": null, "oidc_metadata": { "token_endpoint": "https://example.com/token" } });
        let created = discovered("oidc", sent);
        assert_eq!(created["token_endpoint"], "https://example.com/token");
    }

    #[test]
    fn nothing_is_known_of_other_providers() {
        let sent = json!({ "discovery_url": "https://idp.example.com/.well-known/openid-configuration" });
        assert_eq!(discovered("oidc", sent.clone()), sent);
        assert_eq!(discovered("okta", sent.clone()), sent);
        assert_eq!(discovered("samlp", sent.clone()), sent);
    }
}
