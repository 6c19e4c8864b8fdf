//! Writes sections in the layouts of the deploy tool: one file, or a folder with one JSON file for each entry. The readers of
//! both are [`reader`](super::reader) and [`folder`](super::folder).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::export::Sections;
use super::kinds::Kind;
use super::section::{Holds, Text};
use super::{sections, table};

/// The files of a folder by their paths in it, with `/` between folders.
pub(crate) type Files = BTreeMap<String, String>;

/// The most characters of a file name, without its ending.
const LONGEST_NAME: usize = 100;

/// The files of a folder with these sections. Code, scripts, templates and pages have files of their own, as in an export of
/// the tool.
pub(crate) fn files_of(mut sections: Sections) -> Files {
    let mut folder = Folder::default();
    let is_section = |holds: &Holds| matches!(holds, Holds::Section);
    // The file of a section has the members without a file of their own.
    let (whole, parts): (Vec<_>, Vec<_>) = sections::files().partition(|(.., holds)| is_section(holds));
    for (path, section, holds) in parts.into_iter().chain(whole) {
        if let Some(value) = sections.get_mut(section) {
            folder.section(path, section, holds, value);
        }
    }
    folder.files
}

#[derive(Default)]
struct Folder {
    files: Files,
    /// The paths in lower case, because some file systems do not distinguish `A` and `a`.
    taken: BTreeSet<String>,
}

impl Folder {
    fn section(&mut self, path: &str, section: &'static str, holds: Holds, value: &mut Value) {
        match (holds, value) {
            (Holds::Entries | Holds::Folders(_), Value::Array(entries)) => {
                let file = if let Holds::Folders(file) = holds { Some(file) } else { None };
                entries.iter_mut().for_each(|entry| self.entry(path, section, file, entry));
            }
            (Holds::Entries, value) => self.add_json(&format!("{path}/{path}.json"), value),
            (Holds::Member(member), Value::Object(members)) => {
                if let Some(value) = members.remove(member) {
                    self.add_json(path, &value);
                }
            }
            (Holds::Items(member), Value::Object(members)) => {
                let Some(Value::Array(items)) = members.remove(member) else { return };
                for (index, mut item) in items.into_iter().enumerate() {
                    let name = (index + 1).to_string();
                    self.texts_of_row(section, path, &name, Some(member), &mut item);
                    self.add_json(&format!("{path}/{name}.json"), &item);
                }
            }
            (Holds::Section, value) if !sections::is_empty(value) => self.add_json(path, value),
            _ => {}
        }
    }

    /// An entry with a file of its own, in a folder of its own if the file has the name `file`.
    fn entry(&mut self, path: &str, section: &'static str, file: Option<&str>, entry: &mut Value) {
        let name = self.free_name(path, &name_of(section, entry));
        self.texts_of_row(section, path, &name, None, entry);
        let is_email = entry["strategy"] == "email";
        let mut text = |at: &[&str], folder: &str, file: String| {
            if let Some(value) = at.iter().try_fold(&mut *entry, |value, step| value.get_mut(*step)) {
                self.text(value, folder, "", &file);
            }
        };
        match section {
            "clients" => text(&["custom_login_page"], "clients", format!("{name}_custom_login_page.html")),
            "connections" if is_email => text(&["options", "email", "body"], "connections", format!("{name}.html")),
            "databases" => {
                let folder = format!("{path}/{name}");
                let scripts = entry.pointer_mut("/options/customScripts").and_then(Value::as_object_mut);
                for (script, code) in scripts.into_iter().flatten() {
                    self.text(code, &folder, "", &format!("{}.js", file_name(script)));
                }
            }
            _ => {}
        }
        match file {
            Some(file) => self.add_json(&format!("{path}/{name}/{file}"), entry),
            None => self.add_json(&format!("{path}/{name}.json"), entry),
        }
    }

    /// Writes the texts of an entry, or of an item of the member of a section, whose section has a row in the table.
    fn texts_of_row(&mut self, section: &str, path: &str, name: &str, member: Option<&str>, entry: &mut Value) {
        let row = table::all().find(|row| row.name == section);
        for Text { at, below, .. } in row.into_iter().flat_map(|row| row.texts).filter(|text| !text.is_json) {
            let at = match member {
                Some(member) => at.strip_prefix(member).and_then(|at| at.strip_prefix(".*.")),
                None => Some(*at),
            };
            // Steps with further lists belong to the other form that the tool reads.
            let Some(at) = at.filter(|at| !at.contains('*')) else { continue };
            let Some(value) = at.split('.').try_fold(&mut *entry, |value, step| value.get_mut(step)) else { continue };
            let ending = match at {
                "code" | "script" => "js",
                _ => "html",
            };
            if below.is_empty() {
                self.text(value, &format!("{path}/{name}"), &format!("{path}/{name}/"), &format!("{at}.{ending}"));
            } else {
                self.text(value, below, "", &format!("{name}.{ending}"));
            }
        }
    }

    /// Moves a text to a file of a folder, and replaces it by the path. `before` is the path of the folder to which it is relative.
    fn text(&mut self, value: &mut Value, folder: &str, before: &str, file: &str) {
        if let Value::String(text) = value
            && !text.is_empty()
        {
            let text = std::mem::replace(text, format!("./{before}{file}"));
            self.add(&format!("{folder}/{file}"), text);
        }
    }

    fn add_json(&mut self, path: &str, value: &Value) {
        // A value that was JSON can be written as JSON.
        let text = serde_json::to_string_pretty(value).unwrap_or_default();
        self.add(path, text + "\n");
    }

    fn add(&mut self, path: &str, text: String) {
        self.taken.insert(path.to_lowercase());
        self.files.insert(path.to_owned(), text);
    }

    /// The name, or the name with the first free number.
    fn free_name(&self, path: &str, name: &str) -> String {
        let is_free = |name: &String| {
            let path = format!("{path}/{name}").to_lowercase();
            let below = format!("{path}/");
            let has_below = self.taken.range(below.clone()..).next().is_some_and(|taken| taken.starts_with(&below));
            !has_below && !self.taken.contains(&format!("{path}.json"))
        };
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        std::iter::once(name.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
    }
}

/// The name of the file of an entry: its title without characters that some file systems do not allow.
fn name_of(section: &str, entry: &Value) -> String {
    let row = table::all().find(|row| row.name == section).map(|row| &row.traits);
    let traits = row.or_else(|| Some(Kind::of_section(section)?.traits()));
    let title = traits.zip(entry.as_object()).and_then(|(traits, entry)| (traits.title)(entry));
    file_name(&title.unwrap_or_default())
}

fn file_name(title: &str) -> String {
    let is_usual = |letter: char| letter.is_alphanumeric() || [' ', '-', '_', '.'].contains(&letter);
    let letters = title.trim_matches('"').chars().filter(|letter| *letter != '"');
    let name: String = letters.map(|letter| if is_usual(letter) { letter } else { '-' }).take(LONGEST_NAME).collect();
    let name = name.trim_matches(['.', ' ', '-']);
    if name.is_empty() { "entry".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::a_name("Partner bot", "Partner bot")]
    #[case::quotes_of_a_title(r#""Partner bot""#, "Partner bot")]
    #[case::a_path("../../etc/passwd", "etc-passwd")]
    #[case::a_url("https://travel0.example/api", "https---travel0.example-api")]
    #[case::letters_of_other_languages("Größe", "Größe")]
    #[case::nothing("", "entry")]
    #[case::nothing_usual("/?*", "entry")]
    fn the_name_of_a_file(#[case] title: &str, #[case] expected: &str) {
        assert_eq!(file_name(title), expected);
    }

    #[test]
    fn entries_that_share_a_name_have_files_of_their_own() {
        let clients =
            json!([{ "name": "Bot" }, { "name": "bot" }, { "name": "Bot/", "custom_login_page": "<html></html>" }]);
        let databases =
            json!([{ "name": "users", "options": { "customScripts": { "login": "function login() {}" } } }]);
        let files = files_of([("clients", clients), ("databases", databases)].into());
        let paths: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(
            paths,
            [
                "clients/Bot-3.json",
                "clients/Bot-3_custom_login_page.html",
                "clients/Bot.json",
                "clients/bot-2.json",
                "database-connections/users/database.json",
                "database-connections/users/login.js",
            ]
        );
        assert!(files["clients/Bot-3.json"].contains("./Bot-3_custom_login_page.html"));
        assert!(files["database-connections/users/database.json"].contains("./login.js"));
    }
}
