//! Compares deletions with a simple model. The test creates random entities with the foreign keys and links of the data
//! model, deletes some, and after each step compares entities, members and pairs with plain lists.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::document::text;
use super::model::{ForeignKey, KINDS, Kind, LINKS, OnDelete};
use super::{Dump, State};

/// A state as plain lists: every entity, and every pair of every link.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    entities: Vec<(Kind, String, Map<String, Value>)>,
    pairs: BTreeSet<(&'static str, String, String)>,
}

impl Model {
    fn of(&self, kind: Kind) -> impl Iterator<Item = (&str, &Map<String, Value>)> {
        let of_kind = self.entities.iter().filter(move |(other, ..)| *other == kind);
        of_kind.map(|(_, id, entity)| (id.as_str(), entity))
    }

    fn remove(&mut self, kind: Kind, id: &str) {
        let Some(at) = self.entities.iter().position(|(other, other_id, _)| *other == kind && other_id == id) else {
            return;
        };
        let (.., removed) = self.entities.remove(at);
        for spec in LINKS {
            self.pairs.retain(|(name, left, right)| {
                *name != spec.name || !(spec.left == kind && left == id || spec.right == kind && right == id)
            });
        }
        for (from, key) in KINDS.iter().flat_map(|spec| spec.foreign_keys.iter().map(move |key| (spec.kind, key))) {
            if key.to == kind {
                let name = key.by.map_or(id, |by| text(&removed, by).expect("every entity has its names")).to_owned();
                self.release(from, key, &key.text(&name));
            }
        }
    }

    fn is_in_use(&self, kind: Kind, id: &str) -> bool {
        let keys = KINDS.iter().flat_map(|spec| spec.foreign_keys.iter().map(|key| (spec.kind, key)));
        let mut restricting = keys.filter(|(_, key)| key.to == kind && key.on_delete == OnDelete::Restrict);
        restricting.any(|(from, key)| {
            let (first, rest) = key.member.split_once('.').unwrap_or((key.member, ""));
            let pointer = format!("/{}", rest.replace('.', "/"));
            let name = |value: &Value| {
                if rest.is_empty() { value == id } else { value.pointer(&pointer).is_some_and(|name| name == id) }
            };
            self.of(from).any(|(_, entity)| entity.get(first).is_some_and(name))
        })
    }

    fn release(&mut self, from: Kind, key: &ForeignKey, name: &str) {
        let names = |entity: &Map<String, Value>| match key.member {
            "identities.connection" => entity.get("identities").is_some_and(|list| list[0]["connection"] == name),
            member if key.on_delete == OnDelete::RemoveEntry => {
                let (list, member) = member.split_once('.').expect("a list and a member");
                let entries = entity.get(list).and_then(Value::as_array);
                entries.is_some_and(|entries| entries.iter().any(|entry| entry[member] == name))
            }
            member => match entity.get(member) {
                Some(Value::Array(list)) => list.iter().any(|item| item == name),
                other => other.is_some_and(|text| text == name),
            },
        };
        let found: Vec<String> =
            self.of(from).filter(|(_, entity)| names(entity)).map(|(id, _)| id.to_owned()).collect();
        for id in found {
            match key.on_delete {
                // The only special rule: a user is deleted with the connection of the first identity.
                OnDelete::Cascade | OnDelete::AfterRemoval => self.remove(from, &id),
                OnDelete::RemoveMember => drop(self.entity(from, &id).remove(key.member)),
                OnDelete::RemoveItem => {
                    let list = self.entity(from, &id).get_mut(key.member).and_then(Value::as_array_mut);
                    list.expect("a list").retain(|item| item != name);
                }
                OnDelete::RemoveEntry => {
                    let (list, member) = key.member.split_once('.').expect("a list and a member");
                    let list = self.entity(from, &id).get_mut(list).and_then(Value::as_array_mut);
                    list.expect("a list").retain(|entry| entry[member] != name);
                }
                OnDelete::Restrict | OnDelete::Keep => {}
            }
        }
    }

    fn entity(&mut self, kind: Kind, id: &str) -> &mut Map<String, Value> {
        let found = self.entities.iter_mut().find(|(other, other_id, _)| *other == kind && other_id == id);
        &mut found.expect("it was found before").2
    }
}

/// A new entity of a kind: its names, and foreign keys to entities of the model. A missing partner leaves the key out.
fn entity(model: &Model, kind: Kind, id: &str, pick: usize) -> Map<String, Value> {
    let mut entity = Map::from_iter([("id".to_owned(), id.into())]);
    for key in KINDS.iter().flat_map(|spec| spec.foreign_keys).filter(|key| key.to == kind) {
        entity.extend(key.by.map(|by| (by.to_owned(), format!("{by} of {id}").into())));
    }
    for (at, key) in kind.spec().foreign_keys.iter().enumerate() {
        let names: Vec<&str> =
            model.of(key.to).filter_map(|(id, to)| key.by.map_or(Some(id), |by| text(to, by))).collect();
        let Some(name) = names.get((pick + at) % names.len().max(1)) else { continue };
        let name = key.text(name);
        match (key.member.split_once('.'), key.on_delete) {
            (Some((list, member)), OnDelete::AfterRemoval) => entity.insert(list.to_owned(), json!([{ member: name }])),
            (Some((list, member)), OnDelete::RemoveEntry) => {
                let entries = entity.entry(list).or_insert_with(|| json!([])).as_array_mut().expect("a list");
                entries.extend([json!({ member: name }), json!({ member: names[0] })]);
                None
            }
            (Some((object, path)), _) => {
                let nest = |inner: Value, member: &str| json!({ member: inner });
                entity.insert(object.to_owned(), path.rsplit('.').fold(name.into(), nest))
            }
            (None, OnDelete::RemoveItem) => entity.insert(key.member.to_owned(), json!([name, names[0]])),
            (None, _) => entity.insert(key.member.to_owned(), name.into()),
        };
    }
    entity
}

#[derive(Clone, Debug)]
enum Step {
    Insert(usize, usize),
    Link(usize, usize, usize),
    Unlink(usize, usize, usize),
    Remove(usize, usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let (kinds, links) = (0..KINDS.len(), 0..LINKS.len());
    let step = prop_oneof![
        6 => (kinds.clone(), 0..8_usize).prop_map(|(kind, pick)| Step::Insert(kind, pick)),
        4 => (links.clone(), 0..8_usize, 0..8_usize).prop_map(|(link, left, right)| Step::Link(link, left, right)),
        1 => (links, 0..8_usize, 0..8_usize).prop_map(|(link, left, right)| Step::Unlink(link, left, right)),
        2 => (kinds, 0..8_usize).prop_map(|(kind, pick)| Step::Remove(kind, pick)),
    ];
    proptest::collection::vec(step, 0..150)
}

/// A state and its model, after the same steps.
#[derive(Debug)]
struct Pair {
    state: State,
    model: Model,
}

impl Pair {
    fn new() -> Pair {
        let mut pair = Pair { state: State::new(fastrand::Rng::with_seed(7)), model: Model::default() };
        for kind in 0..KINDS.len() {
            pair.take(&Step::Insert(kind, 0), &format!("first {kind}"));
            pair.take(&Step::Insert(kind, 0), &format!("second {kind}"));
        }
        pair
    }

    fn take(&mut self, step: &Step, new_id: &str) {
        match *step {
            Step::Insert(kind, pick) => {
                let kind = KINDS[kind].kind;
                let entity = entity(&self.model, kind, new_id, pick);
                self.state[kind].insert(new_id, entity.clone());
                self.model.entities.push((kind, new_id.to_owned(), entity));
            }
            Step::Link(link, left, right) => {
                let Some((left, right)) = self.sides(link, left, right) else { return };
                let spec = &LINKS[link];
                let outer = spec.within.map(|outer| (outer.spec().name, left.clone(), right.clone()));
                let added = self.state.relate(spec.name, &[&left, &right]);
                if outer.is_some_and(|outer| !self.model.pairs.contains(&outer)) {
                    assert!(added.is_err());
                } else {
                    assert_eq!(added, Ok(self.model.pairs.insert((spec.name, left, right))));
                }
            }
            Step::Unlink(link, left, right) => {
                let Some((left, right)) = self.sides(link, left, right) else { return };
                let spec = &LINKS[link];
                let (left_seq, right_seq) = (self.state[spec.left].seq(&left), self.state[spec.right].seq(&right));
                let (left_seq, right_seq) = left_seq.zip(right_seq).expect("they are in the model");
                let unlinked = self.state.unlink(spec.link, left_seq, right_seq);
                for inner in LINKS.iter().filter(|inner| inner.within == Some(spec.link)) {
                    self.model.pairs.remove(&(inner.name, left.clone(), right.clone()));
                }
                assert_eq!(unlinked, self.model.pairs.remove(&(spec.name, left, right)));
            }
            Step::Remove(kind, pick) => {
                let kind = KINDS[kind].kind;
                let ids: Vec<String> = self.model.of(kind).map(|(id, _)| id.to_owned()).collect();
                let Some(id) = ids.get(pick % ids.len().max(1)) else { return };
                assert_eq!(self.state.is_in_use(kind, id), self.model.is_in_use(kind, id));
                if self.model.is_in_use(kind, id) {
                    return;
                }
                assert!(self.state.remove(kind, id).is_some());
                assert!(self.state.remove(kind, id).is_none());
                self.model.remove(kind, id);
            }
        }
    }

    fn sides(&self, link: usize, left: usize, right: usize) -> Option<(String, String)> {
        let pick = |kind, pick: usize| {
            let ids: Vec<&str> = self.model.of(kind).map(|(id, _)| id).collect();
            ids.get(pick % ids.len().max(1)).map(|id: &&str| (*id).to_owned())
        };
        Some((pick(LINKS[link].left, left)?, pick(LINKS[link].right, right)?))
    }

    fn check(&self) {
        for spec in KINDS {
            let collection = &self.state[spec.kind];
            let entities = collection.order().iter().map(|seq| collection.id_at(seq).zip(collection.at(seq)));
            let entities: Vec<_> = entities.map(|entity| entity.expect("it is in the collection")).collect();
            let expected: Vec<_> = self.model.of(spec.kind).collect();
            assert_eq!(entities.len(), expected.len(), "{}", spec.name);
            for ((id, entity), (expected_id, expected)) in entities.into_iter().zip(expected) {
                assert_eq!((id, &**entity), (expected_id, expected), "{}", spec.name);
            }
        }
        let links = LINKS.iter().map(|spec| spec.name);
        let relations = self.state.relations().into_iter().filter(|(name, _)| links.clone().any(|link| link == *name));
        let pairs = relations.flat_map(|(name, pairs)| {
            pairs.into_iter().map(move |pair| (name, pair[0].to_owned(), pair[1].to_owned())).collect::<Vec<_>>()
        });
        assert_eq!(pairs.collect::<BTreeSet<_>>(), self.model.pairs);
        assert_eq!(self.state.check_integrity(), Ok(()));
    }
}

fn json_of(state: &State) -> Value {
    serde_json::to_value(state.export()).expect("an export is JSON")
}

fn imported(export: Value) -> Result<State, String> {
    State::import(serde_json::from_value::<Dump>(export).map_err(|error| error.to_string())?)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_deletion_does_what_the_data_model_says(steps in steps()) {
        let mut pair = Pair::new();
        for (number, step) in steps.iter().enumerate() {
            pair.take(step, &number.to_string());
            pair.check();
        }
        let export = json_of(&pair.state);
        let again = imported(export.clone()).expect("an export can be imported");
        prop_assert_eq!(json_of(&again), export);
    }
}

#[test]
fn every_foreign_key_is_set_by_the_first_entities() {
    let pair = Pair::new();
    for spec in KINDS {
        for key in spec.foreign_keys {
            let member = key.member.split('.').next().expect("a first part");
            let is_set = pair.model.of(spec.kind).any(|(_, entity)| entity.contains_key(member));
            // A key to a later row is set once that row has an entity.
            assert!(is_set || key.to as usize > spec.kind as usize, "{}.{}", spec.name, key.member);
        }
    }
}

/// A file of an older version lacks the collections of newer kinds.
#[test]
fn a_collection_missing_from_an_import_is_empty() {
    let mut pair = Pair::new();
    pair.take(&Step::Link(0, 0, 0), "");
    let export = json_of(&pair.state);
    for name in ["samples", "invitations"] {
        let mut older = export.clone();
        older["collections"].as_object_mut().expect("an object").remove(name).expect("it was in the export");
        let state = imported(older).expect("the rest can be imported");
        let kind = KINDS.iter().find(|spec| spec.name == name).expect("a kind").kind;
        assert!(state[kind].len() == 0 && state[Kind::Client].len() > 0);
    }
    let mut older = export.clone();
    older["relations"].as_object_mut().expect("an object").clear();
    assert!(imported(older).expect("relations may lack").relations().iter().all(|(_, entries)| entries.is_empty()));
    let mut newer = export;
    newer["collections"]["tomorrows"] = newer["collections"]["samples"].clone();
    assert_eq!(imported(newer).unwrap_err(), "state.collections: there is no collection \"tomorrows\"");
}

/// The kind of the tests has nothing but a row in the table.
#[test]
fn a_row_of_the_table_is_all_that_a_kind_needs() {
    let mut state = State::new(fastrand::Rng::with_seed(7));
    let object = |value: Value| value.as_object().expect("an object").clone();
    state[Kind::User].insert("auth0|1", object(json!({ "user_id": "auth0|1" })));
    state[Kind::Role].insert("rol_1", object(json!({ "id": "rol_1" })));
    state[Kind::Connection].insert("con_1", object(json!({ "id": "con_1", "name": "staff" })));
    let sample = json!({ "id": "s", "title": "A", "user_id": "auth0|1", "roles": ["rol_1"], "connection": "staff" });
    state[Kind::Sample].insert("s", object(sample));
    assert_eq!(state[Kind::Sample].having("user_id", "auth0|1").len(), 1);
    assert_eq!(json_of(&imported(json_of(&state)).expect("an export")), json_of(&state));

    let mut dangling = json_of(&state);
    dangling["collections"]["users"]["entities"] = json!([]);
    let mistake = imported(dangling).unwrap_err();
    assert_eq!(mistake, "state.collections.samples, entity 1: its user_id \"auth0|1\" is not in users");

    state.remove(Kind::Role, "rol_1");
    state.remove(Kind::Connection, "con_1");
    let left = json!({ "id": "s", "title": "A", "user_id": "auth0|1", "roles": [] });
    assert_eq!(state[Kind::Sample].get("s").map(|sample| Value::Object((**sample).clone())), Some(left));
    state.remove(Kind::User, "auth0|1");
    assert!(state[Kind::Sample].len() == 0);
}
