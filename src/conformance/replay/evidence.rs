//! What all cassettes together say: which defaults the live service adds by itself, and which members its tenant-wide
//! objects always have. Recordings span years; newer ones show members that older ones lack.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::cassette::{Altered, Cassette};
use super::compare::{List, kind_of};
use super::family::names_in;
use super::identifiers::template;

/// So many cassettes must agree before a member counts as always there.
const ENOUGH: usize = 3;

/// The knowledge of a corpus.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// By kind of resource and pointer: the values that came unasked.
    defaults: HashMap<(String, String), HashSet<String>>,
    /// By path: the pointers of every recorded answer.
    always: BTreeMap<String, BTreeSet<String>>,
    statuses: HashMap<String, HashSet<u16>>,
}

impl Evidence {
    pub fn of(corpus: &[Cassette]) -> Evidence {
        let mut evidence = Evidence::default();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for cassette in corpus {
            evidence.learn_defaults(cassette);
            for path in evidence.learn_members(cassette) {
                *seen.entry(path).or_default() += 1;
            }
        }
        evidence.always.retain(|path, _| seen.get(path).is_some_and(|cassettes| *cassettes >= ENOUGH));
        evidence
    }

    fn learn_defaults(&mut self, cassette: &Cassette) {
        let mut sent = HashSet::new();
        for item in &cassette.interactions {
            collect_keys(&item.request, &mut sent);
            if item.status >= 300 || item.recorder_altered == Some(Altered::Replaced) {
                continue;
            }
            let kind = kind_of_resource(&item.path);
            match List::of(&item.response) {
                Some(list) => list.items.iter().for_each(|thing| self.note(&kind, "", thing, &sent)),
                None => self.note(&kind, "", &item.response, &sent),
            }
        }
    }

    fn note(&mut self, kind: &str, pointer: &str, value: &Value, sent: &HashSet<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let here = format!("{pointer}/{key}");
                    if !sent.contains(key) {
                        let place = (kind.to_owned(), here.clone());
                        self.defaults.entry(place).or_default().insert(kind_of(value, key).to_string());
                    }
                    self.note(kind, &here, value, sent);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.note(kind, &format!("{pointer}/*"), item, sent)),
            _ => {}
        }
    }

    /// The tenant-wide objects that a cassette shows.
    fn learn_members(&mut self, cassette: &Cassette) -> HashSet<String> {
        let mut paths = HashSet::new();
        for item in &cassette.interactions {
            if item.method != "GET" || !names_in(&item.path).is_empty() {
                continue;
            }
            self.statuses.entry(item.path.clone()).or_default().insert(item.status);
            let plain = item.response.is_object() && List::of(&item.response).is_none();
            if item.status == 200 && plain && item.recorder_altered.is_none() {
                let found = pointers(&item.response);
                let always = self.always.entry(item.path.clone()).or_insert_with(|| found.clone());
                always.retain(|pointer| found.contains(pointer));
                paths.insert(item.path.clone());
            }
        }
        paths
    }

    /// Whether the live service adds this value at this place unasked.
    pub fn is_default(&self, path: &str, sent_keys: &HashSet<String>, pointer: &str, value: &Value) -> bool {
        let key = pointer.rsplit('/').next().unwrap_or_default();
        !sent_keys.contains(key)
            && self
                .defaults
                .get(&(kind_of_resource(path), pointer.to_owned()))
                .is_some_and(|values| values.contains(&kind_of(value, key).to_string()))
    }

    /// The pointers that a tenant-wide object always has; `None` where too little is known.
    pub fn always_at(&self, path: &str) -> Option<&BTreeSet<String>> {
        self.always.get(path)
    }

    /// Whether a tenant-wide object is there in some recordings and absent in others.
    pub fn is_optional(&self, path: &str) -> bool {
        self.statuses.get(path).is_some_and(|statuses| statuses.contains(&200) && statuses.contains(&404))
    }
}

fn kind_of_resource(path: &str) -> String {
    let path = template(path);
    path.strip_suffix("/{id}").map_or_else(|| path.clone(), str::to_owned)
}

/// Every name of a member, at any depth.
pub(super) fn collect_keys(value: &Value, into: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                into.insert(key.clone());
                collect_keys(value, into);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, into)),
        _ => {}
    }
}

/// The pointers of all members within objects.
pub(super) fn pointers(body: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, prefix: &str, into: &mut BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let here = format!("{prefix}/{key}");
            collect(value, &here, into);
            into.insert(here);
        }
    }
    let mut found = BTreeSet::new();
    collect(body, "", &mut found);
    found
}
