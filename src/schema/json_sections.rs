//! A JSON file with two levels of names, sections and entries, that parses an entry on its first use.
//!
//! A test process uses few entries of few files. Parsing the whole file of the family of clients takes longer than starting a
//! tenant. The index is made by one pass over the bytes that follows strings and brackets only.

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
    /// The text is no object of objects: a file of this crate is wrong.
    pub(crate) fn of(text: impl Into<Cow<'static, str>>) -> JsonSections {
        let text = text.into();
        let Ok(entries) = entries(text.as_bytes()) else {
            panic!("a file of m2mock is no object of objects: {text}");
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
        Some(entry.value.get_or_init(|| parsed(&self.text[entry.text.clone()])))
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

/// The text is no object of objects.
struct Malformed;

fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Malformed> {
    let mut entries = Vec::new();
    let mut sections = Members::of(bytes, 0)?;
    while let Some((section, value)) = sections.next()? {
        let mut members = Members::of(bytes, value.start)?;
        while let Some((name, text)) = members.next()? {
            entries.push(Entry { section: section.clone(), name, text, value: OnceLock::new() });
        }
    }
    Ok(entries)
}

/// The place of a name or a value in the text.
type Place = Range<usize>;

/// The members of an object in their order.
struct Members<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Members<'t> {
    /// Begins at an opening brace.
    fn of(bytes: &'t [u8], at: usize) -> Result<Members<'t>, Malformed> {
        if bytes.get(at) == Some(&b'{') { Ok(Members { bytes, at: at + 1 }) } else { Err(Malformed) }
    }

    /// The name and the value of the next member.
    fn next(&mut self) -> Result<Option<(Place, Place)>, Malformed> {
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b',');
        match self.bytes.get(self.at) {
            Some(b'}') => return Ok(None),
            Some(b'"') => {}
            _ => return Err(Malformed),
        }
        let name = self.at + 1..end_of_string(self.bytes, self.at)? - 1;
        self.at = name.end + 1;
        self.skip(|byte| byte.is_ascii_whitespace() || byte == b':');
        let value = self.at..end_of_value(self.bytes, self.at)?;
        self.at = value.end;
        Ok(Some((name, value)))
    }

    fn skip(&mut self, is_passed: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|byte| is_passed(*byte)) {
            self.at += 1;
        }
    }
}

// The next two functions look at every byte of a file, also in an unoptimised build. So they use no iterators.

/// The place after the string that begins here.
fn end_of_string(bytes: &[u8], begin: usize) -> Result<usize, Malformed> {
    let mut at = begin + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return Ok(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    Err(Malformed)
}

/// The place after the value that begins here: the comma or the bracket that follows it on its own level.
fn end_of_value(bytes: &[u8], begin: usize) -> Result<usize, Malformed> {
    let (mut at, mut depth) = (begin, 0_usize);
    while at < bytes.len() {
        match bytes[at] {
            b' ' | b'\n' => {}
            b'"' => {
                at = end_of_string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return Ok(at),
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return Ok(at),
            _ => {}
        }
        at += 1;
    }
    Err(Malformed)
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
        for text in [file.to_string(), serde_json::to_string_pretty(&file).expect("JSON")] {
            let sections = JsonSections::of(text);
            assert_eq!(sections.get("bodies", "Create"), Some(&json!({ "type": "object" })));
            assert_eq!(sections.get("queries", "Create"), Some(&json!([1, "}"])));
            assert_eq!(sections.get("paths", "Create"), None);
            assert_eq!(sections.get("no such section", "Create"), None);
            assert_eq!(sections.whole(), &file);
        }
    }

    #[test]
    fn a_text_that_is_no_object_of_objects_is_refused() {
        for text in ["", "[]", "{", r#"{"a": 1}"#, r#"{"a": {"b": "c}"#, r#"{a: {}}"#, r#"{"a": {"b": "\"#] {
            assert!(std::panic::catch_unwind(|| JsonSections::of(text)).is_err(), "{text}");
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
            file in prop::collection::btree_map("[a-z]{1,3}", prop::collection::btree_map("[a-z]{1,3}", any_value(), 0..4), 0..4),
            pretty: bool,
        ) {
            let whole = json!(file);
            let text = if pretty { serde_json::to_string_pretty(&whole).expect("JSON") } else { whole.to_string() };
            let sections = JsonSections::of(text);
            prop_assert_eq!(sections.entries.len(), file.values().map(|section| section.len()).sum::<usize>());
            for (section, entries) in &file {
                for (name, value) in entries {
                    prop_assert_eq!(sections.get(section, name), Some(value));
                }
            }
        }
    }
}
