//! The tenant under test: performs a step, and compares the answer with the model's.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Method, Request, Response, header};
use m2mock::ApiError;
use m2mock::internal::{Config, Pins, Tenant};
use m2mock::{Clock, Entitlement, http};
use serde_json::{Value, json};

use super::model::{MANAGEMENT, Managed, Model, Reason, TokenAnswer};
use super::step::{Change, Read, Step, TokenRequest};

/// The management application, which is deleted at once: its grant with every scope would be in each list.
const MANAGER: &str = "ManagementApplication00000000000";

/// The headers of the token endpoint that are held against the model's.
const HEADERS: [&str; 9] = [
    "auth0-ratelimit",
    "auth0-client-quota-limit",
    "auth0-organization-quota-limit",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "cache-control",
    "pragma",
];

pub struct TenantUnderTest {
    tenant: Tenant,
    given: Vec<Given>,
}

/// A token that was given, as the model sees it.
struct Given {
    text: String,
    host: Option<&'static str>,
    header: Value,
    claims: Value,
}

impl TenantUnderTest {
    pub fn start(plan_has_organizations: bool, now: u64) -> Self {
        let config = Config {
            management_client_id: Some(MANAGER.to_owned()),
            without: if plan_has_organizations {
                Vec::new()
            } else {
                vec![Entitlement::MachineToMachineForOrganizations]
            },
            clock: Clock::fixed(now),
            journal_capacity: 1,
            ..Config::default()
        };
        let tenant = Tenant::new(config);
        let path = format!("/clients/{MANAGER}");
        tenant.perform(Method::DELETE, &path, Value::Null, Pins::default()).expect("a client can be deleted");
        TenantUnderTest { tenant, given: Vec::new() }
    }

    pub fn tokens_given(&self) -> usize {
        self.given.len()
    }

    /// Takes the step on both sides: how the answers differ, or what both say.
    pub fn play(&mut self, step: &Step, model: &mut Model) -> Result<Outcome, String> {
        match step {
            Step::Ask(request) => self.ask(request, model),
            Step::Change(change) => self.change(change, model),
            Step::Read(read) => {
                let answer = self.tenant.perform(Method::GET, &read.path(), Value::Null, Pins::default());
                agree(&model.read(read), answer.map(|body| told(read, &body)))
            }
            Step::UseToken { number, organization } => self.use_token(*number, organization, model),
            Step::Wait(time) => {
                self.tenant.clock().advance(*time);
                model.now += time.as_secs();
                Ok(Outcome::TimeWentBy)
            }
        }
    }

    fn ask(&mut self, request: &TokenRequest, model: &mut Model) -> Result<Outcome, String> {
        let expected = in_one_form(model.ask(request));
        let response = self.tenant.answer(request.request());
        let (text, answer) = read_token_answer(&response)?;
        let answer = in_one_form(answer);
        if answer != expected {
            return Err(difference(expected, answer));
        }
        if let Some((header, claims)) = &answer.token {
            self.given.push(Given { text, host: request.host, header: header.clone(), claims: claims.clone() });
        }
        Ok(Outcome::Asked(answer))
    }

    fn change(&mut self, change: &Change, model: &mut Model) -> Result<Outcome, String> {
        let (method, path, body, pins) = change.operation();
        let expected = model.change(change);
        let answer = self.tenant.perform(method, &path, body, pins);
        if let (Change::RotateSecret { client }, Ok(answer)) = (change, &answer) {
            let secret = answer["client_secret"].as_str().ok_or("    no secret in the answer")?;
            model.secret_was_rotated(client, secret);
        }
        agree(&expected, answer)
    }

    /// R44 and the conventions of the Management API: a token is valid until it expires, independent of later changes.
    fn use_token(&self, number: usize, organization: &str, model: &Model) -> Result<Outcome, String> {
        let given = &self.given[number];
        let mut request = Request::get(format!("/api/v2/organizations/{organization}"))
            .header(header::AUTHORIZATION, format!("Bearer {}", given.text));
        if let Some(host) = given.host {
            request = request.header(header::HOST, host);
        }
        let response = self.tenant.answer(request.body(Bytes::new()).expect("a request"));
        let body: Value = serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
        let status = response.status().as_u16();
        let found = (status, body["errorCode"].as_str(), body["message"].as_str().unwrap_or_default());
        match given.verdict(organization, model) {
            Managed::Done(_) if status == 200 && body["id"] == organization => Ok(Outcome::Used(status, body)),
            Managed::Refused(reasons) if reasons.iter().any(|reason| reason.is(found)) => {
                Ok(Outcome::Used(status, body))
            }
            expected => Err(difference(expected, Outcome::Used(status, body))),
        }
    }
}

impl Given {
    fn verdict(&self, organization: &str, model: &Model) -> Managed {
        let refusal = |sentence: &str| Reason::new(401, None, sentence);
        let signature = refusal("Invalid signature received for JSON Web Token validation");
        let expired = refusal("Expired token received for JSON Web Token validation");
        let is_expired = self.claims["exp"].as_u64() <= Some(model.now);
        if self.header["alg"] != "RS256" {
            return signature.into();
        }
        // A default audience has the host name of the request.
        let at_host = self.host.map(|host| format!("http://{host}/api/v2/"));
        let names = [Some(MANAGEMENT.to_owned()), at_host];
        if !names.iter().flatten().any(|name| self.claims["aud"] == *name) {
            // The order of the checks of time and audience is unknown.
            let audience = refusal(&format!("Bad audience: {}", self.claims["aud"].as_str().unwrap_or_default()));
            return Managed::Refused(if is_expired { vec![expired, audience] } else { vec![audience] });
        }
        if is_expired {
            return expired.into();
        }
        if !self.claims["scope"].as_str().unwrap_or_default().split(' ').any(|scope| scope == "read:organizations") {
            let sentence = "Insufficient scope, expected any of: read:organizations,read:organizations_summary";
            return Reason::new(403, "insufficient_scope", sentence).into();
        }
        match model.organization(organization) {
            Some(_) => Managed::done(),
            None => Reason::new(404, None, "No organization found by that id or name").into(),
        }
    }
}

impl Reason {
    fn is(&self, (status, code, sentence): (u16, Option<&str>, &str)) -> bool {
        self.status == status && self.code == code && self.sentence.as_deref().is_none_or(|own| own == sentence)
    }
}

fn agree(expected: &Managed, answer: Result<Value, ApiError>) -> Result<Outcome, String> {
    let agreed = match (expected, &answer) {
        (Managed::Done(None), Ok(_)) => true,
        (Managed::Done(Some(expected)), Ok(body)) => sorted_scope(expected.clone()) == sorted_scope(body.clone()),
        (Managed::Refused(reasons), Err(error)) => {
            reasons.iter().any(|reason| reason.is((error.status(), error.code(), error.message())))
        }
        _ => false,
    };
    let outcome = Outcome::Managed(answer);
    if agreed { Ok(outcome) } else { Err(difference(expected, outcome)) }
}

fn difference(expected: impl fmt::Display, found: impl fmt::Display) -> String {
    format!("    the model says:  {expected}\n    the tenant says: {found}")
}

/// What both sides say of a step.
pub enum Outcome {
    Asked(TokenAnswer),
    Managed(Result<Value, ApiError>),
    Used(u16, Value),
    TimeWentBy,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Asked(answer) => write!(f, "{answer}"),
            Outcome::Managed(Ok(body)) => write!(f, "done: {body}"),
            Outcome::Managed(Err(error)) => {
                write!(f, "{} {}: {error}", error.status(), error.code().unwrap_or("(no code)"))
            }
            Outcome::Used(status, body) => write!(f, "{status} {body}"),
            Outcome::TimeWentBy => Ok(()),
        }
    }
}

/// The part of an answer that the model gives.
fn told(read: &Read, body: &Value) -> Value {
    let ids = |list: &Value| {
        let mut ids: Vec<&str> = list.as_array().into_iter().flatten().filter_map(|item| item["id"].as_str()).collect();
        ids.sort_unstable();
        json!(ids)
    };
    match read {
        Read::Grants | Read::Grant(_) => body.clone(),
        Read::GrantsOf(_) => json!({ "total": body["total"], "ids": ids(&body["client_grants"]) }),
        Read::OrganizationsOf(_) => json!({ "total": body["total"], "ids": ids(&body["organizations"]) }),
        Read::DefaultOrganizationOf(_) => body["default_organization"]["organization_id"].clone(),
    }
}

fn read_token_answer(response: &Response<Bytes>) -> Result<(String, TokenAnswer), String> {
    let mut headers = super::model::Headers::new();
    for name in HEADERS {
        if let Some(value) = response.headers().get(name) {
            headers.insert(name, value.to_str().map_err(|error| error.to_string())?.to_owned());
        }
    }
    let mut body: Value = serde_json::from_slice(response.body()).map_err(|error| error.to_string())?;
    let text = body.as_object_mut().and_then(|body| body.remove("access_token"));
    let text = text.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let token = if text.is_empty() { None } else { Some(read_token(&text)?) };
    Ok((text, TokenAnswer { status: response.status().as_u16(), headers, body, token }))
}

fn read_token(text: &str) -> Result<(Value, Value), String> {
    let part = |number| {
        let encoded = text.split('.').nth(number).ok_or("a part of the token is missing")?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|error| error.to_string())?;
        serde_json::from_slice::<Value>(&bytes).map_err(|error| error.to_string())
    };
    let (mut header, mut claims) = (part(0)?, part(1)?);
    // What is drawn at random only has to be there.
    if header["kid"].as_str().is_some_and(|kid| !kid.is_empty()) {
        header["kid"] = json!("some");
    }
    if claims["jti"].as_str().is_some_and(|jti| jti.len() == 22) {
        claims["jti"] = json!("some");
    }
    Ok((header, claims))
}

/// Scopes in one order, as theirs has no meaning.
fn in_one_form(mut answer: TokenAnswer) -> TokenAnswer {
    let refusal = "Client has not been granted scopes: ";
    if let Some(scopes) = answer.body["error_description"].as_str().and_then(|text| text.strip_prefix(refusal)) {
        let mut scopes: Vec<&str> = scopes.split(", ").collect();
        scopes.sort_unstable();
        answer.body["error_description"] = json!(format!("{refusal}{}", scopes.join(", ")));
    }
    answer.body = sorted_scope(answer.body);
    answer.token = answer.token.map(|(header, claims)| (header, sorted_scope(claims)));
    // These two are held for tokens only: a refusal is not stored in any case.
    if answer.token.is_none() {
        answer.headers.remove("cache-control");
        answer.headers.remove("pragma");
    }
    answer
}

fn sorted_scope(mut value: Value) -> Value {
    if let Value::Array(items) = value {
        return items.into_iter().map(sorted_scope).collect();
    }
    if let Some(scope) = value["scope"].as_str().map(sorted) {
        value["scope"] = json!(scope);
    }
    for member in ["scope", "permissions"] {
        if let Some(items) = value.get_mut(member).and_then(Value::as_array_mut) {
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
    }
    value
}

fn sorted(words: &str) -> String {
    let mut words: Vec<&str> = words.split(' ').collect();
    words.sort_unstable();
    words.join(" ")
}
