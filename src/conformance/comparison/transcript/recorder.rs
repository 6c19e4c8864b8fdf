//! What a scenario asks, kept while it runs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::names::{Names, OWN, SHORTEST};
use super::{Exchange, MARK, Transcript};
use crate::conformance::http::client::Asked;
use crate::conformance::target::{Answer, Target};
use crate::conformance::{
    recording::identifiers::is_identifier,
    recording::replay::{heard, is_list},
};
use crate::redaction;

/// Keeps what a scenario asks while it runs.
pub(crate) struct Hearing {
    feature: String,
    scenario: String,
    line: usize,
    steps: (usize, String),
    stopped: Option<String>,
    exchanges: Vec<(Asked, Option<Answer>, (usize, String))>,
    references: Vec<(String, String)>,
    secrets: BTreeSet<String>,
}

impl Hearing {
    pub fn of(feature: String, scenario: String, line: usize) -> Hearing {
        Hearing {
            feature,
            scenario,
            line,
            steps: (0, String::new()),
            stopped: None,
            exchanges: Vec::new(),
            references: Vec::new(),
            secrets: BTreeSet::new(),
        }
    }

    pub fn begins(&mut self, step: &str) {
        self.steps = (self.steps.0 + 1, step.to_owned());
    }

    /// A step that prepares or asks failed, so the scenario ends here.
    pub fn stops(&mut self, why: &str) {
        self.stopped = Some(why.to_owned());
    }

    /// Something got a name in the scenario.
    pub fn learns(&mut self, name: &str, value: &Value, label: &str) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    match value {
                        Value::String(text) if redaction::is_secret(member) => self.hides(text),
                        _ => self.learns(&format!("{name}.{member}"), value, label),
                    }
                }
            }
            Value::Array(items) => {
                let named = items.iter().enumerate().map(|(index, item)| (format!("{name}.{index}"), item));
                named.for_each(|(name, item)| self.learns(&name, item, label));
            }
            // The first name is the one that the scenario gave.
            Value::String(text)
                if (is_identifier(text)
                    || text.contains(label)
                    || name.ends_with(".kid") && text.len() >= SHORTEST)
                    && self.references.iter().all(|(known, _)| known != text) =>
            {
                self.references.push((text.clone(), format!("<{name}>")));
            }
            _ => {}
        }
    }

    fn hides(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.secrets.insert(secret.to_owned());
        }
    }

    fn hides_all(&mut self, value: &Value, path: &str) {
        redaction::secrets(value, path, |secret| self.hides(secret));
    }

    /// A request was answered, or was not. One that only looks, asked again and again, counts once, with its last answer.
    pub fn notes(&mut self, request: Asked, answer: Option<&Answer>) {
        let repeated = self.exchanges.last_mut().filter(|(last, ..)| {
            request.method == http::Method::GET && last.method == request.method && last.url == request.url
        });
        match repeated {
            Some((_, last, _)) => *last = answer.cloned(),
            None => self.exchanges.push((request, answer.cloned(), self.steps.clone())),
        }
    }

    /// The transcript, when the scenario is over. Names of the run begin with `label`.
    pub fn end(mut self, label: &str, target: &Target) -> Transcript {
        let heard: Vec<_> = std::mem::take(&mut self.exchanges)
            .into_iter()
            .map(|(request, answer, step)| (heard(&request, answer.as_ref()), answer, step))
            .collect();
        for (interaction, ..) in &heard {
            self.hides_all(&interaction.request, &interaction.path);
            self.hides_all(&interaction.response, &interaction.path);
        }
        self.hides(target.client_secret());
        let names = Names::of(&self.references, &self.secrets, label, target);
        let exchanges = heard.into_iter().map(|(interaction, answer, step)| {
            let mark = answer.and_then(|answer| Some(answer.headers.get(MARK)?.to_str().ok()?.to_owned()));
            let tenant_wide = names.is_tenant_wide(&interaction);
            Exchange {
                step: (step.0, names.shown(&step.1)),
                interaction: names.normalised(interaction),
                mark,
                tenant_wide,
            }
        });
        let mut exchanges: Vec<Exchange> = exchanges.collect();
        only_of_the_run(&mut exchanges);
        Transcript {
            exchanges,
            stopped: self.stopped.as_deref().map(|why| names.shown(why)),
            feature: self.feature,
            scenario: self.scenario,
            line: self.line,
            names,
        }
    }
}

/// Of a list that everyone's things are in, what the scenario made; of an object that is everyone's, what it wrote.
fn only_of_the_run(exchanges: &mut [Exchange]) {
    let mut written: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for exchange in &*exchanges {
        let members = exchange.interaction.request.as_object().into_iter().flatten().map(|(member, _)| member.clone());
        written.entry(exchange.interaction.path.clone()).or_default().extend(members);
    }
    for exchange in exchanges.iter_mut().filter(|exchange| exchange.tenant_wide) {
        let answer = &mut exchange.interaction.response;
        let is_own = |item: &Value| item.to_string().contains(OWN);
        let is_list = is_list(answer);
        match answer {
            Value::Array(items) => items.retain(is_own),
            Value::Object(members) if is_list => {
                // How many there are is nobody's business, and not the scenario's doing.
                members.retain(|member, _| !["total", "length", "next"].contains(&member.as_str()));
                members.values_mut().filter_map(Value::as_array_mut).for_each(|items| items.retain(is_own));
            }
            Value::Object(members) => {
                members.retain(|member, _| {
                    written.get(&exchange.interaction.path).is_some_and(|written| written.contains(member))
                });
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::recording::cassette::Interaction;

    fn answer(text: &str) -> Answer {
        let body = serde_json::from_str(text).unwrap();
        Answer { status: 400, headers: http::HeaderMap::new(), text: text.to_owned(), body, reason: None }
    }

    #[test]
    fn a_secret_stands_nowhere_even_where_a_tenant_repeats_it() {
        let target = Target::new(
            "https://a.auth0.example",
            "the-application",
            "its-own-secret",
            "https://a.auth0.example/api/v2/",
            None,
        );
        let target = target.unwrap();
        let mut hearing = Hearing::of("a.feature".to_owned(), "one".to_owned(), 1);
        hearing.begins("When \"bot\" asks");
        hearing.learns("bot", &json!({ "name": "run-0-bot", "client_secret": "made-by-the-tenant" }), "run-0");
        let request = target.request(http::Method::POST, "/oauth/token").form([("client_secret", "sent-by-a-step")]);
        let said = r#"{"error_description":"run-0-bot sent sent-by-a-step, not made-by-the-tenant or its-own-secret, to a.auth0.example"}"#;
        hearing.notes(request, Some(&answer(said)));
        let told = hearing.end("run-0", &target);
        let shown = told.shown_value(&told.exchanges()[0].interaction.response);
        let words = "<bot.name> sent [REDACTED], not [REDACTED] or [REDACTED], to <tenant.domain>";
        assert_eq!(shown, json!({ "error_description": words }));
        assert_eq!(told.exchanges()[0].interaction.request, json!({ "client_secret": "[REDACTED]" }));
        assert!(told.names_something("to <tenant.domain>") && !told.names_something("to <b>"));
    }

    #[test]
    fn a_transcript_has_no_planted_secret() {
        const MARKER: &str = "PLANTEDs3cretMarker";
        let target = Target::new("http://127.0.0.1:1", "a", "b", "https://a.example/api/v2/", None).unwrap();
        let names =
            ["client_secret", "bind_pass", "otp", "signingKey", "link_with", "gateway_authentication", "ticket"];
        let values = [json!(MARKER), json!({ "a": MARKER }), json!([[MARKER]])];
        let mut hearing = Hearing::of("a.feature".to_owned(), "one".to_owned(), 1);
        for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (*name, value))) {
            let body = json!({ "name": "bot", "options": { name: value } });
            let path = format!("/api/v2/clients?%6ftp={MARKER}&x=1;sig={MARKER}");
            hearing.begins("When");
            let request = target.request(http::Method::POST, &path).json(&body);
            hearing.notes(request, Some(&answer(&body.to_string())));
        }
        let broken = format!("{{\"client_secret\": \"{MARKER}\"");
        hearing.notes(target.request(http::Method::POST, "/api/v2/clients").body("application/json", broken), None);
        let told = hearing.end("run-0", &target);
        for exchange in told.exchanges() {
            let shown = serde_json::to_string(&exchange.interaction).unwrap();
            assert!(!shown.contains(MARKER) && !told.shown(&shown).contains(MARKER), "{shown}");
        }
        assert_eq!(told.exchanges()[0].interaction.request["name"], "bot");
    }

    #[test]
    fn an_empty_or_short_key_id_stands_for_nothing() {
        let target = Target::new("http://127.0.0.1:1", "a", "b", "https://a.example/api/v2/", None).unwrap();
        let mut hearing = Hearing::of("a.feature".to_owned(), "one".to_owned(), 1);
        hearing.learns("keys", &json!([{ "kid": "" }, { "kid": "a" }, { "kid": "a-key-of-the-tenant" }]), "run-0");
        let told = hearing.end("run-0", &target);
        assert_eq!(told.shown("say a-key-of-the-tenant"), "say <keys.2.kid>");
    }

    #[test]
    fn what_is_looked_at_again_and_again_counts_once_with_its_last_answer() {
        let target = Target::new("http://127.0.0.1:1", "a", "b", "https://a.example/api/v2/", None).unwrap();
        let mut hearing = Hearing::of("a.feature".to_owned(), "one".to_owned(), 1);
        for said in ["[1]", "[1,2]", "[1,2,3]"] {
            hearing.begins("Then");
            hearing.notes(target.request(http::Method::GET, "/api/v2/logs?q=a"), Some(&answer(said)));
        }
        hearing.notes(target.request(http::Method::GET, "/api/v2/logs?q=b"), None);
        let told = hearing.end("run-0", &target);
        assert_eq!(told.requests(), 2);
        assert_eq!((told.exchanges()[0].step.0, &told.exchanges()[0].interaction.response), (1, &json!([1, 2, 3])));
        assert_eq!(told.exchanges()[1].interaction.status, 0, "no answer");
    }

    #[test]
    fn of_what_is_everyones_only_what_the_scenario_made_or_wrote_is_kept() {
        let exchange = |method: &str, path: &str, request, response| Exchange {
            step: (1, String::new()),
            interaction: Interaction {
                method: method.to_owned(),
                path: path.to_owned(),
                request,
                response,
                ..Interaction::default()
            },
            mark: None,
            tenant_wide: true,
        };
        let list = json!({ "clients": [{ "name": "<run>-bot" }, { "name": "Payroll" }, { "name": "<another>-bot" }], "total": 3 });
        let settings = json!({ "friendly_name": "Payroll Inc.", "default_audience": "" });
        let mut exchanges = [
            exchange("GET", "/api/v2/clients", json!(null), list),
            exchange("PATCH", "/api/v2/tenants/settings", json!({ "default_audience": "" }), settings),
        ];
        only_of_the_run(&mut exchanges);
        let kept = exchanges.map(|exchange| exchange.interaction.response);
        assert_eq!(kept, [json!({ "clients": [{ "name": "<run>-bot" }] }), json!({ "default_audience": "" })]);
    }
}
