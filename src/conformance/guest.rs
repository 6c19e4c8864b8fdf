//! Good manners on a tenant that is somebody's: what a run makes is written down before it is made, and removed afterwards,
//! also by a later process if this one is killed. Nothing else is touched.
//!
//! The ledger is a file with a line of JSON for each step. A line that announces something is written before the request
//! is sent; what came of it, after the answer.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::steps::answer::items;
use super::target::Target;

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Line {
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

/// The collections in which a run may make things, and the members that hold its name.
const COLLECTIONS: [(&str, &[&str]); 7] = [
    ("/clients", &["name"]),
    ("/client-grants", &[]),
    ("/connections", &["name"]),
    ("/organizations", &["name"]),
    ("/resource-servers", &["identifier", "name"]),
    ("/roles", &["name"]),
    ("/users", &["email", "username", "phone_number", "user_id"]),
];

/// A run on somebody's tenant.
pub struct Guest {
    prefix: String,
    path: PathBuf,
    file: Mutex<File>,
    /// Paths of what the run made, and of what belongs to it.
    own: Mutex<HashSet<String>>,
}

impl Guest {
    /// Begins a ledger in a folder for a run on the tenant at this address.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(folder: &Path, prefix: &str, target: &str) -> io::Result<Guest> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{prefix}.ledger"));
        let file = OpenOptions::new().append(true).create_new(true).open(&path)?;
        let guest = Guest { prefix: prefix.to_owned(), path, file: Mutex::new(file), own: Mutex::new(HashSet::new()) };
        guest.write(&Line::Run { prefix: prefix.to_owned(), target: target.to_owned() })?;
        Ok(guest)
    }

    pub(crate) fn run(&self) -> &str {
        &self.prefix
    }

    fn write(&self, line: &Line) -> io::Result<()> {
        let text = serde_json::to_string(line)? + "\n";
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text.as_bytes())
    }

    /// Writes down what a request is about to make.
    ///
    /// # Errors
    /// Nothing is made in this collection, it does not carry the run's prefix, or the ledger cannot be written.
    pub(crate) fn announce(&self, collection: &str, body: Option<&Value>) -> Result<String, String> {
        let (_, members) = COLLECTIONS.iter().find(|(known, _)| *known == collection).ok_or_else(|| {
            format!("a run on a real tenant makes nothing in {collection}; tag the scenario @mock-only")
        })?;
        let text = |member: &str| body.and_then(|body| body.get(member)).and_then(Value::as_str);
        let named: Vec<&str> = members.iter().filter_map(|member| text(member)).collect();
        let name = match named.iter().find(|name| name.contains(&self.prefix)) {
            Some(name) => (*name).to_owned(),
            // A grant has no name and goes with its client. Nothing else is made without one.
            None if named.is_empty() => String::new(),
            None => {
                return Err(format!(
                    "on a real tenant the name of what is made in {collection} begins with {}: write it as {{unique.NAME}}",
                    self.prefix
                ));
            }
        };
        let line = Line::Announced { collection: collection.to_owned(), name: name.clone() };
        self.write(&line).map_err(|error| format!("the ledger cannot be written: {error}"))?;
        Ok(name)
    }

    /// Writes down what came of it: the path that deletes it, or that there is nothing.
    pub(crate) fn came_of(&self, collection: &str, name: String, made: Option<&str>) -> io::Result<()> {
        let collection = collection.to_owned();
        match made {
            Some(path) => {
                self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
                self.write(&Line::Made { collection, name, path: path.to_owned() })
            }
            None => self.write(&Line::Refused { collection, name }),
        }
    }

    pub(crate) fn gone(&self, path: &str) -> io::Result<()> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).remove(path);
        self.write(&Line::Gone { path: path.to_owned() })
    }

    pub(crate) fn will_change(&self, path: &str, before: &Value) -> io::Result<()> {
        self.write(&Line::Changed { path: path.to_owned(), before: before.clone() })
    }

    pub(crate) fn restored(&self, path: &str) -> io::Result<()> {
        self.write(&Line::Restored { path: path.to_owned() })
    }

    /// Whether a path is that of something that the run made, or below it: by its id, or by a name with the run's prefix.
    pub(crate) fn owns(&self, path: &str) -> bool {
        let path = percent_decode_str(path.split('?').next().unwrap_or(path)).decode_utf8_lossy();
        if path.contains(&self.prefix) {
            return true;
        }
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        own.iter().any(|own| {
            let own = percent_decode_str(own).decode_utf8_lossy();
            path.strip_prefix(own.as_ref()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// Removes what is left of the run, and then the ledger.
    ///
    /// # Errors
    /// Something could not be removed; the ledger stays.
    pub async fn leave(&self, target: &Target) -> Result<usize, String> {
        clean(&self.path, target).await
    }
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

/// Removes from a tenant what a ledger says is there, the last thing first, and then the ledger. Gives how many things were
/// removed or restored.
///
/// # Errors
/// The ledger is about another tenant, or something could not be removed; then it stays.
pub async fn clean(ledger: &Path, target: &Target) -> Result<usize, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", ledger.display());
    let text = fs::read_to_string(ledger).map_err(|error| told(&error))?;
    // The last line of a process that was killed may be half a line: what it announces was not sent.
    let lines: Vec<Line> = text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let Some(Line::Run { prefix, target: address }) = lines.first() else {
        return fs::remove_file(ledger).map(|()| 0).map_err(|error| told(&error));
    };
    if *address != target.address() {
        return Err(told(&format!("it is about {address}")));
    }
    let mut done = 0;
    for line in open_lines(&lines) {
        done += match line {
            Line::Made { path, .. } => delete(target, path).await?,
            Line::Changed { path, before } => restore(target, path, before).await?,
            Line::Announced { collection, name } if !name.is_empty() => {
                let mut deleted = 0;
                for path in find(target, collection, name, prefix).await? {
                    deleted += delete(target, &path).await?;
                }
                deleted
            }
            _ => 0,
        };
    }
    fs::remove_file(ledger).map_err(|error| told(&error))?;
    Ok(done)
}

/// What is still to be undone, the last first.
fn open_lines(lines: &[Line]) -> Vec<&Line> {
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

/// One is removed, or none was there.
async fn delete(target: &Target, path: &str) -> Result<usize, String> {
    let token = target.management_token().await?;
    let answer = target.send(target.request(Method::DELETE, &format!("/api/v2{path}")).bearer(token)).await?;
    match answer.status {
        200 | 202 | 204 => Ok(1),
        404 => Ok(0),
        _ => Err(format!("{path} cannot be deleted: {answer}")),
    }
}

async fn restore(target: &Target, path: &str, before: &Value) -> Result<usize, String> {
    let token = target.management_token().await?;
    let request = target.request(Method::PATCH, &format!("/api/v2{path}")).bearer(token).json(before);
    let answer = target.send(request).await?;
    if answer.status == 200 { Ok(1) } else { Err(format!("{path} cannot be restored: {answer}")) }
}

/// So many pages of a list are looked through for something whose creation got no answer.
const PAGES: usize = 200;

/// The paths of what has this very name, or a name of this run, where that can be told.
async fn find(target: &Target, collection: &str, name: &str, prefix: &str) -> Result<Vec<String>, String> {
    if !name.contains(prefix) {
        return Ok(Vec::new());
    }
    let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
    let members = COLLECTIONS.iter().find(|(known, _)| *known == collection).map_or(&[][..], |(_, members)| members);
    let queries: Vec<String> = match collection {
        "/users" => vec![format!("/users-by-email?email={encoded}")],
        "/connections" => vec![format!("/connections?name={encoded}")],
        "/roles" => vec![format!("/roles?name_filter={encoded}")],
        _ => (0..PAGES).map(|page| format!("{collection}?per_page=100&page={page}")).collect(),
    };
    let mut found = Vec::new();
    for query in queries {
        let token = target.management_token().await?;
        let answer = target.send(target.request(Method::GET, &format!("/api/v2{query}")).bearer(token)).await?;
        if answer.status != 200 {
            return Err(format!("{query} answered {answer}"));
        }
        let items = items(&answer.body);
        let is_it = |item: &&Value| members.iter().any(|member| item.get(member).is_some_and(|value| value == name));
        found.extend(items.iter().filter(is_it).filter_map(|item| path_of(collection, item)));
        if items.len() < 100 || !found.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The path that deletes something of a collection.
pub(crate) fn path_of(collection: &str, made: &Value) -> Option<String> {
    let id = match collection {
        "/clients" => "client_id",
        "/users" => "user_id",
        _ if COLLECTIONS.iter().any(|(known, _)| *known == collection) => "id",
        _ => return None,
    };
    // The id of a user holds a `|`.
    let id = utf8_percent_encode(made.get(id)?.as_str()?, NON_ALPHANUMERIC);
    Some(format!("{collection}/{id}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Line, open_lines, path_of};

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
    fn a_change_that_was_restored_is_over() {
        let path = "/tenants/settings".to_owned();
        let lines = [Line::Changed { path: path.clone(), before: json!({}) }, Line::Restored { path }];
        assert!(open_lines(&lines).is_empty());
    }

    #[test]
    fn a_thing_is_deleted_by_its_id() {
        let user = json!({ "user_id": "auth0|1" });
        assert_eq!(path_of("/users", &user).as_deref(), Some("/users/auth0%7C1"));
        assert_eq!(path_of("/jobs", &json!({ "id": "job_1" })), None);
    }
}
