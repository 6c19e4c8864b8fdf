//! The files that an entry refers to: the page of a client, the scripts of a database, the text of an e-mail connection.
//!
//! The deploy tool writes them beside `tenant.yaml`, or into the folder of the entry, and writes their path into the entry
//! (auth0-deploy-cli, `src/context/*/handlers/{clients,databases,connections}.ts`). A path outside of the folder of the seed is
//! refused. A missing file is a warning, because the tenant answers the same without it.

use std::path::{Component, Path, PathBuf};

use serde_json::{Map, Value};

use super::content;
use super::error::{Report, SeedProblem, quoted};
use super::keywords::{self, Mappings};
use super::location::Location;
use super::section::Section;
use super::unread::Unread;

/// The folder of a seed.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// The folder below it to which scripts of a database are relative.
    scripts: PathBuf,
    /// Whether the seed is the folder, not one file in it.
    is_seed: bool,
}

/// A longer text is no path.
const LONGEST_PATH: usize = 1024;

impl Folder {
    /// The folder of a seed that is one file.
    pub(crate) fn of_file(file: &Path) -> Option<Folder> {
        let folder = file.parent()?;
        let root = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        Some(Folder { root: root.to_owned(), scripts: PathBuf::new(), is_seed: false })
    }

    /// The folder of a seed that is a folder. A database has a folder of its own in it.
    pub(crate) fn of_folder(root: &Path, database: Option<PathBuf>) -> Folder {
        Folder { root: root.to_owned(), scripts: database.unwrap_or_default(), is_seed: true }
    }

    /// Replaces each path by the text of its file.
    pub(crate) fn fill(
        &self,
        section: &str,
        entry: &mut Map<String, Value>,
        place: &Location,
        mappings: &Mappings,
        report: &mut Report,
    ) {
        match section {
            "clients" => {
                if let Some(page) = entry.get_mut("custom_login_page") {
                    self.fill_one(Path::new("clients"), page, &place.at("custom_login_page"), mappings, report);
                }
            }
            "connections" if entry.get("strategy").and_then(Value::as_str) == Some("email") => {
                let body = entry.get_mut("options").and_then(|options| options.get_mut("email")?.get_mut("body"));
                if let Some(body) = body {
                    let place = place.at("options").at("email").at("body");
                    self.fill_one(Path::new("connections"), body, &place, mappings, report);
                }
            }
            "databases" => {
                let scripts = entry.get_mut("options").and_then(|options| options.get_mut("customScripts"));
                for (name, script) in scripts.and_then(Value::as_object_mut).into_iter().flatten() {
                    let place = place.at("options").at("customScripts").at(name);
                    self.fill_one(&self.scripts, script, &place, mappings, report);
                }
            }
            _ => {}
        }
    }

    /// Replaces each path by the content of its file, in an entry whose section has a row in the table.
    pub(crate) fn fill_row(
        &self,
        row: &Section,
        entry: &mut Map<String, Value>,
        place: &Location,
        mappings: &Mappings,
        report: &mut Report,
    ) {
        for text in row.texts {
            let below = Path::new(if self.is_seed { text.below } else { "" });
            let mut steps: Vec<&str> = text.at.split('.').collect();
            let first = steps.remove(0);
            let Some(value) = entry.get_mut(first) else { continue };
            let mut fill = |value: &mut Value, place: &Location| {
                self.fill_one(below, value, place, mappings, report);
                if text.is_json {
                    read_json(value, place, report);
                }
            };
            for_each_at(value, &steps, &place.at(first), &mut fill);
            if text.at == "body"
                && text.is_json
                && let Some(Value::Object(content)) = entry.get_mut("body").map(Value::take)
            {
                entry.remove("body");
                for (key, value) in content {
                    entry.insert(key, value);
                }
            }
        }
    }

    fn fill_one(&self, below: &Path, value: &mut Value, place: &Location, mappings: &Mappings, report: &mut Report) {
        let Value::String(path) = value else { return };
        if !is_path(path) {
            return;
        }
        match self.load(below, path, mappings) {
            Ok(text) => *path = text,
            Err(Failure::Missing) => {
                let fault = format_args!("the file {} is not there; its path is taken for its text", quoted(path));
                report.warn(SeedProblem::no_effect(place, fault));
            }
            Err(Failure::Other(fault)) => report.error(SeedProblem::of_file(place, fault)),
        }
    }

    fn load(&self, below: &Path, path: &str, mappings: &Mappings) -> Result<String, Failure> {
        let outside = || Failure::Other(format!("the file {} lies outside of the folder of the seed", quoted(path)));
        let path = path.replace('\\', "/");
        // The text of the path is checked first, so no file outside of the folder is opened.
        let within = within(&below.join(&path)).ok_or_else(outside)?;
        let Ok(file) = self.root.join(within).canonicalize() else { return Err(Failure::Missing) };
        let root = self.root.canonicalize().map_err(|error| Failure::Other(error.to_string()))?;
        if !file.starts_with(root) {
            return Err(outside());
        }
        if !file.is_file() {
            return Err(Failure::Missing);
        }
        let unreadable = |unread: Unread| Failure::Other(unread.told(&path, "file").1);
        let text = content::text(&file).map_err(unreadable)?;
        let replaced = keywords::replace_known(&text, mappings).map_err(unreadable)?;
        Ok(replaced)
    }
}

/// Calls a function with each value at the end of these steps; the step `*` is any member or item.
fn for_each_at(value: &mut Value, steps: &[&str], place: &Location, act: &mut impl FnMut(&mut Value, &Location)) {
    let Some((step, rest)) = steps.split_first() else { return act(value, place) };
    match value {
        Value::Object(members) => {
            for (key, value) in members.iter_mut().filter(|(key, _)| *step == "*" || *step == key.as_str()) {
                for_each_at(value, rest, &place.at(key), act);
            }
        }
        Value::Array(items) if *step == "*" => {
            for (index, item) in items.iter_mut().enumerate() {
                for_each_at(item, rest, &place.entry(index + 1, None), act);
            }
        }
        _ => {}
    }
}

/// Replaces a text by its JSON value, unless it is the path of a missing file.
fn read_json(value: &mut Value, place: &Location, report: &mut Report) {
    let Value::String(text) = value else { return };
    if !is_path(text)
        && let Some(content) = report.accept(super::json::read(text).map_err(|fault| {
            SeedProblem::of_file(place, format_args!("the JSON of the file cannot be read: {}", fault.reason))
        }))
    {
        *value = content;
    }
}

enum Failure {
    Missing,
    Other(String),
}

/// Whether a text may be the path of a file. An entry may contain the page or the script instead.
fn is_path(text: &str) -> bool {
    let endings = [".html", ".htm", ".js", ".json", ".liquid", ".txt"];
    text.len() <= LONGEST_PATH
        && !text.contains(['\n', '<', '{'])
        && endings.iter().any(|ending| text.ends_with(ending))
}

/// A path without `.` and `..`. `None` if it leads out of its folder.
fn within(path: &Path) -> Option<PathBuf> {
    let mut within = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => within.push(part),
            Component::ParentDir => {
                if !within.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(within)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_file("clients/a.html", Some("clients/a.html"))]
    #[case::from_here("clients/./a.html", Some("clients/a.html"))]
    #[case::up_and_down("clients/../pages/a.html", Some("pages/a.html"))]
    #[case::out("clients/../../a.html", None)]
    #[case::absolute("/etc/passwd", None)]
    fn a_path_within(#[case] path: &str, #[case] expected: Option<&str>) {
        assert_eq!(within(Path::new(path)), expected.map(PathBuf::from));
    }

    #[rstest]
    #[case::a_page("./Shop_custom_login_page.html", true)]
    #[case::a_page_itself("<html></html>", false)]
    #[case::a_script("function login(user, callback) { callback(null); } // a.js", false)]
    #[case::nothing("", false)]
    fn a_text_is_a_path(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(is_path(text), expected);
    }
}
