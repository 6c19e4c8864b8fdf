//! A JSON file with two levels of names, sections and entries, that parses an entry on its first use.
//!
//! A test process uses few entries of few files. Parsing the whole file of the family of clients takes longer than starting a
//! tenant, and so does following its strings and brackets in an unoptimised build. So the files have one form: a section begins
//! on a line with two spaces before its name, an entry on one with four, and every further line of an entry has four or more. The
//! index is made from the beginnings of lines.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

/// An object of objects, such as `{"bodies": {"Create": …}, "shared": {…}}`.
#[derive(Debug)]
pub(crate) struct JsonSections {
    text: Cow<'static, str>,
    entries: Vec<Entry>,
    /// The whole file, for tests and tools.
    whole: OnceLock<Value>,
}

#[derive(Debug)]
struct Entry {
    section: Place,
    name: Place,
    text: Place,
    value: OnceLock<Value>,
}

impl JsonSections {
    /// Makes the index.
    ///
    /// # Panics
    ///
    /// The text has another form: a file of this crate is wrong.
    pub(crate) fn of(text: impl Into<Cow<'static, str>>) -> JsonSections {
        let text = text.into();
        let Ok(entries) = entries(&text) else {
            panic!("a file of m2mock has another form than sections with entries: {text}");
        };
        JsonSections { text, entries, whole: OnceLock::new() }
    }

    /// An entry of a section.
    ///
    /// # Panics
    ///
    /// The entry is not JSON: a file of this crate is wrong.
    pub(crate) fn get(&self, section: &str, name: &str) -> Option<&Value> {
        let is_named = |entry: &&Entry| self.text[entry.name.clone()] == *name;
        let in_section = |entry: &&Entry| self.text[entry.section.clone()] == *section;
        let entry = self.entries.iter().filter(is_named).find(in_section)?;
        Some(entry.value.get_or_init(|| parsed(self.text[entry.text.clone()].trim_end_matches(','))))
    }

    /// The whole file.
    ///
    /// # Panics
    ///
    /// The text is not JSON.
    pub(crate) fn whole(&self) -> &Value {
        self.whole.get_or_init(|| parsed(&self.text))
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("a file of m2mock is not JSON: {error}: {text}"))
}

/// The text has another form.
struct Malformed;

/// The place of a name or a value in the text.
type Place = Range<usize>;

fn entries(text: &str) -> Result<Vec<Entry>, Malformed> {
    let text = text.trim_end();
    if text == "{}" {
        return Ok(Vec::new());
    }
    let sections = text.strip_prefix("{\n").and_then(|rest| rest.strip_suffix("\n}")).ok_or(Malformed)?;
    let mut entries: Vec<Entry> = Vec::new();
    let mut section = None;
    let mut begin = "{\n".len();
    for line in sections.split('\n') {
        let end = begin + line.len();
        match line.as_bytes() {
            [b' ', b' ', b'"', .., b'{']
            | [b' ', b' ', b'"', .., b'{', b'}']
            | [b' ', b' ', b'"', .., b'{', b'}', b','] => {
                section = Some(named(line, begin, 2)?.0);
            }
            [b' ', b' ', b'}', ..] => {}
            [b' ', b' ', b' ', b' ', b'"', ..] => {
                let (name, value) = named(line, begin, 4)?;
                let section = section.clone().ok_or(Malformed)?;
                entries.push(Entry { section, name, text: value..end, value: OnceLock::new() });
            }
            [b' ', b' ', b' ', b' ', ..] => entries.last_mut().ok_or(Malformed)?.text.end = end,
            _ => return Err(Malformed),
        }
        begin = end + 1;
    }
    Ok(entries)
}

/// The name on a line, and the place where its value begins.
fn named(line: &str, begin: usize, indentation: usize) -> Result<(Place, usize), Malformed> {
    let rest = &line[indentation + 1..];
    let length = rest.find('"').ok_or(Malformed)?;
    let name = begin + indentation + 1;
    if !rest[length..].starts_with("\": ") {
        return Err(Malformed);
    }
    Ok((name..name + length, name + length + "\": ".len()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::JsonSections;

    #[test]
    fn an_entry_is_found_by_section_and_name() {
        let file =
            json!({ "bodies": { "Create": { "type": "object" } }, "queries": { "Create": [1, "}"] }, "paths": {} });
        let sections = JsonSections::of(format!("{file:#}"));
        assert_eq!(sections.get("bodies", "Create"), Some(&json!({ "type": "object" })));
        assert_eq!(sections.get("queries", "Create"), Some(&json!([1, "}"])));
        assert_eq!(sections.get("paths", "Create"), None);
        assert_eq!(sections.get("no such section", "Create"), None);
        assert_eq!(sections.whole(), &file);
    }

    #[test]
    fn a_text_of_another_form_is_refused() {
        let texts = [
            "",
            "[]",
            "{",
            r#"{"a": {"b": 1}}"#,
            "{\n  \"a\": {\"b\": 1}\n}",
            "{\n \"a\": {}\n}",
            "{\n  \"a: {}\n}",
            "{\n  \"a\" : {}\n}",
            "{\n    \"b\": 1\n}",
            "{\n  \"a\": {\n      1\n  }\n}",
            "{\n  \"a\": {\n  \t\"b\": 1\n  }\n}",
        ];
        for text in texts {
            assert!(std::panic::catch_unwind(|| JsonSections::of(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn the_index_of_each_file_has_all_its_entries() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/api");
        let mut seen = 0;
        let mut folders = vec![std::path::PathBuf::from(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                let name = path.to_string_lossy();
                if path.is_dir() {
                    folders.push(path);
                } else if name.ends_with(".schema.json") || name.ends_with("/connections/defaults.json") {
                    has_all_entries(std::fs::read_to_string(&path).expect("a text"));
                    seen += 1;
                }
            }
        }
        assert!(seen > 50, "{seen} files");
    }

    fn has_all_entries(text: String) {
        let whole: Value = serde_json::from_str(&text).expect("JSON");
        let sections = JsonSections::of(text);
        let count = |section: &Value| section.as_object().map_or(0, serde_json::Map::len);
        let all: usize = whole.as_object().expect("an object").values().map(count).sum();
        assert_eq!(sections.entries.len(), all, "{}", sections.text);
        for (section, entries) in whole.as_object().expect("an object") {
            for (name, value) in entries.as_object().expect("an object") {
                assert_eq!(sections.get(section, name), Some(value));
            }
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            r#"[a-z"\\{}\[\],: é]{0,8}"#.prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_entry_is_that_of_the_whole_file(
            file in prop::collection::btree_map("[a-z]{1,3}", prop::collection::btree_map("[a-z]{1,3}", any_value(), 1..4), 1..4),
        ) {
            has_all_entries(format!("{:#}", json!(file)));
        }
    }
}
