//! Taking back what a run did on a tenant: by its ledger, also when the run was killed.

use std::fs;
use std::path::Path;
use std::time::Duration;

use http::Method;
use serde_json::Value;

use crate::conformance::cleanup::collection::Collection;
use crate::conformance::cleanup::journal::{Line, open_lines, read};
use crate::conformance::scenario::steps::answer::items;
use crate::conformance::target::Target;

/// What was sent and not answered may still be on its way to the tenant; after this time it has arrived.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

/// After so many things that cannot be undone, the others are left to the next time.
const MOST_MISTAKES: usize = 10;

/// What came of cleaning by a ledger.
#[derive(Debug, PartialEq, Eq)]
pub enum Cleaned {
    /// So many things were removed or restored, and the ledger is gone.
    Done(usize),
    /// The ledger is about the tenant at this address, and was left alone.
    Elsewhere(String),
}

/// Removes from a tenant what a ledger says is there, the last thing first, and then the ledger.
///
/// # Errors
/// Something could not be removed or restored. The others were, unless there were many, and the ledger stays.
pub async fn clean(ledger: &Path, target: &Target) -> Result<Cleaned, String> {
    let told = |error: &dyn std::fmt::Display| format!("{}: {error}", ledger.display());
    let lines = read(ledger).map_err(|error| told(&error))?;
    let mut done = 0;
    if let Some(Line::Run { prefix, target: address }) = lines.first() {
        if *address != target.address() {
            return Ok(Cleaned::Elsewhere(address.clone()));
        }
        let open = open_lines(&lines);
        if open.iter().any(|line| matches!(line, Line::Announced { .. } | Line::Changed { .. })) {
            tokio::time::sleep(ON_ITS_WAY).await;
        }
        let mut mistakes = Vec::new();
        for line in open {
            match undo(target, line, prefix).await {
                Ok(number) => done += number,
                Err(mistake) => mistakes.push(mistake),
            }
            // A tenant that answers nothing is not asked for each single thing.
            if mistakes.len() == MOST_MISTAKES {
                mistakes.push("and more was not tried".to_owned());
                break;
            }
        }
        if !mistakes.is_empty() {
            return Err(told(&format!("{}; the ledger stays for the next --clean", mistakes.join("; "))));
        }
    }
    fs::remove_file(ledger).map_err(|error| told(&error))?;
    Ok(Cleaned::Done(done))
}

async fn undo(target: &Target, line: &Line, prefix: &str) -> Result<usize, String> {
    match line {
        Line::Made { path, .. } => delete(target, path).await,
        Line::Changed { path, before } => restore(target, path, before).await.map(|()| 1),
        Line::Announced { collection, name } if name.contains(prefix) => {
            let mut deleted = 0;
            for path in find(target, collection, name).await? {
                deleted += delete(target, &path).await?;
            }
            Ok(deleted)
        }
        _ => Ok(0),
    }
}

/// Deletes one thing, and gives how many there were: it may be gone already.
pub(crate) async fn delete(target: &Target, path: &str) -> Result<usize, String> {
    let token = target.management_token().await?;
    let answer = target.send(target.request(Method::DELETE, &format!("/api/v2{path}")).bearer(token)).await;
    let answer = answer.map_err(|mistake| format!("{path} cannot be deleted: {mistake}"))?;
    match answer.status {
        200 | 202 | 204 => Ok(1),
        404 => Ok(0),
        _ => Err(format!("{path} cannot be deleted: {answer}")),
    }
}

/// Gives the members of a settings object the values that they had.
pub(crate) async fn restore(target: &Target, path: &str, before: &Value) -> Result<(), String> {
    let token = target.management_token().await?;
    let request = target.request(Method::PATCH, &format!("/api/v2{path}")).bearer(token).json(before);
    let answer = target.send(request).await.map_err(|mistake| format!("{path} cannot be restored: {mistake}"))?;
    if answer.status != 200 {
        return Err(format!("{path} cannot be restored: {answer}"));
    }
    // A member that was not there before, and is not taken away by null, would stay.
    let members = before.as_object().into_iter().flatten();
    let mut others =
        members.filter(|(name, value)| answer.body[name.as_str()] != **value).map(|(name, _)| name.as_str());
    match others.next() {
        None => Ok(()),
        Some(name) => Err(format!("{path} cannot be restored: {name} is not what it was")),
    }
}

/// The paths of what has this very name.
async fn find(target: &Target, collection: &str, name: &str) -> Result<Vec<String>, String> {
    let Some(collection) = Collection::at(collection) else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for query in collection.queries(name) {
        let token = target.management_token().await?;
        let answer = target.send(target.request(Method::GET, &format!("/api/v2{query}")).bearer(token)).await?;
        if answer.status != 200 {
            return Err(format!("{query} answered {answer}"));
        }
        let items = items(&answer.body);
        let is_it =
            |item: &&Value| collection.names.iter().any(|member| item.get(member).is_some_and(|value| value == name));
        found.extend(items.iter().filter(is_it).filter_map(|item| collection.path_of(item)));
        if items.len() < 100 || !found.is_empty() {
            break;
        }
    }
    Ok(found)
}
