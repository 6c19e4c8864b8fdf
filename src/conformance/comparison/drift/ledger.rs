//! The ledger of known differences: a file that may only shrink.
//!
//! A line has five parts with tabs between them: feature, scenario, step, request, and the difference. Lines are sorted.
//! A line that begins with `#` is a comment.

use std::collections::BTreeSet;

use super::Drift;

/// Known differences.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ledger(BTreeSet<String>);

/// The comparison of a run with a ledger.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Differences that the ledger does not know.
    pub new: Vec<String>,
    /// Lines of the ledger whose difference is gone.
    pub gone: Vec<String>,
    /// The number of differences that the ledger knows.
    pub known: usize,
}

impl Judgement {
    /// Whether the run has exactly the differences of the ledger.
    pub(crate) fn holds(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty()
    }
}

const HEAD: &str = "# Known differences between m2mock and a tenant: feature, scenario, step, request, difference.\n\
    # This file only shrinks. `m2mock drift --ledger FILE --update-ledger` takes out what is gone.\n";

impl Ledger {
    /// Reads a ledger.
    ///
    /// # Errors
    /// A line has not five parts.
    pub(crate) fn parse(text: &str) -> Result<Ledger, String> {
        let lines = text.lines().enumerate().filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty());
        let lines = lines.map(|(number, line)| match line.split('\t').count() {
            5 => Ok(line.to_owned()),
            _ => Err(format!("line {}: not five parts with tabs between them", number + 1)),
        });
        lines.collect::<Result<_, _>>().map(Ledger)
    }

    /// Every difference of a run.
    pub(crate) fn of(drift: &Drift) -> Ledger {
        let lines = drift.scenarios.iter().flat_map(|scenario| {
            scenario.differences().map(|(request, difference)| {
                let parts = [&scenario.feature, &scenario.scenario, &request.step, &request.request, &difference];
                parts.map(|part| part.replace(char::is_control, " ")).join("\t")
            })
        });
        Ledger(lines.collect())
    }

    /// Compares a run with the ledger. A difference counts as gone only if its scenario ran to the end, or if the run was of
    /// `everything` and has no such scenario.
    pub(crate) fn judge(&self, drift: &Drift, everything: bool) -> Judgement {
        let found = Ledger::of(drift);
        let about = |line: &str, scenario: &super::ScenarioPair| {
            let mut parts = line.split('\t');
            parts.next() == Some(scenario.feature.as_str()) && parts.next() == Some(scenario.scenario.as_str())
        };
        let is_judged = |line: &&String| {
            let mut run = drift.scenarios.iter().filter(|scenario| about(line, scenario)).peekable();
            if run.peek().is_none() { everything } else { run.all(super::ScenarioPair::is_whole) }
        };
        Judgement {
            new: found.0.difference(&self.0).cloned().collect(),
            gone: self.0.difference(&found.0).filter(is_judged).cloned().collect(),
            known: self.0.intersection(&found.0).count(),
        }
    }

    /// Without these lines.
    #[must_use]
    pub(crate) fn without(mut self, gone: &[String]) -> Ledger {
        self.0.retain(|line| !gone.contains(line));
        self
    }

    /// The text of its file.
    pub(crate) fn text(&self) -> String {
        let lines = self.0.iter().map(|line| format!("{line}\n"));
        HEAD.to_owned() + &lines.collect::<String>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RequestPair, ScenarioPair, ShownAnswer, ShownDifference};
    use super::{Drift, Judgement, Ledger};

    fn drift(scenario: &str, kinds: &[&str], stopped: bool) -> Drift {
        let said = || Some(ShownAnswer { status: 403, body: serde_json::Value::Null });
        let differs = |kind: &&str| ShownDifference {
            pointer: String::new(),
            kind: (*kind).to_owned(),
            mock: None,
            tenant: None,
        };
        let request = RequestPair {
            step: "When".to_owned(),
            request: "POST /oauth/token".to_owned(),
            mock: said(),
            tenant: said(),
            differences: kinds.iter().map(differs).collect(),
            tenant_wide: false,
        };
        Drift {
            scenarios: vec![ScenarioPair {
                feature: "a.feature".to_owned(),
                scenario: scenario.to_owned(),
                line: 1,
                requests: vec![request],
                mock_stopped: None,
                tenant_stopped: stopped.then(|| "it failed".to_owned()),
            }],
        }
    }

    fn line(scenario: &str, kind: &str) -> String {
        format!("a.feature\t{scenario}\tWhen\tPOST /oauth/token\t{kind}")
    }

    #[test]
    fn a_new_difference_is_told_and_so_is_one_that_is_gone() {
        let ledger = Ledger::of(&drift("one", &["x", "y"], false));
        let judged = ledger.judge(&drift("one", &["y", "z"], false), false);
        assert_eq!(judged, Judgement { new: vec![line("one", "z")], gone: vec![line("one", "x")], known: 1 });
        assert!(!judged.holds() && ledger.judge(&drift("one", &["x", "y"], false), true).holds());
    }

    #[test]
    fn a_scenario_that_ends_early_alike_on_both_sides_does_not_differ() {
        let mut drift = drift("one", &[], true);
        let scenario = &mut drift.scenarios[0];
        assert!(scenario.differs() && scenario.ended_differently());
        scenario.mock_stopped = scenario.tenant_stopped.clone();
        assert!(!scenario.differs());
        scenario.mock_stopped = Some("it failed otherwise".to_owned());
        assert!(scenario.differs());
    }

    #[test]
    fn one_kind_of_difference_at_one_operation_is_one_group() {
        let mut both = drift("one", &["x", "y"], false);
        both.scenarios.extend(drift("two", &["x"], false).scenarios);
        both.scenarios[1].requests[0].request = "POST /oauth/token?a=b".to_owned();
        let groups: Vec<(String, String, usize, usize)> = both
            .groups()
            .into_iter()
            .map(|group| (group.operation, group.difference, group.requests, group.scenarios))
            .collect();
        let operation = || "POST /oauth/token".to_owned();
        assert_eq!(groups, [(operation(), "x".to_owned(), 2, 2), (operation(), "y".to_owned(), 1, 1)]);
    }

    #[test]
    fn nothing_is_gone_of_what_was_not_run_or_broke_off() {
        let ledger = Ledger::of(&drift("one", &["x"], false));
        assert!(ledger.judge(&drift("two", &[], false), false).holds());
        assert_eq!(ledger.judge(&drift("two", &[], false), true).gone, [line("one", "x")]);
        assert!(ledger.judge(&drift("one", &[], true), true).holds());
    }

    #[test]
    fn a_ledger_is_read_as_it_was_written() {
        let ledger = Ledger::of(&drift("one", &["x", "y"], false));
        assert_eq!(Ledger::parse(&ledger.text()), Ok(ledger.clone()));
        let shrunk = ledger.without(&[line("one", "x")]);
        assert_eq!(shrunk.text().lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>(), [line("one", "y")]);
        assert_eq!(Ledger::parse("# a\n\nb\n"), Err("line 3: not five parts with tabs between them".to_owned()));
    }
}
