//! What an OpenID provider says of itself: `oidc_metadata` of a connection, and the endpoints that follow from it.
//!
//! The live service asks the provider. Nothing here does: what the providers of the recordings publish stands in
//! `openid_discovery.json`, by the address that is asked; `{domain}` is the domain of an Okta organization, each of which
//! publishes the same. A connection to any other provider has the metadata that it was given, or none.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::store::document::text;

static PUBLISHED: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("openid_discovery.json")).expect("openid_discovery.json is a JSON object")
});

/// Endpoints that a connection names beside the metadata.
const ENDPOINTS: [&str; 3] = ["authorization_endpoint", "token_endpoint", "userinfo_endpoint"];

/// When the provider is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Occasion {
    Creation,
    Change,
}

/// Adds the metadata, and the endpoints that were sent without a value. A new connection to Okta has all its endpoints
/// from there, whatever was sent (recorded).
pub(super) fn discover(options: &mut Map<String, Value>, strategy: &str, occasion: Occasion) {
    if !["oidc", "okta"].contains(&strategy) {
        return;
    }
    if !options.get("oidc_metadata").is_some_and(Value::is_object) {
        let Some(published) = published(options, strategy) else { return };
        options.insert("oidc_metadata".to_owned(), published);
    }
    let metadata = options.get("oidc_metadata").cloned().unwrap_or_default();
    let always = strategy == "okta" && occasion == Occasion::Creation;
    for endpoint in ENDPOINTS {
        if let (Some(held), Some(told)) = (options.get_mut(endpoint), metadata.get(endpoint))
            && (always || held.is_null())
        {
            *held = told.clone();
        }
    }
}

/// What the provider of these options publishes, if that is known.
fn published(options: &Map<String, Value>, strategy: &str) -> Option<Value> {
    match strategy {
        "okta" => {
            let domain = text(options, "domain").filter(|domain| !domain.is_empty())?;
            let mut metadata = PUBLISHED.get("https://{domain}/.well-known/openid-configuration")?.clone();
            for (_, told) in metadata.as_object_mut().into_iter().flatten() {
                if let Value::String(told) = told {
                    *told = told.replace("{domain}", domain);
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

    use super::{Occasion, discover};

    fn discovered(strategy: &str, occasion: Occasion, options: Value) -> Value {
        let Value::Object(mut options) = options else { unreachable!("written as an object") };
        discover(&mut options, strategy, occasion);
        Value::Object(options)
    }

    #[test]
    fn okta_tells_a_new_connection_its_endpoints_and_a_changed_one_those_that_it_lacks() {
        let sent = json!({
            "domain": "domain.okta.com", "authorization_endpoint": "https://example.com", "token_endpoint": null,
        });
        let created = discovered("okta", Occasion::Creation, sent.clone());
        assert_eq!(created["authorization_endpoint"], "https://domain.okta.com/oauth2/v1/authorize");
        assert_eq!(created["token_endpoint"], "https://domain.okta.com/oauth2/v1/token");
        assert_eq!(created["oidc_metadata"]["issuer"], "https://domain.okta.com");
        assert_eq!(created.get("userinfo_endpoint"), None);

        let changed = discovered("okta", Occasion::Change, sent);
        assert_eq!(changed["authorization_endpoint"], "https://example.com");
        assert_eq!(changed["token_endpoint"], "https://domain.okta.com/oauth2/v1/token");
    }

    #[test]
    fn metadata_that_was_given_is_believed() {
        let sent =
            json!({ "token_endpoint": null, "oidc_metadata": { "token_endpoint": "https://example.com/token" } });
        let created = discovered("oidc", Occasion::Creation, sent);
        assert_eq!(created["token_endpoint"], "https://example.com/token");
    }

    #[test]
    fn nothing_is_known_of_other_providers() {
        let sent = json!({ "discovery_url": "https://idp.example.com/.well-known/openid-configuration" });
        assert_eq!(discovered("oidc", Occasion::Creation, sent.clone()), sent);
        assert_eq!(discovered("okta", Occasion::Creation, sent.clone()), sent);
        assert_eq!(discovered("samlp", Occasion::Creation, sent.clone()), sent);
    }
}
