//! The rules about other recordings, each with a case that it accepts and a case that it refuses.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Evidence, kind_of_resource};
use crate::conformance::recording::cassette::{Cassette, Interaction};
use crate::conformance::recording::replay::sent::SentValues;

const OLD: &str = "2023-03-01T10:00:00.000Z";
const NEW: &str = "2026-03-01T10:00:00.000Z";

/// A cassette that creates one client at a time.
fn creation(name: &str, date: &str, request: Value, response: Value) -> Cassette {
    let mut answer = response;
    answer["created_at"] = date.into();
    let (method, path) = ("POST".to_owned(), "/api/v2/clients".to_owned());
    let item = Interaction { method, path, request, status: 201, response: answer, ..Interaction::default() };
    Cassette { source: "test".into(), cassette: name.into(), recorded_with: None, interactions: vec![item] }
}

/// Three cassettes with the same requests and answers.
fn three(prefix: &str, date: &str, request: &Value, response: &Value) -> Vec<Cassette> {
    (1..=3).map(|number| creation(&format!("{prefix}{number}"), date, request.clone(), response.clone())).collect()
}

fn sent(cassette: &Cassette) -> SentValues {
    let mut sent = SentValues::default();
    sent.note(&cassette.interactions[0]);
    sent
}

fn adds(of: &Cassette, further: &[Cassette], pointer: &str, value: &Value) -> bool {
    let evidence = Evidence::of(std::slice::from_ref(of), further);
    evidence.precedent(of, &of.interactions[0], &sent(of)).adds(pointer, value, Some("Partner bot"))
}

#[test]
fn a_default_is_the_value_of_another_recording_that_did_not_send_it() {
    let old = creation("old", OLD, json!({ "name": "bot" }), json!({}));
    let newer = [creation("new", NEW, json!({ "name": "bot" }), json!({ "sso": false }))];
    assert!(adds(&old, &newer, "/sso", &json!(false)));
    assert!(!adds(&old, &newer, "/sso", &json!(true)), "another value");
    assert!(!adds(&old, &[], "/sso", &json!(false)), "no recording shows it");
    let with_request = [creation("new", NEW, json!({ "sso": false }), json!({ "sso": false }))];
    assert!(!adds(&old, &with_request, "/sso", &json!(false)), "the request had it");
}

#[test]
fn a_default_may_repeat_the_name_of_the_entity() {
    let old = creation("old", OLD, json!({}), json!({}));
    let newer = [creation("new", NEW, json!({}), json!({ "name": "Another bot", "display_name": "Another bot" }))];
    assert!(adds(&old, &newer, "/display_name", &json!("Partner bot")));
    assert!(!adds(&old, &newer, "/display_name", &json!("Another bot")));
}

#[rstest]
#[case::before_the_member_existed(OLD, true)]
#[case::when_the_member_existed(NEW, false)]
fn a_member_that_is_newer_than_the_cassette_may_echo_the_request(#[case] date: &str, #[case] expected: bool) {
    let of = creation("of", date, json!({ "app_type": "spa" }), json!({}));
    let newer = [creation("new", NEW, json!({ "app_type": "native" }), json!({ "app_type": "native" }))];
    assert_eq!(adds(&of, &newer, "/app_type", &json!("spa")), expected);
    assert!(!adds(&of, &newer, "/app_type", &json!("regular_web")), "a value that was not sent");
}

#[test]
fn a_cassette_without_timestamps_has_the_age_of_the_oldest_of_its_sdk() {
    let undated = |version: Option<&str>| {
        let mut cassette = creation("undated", OLD, json!({ "app_type": "spa" }), json!({}));
        cassette.interactions[0].response = json!({});
        cassette.recorded_with = version.map(str::to_owned);
        cassette
    };
    let mut dated = creation("dated", OLD, json!({}), json!({}));
    dated.recorded_with = Some("sdk/1".to_owned());
    let mut newer = creation("new", NEW, json!({ "app_type": "native" }), json!({ "app_type": "native" }));
    newer.recorded_with = Some("sdk/2".to_owned());
    let further = [dated, newer];
    assert!(adds(&undated(Some("sdk/1")), &further, "/app_type", &json!("spa")));
    assert!(!adds(&undated(Some("sdk/2")), &further, "/app_type", &json!("spa")), "its SDK knew the member");
    assert!(!adds(&undated(Some("sdk/3")), &further, "/app_type", &json!("spa")), "its age is unknown");
}

#[rstest]
#[case::every_old_and_no_new_recording(3, 3, true)]
#[case::too_few_old_recordings(1, 3, false)]
#[case::too_few_new_recordings(3, 2, false)]
fn a_default_may_be_missing_if_the_service_no_longer_adds_it(
    #[case] with: usize,
    #[case] without: usize,
    #[case] expected: bool,
) {
    let mut corpus = three("old", OLD, &json!({}), &json!({ "legacy": true }));
    corpus.truncate(with);
    let mut newer = three("new", NEW, &json!({}), &json!({}));
    newer.truncate(without);
    let evidence = Evidence::of(&corpus, &newer);
    let item = &corpus[0].interactions[0];
    let sent = sent(&corpus[0]);
    assert_eq!(evidence.precedent(&corpus[0], item, &sent).drops("/legacy"), expected);
    assert!(!evidence.precedent(&corpus[0], item, &sent).drops("/created_at"), "it is still added");
    assert!(!evidence.precedent(&newer[0], item, &sent).drops("/legacy"), "a new cassette has no old defaults");
}

#[test]
fn a_default_is_not_dropped_if_an_old_creation_lacks_it() {
    let mut corpus = three("old", OLD, &json!({}), &json!({ "legacy": true }));
    corpus.push(creation("lacking", OLD, json!({}), json!({})));
    let newer = three("new", NEW, &json!({}), &json!({}));
    let evidence = Evidence::of(&corpus, &newer);
    assert!(!evidence.precedent(&corpus[0], &corpus[0].interactions[0], &sent(&corpus[0])).drops("/legacy"));
}

#[rstest]
#[case::every_later_recording_echoes(3, true)]
#[case::too_few_echo(2, false)]
fn a_value_may_be_echoed_if_newer_recordings_echo_it(#[case] echoing: usize, #[case] expected: bool) {
    let request = json!({ "logo": "sent" });
    let old = creation("old", OLD, request.clone(), json!({ "logo": "changed" }));
    let mut newer = three("new", NEW, &request, &json!({ "logo": "sent" }));
    newer.truncate(echoing);
    let evidence = Evidence::of(std::slice::from_ref(&old), &newer);
    let sent = sent(&old);
    let precedent = evidence.precedent(&old, &old.interactions[0], &sent);
    assert_eq!(precedent.echoes("/logo", &json!("sent")), expected);
    assert!(!precedent.echoes("/logo", &json!("other")), "it was not sent");
    assert!(!evidence.precedent(&newer[0], &old.interactions[0], &sent).echoes("/logo", &json!("sent")));
}

#[test]
fn a_partial_read_is_no_evidence_for_the_members_of_an_object() {
    let read = |fields: Option<&str>, response: Value| {
        let (method, path) = ("GET".to_owned(), "/api/v2/tenants/settings".to_owned());
        let query = fields.map(|fields| ("fields".to_owned(), fields.into())).into_iter().collect();
        let item = Interaction { method, path, query, status: 200, response, ..Interaction::default() };
        Cassette { source: "test".into(), cassette: "read".into(), recorded_with: None, interactions: vec![item] }
    };
    let whole = || read(None, json!({ "flags": {}, "friendly_name": "Travel0" }));
    let evidence = Evidence::of(&[whole(), whole(), whole(), read(Some("flags"), json!({ "flags": {} }))], &[]);
    let always: Vec<_> = evidence.always_at("/api/v2/tenants/settings").into_iter().flatten().collect();
    assert_eq!(always, ["/flags", "/friendly_name"]);
    assert!(Evidence::of(&[whole(), whole()], &[]).always_at("/api/v2/tenants/settings").is_none());
}

#[test]
fn every_path_to_an_entity_has_the_same_kind() {
    let kind = "/api/v2/organizations";
    for path in [kind, "/api/v2/organizations/org_Rec0rdedRec0rded", "/api/v2/organizations/name/granite-tours"] {
        assert_eq!(kind_of_resource(path), kind);
    }
    assert_eq!(
        kind_of_resource("/api/v2/organizations/org_Rec0rdedRec0rded/members"),
        "/api/v2/organizations/{id}/members"
    );
}

#[test]
fn the_items_of_a_nested_list_are_of_the_kind_of_their_resource() {
    let list = |name: &str, path: &str, date: &str, entity: Value| {
        let mut entity = entity;
        entity["created_at"] = date.into();
        let item = Interaction {
            method: "GET".to_owned(),
            path: path.to_owned(),
            status: 200,
            response: json!([entity]),
            ..Interaction::default()
        };
        Cassette { source: "test".into(), cassette: name.into(), recorded_with: None, interactions: vec![item] }
    };
    let nested = "/api/v2/users/auth0%7Crecordedrecorded1/organizations";
    let old = list("old", nested, OLD, json!({}));
    let newer = [
        list("new", "/api/v2/organizations", NEW, json!({ "access": "allow" })),
        list("nested", nested, NEW, json!({ "access": "block" })),
    ];
    assert!(adds(&old, &newer, "/access", &json!("allow")));
    assert!(!adds(&old, &newer[..1], "/access", &json!("allow")), "no recording of the list has the member");
}

/// A cassette that changes one settings document and reads it; `between` stands between the two.
fn written_and_read(written: Value, between: Option<&str>, read: Value) -> Cassette {
    let item = |method: &str, path: &str, response: Value| Interaction {
        method: method.to_owned(),
        path: path.to_owned(),
        status: 200,
        response,
        ..Interaction::default()
    };
    let path = "/api/v2/attack-protection/brute-force-protection";
    let mut interactions = vec![item("PATCH", path, written)];
    interactions.extend(between.map(|path| item("POST", path, json!({}))));
    interactions.push(item("GET", path, read));
    Cassette { source: "test".into(), cassette: "settings".into(), recorded_with: None, interactions }
}

#[rstest]
#[case::the_same_values(&["block", "notify"], &["notify", "block"], None, true)]
#[case::the_same_order(&["block", "notify"], &["block", "notify"], None, false)]
#[case::another_value(&["block", "notify"], &["notify"], None, false)]
#[case::after_a_write_elsewhere(&["block", "notify"], &["notify", "block"], Some("/api/v2/roles"), true)]
#[case::after_a_write_below(
    &["block", "notify"],
    &["notify", "block"],
    Some("/api/v2/attack-protection/brute-force-protection/shields"),
    false
)]
fn a_list_has_no_order_if_the_service_changes_it_without_a_write(
    #[case] written: &[&str],
    #[case] read: &[&str],
    #[case] between: Option<&str>,
    #[case] expected: bool,
) {
    let stage = |values: &[&str]| json!({ "stage": { "shields": values }, "mode": "count" });
    let cassette = written_and_read(stage(written), between, stage(read));
    let corpus = std::slice::from_ref(&cassette);
    let sent = SentValues::default();
    let is_unordered = |evidence: &Evidence, pointer: &str| {
        evidence.precedent(&cassette, &cassette.interactions[0], &sent).is_unordered(pointer)
    };
    let evidence = Evidence::of(corpus, &[]).with_inferences(&[], corpus);
    assert_eq!(is_unordered(&evidence, "/stage/shields"), expected);
    assert!(!is_unordered(&evidence, "/mode"));
    assert!(!is_unordered(&Evidence::of(corpus, &[]), "/stage/shields"), "an inference");
}

#[test]
fn what_a_tenant_chooses_is_no_property_of_the_service() {
    let read = |path: &str, response: Value| {
        let (method, path) = ("GET".to_owned(), path.to_owned());
        let item = Interaction { method, path, status: 200, response, ..Interaction::default() };
        Cassette { source: "test".into(), cassette: "read".into(), recorded_with: None, interactions: vec![item] }
    };
    let branding = || read("/api/v2/branding", json!({ "colors": { "primary": "#123456" }, "logo_url": "https://a" }));
    let settings = || read("/api/v2/tenants/settings", json!({ "flags": {} }));
    let corpus = [branding(), branding(), branding(), settings(), settings(), settings()];
    let evidence = Evidence::of(&corpus, &[]);
    assert!(evidence.always_at("/api/v2/branding").is_some());
    let evidence = evidence.with_inferences(&corpus, &[]);
    assert!(evidence.always_at("/api/v2/branding").is_none());
    assert!(evidence.always_at("/api/v2/tenants/settings").is_some());
}
