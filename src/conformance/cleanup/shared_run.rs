//! Good manners on a tenant that is somebody's: what a run makes is written down before it is made, and removed afterwards,
//! also by a later process if this one is killed. Nothing else is touched.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::conformance::cleanup::collection::Collection;
use crate::conformance::cleanup::journal::{Ledger, Line};
use crate::conformance::cleanup::sweeper::{Cleaned, clean};
use crate::conformance::target::Target;

/// A run on somebody's tenant.
pub struct Guest {
    prefix: String,
    ledger: Ledger,
    /// Paths of what the run made, percent-decoded.
    own: Mutex<HashSet<String>>,
}

impl Guest {
    /// Begins a ledger in a folder for a run on the tenant at this address.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn begin(folder: &Path, prefix: &str, target: &str) -> io::Result<Guest> {
        let ledger = Ledger::begin(folder, prefix, target)?;
        Ok(Guest { prefix: prefix.to_owned(), ledger, own: Mutex::new(HashSet::new()) })
    }

    /// Where the ledger is.
    pub fn ledger(&self) -> &Path {
        self.ledger.path()
    }

    pub(crate) fn run(&self) -> &str {
        &self.prefix
    }

    /// Writes down what a request is about to make.
    ///
    /// # Errors
    /// Nothing is made in this collection, the application could not remove it, it does not carry the run's prefix, or the
    /// ledger cannot be written.
    pub(crate) async fn announce(&self, target: &Target, path: &str, body: Option<&Value>) -> Result<String, String> {
        let collection = Collection::at(path)
            .ok_or_else(|| format!("a run on a real tenant makes nothing in {path}; tag the scenario @mock-only"))?;
        let held = target.held_scopes().await?;
        if let Some(missing) = collection.scopes_to_remove().iter().find(|scope| !held.contains(*scope)) {
            return Err(format!("nothing is made in {path}, since the application lacks {missing} to remove it again"));
        }
        let text = |member: &str| body.and_then(|body| body.get(member)).and_then(Value::as_str);
        let named: Vec<&str> = collection.names.iter().filter_map(|member| text(member)).collect();
        let name = match named.iter().find(|name| name.contains(&self.prefix)) {
            Some(name) => (*name).to_owned(),
            // A grant has no name and goes with its client. Nothing else is made without one.
            None if named.is_empty() => String::new(),
            None => {
                return Err(format!(
                    "on a real tenant the name of what is made in {path} begins with {}: write it as {{unique.NAME}}",
                    self.prefix
                ));
            }
        };
        let line = Line::Announced { collection: path.to_owned(), name: name.clone() };
        self.ledger.write(&line).map_err(|error| format!("the ledger cannot be written: {error}"))?;
        Ok(name)
    }

    /// Writes down what came of it: the path that deletes it, or that there is nothing.
    pub(crate) fn came_of(&self, collection: &str, name: String, made: Option<&str>) -> io::Result<()> {
        let collection = collection.to_owned();
        match made {
            Some(path) => {
                self.own.lock().unwrap_or_else(PoisonError::into_inner).insert(decoded(path).into_owned());
                self.ledger.write(&Line::Made { collection, name, path: path.to_owned() })
            }
            None => self.ledger.write(&Line::Refused { collection, name }),
        }
    }

    pub(crate) fn gone(&self, path: &str) -> io::Result<()> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner).remove(&*decoded(path));
        self.ledger.write(&Line::Gone { path: path.to_owned() })
    }

    pub(crate) fn will_change(&self, path: &str, before: &Value) -> io::Result<()> {
        self.ledger.write(&Line::Changed { path: path.to_owned(), before: before.clone() })
    }

    pub(crate) fn restored(&self, path: &str) -> io::Result<()> {
        self.ledger.write(&Line::Restored { path: path.to_owned() })
    }

    /// Whether a path is that of something that the run made, or below it: by its id, or by a name with the run's prefix.
    pub(crate) fn owns(&self, path: &str) -> bool {
        let path = decoded(path.split('?').next().unwrap_or(path));
        if path.contains(&self.prefix) {
            return true;
        }
        let own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        // The path itself, and each one that it is below.
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| &path[..end]).any(|above| own.contains(above))
    }

    /// Removes what is left of the run, and then the ledger. Gives how many things those were.
    ///
    /// # Errors
    /// Something could not be removed; the ledger stays.
    pub async fn leave(&self, target: &Target) -> Result<usize, String> {
        match clean(self.ledger(), target).await? {
            Cleaned::Done(number) => Ok(number),
            Cleaned::Elsewhere(address) => Err(format!("{} is about {address}", self.ledger().display())),
        }
    }
}

/// The id of a user holds a `|`, which may be written as it is or encoded.
fn decoded(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8_lossy()
}
