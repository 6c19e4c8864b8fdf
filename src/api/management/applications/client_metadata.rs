//! The metadata document of a client (CIMD). The client's id at other services is the address of this document.
//!
//! m2mock downloads nothing. It derives the content from the address with a pure function: the name of the client is the host, and
//! its callback is the root of that host.

use serde_json::{Map, Value, json};

use crate::api::json::object;

/// The members of a client that follow from its document. `None` if the address has no host.
pub(super) fn mapped_fields(address: &str) -> Option<Map<String, Value>> {
    let rest = address.strip_prefix("https://")?;
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty())?;
    Some(object(json!({
        "external_client_id": address,
        "name": host,
        "callbacks": [format!("https://{host}/")],
        "grant_types": ["authorization_code"],
        "app_type": "native",
        "token_endpoint_auth_method": "none",
    })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::mapped_fields;

    #[test]
    fn the_name_of_a_client_is_the_host_of_its_address() {
        let fields = mapped_fields("https://travel0.example:8443/client.json").expect("it has a host");
        assert_eq!(fields["name"], "travel0.example:8443");
        assert_eq!(fields["callbacks"], json!(["https://travel0.example:8443/"]));
        assert_eq!(mapped_fields("https:///client.json"), None);
        assert_eq!(mapped_fields(""), None);
    }
}
