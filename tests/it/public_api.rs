//! The public API as a list, `fixtures/public-api.txt`, so that a review sees each change of it.
//!
//! Everything that a user of the crate can reach is written `pub`, and nothing else is: the lints `unreachable_pub` and
//! `unnameable_types` check both. The list is therefore read from the `pub` items of the source, in all features. A line that
//! this parser does not understand fails the test.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::rules::files;

const LIST: &str = "fixtures/public-api.txt";
const WIDTH: usize = 140;

/// The reviewed list stays short enough to be read as a whole.
const MOST_LINES: usize = 200;

/// A public struct or enum, or a function of a module.
#[derive(Debug, Default)]
struct Item {
    kind: String,
    non_exhaustive: bool,
    /// Public fields, or variants.
    members: Vec<String>,
    functions: BTreeSet<String>,
    traits: BTreeSet<String>,
}

/// An item by the file of its definition, below `src/`, and its name: some names exist twice, as `Api` and `action::Api`.
type Id = (String, String);

/// The `pub` items of the crate.
#[derive(Default)]
struct Source {
    items: BTreeMap<Id, Item>,
    /// Types that are not `pub`.
    private: BTreeSet<Id>,
}

impl Source {
    fn read() -> Source {
        let texts: Vec<(String, String)> =
            files("src", "rs").iter().map(|path| (name_of(path), text_of(path))).collect();
        let mut source = Source::default();
        for (file, text) in &texts {
            source.read_definitions(file, text);
        }
        for (file, text) in &texts {
            source.read_implementations(file, text);
        }
        source
    }

    /// The `pub` items at the top level of a file, with their fields and variants.
    fn read_definitions(&mut self, file: &str, text: &str) {
        let mut attributes: Vec<&str> = Vec::new();
        let mut current: Option<Id> = None;
        for line in code(text) {
            if line == "}" {
                current = None;
            }
            if let (Some(id), Some(member)) =
                (&current, line.strip_prefix("    ").filter(|rest| !rest.starts_with(' ')))
            {
                self.items.get_mut(id).expect("it was added").read_member(member);
            }
            if line.starts_with("#[") {
                attributes.push(line);
                continue;
            }
            let definition = match line.strip_prefix("pub(") {
                Some(restricted) => restricted.split_once(") ").map_or("", |(_, definition)| definition),
                None => line,
            };
            if let Some((_, name)) =
                definition.split_once(' ').filter(|(kind, _)| ["struct", "enum", "type"].contains(kind))
            {
                self.private.insert((file.to_owned(), word(name).to_owned()));
            }
            if let Some(rest) = line.strip_prefix("pub ") {
                let rest = rest
                    .strip_prefix("async ")
                    .or_else(|| rest.strip_prefix("const fn").map(|_| &rest[6..]))
                    .unwrap_or(rest);
                let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
                match kind {
                    "use" | "mod" => {}
                    "struct" | "enum" | "fn" => {
                        let id = (file.to_owned(), word(rest).to_owned());
                        let item = Item {
                            kind: kind.to_owned(),
                            non_exhaustive: attributes.contains(&"#[non_exhaustive]"),
                            traits: derived(&attributes),
                            ..Item::default()
                        };
                        let twice = self.items.insert(id.clone(), item);
                        assert!(twice.is_none(), "src/{file} has two items {}", id.1);
                        current = Some(id).filter(|_| kind != "fn" && line.ends_with('{'));
                    }
                    _ => panic!("src/{file}: this test reads no such item yet: {line}"),
                }
            }
            attributes.clear();
        }
    }

    /// The public functions of types, and the traits that they implement.
    fn read_implementations(&mut self, file: &str, text: &str) {
        let mut header = String::new();
        let mut current: Option<Id> = None;
        for line in code(text) {
            if line.starts_with("impl") || !header.is_empty() {
                let _ = write!(header, "{} ", line.trim());
                if line.ends_with('{') || line.ends_with("{}") {
                    current = self.implemented(file, &std::mem::take(&mut header)).filter(|_| !line.ends_with("{}"));
                }
                continue;
            }
            if line == "}" {
                current = None;
            }
            let Some(rest) = line.strip_prefix("    pub ") else { continue };
            let Some(id) = &current else { continue };
            let rest = rest.trim_start_matches("const ").trim_start_matches("async ");
            let name = match rest.strip_prefix("fn ") {
                Some(rest) => format!("{}()", word(rest)),
                None => word(rest).to_owned(),
            };
            assert!(!name.is_empty(), "src/{file}: a public member without a name: {line}");
            self.items.get_mut(id).expect("it was found").functions.insert(name);
        }
    }

    /// The public type of `impl Type {`. That of `impl Trait for Type {` gets the trait.
    fn implemented(&mut self, file: &str, header: &str) -> Option<Id> {
        let header = without_parameters(header.trim_start_matches("impl"));
        let header = header.trim().trim_end_matches("{}").trim_end_matches('{');
        let header = header.split(" where ").next().unwrap_or_default().trim();
        let Some((implemented, of)) = header.split_once(" for ") else { return self.find(file, word(header)) };
        let own = self.find(file, word(of.trim_start_matches('&')));
        let argument = implemented.split_once('<').map_or("", |(_, argument)| argument.trim_start_matches('&'));
        let (id, view) = match own {
            // What a private type gives is for this crate alone.
            Some(_) if self.is_private(file, argument) => return None,
            Some(id) => (id, implemented.to_owned()),
            None if self.is_private(file, of) => return None,
            // `From<&Api> for String` belongs to `Api`. A path before the name leads to the type of another crate.
            None => {
                let is_path = argument.contains("::") && !argument.starts_with("crate::");
                (self.find(file, word(argument)).filter(|_| !is_path)?, header.to_owned())
            }
        };
        let view =
            ["fmt::", "std::fmt::", "std::error::", "std::"].iter().fold(view, |view, path| view.replace(path, ""));
        self.items.get_mut(&id).expect("it was found").traits.insert(view);
        None
    }

    /// Whether a text begins with a type of this crate that is not public, and not with a type of another crate.
    fn is_private(&self, file: &str, text: &str) -> bool {
        let name = word(text.trim_start_matches('&'));
        let is_of = |id: &Id| id.1 == name;
        if self.private.contains(&(file.to_owned(), name.to_owned())) {
            return true;
        }
        !["Response", "String"].contains(&name) && self.private.iter().any(is_of) && !self.items.keys().any(is_of)
    }

    /// The public type with this name in a file: a type of the file, or else of the crate.
    fn find(&self, file: &str, name: &str) -> Option<Id> {
        let own = (file.to_owned(), name.to_owned());
        if self.items.contains_key(&own) {
            return Some(own);
        }
        if self.private.contains(&own) {
            return None;
        }
        let mut others = self.items.keys().filter(|(_, other)| other == name);
        let first = others.next()?.clone();
        // Two types of one name: an implementation beside its type was found above, so this one is about a private type.
        others.next().is_none().then_some(first)
    }

    /// The items of this name below a folder or in a file, or else, as a module may export what it imports, anywhere.
    fn below(&self, place: &str, name: &str) -> Vec<Id> {
        let is_there = |file: &str| file == format!("{place}.rs") || file.starts_with(&format!("{place}/"));
        let named = || self.items.keys().filter(|(_, item)| item == name).cloned();
        let below: Vec<Id> = named().filter(|(file, _)| is_there(file)).collect();
        if below.is_empty() { named().collect() } else { below }
    }
}

impl Item {
    fn read_member(&mut self, line: &str) {
        let member = match self.kind.as_str() {
            "enum" => Some(line).filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase())),
            _ => line.strip_prefix("pub "),
        };
        self.members.extend(member.map(|member| word(member).to_owned()));
    }

    fn line(&self, name: &str) -> String {
        let may_grow = if self.non_exhaustive { ", non_exhaustive" } else { "" };
        let (open, close) = if self.kind == "fn" { ("()", "") } else { (" ", "") };
        let members =
            if self.members.is_empty() { String::new() } else { format!("{{ {} }} ", self.members.join(", ")) };
        let functions: Vec<&str> = self.functions.iter().map(String::as_str).collect();
        let traits: Vec<&str> = self.traits.iter().map(String::as_str).collect();
        let kind = if self.kind == "fn" { String::new() } else { format!("({}{may_grow}) ", self.kind) };
        let text = format!("{name}{open}{close}{kind}{members}{}", functions.join(" "));
        match traits.as_slice() {
            [] => text.trim_end().to_owned(),
            traits => format!("{}: {}", text.trim_end(), traits.join(", ")),
        }
    }
}

/// The lines of a file without comments and without its unit tests.
fn code(text: &str) -> impl Iterator<Item = &str> {
    let mut is_test = false;
    let mut before = "";
    text.lines().filter(move |line| {
        is_test |= before == "#[cfg(test)]" && line.starts_with("mod ") && line.ends_with('{');
        let is_code = !is_test && !line.trim_start().starts_with("//");
        is_test &= *line != "}";
        before = line;
        is_code
    })
}

/// The names of `pub use` lines of a file, each with the module that it comes from.
fn exports(file: &str) -> Vec<(String, String)> {
    let text = text_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file));
    let mut exports = Vec::new();
    let mut line = String::new();
    for part in code(&text) {
        if part.starts_with("pub use ") || !line.is_empty() {
            let _ = write!(line, "{} ", part.trim());
            if part.ends_with(';') {
                let path = line.trim().trim_start_matches("pub use ").trim_end_matches(';').to_owned();
                line.clear();
                assert!(!path.contains('*'), "src/{file}: a glob hides what it exports: {path}");
                let (from, names) = path.rsplit_once("::").unwrap_or(("", &path));
                let (from, names) = path.split_once("::{").unwrap_or((from, names));
                let names = names.trim_end_matches('}').split(',').map(str::trim).filter(|name| !name.is_empty());
                exports.extend(names.map(|name| (from.to_owned(), name.to_owned())));
            }
        }
    }
    exports
}

/// The list: the root, then each public module; `listed` gets the items.
fn list(source: &Source, listed: &mut BTreeSet<Id>) -> String {
    let mut list =
        String::from("# Public API, from the source, by the test `public_api`; UPDATE_GOLDEN=1 rewrites it.\n");
    for (title, file, folder) in [
        ("m2mock", "lib.rs", ""),
        ("m2mock::action", "api/authentication/action/mod.rs", "api/authentication/action/"),
        ("m2mock::conformance (feature conformance)", "conformance/mod.rs", "conformance/"),
    ] {
        let mut lines = BTreeSet::new();
        for (from, name) in exports(file) {
            let from = from.strip_prefix("crate::").map_or(format!("{folder}{from}"), str::to_owned);
            let place = from.replace("::", "/");
            match source.below(&place, &name).as_slice() {
                [] if name.starts_with(char::is_lowercase) => lines.insert(format!("{name} (module)")),
                [id] => {
                    listed.insert(id.clone());
                    lines.insert(source.items[id].line(&name))
                }
                other => panic!("src/{file} exports {from}::{name}, which is not one item: {other:?}"),
            };
        }
        // What a public module defines itself.
        for (id, item) in source.items.iter().filter(|((of, _), _)| of == file) {
            listed.insert(id.clone());
            lines.insert(item.line(&id.1));
        }
        let _ = write!(list, "\n{title}\n");
        lines.iter().for_each(|line| list.push_str(&wrapped(line)));
    }
    list
}

/// A line of the list, over several lines if it is long.
fn wrapped(line: &str) -> String {
    let (mut text, mut width) = (String::from("  "), 2);
    for word in line.split(' ') {
        if width + word.len() > WIDTH {
            text.push_str("\n      ");
            width = 6;
        }
        let _ = write!(text, "{word} ");
        width += word.len() + 1;
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// The traits of `#[derive(..)]`.
fn derived(attributes: &[&str]) -> BTreeSet<String> {
    let derives = attributes.iter().filter_map(|line| line.strip_prefix("#[derive(")?.strip_suffix(")]"));
    derives.flat_map(|traits| traits.split(", ")).map(str::to_owned).collect()
}

/// `<'t> Faults<'t>` without its first generics.
fn without_parameters(header: &str) -> String {
    let mut depth = 0_usize;
    let begin = header.char_indices().find(|(_, character)| {
        depth += usize::from(*character == '<');
        let is_outside = depth == 0 && !character.is_whitespace();
        depth -= usize::from(*character == '>');
        is_outside
    });
    begin.map_or("", |(begin, _)| &header[begin..]).to_owned()
}

/// The word that a text begins with, after paths.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').unwrap_or(text.len());
    let path = text[..end].trim_end_matches(':');
    path.rsplit("::").next().unwrap_or(path)
}

fn name_of(path: &Path) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    path.strip_prefix(root).expect("a file of src").to_string_lossy().replace('\\', "/")
}

fn text_of(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_public_api_is_the_reviewed_list() {
    let root = text_of(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs"));
    let warns = |lint: &str| root.lines().any(|line| line.starts_with("#![warn(") && line.contains(lint));
    assert!(warns("unreachable_pub") && warns("unnameable_types"), "the list relies on these lints");
    let source = Source::read();
    let mut listed = BTreeSet::new();
    let list = list(&source, &mut listed);
    // The hidden module leads to the remaining items, and its own file defines some.
    let hidden: BTreeSet<String> = exports("internal.rs").into_iter().map(|(_, name)| name).collect();
    let forgotten: Vec<&Id> = source
        .items
        .keys()
        .filter(|id| !listed.contains(*id) && !hidden.contains(&id.1) && id.0 != "internal.rs")
        .collect();
    assert!(forgotten.is_empty(), "neither the root nor a public module exports {forgotten:?}");
    assert!(list.lines().count() < MOST_LINES, "the public API has grown to {} lines", list.lines().count());

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(LIST);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &list).expect("the list can be written");
    }
    let reviewed = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(list, reviewed, "{LIST} is another one: review the change, then run with UPDATE_GOLDEN=1");
}
