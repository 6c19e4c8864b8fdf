//! Undoes the changes of a run on a shared tenant by its journal, also after the run was killed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use super::collection::Collection;
use super::journal::{self, JournalLine, open_entries};
use super::settings::Settings;
use crate::conformance::error::Error;
use crate::conformance::http::{Answer, items};
use crate::conformance::target::Target;

/// The time after which a request without an answer has reached the tenant.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// After this number of failures, a sweep leaves the other entries to the next one.
const MOST_MISTAKES: usize = 10;

/// The greatest number of pages of a search.
const MOST_PAGES: usize = 200;

/// The end of a sweep.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sweep {
    /// This number of things was removed or restored, and the journal is removed.
    Complete(usize),
    /// The journal is about the tenant at this address. Nothing was changed.
    OtherTenant(String),
}

/// Undoes the changes of a journal, the last one first, and then removes the journal.
///
/// # Errors
/// Something could not be undone, and the journal stays. Everything else was undone, unless there were many failures.
pub async fn sweep(journal: &Path, target: &Target) -> Result<Sweep, Error> {
    undo_all(journal, target).await.map_err(Error)
}

async fn undo_all(journal: &Path, target: &Target) -> Result<Sweep, String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", journal.display());
    let entries = journal::read(journal).map_err(|error| failed(&error))?;
    let mut done = 0;
    if let Some(JournalLine::Run { prefix, target: address }) = entries.first() {
        if *address != target.address() {
            return Ok(Sweep::OtherTenant(address.clone()));
        }
        let open = open_entries(&entries);
        if open.iter().any(|entry| matches!(entry, JournalLine::Announced { .. } | JournalLine::Changed { .. })) {
            tokio::time::sleep(ON_ITS_WAY).await;
        }
        let mut mistakes = Vec::new();
        for entry in open {
            match undo(target, entry, prefix).await {
                Ok(number) => done += number,
                Err(mistake) => mistakes.push(mistake),
            }
            // A tenant that gives no answers is not asked about every entry.
            if mistakes.len() == MOST_MISTAKES {
                mistakes.push("and more was not tried".to_owned());
                break;
            }
        }
        if !mistakes.is_empty() {
            return Err(failed(&format!("{}; the journal stays for the next --clean", mistakes.join("; "))));
        }
    }
    fs::remove_file(journal).map_err(|error| failed(&error))?;
    Ok(Sweep::Complete(done))
}

async fn undo(target: &Target, entry: &JournalLine, prefix: &str) -> Result<usize, String> {
    match entry {
        JournalLine::Created { path, .. } => delete(target, path).await,
        JournalLine::Changed { path, before } => restore(target, path, before).await.map(|()| 1),
        JournalLine::Announced { collection, name } if name.contains(prefix) => {
            let mut deleted = 0;
            for path in find(target, collection, name).await? {
                deleted += delete(target, &path).await?;
            }
            Ok(deleted)
        }
        _ => Ok(0),
    }
}

/// Deletes an entity, and gives the number of entities that were there: one, or none if it was deleted before.
pub(super) async fn delete(target: &Target, path: &str) -> Result<usize, String> {
    let mut answer = send(target, Method::DELETE, path, None).await;
    if answer.as_ref().is_ok_and(|answer| answer.status == 400)
        && let Some((end, body)) = Collection::end_of_use(path)
    {
        send(target, Method::POST, &end, Some(&body)).await?;
        answer = send(target, Method::DELETE, path, None).await;
    }
    let answer = answer.map_err(|mistake| format!("{path} cannot be deleted: {mistake}"))?;
    match answer.status {
        200 | 202 | 204 => Ok(1),
        404 => Ok(0),
        _ => Err(format!("{path} cannot be deleted: {answer}")),
    }
}

/// Restores settings to their former values.
pub(super) async fn restore(target: &Target, path: &str, before: &Value) -> Result<(), String> {
    let failed = |reason: &dyn std::fmt::Display| format!("{path} cannot be restored: {reason}");
    let settings = Settings::at(path).ok_or_else(|| failed(&"these settings are unknown"))?;
    let answer = send(target, settings.method(), path, Some(before)).await.map_err(|mistake| failed(&mistake))?;
    if answer.status != 200 {
        return Err(failed(&answer));
    }
    // A member that was not there before, and is not taken away by null, would stay.
    match settings.not_restored(&answer.body, before) {
        None => Ok(()),
        Some(name) => Err(failed(&format!("{name} is not what it was"))),
    }
}

/// Reads a path of the Management API.
pub(super) async fn read(target: &Target, path: &str) -> Result<Answer, String> {
    send(target, Method::GET, path, None).await
}

/// Calls the Management API.
async fn send(target: &Target, method: Method, path: &str, body: Option<&Value>) -> Result<Answer, String> {
    let mut request = target.request(method, &format!("/api/v2{path}")).bearer(target.management_token().await?);
    if let Some(body) = body {
        request = request.json(body);
    }
    target.send(request).await
}

/// The paths of the entities with exactly this name.
async fn find(target: &Target, collection: &str, name: &str) -> Result<Vec<String>, String> {
    let Some(collection) = Collection::at(collection) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut page = collection.first_page(name);
    for number in 0..MOST_PAGES {
        let answer = read(target, &page).await?;
        if answer.status != 200 {
            return Err(format!("{page} answered {answer}"));
        }
        let items = items(&answer.body);
        let named = items.iter().filter(|item| collection.is_named(item, name));
        found.extend(named.filter_map(|item| collection.path_of(item)));
        match collection.next_page(number, &answer.body, items.len()) {
            Some(next) if found.is_empty() => page = next,
            _ => break,
        }
    }
    Ok(found)
}
