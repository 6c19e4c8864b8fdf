//! The report as a page: one file without scripts, light or dark as the reader prefers.
//!
//! `maud` escapes every text, so a name with markup in it is rendered and does nothing.

use std::collections::{BTreeMap, BTreeSet};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::model::{
    Background, Block, Count, Failure, Feature, Outcome, Outline, ReportedExchange, Run, Scenario, Step,
};

const STYLE: &str = include_str!("page.css");

/// The documented rules: id, mark and sentence in each line.
const RULES: &str = include_str!("../../../../fixtures/rules.tsv");

/// The sentence of each rule by its id.
fn rules() -> BTreeMap<&'static str, &'static str> {
    let lines = RULES.lines().skip(1).map(|line| line.split('\t'));
    lines.filter_map(|mut parts| Some((parts.next()?, parts.nth(1)?))).collect()
}

pub(super) fn page(run: &Run) -> Markup {
    let page = Page { rules: rules() };
    let title = format!("m2mock conformance: {}", if run.failed { "failed" } else { "passed" });
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (title) }
                    (page.facts(run))
                }
                main {
                    (page.failures(run))
                    (page.contents(run))
                    @for (number, feature) in run.features.iter().enumerate() { (page.feature(number, feature)) }
                    (left_out(&run.for_mocks_only))
                    (page.used_rules(run))
                }
            }
        }
    }
}

struct Page {
    rules: BTreeMap<&'static str, &'static str>,
}

impl Page {
    fn facts(&self, run: &Run) -> Markup {
        html! {
            dl.facts {
                div { dt { "Target" } dd { (run.target) } }
                div { dt { "Date" } dd { time datetime=(run.started) { (run.started.replace('T', " ").replace('Z', " UTC")) } } }
                div { dt { "Duration" } dd { (format!("{:.1} s", run.duration.as_secs_f64())) } }
                div { dt { "Version" } dd { "m2mock " (env!("CARGO_PKG_VERSION")) } }
                div { dt { "Features" } dd { (run.features.len()) } }
                div { dt { "Scenarios" } dd { (counted(run.scenarios())) } }
                div { dt { "Steps" } dd { (counted(run.steps())) } }
            }
        }
    }

    fn failures(&self, run: &Run) -> Markup {
        let mut failed = run.failed().peekable();
        if failed.peek().is_none() {
            return html! {};
        }
        html! {
            section.failures aria-labelledby="failures" {
                h2 #failures { "Failures" }
                @for (feature, rule, scenario) in failed {
                    article {
                        h3 { a href=(format!("#{}", anchor(place(run, feature), scenario))) { (scenario.name) } }
                        p.where {
                            (feature.name)
                            @if let Some(rule) = rule { " › " (rule.name) }
                            " · " (feature.path) ":" (scenario.line)
                            @if !scenario.example.is_empty() { " · " (example_line(scenario)) }
                        }
                        @for (step, failure) in scenario.failures() {
                            p.step { strong { (step) } }
                            (reason(failure))
                        }
                    }
                }
            }
        }
    }

    fn contents(&self, run: &Run) -> Markup {
        html! {
            nav aria-labelledby="contents" {
                h2 #contents { "Features" }
                ul {
                    @for (number, feature) in run.features.iter().enumerate() {
                        li { a href=(format!("#f{number}")) { (feature.name) } " " small { (counted(feature.count())) } }
                    }
                }
            }
        }
    }

    fn feature(&self, number: usize, feature: &Feature) -> Markup {
        let id = format!("f{number}");
        html! {
            section.feature aria-labelledby=(id) {
                h2 id=(id) { "Feature: " (feature.name) " " (badge(feature.count().failed == 0)) }
                p.where { (feature.path) " · " (counted(feature.count())) }
                (self.tags(&feature.tags))
                (described(feature.description.as_ref()))
                (background(feature.background.as_ref()))
                @for block in &feature.scenarios { (self.block(number, block, false)) }
                @for (index, rule) in feature.rules.iter().enumerate() {
                    @let id = format!("f{number}-rule{index}");
                    section.rule aria-labelledby=(id) {
                        h3 id=(id) { "Rule: " (rule.name) }
                        (self.tags(&rule.tags))
                        (described(rule.description.as_ref()))
                        (background(rule.background.as_ref()))
                        @for block in &rule.scenarios { (self.block(number, block, true)) }
                    }
                }
            }
        }
    }

    fn block(&self, feature: usize, block: &Block, in_rule: bool) -> Markup {
        match block {
            Block::Scenario(scenario) => self.scenario(feature, scenario, in_rule),
            Block::Outline(outline) => self.outline(feature, outline, in_rule),
        }
    }

    fn scenario(&self, feature: usize, scenario: &Scenario, in_rule: bool) -> Markup {
        html! {
            details.scenario id=(anchor(feature, scenario)) open[!scenario.passed()] {
                summary { (heading(in_rule, &html! { "Scenario: " (scenario.name) " " (badge(scenario.passed())) })) }
                (self.tags(&scenario.tags))
                (steps_of(scenario))
            }
        }
    }

    /// The examples as a table with their outcomes, followed by the steps of each example.
    fn outline(&self, feature: usize, outline: &Outline, in_rule: bool) -> Markup {
        let passed = outline.examples.iter().all(Scenario::passed);
        let names: Vec<&String> =
            outline.examples.first().into_iter().flat_map(|example| &example.example).map(|(name, _)| name).collect();
        let title = html! { "Scenario Outline: " (outline.name) " " (badge(passed)) };
        html! {
            details.scenario open[!passed] {
                summary { (heading(in_rule, &title)) }
                (self.tags(&outline.tags))
                div.wide {
                    table {
                        thead { tr { @for name in &names { th scope="col" { (name) } } th scope="col" { "Result" } } }
                        tbody {
                            @for example in &outline.examples {
                                tr {
                                    @for (_, value) in &example.example { td { (value) } }
                                    td { a href=(format!("#{}", anchor(feature, example))) { (badge(example.passed())) } }
                                }
                            }
                        }
                    }
                }
                @for example in &outline.examples {
                    details.example id=(anchor(feature, example)) open[!example.passed()] {
                        summary { "Example: " (example_line(example)) " " (badge(example.passed())) }
                        (steps_of(example))
                    }
                }
            }
        }
    }

    /// Tags; the tag of a rule links to its sentence.
    fn tags(&self, tags: &[String]) -> Markup {
        html! {
            @if !tags.is_empty() {
                p.tags {
                    @for tag in tags {
                        @match self.rules.get(tag.as_str()) {
                            Some(sentence) => a.tag href=(format!("#rule-{tag}")) title=(sentence) { "@" (tag) },
                            None => span.tag { "@" (tag) },
                        }
                        " "
                    }
                }
            }
        }
    }

    /// The documented rules that are tags in the run.
    fn used_rules(&self, run: &Run) -> Markup {
        let tags: BTreeSet<&str> = run.features.iter().flat_map(Feature::every_tag).map(String::as_str).collect();
        let mut used: Vec<(&str, &str)> =
            self.rules.iter().filter(|(id, _)| tags.contains(*id)).map(|(id, sentence)| (*id, *sentence)).collect();
        used.sort_by_key(|(id, _)| (id.len(), *id));
        html! {
            @if !used.is_empty() {
                section aria-labelledby="rules" {
                    h2 #rules { "Rules" }
                    dl.rules {
                        @for (id, sentence) in used {
                            div { dt id=(format!("rule-{id}")) { (id) } dd { (sentence) } }
                        }
                    }
                }
            }
        }
    }
}

fn left_out(names: &[String]) -> Markup {
    html! {
        @if !names.is_empty() {
            section aria-labelledby="left-out" {
                h2 #left-out { "Left out: these need a mock" }
                ul { @for name in names { li { (name) } } }
            }
        }
    }
}

fn background(background: Option<&Background>) -> Markup {
    let Some(Background { name, steps, runs, passed }) = background else { return html! {} };
    let all_passed = passed == runs;
    html! {
        details.background open[!all_passed] {
            summary {
                strong { "Background" @if !name.is_empty() { ": " (name) } } " " (badge(all_passed))
                " " small { "passed before " (passed) " of " (runs) " scenarios" }
            }
            (steps_list(steps))
        }
    }
}

fn steps_of(scenario: &Scenario) -> Markup {
    html! {
        @for (place, failure) in &scenario.outer_failures {
            p.step.failed { (place) ": " (status("failed")) }
            (reason(failure))
        }
        (steps_list(&scenario.steps))
    }
}

fn steps_list(steps: &[Step]) -> Markup {
    html! { ol.steps { @for step in steps { (step_item(step)) } } }
}

fn step_item(step: &Step) -> Markup {
    let word = match step.outcome {
        Outcome::Passed => "passed",
        Outcome::Failed(_) => "failed",
        Outcome::NotRun => "not run",
    };
    html! {
        li class=(class(word)) {
            p.step { strong { (step.keyword) } " " (step.text) " " (status(word)) }
            @if let Some(text) = &step.doc_string { pre { (text) } }
            @if !step.table.is_empty() {
                div.wide { table { @for row in &step.table { tr { @for cell in row { td { (cell) } } } } } }
            }
            @if let Outcome::Failed(failure) = &step.outcome { (reason(failure)) }
        }
    }
}

fn reason(failure: &Failure) -> Markup {
    html! {
        pre.reason { (failure.reason) }
        @if let Some(ReportedExchange { request, body, answer }) = &failure.exchange {
            dl.exchange {
                dt { "Request" }
                dd { pre { (request) @if let Some(body) = body { "\n\n" (body) } } }
                dt { "Answer" }
                dd { pre { (answer) } }
            }
        }
    }
}

fn described(text: Option<&String>) -> Markup {
    html! { @if let Some(text) = text { p.description { (text) } } }
}

fn heading(in_rule: bool, content: &Markup) -> Markup {
    html! { @if in_rule { h4 { (content) } } @else { h3 { (content) } } }
}

fn badge(passed: bool) -> Markup {
    status(if passed { "passed" } else { "failed" })
}

/// A status as a word: the colour only repeats it.
fn status(word: &str) -> Markup {
    html! { span class={ "status " (class(word)) } { (word) } }
}

fn class(word: &str) -> &'static str {
    match word {
        "passed" => "passed",
        "failed" => "failed",
        _ => "not-run",
    }
}

fn counted(count: Count) -> String {
    let parts = [(count.passed, "passed"), (count.failed, "failed"), (count.not_run, "not run")];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
    match parts.as_slice() {
        [] => "0".to_owned(),
        parts => format!("{}: {}", count.all(), parts.join(", ")),
    }
}

fn example_line(scenario: &Scenario) -> String {
    let values = scenario.example.iter().map(|(name, value)| format!("{name} = {value}"));
    values.collect::<Vec<_>>().join(", ")
}

/// The place of a feature in the run.
fn place(run: &Run, feature: &Feature) -> usize {
    run.features.iter().position(|other| std::ptr::eq(other, feature)).unwrap_or_default()
}

/// The anchor of a scenario on the page.
fn anchor(feature: usize, scenario: &Scenario) -> String {
    format!("f{feature}-line{}", scenario.line)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::model::Rule;
    use super::*;

    fn step(keyword: &str, text: &str, outcome: Outcome) -> Step {
        Step { keyword: keyword.to_owned(), text: text.to_owned(), doc_string: None, table: Vec::new(), outcome }
    }

    fn scenario(name: &str, line: usize, steps: Vec<Step>) -> Scenario {
        let before = Count { passed: 1, ..Count::default() };
        Scenario { name: name.to_owned(), line, tags: vec![], example: vec![], before, steps, outer_failures: vec![] }
    }

    fn failure() -> Failure {
        let exchange = ReportedExchange {
            request: "POST /oauth/token".to_owned(),
            body: Some("{\"scope\": \"<i>\"}".to_owned()),
            answer: "403 {\"error\": \"access_denied\"}".to_owned(),
        };
        Failure { reason: "not 200 but 403".to_owned(), exchange: Some(exchange) }
    }

    /// A feature with a background, a rule, an outline, a doc string, a table and a failure.
    fn run() -> Run {
        let mut with_text = step("When", "the token endpoint is sent the JSON", Outcome::Passed);
        with_text.doc_string = Some("{ \"a\": \"<script>alert(1)</script>\" }".to_owned());
        let mut with_table = step("Then", "the token carries", Outcome::Failed(failure()));
        with_table.table = vec![vec!["org_id".to_owned(), "{acme.id} & more".to_owned()]];
        let after = step("And", "the list is empty", Outcome::NotRun);
        let mut examples: Vec<Scenario> = ["deny", "allow"]
            .iter()
            .enumerate()
            .map(|(at, usage)| {
                let mut example = scenario("usages", 20 + at, vec![step("Given", "a", Outcome::Passed)]);
                example.example = vec![("usage".to_owned(), (*usage).to_owned())];
                example
            })
            .collect();
        examples[1].outer_failures.push(("Background", failure()));
        let background = Background {
            name: String::new(),
            steps: vec![step("Given", "an API \"travel\"", Outcome::Passed)],
            runs: 4,
            passed: 3,
        };
        let rule = Rule {
            name: "Only associated organizations".to_owned(),
            tags: vec!["R13".to_owned()],
            description: None,
            background: None,
            scenarios: vec![Block::Outline(Outline { name: "usage <usage>".to_owned(), tags: vec![], examples })],
        };
        let feature = Feature {
            name: "Grants <script>".to_owned(),
            path: "a.feature".to_owned(),
            tags: vec!["mine".to_owned()],
            description: Some("The purpose of a grant.".to_owned()),
            background: Some(background),
            scenarios: vec![
                Block::Scenario(scenario("it holds", 5, vec![with_text])),
                Block::Scenario(scenario("it \"fails\"", 9, vec![with_table, after])),
            ],
            rules: vec![rule],
        };
        Run {
            target: "https://tenant.example".to_owned(),
            started: "2026-11-26T12:00:00Z".to_owned(),
            duration: Duration::from_millis(1234),
            failed: true,
            features: vec![feature],
            for_mocks_only: vec!["Clock: moves".to_owned()],
        }
    }

    fn rendered(run: &Run) -> String {
        page(run).into_string()
    }

    /// The number of occurrences of a text on the page.
    fn times(page: &str, text: &str) -> usize {
        page.matches(text).count()
    }

    #[test]
    fn no_text_of_a_run_becomes_markup_or_loads_a_resource() {
        let page = rendered(&run());
        assert!(page.contains("Grants &lt;script&gt;") && page.contains("&lt;script&gt;alert(1)"), "{page}");
        assert!(page.contains("{acme.id} &amp; more") && page.contains("usage &lt;usage&gt;"), "{page}");
        for forbidden in ["<script", "<i>", "<usage>", "<link", "<img", " src=", "url(", "@import", "http://"] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
        // The only address is that of the target, as a text.
        assert_eq!(times(&page, "https://"), 1);
    }

    #[test]
    fn the_head_has_target_date_duration_version_and_counts() {
        let page = rendered(&run());
        for fact in [
            "<dt>Target</dt><dd>https://tenant.example</dd>",
            "2026-11-26 12:00:00 UTC",
            "<dd>1.2 s</dd>",
            concat!("m2mock ", env!("CARGO_PKG_VERSION")),
            "<dt>Scenarios</dt><dd>4: 2 passed, 2 failed</dd>",
            "<dt>Steps</dt><dd>9: 7 passed, 1 failed, 1 not run</dd>",
        ] {
            assert!(page.contains(fact), "{fact} is not in {page}");
        }
        assert!(page.contains("color-scheme") && page.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn failures_come_first_with_their_reason_and_request() {
        let page = rendered(&run());
        let (failures, features) = (page.find("id=\"failures\"").unwrap(), page.find("id=\"f0\"").unwrap());
        assert!(failures < features);
        let section = &page[failures..features];
        assert!(section.contains("<a href=\"#f0-line9\">it &quot;fails&quot;</a>"), "{section}");
        for part in ["Then the token carries", "not 200 but 403", "POST /oauth/token", "&lt;i&gt;", "access_denied"] {
            assert!(section.contains(part), "{part} is not in {section}");
        }
        assert!(section.contains("Only associated organizations") && section.contains("usage = allow"), "{section}");
        let passed = Run { features: Vec::new(), failed: false, ..run() };
        assert!(!rendered(&passed).contains("id=\"failures\""));
    }

    #[test]
    fn a_background_appears_once_before_the_scenarios_with_its_own_status() {
        let page = rendered(&run());
        assert_eq!(times(&page, "an API &quot;travel&quot;"), 1);
        assert!(page.contains("passed before 3 of 4 scenarios"), "{page}");
        let (background, first) = (page.find("an API &quot;travel&quot;").unwrap(), page.find("it holds").unwrap());
        assert!(background < first);
    }

    #[test]
    fn features_rules_and_scenarios_are_headings_in_their_order() {
        let page = rendered(&run());
        let headings = [
            "<h2 id=\"f0\">Feature: ",
            "<h3>Scenario: it holds",
            "<h3 id=\"f0-rule0\">Rule: ",
            "<h4>Scenario Outline: ",
        ];
        let places: Vec<usize> =
            headings.iter().map(|heading| page.find(heading).unwrap_or_else(|| panic!("{heading}: {page}"))).collect();
        assert!(places.is_sorted(), "{places:?}");
        assert_eq!(times(&page, "<h1>"), 1);
    }

    #[test]
    fn an_outline_shows_its_examples_as_a_table_that_links_to_their_steps() {
        let page = rendered(&run());
        assert!(page.contains("<th scope=\"col\">usage</th><th scope=\"col\">Result</th>"), "{page}");
        assert!(
            page.contains("<td>deny</td><td><a href=\"#f0-line20\">") && page.contains("id=\"f0-line20\""),
            "{page}"
        );
    }

    #[test]
    fn only_the_tag_of_a_rule_links_to_a_sentence() {
        let page = rendered(&run());
        let sentence = rules()["R13"];
        assert!(page.contains("href=\"#rule-R13\"") && page.contains("id=\"rule-R13\""), "{page}");
        assert!(page.contains(&format!("<dd>{sentence}</dd>").replace('"', "&quot;")), "{page}");
        assert!(page.contains("<span class=\"tag\">@mine</span>") && !page.contains("rule-mine"), "{page}");
    }

    #[test]
    fn a_status_has_its_word_and_its_class() {
        let page = rendered(&run());
        assert!(page.contains("<span class=\"status failed\">failed</span>"), "{page}");
        assert!(page.contains("<span class=\"status not-run\">not run</span>"), "{page}");
    }

    #[test]
    fn scenarios_for_mocks_are_listed() {
        assert!(rendered(&run()).contains("<li>Clock: moves</li>"));
    }
}
