//! The write-ahead journal of a run on a shared tenant: a file with a line of JSON for each entry. The entry of a change is
//! written before the request is sent; the entry of its outcome, after the answer.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::atomic_file;

/// The journal of a run that goes on.
pub(super) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

impl Journal {
    /// Begins a journal in a folder.
    pub(super) fn begin(folder: &Path, prefix: &str, target: &str) -> io::Result<Journal> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{prefix}.journal"));
        // The settings before a change may hold secrets.
        let file = atomic_file::for_its_owner().append(true).open(&path)?;
        let journal = Journal { path, file: Mutex::new(file) };
        journal.write(&JournalLine::Run { prefix: prefix.to_owned(), target: target.to_owned() })?;
        Ok(journal)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes an entry, which outlives the process when this returns. It may not outlive a power cut: nothing waits for the
    /// disk.
    pub(super) fn write(&self, entry: &JournalLine) -> io::Result<()> {
        let text = serde_json::to_string(entry)? + "\n";
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata()?.len();
        file.write_all(text.as_bytes()).inspect_err(|_| {
            // The disk is full: no half line stays, to which the next one would be joined.
            let _ = file.set_len(before);
        })
    }
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum JournalLine {
    /// The first entry: the prefix of the run and the address of the tenant.
    Run { prefix: String, target: String },
    /// The run is about to create an entity of this name.
    Announced { collection: String, name: String },
    /// The tenant refused to create the entity.
    Refused { collection: String, name: String },
    /// The tenant created the entity, and this path deletes it.
    Created { collection: String, name: String, path: String },
    /// The entity is deleted.
    Deleted { path: String },
    /// The run is about to change settings that have these values.
    Changed { path: String, before: Value },
    /// The settings have their former values again.
    Restored { path: String },
}

/// The journals in a folder, the oldest first.
///
/// # Errors
/// The folder cannot be read.
pub fn journals(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "journal"));
    paths.sort();
    Ok(paths)
}

/// The entries of a journal. A killed process may leave half a line at the end: its request was not sent.
///
/// # Errors
/// The file or one of its lines cannot be read, so that a change would stay on the tenant.
pub(super) fn read(journal: &Path) -> Result<Vec<JournalLine>, String> {
    parse(&fs::read(journal).map_err(|error| error.to_string())?)
}

fn parse(bytes: &[u8]) -> Result<Vec<JournalLine>, String> {
    let mut entries = Vec::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match serde_json::from_slice(line) {
            Ok(entry) => entries.push(entry),
            Err(_) if !line.ends_with(b"\n") || line.trim_ascii().is_empty() => {}
            Err(error) => return Err(format!("line {} is none of a journal: {error}", index + 1)),
        }
    }
    match entries.first() {
        None | Some(JournalLine::Run { .. }) => Ok(entries),
        Some(_) => Err("the line that says which run and which tenant it is about is not there".to_owned()),
    }
}

/// The entries of the changes that are still to be undone, the last one first.
pub(super) fn open_entries(entries: &[JournalLine]) -> Vec<&JournalLine> {
    let mut open: Vec<&JournalLine> = Vec::new();
    for entry in entries {
        let closes = |other: &&JournalLine| match (entry, other) {
            (
                JournalLine::Created { collection, name, .. } | JournalLine::Refused { collection, name },
                JournalLine::Announced { collection: announced, name: as_name },
            ) => collection == announced && name == as_name,
            (JournalLine::Deleted { path }, JournalLine::Created { path: created, .. }) => path == created,
            (JournalLine::Restored { path }, JournalLine::Changed { path: changed, .. }) => path == changed,
            _ => false,
        };
        if let Some(place) = open.iter().rposition(closes) {
            open.remove(place);
        }
        if matches!(entry, JournalLine::Announced { .. } | JournalLine::Created { .. } | JournalLine::Changed { .. }) {
            open.push(entry);
        }
    }
    open.reverse();
    open
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{JournalLine, open_entries, parse};

    fn announced(name: &str) -> JournalLine {
        JournalLine::Announced { collection: "/clients".to_owned(), name: name.to_owned() }
    }

    fn created(name: &str) -> JournalLine {
        let (collection, path) = ("/clients".to_owned(), format!("/clients/{name}"));
        JournalLine::Created { collection, name: name.to_owned(), path }
    }

    #[test]
    fn open_changes_are_undone_the_last_first() {
        let changed = JournalLine::Changed { path: "/tenants/settings".to_owned(), before: json!({ "a": null }) };
        let entries = [
            announced("a"),
            created("a"),
            changed.clone(),
            announced("b"),
            created("b"),
            JournalLine::Deleted { path: "/clients/a".to_owned() },
            announced("c"),
            JournalLine::Refused { collection: "/clients".to_owned(), name: "c".to_owned() },
            announced("d"),
        ];
        assert_eq!(open_entries(&entries), [&announced("d"), &created("b"), &changed]);
    }

    #[test]
    fn only_the_last_line_may_be_half_a_line() {
        let run = r#"{"run":{"prefix":"m2mock-0","target":"https://a.example"}}"#;
        let deleted = r#"{"deleted":{"path":"/clients/a"}}"#;
        let read = |text: &str| parse(text.as_bytes()).map(|lines| lines.len());
        assert_eq!(read(&format!("{run}\n{deleted}\n")), Ok(2));
        assert_eq!(read(&format!("{run}\r\n\n{deleted}")), Ok(2), "as an editor may leave it");
        assert_eq!(read(&format!("{run}\n{}", &deleted[..9])), Ok(1));
        assert_eq!((read(""), read(&run[..9])), (Ok(0), Ok(0)), "killed before the first change");
        let damaged = read(&format!("{run}\n{}\n{deleted}\n", &deleted[..9])).unwrap_err();
        assert!(damaged.starts_with("line 2 is none of a journal: "), "{damaged}");
        assert!(read(&format!("{deleted}\n")).unwrap_err().contains("is not there"));
    }

    #[test]
    fn a_change_that_was_restored_is_over() {
        let path = "/tenants/settings".to_owned();
        let entries = [JournalLine::Changed { path: path.clone(), before: json!({}) }, JournalLine::Restored { path }];
        assert!(open_entries(&entries).is_empty());
    }
}
