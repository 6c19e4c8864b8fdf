//! The other layout of the deploy tool: a folder with one JSON file for each entry.
//!
//! ```text
//! tenant.json
//! resource-servers/Orders.json
//! clients/Nightly job.json
//! database-connections/users/database.json
//! connections/google-oauth2.json
//! roles/clerk.json
//! organizations/granite-tours.json
//! grants/Nightly job-Orders.json
//! ```
//!
//! Files are read in the order of their names. Other files and folders are ignored, as by the tool.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::content::{self, Content};
use super::error::{Report, SeedProblem, quoted};
use super::files::Folder;
use super::location::Location;
use super::nearest::nearest;
use super::section::Holds;
use super::sections;
use super::source::{Options, Raw, Source};
use super::unread::{MOST_BYTES, Unread};

/// The most files of a folder.
const MOST_FILES: usize = 100_000;

/// Reads a folder into a source.
pub(crate) fn read(root: &Path, source: &mut Source, options: &Options, report: &mut Report) {
    let place = Location::file(&root.display().to_string());
    let mut reader = Reader { root, source, options, report, bytes: 0, files: 0 };
    if let Err(problem) = reader.folder(&place) {
        reader.report.error(problem);
    }
}

/// The role of a file in its section.
enum As {
    /// An entry of a list.
    Entry,
    /// The section itself, which may be a list.
    Section,
    /// This member of the section.
    Member(&'static str),
    /// An item of this member, which is a list.
    Item(&'static str),
    /// A database, whose folder has its scripts.
    Database(Option<PathBuf>),
}

impl As {
    /// The entries of a file.
    fn entries(&self, mut raw: Raw, section: &str, report: &mut Report) -> Vec<Raw> {
        match self {
            As::Section if sections::is_list(section) => return raw.entries(report),
            As::Member(member) => raw.put_below(&[member], |value| json!({ *member: value })),
            As::Item(member) => raw.put_below(&[member, "entry 1"], |value| json!({ *member: [value] })),
            As::Entry | As::Section | As::Database(_) => {}
        }
        vec![raw]
    }
}

struct Reader<'a> {
    root: &'a Path,
    source: &'a mut Source,
    options: &'a Options,
    report: &'a mut Report,
    /// The number of bytes that were read, with the values of keywords. It has the bound of a seed that is one file.
    bytes: usize,
    files: usize,
}

impl Reader<'_> {
    fn folder(&mut self, place: &Location) -> Result<(), SeedProblem> {
        let names = names(self.root)?;
        let top = |path: &'static str| path.split_once('/').map_or(path, |(folder, _)| folder);
        let is_known = |name: &str| sections::files().any(|(path, ..)| top(path) == name);
        if !names.iter().any(|name| is_known(name)) {
            let hint = match names.iter().find(|name| ["tenant.yaml", "tenant.yml"].contains(&name.as_str())) {
                Some(file) => format!("; name its file {file}"),
                None => ": no tenant.json, and no folder such as clients".to_owned(),
            };
            return Err(SeedProblem::of_file(
                place,
                format_args!("the folder has nothing of the layout of the deploy tool{hint}"),
            ));
        }
        // In the order of the sections, as in the other layout.
        for (path, section, holds) in sections::files() {
            let path = self.root.join(path);
            if !path.exists() && !path.is_symlink() {
                continue;
            }
            match holds {
                Holds::Section => self.file(&path, section, &As::Section)?,
                Holds::Member(member) => self.file(&path, section, &As::Member(member))?,
                Holds::Entries => self.entries(&path, section, &As::Entry)?,
                Holds::Items(member) => self.entries(&path, section, &As::Item(member))?,
                Holds::Folders(file) => self.folders(&path, section, file)?,
                Holds::Unmodelled => self.unmodelled(&path, section)?,
            }
        }
        for name in names.iter().filter(|name| !is_known(name) && self.root.join(name).is_dir()) {
            if let Some(nearest) = nearest(name, sections::files().map(|(path, ..)| top(path))) {
                let fault = format_args!("the folder {} is left out; did you mean {}?", quoted(name), quoted(nearest));
                self.report.warn(SeedProblem::no_effect(place, fault));
            }
        }
        Ok(())
    }

    /// A folder with a file for each entry.
    fn entries(&mut self, folder: &Path, section: &'static str, what: &As) -> Result<(), SeedProblem> {
        let is_of_another = |path: &Path| sections::files().any(|(known, ..)| self.root.join(known) == path);
        let paths: Vec<PathBuf> = names(folder)?.into_iter().map(|name| folder.join(name)).collect();
        let paths: Vec<PathBuf> = paths.into_iter().filter(|path| !is_of_another(path)).collect();
        for path in paths {
            // A broken link is a mistake; folders and pipes are ignored.
            if has_ending(&path, "json") && (path.is_file() || path.is_symlink() && !path.exists()) {
                self.file(&path, section, what)?;
            }
        }
        Ok(())
    }

    /// A folder with a folder for each entry.
    fn folders(&mut self, folder: &Path, section: &'static str, file: &str) -> Result<(), SeedProblem> {
        for name in names(folder)?.into_iter().filter(|name| folder.join(name).is_dir()) {
            let path = folder.join(&name).join(file);
            if path.is_file() {
                let below = path.parent().and_then(|parent| parent.strip_prefix(self.root).ok());
                self.file(&path, section, &As::Database(below.map(Path::to_owned)))?;
            } else {
                let place = Location::file(&folder.join(&name).display().to_string());
                self.report
                    .warn(SeedProblem::no_effect(&place, format_args!("the folder is left out: it has no {file}")));
            }
        }
        Ok(())
    }

    /// Whether a folder or file of a section that is not modelled has content.
    fn unmodelled(&mut self, path: &Path, section: &'static str) -> Result<(), SeedProblem> {
        let is_empty = if path.is_dir() { is_empty(path, 0)? } else { has_nothing(path) };
        let place = Location::file(&path.display().to_string());
        self.source.other_section(&place, section, is_empty, self.options, self.report);
        Ok(())
    }

    /// Reads an entry in a file of its own. An unreadable file is one problem, and the reader continues.
    fn file(&mut self, path: &Path, section: &'static str, what: &As) -> Result<(), SeedProblem> {
        let name = path.display().to_string();
        let place = Location::file(&name);
        self.files += 1;
        if self.files > MOST_FILES {
            return Err(SeedProblem::of_file(&place, format_args!("a seed has at most {MOST_FILES} files")));
        }
        if !is_within(path, self.root) {
            self.report
                .error(SeedProblem::of_file(&place, "the file lies outside of the folder of the seed, or nowhere"));
            return Ok(());
        }
        let read = content::text(path).and_then(|text| {
            let room = MOST_BYTES - self.bytes;
            if text.len() > room {
                return Err(Unread::TooLarge);
            }
            content::parse_with(&text, &name, &self.options.mappings, room)
        });
        match read {
            Ok(Content { value, keywords, bytes }) => {
                self.bytes += bytes;
                // The tool leaves out a file with an empty object.
                if value != Value::Object(serde_json::Map::new()) {
                    let mut entry = Raw::new(place.at(section), None, value, &keywords);
                    let database = match what {
                        As::Database(below) => below.clone(),
                        _ => None,
                    };
                    entry.folder = Some(Folder::of_folder(self.root, database));
                    for entry in what.entries(entry, section, self.report) {
                        self.source.add(section, entry);
                    }
                }
                Ok(())
            }
            Err(unread @ (Unread::TooLarge | Unread::TooLargeReplaced)) => Err(SeedProblem::unread(&name, &unread)),
            Err(unread) => {
                self.report.error(SeedProblem::unread(&name, &unread));
                Ok(())
            }
        }
    }
}

/// The names in a folder, in their order.
fn names(folder: &Path) -> Result<Vec<String>, SeedProblem> {
    let place = Location::file(&folder.display().to_string());
    let unreadable =
        |error: std::io::Error| SeedProblem::of_file(&place, format_args!("the folder cannot be read: {error}"));
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        // The layout has no name that is no text.
        names.extend(entry.map_err(unreadable)?.file_name().into_string());
        if names.len() > MOST_FILES {
            return Err(SeedProblem::of_file(&place, format_args!("the folder has more than {MOST_FILES} files")));
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Whether a folder has no file, at any depth that the layout has.
fn is_empty(folder: &Path, depth: usize) -> Result<bool, SeedProblem> {
    const DEEPEST: usize = 4;
    for name in names(folder)? {
        let path = folder.join(name);
        let holds_nothing = if path.is_dir() {
            depth < DEEPEST && is_empty(&path, depth + 1)?
        } else {
            has_ending(&path, "json") && has_nothing(&path)
        };
        if !holds_nothing {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a JSON file is empty. An unreadable file counts as not empty.
fn has_nothing(file: &Path) -> bool {
    let content = content::text(file).and_then(|text| content::parse(&text, "section.json"));
    content.is_ok_and(|content| sections::is_empty(&content))
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

fn is_within(path: &Path, root: &Path) -> bool {
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) => path.starts_with(root) && path.is_file(),
        _ => false,
    }
}
