//! Scores a live answer against the recorded one.

use std::collections::HashSet;

use serde_json::Value;

use super::compare::{Basis, Comparison, List, Page, Proven};
use super::evidence::{Evidence, pointers};
use super::player::ReplayAnswer;
use super::report::Verdict;
use super::story::{Scope, Story};
use crate::conformance::recording::cassette::{Altered, Cassette, Interaction};

/// The reason to skip a tenant-wide object that the cassette never wrote and that has no known constant members.
pub(super) fn without_evidence(item: &Interaction, story: &Story, evidence: &Evidence) -> Option<&'static str> {
    let is_unknown = item.method == "GET"
        && story.scope(item) == Scope::Tenant
        && List::of(&item.response).is_none()
        && story.written(&item.path).is_none()
        && evidence.always_at(&item.path).is_none();
    is_unknown.then_some(NEVER_WRITTEN)
}

const NEVER_WRITTEN: &str = "tenant-wide object that the cassette never wrote";

/// Scores a live answer against the recorded one, and maps the live identifiers.
pub(super) fn score(
    cassette: &Cassette,
    item: &Interaction,
    answer: &ReplayAnswer,
    story: &mut Story,
    evidence: &Evidence,
    verdict: &mut Verdict,
) {
    if answer.status != item.status {
        if story.are_alike(item, item.status, answer.status) {
            return;
        }
        let optional =
            item.method == "GET" && evidence.is_optional(&item.path) && !story.changed_paths.contains(&item.path);
        if optional && [(200, 404), (404, 200)].contains(&(answer.status, item.status)) {
            verdict.skip(NEVER_WRITTEN);
            return;
        }
        verdict.wrong(story.follows_a_failure(&item.path), answer);
        if item.status < 300 && ["POST", "PUT", "PATCH"].contains(&item.method.as_str()) {
            story.note_failure(item);
        }
        return;
    }
    if item.recorder_altered == Some(Altered::Replaced) {
        return;
    }
    let scope = story.scope(item);
    let mut ids = std::mem::take(&mut story.ids);
    let precedent = evidence.precedent(cassette, item, &story.sent);
    let basis = Basis {
        sent: &story.sent,
        foreign: &story.foreign,
        lenient: item.recorder_altered == Some(Altered::Reserialised),
        injected: &item.recorder_injected,
        known: &|item| story.is_known(item),
        precedent: Some(&precedent),
    };
    let mut comparison = Comparison::new(&mut ids, &basis);
    let is_list = List::of(&item.response).is_some();
    if is_list {
        let written = |entry: &Value| {
            let name = entry.get("name").and_then(Value::as_str)?;
            story.written(&format!("{}/{name}", item.path))
        };
        comparison.list(&item.response, &answer.body, &Page::of(item, scope == Scope::Own, &written));
    } else if scope == Scope::Own {
        comparison.value(&item.response, &answer.body, "", "", Proven::All);
    } else {
        tenant_wide(item, &answer.body, story, evidence, &mut comparison);
    }
    let (differences, notes) = (comparison.differences, comparison.notes);
    story.ids = ids;
    if is_list && scope == Scope::Tenant {
        story.note_foreign(&item.response);
    }
    verdict.compared(differences, notes);
}

/// Scores a tenant-wide object by the members that the cassette wrote and the members that are always present.
fn tenant_wide(item: &Interaction, live: &Value, story: &Story, evidence: &Evidence, comparison: &mut Comparison<'_>) {
    let proven = story.written(&item.path).map_or(Proven::Nothing, Proven::Written);
    comparison.value(&item.response, live, "", "", proven);
    let is_whole = item.method == "GET" && !item.query.contains_key("fields");
    let Some(always) = evidence.always_at(&item.path).filter(|_| is_whole) else { return };
    let reported: HashSet<String> =
        comparison.differences.iter().map(|difference| difference.pointer.clone()).collect();
    let present = pointers(live);
    for pointer in always.iter().filter(|pointer| !present.contains(*pointer) && !reported.contains(*pointer)) {
        let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
        if parent.is_empty() || present.contains(parent) {
            comparison.differ(pointer, "missing", Some(&"(always present)".into()), None);
        }
    }
}
