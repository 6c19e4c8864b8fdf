//! Replays recorded traffic against a tenant, and scores its answers against the recorded answers of the live service.
//!
//! A cassette is replayed in order over HTTP. If a recorded and a live body have identifiers at the same pointer, the live identifier
//! replaces the recorded one in later requests. An interaction that depends on the recorded tenant (its plan, its earlier data, other
//! credentials) is skipped with the reason.

mod compare;
mod earlier_life;
mod evidence;
mod fairness;
mod family;
mod player;
mod references;
mod report;
mod score;
mod sent;
mod side_by_side;
mod stand_in;
mod story;

use crate::conformance::target::Target;

pub use super::cassette::Cassette;
pub use super::proxy::Proxy;
pub use super::recorder::Recorder;
pub use compare::Difference;
pub(crate) use report::Count;
pub use report::{Outcome, Report, Verdict};

pub(crate) use side_by_side::{SideBySide, is_list};

use earlier_life::{EARLIER_LIFE, Earlier};
use evidence::Evidence;
use fairness::{has_counterparts, why_unfair};
use player::Player;
use score::{score, without_evidence};
use sent::collect_texts;
use story::Story;

/// Whether a replay infers what no single recording states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inferences {
    /// Which lists have no order, which settings are a tenant's own choice, and what the recorded tenant had before.
    Made,
    /// Only the login route of an invitation, without which the service creates none.
    None,
}

/// Replays cassettes against a tenant. The recordings in `evidence`, preferably newer ones, are not replayed. They show which
/// members the service has added, dropped or started to echo since the cassettes were recorded.
///
/// A mock is reset before each cassette, and gets the writes to entities that the cassette did not create, if it has a counterpart.
/// On a real tenant such entities are never changed.
///
/// # Errors
/// The tenant cannot be reached, or gives the client no token; the identifier of its Management API is no address.
pub async fn replay(
    corpus: &[Cassette],
    evidence: &[Cassette],
    inferences: Inferences,
    target: &Target,
) -> Result<Report, String> {
    let player = Player::of(target)?;
    let evidence = match inferences {
        Inferences::Made => Evidence::of(corpus, evidence).with_inferences(corpus, evidence),
        Inferences::None => Evidence::of(corpus, evidence),
    };
    let mut verdicts = Vec::new();
    for cassette in corpus {
        player.reset().await?;
        let cassette = cassette.filled_in(player.placeholders());
        let mut story = Story::of(&player.placeholders().client_id);
        for (index, item) in cassette.interactions.iter().enumerate() {
            let mut verdict = Verdict::new(&cassette, index, item);
            let earlier = Earlier::of(item, &story);
            let earlier = earlier.filter(|earlier| inferences == Inferences::Made || earlier.is_login_route());
            let lacks_route = earlier.is_some_and(Earlier::is_login_route) && !player.may_change_anything();
            let unfair = why_unfair(item, &story)
                .or_else(|| without_evidence(item, &story, &evidence))
                .or_else(|| lacks_route.then_some("needs a default login route"));
            if let Some(earlier) = earlier.filter(|_| player.may_change_anything()) {
                if player.give(earlier, &mut story.ids).await? {
                    verdict.notes.insert(EARLIER_LIFE);
                }
                story.note_given(earlier.name());
            }
            if let Some(reason) = unfair {
                collect_texts(&item.response, &mut story.foreign);
                verdict.skip(reason);
                let succeeded = item.method != "GET" && item.status < 300;
                if succeeded && player.may_change_anything() && has_counterparts(item, &story) {
                    player.send(item, &story.ids).await?;
                }
            } else {
                story.note_request(item);
                let answer = player.play(item, &story.ids).await?;
                verdict.live_status = Some(answer.status);
                verdict.live_ms = Some(answer.milliseconds);
                score(&cassette, item, &answer, &mut story, &evidence, &mut verdict);
                if verdict.outcome != Outcome::Skipped {
                    story.note_answer(item);
                }
                story.note_sent(item);
            }
            verdicts.push(verdict);
        }
    }
    Ok(Report::new(verdicts))
}
