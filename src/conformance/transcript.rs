//! What one scenario asked and was answered, without anything that differs from run to run: names by the run, ids by what the
//! scenario calls them, tokens by what they say, and secrets not at all.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::client::Asked;
use super::replay::redaction::{REDACTED, is_secret, redact};
use super::replay::{Interaction, heard, is_identifier, is_list};
use super::target::{Answer, Target};

/// The transcript of one scenario.
pub struct Transcript {
    /// The path of the feature file.
    pub feature: String,
    /// The scenario's name.
    pub scenario: String,
    /// The line of the scenario, or of its example.
    pub line: usize,
    /// Why a step stopped the scenario, if one did.
    pub stopped: Option<String>,
    exchanges: Vec<Exchange>,
    names: Names,
}

/// One request with its answer.
pub struct Exchange {
    /// Which of the scenario's steps asked, counted from 1, and what it says.
    pub step: (usize, String),
    /// What was asked and answered. Ids stand as they are; [`Transcript::shown`] names them.
    pub interaction: Interaction,
    /// What the answer carries for whoever started the tenant.
    pub mark: Option<String>,
    /// Whether it is about the tenant as a whole, of which only what the run itself made or wrote is kept.
    pub tenant_wide: bool,
}

/// A header by which a mock that was started for this tells its answers apart.
pub const MARK: &str = "m2mock-answer";

impl Transcript {
    /// How many requests were made.
    pub fn requests(&self) -> usize {
        self.exchanges.len()
    }

    /// The requests, in their order.
    pub fn exchanges(&self) -> &[Exchange] {
        &self.exchanges
    }

    /// A text of this scenario as it is shown to anyone.
    pub fn shown(&self, text: &str) -> String {
        self.names.shown(text)
    }

    /// Whether a shown text names something that is there in this scenario only.
    pub fn names_something(&self, shown: &str) -> bool {
        let names = self.names.plain.iter().chain(&self.names.references).map(|(_, name)| name.as_str());
        names.chain(["<id>", "<entry>", REDACTED]).any(|name| shown.contains(name))
    }

    /// A value of this scenario as it is shown to anyone.
    pub fn shown_value(&self, value: &Value) -> Value {
        mapped(value, &|text| self.names.shown(text))
    }
}

/// Keeps what a scenario asks while it runs.
pub(super) struct Hearing {
    feature: String,
    scenario: String,
    line: usize,
    steps: (usize, String),
    stopped: Option<String>,
    exchanges: Vec<(Asked, Option<Answer>, (usize, String))>,
    references: Vec<(String, String)>,
    secrets: BTreeSet<String>,
}

/// Shorter texts would be found in the middle of others.
const SHORTEST_SECRET: usize = 8;

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
                        Value::String(text) if is_secret(member) => self.hides(text),
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
                if (is_identifier(text) || text.contains(label) || name.ends_with(".kid"))
                    && self.references.iter().all(|(known, _)| known != text) =>
            {
                self.references.push((text.clone(), format!("<{name}>")));
            }
            _ => {}
        }
    }

    fn hides(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_SECRET {
            self.secrets.insert(secret.to_owned());
        }
    }

    fn hides_all(&mut self, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                Value::String(text) if is_secret(name) => self.hides(text),
                _ => self.hides_all(value),
            }),
            Value::Array(items) => items.iter().for_each(|item| self.hides_all(item)),
            _ => {}
        }
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
            self.hides_all(&interaction.request);
            self.hides_all(&interaction.response);
        }
        self.hides(target.client_secret());
        let names = Names::of(&self, label, target);
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

/// What stands for what differs from run to run, and from tenant to tenant.
struct Names {
    /// Replaced in whatever is compared.
    plain: Vec<(String, String)>,
    /// Replaced, after that, in whatever is shown.
    references: Vec<(String, String)>,
    /// The first part of the tenant's domain.
    tenant: String,
}

impl Names {
    fn of(hearing: &Hearing, label: &str, target: &Target) -> Names {
        let others = (format!("{}-", target.run()), "<another>-".to_owned());
        let mut plain = vec![(format!("{label}-"), OWN.to_owned()), others];
        plain.extend(target.names().into_iter().map(|(name, text)| (text, format!("<{name}>"))));
        let tenant = target.domain().split('.').next().unwrap_or_default().to_owned();
        plain.push((format!("https://{}/{tenant}/", target.domain()), "<tenant.uri>/<tenant.name>/".to_owned()));
        plain.extend(hearing.secrets.iter().map(|secret| (secret.clone(), REDACTED.to_owned())));
        plain.retain(|(text, _)| text.len() >= SHORTEST_SECRET);
        longest_first(&mut plain);
        let references = hearing.references.iter().map(|(text, name)| (replaced(text, &plain), name.clone()));
        let mut references: Vec<(String, String)> = references.collect();
        longest_first(&mut references);
        Names { plain, references, tenant }
    }

    fn plain(&self, text: &str) -> String {
        without_what_follows(&replaced(text, &self.plain))
    }

    /// The tenant's own name is short, and may be a part of other words: it is looked for where it stands alone.
    fn without_its_name(&self, value: &mut Value) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(member, value)| match value {
                Value::String(name) if member.starts_with("tenant") && *name == self.tenant => {
                    *name = "<tenant.name>".to_owned();
                }
                // It is the public half of nothing that the scenario made, and has a form of its own in each tenant.
                Value::String(kid) if member == "kid" && !kid.is_empty() => *kid = "(a key)".to_owned(),
                // Where the run itself comes from.
                Value::String(ip) if matches!(member.as_str(), "ip" | "last_ip") => *ip = "(an address)".to_owned(),
                _ => self.without_its_name(value),
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| self.without_its_name(item)),
            _ => {}
        }
    }

    /// Whether a request reads or changes what is there without the run as well.
    fn is_tenant_wide(&self, interaction: &Interaction) -> bool {
        let path = percent_encoding::percent_decode_str(&interaction.path).decode_utf8_lossy();
        let read = ["GET", "PATCH"].contains(&interaction.method.as_str()) && interaction.status < 300;
        read && path.starts_with("/api/v2/") && !self.shown(&path).contains('<')
    }

    fn shown(&self, text: &str) -> String {
        without_identifiers(&replaced(&self.plain(text), &self.references))
    }

    fn normalised(&self, mut interaction: Interaction) -> Interaction {
        let plain = |text: &str| self.plain(text);
        if let Some(token) = interaction.response.get("access_token").and_then(Value::as_str) {
            interaction.response["access_token"] = what_it_says(token);
        }
        redact(&mut interaction.request);
        redact(&mut interaction.response);
        self.without_its_name(&mut interaction.response);
        let mut query: Value = interaction.query.into_iter().collect();
        redact(&mut query);
        Interaction {
            path: self.plain(&interaction.path),
            query: query
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| (name.clone(), mapped(value, &plain)))
                .collect(),
            request: mapped(&interaction.request, &plain),
            response: mapped(&interaction.response, &plain),
            ..interaction
        }
    }
}

/// Begins the names of what the scenario made.
const OWN: &str = "<run>-";

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

/// What follows from a text that differs from run to run, or is drawn in another form than ids: the picture of an email address,
/// the id of an entry of the log, a certificate.
fn without_what_follows(text: &str) -> String {
    if let Some(kind) = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.split("-----").next()) {
        return format!("({kind})");
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    const PICTURE: &str = "gravatar.com/avatar/";
    while let Some(character) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(after) = rest.strip_prefix(PICTURE) {
            out.push_str(PICTURE);
            let hash = after.bytes().take_while(u8::is_ascii_hexdigit).count();
            out.push_str("(a hash)");
            rest = &after[hash..];
        } else if digits >= 40 {
            out.push_str("<entry>");
            rest = &rest[digits..];
        } else {
            let length = if digits > 0 { digits } else { character.len_utf8() };
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    out
}

fn longest_first(names: &mut [(String, String)]) {
    names.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
}

/// A text with each of these replaced, in one pass: what was put in is not looked at again.
fn replaced(text: &str, names: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        match names.iter().find(|(name, _)| rest.starts_with(name.as_str())) {
            Some((name, instead)) => {
                out.push_str(instead);
                rest = &rest[name.len()..];
            }
            None => {
                out.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    out
}

/// A text with `<id>` for each identifier that has no name, but for those of nothing.
fn without_identifiers(text: &str) -> String {
    let in_an_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '|');
    let masked = |word: &str| {
        if is_identifier(word) && !word.contains("0000000000000000") { "<id>".to_owned() } else { word.to_owned() }
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_an_id(c)).unwrap_or(rest.len());
        out.push_str(&masked(&rest[..end]));
        let next = rest[end..].find(in_an_id).map_or(rest.len(), |at| end + at);
        out.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    out
}

/// A value with every text in it replaced, names of members included.
fn mapped(value: &Value, map: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => map(text).into(),
        Value::Array(items) => items.iter().map(|item| mapped(item, map)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (map(name), mapped(value, map))).collect(),
        other => other.clone(),
    }
}

/// A token by what it says; moments by their distance, and what is drawn by its length.
fn what_it_says(token: &str) -> Value {
    let part = |index| {
        let bytes = token.split('.').nth(index).and_then(|part| BASE64_URL_SAFE_NO_PAD.decode(part).ok());
        bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
    };
    let (Some(mut header), Some(mut claims)) = (part(0), part(1)) else { return "(no JWT)".into() };
    if header["kid"].is_string() {
        header["kid"] = "(a key)".into();
    }
    let issued_at = claims["iat"].as_i64();
    if let Some(members) = claims.as_object_mut() {
        for (claim, value) in members {
            *value = match (claim.as_str(), &*value, issued_at) {
                ("iat", Value::Number(_), _) => "(a moment)".into(),
                ("exp" | "nbf", Value::Number(moment), Some(iat)) => {
                    format!("iat + {}", moment.as_i64().unwrap_or_default() - iat).into()
                }
                ("jti", Value::String(text), _) => format!("({} characters)", text.len()).into(),
                _ => continue,
            };
        }
    }
    json!({ "header": header, "claims": claims })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::replay::Interaction;
    use super::super::target::{Answer, Target};
    use super::{
        Exchange, Hearing, longest_first, only_of_the_run, replaced, what_it_says, without_identifiers,
        without_what_follows,
    };

    #[test]
    fn of_two_names_that_begin_alike_the_longer_one_is_meant() {
        let mut names = vec![("acme".to_owned(), "<a>".to_owned()), ("acme-x".to_owned(), "<acme-x.name>".to_owned())];
        longest_first(&mut names);
        assert_eq!(replaced("acme, acme-x and acme-y", &names), "<a>, <acme-x.name> and <a>-y");
    }

    fn answer(text: &str) -> Answer {
        let body = serde_json::from_str(text).unwrap();
        Answer { status: 400, headers: http::HeaderMap::new(), text: text.to_owned(), body }
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
    fn what_follows_from_a_name_or_a_moment_is_no_difference() {
        assert_eq!(
            without_what_follows("https://s.gravatar.com/avatar/0a1b2c?s=480"),
            "https://s.gravatar.com/avatar/(a hash)?s=480"
        );
        assert_eq!(without_what_follows(&format!("/logs/{}/é 12", "9".repeat(56))), "/logs/<entry>/é 12");
        assert_eq!(without_what_follows("-----BEGIN PKCS7-----\r\nMII\r\n-----END PKCS7-----"), "(PKCS7)");
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

    #[test]
    fn an_identifier_without_a_name_is_only_said_to_be_one() {
        assert_eq!(without_identifiers("no org_Abcdefgh12345678, é"), "no <id>, é");
        assert_eq!(without_identifiers("org_0000000000000000 read:trips"), "org_0000000000000000 read:trips");
    }

    #[test]
    fn a_token_is_shown_by_what_it_says() {
        let token = "eyJhbGciOiJub25lIn0.eyJpYXQiOjEwMCwiZXhwIjoxNjAsIm9yZ19pZCI6Im8iLCJqdGkiOiJhYmMifQ.c2lnbmF0dXJl";
        let claims = json!({ "iat": "(a moment)", "exp": "iat + 60", "org_id": "o", "jti": "(3 characters)" });
        assert_eq!(what_it_says(token), json!({ "header": { "alg": "none" }, "claims": claims }));
        assert_eq!(what_it_says("opaque"), json!("(no JWT)"));
    }
}
