//! Objects that a tenant has once, such as its settings: the members that are always present, and whether the object is optional.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::agreement::ENOUGH;
use crate::conformance::recording::cassette::{Cassette, Interaction};
use crate::conformance::recording::replay::compare::List;
use crate::conformance::recording::replay::family::names_in;
use crate::conformance::recording::replay::sent::escaped;

/// By path, the members that a tenant has only if somebody has set them: no member is published as required, and the vendor's
/// command-line client puts colors and a logo of its own in the place of missing ones (reported). The recorded tenants happen
/// to have all but the font.
const CHOSEN: [(&str, &[&str]); 1] = [("/api/v2/branding", &["/colors", "/favicon_url", "/font", "/logo_url"])];

/// The objects by path.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// The pointers that every recorded answer has.
    always: BTreeMap<String, BTreeSet<String>>,
    statuses: HashMap<String, HashSet<u16>>,
}

impl Settings {
    pub(super) fn of<'a>(corpus: impl Iterator<Item = &'a Cassette>) -> Settings {
        let mut settings = Settings::default();
        let mut counts: HashMap<String, usize> = HashMap::new();
        for cassette in corpus {
            for path in settings.learn(cassette) {
                *counts.entry(path).or_default() += 1;
            }
        }
        settings.always.retain(|path, _| counts.get(path).is_some_and(|cassettes| *cassettes >= ENOUGH));
        settings
    }

    /// Reads a cassette, and returns the paths of the objects that it shows completely.
    fn learn(&mut self, cassette: &Cassette) -> HashSet<String> {
        let mut paths = HashSet::new();
        for item in &cassette.interactions {
            if item.method != "GET" || !names_in(&item.path).is_empty() {
                continue;
            }
            self.statuses.entry(item.path.clone()).or_default().insert(item.status);
            if item.status == 200 && is_whole_object(item) {
                let present = pointers(&item.response);
                let always = self.always.entry(item.path.clone()).or_insert_with(|| present.clone());
                always.retain(|pointer| present.contains(pointer));
                paths.insert(item.path.clone());
            }
        }
        paths
    }

    /// Takes what a tenant chooses for no property of the service.
    pub(super) fn forget_choices(&mut self) {
        for (path, members) in CHOSEN {
            let Some(always) = self.always.get_mut(path) else { continue };
            always.retain(|pointer| !members.iter().any(|member| pointer.starts_with(member)));
            if always.is_empty() {
                self.always.remove(path);
            }
        }
    }

    pub(super) fn always_at(&self, path: &str) -> Option<&BTreeSet<String>> {
        self.always.get(path)
    }

    pub(super) fn is_optional(&self, path: &str) -> bool {
        self.statuses.get(path).is_some_and(|statuses| statuses.contains(&200) && statuses.contains(&404))
    }
}

fn is_whole_object(item: &Interaction) -> bool {
    let is_object = item.response.is_object() && List::of(&item.response).is_none();
    is_object && item.recorder_altered.is_none() && !item.query.contains_key("fields")
}

/// The pointers of all members within objects.
pub(crate) fn pointers(body: &Value) -> BTreeSet<String> {
    fn collect(value: &Value, prefix: &str, into: &mut BTreeSet<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let here = format!("{prefix}/{}", escaped(key));
            collect(value, &here, into);
            into.insert(here);
        }
    }
    let mut pointers = BTreeSet::new();
    collect(body, "", &mut pointers);
    pointers
}
