//! Entities of one kind: by id, in creation order, and by the values of declared members.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::Document;
use super::positions::Positions;
use super::seq::Seq;

/// Entities of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collection {
    documents: HashMap<Seq, (String, Document)>,
    by_id: HashMap<String, Seq>,
    order: Positions,
    indexes: Vec<Index>,
    next: Seq,
}

/// The entities by the text of one member, or by each text if it is a list. A truth value counts as the text `true` or
/// `false`; entities without the member are under `None`.
#[derive(Clone, Debug)]
struct Index {
    key: &'static str,
    positions: BTreeMap<Option<String>, Positions>,
}

/// The serialized form of a collection.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CollectionDump {
    /// The sequence number of the latest entity, which may be deleted.
    last: Seq,
    /// In creation order.
    entities: Vec<Entity>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entity {
    number: Seq,
    id: String,
    document: Document,
}

/// The greatest number that every language reads exactly.
pub(crate) const GREATEST: Seq = 1 << 53;

impl Collection {
    /// An empty collection with an index for each of these members. A member is a text or a list of texts, or a path
    /// with dots to one of these.
    pub(crate) fn indexed(keys: &[&'static str]) -> Self {
        let indexes = keys.iter().map(|key| Index { key, positions: BTreeMap::new() }).collect();
        Collection { indexes, ..Collection::default() }
    }

    /// Adds an entity. Its id must be new.
    pub(crate) fn insert(&mut self, id: &str, document: impl Into<Document>) -> Document {
        debug_assert!(!self.by_id.contains_key(id), "the caller draws a new id or checks a given one");
        self.next += 1;
        let (seq, document) = (self.next, document.into());
        self.by_id.insert(id.to_owned(), seq);
        self.order.insert(seq);
        self.add_to_indexes(seq, &document);
        self.documents.insert(seq, (id.to_owned(), Document::clone(&document)));
        document
    }

    /// The serialized form.
    pub(crate) fn dump(&self) -> CollectionDump {
        let entity = |number: Seq| {
            let (id, document) = self.documents.get(&number)?;
            Some(Entity { number, id: id.clone(), document: Document::clone(document) })
        };
        CollectionDump { last: self.next, entities: self.order.iter().filter_map(entity).collect() }
    }

    /// Fills an empty collection from the serialized form.
    ///
    /// # Errors
    ///
    /// Two entities have one id, or the entities are not in creation order.
    pub(crate) fn restore(&mut self, dump: CollectionDump) -> Result<(), String> {
        for (index, Entity { number, id, document }) in dump.entities.into_iter().enumerate() {
            if self.by_id.contains_key(&id) {
                return Err(format!("entity {}: the id {id:?} is there already", index + 1));
            }
            if number <= self.next {
                return Err(format!("entity {}: its number does not follow the one before", index + 1));
            }
            self.next = number - 1;
            self.insert(&id, document);
        }
        if dump.last < self.next || dump.last > GREATEST {
            return Err("`last` is not the number that was given out last".to_owned());
        }
        self.next = dump.last;
        Ok(())
    }

    /// Replaces the document of an entity. Nothing happens if no entity has this id.
    pub(crate) fn replace(&mut self, id: &str, document: Map<String, Value>) -> Document {
        let document = Document::new(document);
        if let Some(&seq) = self.by_id.get(id)
            && let Some((_, current)) = self.documents.get_mut(&seq)
        {
            let old = std::mem::replace(current, Document::clone(&document));
            self.remove_from_indexes(seq, &old);
            self.add_to_indexes(seq, &document);
        }
        document
    }

    /// Changes an entity. Nothing happens if no entity has this id.
    pub(crate) fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut Map<String, Value>) -> T) {
        if let Some(current) = self.get(id) {
            let mut changed = Map::clone(current);
            change(&mut changed);
            self.replace(id, changed);
        }
    }

    /// Removes an entity and nothing else. Code outside the store calls `State::remove`, which applies the data model.
    pub(super) fn remove(&mut self, id: &str) -> Option<Document> {
        let seq = self.by_id.remove(id)?;
        self.order.remove(seq);
        let (_, document) = self.documents.remove(&seq)?;
        self.remove_from_indexes(seq, &document);
        Some(document)
    }

    /// The entity with this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Document> {
        self.at(self.seq(id)?)
    }

    /// Whether there is an entity with this id.
    pub(crate) fn contains(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The sequence number of the entity with this id.
    pub(crate) fn seq(&self, id: &str) -> Option<Seq> {
        self.by_id.get(id).copied()
    }

    /// The entity with this sequence number.
    pub(crate) fn at(&self, seq: Seq) -> Option<&Document> {
        self.documents.get(&seq).map(|(_, document)| document)
    }

    /// The id of the entity with this sequence number.
    pub(crate) fn id_at(&self, seq: Seq) -> Option<&str> {
        self.documents.get(&seq).map(|(id, _)| id.as_str())
    }

    /// The number of entities.
    pub(crate) fn len(&self) -> usize {
        self.order.len()
    }

    /// All sequence numbers in creation order.
    pub(crate) fn order(&self) -> &Positions {
        &self.order
    }

    /// All entities in creation order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Document> {
        self.order.as_slice().iter().filter_map(|seq| self.at(*seq))
    }

    /// The entities whose member has this text, or a list with it. The member must have an index.
    pub(crate) fn having(&self, key: &str, value: &str) -> &Positions {
        static NONE: Positions = Positions::none();
        self.index(key).positions.get(&Some(value.to_owned())).unwrap_or(&NONE)
    }

    /// The entities that have all these texts in these members. Each member must have an index.
    ///
    /// One member is a look-up; of several, the shortest list is scanned.
    pub(crate) fn matching(&self, wanted: &[(&str, &str)]) -> Cow<'_, [Seq]> {
        let mut positions: Vec<&Positions> = wanted.iter().map(|(key, value)| self.having(key, value)).collect();
        positions.sort_by_key(|positions| positions.len());
        match positions.as_slice() {
            [] => Cow::Borrowed(self.order.as_slice()),
            [one] => Cow::Borrowed(one.as_slice()),
            [rarest, others @ ..] => {
                rarest.iter().filter(|seq| others.iter().all(|other| other.contains(*seq))).collect()
            }
        }
    }

    /// The entities of [`matching`](Collection::matching) that also have one of these values in a further member.
    /// Without values, the member does not matter.
    pub(crate) fn matching_any(&self, wanted: &[(&str, &str)], key: &str, values: &[&str]) -> Cow<'_, [Seq]> {
        let with = |value: &&str| self.matching(&[wanted, &[(key, *value)]].concat());
        match values {
            [] => self.matching(wanted),
            [one] => with(one),
            several => {
                let mut positions: Vec<Seq> = several.iter().flat_map(|value| with(value).into_owned()).collect();
                positions.sort_unstable();
                positions.dedup();
                positions.into()
            }
        }
    }

    /// The oldest entity whose declared member has this text.
    pub(crate) fn find(&self, key: &str, value: &str) -> Option<&Document> {
        self.having(key, value).as_slice().first().and_then(|seq| self.at(*seq))
    }

    /// All sequence numbers, ordered by the text of an indexed member, then by creation.
    pub(crate) fn sorted(&self, key: &str, descending: bool) -> Box<dyn Iterator<Item = Seq> + '_> {
        let groups = self.index(key).positions.values();
        if descending {
            Box::new(groups.rev().flat_map(Positions::iter))
        } else {
            Box::new(groups.flat_map(Positions::iter))
        }
    }

    fn index(&self, key: &str) -> &Index {
        let declared = self.indexes.iter().find(|index| index.key == key);
        declared.unwrap_or_else(|| panic!("`{key}` is not declared as an index of its collection"))
    }

    fn add_to_indexes(&mut self, seq: Seq, document: &Map<String, Value>) {
        for index in &mut self.indexes {
            for value in values(document, index.key) {
                index.positions.entry(value).or_default().insert(seq);
            }
        }
    }

    fn remove_from_indexes(&mut self, seq: Seq, document: &Map<String, Value>) {
        for index in &mut self.indexes {
            for value in values(document, index.key) {
                if let Some(positions) = index.positions.get_mut(&value) {
                    positions.remove(seq);
                    if positions.is_empty() {
                        index.positions.remove(&value);
                    }
                }
            }
        }
    }
}

/// The keys of an entity in an index. A key with dots is a path through objects and through every item of a list. An
/// entity without a text at the end of the path is not in the index.
pub(super) fn values(document: &Map<String, Value>, key: &str) -> Vec<Option<String>> {
    if key.contains('.') {
        let mut found = Vec::new();
        follow(document, key, &mut found);
        return found;
    }
    match document.get(key) {
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).map(|text| Some(text.to_owned())).collect(),
        Some(Value::String(text)) => vec![Some(text.clone())],
        Some(Value::Bool(truth)) => vec![Some(truth.to_string())],
        _ => vec![None],
    }
}

fn follow(document: &Map<String, Value>, path: &str, found: &mut Vec<Option<String>>) {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let Some(member) = document.get(name) else { return };
    let items = member.as_array().map_or(std::slice::from_ref(member), Vec::as_slice);
    for item in items {
        match item {
            Value::Object(inner) if !rest.is_empty() => follow(inner, rest, found),
            Value::String(text) if rest.is_empty() => found.push(Some(text.clone())),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::Collection;

    fn named(name: &str) -> Map<String, Value> {
        let Value::Object(map) = json!({ "name": name }) else { unreachable!("written as an object") };
        map
    }

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8),
        Replace(u8, u8),
        Remove(u8),
    }

    #[test]
    fn a_path_leads_through_the_items_of_a_list() {
        let mut collection = Collection::indexed(&["places.name"]);
        let Value::Object(entity) = json!({ "places": [{ "name": "a" }, { "name": "b" }, {}] }) else { unreachable!() };
        collection.insert("1", entity);
        collection.insert("2", named("a"));
        assert_eq!((collection.having("places.name", "a").len(), collection.having("places.name", "b").len()), (1, 1));
        collection.replace("1", named("c"));
        assert!(collection.having("places.name", "b").is_empty());
    }

    #[test]
    fn an_entity_is_indexed_by_each_text_of_a_list() {
        let mut collection = Collection::indexed(&["clients"]);
        let with = |clients: &[&str]| Map::from_iter([("clients".to_owned(), json!(clients))]);
        collection.insert("one", with(&["a", "b", "a"]));
        collection.insert("two", with(&["b"]));
        let having = |collection: &Collection, client| collection.having("clients", client).as_slice().to_vec();
        assert_eq!(having(&collection, "a"), [1]);
        assert_eq!(having(&collection, "b"), [1, 2]);
        collection.replace("one", with(&["c"]));
        assert_eq!((having(&collection, "a"), having(&collection, "b")), (vec![], vec![2]));
        collection.remove("two");
        assert!(having(&collection, "b").is_empty());
    }

    proptest! {
        /// The collection against a plain list of pairs.
        #[test]
        fn a_collection_behaves_like_a_list(steps in proptest::collection::vec(prop_oneof![
            any::<u8>().prop_map(|name| Step::Insert(name % 4)),
            (any::<u8>(), any::<u8>()).prop_map(|(id, name)| Step::Replace(id, name % 4)),
            any::<u8>().prop_map(Step::Remove),
        ], 0..60)) {
            let mut collection = Collection::indexed(&["name"]);
            let mut model: Vec<(String, String)> = Vec::new();
            for (count, step) in steps.into_iter().enumerate() {
                match step {
                    Step::Insert(name) => {
                        collection.insert(&count.to_string(), named(&name.to_string()));
                        model.push((count.to_string(), name.to_string()));
                    }
                    Step::Replace(id, name) => {
                        collection.replace(&id.to_string(), named(&name.to_string()));
                        if let Some(entry) = model.iter_mut().find(|(other, _)| *other == id.to_string()) {
                            entry.1 = name.to_string();
                        }
                    }
                    Step::Remove(id) => {
                        let removed = collection.remove(&id.to_string()).is_some();
                        let before = model.len();
                        model.retain(|(other, _)| *other != id.to_string());
                        prop_assert_eq!(removed, model.len() < before);
                    }
                }
                let dump: Vec<String> = collection.iter().map(|entry| entry["name"].as_str().unwrap().to_owned()).collect();
                let expected: Vec<String> = model.iter().map(|(_, name)| name.clone()).collect();
                prop_assert_eq!(dump, expected);
                for name in 0..4u8 {
                    let count = collection.having("name", &name.to_string()).len();
                    prop_assert_eq!(count, model.iter().filter(|(_, other)| *other == name.to_string()).count());
                }
                let mut by_name: Vec<&(String, String)> = model.iter().collect();
                by_name.sort_by_key(|(_, name)| name.clone());
                let sorted: Vec<&str> = collection.sorted("name", false).filter_map(|seq| collection.id_at(seq)).collect();
                prop_assert_eq!(sorted, by_name.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>());
            }
        }
    }
}
