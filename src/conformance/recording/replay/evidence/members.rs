//! The members of entities in answers: their default values and their age.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::Value;

use crate::conformance::recording::cassette::Interaction;
use crate::conformance::recording::replay::compare::{List, kind_of};
use crate::conformance::recording::replay::sent::{SentValues, each_member, key_of};

/// The members by kind of resource and by pointer within an entity.
#[derive(Debug, Default)]
pub(super) struct Members(HashMap<String, HashMap<String, Member>>);

#[derive(Debug, Default)]
struct Member {
    /// The values in answers to cassettes that never sent a member of this name.
    defaults: HashSet<String>,
    /// By method: the date of the oldest recording with the member.
    since: BTreeMap<String, String>,
}

impl Members {
    pub(super) fn learn(&mut self, kind: &str, item: &Interaction, sent: &SentValues, date: Option<&str>) {
        let entities = List::of(&item.response).map_or(std::slice::from_ref(&item.response), |list| list.items);
        let members = self.0.entry(kind.to_owned()).or_default();
        for entity in entities {
            let name = entity.get("name").and_then(Value::as_str);
            each_member(entity, "", &mut |pointer, key, value| {
                if !members.contains_key(pointer) {
                    members.insert(pointer.to_owned(), Member::default());
                }
                let Some(member) = members.get_mut(pointer) else { return };
                if !sent.has_key(key) {
                    member.defaults.insert(kind_of(value, key, name).to_string());
                }
                if let Some(date) = date {
                    match member.since.get_mut(&item.method) {
                        Some(since) if since.as_str() <= date => {}
                        Some(since) => date.clone_into(since),
                        None => {
                            member.since.insert(item.method.clone(), date.to_owned());
                        }
                    }
                }
            });
        }
    }

    fn member(&self, kind: &str, pointer: &str) -> Option<&Member> {
        self.0.get(kind)?.get(pointer)
    }

    /// Whether some recording shows this value as the default of an entity with this name.
    pub(super) fn is_default(&self, kind: &str, pointer: &str, value: &Value, name: Option<&str>) -> bool {
        let key = key_of(pointer);
        self.member(kind, pointer)
            .is_some_and(|member| member.defaults.contains(&kind_of(value, key, name).to_string()))
    }

    /// The date when the member first appeared in answers to this method.
    pub(super) fn introduced(&self, method: &str, kind: &str, pointer: &str) -> Option<&str> {
        self.member(kind, pointer)?.since.get(method).map(String::as_str)
    }
}
