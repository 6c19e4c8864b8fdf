//! The ledger of a run: a file with a line of JSON for each step. A line that announces something is written before the request
//! is sent; what came of it, after the answer.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::atomic_file;

/// A ledger that is being written.
pub(crate) struct Ledger {
    path: PathBuf,
    file: Mutex<File>,
}

impl Ledger {
    /// Begins one in a folder.
    pub fn begin(folder: &Path, prefix: &str, target: &str) -> io::Result<Ledger> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{prefix}.ledger"));
        // It holds settings as they were, which may hold secrets.
        let file = atomic_file::for_its_owner().append(true).open(&path)?;
        let ledger = Ledger { path, file: Mutex::new(file) };
        ledger.write(&Line::Run { prefix: prefix.to_owned(), target: target.to_owned() })?;
        Ok(ledger)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A line is there when this returns, also for a process that is killed. A machine that loses its power may lose it: the
    /// disk is not waited for.
    pub fn write(&self, line: &Line) -> io::Result<()> {
        let text = serde_json::to_string(line)? + "\n";
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let before = file.metadata()?.len();
        file.write_all(text.as_bytes()).inspect_err(|_| {
            // The disk is full: no half line stays, to which the next one would be joined.
            let _ = file.set_len(before);
        })
    }
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Line {
    /// The run that the ledger is about: its prefix and the tenant's address.
    Run { prefix: String, target: String },
    /// Something of this collection is about to be made, known by this text.
    Announced { collection: String, name: String },
    /// It was refused, so there is none.
    Refused { collection: String, name: String },
    /// It was made: the path that deletes it.
    Made { collection: String, name: String, path: String },
    /// It is gone.
    Gone { path: String },
    /// Members of a settings object are about to change; they were this.
    Changed { path: String, before: Value },
    /// They are as they were.
    Restored { path: String },
}

/// The ledgers in a folder, oldest first.
///
/// # Errors
/// The folder cannot be read.
pub fn ledgers(folder: &Path) -> io::Result<Vec<PathBuf>> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ledger"));
    paths.sort();
    Ok(paths)
}

/// The lines of a ledger. The last one of a process that was killed may be half a line: what it announces was not sent.
///
/// # Errors
/// It cannot be read, or not every line of it: what a line tells of would be left behind.
pub(crate) fn read(ledger: &Path) -> Result<Vec<Line>, String> {
    parse(&fs::read(ledger).map_err(|error| error.to_string())?)
}

fn parse(bytes: &[u8]) -> Result<Vec<Line>, String> {
    let mut lines = Vec::new();
    for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        match serde_json::from_slice(line) {
            Ok(line) => lines.push(line),
            Err(_) if !line.ends_with(b"\n") || line.trim_ascii().is_empty() => {}
            Err(error) => return Err(format!("line {} is none of a ledger: {error}", index + 1)),
        }
    }
    match lines.first() {
        None | Some(Line::Run { .. }) => Ok(lines),
        Some(_) => Err("the line that says which run and which tenant it is about is not there".to_owned()),
    }
}

/// What is still to be undone, the last first.
pub(crate) fn open_lines(lines: &[Line]) -> Vec<&Line> {
    let mut open: Vec<&Line> = Vec::new();
    for line in lines {
        let closes = |other: &&Line| match (line, other) {
            (
                Line::Made { collection, name, .. } | Line::Refused { collection, name },
                Line::Announced { collection: announced, name: as_name },
            ) => collection == announced && name == as_name,
            (Line::Gone { path }, Line::Made { path: made, .. }) => path == made,
            (Line::Restored { path }, Line::Changed { path: changed, .. }) => path == changed,
            _ => false,
        };
        if let Some(place) = open.iter().rposition(closes) {
            open.remove(place);
        }
        if matches!(line, Line::Announced { .. } | Line::Made { .. } | Line::Changed { .. }) {
            open.push(line);
        }
    }
    open.reverse();
    open
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Line, open_lines, parse};

    fn announced(name: &str) -> Line {
        Line::Announced { collection: "/clients".to_owned(), name: name.to_owned() }
    }

    fn made(name: &str) -> Line {
        let (collection, path) = ("/clients".to_owned(), format!("/clients/{name}"));
        Line::Made { collection, name: name.to_owned(), path }
    }

    #[test]
    fn what_has_no_end_is_undone_the_last_first() {
        let changed = Line::Changed { path: "/tenants/settings".to_owned(), before: json!({ "a": null }) };
        let lines = [
            announced("a"),
            made("a"),
            changed.clone(),
            announced("b"),
            made("b"),
            Line::Gone { path: "/clients/a".to_owned() },
            announced("c"),
            Line::Refused { collection: "/clients".to_owned(), name: "c".to_owned() },
            announced("d"),
        ];
        assert_eq!(open_lines(&lines), [&announced("d"), &made("b"), &changed]);
    }

    #[test]
    fn only_the_last_line_may_be_half_a_line() {
        let run = r#"{"run":{"prefix":"m2mock-0","target":"https://a.example"}}"#;
        let gone = r#"{"gone":{"path":"/clients/a"}}"#;
        let read = |text: &str| parse(text.as_bytes()).map(|lines| lines.len());
        assert_eq!(read(&format!("{run}\n{gone}\n")), Ok(2));
        assert_eq!(read(&format!("{run}\r\n\n{gone}")), Ok(2), "as an editor may leave it");
        assert_eq!(read(&format!("{run}\n{}", &gone[..9])), Ok(1));
        assert_eq!((read(""), read(&run[..9])), (Ok(0), Ok(0)), "killed before anything was made");
        let damaged = read(&format!("{run}\n{}\n{gone}\n", &gone[..9])).unwrap_err();
        assert!(damaged.starts_with("line 2 is none of a ledger: "), "{damaged}");
        assert!(read(&format!("{gone}\n")).unwrap_err().contains("is not there"));
    }

    #[test]
    fn a_change_that_was_restored_is_over() {
        let path = "/tenants/settings".to_owned();
        let lines = [Line::Changed { path: path.clone(), before: json!({}) }, Line::Restored { path }];
        assert!(open_lines(&lines).is_empty());
    }
}
