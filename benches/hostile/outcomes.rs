//! The outcomes of requests: whether an answer is allowed, and the number of each kind.

use super::ends::Ends;
use super::requests::{KINDS, Kind, Sent};
use crate::measure::http::Answer;
use crate::measure::{head, row};

/// What became of the requests of each kind.
pub type Tally = [Outcomes; KINDS.len()];

#[derive(Clone, Default)]
pub struct Outcomes {
    requests: usize,
    granted: usize,
    refused: usize,
    /// Answers that ask for patience.
    no_room: usize,
    /// Requests that were no HTTP, and whose connection was closed without an answer.
    closed: usize,
}

/// Prints what all clients count.
pub fn print(tallies: &[Tally]) {
    head(&["requests", "count", "2xx", "4xx", "503", "no answer was due"]);
    for (kind, what) in KINDS {
        let sum = |of: fn(&Outcomes) -> usize| tallies.iter().map(|tally| of(&tally[kind as usize])).sum::<usize>();
        let [granted, refused, no_room, none] = [
            sum(|tally| tally.granted),
            sum(|tally| tally.refused),
            sum(|tally| tally.no_room),
            sum(|tally| tally.closed),
        ];
        let all = sum(|tally| tally.requests);
        row(&[
            what,
            &all.to_string(),
            &granted.to_string(),
            &refused.to_string(),
            &no_room.to_string(),
            &none.to_string(),
        ]);
    }
}

impl Outcomes {
    pub fn note(&mut self, answers: &[Answer]) {
        self.requests += 1;
        self.closed += usize::from(answers.is_empty());
        for answer in answers {
            match answer.status {
                503 => self.no_room += 1,
                400.. => self.refused += 1,
                _ => self.granted += 1,
            }
        }
    }
}

/// The answers, if they are what the request may get.
pub fn judged(sent: &Sent, answers: Vec<Answer>) -> Result<Vec<Answer>, String> {
    if let Some(answer) = answers.iter().find(|answer| !is_in_order(answer)) {
        return Err(format!("{}{}", answer.head, beginning(&answer.body)));
    }
    match sent.ends {
        Ends::AnsweredTimes(count) if answers.len() != count => {
            Err(format!("{} answers to {count} requests", answers.len()))
        }
        _ if sent.kind == Kind::Control && answers.iter().any(|answer| answer.status < 400) => {
            Err("a broken body is taken".to_owned())
        }
        _ => Ok(answers),
    }
}

/// Whether an answer is no server error, but for the one that asks for patience.
pub fn is_in_order(answer: &Answer) -> bool {
    answer.status < 500 || answer.status == 503 && answer.header("retry-after").is_some()
}

pub fn closes(answer: &Answer) -> bool {
    answer.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"))
}

/// The beginning of some bytes, for a report.
pub fn beginning(bytes: &[u8]) -> String {
    const SHOWN: usize = 2_000;
    let rest = bytes.len().saturating_sub(SHOWN);
    format!("{}{}", bytes[..bytes.len() - rest].escape_ascii(), if rest > 0 { "…" } else { "" })
}
