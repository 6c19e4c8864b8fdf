//! The report of a comparison, as Markdown and as JSON. It names neither the tenant nor an entity of it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Drift, Group, Judgement, ScenarioPair, ShownAnswer};

impl Drift {
    /// A page in Markdown, dated.
    pub(crate) fn markdown(&self, date: &str, judged: &Judgement) -> String {
        let mut page = format!("# Drift between m2mock and a tenant, {date}\n\n");
        // Writing to a text does not fail.
        let _ = writeln!(
            page,
            "{} scenarios, {} requests: {} differences, {} of them new and {} known. {} known ones are gone.",
            self.scenarios.len(),
            self.requests(),
            self.count(),
            judged.new.len(),
            judged.known,
            judged.gone.len()
        );
        for (title, lines) in [("New", &judged.new), ("Gone, to be taken out of the ledger", &judged.gone)] {
            if !lines.is_empty() {
                let _ = write!(page, "\n## {title}\n\n");
                lines.iter().for_each(|line| page.push_str(&format!("- {}\n", escaped(&line.replace('\t', " · ")))));
            }
        }
        let groups = self.groups();
        if !groups.is_empty() {
            page.push_str("\n## Differences by operation, place and kind\n\n");
            page.push_str("| operation | difference, as mock -> tenant | requests | scenarios |\n|---|---|---|---|\n");
            for Group { operation, difference, requests, scenarios } in &groups {
                let (operation, difference) = (escaped(operation), escaped(difference));
                let _ = writeln!(page, "| {operation} | {difference} | {requests} | {scenarios} |");
            }
        }
        let (differing, alike): (Vec<&ScenarioPair>, Vec<&ScenarioPair>) =
            self.scenarios.iter().partition(|scenario| scenario.differs());
        for (title, scenarios) in [("Scenarios that differ", differing), ("Scenarios that are alike", alike)] {
            if !scenarios.is_empty() {
                let _ = write!(page, "\n## {title}\n");
                scenarios.iter().for_each(|scenario| scenario.write(&mut page));
            }
        }
        page
    }

    /// The same as JSON.
    pub(crate) fn json(&self, date: &str, judged: &Judgement) -> Value {
        json!({
            "date": date,
            "requests": self.requests(),
            "differences": self.count(),
            "new": judged.new,
            "gone": judged.gone,
            "known": judged.known,
            "groups": self.groups(),
            "scenarios": self.scenarios,
        })
    }
}

impl ScenarioPair {
    fn write(&self, page: &mut String) {
        let _ = write!(page, "\n### {}\n\n{}, line {}\n\n", escaped(&self.scenario), escaped(&self.feature), self.line);
        if let (false, Some(why)) = (self.ended_differently(), &self.mock_stopped) {
            let _ = write!(page, "On both sides it ended early: {}\n\n", escaped(why));
        }
        for (side, stopped) in [("mock", &self.mock_stopped), ("tenant", &self.tenant_stopped)] {
            if let Some(why) = stopped.as_ref().filter(|_| self.ended_differently()) {
                let _ = write!(page, "On the {side} it ended early: {}\n\n", escaped(why));
            }
        }
        page.push_str("| step | request | mock | tenant | differences |\n|---|---|---|---|---|\n");
        for request in &self.requests {
            let status = |said: &Option<ShownAnswer>| {
                said.as_ref().map_or("not asked".to_owned(), |said| said.status.to_string())
            };
            let differences: Vec<String> =
                request.differences.iter().map(|differs| escaped(&differs.sentence())).collect();
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} | {} |",
                escaped(&request.step),
                escaped(&request.request),
                status(&request.mock),
                status(&request.tenant),
                differences.join("<br>")
            );
        }
        for request in self.requests.iter().filter(|request| !request.differences.is_empty()) {
            let _ = write!(page, "\n{}: {}\n", escaped(&request.step), escaped(&request.request));
            for (side, said) in [("mock", &request.mock), ("tenant", &request.tenant)] {
                if let Some(said) = said {
                    let _ = write!(page, "\n{side}, {}:\n\n```json\n{:#}\n```\n", said.status, said.body);
                }
            }
        }
    }
}

/// A text in one cell of a table, with its markup escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' => out.extend(['\\', character]),
            control if control.is_control() => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_a_tenant_says_is_no_markup() {
        assert_eq!(escaped("<b>a|b</b>\n`x` [y](z)"), "&lt;b&gt;a\\|b&lt;/b&gt; \\`x\\` \\[y\\](z)");
    }
}
