//! SCIM, directories and keys of connections.

use serde_json::{Value, json};

use crate::caller::{Caller, message};

fn connection(caller: &Caller, strategy: &str) -> String {
    let body = json!({ "name": format!("of-{strategy}"), "strategy": strategy, "options": { "client_id": "1" } });
    caller.create("/connections", body, "id")
}

#[test]
fn a_deletion_of_a_connection_deletes_its_provisioning() {
    let caller = Caller::start();
    let okta = connection(&caller, "okta");
    let google = connection(&caller, "google-apps");
    assert_eq!(caller.post(&format!("/connections/{okta}/scim-configuration"), Value::Null).0, 201);
    assert_eq!(caller.post(&format!("/connections/{okta}/scim-configuration/tokens"), json!({})).0, 201);
    assert_eq!(caller.post(&format!("/connections/{okta}/keys"), json!({})).0, 201);
    let directory = format!("/connections/{google}/directory-provisioning");
    assert_eq!(caller.post(&directory, json!({})).0, 201);

    let count = |list: &str, key: &str| caller.get(list).1[key].as_array().map(Vec::len);
    assert_eq!(count("/connections-scim-configurations", "scim_configurations"), Some(1));
    assert_eq!(count("/connections-directory-provisionings", "directory_provisionings"), Some(1));
    caller.delete(&format!("/connections/{okta}"));
    caller.delete(&format!("/connections/{google}"));
    assert_eq!(count("/connections-scim-configurations", "scim_configurations"), Some(0));
    assert_eq!(count("/connections-directory-provisionings", "directory_provisionings"), Some(0));
    for path in [
        format!("/connections/{okta}/scim-configuration"),
        format!("/connections/{okta}/scim-configuration/tokens"),
        format!("/connections/{okta}/scim-configuration/default-mapping"),
        format!("/connections/{okta}/keys"),
        format!("/connections/{okta}/status"),
        format!("{directory}/default-mapping"),
        format!("{directory}/synchronized-groups"),
        directory,
    ] {
        let gone = caller.get(&path);
        assert_eq!((gone.0, message(&gone)), (404, "The connection does not exist"), "{path}");
        assert_eq!(gone.1["errorCode"], "inexistent_connection");
    }
}

#[test]
fn a_connection_has_two_tokens_for_scim_at_most() {
    let caller = Caller::start();
    let tokens = format!("/connections/{}/scim-configuration/tokens", connection(&caller, "waad"));
    assert_eq!(caller.get(&tokens).0, 404);
    assert_eq!(caller.post(&tokens, json!({})).0, 404);
    caller.post(tokens.trim_end_matches("/tokens"), Value::Null);

    let (status, first) = caller.post(&tokens, json!({ "token_lifetime": 3600 }));
    assert_eq!((status, &first["valid_until"]), (201, &json!("2026-06-01T13:00:00.000Z")));
    let (id, token) = (first["token_id"].as_str().unwrap(), first["token"].as_str().unwrap());
    assert_eq!(token.strip_prefix(id).map(str::len), Some(65));
    assert_eq!(caller.post(&tokens, json!({ "token_lifetime": u64::MAX })).0, 400);
    assert_eq!(caller.post(&tokens, json!({ "scopes": [] })).0, 400);
    assert_eq!(caller.post(&tokens, json!({ "token_lifetime": null })).0, 201);
    assert_eq!(caller.post(&tokens, json!({})).0, 409);

    assert_eq!(caller.delete(&format!("{tokens}/{id}")).0, 204);
    assert_eq!(caller.delete(&format!("{tokens}/{id}")).0, 204);
    assert_eq!(caller.get(&tokens).1.as_array().map(Vec::len), Some(1));
}

#[test]
fn a_token_is_deleted_through_its_own_connection_only() {
    let caller = Caller::start();
    let [one, other] = ["okta", "waad"].map(|strategy| {
        let path = format!("/connections/{}/scim-configuration", connection(&caller, strategy));
        caller.post(&path, Value::Null);
        format!("{path}/tokens")
    });
    let id = caller.create(&one, json!({}), "token_id");
    assert_eq!(caller.delete(&format!("{other}/{id}")).0, 204);
    assert_eq!(caller.get(&one).1[0]["token_id"], id);
}

#[test]
fn a_second_configuration_is_refused() {
    let caller = Caller::start();
    for (strategy, path, refused) in
        [("oidc", "scim-configuration", 400), ("google-apps", "directory-provisioning", 409)]
    {
        let path = format!("/connections/{}/{path}", connection(&caller, strategy));
        assert_eq!(caller.post(&path, json!({})).0, 201);
        assert_eq!(caller.post(&path, json!({})).0, refused);
        assert_eq!(caller.get(&path).0, 200);
    }
}

#[test]
fn unsupported_strategies_are_refused() {
    let caller = Caller::start();
    let id = connection(&caller, "sms");
    let refusal = |path: &str| caller.post(&format!("/connections/{id}/{path}"), json!({})).0;
    assert_eq!(refusal("scim-configuration"), 404);
    assert_eq!(refusal("directory-provisioning"), 400);
    assert_eq!(refusal("keys"), 400);
    assert_eq!(refusal("keys/rotate"), 400);
    assert_eq!(refusal("directory-provisioning/synchronizations"), 404);
    assert_eq!(caller.get(&format!("/connections/{id}/scim-configuration/default-mapping")).0, 404);
    assert_eq!(caller.get(&format!("/connections/{id}/directory-provisioning/default-mapping")).0, 400);
    assert_eq!(caller.get(&format!("/connections/{id}/status")).0, 200);
}

#[test]
fn groups_are_replaced_and_removed_by_their_ids() {
    // TestAccDirectorySynchronizedGroupsMetadata.
    let caller = Caller::start();
    let directory = format!("/connections/{}/directory-provisioning", connection(&caller, "google-apps"));
    let groups = format!("{directory}/synchronized-groups");
    assert_eq!(caller.get(&groups).0, 404);
    assert_eq!(caller.post(&groups, json!({ "groups": [] })).0, 404);
    caller.post(&directory, json!({ "synchronize_groups": "selected" }));
    let described =
        json!({ "id": "group1abc", "name": "Platform", "email": "platform@example.com", "direct_members_count": 9 });
    assert_eq!(caller.post(&groups, json!({ "groups": [{ "id": "group2def" }, { "id": "group1abc" }] })).0, 204);
    assert_eq!(caller.post(&groups, json!({ "groups": [described] })).0, 204);
    assert_eq!(caller.get(&groups).1, json!({ "groups": [described, { "id": "group2def" }] }));

    let (_, page) = caller.get(&format!("{groups}?take=1"));
    assert_eq!(page["groups"], json!([described]));
    let next = page["next"].as_str().expect("there is more");
    assert_eq!(caller.get(&format!("{groups}?take=1&from={next}")).1, json!({ "groups": [{ "id": "group2def" }] }));
    assert_eq!(caller.get(&format!("{groups}?from=elsewhere")).0, 400);

    let found = |q: &str| caller.get(&format!("{groups}?q={q}"));
    assert_eq!(found("email%3APLAT*").1, json!({ "groups": [described] }));
    assert_eq!(found("name%3Azzzz*").1, json!({ "groups": [] }));
    for q in ["name%3Aplatform", "id%3Agroup*", "platform*", "name%3A*", "name%3Aa*b*"] {
        assert_eq!(found(q).0, 400, "{q}");
    }

    assert_eq!(caller.delete_with(&groups, json!({ "groups": [{ "id": "group1abc" }, { "id": "unheard" }] })).0, 204);
    assert_eq!(caller.get(&groups).1, json!({ "groups": [{ "id": "group2def" }] }));
    for id in ["", "a b", "ä", "123456789012345678901234567890123"] {
        assert_eq!(caller.post(&groups, json!({ "groups": [{ "id": id }] })).0, 400, "{id}");
    }
}

#[test]
fn keys_carry_a_certificate_in_its_three_forms() {
    let caller = Caller::start();
    let options =
        json!({ "token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "RS384" });
    let body = json!({ "name": "staff", "strategy": "oidc", "options": options });
    let path = format!("/connections/{}/keys", caller.create("/connections", body, "id"));
    let (_, keys) = caller.get(&path);
    let current = &keys[0];
    let thumbprint = current["thumbprint"].as_str().unwrap();
    assert_eq!(thumbprint.len(), 40);
    assert_eq!(current["fingerprint"].as_str().unwrap().replace(':', ""), thumbprint);
    assert!(current["cert"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE-----\r\nMII"));
    assert!(current["pkcs"].as_str().unwrap().starts_with("-----BEGIN PKCS7-----\r\nMII"));
    assert_eq!(current["subject_dn"], "/CN=staff");
    assert_eq!((&current["algorithm"], &current["key_use"]), (&json!("RS384"), &json!("signing")));
    assert_eq!(current["current_since"], "2026-06-01T12:00:00.000Z");
    assert_ne!(current["cert"], keys[1]["cert"]);
    assert_eq!(current["kid"].as_str().map(str::len), Some(43));

    for _ in 0..3 {
        assert_eq!(caller.post(&format!("{path}/rotate"), json!({ "signing_alg": "ES256" })).0, 201);
    }
    let (_, keys) = caller.get(&path);
    let places = keys.as_array().unwrap().iter().map(|key| {
        ["current", "previous", "next"].into_iter().filter(|place| key.get(*place).is_some()).collect::<Vec<_>>()
    });
    assert_eq!(places.collect::<Vec<_>>(), [["current"], ["previous"], ["next"]]);
    assert_eq!(caller.post(&path, json!({})).0, 409);
}

#[test]
fn a_changed_connection_gets_keys_when_it_begins_to_use_them() {
    let caller = Caller::start();
    let id = connection(&caller, "okta");
    let path = format!("/connections/{id}/keys");
    assert_eq!(caller.get(&path).1, json!([]));
    caller.patch(
        &format!("/connections/{id}"),
        json!({ "options": { "token_endpoint_auth_method": "private_key_jwt" } }),
    );
    assert_eq!(caller.get(&path).1.as_array().map(Vec::len), Some(2));
}
