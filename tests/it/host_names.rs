//! The Management API under several host names of one tenant: answers, filters and permissions use the name of the
//! request, the state has one form, and a tool that sends an answer back changes nothing.

use std::collections::BTreeMap;

use m2mock::MockTenant;
use serde_json::{Map, Value, json};

use crate::wire;

/// The name that the state knows.
const CANONICAL: &str = "travel0.localhost";

/// An API of the tenant whose identifier begins like the identifiers of the system APIs.
const ORDERS: &str = "https://travel0.localhost/orders";

/// What the rows take in their queries, where it is required.
const QUERIES: &[(&str, &str)] = &[
    ("/users/{id}/effective-permissions", "?resource_server_identifier={management}"),
    (
        "/users/{id}/effective-permissions/sources/effective-roles",
        "?resource_server_identifier={management}&permission_name=read:clients",
    ),
    ("/users-by-email", "?email=ann@granite.example"),
    ("/user-blocks", "?identifier=ann@granite.example"),
    ("/refresh-tokens", "?user_id={user}"),
];

struct Named {
    tenant: MockTenant,
    token: String,
    /// Ids of what there is, by the path of its list.
    ids: BTreeMap<&'static str, String>,
}

impl Named {
    /// A tenant in which everything that can name a system API does so. It was made under `localhost`.
    fn start() -> Named {
        let tenant = MockTenant::start();
        let scopes: Vec<&str> = m2mock::internal::operations().iter().flat_map(|row| row.scopes).copied().collect();
        let token = tenant.management_token(&scopes);
        let mut named = Named { tenant, token, ids: BTreeMap::new() };
        let [management, my_account] = ["api/v2/", "me/"].map(|path| named.base("localhost") + path);
        named.create("/resource-servers", "id", json!({ "identifier": my_account }));
        let orders = json!({ "identifier": ORDERS, "scopes": [{ "value": "read:orders" }] });
        named.create("/resource-servers", "id", orders);
        let bot = named.create(
            "/clients",
            "client_id",
            json!({
                "name": "Bot", "app_type": "non_interactive",
                "client_metadata": { "audience": "https://travel0.localhost/api/v2/" },
                "refresh_token": {
                    "rotation_type": "non-rotating", "expiration_type": "non-expiring",
                    "policies": [{ "audience": my_account, "scope": ["read:me:factors"] }],
                },
            }),
        );
        named.create(
            "/clients",
            "client_id",
            json!({ "name": "Account", "app_type": "resource_server", "resource_server_identifier": my_account }),
        );
        let organization = named.create("/organizations", "id", json!({ "name": "granite-tours" }));
        let grant = json!({
            "client_id": bot, "audience": management, "scope": ["read:clients"], "organization_usage": "allow",
        });
        let grant = named.create("/client-grants", "id", grant);
        named.post(&format!("/organizations/{organization}/client-grants"), json!({ "grant_id": grant }));
        let permissions = json!({ "permissions": [
            { "resource_server_identifier": management, "permission_name": "read:clients" },
            { "resource_server_identifier": ORDERS, "permission_name": "read:orders" },
        ] });
        let role = named.create("/roles", "id", json!({ "name": "reader" }));
        named.post(&format!("/roles/{role}/permissions"), permissions.clone());
        let user = named.create(
            "/users",
            "user_id",
            json!({
                "connection": "Username-Password-Authentication", "email": "ann@granite.example", "password": "Long-Enough-1!",
            }),
        );
        named.post(&format!("/users/{user}/permissions"), permissions);
        named.post(&format!("/users/{user}/roles"), json!({ "roles": [role] }));
        named.create(
            "/connections",
            "id",
            json!({
                "name": "granite-saml", "strategy": "samlp", "enabled_clients": [bot],
                "options": { "signInEndpoint": "https://idp.example/in" },
            }),
        );
        named.send("localhost", "PATCH", "/tenants/settings", &json!({ "default_audience": management }));
        let (_, job) = named.send("localhost", "POST", "/jobs/users-exports", &json!({}));
        named.ids.insert("/jobs", job["id"].as_str().unwrap().to_owned());
        named.tenant.clock().advance(std::time::Duration::from_secs(3600));
        named
    }

    fn port(&self) -> String {
        self.tenant.uri().rsplit(':').next().unwrap().to_owned()
    }

    /// The base URL of the tenant for who reaches it by a name.
    fn base(&self, name: &str) -> String {
        match name {
            CANONICAL => format!("https://{CANONICAL}/"),
            _ => format!("http://{name}:{}/", self.port()),
        }
    }

    fn host(&self, name: &str) -> String {
        let base = self.base(name);
        base.split_once("://").unwrap().1.trim_end_matches('/').to_owned()
    }

    fn send(&self, name: &str, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (status, body) = self.send_for_text(name, method, path, body);
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    fn send_for_text(&self, name: &str, method: &str, path: &str, body: &Value) -> (u16, String) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} /api/v2{path} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.host(name),
            self.token,
            body.len()
        );
        let answer = wire::send(&self.tenant.uri(), request.as_bytes());
        (answer.status, answer.body)
    }

    fn get(&self, name: &str, path: &str) -> Value {
        let (status, answer) = self.send(name, "GET", path, &Value::Null);
        assert_eq!(status, 200, "GET {path} at {name}: {answer}");
        answer
    }

    fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send("localhost", "POST", path, &body);
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }

    fn create(&mut self, path: &'static str, id: &str, body: Value) -> String {
        let id = self.post(path, body)[id].as_str().expect("an id").replace('|', "%7C");
        self.ids.entry(path).or_insert_with(|| id.clone());
        id
    }

    /// A row's path with the ids of what there is, as far as there is something, and the query that it needs.
    fn path(&self, row: &str, name: &str) -> String {
        let id_of = |list: &str| self.ids.get(list).map_or("nothing", String::as_str).to_owned();
        let mut path = String::new();
        for segment in row.split('/').skip(1) {
            let filled = match segment {
                "{id}" | "{client_id}" if path == "/clients" => id_of("/clients"),
                "{id}" | "{organization_id}" if path == "/organizations" => id_of("/organizations"),
                "{id}" => id_of(&path),
                "{client_id}" => id_of("/clients"),
                "{connection_id}" | "{connectionId}" => id_of("/connections"),
                "{user_id}" => id_of("/users"),
                "{role_id}" => id_of("/roles"),
                "{name}" => "granite-tours".to_owned(),
                other => other.to_owned(),
            };
            path = format!("{path}/{filled}");
        }
        let query = QUERIES.iter().find(|(of, _)| *of == row).map_or("", |(_, query)| query);
        let query = query.replace("{management}", &(self.base(name) + "api/v2/"));
        path + &query.replace("{user}", &id_of("/users"))
    }

    /// Replaces the canonical names in an answer with the names of another host.
    fn expected(&self, name: &str, canonical: &str) -> String {
        let base = self.base(name);
        let links = ["api/v2/", "me/", "p/samlp/", "exports/"];
        links.iter().fold(canonical.to_owned(), |text, path| {
            // What a client says of itself in free form stays as it was sent.
            let free = r#""client_metadata":{"audience":"https://travel0.localhost/api/v2/"}"#;
            let kept = text.replace(free, "<free>");
            kept.replace(&format!("https://{CANONICAL}/{path}"), &format!("{base}{path}")).replace("<free>", free)
        })
    }
}

#[test]
fn every_answer_has_the_name_of_its_request() {
    let named = Named::start();
    let mut naming = Vec::new();
    for row in m2mock::internal::operations().into_iter().filter(|row| row.method == "GET") {
        let asked = |name| named.send_for_text(name, "GET", &named.path(row.path, name), &Value::Null);
        let (status, canonical) = asked(CANONICAL);
        for name in ["localhost", "127.0.0.1"] {
            assert_eq!(asked(name), (status, named.expected(name, &canonical)), "GET {} at {name}", row.path);
        }
        if named.expected("localhost", &canonical) != canonical {
            naming.push(row.path);
        }
    }
    naming.sort_unstable();
    assert_eq!(
        naming,
        [
            "/client-grants",
            "/client-grants/{id}",
            "/clients",
            "/clients/search",
            "/clients/{id}",
            "/clients/{id}/connections",
            "/connections",
            "/connections/{id}",
            "/jobs/{id}",
            "/organizations/{id}/client-grants",
            "/resource-servers",
            "/resource-servers/{id}",
            "/roles/{id}/permissions",
            "/tenants/settings",
            "/users/{id}/effective-permissions",
            "/users/{id}/permissions",
        ],
        "a row whose answer names the tenant is missing here, or the story above lacks something that it names"
    );
}

#[test]
fn a_page_in_an_envelope_has_the_name_as_well() {
    let named = Named::start();
    let role = &named.ids["/roles"];
    for path in [
        "/client-grants?include_totals=true".to_owned(),
        "/client-grants?take=5".to_owned(),
        "/clients?include_totals=true".to_owned(),
        "/connections?take=5".to_owned(),
        "/resource-servers?include_totals=true".to_owned(),
        format!("/roles/{role}/permissions?include_totals=true"),
        format!("/users/{}/permissions?include_totals=true", named.ids["/users"]),
        format!("/organizations/{}/client-grants?include_totals=true", named.ids["/organizations"]),
    ] {
        let (_, canonical) = named.send_for_text(CANONICAL, "GET", &path, &Value::Null);
        let expected = named.expected("localhost", &canonical);
        assert_ne!(expected, canonical, "{path}");
        assert_eq!(named.send_for_text("localhost", "GET", &path, &Value::Null), (200, expected), "{path}");
    }
}

#[test]
fn filters_and_paths_take_each_own_name() {
    let named = Named::start();
    let all = named.get("localhost", "/client-grants");
    let organization = &named.ids["/organizations"];
    for base in ["localhost", "127.0.0.1", CANONICAL].map(|name| named.base(name)) {
        let audience = format!("{base}api/v2/");
        let grants = named.get("localhost", &format!("/client-grants?audience={audience}"));
        assert_eq!(grants, all, "both grants are for the Management API");
        let associated =
            named.get("localhost", &format!("/organizations/{organization}/client-grants?audience={audience}"));
        assert_eq!(associated[0]["audience"], named.base("localhost") + "api/v2/");
        let apis = named.get("localhost", &format!("/resource-servers?identifiers={audience}&identifiers={base}me/"));
        assert_eq!(apis.as_array().unwrap().len(), 2, "{apis}");
        // Encoded once as a path wants it, and twice as some tools send it.
        for slash in ["%2F", "%252F"] {
            let id = format!("{base}me/").replace('/', slash);
            let api = named.get("localhost", &format!("/resource-servers/{id}"));
            assert_eq!(api["identifier"], named.base("localhost") + "me/");
        }
    }
}

#[test]
fn a_change_answers_with_the_name_of_its_request_whatever_name_it_sends() {
    let named = Named::start();
    let own = named.base("localhost") + "api/v2/";
    let role = &named.ids["/roles"];
    for sent in ["localhost", "127.0.0.1", CANONICAL].map(|name| named.base(name) + "api/v2/") {
        let settings = json!({ "default_audience": sent });
        let (_, settings) = named.send("localhost", "PATCH", "/tenants/settings", &settings);
        assert_eq!(settings["default_audience"], own);

        let api = json!({ "client_id": named.ids["/clients"], "audience": sent, "scope": [] });
        let (status, refused) = named.send("localhost", "POST", "/client-grants", &api);
        assert_eq!(status, 409);
        assert!(refused["message"].as_str().unwrap().ends_with(&own), "{refused}");

        let permissions =
            json!({ "permissions": [{ "resource_server_identifier": sent, "permission_name": "read:clients" }] });
        let path = format!("/roles/{role}/permissions");
        for method in ["DELETE", "POST"] {
            assert!(named.send("localhost", method, &path, &permissions).0 < 300, "{method}");
        }
        let held = named.get("localhost", &path);
        assert_eq!(held[0]["resource_server_identifier"], own, "{held}");
    }
    let undefined = json!({ "permissions": [{ "resource_server_identifier": own, "permission_name": "no:scope" }] });
    let (_, refused) = named.send("localhost", "POST", &format!("/roles/{role}/permissions"), &undefined);
    assert!(refused["message"].as_str().unwrap().contains(&own), "{refused}");
    let ticket =
        named.post("/tickets/email-verification", json!({ "user_id": named.ids["/users"].replace("%7C", "|") }));
    assert!(ticket["ticket"].as_str().unwrap().starts_with(&named.base("localhost")), "{ticket}");
}

/// As the deploy tool imports its own export: it looks for each entry by what names it, creates what it does not find, and
/// sends the members of the rest that a change takes.
#[test]
fn an_answer_that_is_sent_back_changes_nothing() {
    const LISTS: &[(&str, &[&str], &[&str])] = &[
        ("/resource-servers", &["identifier"], &["name", "scopes", "token_lifetime", "signing_alg"]),
        ("/clients", &["client_id"], &["name", "client_metadata", "refresh_token", "app_type"]),
        ("/client-grants", &["client_id", "audience"], &["scope", "organization_usage", "allow_any_organization"]),
        ("/roles", &["name"], &["name", "description"]),
        ("/organizations", &["name"], &["name", "display_name"]),
    ];
    let named = Named::start();
    let read = || -> Vec<Value> {
        let role = format!("/roles/{}/permissions", named.ids["/roles"]);
        let paths = LISTS.iter().map(|(path, ..)| *path).chain([&*role, "/tenants/settings"]);
        paths.map(|path| named.get("localhost", path)).collect()
    };
    let export = read();
    let state = named.tenant.export();
    for ((path, keys, members), entries) in LISTS.iter().zip(&export) {
        let held = named.get("localhost", path);
        for entry in entries.as_array().unwrap() {
            let same = |other: &&Value| keys.iter().all(|key| other[*key] == entry[*key]);
            let found = held.as_array().unwrap().iter().find(same);
            let found = found.unwrap_or_else(|| panic!("{path} has no {entry}; the tool would create it"));
            if entry["is_system"] == true || entry["global"] == true {
                continue;
            }
            let id = found["id"].as_str().or(found["client_id"].as_str()).unwrap();
            let body: Map<String, Value> =
                members.iter().filter_map(|member| Some(((*member).to_owned(), entry.get(*member)?.clone()))).collect();
            let (status, answer) = named.send("localhost", "PATCH", &format!("{path}/{id}"), &Value::Object(body));
            assert_eq!(status, 200, "{path}: {answer}");
            assert_eq!(answer.get("audience"), entry.get("audience"));
        }
    }
    let [.., permissions, settings] = &export[..] else { unreachable!("there are lists") };
    let permissions = permissions.as_array().unwrap().iter().map(|held| {
        json!({ "resource_server_identifier": held["resource_server_identifier"], "permission_name": held["permission_name"] })
    });
    let path = format!("/roles/{}/permissions", named.ids["/roles"]);
    named.post(&path, json!({ "permissions": permissions.collect::<Vec<_>>() }));
    let body = json!({ "default_audience": settings["default_audience"] });
    assert_eq!(named.send("localhost", "PATCH", "/tenants/settings", &body).0, 200);

    assert_eq!(read(), export);
    assert_eq!(named.tenant.export(), state, "and the state is the same, too");
}

#[test]
fn the_state_has_the_canonical_names_only() {
    let named = Named::start();
    let port = named.port();
    for text in [named.tenant.export(), named.tenant.snapshot().to_string()] {
        assert!(text.contains("https://travel0.localhost/me/"));
        assert!(!text.contains(&format!(":{port}/")), "{text}");
    }
}

#[test]
fn the_requested_and_the_default_audience_of_a_token_have_the_host_name_of_the_request() {
    let named = Named::start();
    let (client_id, client_secret) = named.tenant.management_client();
    let ask = |name: &str, audience: Option<String>| {
        let mut body =
            json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret });
        if let Some(audience) = audience {
            body["audience"] = audience.into();
        }
        let body = body.to_string();
        let request = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
             connection: close\r\n\r\n{body}",
            named.host(name),
            body.len()
        );
        let answer: Value = serde_json::from_str(&wire::send(&named.tenant.uri(), request.as_bytes()).body).unwrap();
        m2mock::internal::verified(answer["access_token"].as_str().expect("a token")).unwrap()
    };
    for name in ["localhost", "127.0.0.1", CANONICAL] {
        for asked in ["localhost", "127.0.0.1", CANONICAL].map(|name| named.base(name) + "api/v2/") {
            assert_eq!(ask(name, Some(asked.clone()))["aud"], asked);
        }
        let by_default = ask(name, None);
        assert_eq!(
            (&by_default["iss"], &by_default["aud"]),
            (&json!(named.base(name)), &json!(named.base(name) + "api/v2/"))
        );
    }
}
