//! A run on a shared tenant: each creation is journaled before it is sent, and removed at the end, by a later process if this
//! one is killed. The run changes no other entity.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::collection::Collection;
use super::journal::{Journal, JournalLine};
use super::sweeper::{Sweep, sweep};
use crate::conformance::error::Error;
use crate::conformance::target::Target;

/// A run on a shared tenant, and its journal.
pub struct SharedRun {
    target: Arc<Target>,
    journal: Journal,
    /// Paths of the entities that the run created, percent-decoded.
    created: Mutex<HashSet<String>>,
}

impl fmt::Debug for SharedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedRun").field("target", &self.target).finish_non_exhaustive()
    }
}

impl SharedRun {
    /// Begins a run on a tenant, with a journal in this folder. A search on the tenant may lag behind its data, by `lag` at
    /// the most.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn begin(target: Target, folder: &Path, lag: Duration) -> io::Result<SharedRun> {
        let journal = Journal::begin(folder, target.run_name(), target.address())?;
        Ok(SharedRun { target: Arc::new(target.shared().with_lag(lag)), journal, created: Mutex::default() })
    }

    /// The tenant.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The file of the journal.
    pub fn journal(&self) -> &Path {
        self.journal.path()
    }

    /// Removes what is left of the run, and then the journal. Gives the number of things that it removed or restored.
    ///
    /// # Errors
    /// Something could not be removed; the journal stays.
    pub async fn end(&self) -> Result<usize, Error> {
        match sweep(self.journal(), &self.target).await? {
            Sweep::Complete(number) => Ok(number),
            Sweep::OtherTenant(address) => Err(Error(format!("{} is about {address}", self.journal().display()))),
        }
    }

    /// Journals a creation that is about to be sent, and gives the name by which the entity can be found.
    ///
    /// # Errors
    /// No entity of this collection is created, the application could not remove it, its name has not the prefix of the run,
    /// or the journal cannot be written.
    pub(super) async fn log_creation(&self, path: &str, body: Option<&Value>) -> Result<String, String> {
        let prefix = self.target.run_name();
        let collection = Collection::at(path).ok_or_else(|| {
            format!("a run on a shared tenant creates nothing in {path}; tag the scenario @mock-only")
        })?;
        let held = self.target.held_scopes().await?;
        if let Some(missing) = collection.scopes_to_remove().iter().find(|scope| !held.contains(*scope)) {
            return Err(format!(
                "nothing is created in {path}, since the application lacks {missing} to remove it again"
            ));
        }
        let text = |member: &str| body.and_then(|body| body.get(member)).and_then(Value::as_str);
        let names: Vec<&str> = collection.names.iter().filter_map(|member| text(member)).collect();
        let name = match names.iter().find(|name| name.contains(prefix)) {
            Some(name) => (*name).to_owned(),
            // A grant has no name, and is removed with its client. Any other entity needs a name.
            None if names.is_empty() => String::new(),
            None => {
                return Err(format!(
                    "on a shared tenant the name of a new entity in {path} begins with {prefix}: write it as {{unique.NAME}}"
                ));
            }
        };
        self.log(&JournalLine::Announced { collection: path.to_owned(), name: name.clone() })?;
        Ok(name)
    }

    /// Journals what came of a creation: the path that deletes the entity, or that there is none.
    pub(super) fn log_outcome(&self, collection: &str, name: String, created: Option<&str>) -> Result<(), String> {
        let collection = collection.to_owned();
        match created {
            Some(path) => {
                self.created.lock().unwrap_or_else(PoisonError::into_inner).insert(decoded(path).into_owned());
                self.log(&JournalLine::Created { collection, name, path: path.to_owned() })
            }
            None => self.log(&JournalLine::Refused { collection, name }),
        }
    }

    pub(super) fn log_deletion(&self, path: &str) -> Result<(), String> {
        self.created.lock().unwrap_or_else(PoisonError::into_inner).remove(&*decoded(path));
        self.log(&JournalLine::Deleted { path: path.to_owned() })
    }

    /// Journals the values of settings that are about to change.
    pub(super) fn log_change(&self, path: &str, before: &Value) -> Result<(), String> {
        self.log(&JournalLine::Changed { path: path.to_owned(), before: before.clone() })
    }

    pub(super) fn log_restoration(&self, path: &str) -> Result<(), String> {
        self.log(&JournalLine::Restored { path: path.to_owned() })
    }

    /// A change fails whose entry cannot be written: it could stay on the tenant.
    fn log(&self, entry: &JournalLine) -> Result<(), String> {
        self.journal.write(entry).map_err(|error| format!("the journal cannot be written: {error}"))
    }

    /// Checks that the run may change what is at a path: an entity of the run, or nothing.
    pub(super) fn check_path(&self, path: &str) -> Result<(), String> {
        if self.owns(path) || names_nothing(path) {
            return Ok(());
        }
        Err(format!(
            "{path} is not of this run, which changes nothing else on a shared tenant; tag the scenario @mock-only"
        ))
    }

    /// Whether a path is that of an entity of the run, or below it: by its id, or by a name with the prefix of the run.
    fn owns(&self, path: &str) -> bool {
        let path = decoded(path.split('?').next().unwrap_or(path));
        if path.contains(self.target.run_name()) {
            return true;
        }
        let created = self.created.lock().unwrap_or_else(PoisonError::into_inner);
        // The path itself, and each one above it.
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| &path[..end]).any(|above| created.contains(above))
    }
}

/// Decodes a path. The id of a user holds a `|`, which may be written as it is or encoded.
fn decoded(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8_lossy()
}

/// Whether a path names an entity that no tenant has: an id of zeros, as `org_0000000000000000` or a UUID.
fn names_nothing(path: &str) -> bool {
    path.split('/').any(|part| {
        let id = part.split_once('_').map_or(part, |(_, id)| id);
        id.len() >= 16 && id.bytes().all(|byte| matches!(byte, b'0' | b'-'))
    })
}
