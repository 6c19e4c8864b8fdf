//! The query parameters `fields` and `include_fields`, which select the members of an answer.

use serde_json::{Map, Value};

use super::call::Call;
use crate::store::Document;

/// Which members of an entity are shown: `fields` and `include_fields`.
pub(super) struct Fields {
    names: Vec<String>,
    include: bool,
}

impl Fields {
    /// Reads the choice; `None` means all members.
    pub(super) fn of(call: &Call<'_>) -> Option<Fields> {
        let names = call.query_text("fields")?.split(',').map(str::trim).filter(|name| !name.is_empty());
        let names: Vec<String> = names.map(str::to_owned).collect();
        (!names.is_empty()).then(|| Fields { names, include: call.query_flag("include_fields").unwrap_or(true) })
    }

    /// Whether the names include members; otherwise they exclude them.
    pub(super) fn include(&self) -> bool {
        self.include
    }

    /// The included members; none if the names exclude members.
    pub(super) fn chosen(&self) -> impl Iterator<Item = &str> {
        let names = self.include.then_some(&self.names);
        names.into_iter().flatten().map(|name| name.split_once('.').map_or(name.as_str(), |(outer, _)| outer))
    }

    /// The chosen members. A name with a dot chooses within a member.
    pub(super) fn choose(&self, document: &Map<String, Value>) -> Map<String, Value> {
        let mut chosen = if self.include { Map::new() } else { document.clone() };
        for name in &self.names {
            match (name.split_once('.'), self.include) {
                (None, true) => {
                    chosen.extend(document.get(name).map(|value| (name.clone(), value.clone())));
                }
                (None, false) => {
                    chosen.remove(name);
                }
                (Some((outer, inner)), true) => {
                    if let Some(value) = document.get(outer).and_then(|outer| outer.get(inner)) {
                        let outer = chosen.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                        if let Some(outer) = outer.as_object_mut() {
                            outer.insert(inner.to_owned(), value.clone());
                        }
                    }
                }
                (Some((outer, inner)), false) => {
                    if let Some(outer) = chosen.get_mut(outer).and_then(Value::as_object_mut) {
                        outer.remove(inner);
                    }
                }
            }
        }
        chosen
    }
}

/// The chosen members of a document, or the document itself.
pub(super) fn fields_of(fields: Option<&Fields>, document: &Document) -> Document {
    fields.map_or_else(|| Document::clone(document), |fields| Document::new(fields.choose(document)))
}

/// The chosen members of a view, or the view itself.
pub(super) fn fields_of_view(fields: Option<&Fields>, view: Map<String, Value>) -> Map<String, Value> {
    match fields {
        Some(fields) => fields.choose(&view),
        None => view,
    }
}

/// Removes members from an answer. A name with a dot removes a member of a member, or of each item of a list.
pub(super) fn hide(document: &mut Document, members: &[&str]) {
    for member in members {
        match member.split_once('.') {
            None if document.contains_key(*member) => drop(Document::make_mut(document).remove(*member)),
            None => {}
            Some((outer, inner)) if document.get(outer).and_then(|outer| outer.get(inner)).is_some() => {
                let outer = Document::make_mut(document).get_mut(outer).and_then(Value::as_object_mut);
                outer.map(|outer| outer.remove(inner));
            }
            Some((outer, inner)) => {
                let has = |item: &Value| item.get(inner).is_some();
                if document.get(outer).and_then(Value::as_array).is_some_and(|items| items.iter().any(has)) {
                    let items = Document::make_mut(document).get_mut(outer).and_then(Value::as_array_mut);
                    let items = items.into_iter().flatten().filter_map(Value::as_object_mut);
                    items.for_each(|item| drop(item.remove(inner)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Fields, hide};
    use crate::api::json::object;
    use crate::store::Document;

    #[test]
    fn a_hidden_member_is_removed_at_the_first_or_second_level() {
        let mut document =
            Document::new(object(json!({ "name": "bot", "sink": { "url": "u", "secret": "s" }, "key": 1 })));
        hide(&mut document, &["key", "sink.secret", "absent", "name.inner", "absent.inner"]);
        assert_eq!(json!(*document), json!({ "name": "bot", "sink": { "url": "u" } }));
    }

    #[test]
    fn a_hidden_member_is_removed_from_each_item_of_a_list() {
        let secrets = json!([{ "name": "a", "value": "1" }, { "name": "b" }, "c"]);
        let mut document = Document::new(object(json!({ "secrets": secrets, "modules": [] })));
        hide(&mut document, &["secrets.value", "modules.value"]);
        assert_eq!(json!(*document), json!({ "secrets": [{ "name": "a" }, { "name": "b" }, "c"], "modules": [] }));
    }

    fn choose(names: &[&str], include: bool) -> Value {
        let document = json!({ "name": "bot", "jwt_configuration": { "alg": "RS256", "scopes": {} }, "sso": false });
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        Value::Object(Fields { names, include }.choose(document.as_object().expect("an object")))
    }

    #[test]
    fn fields_choose_members_and_members_of_members() {
        assert_eq!(
            choose(&["name", "jwt_configuration.alg"], true),
            json!({ "name": "bot", "jwt_configuration": { "alg": "RS256" } })
        );
        assert_eq!(
            choose(&["name", "jwt_configuration.alg"], false),
            json!({ "jwt_configuration": { "scopes": {} }, "sso": false })
        );
        assert_eq!(choose(&["unheard_of"], true), json!({}));
    }
}
