//! Invalid requests: none causes a server error, and no refused request changes the tenant.

use bytes::Bytes;
use http::{Method, Request, header};
use m2mock::http;
use m2mock::internal::{Config, Pins, Tenant};
use proptest::prelude::*;
use serde_json::{Value, json};

/// A tenant with one of everything, and the ids to aim at.
fn tenant() -> (Tenant, Vec<String>) {
    let tenant = Tenant::new(Config::default());
    let create = |path: &str, body: Value, id: &str| {
        let pins = Pins { id: Some(id.to_owned()), ..Pins::default() };
        tenant.perform(Method::POST, path, body, pins).expect("a right body");
    };
    let client = "travel0PartnerBot000000000000001";
    create("/resource-servers", json!({ "identifier": "https://travel0.example/api" }), "7261766c3000000000000001");
    create("/clients", json!({ "name": "Partner bot" }), client);
    create("/organizations", json!({ "name": "granite-tours" }), "org_GraniteTours0001");
    let grant = json!({ "client_id": client, "audience": "https://travel0.example/api", "scope": ["read:trips"] });
    create("/client-grants", grant, "cgr_PartnerBot000001");
    create("/connections", json!({ "name": "staff", "strategy": "auth0" }), "con_Staff00000000001");
    let jane = json!({
        "user_id": "jane", "connection": "staff", "email": "jane@travel0.example", "password": "Passengers 1st",
    });
    tenant.perform(Method::POST, "/users", jane, Pins::default()).expect("a right body");
    let mut ids: Vec<String> = ["7261766c3000000000000001", client, "org_GraniteTours0001", "cgr_PartnerBot000001"]
        .map(str::to_owned)
        .to_vec();
    ids.extend(
        [
            "con_Staff00000000001",
            "auth0%7Cjane",
            "nobody",
            "%00",
            "%F0%28",
            "..",
            "https%3A%2F%2Ftravel0.example%2Fapi",
        ]
        .map(str::to_owned),
    );
    (tenant, ids)
}

/// Everything that the tenant shows of itself.
fn whole_state(tenant: &Tenant) -> Vec<Value> {
    let view = |path: &str| tenant.perform(Method::GET, path, Value::Null, Pins::default()).expect("a list");
    let lists = ["/clients", "/resource-servers", "/organizations", "/client-grants", "/connections", "/users"];
    let mut state: Vec<Value> = lists.iter().map(|path| view(&format!("{path}?per_page=100"))).collect();
    state.push(view("/tenants/settings"));
    if tenant.perform(Method::GET, "/organizations/org_GraniteTours0001", Value::Null, Pins::default()).is_ok() {
        state.push(view("/organizations/org_GraniteTours0001/client-grants"));
        state.push(view("/organizations/org_GraniteTours0001/connections"));
    }
    state
}

/// Members that bodies of the modelled operations know, with values that may or may not fit.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z:/._-]{0,12}".prop_map(Value::from),
        prop_oneof![
            Just("require"),
            Just("deny"),
            Just("client"),
            Just("none"),
            Just("auth0"),
            Just("granite-tours"),
            Just("cgr_PartnerBot000001"),
            Just("org_GraniteTours0001"),
            Just("con_Staff00000000001"),
            Just("travel0PartnerBot000000000000001"),
            Just("https://travel0.example/api"),
            Just("é\u{0}"),
        ]
        .prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(member(), inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    let object = proptest::collection::btree_map(member(), value.clone(), 0..6).prop_map(|map| json!(map));
    prop_oneof![
        6 => object.prop_map(|value| value.to_string().into_bytes()),
        1 => value.prop_map(|value| value.to_string().into_bytes()),
        1 => proptest::collection::vec(any::<u8>(), 0..60),
    ]
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => proptest::sample::select(vec![
            "name", "display_name", "metadata", "branding", "client_id", "audience", "scope", "organization_usage",
            "allow_any_organization", "subject_type", "grant_id", "identifier", "scopes", "value", "signing_alg",
            "token_lifetime", "default_organization", "organization_id", "flows", "token_endpoint_auth_method",
            "grant_types", "client_metadata", "flags", "default_audience", "connection_id", "strategy", "clients",
            "enabled_connections", "grant_type", "client_secret", "organization", "allow_all_scopes", "default_for",
        ])
        .prop_map(str::to_owned),
        1 => "[a-z]{1,6}",
    ]
}

fn query() -> impl Strategy<Value = String> {
    let name = proptest::sample::select(vec![
        "page",
        "per_page",
        "include_totals",
        "from",
        "take",
        "sort",
        "fields",
        "include_fields",
        "q",
        "client_id",
        "x",
    ]);
    let value = prop_oneof![
        "[0-9]{0,22}",
        "-?[0-9]{1,3}",
        Just("true".to_owned()),
        Just("name:1".to_owned()),
        Just("client_grant.organization_id:org_GraniteTours0001".to_owned()),
        "%[0-9A-F]{2}",
        "[a-zA-Z0-9=&%.,:-]{0,12}",
    ];
    proptest::collection::vec((name, value), 0..4)
        .prop_map(|pairs| pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}

/// A modelled path, or one beside it, with ids that exist and ids that do not.
fn path() -> impl Strategy<Value = (String, usize, usize)> {
    let mut paths: Vec<String> =
        m2mock::internal::operations().iter().map(|operation| format!("/api/v2{}", operation.path)).collect();
    paths
        .extend(["/api/v2", "/api/v2/", "/api/v2//", "/oauth/token", "/.well-known/jwks.json", "/"].map(str::to_owned));
    (proptest::sample::select(paths), any::<usize>(), any::<usize>())
}

#[derive(Clone, Debug)]
struct Hostile {
    method: &'static str,
    path: (String, usize, usize),
    query: String,
    content_type: Option<&'static str>,
    body: Vec<u8>,
}

fn hostile() -> impl Strategy<Value = Hostile> {
    let method = proptest::sample::select(vec!["GET", "POST", "POST", "PATCH", "PATCH", "DELETE", "PUT", "HEAD"]);
    let content_type = proptest::sample::select(vec![
        Some("application/json"),
        Some("application/json; charset=utf-8"),
        Some("application/x-www-form-urlencoded"),
        Some("text/plain"),
        None,
    ]);
    (method, path(), query(), content_type, body()).prop_map(|(method, path, query, content_type, body)| Hostile {
        method,
        path,
        query,
        content_type,
        body,
    })
}

/// The template with its parameters filled in turn.
fn filled((template, first, second): &(String, usize, usize), ids: &[String]) -> String {
    let mut chosen = [first, second].into_iter().map(|index| ids[index % ids.len()].as_str()).cycle();
    let segment = |segment: &str| match segment.strip_prefix('{') {
        Some(_) => chosen.next().unwrap_or_default().to_owned(),
        None => segment.to_owned(),
    };
    template.split('/').map(segment).collect::<Vec<_>>().join("/")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn no_request_causes_a_server_error_and_no_refused_request_changes_the_state(
        requests in proptest::collection::vec(hostile(), 1..12)
    ) {
        let (tenant, ids) = tenant();
        let scopes: Vec<&str> = m2mock::internal::operations().iter().flat_map(|operation| operation.scopes).copied().collect();
        let token = tenant.management_token("127.0.0.1:4000", &scopes);
        let mut before = whole_state(&tenant);
        for sent in requests {
            let target = format!("http://127.0.0.1:4000{}?{}", filled(&sent.path, &ids), sent.query);
            let mut request = Request::builder()
                .method(sent.method)
                .header(header::HOST, "127.0.0.1:4000")
                .header(header::AUTHORIZATION, format!("Bearer {token}"));
            if let Some(content_type) = sent.content_type {
                request = request.header(header::CONTENT_TYPE, content_type);
            }
            // What is no URI cannot be sent; servers refuse it before anyone reads it.
            let Ok(request) = request.uri(target).body(Bytes::from(sent.body.clone())) else { continue };
            let status = tenant.answer(request).status().as_u16();
            prop_assert!(status < 500, "{status}");
            let after = whole_state(&tenant);
            if status >= 400 {
                prop_assert_eq!(&before, &after, "{} changed the tenant", status);
            }
            before = after;
        }
    }
}
