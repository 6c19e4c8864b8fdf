//! Recorded traffic, replayed: how alike are a tenant's answers to those that were recorded of the live service?
//!
//! A cassette is replayed in order over HTTP. Identifiers are learnt where a recorded and a live body hold them at the same
//! place, and replaced in what is sent afterwards. What a recording cannot say about another tenant (its plan, its earlier
//! life, other credentials) is skipped with the reason.

mod cassette;
mod compare;
mod evidence;
mod family;
mod formats;
mod identifiers;
mod player;
mod proxy;
mod recorder;
pub(super) mod redaction;
mod report;
mod side_by_side;
mod story;

use std::collections::HashSet;

use serde_json::Value;

use super::target::Target;

pub use cassette::{Altered, Cassette, Interaction, Replayed};
pub use compare::Difference;
pub use proxy::Proxy;
pub use recorder::Recorder;
pub use report::{Count, Outcome, Report, Verdict};

pub(super) use identifiers::is_identifier;
pub(super) use side_by_side::{SideBySide, heard, is_list};

use compare::{Basis, Comparison, List, Proven};
use evidence::{Evidence, pointers};
use player::{Answer, Player};
use story::{Scope, Story, collect_texts};

/// Replays cassettes against a tenant.
///
/// # Errors
/// The tenant cannot be reached, or gives the client no token; the identifier of its Management API is no address.
pub async fn replay(corpus: &[Cassette], target: &Target) -> Result<Report, String> {
    let player = Player::of(target)?;
    let evidence = Evidence::of(corpus);
    let mut verdicts = Vec::new();
    for cassette in corpus {
        player.reset().await?;
        let cassette = cassette.filled_in(player.replayed());
        let mut story = Story::of(&player.replayed().client_id);
        for (index, item) in cassette.interactions.iter().enumerate() {
            let mut verdict = Verdict::new(&cassette, index, item);
            let unfair = story.why_unfair(item).or_else(|| nothing_to_go_by(item, &story, &evidence));
            if let Some(reason) = unfair {
                collect_texts(&item.response, &mut story.foreign);
                verdict.skip(reason);
            } else {
                let sent_before = story.sent.clone();
                story.note_request(item);
                let answer = player.send(item, &story.ids).await?;
                verdict.live_status = Some(answer.status);
                verdict.live_ms = Some(answer.milliseconds);
                score(item, &answer, &mut story, &evidence, &mut verdict);
                if verdict.outcome != Outcome::Skipped {
                    story.note_answer(item, &sent_before);
                }
                story.note_sent(item);
            }
            verdicts.push(verdict);
        }
    }
    Ok(Report::new(verdicts))
}

/// A tenant-wide object that the cassette never wrote, and of which nothing constant is known, says nothing.
fn nothing_to_go_by(item: &Interaction, story: &Story, evidence: &Evidence) -> Option<&'static str> {
    let untouched = item.method == "GET"
        && story.scope(item) == Scope::Tenant
        && List::of(&item.response).is_none()
        && story.written(&item.path).is_none()
        && evidence.always_at(&item.path).is_none();
    untouched.then_some(NEVER_WRITTEN)
}

const NEVER_WRITTEN: &str = "tenant-wide object that the cassette never wrote";

fn score(item: &Interaction, answer: &Answer, story: &mut Story, evidence: &Evidence, verdict: &mut Verdict) {
    if answer.status != item.status {
        let optional = item.method == "GET" && evidence.is_optional(&item.path) && !story.touched.contains(&item.path);
        if optional && [(200, 404), (404, 200)].contains(&(answer.status, item.status)) {
            verdict.skip(NEVER_WRITTEN);
            return;
        }
        if item.status < 300 && ["POST", "PUT", "PATCH"].contains(&item.method.as_str()) {
            collect_texts(&item.response, &mut story.failed);
        }
        verdict.wrong(story.follows_a_failure(&item.path), item, answer);
        return;
    }
    if item.recorder_altered == Some(Altered::Replaced) {
        return;
    }
    let scope = story.scope(item);
    let mut ids = std::mem::take(&mut story.ids);
    let basis = Basis {
        sent: &story.sent,
        lenient: item.recorder_altered == Some(Altered::Reserialised),
        injected: &item.recorder_injected,
        known: &|listed| story.is_known(listed),
        may_add: &|pointer, value| evidence.is_default(&item.path, &story.sent_keys, pointer, value),
    };
    let mut comparison = Comparison::new(&mut ids, &basis);
    let is_list = List::of(&item.response).is_some();
    if is_list {
        let written = |listed: &Value| {
            let name = listed.get("name").and_then(Value::as_str)?;
            story.written(&format!("{}/{name}", item.path)).cloned()
        };
        comparison.list(&item.response, &answer.body, scope == Scope::Own, &written);
    } else if scope == Scope::Own {
        comparison.value(&item.response, &answer.body, "", "", Proven::All);
    } else {
        tenant_wide(item, &answer.body, story, evidence, &mut comparison);
    }
    let (differences, notes) = (comparison.differences, comparison.notes);
    story.ids = ids;
    if is_list && scope == Scope::Tenant {
        story.note_strangers(&item.response);
    }
    verdict.compared(differences, notes);
}

/// A tenant-wide object counts by what the cassette wrote, and by the members that it always has.
fn tenant_wide(item: &Interaction, live: &Value, story: &Story, evidence: &Evidence, comparison: &mut Comparison<'_>) {
    let proven = story.written(&item.path).map_or(Proven::Nothing, Proven::Written);
    comparison.value(&item.response, live, "", "", proven);
    let Some(always) = evidence.always_at(&item.path).filter(|_| item.method == "GET") else { return };
    let reported: HashSet<String> =
        comparison.differences.iter().map(|difference| difference.pointer.clone()).collect();
    let present = pointers(live);
    for pointer in always.iter().filter(|pointer| !present.contains(*pointer) && !reported.contains(*pointer)) {
        let around = pointer.rsplit_once('/').map_or("", |(around, _)| around);
        if around.is_empty() || present.contains(around) {
            comparison.differ(pointer, "missing", Some(&"(always present)".into()), None);
        }
    }
}
