//! The rules of comparison, each with a body that it accepts and a body that it refuses.

use std::collections::HashSet;

use rstest::rstest;
use serde_json::{Map, Value, json};

use super::{Basis, Comparison, Page, Proven};
use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::identifiers::Identifiers;
use crate::conformance::recording::replay::sent::SentValues;

const OWN: &str = "org_Rec0rdedRec0rded";
const OWN_LIVE: &str = "org_L1veL1veL1veL1ve";
const FOREIGN: &str = "org_F0reignF0reignF0";

/// A cassette that created one organization and refers to a foreign one.
#[derive(Default)]
struct Scene {
    ids: Identifiers,
    sent: SentValues,
    foreign: HashSet<String>,
}

impl Scene {
    fn new() -> Scene {
        let mut scene = Scene::default();
        scene.ids.learn(OWN, OWN_LIVE);
        scene.foreign.insert(FOREIGN.to_owned());
        scene
    }

    fn compare(&mut self, compare: impl FnOnce(&mut Comparison<'_>)) -> Vec<String> {
        let known = |item: &Value| item["id"] == OWN;
        let basis = Basis {
            sent: &self.sent,
            foreign: &self.foreign,
            lenient: false,
            injected: &[],
            known: &known,
            precedent: None,
        };
        let mut comparison = Comparison::new(&mut self.ids, &basis);
        compare(&mut comparison);
        comparison.differences.iter().map(|one| format!("{} {}", one.pointer, one.kind)).collect()
    }

    fn value(&mut self, recorded: &Value, live: &Value) -> Vec<String> {
        self.compare(|comparison| comparison.value(recorded, live, "", "", Proven::All))
    }

    fn list(&mut self, query: &[(&str, &str)], recorded: &Value, live: &Value) -> Vec<String> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
        let request = Interaction { query, ..Interaction::default() };
        self.compare(|comparison| comparison.list(recorded, live, &Page::of(&request, false, &|_| None)))
    }
}

#[test]
fn the_certificate_of_a_connection_differs_from_tenant_to_tenant() {
    assert_eq!(Scene::new().value(&json!({ "pkcs": "MIIrecorded" }), &json!({ "pkcs": "MIIlive" })), [""; 0]);
    assert_eq!(Scene::new().value(&json!({ "pkcs": "MIIrecorded" }), &json!({ "pkcs": "" })), ["/pkcs empty"]);
}

#[rstest]
#[case::another_encrypted_text("2.0$live", &[])]
#[case::the_plain_text("plain", &["/options/configuration/key not encrypted"])]
#[case::nothing("", &["/options/configuration/key not encrypted"])]
fn a_parameter_of_database_scripts_is_encrypted(#[case] live: &str, #[case] expected: &[&str]) {
    let body = |value: &str| json!({ "options": { "configuration": { "key": value } } });
    let mut scene = Scene::new();
    scene.sent.note(&Interaction { request: body("plain"), ..Interaction::default() });
    assert_eq!(scene.value(&body("2.0$recorded"), &body(live)), expected);
}

#[test]
fn an_array_with_a_foreign_id_counts_by_its_type_until_the_counterpart_is_known() {
    let recorded = json!({ "clients": [OWN, FOREIGN] });
    let live = json!({ "clients": [OWN_LIVE] });
    let mut scene = Scene::new();
    assert_eq!(scene.value(&recorded, &live), [""; 0]);
    assert_eq!(scene.value(&recorded, &json!({ "clients": OWN_LIVE })), ["/clients type array -> string"]);
    scene.ids.learn(FOREIGN, "org_C0unterpartC0unt");
    assert_eq!(scene.value(&recorded, &live), ["/clients value (array)"]);
}

#[test]
fn a_page_token_is_learnt_from_a_page_of_foreign_items() {
    let page = |id: &str, token: &str| json!({ "organizations": [{ "id": id }], "next": token });
    let mut scene = Scene::new();
    let token = ("recordedT0kenrecordedT0ken", "liveT0kenliveT0kenliveT0ken");
    assert_eq!(scene.list(&[], &page(FOREIGN, token.0), &page("org_An0therAn0therAn", token.1)), [""; 0]);
    assert_eq!(scene.ids.live_for(token.0), Some(token.1));
}

/// The live list has the own organization, which the recorded one lacks.
#[rstest]
#[case::the_recorded_page_shows_all(&[], &["/* extra item"])]
#[case::the_recorded_page_is_full_of_foreign_items(&[("take", "1")], &[])]
#[case::full_by_the_older_parameter(&[("per_page", "1")], &[])]
#[case::a_later_page(&[("page", "1")], &[])]
#[case::a_later_page_by_its_token(&[("from", "abc")], &[])]
#[case::the_first_page_by_its_number(&[("page", "0")], &["/* extra item"])]
fn a_surplus_own_item_counts(#[case] query: &[(&str, &str)], #[case] expected: &[&str]) {
    let recorded = json!([{ "id": FOREIGN, "name": "stranger" }]);
    let live = json!([{ "id": OWN_LIVE, "name": "own" }]);
    assert_eq!(Scene::new().list(query, &recorded, &live), expected);
}

#[test]
fn a_repeated_own_item_counts_on_every_page() {
    let recorded = json!([{ "id": OWN }, { "id": FOREIGN }]);
    let live = json!([{ "id": OWN_LIVE }, { "id": OWN_LIVE }]);
    assert_eq!(Scene::new().list(&[("take", "2")], &recorded, &live), ["/* extra item"]);
}

#[rstest]
#[case::full_by_the_requested_size(&[("take", "1")], &[])]
#[case::not_full(&[("take", "2")], &["/* missing item"])]
fn a_live_page_full_of_foreign_items_may_lack_an_own_item(#[case] query: &[(&str, &str)], #[case] expected: &[&str]) {
    let live = json!([{ "id": "org_StrangerStranger", "name": "stranger" }]);
    assert_eq!(Scene::new().list(query, &json!([{ "id": OWN, "name": "own" }]), &live), expected);
}

#[test]
fn members_below_a_written_empty_object_do_not_count() {
    let written: Map<String, Value> = json!({ "flags": {} }).as_object().cloned().unwrap_or_default();
    let compare = |recorded: Value, live: Value| {
        Scene::new().compare(|one| one.value(&recorded, &live, "", "", Proven::Written(&written)))
    };
    assert_eq!(compare(json!({ "flags": { "a": true } }), json!({ "flags": { "a": false } })), [""; 0]);
    assert_eq!(compare(json!({ "flags": { "a": true } }), json!({})), ["/flags missing"]);
}
