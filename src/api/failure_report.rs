//! The report for a test or scenario that failed: the requests that were refused, were not modelled, or hit a fault.
//!
//! The wire is as vague as the vendor's, so the reason of a failure is often in the journal only. This is a function of
//! journal entries, so that a dropped tenant and a scenario print the same.

use std::fmt::Write as _;

use super::JournalEntry;
use crate::domain::BoundedText;

/// The most requests of a section. It shows the last ones.
const SHOWN: usize = 20;

/// A line of the report, in at most 600 bytes.
type Line = BoundedText<600>;

/// A section: its heading for one request and for several, and the requests that it lists.
struct Section {
    one: &'static str,
    several: &'static str,
    lists: fn(&JournalEntry) -> bool,
}

/// Each request is in the first section that lists it.
const SECTIONS: [Section; 3] = [
    Section {
        one: "request for an operation that m2mock does not model got 404",
        several: "requests for operations that m2mock does not model got 404",
        lists: |entry| entry.unmodelled,
    },
    Section { one: "request hit a fault", several: "requests hit a fault", lists: |entry| entry.fault.is_some() },
    Section {
        one: "request was refused",
        several: "requests were refused",
        lists: |entry| entry.token.as_ref().map_or(entry.status >= 400, |decision| !decision.granted),
    },
];

/// Reports the requests that may explain a failure, in bounded text; `None` if every request was answered as usual.
///
/// The words `at_what` say where the requests were made, as in `m2mock at http://127.0.0.1:4211`.
pub(crate) fn failure_report(at_what: &str, entries: &[JournalEntry]) -> Option<String> {
    let mut report = String::new();
    for (index, section) in SECTIONS.iter().enumerate() {
        let is_earlier = |entry: &JournalEntry| SECTIONS[..index].iter().any(|earlier| (earlier.lists)(entry));
        let listed: Vec<&JournalEntry> =
            entries.iter().filter(|entry| (section.lists)(entry) && !is_earlier(entry)).collect();
        let count = listed.len();
        if count == 0 {
            continue;
        }
        let heading = if count == 1 { section.one } else { section.several };
        let hidden = count.saturating_sub(SHOWN);
        let last = if hidden > 0 { format!(", the last {SHOWN} of them") } else { String::new() };
        let _ = writeln!(report, "{at_what}: {count} {heading}{last}:");
        for entry in &listed[hidden..] {
            let _ = writeln!(report, "    {} {}", entry.number, Line::of(entry));
        }
    }
    (!report.is_empty()).then_some(report)
}
