//! The transcript of a captured scenario: without secrets, and with placeholders for its names.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::placeholders::{OWN, Placeholders, SHORTEST};
use super::{RecordedExchange, Transcript};
use crate::conformance::http::{Answer, REDACTED, Request};
use crate::conformance::recording::{Interaction, WireExchange, body, interaction, is_identifier, is_list};
use crate::conformance::scenario::Capture;
use crate::conformance::target::Target;
use crate::redaction;

impl Transcript {
    /// The transcript of a scenario that ran against this tenant.
    pub(crate) fn of(capture: Capture, target: &Target) -> Transcript {
        let mut known = Known::default();
        for (name, value) in &capture.remembered {
            known.add(name, value, &capture.label);
        }
        let exchanges: Vec<_> = capture
            .exchanges
            .into_iter()
            .map(|exchange| {
                let interaction = interaction_of(&exchange.request, exchange.answer.as_ref());
                known.hide_all(&interaction.request, &interaction.path);
                known.hide_all(&interaction.response, &interaction.path);
                (interaction, exchange.answer, exchange.step)
            })
            .collect();
        known.hide(target.client_secret());
        let names = Placeholders::of(&known.references, &known.secrets, &capture.label, target);
        let exchanges = exchanges.into_iter().map(|(interaction, answer, (number, sentence))| RecordedExchange {
            step: (number, names.shown(&redaction::text(&sentence, REDACTED))),
            tenant_wide: names.is_tenant_wide(&interaction),
            mark: answer.and_then(|answer| answer.mark().map(str::to_owned)),
            interaction: names.normalised(interaction),
        });
        let mut exchanges: Vec<RecordedExchange> = exchanges.collect();
        only_of_the_run(&mut exchanges);
        Transcript {
            exchanges,
            stopped: capture.failure.as_deref().map(|reason| names.shown(&redaction::text(reason, REDACTED))),
            feature: capture.feature,
            scenario: capture.scenario,
            line: capture.line,
            names,
        }
    }
}

/// A request and its answer as a recording has them. The status is 0 if there was no answer.
fn interaction_of(request: &Request, answer: Option<&Answer>) -> Interaction {
    let exchange = WireExchange {
        method: request.method.to_string(),
        url: request.path().to_owned(),
        request: body(&String::from_utf8_lossy(&request.body), request.media_type()),
        request_type: request.media_type().map(str::to_owned),
        status: answer.map_or(0, |answer| answer.status),
        response: answer.map(|answer| body(&answer.text, None)).unwrap_or_default(),
        duration_ms: None,
    };
    interaction(exchange, "")
}

/// The values that a scenario remembered.
#[derive(Default)]
struct Known {
    /// Texts and their placeholders.
    references: Vec<(String, String)>,
    secrets: BTreeSet<String>,
}

impl Known {
    /// Adds a value that got a name in the scenario.
    fn add(&mut self, name: &str, value: &Value, label: &str) {
        match value {
            Value::Object(members) => {
                for (member, value) in members {
                    match value {
                        Value::String(text) if redaction::is_secret(member) => self.hide(text),
                        _ => self.add(&format!("{name}.{member}"), value, label),
                    }
                }
            }
            Value::Array(items) => {
                let named = items.iter().enumerate().map(|(index, item)| (format!("{name}.{index}"), item));
                named.for_each(|(name, item)| self.add(&name, item, label));
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

    fn hide(&mut self, secret: &str) {
        if secret.len() >= SHORTEST {
            self.secrets.insert(secret.to_owned());
        }
    }

    fn hide_all(&mut self, value: &Value, path: &str) {
        redaction::secrets(value, path, |secret| self.hide(secret));
    }
}

/// Keeps of a list of the whole tenant the entities of the scenario, and of its settings the members that the scenario wrote.
fn only_of_the_run(exchanges: &mut [RecordedExchange]) {
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
                // The number of entities is private, and not the scenario's doing.
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

    fn captured() -> Capture {
        let mut capture = Capture::new("a.feature".to_owned(), "one".to_owned(), 1);
        capture.label = "run-0".to_owned();
        capture
    }

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
        let mut capture = captured();
        capture.begin_step("When \"bot\" asks");
        capture
            .remembered
            .push(("bot".to_owned(), json!({ "name": "run-0-bot", "client_secret": "made-by-the-tenant" })));
        let request = target.request(http::Method::POST, "/oauth/token").form([("client_secret", "sent-by-a-step")]);
        let said = r#"{"error_description":"run-0-bot sent sent-by-a-step, not made-by-the-tenant or its-own-secret, to a.auth0.example"}"#;
        capture.push(request, Some(answer(said)));
        let told = Transcript::of(capture, &target);
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
        let mut capture = captured();
        for (name, value) in names.iter().flat_map(|name| values.iter().map(move |value| (*name, value))) {
            let body = json!({ "name": "bot", "options": { name: value } });
            let path = format!("/api/v2/clients?%6ftp={MARKER}&x=1;sig={MARKER}");
            capture.begin_step("When");
            let request = target.request(http::Method::POST, &path).json(&body);
            capture.push(request, Some(answer(&body.to_string())));
        }
        let broken = format!("{{\"client_secret\": \"{MARKER}\"");
        capture.push(target.request(http::Method::POST, "/api/v2/clients").body("application/json", broken), None);
        let told = Transcript::of(capture, &target);
        for exchange in told.exchanges() {
            let shown = serde_json::to_string(&exchange.interaction).unwrap();
            assert!(!shown.contains(MARKER) && !told.shown(&shown).contains(MARKER), "{shown}");
        }
        assert_eq!(told.exchanges()[0].interaction.request["name"], "bot");
    }

    #[test]
    fn what_the_service_names_after_the_tenant_is_masked() {
        let audience = "https://payroll.example/api/v2/";
        let target = Target::new("http://127.0.0.1:1", "a", "b", audience, None).unwrap();
        let mut capture = captured();
        capture.begin_step("When");
        let record = "payroll-cd-1234567890abcdef.edge.tenants.us.auth0.com";
        let said =
            json!({ "verification": { "methods": [{ "name": "CNAME", "record": record }, { "record": "own" }] } });
        capture.push(target.request(http::Method::GET, "/custom-domains"), Some(answer(&said.to_string())));
        let told = Transcript::of(capture, &target);
        let methods = &told.exchanges()[0].interaction.response["verification"]["methods"];
        assert_eq!(methods, &json!([{ "name": "CNAME", "record": "(a name of the service)" }, { "record": "own" }]));
    }

    #[test]
    fn an_empty_or_short_key_id_stands_for_nothing() {
        let target = Target::new("http://127.0.0.1:1", "a", "b", "https://a.example/api/v2/", None).unwrap();
        let mut capture = captured();
        let keys = json!([{ "kid": "" }, { "kid": "a" }, { "kid": "a-key-of-the-tenant" }]);
        capture.remembered.push(("keys".to_owned(), keys));
        let told = Transcript::of(capture, &target);
        assert_eq!(told.shown("say a-key-of-the-tenant"), "say <keys.2.kid>");
    }

    #[test]
    fn what_is_looked_at_again_and_again_counts_once_with_its_last_answer() {
        let target = Target::new("http://127.0.0.1:1", "a", "b", "https://a.example/api/v2/", None).unwrap();
        let mut capture = captured();
        for said in ["[1]", "[1,2]", "[1,2,3]"] {
            capture.begin_step("Then");
            capture.push(target.request(http::Method::GET, "/api/v2/logs?q=a"), Some(answer(said)));
        }
        capture.push(target.request(http::Method::GET, "/api/v2/logs?q=b"), None);
        let told = Transcript::of(capture, &target);
        assert_eq!(told.exchanges().len(), 2);
        assert_eq!((told.exchanges()[0].step.0, &told.exchanges()[0].interaction.response), (1, &json!([1, 2, 3])));
        assert_eq!(told.exchanges()[1].interaction.status, 0, "no answer");
    }

    #[test]
    fn of_what_is_everyones_only_what_the_scenario_made_or_wrote_is_kept() {
        let exchange = |method: &str, path: &str, request, response| RecordedExchange {
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
