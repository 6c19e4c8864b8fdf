//! `m2mock conformance --calibrate FILE`: writes the error texts of a real tenant to a file that a mock loads.
//!
//! The command also runs the scenarios on a mock. The journal of the mock has the rule and the values of each refusal, so that
//! the tenant's sentence becomes a template for that rule.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::comparison::{RunPair, today};
use super::output::say;
use crate::api::calibration::{BuiltIn, ManagementAnswer, OrganizationKnown, Template, TokenAnswer, Values};
use crate::api::{ApiError, CalibratedAnswers, JournalEntry, Operation};
use crate::atomic_file;
use crate::conformance::Transcript;
use crate::conformance::drift::{Drift, Pair, RequestPair, ScenarioPair, ShownAnswer, scenarios};

/// Writes the answers. Exit codes: 0 every scenario ran to its end, 1 some did not.
pub(super) fn calibrate(file: &Path, runs: &RunPair) -> Result<ExitCode, String> {
    let drift = Drift::of(&runs.mock, &runs.tenant);
    if drift.is_broken() {
        return Err(format!("a request got no answer, so {} is not written; run it again", file.display()));
    }
    let mut calibration = Calibration::default();
    for ((mock, tenant), compared) in scenarios(&runs.mock, &runs.tenant).into_iter().zip(&drift.scenarios) {
        let (Some(mock), Some(tenant)) = (mock, tenant) else { continue };
        for (pair, request) in Pair::of(Some(mock), Some(tenant)).into_iter().zip(&compared.requests) {
            let refusal = pair.mock.and_then(|exchange| runs.refusals.get(exchange.mark.as_deref()?));
            calibration.add(refusal, (mock, tenant), compared, request);
        }
    }
    let early = drift.scenarios.iter().filter(|scenario| scenario.ended_differently());
    let early = early.filter_map(|scenario| Some((scenario, scenario.tenant_stopped.as_ref()?)));
    let early: Vec<_> = early.collect();
    for (scenario, why) in &early {
        say(format_args!("ended early: {}, {}: {}", scenario.feature, scenario.scenario, super::log::printable(why)));
    }
    let answers = calibration.answers();
    if answers.token.is_empty() && answers.management.is_empty() && answers.seen.is_empty() {
        return Err(format!("the tenant refused no request, so {} is not written", file.display()));
    }
    let mut text = answers.written(file)?;
    // JSON has no comments.
    if !text.starts_with('{') {
        text = HEAD.map(|line| format!("# {line}\n")).concat() + &text;
    }
    // The file can be loaded, whatever the tenant answered.
    CalibratedAnswers::parse(&text, &file.display().to_string())
        .map_err(|error| format!("a mistake in m2mock: {error}"))?;
    atomic_file::write_private(file, &text)
        .map_err(|error| format!("{} cannot be written: {error}", file.display()))?;
    say(format_args!(
        "{}: {} answers of the token endpoint, {} of the Management API, {} with another decision",
        file.display(),
        answers.token.len(),
        answers.management.len(),
        answers.seen.len()
    ));
    Ok(if early.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

const HEAD: [&str; 4] = [
    "Error texts of a tenant, written by `m2mock conformance --calibrate`.",
    "`m2mock serve --answers` and `MockTenant::builder().answers(..)` use them. `token` has refusals by the id of their rule,",
    "`management` has refusals of the Management API that replace built-in ones. `seen` lists answers with another decision, which",
    "change nothing.",
];

/// The observations so far.
#[derive(Default)]
struct Calibration<'a> {
    /// Refusals of the token endpoint by rule.
    token: BTreeMap<String, Vec<Observed<'a>>>,
    /// Refusals of the Management API by operation, status and built-in sentence.
    management: BTreeMap<(&'static Operation, u16, String), Vec<Observed<'a>>>,
    /// Answers with another decision, and their scenarios.
    seen: BTreeMap<String, (Map<String, Value>, BTreeSet<String>)>,
}

/// A refusal of the tenant to a request that the mock refuses as well.
struct Observed<'a> {
    scenario: String,
    words: Words,
    sentence: Option<String>,
    /// The values of the request, as printed.
    values: Values,
    organization: OrganizationKnown,
    tenant: &'a Transcript,
    request: &'a RequestPair,
}

/// A refusal without its sentence.
#[derive(Clone, PartialEq)]
struct Words {
    status: u16,
    /// `error` of the token endpoint, `errorCode` of the Management API.
    code: Option<String>,
    uri: Option<String>,
}

impl<'a> Calibration<'a> {
    fn add(
        &mut self,
        refusal: Option<&(JournalEntry, Values)>,
        (mock, tenant): (&Transcript, &'a Transcript),
        scenario: &ScenarioPair,
        request: &'a RequestPair,
    ) {
        let (Some(ours), Some(theirs)) = (&request.mock, &request.tenant) else { return };
        let place = format!("{}: {}", scenario.feature, scenario.scenario);
        let Some((entry, values)) = refusal else {
            if !request.differences.is_empty() {
                let why = if theirs.status >= 400 {
                    "the tenant refuses what m2mock does"
                } else {
                    "the answer is another one"
                };
                self.see(why.to_owned(), &place, request);
            }
            return;
        };
        let mut shown = Values::default();
        for (name, value) in values.iter().map(|(name, value)| (name, mock.shown(value))) {
            // A short one would be found in the middle of words, and an id without a name may be any. What a body says in a plain
            // word, as the kind of a thing, is in many sentences by itself.
            let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let told_by_itself = entry.token.is_none() && is_word(&value);
            if value.chars().count() >= 3 && !value.contains("<id>") && !told_by_itself {
                shown.set(name, &value);
            }
        }
        let observed = |(words, sentence)| Observed {
            scenario: place.clone(),
            words,
            sentence,
            values: shown.clone(),
            organization: OrganizationKnown::of(values),
            tenant,
            request,
        };
        let rule = entry.token.as_ref().and_then(|decision| decision.rules.first());
        match (rule, entry.operation) {
            (Some(rule), _) => match of_token(theirs) {
                Some(said) => self.token.entry((*rule).to_owned()).or_default().push(observed(said)),
                None => self.see(format!("m2mock refuses by {rule}"), &place, request),
            },
            (None, Some(operation)) => {
                match (of_management(theirs), ours.body.get("message").and_then(Value::as_str)) {
                    (Some(said), Some(own)) => {
                        let own = template(own, &shown, None).to_string();
                        self.management.entry((operation, ours.status, own)).or_default().push(observed(said));
                    }
                    _ => self.see(format!("m2mock refuses {operation}"), &place, request),
                }
            }
            (None, None) if !request.differences.is_empty() => {
                self.see("m2mock refuses by no rule of the list".to_owned(), &place, request);
            }
            (None, None) => {}
        }
    }

    /// Records an answer with another decision.
    fn see(&mut self, why: String, scenario: &str, request: &RequestPair) {
        let mut seen = Map::from_iter([("why".to_owned(), why.into()), ("request".to_owned(), json!(request.request))]);
        let refused = |said: &Option<ShownAnswer>| said.as_ref().is_some_and(|said| said.status >= 400);
        if refused(&request.mock) || refused(&request.tenant) {
            seen.insert("mock".to_owned(), json!(request.mock));
            seen.insert("tenant".to_owned(), json!(request.tenant));
        } else {
            seen.insert("differences".to_owned(), json!(request.differences));
        }
        let key = json!(seen).to_string();
        self.seen.entry(key).or_insert_with(|| (seen, BTreeSet::new())).1.insert(scenario.to_owned());
    }

    /// The answers, in a stable order.
    fn answers(mut self) -> CalibratedAnswers {
        let mut answers = CalibratedAnswers { calibrated: Some(today()), ..CalibratedAnswers::default() };
        for (rule, observed) in std::mem::take(&mut self.token) {
            // One answer for the rule, or else one for each of our own sentences, or else for organizations that are there and
            // those that are not.
            let groups = match agreed(&observed) {
                Some(_) => vec![(None, None, observed)],
                None => by_own_sentence(observed).into_iter().flat_map(by_organization).collect(),
            };
            for (instead_of, organization, observed) in groups {
                match agreed(&observed) {
                    Some((Words { status, code, uri }, sentence)) => {
                        let answer = TokenAnswer {
                            instead_of,
                            organization,
                            status,
                            error: code.unwrap_or_default(),
                            error_description: sentence,
                            error_uri: uri,
                            scenarios: places(&observed),
                        };
                        answers.token.entry(rule.clone()).or_default().push(answer);
                    }
                    None => {
                        let why = format!("no single template fits the tenant's answers to refusals by {rule}");
                        self.see_all(&why, &observed);
                    }
                }
            }
        }
        for ((operation, status, own), observed) in std::mem::take(&mut self.management) {
            let own = Template::parse(&own).map(|message| BuiltIn { status, message });
            match (own, agreed(&observed)) {
                (Ok(instead_of), Some((words, Some(message)))) => answers.management.push(ManagementAnswer {
                    operation,
                    instead_of,
                    status: words.status,
                    message,
                    error_code: words.code,
                    scenarios: places(&observed),
                }),
                _ => self.see_all(&format!("no single template fits the tenant's answers to {operation}"), &observed),
            }
        }
        answers.seen = self
            .seen
            .into_values()
            .map(|(mut seen, scenarios)| {
                seen.insert("scenarios".to_owned(), json!(scenarios));
                Value::Object(seen)
            })
            .collect();
        answers
    }

    fn see_all(&mut self, why: &str, observed: &[Observed<'_>]) {
        observed.iter().for_each(|observed| self.see(why.to_owned(), &observed.scenario, observed.request));
    }
}

/// Reads a refusal of the token endpoint; `None` if the body has other members.
fn of_token(said: &ShownAnswer) -> Option<(Words, Option<String>)> {
    let members = said.body.as_object()?;
    let text = |name: &str| members.get(name).map(|value| value.as_str().map(str::to_owned));
    let known = ["error", "error_description", "error_uri"];
    if !(400..600).contains(&said.status) || members.keys().any(|name| !known.contains(&name.as_str())) {
        return None;
    }
    let (uri, sentence) = (text("error_uri"), text("error_description"));
    if uri == Some(None) || sentence == Some(None) {
        return None;
    }
    let code = text("error")?.filter(|code| !code.is_empty())?;
    Some((Words { status: said.status, code: Some(code), uri: uri.flatten() }, sentence.flatten()))
}

/// Reads a refusal of the Management API; `None` if the body has members beyond the envelope.
fn of_management(said: &ShownAnswer) -> Option<(Words, Option<String>)> {
    let text = |name: &str| said.body.get(name).and_then(Value::as_str);
    let (message, code) = (text("message")?, text("errorCode"));
    let is_one = (400..600).contains(&said.status) && ApiError::body_of(said.status, code, message) == said.body;
    let words = Words { status: said.status, code: code.map(str::to_owned), uri: None };
    is_one.then(|| (words, Some(message.to_owned())))
}

/// Groups refusals of one rule by the built-in sentence.
fn by_own_sentence(observed: Vec<Observed<'_>>) -> Vec<(Option<Template>, Vec<Observed<'_>>)> {
    let mut groups: BTreeMap<String, (Option<Template>, Vec<Observed<'_>>)> = BTreeMap::new();
    for observed in observed {
        let own = observed.request.mock.as_ref().and_then(|said| said.body.get("error_description")?.as_str());
        let own = own.map(|own| template(own, &observed.values, None));
        let key = own.as_ref().map(Template::to_string).unwrap_or_default();
        groups.entry(key).or_insert_with(|| (own, Vec::new())).1.push(observed);
    }
    groups.into_values().collect()
}

/// Groups them by whether the organization is known, unless both groups have the same answer.
fn by_organization<'a>(
    (own, observed): (Option<Template>, Vec<Observed<'a>>),
) -> Vec<(Option<Template>, Option<OrganizationKnown>, Vec<Observed<'a>>)> {
    if agreed(&observed).is_some() {
        return vec![(own, None, observed)];
    }
    let (known, unknown): (Vec<_>, Vec<_>) =
        observed.into_iter().partition(|observed| observed.organization == OrganizationKnown::Known);
    let groups = [(OrganizationKnown::Known, known), (OrganizationKnown::Unknown, unknown)].into_iter();
    groups
        .filter(|(_, observed)| !observed.is_empty())
        .map(|(named, observed)| (own.clone(), Some(named), observed))
        .collect()
}

fn places(observed: &[Observed<'_>]) -> Vec<String> {
    observed.iter().map(|observed| observed.scenario.clone()).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The common answer to all of these, with a template that fits each sentence.
fn agreed(observed: &[Observed<'_>]) -> Option<(Words, Option<Template>)> {
    let first = observed.first()?;
    if observed.iter().any(|other| other.words != first.words) {
        return None;
    }
    let Some(sentence) = &first.sentence else {
        return observed.iter().all(|other| other.sentence.is_none()).then(|| (first.words.clone(), None));
    };
    let names: Vec<&str> = first.values.iter().map(|(name, _)| name).collect();
    // Several values may be the same here, and not elsewhere.
    let preferred = [None].into_iter().chain(names.into_iter().map(Some));
    let mut templates = preferred.map(|name| template(sentence, &first.values, name));
    let fits = |template: &Template| {
        let text = template.to_string();
        observed
            .iter()
            .all(|other| template.fill(&other.values) == other.sentence && !other.tenant.names_something(&text))
    };
    let template = templates.find(fits)?;
    Template::parse(&template.to_string()).ok().map(|template| (first.words.clone(), Some(template)))
}

/// A template of a sentence: placeholders for the values that it contains, the longest first. Of several equal values, the
/// preferred one, or the first.
fn template(sentence: &str, values: &Values, preferred: Option<&str>) -> Template {
    let order = |name: &str| ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len());
    let mut values: Vec<(&str, &str)> = values.iter().collect();
    values.sort_by_key(|(name, value)| (Reverse(value.len()), Some(*name) != preferred, order(name), *name));
    let mut template = Template::default();
    let mut rest = sentence;
    while let Some(character) = rest.chars().next() {
        match values.iter().find(|(_, value)| rest.starts_with(value)) {
            Some((name, value)) => {
                template.push_place(name);
                rest = &rest[value.len()..];
            }
            None => {
                template.push_text(&rest[..character.len_utf8()]);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    template
}

/// The values that a sentence more likely contains, if several are equal.
const ORDER: [&str; 4] = ["organization", "missing_scopes", "parameter", "audience"];
