//! `/organizations/{id}/discovery-domains`: cases beyond the scenarios.

use serde_json::json;

use crate::caller::{Caller, message};

#[test]
fn an_organization_has_at_most_a_hundred_domains() {
    let caller = Caller::start();
    let organization = caller.create("/organizations", json!({ "name": "granite-tours" }), "id");
    let path = format!("/organizations/{organization}/discovery-domains");
    for number in 0..100 {
        assert_eq!(caller.post(&path, json!({ "domain": format!("d{number}.example") })).0, 201);
    }
    let refusal = caller.post(&path, json!({ "domain": "one-more.example" }));
    let expected = "Quota exceeded; cannot add more than 100 discovery domains to a single organization";
    assert_eq!((refusal.0, message(&refusal)), (409, expected));
    assert_eq!(caller.get(&format!("{path}?take=100")).1["domains"].as_array().map(Vec::len), Some(100));
}

#[test]
fn an_id_of_another_kind_is_refused_in_the_path() {
    let caller = Caller::start();
    let organization = caller.create("/organizations", json!({ "name": "granite-tours" }), "id");
    let refusal = caller.get(&format!("/organizations/{organization}/discovery-domains/example.com"));
    let expected = "Path validation error: 'Object didn't pass validation for format organization-discovery-domain-id: \
                    example.com' on property discovery_domain_id.";
    assert_eq!((refusal.0, message(&refusal)), (400, expected));
    assert_eq!(refusal.1["errorCode"], "invalid_uri");
}

#[test]
fn domains_go_with_their_organization() {
    let caller = Caller::start();
    let organization = caller.create("/organizations", json!({ "name": "granite-tours" }), "id");
    let path = format!("/organizations/{organization}/discovery-domains");
    let domain = caller.create(&path, json!({ "domain": "granite.example" }), "id");
    assert_eq!(caller.delete(&format!("/organizations/{organization}")).0, 204);
    let refusal = caller.get(&format!("{path}/{domain}"));
    assert_eq!((refusal.0, message(&refusal)), (404, "Organization not found."));
}
