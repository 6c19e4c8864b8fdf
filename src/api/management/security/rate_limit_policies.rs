//! `/rate-limit-policies`: limits on the token requests of clients. The token endpoint applies them (`authentication/rate_limit_policy.rs`).

use std::sync::LazyLock;

use crate::api::error::Refusal;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, List, Resource, Stamps, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("rate_limit_policies.schema.json")));

const ALL: &str = "/rate-limit-policies";
const BY_ID: &str = "/rate-limit-policies/{id}";
const READ: &[&str] = &["read:rate_limit_policies"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &POLICY).query("List"),
        Operation::create(ALL, &["create:rate_limit_policies"], &POLICY).body("Create"),
        Operation::read(BY_ID, READ, &POLICY).parameters("ById"),
        Operation::update(BY_ID, &["update:rate_limit_policies"], &POLICY).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:rate_limit_policies"], &POLICY).parameters("ById"),
    ],
};

static POLICY: Resource = Resource {
    list: List::checkpoint("rate_limit_policies").filters(&["resource", "consumer", "consumer_selector"]),
    unique: Some(Unique {
        and: &["resource", "consumer", "consumer_selector"],
        ..Unique::new("consumer_selector", POLICY_EXISTS)
    }),
    stamps: Stamps::Microseconds,
    missing: POLICY_NOT_FOUND,
    ..Resource::new(Kind::RateLimitPolicy, Identity::new(IdShape::RATE_LIMIT_POLICY))
};

/// A policy that does not exist (d).
const POLICY_NOT_FOUND: Refusal = Refusal::plain(404, "The rate limit policy does not exist.");

/// A second policy for the same requests (d).
const POLICY_EXISTS: Refusal =
    Refusal::plain(409, "A rate limit policy with the same resource, consumer, and consumer_selector already exists.");

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    #[test]
    fn a_policy_is_deleted_with_its_client() {
        let tenant = Tenant::new(Config::default());
        let perform = |method: Method, path: &str, body: Value| {
            tenant.perform(method, path, body, Pins::default()).expect("it is accepted")
        };
        let address = "https://bot.example/client.json";
        let document = perform(Method::POST, "/clients/cimd/register", json!({ "external_client_id": address }));
        let client = perform(Method::POST, "/clients", json!({ "name": "bot" }));
        let id = |client: &Value| client["client_id"].as_str().expect("an id").to_owned();
        let selectors = [
            format!("client_id:{}", id(&client)),
            format!("client_id:{address}"),
            "client_id:https://nobody.example/client.json".to_owned(),
            "third_party_clients".to_owned(),
        ];
        for selector in &selectors {
            let policy = json!({
                "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": selector,
                "configuration": { "action": "allow" },
            });
            perform(Method::POST, "/rate-limit-policies", policy);
        }
        for client in [&client, &document] {
            perform(Method::DELETE, &format!("/clients/{}", id(client)), Value::Null);
        }
        let rest = perform(Method::GET, "/rate-limit-policies?take=10", Value::Null);
        let rest = rest["rate_limit_policies"].as_array().into_iter().flatten();
        let rest: Vec<&str> = rest.filter_map(|policy| policy["consumer_selector"].as_str()).collect();
        assert_eq!(rest, selectors[2..]);
    }
}
