//! Property tests of exports: after random sequences of operations, a tenant that imports an export gives the same export,
//! byte by byte, and behaves as the first tenant does. An export that somebody has damaged is refused or served, and
//! nothing panics.

use std::sync::LazyLock;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, header};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

use super::faults::Fault;
use super::management::operations;
use super::referential_integrity::{API, CLIENT, ORGANIZATION, STEPS, USER, World};
use super::{Config, Pins, Tenant};
use crate::domain::{Clock, DenyCode, OneUse};
use crate::store::{DeclaredAction, Kind};

type Step = fn(&mut World, usize) -> Option<()>;

/// What no sequence of operations over the families brings about.
const FURTHER: &[Step] = &[
    |world, pick| {
        let body = json!({ "user_metadata": { "ratio": 0.1 + pick as f64 / 3.0, "great": 9_007_199_254_740_993_u64 } });
        let path = world.get(USER, pick)?.path;
        world.tenant.perform(Method::PATCH, &path, body, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let pem = include_str!("../../fixtures/credentials/public-key.pem");
        let credential = json!({ "credential_type": "public_key", "pem": pem });
        let path = format!("{}/credentials", world.get(CLIENT, pick)?.path);
        world.tenant.perform(Method::POST, &path, credential, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let quota = json!({ "client_credentials": { "per_hour": 2 + pick, "enforce": true } });
        let path = world.get(CLIENT, pick)?.path;
        world.tenant.perform(Method::PATCH, &path, json!({ "token_quota": quota }), Pins::default()).ok().map(drop)
    },
    |world, pick| {
        ask_for_token(&world.tenant, &world.get(CLIENT, pick)?.id, &world.get(API, pick)?.name);
        Some(())
    },
    |world, _| {
        let (client, secret) = world.tenant.management_client();
        let body = json!({
            "grant_type": "client_credentials", "client_id": client, "client_secret": secret,
            "audience": world.tenant.management_audience(),
        });
        ask(&world.tenant, Method::POST, "/oauth/token", &body);
        Some(())
    },
    |world, pick| {
        let user = world.get(USER, pick)?.id;
        world
            .tenant
            .perform(Method::POST, "/jobs/verification-email", json!({ "user_id": user }), Pins::default())
            .ok()?;
        Some(())
    },
    |world, _| world.tenant.perform(Method::POST, "/keys/signing/rotate", Value::Null, Pins::default()).ok().map(drop),
    |world, _| {
        let keys = world.tenant.perform(Method::GET, "/keys/signing", Value::Null, Pins::default()).ok()?;
        let previous = keys.as_array()?.iter().find(|key| key["previous"] == true)?;
        let path = format!("/keys/signing/{}/revoke", previous["kid"].as_str()?);
        world.tenant.perform(Method::PUT, &path, Value::Null, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let (client, now) = (world.get(CLIENT, pick)?.id, world.tenant.clock().unix());
        let used = OneUse { id: &format!("jti-{pick}"), expires: now + 100 };
        world.tenant.state().used_proofs.spend("thumbprint", used, now).ok()?;
        world.tenant.state().used_assertions.spend(&client, used, now).ok()
    },
    |world, pick| {
        let deny = (pick % 2 == 0).then(|| (DenyCode::InvalidRequest, "Not today.".to_owned()));
        let client_id = Some(world.get(CLIENT, pick)?.id);
        let custom_claims = json!({ "plan": pick }).as_object().cloned().unwrap_or_default();
        world.tenant.declare_action(DeclaredAction { client_id, deny, custom_claims, ..DeclaredAction::default() });
        Some(())
    },
    |world, pick| {
        let organization = world.get(ORGANIZATION, pick).map(|organization| organization.id);
        let fault = json!({ "operation": "token", "times": 2, "latency": { "from": "1ms", "to": "2s 5ns" } });
        let fault = Fault { organization, ..Fault::read(fault).ok()? };
        world.tenant.add_fault(fault).ok().map(drop)
    },
    |world, pick| {
        world.tenant.clock().advance(Duration::from_nanos(1_234_567_891 * pick as u64));
        Some(())
    },
    |world, pick| {
        let body = json!({ "external_client_id": format!("https://travel{pick}.example/client.json") });
        world.tenant.perform(Method::POST, "/clients/cimd/register", body, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let kind = ["customer-provided-root-key", "tenant-encryption-key"][pick % 2];
        let body = json!({ "type": kind });
        let key = world.tenant.perform(Method::POST, "/keys/encryption", body, Pins::default()).ok()?;
        let path = format!("/keys/encryption/{}", key["kid"].as_str()?);
        world.tenant.perform(Method::POST, &format!("{path}/wrapping-key"), Value::Null, Pins::default()).ok()?;
        let body = json!({ "wrapped_key": "A".repeat(424) });
        world.tenant.perform(Method::POST, &path, body, Pins::default()).ok().map(drop)
    },
    |world, _| {
        world.tenant.perform(Method::POST, "/keys/encryption/rekey", Value::Null, Pins::default()).ok().map(drop)
    },
    |world, _| {
        let keys = world.tenant.perform(Method::GET, "/keys/encryption", Value::Null, Pins::default()).ok()?;
        let key = keys.as_array()?.iter().find(|key| key["type"] == "customer-provided-root-key")?;
        let path = format!("/keys/encryption/{}", key["kid"].as_str()?);
        world.tenant.perform(Method::DELETE, &path, Value::Null, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let path = format!("/rules-configs/KEY_{pick}");
        world.tenant.perform(Method::PUT, &path, json!({ "value": "a" }), Pins::default()).ok().map(drop)
    },
    |world, pick| {
        let (path, settings) = ("/risk-assessments/settings/new-device", json!({ "remember_for": 1 + pick }));
        world.tenant.perform(Method::PATCH, path, settings, Pins::default()).ok().map(drop)
    },
    |world, pick| {
        world.tenant.set_rate_limits(pick % 3 == 0);
        Some(())
    },
];

fn ask(tenant: &Tenant, method: Method, path: &str, body: &Value) -> u16 {
    let mut request = Request::new(Bytes::from(body.to_string()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().expect("a path");
    request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    let token = format!("Bearer {}", *ANY_TOKEN);
    request.headers_mut().insert(header::AUTHORIZATION, token.parse().expect("a header"));
    tenant.answer(request).status().as_u16()
}

/// One for every scope of a tenant of the usual name, at the time of the tests.
static ANY_TOKEN: LazyLock<String> = LazyLock::new(|| {
    let tenant = Tenant::new(Config { clock: Clock::fixed(1_780_315_200), ..Config::default() });
    let scopes: Vec<&str> = operations().iter().flat_map(|operation| operation.scopes).copied().collect();
    tenant.management_token("", &scopes)
});

fn ask_for_token(tenant: &Tenant, client: &str, audience: &str) -> u16 {
    let secret = tenant.state()[Kind::Client].get(client).and_then(|held| held.get("client_secret").cloned());
    let body = json!({
        "grant_type": "client_credentials", "client_id": client, "client_secret": secret, "audience": audience,
    });
    ask(tenant, Method::POST, "/oauth/token", &body)
}

fn take(world: &mut World, step: usize, picks: [u8; 3]) {
    match STEPS.len().checked_sub(step + 1) {
        Some(_) => world.take(step, picks.map(usize::from)),
        None => FURTHER[step - STEPS.len()](world, usize::from(picks[0])),
    };
}

fn another() -> Tenant {
    Tenant::new(Config { random_seed: Some(7), ..Config::default() })
}

fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<(usize, [u8; 3])>> {
    proptest::collection::vec((0..STEPS.len() + FURTHER.len(), any::<[u8; 3]>()), count)
}

/// Otherwise the sequences would prove nothing.
#[test]
fn every_further_step_can_be_taken() {
    let mut world = World::empty();
    world.begin();
    for (number, step) in FURTHER.iter().enumerate() {
        assert!((0..8).any(|pick| step(&mut world, pick).is_some()), "step {number}");
    }
}

#[test]
fn every_kind_of_thing_is_in_an_export() {
    let mut world = World::empty();
    world.begin();
    for round in 0..8_u8 {
        (0..STEPS.len() - 1).for_each(|step| take(&mut world, step, [round, round, round]));
        for step in FURTHER {
            step(&mut world, round.into());
        }
    }
    let export: Value = serde_json::from_str(&world.tenant.export()).expect("JSON");
    let mut empty = Vec::new();
    look_for_empty(&export["state"], "state", &mut empty);
    look_for_empty(&export["faults"], "faults", &mut empty);
    assert_eq!(empty, Vec::<String>::new());
}

/// Lists of the format without anything in them. What is within an entry of a list may be empty.
fn look_for_empty(value: &Value, place: &str, empty: &mut Vec<String>) {
    match value {
        Value::Array(list) if list.is_empty() => empty.push(place.to_owned()),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "settings" && *name != Kind::Sample.spec().name)
            .for_each(|(name, member)| look_for_empty(member, &format!("{place}.{name}"), empty)),
        _ => {}
    }
}

/// Where a request may name what is not there, the state does so too, and comes back all the same.
#[test]
fn what_a_request_names_without_being_checked_comes_back() {
    let mut world = World::empty();
    world.begin();
    let (client, organization, user) = (world.get(CLIENT, 0), world.get(ORGANIZATION, 0), world.get(USER, 0));
    let (Some(client), Some(organization), Some(user)) = (client, organization, user) else { panic!("they are there") };
    let nobody = "nobody00000000000000000000000000";
    let mut taken = 0;
    for (method, path, body) in [
        (
            Method::POST,
            "/connections".to_owned(),
            json!({ "name": "unchecked", "strategy": "auth0", "enabled_clients": [nobody] }),
        ),
        (
            Method::POST,
            "/clients".to_owned(),
            json!({ "name": "a", "app_type": "resource_server", "resource_server_identifier": "https://nobody.example" }),
        ),
        (
            Method::POST,
            "/client-grants".to_owned(),
            json!({ "client_id": client.id, "audience": "https://nobody.example", "scope": [] }),
        ),
        (
            Method::POST,
            "/client-grants".to_owned(),
            json!({ "client_id": nobody, "audience": "https://nobody.example", "scope": [] }),
        ),
        (
            Method::POST,
            "/device-credentials".to_owned(),
            json!({ "device_name": "a", "type": "public_key", "value": "a", "device_id": "b", "client_id": nobody }),
        ),
        (
            Method::POST,
            "/roles".to_owned(),
            json!({ "name": "r", "type": "organization", "owner_id": "org_0000000000000000" }),
        ),
        (
            Method::POST,
            format!("{}/invitations", organization.path),
            json!({ "client_id": nobody, "inviter": { "name": "a" }, "invitee": { "email": "b@c.example" } }),
        ),
        (
            Method::PATCH,
            client.path,
            json!({ "default_organization": { "organization_id": "org_0000000000000000", "flows": ["client_credentials"] } }),
        ),
        (Method::PATCH, user.path, json!({ "user_metadata": { "client_id": nobody } })),
        (
            Method::PATCH,
            "/tenants/settings".to_owned(),
            json!({ "default_audience": "https://nobody.example", "default_directory": "nobody" }),
        ),
    ] {
        taken += usize::from(world.tenant.perform(method, &path, body, Pins::default()).is_ok());
    }
    assert!(taken >= 3, "most of them are checked, some are not");
    let export = world.tenant.export();
    let other = another();
    assert_eq!(other.import(export.as_bytes()), Ok(()));
    assert_eq!(other.export(), export);
}

#[test]
fn the_deepest_document_comes_back() {
    let tenant = another();
    let of_depth = |depth: usize| (0..depth).fold(json!(1), |inner, _| json!({ "a": inner }));
    let make = |depth: usize, email: &str| {
        let body = json!({
            "connection": "Username-Password-Authentication", "password": "Passengers 1st", "email": email,
            "user_metadata": of_depth(depth),
        });
        tenant.perform(Method::POST, "/users", body, Pins::default()).is_ok()
    };
    let deepest = (1..128).rev().find(|depth| make(*depth, "ada@travel0.example")).expect("some depth is taken");
    assert!(!make(deepest + 1, "bob@travel0.example") && deepest > 90, "{deepest}");
    let export = tenant.export();
    assert_eq!(another().import(export.as_bytes()), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, max_shrink_iters: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_comes_back_byte_by_byte_and_goes_on(before in steps(20..100), after in steps(5..30)) {
        let mut world = World::empty();
        world.begin();
        for (step, picks) in before {
            take(&mut world, step, picks);
        }
        let export = world.tenant.export();
        let other = another();
        other.import(export.as_bytes()).expect("what was exported can be taken in");
        prop_assert_eq!(&other.export(), &export);

        let mut other = world.with(other);
        for (step, picks) in after {
            take(&mut world, step, picks);
            take(&mut other, step, picks);
        }
        prop_assert_eq!(other.tenant.export(), world.tenant.export());
    }

    #[test]
    fn a_damaged_export_is_refused_or_served(
        before in steps(20..60),
        damages in proptest::collection::vec((any::<Index>(), 0..9_usize), 1..4),
        after in steps(10..30),
    ) {
        let mut world = World::empty();
        world.begin();
        for (step, picks) in before {
            take(&mut world, step, picks);
        }
        let mut export: Value = serde_json::from_str(&world.tenant.export()).expect("JSON");
        for (place, damage) in damages {
            let mut places = Vec::new();
            gather(&export, String::new(), &mut places);
            let place = place.get(&places).clone();
            if let Some(value) = export.pointer_mut(&place) {
                *value = [
                    Value::Null, true.into(), (-1).into(), 0.5.into(), u64::MAX.into(), "".into(), "\u{e9}|a".into(),
                    json!([{}]), json!({ "a": [] }),
                ][damage].clone();
            }
        }
        let other = another();
        let held = other.export();
        if other.import(export.to_string().as_bytes()).is_err() {
            prop_assert_eq!(other.export(), held);
            return Ok(());
        }
        let again = other.export();
        prop_assert!(another().import(again.as_bytes()).is_ok());
        let mut world = world.with(other);
        let ids: Vec<String> = world.families().filter_map(|family| world.get(family, 0)).map(|made| made.id).collect();
        for operation in operations().into_iter().filter(|operation| operation.method == "GET") {
            for id in &ids {
                let path = operation.path.split('/').map(|part| if part.starts_with('{') { id.replace('|', "%7C") } else { part.to_owned() });
                let path = format!("/api/v2{}", path.collect::<Vec<_>>().join("/"));
                ask(&world.tenant, Method::GET, &path, &Value::Null);
            }
        }
        for (step, picks) in after {
            // Only deleting may be refused now; it says so in the sequences where nothing is damaged.
            if step + 1 != STEPS.len() {
                take(&mut world, step, picks);
            }
        }
        world.tenant.snapshot("127.0.0.1:1");
        world.tenant.logs();
    }
}

/// The places of all values, but for the long list of the Management API's scopes, which would be most of them.
fn gather(value: &Value, place: String, places: &mut Vec<String>) {
    match value {
        Value::Array(items) if items.len() < 40 => {
            items.iter().enumerate().for_each(|(at, item)| gather(item, format!("{place}/{at}"), places));
        }
        Value::Object(members) => members.iter().for_each(|(name, member)| {
            gather(member, format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), places);
        }),
        _ => {}
    }
    places.push(place);
}
