//! What came of a run, for people and for programs.

use std::fmt::Write as _;

use serde_json::Value;

/// The outcome of a run.
pub struct Report {
    /// How many steps held.
    pub passed_steps: usize,
    /// Whether anything did not hold.
    pub failed: bool,
    /// The scenarios that were left out because only a mock can run them.
    pub for_mocks_only: Vec<String>,
    /// Every step as a readable text.
    pub text: String,
    /// Cucumber's JSON.
    pub json: String,
    /// JUnit's XML.
    pub junit: String,
}

impl Report {
    /// A page to look at: features with their scenarios, what failed first.
    pub fn html(&self) -> String {
        let features: Vec<Value> = serde_json::from_str(&self.json).unwrap_or_default();
        let mut body = String::new();
        let verdict = if self.failed { "differs" } else { "holds" };
        // Writing to a text does not fail.
        let _ = write!(body, "<h1>m2mock conformance: {verdict}</h1>\n<p>{} steps held.</p>\n", self.passed_steps);
        for feature in &features {
            let scenarios = list(feature, "elements");
            let failed = scenarios.iter().any(has_failed);
            let open = if failed { " open" } else { "" };
            let _ = writeln!(
                body,
                "<details{open}><summary class=\"{}\">{} <small>{}</small></summary>",
                class(failed),
                escaped(text(feature, "name")),
                escaped(text(feature, "uri"))
            );
            for scenario in scenarios {
                let failed = has_failed(scenario);
                let _ =
                    write!(body, "<h3 class=\"{}\">{}</h3>\n<ol>\n", class(failed), escaped(text(scenario, "name")));
                for step in list(scenario, "steps") {
                    let status = step.pointer("/result/status").and_then(Value::as_str).unwrap_or_default();
                    let told = step.pointer("/result/error_message").and_then(Value::as_str);
                    let told = told.map(|told| format!("<pre>{}</pre>", escaped(told))).unwrap_or_default();
                    let _ = writeln!(
                        body,
                        "<li class=\"{}\">{} {}{told}</li>",
                        class(status.eq_ignore_ascii_case("failed")),
                        escaped(text(step, "keyword")),
                        escaped(text(step, "name"))
                    );
                }
                body.push_str("</ol>\n");
            }
            body.push_str("</details>\n");
        }
        if !self.for_mocks_only.is_empty() {
            body.push_str("<h2>Left out: these need a mock</h2>\n<ul>\n");
            for name in &self.for_mocks_only {
                let _ = writeln!(body, "<li>{}</li>", escaped(name));
            }
            body.push_str("</ul>\n");
        }
        format!("{HEAD}{body}</body></html>\n")
    }
}

const HEAD: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>m2mock conformance</title>\n\
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
summary{cursor:pointer;font-weight:600;margin:.5rem 0}small{font-weight:400;color:#666}h3{font-size:1rem;margin:.5rem 0 0}\
.failed{color:#b00020}.held{color:#1b5e20}ol{color:#333}pre{white-space:pre-wrap;background:#f6f6f6;padding:.5rem}</style></head>\n<body>\n";

fn class(failed: bool) -> &'static str {
    if failed { "failed" } else { "held" }
}

fn list<'a>(value: &'a Value, member: &str) -> &'a [Value] {
    value.get(member).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or_default()
}

fn has_failed(scenario: &Value) -> bool {
    let steps = ["before", "steps", "after"].into_iter().flat_map(|part| list(scenario, part));
    let mut statuses = steps.filter_map(|step| step.pointer("/result/status")?.as_str());
    statuses.any(|status| !status.eq_ignore_ascii_case("passed"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Report;

    #[test]
    fn a_page_shows_what_failed_and_runs_nothing_that_a_name_holds() {
        let json = json!([{ "name": "Grants <script>", "uri": "a.feature", "elements": [{ "name": "one", "steps": [
            { "keyword": "Then", "name": "it holds", "result": { "status": "Failed", "error_message": "not 1 but 2" } },
        ] }] }]);
        let report = Report {
            passed_steps: 3,
            failed: true,
            for_mocks_only: vec!["Clock: moves".to_owned()],
            text: String::new(),
            json: json.to_string(),
            junit: String::new(),
        };
        let page = report.html();
        assert!(page.contains("Grants &lt;script&gt;") && !page.contains("<script>"), "{page}");
        assert!(
            page.contains("<details open>") && page.contains("not 1 but 2") && page.contains("Clock: moves"),
            "{page}"
        );
    }
}
