//! Compares the answers of two tenants to the same requests. The answers of the first tenant serve as the recording.

use serde_json::Value;

use super::compare::{Difference, List};
use super::evidence::Evidence;
use super::player::ReplayAnswer;
use super::report::Verdict;
use super::score::score;
use super::story::Story;
use crate::conformance::recording::cassette::{Cassette, Interaction};

/// Whether a body is a list, bare or in its envelope.
pub(crate) fn is_list(body: &Value) -> bool {
    List::of(body).is_some()
}

/// The state of a comparison: the requests so far.
pub(crate) struct SideBySide {
    story: Story,
    evidence: Evidence,
    cassette: Cassette,
}

impl SideBySide {
    pub(crate) fn new() -> SideBySide {
        let cassette =
            Cassette { source: String::new(), cassette: String::new(), recorded_with: None, interactions: Vec::new() };
        SideBySide { story: Story::of(""), evidence: Evidence::of(&[], &[]), cassette }
    }

    /// The differences between the answers of the two tenants to a request.
    pub(crate) fn compare(&mut self, one: &Interaction, other: &Interaction) -> Vec<Difference> {
        self.story.note_request(one);
        let mut verdict = Verdict::new(&self.cassette, 0, one);
        // Two refusals are compared word by word, whatever their statuses.
        let both_refuse = one.status >= 400 && other.status >= 400;
        let status = if both_refuse { one.status } else { other.status };
        let answer = ReplayAnswer { status, body: other.response.clone(), milliseconds: 0.0 };
        score(&self.cassette, one, &answer, &mut self.story, &self.evidence, &mut verdict);
        self.story.note_answer(one);
        self.story.note_sent(one);
        let mut differences = verdict.differences;
        if !self.story.are_alike(one, one.status, other.status) {
            let kind = format!("status {} -> {}", one.status, other.status);
            differences.insert(0, Difference { pointer: String::new(), kind, recorded: None, live: None });
        }
        differences
    }
}
