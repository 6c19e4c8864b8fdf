//! Replaces the keywords of a seed: each environment has its own values for them, as in the deploy tool.
//!
//! `##KEY##` becomes the text of a mapping, `@@KEY@@` its JSON, together with the quotes around it if there are any. This
//! happens before the text is read as YAML or JSON (auth0-deploy-cli, `docs/keyword-replacement.md` and
//! `src/tools/utils.ts`). Texts within the JSON of a mapping may hold `##KEY##` themselves, as there.
//!
//! A keyword without a mapping does not stop the reader: a *stand-in* replaces it in the text, so that YAML and JSON can be
//! parsed, and [`Keywords::restore`] finds the stand-in in the value. So a comment or an ignored section may contain any
//! keyword.

use std::borrow::Cow;
use std::collections::HashSet;
use std::env;
use std::sync::LazyLock;

use regex_lite::{Captures, Regex};
use serde_json::{Map, Value};

use super::error::quoted;
use super::format::Format;
use super::unread::{MOST_BYTES, Unread};

/// The values of keywords.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mappings {
    values: Map<String, Value>,
    /// Whether environment variables are mappings, too. They come before other mappings, as in the deploy tool.
    pub environment: bool,
}

/// The member with the mappings in a configuration file of the deploy tool, and the environment variable that may have them
/// as JSON.
const OF_THE_TOOL: &str = "AUTH0_KEYWORD_REPLACE_MAPPINGS";

impl Mappings {
    pub(crate) fn insert(&mut self, key: String, value: Value) {
        self.values.insert(key, value);
    }

    /// Adds the mappings of a file: an object, or a configuration of the deploy tool, which has the object as a member.
    ///
    /// # Errors
    /// The file is no object.
    pub(crate) fn extend(&mut self, content: Value) -> Result<(), ()> {
        let Value::Object(mut members) = content else { return Err(()) };
        match members.remove(OF_THE_TOOL) {
            None => self.values.extend(members),
            Some(Value::Object(mappings)) => self.values.extend(mappings),
            Some(_) => return Err(()),
        }
        Ok(())
    }

    fn get(&self, key: &str) -> Option<Cow<'_, Value>> {
        let variable = if self.environment && is_name(key) { of_environment(key) } else { None };
        variable.map(Cow::Owned).or_else(|| self.values.get(key).map(Cow::Borrowed))
    }
}

/// The value of an environment variable. A JSON list or object is parsed: the tool sends the text, which the Management API
/// would refuse. Any other value is a text, as in the tool.
fn of_environment(key: &str) -> Option<Value> {
    if let Ok(text) = env::var(key) {
        let json = text.trim_start().starts_with(['[', '{']).then(|| serde_json::from_str(&text).ok()).flatten();
        return Some(json.unwrap_or(Value::String(text)));
    }
    let all: Map<String, Value> = serde_json::from_str(&env::var(OF_THE_TOOL).ok()?).ok()?;
    all.get(key).cloned()
}

/// Whether a text between two markers is a keyword even without a mapping.
fn is_name(key: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    key.bytes().all(is_part) && key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
}

/// A text with replaced keywords, and the places of its lines in the original.
pub(crate) struct Replaced<'t> {
    pub text: Cow<'t, str>,
    original: &'t str,
    pieces: Vec<Piece>,
    pub keywords: Keywords,
}

/// A part of the new text.
struct Piece {
    /// Its beginning in the new text.
    begins: usize,
    /// The beginning of its original.
    original: usize,
    /// Whether it is equal to its original; otherwise it replaces one keyword.
    is_copied: bool,
}

/// The keywords of a text that have no mapping.
#[derive(Clone, Debug, Default)]
pub(crate) struct Keywords {
    unmapped: HashSet<String>,
}

/// The two forms of a keyword, each with the characters around its stand-in: characters for private use, which have no meaning
/// in YAML and JSON. Between them are the key, a slash, which no key contains, and the line of the keyword.
const FORMS: [(&str, char, char); 2] = [("##", '\u{e000}', '\u{e001}'), ("@@", '\u{e002}', '\u{e003}')];

/// A keyword in a text.
struct Keyword<'t> {
    key: &'t str,
    form: usize,
    begins: usize,
    ends: usize,
    /// The quote on both sides, which belongs to a keyword for JSON.
    quote: Option<char>,
}

impl<'t> Replaced<'t> {
    /// A text without replaced keywords.
    pub(super) fn nothing(text: &'t str) -> Replaced<'t> {
        Replaced { text: Cow::Borrowed(text), original: text, pieces: Vec::new(), keywords: Keywords::default() }
    }

    /// The place in the original of a line and a column of the new text, all from 1.
    pub(super) fn original_position(&self, line: usize, column: usize) -> (usize, usize) {
        if self.pieces.is_empty() {
            return (line, column);
        }
        let start: usize = self.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let within = self.text[start..].char_indices().nth(column.saturating_sub(1)).map_or(0, |(at, _)| at);
        let offset = start + within;
        let after = self.pieces.partition_point(|piece| piece.begins <= offset);
        let Some(piece) = after.checked_sub(1).and_then(|index| self.pieces.get(index)) else { return (line, column) };
        let offset = piece.original + if piece.is_copied { offset - piece.begins } else { 0 };
        let before = &self.original[..floor(self.original, offset)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// Translates the position in a sentence about the new text to the original.
    pub(super) fn original_positions(&self, sentence: &str) -> String {
        let original = |position: &Captures<'_>| {
            let number = |index: usize| position[index].parse().unwrap_or_default();
            let (line, column) = self.original_position(number(1), number(2));
            format!("line {line} column {column}")
        };
        POSITION.replace_all(sentence, original).into_owned()
    }
}

/// A position in a sentence of a library.
static POSITION: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("line ([0-9]{1,9}) column ([0-9]{1,9})").expect("a regex"));

/// The last boundary of characters up to this offset.
fn floor(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Replaces the keywords of a text in this format.
///
/// # Errors
/// A mapping does not fit its keyword, or the text with the values has more than `most` bytes.
pub(crate) fn replace<'t>(
    text: &'t str,
    format: Format,
    mappings: &Mappings,
    most: usize,
) -> Result<Replaced<'t>, Unread> {
    if !text.contains("##") && !text.contains("@@") {
        return Ok(Replaced::nothing(text));
    }
    let mut writer =
        Writer { mappings, format, most, text: String::with_capacity(text.len()), keywords: Keywords::default() };
    let mut pieces = Vec::new();
    let mut copied = 0;
    let mut line = Line::default();
    while let Some(keyword) = next(text, &mut line, copied, format, mappings) {
        pieces.push(Piece { begins: writer.text.len(), original: copied, is_copied: true });
        writer.push(&text[copied..keyword.begins])?;
        pieces.push(Piece { begins: writer.text.len(), original: keyword.begins, is_copied: false });
        writer.keyword(&keyword, &line)?;
        copied = keyword.ends;
        line.skip_to(keyword.ends, &keyword);
    }
    pieces.push(Piece { begins: writer.text.len(), original: copied, is_copied: true });
    writer.push(&text[copied..])?;
    Ok(Replaced { text: Cow::Owned(writer.text), original: text, pieces, keywords: writer.keywords })
}

/// Replaces the keywords that have a mapping, in a text that is neither YAML nor JSON. Any other is no keyword there.
///
/// # Errors
/// As [`replace`].
pub(crate) fn replace_known(text: &str, mappings: &Mappings) -> Result<String, Unread> {
    let mut replaced = replace(text, Format::Yaml, mappings, MOST_BYTES)?;
    let mut value = Value::String(std::mem::take(replaced.text.to_mut()));
    replaced.keywords.restore(&mut value);
    Ok(value.as_str().unwrap_or_default().to_owned())
}

/// The position of the search.
#[derive(Default)]
struct Line {
    at: usize,
    /// The line, from 1.
    number: usize,
    /// The beginning of the line.
    begins: usize,
    /// Whether a string of JSON is open.
    in_string: bool,
}

impl Line {
    fn number(&self) -> usize {
        self.number + 1
    }

    fn skip_to(&mut self, end: usize, keyword: &Keyword<'_>) {
        self.at = end;
        if keyword.quote.is_some() {
            self.in_string = false;
        }
    }
}

/// The next keyword from here on. A `##KEY##` that nothing maps and that begins its line of YAML is a comment.
fn next<'t>(text: &'t str, line: &mut Line, copied: usize, format: Format, mappings: &Mappings) -> Option<Keyword<'t>> {
    let bytes = text.as_bytes();
    while line.at < bytes.len() {
        let at = line.at;
        match bytes[at] {
            b'\n' => {
                line.number += 1;
                line.begins = at + 1;
                line.in_string = false;
            }
            b'\\' if line.in_string => line.at += 1,
            b'"' => line.in_string = !line.in_string,
            b'#' | b'@' => {
                if let Some(mut keyword) = keyword_at(text, at) {
                    let is_mapped = mappings.get(keyword.key).is_some();
                    let is_comment =
                        format == Format::Yaml && keyword.form == 0 && text[line.begins..at].trim().is_empty();
                    if is_mapped || is_name(keyword.key) && !is_comment {
                        widen(text, copied, &mut keyword);
                        return Some(keyword);
                    }
                }
            }
            _ => {}
        }
        line.at += 1;
    }
    None
}

/// The text between a marker that begins here and the next one on the same line.
fn keyword_at(text: &str, begins: usize) -> Option<Keyword<'_>> {
    let form = FORMS.iter().position(|(marker, ..)| text[begins..].starts_with(marker))?;
    let rest = &text[begins + 2..];
    let end = rest.find(FORMS[form].0)?;
    let key = &rest[..end];
    let fits = !key.is_empty() && !key.contains('\n');
    fits.then_some(Keyword { key, form, begins, ends: begins + end + 4, quote: None })
}

/// Takes the quotes around a keyword for JSON, unless they are part of what was replaced before.
fn widen(text: &str, copied: usize, keyword: &mut Keyword<'_>) {
    let (before, after) = (text[copied..keyword.begins].chars().next_back(), text[keyword.ends..].chars().next());
    if let (1, Some(quote @ ('"' | '\''))) = (keyword.form, before)
        && after == Some(quote)
    {
        keyword.quote = Some(quote);
        keyword.begins -= 1;
        keyword.ends += 1;
    }
}

struct Writer<'m> {
    mappings: &'m Mappings,
    format: Format,
    most: usize,
    text: String,
    keywords: Keywords,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) -> Result<(), Unread> {
        if self.text.len() + text.len() > self.most {
            return Err(Unread::TooLargeReplaced);
        }
        self.text.push_str(text);
        Ok(())
    }

    fn keyword(&mut self, keyword: &Keyword<'_>, line: &Line) -> Result<(), Unread> {
        let Some(value) = self.mappings.get(keyword.key) else { return self.stand_in(keyword, line) };
        if keyword.form == 0 {
            let text = plain(&value).ok_or_else(|| {
                let key = quoted(keyword.key);
                let fault =
                    format!("the mapping of the keyword {key} is no text; write @@{}@@ for its JSON", keyword.key);
                Unread::Keyword(line.number(), fault)
            })?;
            return self.push(&text);
        }
        let json = value.to_string();
        let mut rest = json.as_str();
        // A list of addresses often contains the name of the environment.
        while let Some((before, at)) = rest.find("##").map(|at| (&rest[..at], at)) {
            self.push(before)?;
            let inner = keyword_at(rest, at).and_then(|inner| Some((self.mappings.get(inner.key)?, inner.ends)));
            match inner.and_then(|(value, end)| Some((plain(&value)?, end))) {
                Some((text, end)) => {
                    // The keyword is inside a JSON string.
                    let text = Value::String(text).to_string();
                    self.push(&text[1..text.len() - 1])?;
                    rest = &rest[end..];
                }
                None => {
                    self.push("#")?;
                    rest = &rest[at + 1..];
                }
            }
        }
        self.push(rest)
    }

    fn stand_in(&mut self, keyword: &Keyword<'_>, line: &Line) -> Result<(), Unread> {
        let (_, open, close) = FORMS[keyword.form];
        let quote = match (keyword.quote, self.format) {
            (Some(quote), _) => quote.to_string(),
            (None, Format::Json) if !line.in_string => "\"".to_owned(),
            _ => String::new(),
        };
        self.push(&format!("{quote}{open}{}/{}{close}{quote}", keyword.key, line.number()))?;
        self.keywords.unmapped.insert(keyword.key.to_owned());
        Ok(())
    }
}

/// A value as JavaScript converts it to a text; `None` for an object.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let items: Option<Vec<String>> = items.iter().map(plain).collect();
            Some(items?.join(","))
        }
        Value::Object(_) => None,
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}

/// A keyword without a mapping, and its place in the value.
pub(crate) struct Unmapped {
    pub key: String,
    pub line: usize,
    /// The keys that lead to it, and the numbers of entries.
    pub path: Vec<String>,
}

impl Keywords {
    /// Replaces the stand-ins in a value by their keywords.
    pub(crate) fn restore(&self, value: &mut Value) -> Vec<Unmapped> {
        let mut found = Vec::new();
        if !self.unmapped.is_empty() {
            self.search(value, &mut Vec::new(), &mut found);
        }
        found
    }

    fn search(&self, value: &mut Value, path: &mut Vec<String>, found: &mut Vec<Unmapped>) {
        match value {
            Value::String(text) => self.restore_text(text, path, found),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.push(format!("entry {}", index + 1));
                    self.search(item, path, found);
                    path.pop();
                }
            }
            Value::Object(members) => {
                for (mut key, mut member) in std::mem::take(members) {
                    self.restore_text(&mut key, path, found);
                    path.push(key.clone());
                    self.search(&mut member, path, found);
                    path.pop();
                    members.insert(key, member);
                }
            }
            _ => {}
        }
    }

    fn restore_text(&self, text: &mut String, path: &[String], found: &mut Vec<Unmapped>) {
        for (marker, open, close) in FORMS {
            let mut from = 0;
            while let Some(begins) = text[from..].find(open).map(|at| from + at) {
                from = begins + open.len_utf8();
                let Some(ends) = text[from..].find(close).map(|at| from + at) else { break };
                let stand_in = text[from..ends].rsplit_once('/');
                let Some((key, Ok(line))) = stand_in.map(|(key, line)| (key.to_owned(), line.parse())) else {
                    continue;
                };
                if self.unmapped.contains(&key) {
                    text.replace_range(begins..ends + close.len_utf8(), &format!("{marker}{key}{marker}"));
                    found.push(Unmapped { key, line, path: path.to_owned() });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn mappings(values: Value) -> Mappings {
        let mut mappings = Mappings::default();
        mappings.extend(values).unwrap();
        mappings
    }

    fn replaced(text: &str, format: Format, values: Value) -> Replaced<'_> {
        match replace(text, format, &mappings(values), MOST_BYTES) {
            Ok(replaced) => replaced,
            Err(unread) => panic!("{}", unread.told("seed", "seed").1),
        }
    }

    #[rstest]
    #[case::a_text("name: \"##ENV## shop\"", "name: \"dev shop\"")]
    #[case::without_quotes("name: ##ENV##", "name: dev")]
    #[case::at_the_begin_of_a_line("##ENV##: 1", "dev: 1")]
    #[case::json("callbacks: @@URLS@@", "callbacks: [\"https://dev.example\"]")]
    #[case::json_in_quotes("a: \"@@URLS@@\"", "a: [\"https://dev.example\"]")]
    #[case::json_in_single_quotes("a: '@@URLS@@'", "a: [\"https://dev.example\"]")]
    #[case::json_in_quotes_that_differ("a: '@@N@@\"", "a: '120\"")]
    #[case::a_text_as_json("a: @@ENV@@", "a: \"dev\"")]
    #[case::a_number_as_text("a: ##N##", "a: 120")]
    #[case::a_list_as_text("a: ##LIST##", "a: x,1")]
    #[case::two_beside_each_other("##ENV####N##", "dev120")]
    #[case::a_third_marker("###ENV##", "#dev")]
    #[case::a_key_of_any_characters("a: ##my key!##", "a: yes")]
    #[case::a_heading("## Section ##\n# a", "## Section ##\n# a")]
    #[case::over_two_lines("a: ##ENV\n##", "a: ##ENV\n##")]
    #[case::a_dollar("a: ##DOLLAR##", "a: $&$1")]
    fn a_keyword_is_replaced(#[case] text: &str, #[case] expected: &str) {
        let values = json!({
            "ENV": "dev", "N": 120, "URLS": ["https://##ENV##.example"], "LIST": ["x", 1], "my key!": "yes",
            "DOLLAR": "$&$1",
        });
        assert_eq!(replaced(text, Format::Yaml, values).text, expected);
    }

    #[test]
    fn the_json_of_a_text_keeps_its_quotes_escaped() {
        let values = json!({ "A": ["##B##"], "B": "say \"hi\"" });
        let text = replaced("@@A@@", Format::Yaml, values).text.into_owned();
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), json!(["say \"hi\""]));
    }

    #[test]
    fn an_object_is_no_text() {
        let refused =
            replace("a: 1\nb: ##O##\n", Format::Yaml, &mappings(json!({ "O": {} })), MOST_BYTES).err().unwrap();
        let (place, fault) = refused.told("seed.yaml", "seed");
        assert_eq!(place.to_string(), "seed.yaml, line 2");
        assert!(fault.contains("\"O\"") && fault.contains("@@O@@"), "{fault}");
    }

    #[test]
    fn mappings_of_a_configuration_of_the_tool_are_taken() {
        let mappings = mappings(json!({ "AUTH0_DOMAIN": "x", "AUTH0_KEYWORD_REPLACE_MAPPINGS": { "A": 1 } }));
        assert!(mappings.get("A").is_some() && mappings.get("AUTH0_DOMAIN").is_none());
    }

    #[test]
    fn a_text_does_not_grow_without_end() {
        let text = "##A##".repeat(20_000);
        for text in [text.as_str(), &text.replace('#', "@"), &text.replace("##A##", "@@B@@")] {
            let values = json!({ "A": "x".repeat(1_000), "B": ["##A##"] });
            let refused = replace(text, Format::Yaml, &mappings(values), MOST_BYTES).err().expect("it is too large");
            let (_, fault) = refused.told("seed.yaml", "seed");
            assert_eq!(fault, "the seed is too large with the values of its keywords; 16 MiB are the most");
        }
    }

    #[test]
    fn many_markers_take_no_long_time() {
        for text in ["#".repeat(1 << 20), "##a ".repeat(1 << 18), format!("##{}", "@@ ".repeat(1 << 18))] {
            assert!(replace(&text, Format::Json, &Mappings::default(), MOST_BYTES).is_ok());
        }
    }

    #[rstest]
    #[case::in_yaml("a:\n  - b: ##KEY##\n", Format::Yaml, &["a", "entry 1", "b"], 2)]
    #[case::in_a_text_of_yaml("a: 'x ##KEY## y'", Format::Yaml, &["a"], 1)]
    #[case::json_in_yaml("a: @@KEY@@", Format::Yaml, &["a"], 1)]
    #[case::in_json("{\n\"a\": \"##KEY##\"}", Format::Json, &["a"], 2)]
    #[case::bare_in_json("{\"a\": @@KEY@@}", Format::Json, &["a"], 1)]
    #[case::quoted_in_json("{\"a\": \"@@KEY@@\"}", Format::Json, &["a"], 1)]
    #[case::within_a_string_of_json("{\"a\": \"\\\"@@KEY@@ b\"}", Format::Json, &["a"], 1)]
    fn a_keyword_without_a_mapping_is_found_in_the_value(
        #[case] text: &str,
        #[case] format: Format,
        #[case] path: &[&str],
        #[case] line: usize,
    ) {
        let replaced = replaced(text, format, json!({}));
        let mut value: Value = match format {
            Format::Json => serde_json::from_str(&replaced.text).unwrap(),
            #[cfg(feature = "yaml")]
            Format::Yaml => crate::yaml::read(&replaced.text).ok().unwrap(),
            #[cfg(not(feature = "yaml"))]
            Format::Yaml => return,
        };
        let found = replaced.keywords.restore(&mut value);
        assert_eq!((found.len(), found[0].key.as_str(), found[0].line), (1, "KEY", line));
        assert_eq!(found[0].path, path);
        assert!(value.to_string().contains("##KEY##") || value.to_string().contains("@@KEY@@"), "{value}");
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn a_comment_may_name_any_keyword() {
        let text = "### Fill in ##A##.\n##B##\na: 1 # or ##C##\n  # @@D@@\n";
        let replaced = replaced(text, Format::Yaml, json!({}));
        let mut value = crate::yaml::read(&replaced.text).ok().unwrap();
        assert!(replaced.keywords.restore(&mut value).is_empty());
        assert_eq!(value, json!({ "a": 1 }));
    }

    #[test]
    fn positions_go_back_to_the_original() {
        let text = "a: ##LONG##\nb: ##LONG## x\nc: y\n";
        let replaced = replaced(text, Format::Yaml, json!({ "LONG": "1\n  2\n  3" }));
        assert_eq!(replaced.text, "a: 1\n  2\n  3\nb: 1\n  2\n  3 x\nc: y\n");
        for (position, original) in
            [((1, 1), (1, 1)), ((3, 1), (1, 4)), ((4, 1), (2, 1)), ((6, 5), (2, 13)), ((7, 4), (3, 4))]
        {
            assert_eq!(replaced.original_position(position.0, position.1), original, "{position:?}");
        }
    }

    /// The replacement as the tool's documentation describes it, one key after the other: simple, and slow for large files.
    fn model(text: &str, values: &[(&str, Value)]) -> String {
        let mut text = text.to_owned();
        for (key, value) in values {
            for quote in ["'", "\"", ""] {
                text = text.replace(&format!("{quote}@@{key}@@{quote}"), &value.to_string());
            }
        }
        for (key, value) in values {
            text = text.replace(&format!("##{key}##"), &plain(value).unwrap());
        }
        text
    }

    proptest! {
        #[test]
        fn keywords_are_replaced_as_by_the_model(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "##A##", "@@A@@", "\"@@A@@\"", "'@@A@@'", "##LONG_KEY##", "@@LONG_KEY@@", "\"@@N@@\"", "##N##", "##none##",
                    " ", "\n", "a: ", "- ", "'", "\"", "x", "ä", "# ", "@ ", "\\",
                ]),
                0..40,
            ),
            a in "[a-z ]{0,5}",
            n in any::<i32>(),
        ) {
            // There is always a text between two markers, because the order of the keys would matter otherwise.
            let text = parts.iter().map(|part| format!("{part}.")).collect::<String>();
            let values = [("A", json!(a)), ("LONG_KEY", json!([a, "y"])), ("N", json!(n))];
            let object: Value = values.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect::<Map<_, _>>().into();
            let replaced = replaced(&text, Format::Yaml, object);
            let mut text_of_ours = Value::String(replaced.text.into_owned());
            replaced.keywords.restore(&mut text_of_ours);
            prop_assert_eq!(text_of_ours, Value::String(model(&text, &values)));
        }

        #[test]
        fn any_text_is_replaced_or_refused(text in "[#@A\"' \n{}:\\\\ä]{0,60}", format in prop::sample::select(vec![Format::Json, Format::Yaml])) {
            if let Ok(replaced) = replace(&text, format, &mappings(json!({ "A": ["##A##"], "AA": "x" })), MOST_BYTES) {
                for line in 0..6 {
                    for column in 0..6 {
                        let (line, _) = replaced.original_position(line, column);
                        prop_assert!(line <= text.lines().count() + 6);
                    }
                }
            }
        }
    }
}
