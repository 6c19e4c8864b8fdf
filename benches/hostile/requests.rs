//! The requests of a run. The seed of the run and the number of the request determine each of them.

use std::net::SocketAddr;

use fastrand::Rng;
use m2mock::internal::ModelledOperation;
use serde_json::{Value, json};

use super::bodies::{Conforming, Ids, damaged, odd_text, power, word};
use super::ends::Ends;
use super::head::{Head, LONG_LINE, header_text, percent_encoded};
use super::malformed;
use super::tenant::Tenant;

/// A megabyte, as long as the server lets a body be.
pub const MEGABYTE: usize = 1 << 20;

/// What a request is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A megabyte that is refused.
    Megabyte,
    LongLine,
    /// An operation of the Management API with something wrong.
    Operation,
    Token,
    Control,
    /// Bytes that are not HTTP, or HTTP of a kind that strict servers refuse.
    Malformed,
}

pub const KINDS: [(Kind, &str); 6] = [
    (Kind::Operation, "bodies, queries, paths and headers of every operation"),
    (Kind::Token, "token requests"),
    (Kind::LongLine, "long paths, queries and headers"),
    (Kind::Megabyte, "refusals of 1 MB"),
    (Kind::Control, "broken bodies below `/__admin`"),
    (Kind::Malformed, "malformed HTTP"),
];

/// A request and what is expected of it.
pub struct Sent {
    pub kind: Kind,
    pub bytes: Vec<u8>,
    pub ends: Ends,
}

/// What the requests aim at.
pub struct Target {
    pub address: SocketAddr,
    pub operations: Vec<ModelledOperation>,
    /// Never reset, so that its journal and its log are full. Nothing that is sent to it changes its state.
    pub lasting: Tenant,
    /// Requests may change this one. It is reset now and then.
    pub changing: Tenant,
    /// A token request of the lasting tenant that is granted.
    pub granted: Value,
}

impl Target {
    pub fn request(&self, seed: u64, number: usize) -> Sent {
        let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number as u64);
        let kind = match rng.u16(..1_000) {
            0..5 => Kind::Megabyte,
            5..80 => Kind::LongLine,
            80..110 => Kind::Control,
            110..260 => Kind::Token,
            260..460 => Kind::Malformed,
            _ => Kind::Operation,
        };
        let (bytes, ends) = match kind {
            Kind::Megabyte => (self.megabyte(&mut rng), Ends::Answered),
            Kind::LongLine => self.long_line(&mut rng),
            Kind::Control => (self.control(&mut rng), Ends::Answered),
            Kind::Token => (self.token(&mut rng), Ends::Answered),
            // Every operation in its turn.
            Kind::Operation => {
                (self.operation(&mut rng, &self.operations[number % self.operations.len()]), Ends::Answered)
            }
            Kind::Malformed => malformed::request(&mut rng, &self.lasting.host),
        };
        Sent { kind, bytes, ends }
    }

    /// A megabyte that is refused.
    pub fn megabyte(&self, rng: &mut Rng) -> Vec<u8> {
        let long = "x".repeat(MEGABYTE - 1_000);
        let (path, body) = match rng.u8(..12) {
            0 => {
                let mut body = self.granted.clone();
                let member =
                    rng.choice(["client_id", "client_secret", "audience", "scope", "organization", "grant_type"]);
                body[member.unwrap_or_default()] = long.into();
                ("/oauth/token", body.to_string())
            }
            1 => ("/oauth/token", format!("grant_type=client_credentials&client_id={long}")),
            2 => {
                ("/api/v2/clients", json!({ "name": "x", "callbacks": (0..140_000).collect::<Vec<u32>>() }).to_string())
            }
            3 => ("/api/v2/clients", json!({ "name": 1, long: 1 }).to_string()),
            4 => ("/api/v2/clients", json!({ "name": "x", "app_type": long }).to_string()),
            5 => ("/api/v2/client-grants", json!({ "client_id": "nobody", "audience": long, "scope": [] }).to_string()),
            6 => {
                let members = (0..40_000).map(|number| (format!("unknown{number}"), Value::Null));
                ("/api/v2/organizations", Value::Object(members.collect()).to_string())
            }
            7 => ("/api/v2/roles", "[".repeat(MEGABYTE)),
            // The smallest values, as many as a megabyte has.
            8 => ("/api/v2/clients", json!({ "name": "x", "callbacks": vec![0; MEGABYTE / 2 - 100] }).to_string()),
            9 => {
                let members = (0..80_000).map(|number| (number.to_string(), Value::Null));
                ("/oauth/token", Value::Object(members.collect()).to_string())
            }
            10 => return Head::new(&self.lasting, "POST", "/oauth/token").with("a=&".repeat(MEGABYTE / 3).as_bytes()),
            // A little too much.
            _ => ("/api/v2/users", "x".repeat(MEGABYTE + 1 + rng.usize(..100_000))),
        };
        let head = Head::new(&self.lasting, "POST", path).bearer(&self.lasting.bearer).json();
        if rng.u8(..4) == 0 { head.chunked(rng, body.as_bytes()) } else { head.with(body.as_bytes()) }
    }

    /// A refusal that leaves as much as one can leave in the journal and the log.
    pub fn largest_entry(&self, rng: &mut Rng) -> Vec<u8> {
        let mut text = |length: usize| word(rng).repeat(length)[..length].to_owned();
        let path = format!("/api/v2/clients/{}?{}", text(2_000), text(2_000));
        let body = json!({ "name": text(2_000), "description": text(1_900), "x": 1 }).to_string();
        let agent = text(2_000);
        let head = Head::new(&self.lasting, "PATCH", &path).bearer(&self.lasting.bearer).json();
        head.header("user-agent", &agent).with(body.as_bytes())
    }

    fn long_line(&self, rng: &mut Rng) -> (Vec<u8>, Ends) {
        let line =
            rng.choice(["p", "/p", "%41", "%00", "a=b&", "é", ",", "../", "[", "name:x AND "]).unwrap_or_default();
        let line = percent_encoded(&line.repeat(rng.usize(1_000..LONG_LINE) / line.len().max(1)));
        let method = *rng.choice(&["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"]).unwrap_or(&"GET");
        let path = match rng.u8(..8) {
            0 => format!("/{line}"),
            1 => format!("/api/v2/{line}"),
            2 => format!("/api/v2/clients/{line}"),
            3 => format!("/api/v2/clients?fields={line}"),
            4 => format!("/api/v2/users?search_engine=v3&q={line}"),
            5 => format!("/oauth/token?client_id={line}"),
            6 => format!("/__admin/v1/{line}"),
            _ => "/api/v2/clients".to_owned(),
        };
        let mut head = Head::new(&self.lasting, method, &path).bearer(&self.lasting.bearer);
        if !path.ends_with(&line) {
            let name =
                *rng.choice(&["user-agent", "cookie", "content-type", "x-forwarded-for", "origin"]).unwrap_or(&"x");
            head = head.header(name, &line);
        }
        // The line of the request has a bound of its own, and so has the head: the answer comes before all of it is read.
        let is_too_long = head.len() > LONG_LINE;
        let bytes = if matches!(method, "GET" | "HEAD") { head.without_body() } else { head.json().with(b"{}") };
        (bytes, if is_too_long { Ends::AnsweredOrClosed } else { Ends::Answered })
    }

    /// Bodies below `/__admin` that are never right: what is right there may make the tenant answer anything.
    fn control(&self, rng: &mut Rng) -> Vec<u8> {
        let (method, path) = *rng
            .choice(&[
                ("PUT", "state"),
                ("PUT", "clock"),
                ("POST", "faults"),
                ("POST", "tenants"),
                ("DELETE", "faults/none"),
            ])
            .unwrap_or(&("PUT", "state"));
        let body = match rng.u8(..6) {
            0 => b"{".to_vec(),
            1 => "[".repeat(power(rng, 100_000)).into_bytes(),
            2 => json!(odd_text(rng)).to_string().into_bytes(),
            3 => [b"{\"domain\":\"", odd_text(rng).as_bytes(), b"\xff\"}"].concat(),
            4 => json!({ "unknown": odd_text(rng) }).to_string().into_bytes(),
            _ => (0..power(rng, 5_000)).map(|_| rng.u8(..)).chain([b'}']).collect(),
        };
        let path = format!("/__admin/v1/{path}");
        Head::new(&self.lasting, method, &path).json().with(&body)
    }

    fn token(&self, rng: &mut Rng) -> Vec<u8> {
        let body = self.granted.clone();
        let mut head = Head::new(&self.lasting, "POST", "/oauth/token");
        if rng.u8(..4) == 0 {
            head = head.header("authorization", &format!("Basic {}", header_text(&odd_text(rng))));
        }
        let members = body.as_object().cloned().unwrap_or_default();
        match rng.u8(..3) {
            0 => {
                let mut form = form(rng, &members);
                // The same again, or another value for it.
                for _ in 0..rng.u8(..3) {
                    let again =
                        *rng.choice(&["client_id", "audience", "scope", "grant_type", "organization"]).unwrap_or(&"x");
                    form += &format!("&{again}={}", percent_encoded(&odd_text(rng)));
                }
                form += rng.choice(["", "&", "&&==&", "&%zz=%", "&a", "&=b", "&%00=%ff"]).unwrap_or_default();
                head.header("content-type", "application/x-www-form-urlencoded").with(form.as_bytes())
            }
            _ => {
                let body = damaged(rng, body);
                head.typed(rng).framed(rng, &body)
            }
        }
    }

    fn operation(&self, rng: &mut Rng, operation: &ModelledOperation) -> Vec<u8> {
        let tenant = &self.changing;
        let file = operation.schemas;
        let conforming = Conforming { file, ids: &tenant.ids };
        let path = format!("/api/v2{}{}", filled(rng, operation.path, &tenant.ids), query(rng, operation, &conforming));
        let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"];
        let method = if rng.u8(..20) == 0 { methods[rng.usize(..methods.len())] } else { operation.method };
        let head = Head::new(tenant, method, &path).authorized(rng, &self.lasting.bearer, &tenant.bearer);
        let Some(name) = operation.body else {
            return if rng.u8(..10) > 0 { head.without_body() } else { head.typed(rng).framed(rng, b"{}") };
        };
        let body = conforming.value(rng, &file["bodies"][name], "", 0);
        match rng.u8(..12) {
            // As it is, for something that later requests damage.
            0..=1 => head.json().with(body.to_string().as_bytes()),
            2 => {
                let form = form(rng, &body.as_object().cloned().unwrap_or_default());
                head.header("content-type", "application/x-www-form-urlencoded").with(form.as_bytes())
            }
            3 => multipart(rng, head, &body),
            _ => {
                let body = damaged(rng, body);
                head.typed(rng).framed(rng, &body)
            }
        }
    }
}

/// A path with ids that are there, and some that are not.
fn filled(rng: &mut Rng, path: &str, ids: &Ids) -> String {
    const NOBODY: &[&str] =
        &["nobody", "%00", "%F0%28", "..", ".", "%2F", "*", "%25", "org_0000000000000000", "auth0%7C", "-1", "%20"];
    let mut collection = "";
    let mut segments = Vec::new();
    for segment in path.split('/') {
        if segment.starts_with('{') {
            let known = ids.get(collection).and_then(|ids| rng.choice(ids));
            segments.push(match (rng.u8(..10), known) {
                (0, _) | (_, None) => rng.choice(NOBODY).copied().unwrap_or_default().to_owned(),
                (1, _) => percent_encoded(&odd_text(rng)),
                (_, Some(id)) => percent_encoded(id),
            });
        } else {
            collection = segment;
            segments.push(segment.to_owned());
        }
    }
    segments.join("/")
}

fn query(rng: &mut Rng, operation: &ModelledOperation, conforming: &Conforming<'_>) -> String {
    let mut pairs = Vec::new();
    if let Some(name) = operation.query {
        let schema = &conforming.file["queries"][name];
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if rng.u8(..4) == 0 {
                let value = match conforming.value(rng, schema, name, 0) {
                    Value::String(text) => text,
                    value => value.to_string(),
                };
                pairs.push(format!("{name}={}", percent_encoded(&value)));
            }
        }
    }
    for _ in 0..rng.u8(..20).saturating_sub(17) {
        let name = rng
            .choice(["page", "per_page", "from", "take", "q", "fields", "sort", "include_totals"])
            .unwrap_or_default();
        let name = if rng.u8(..4) == 0 { word(rng) } else { name.to_owned() };
        let value = odd_text(rng);
        // One that is encoded, or what a client sends that encodes nothing.
        pairs.push(format!(
            "{name}={}",
            if rng.bool() { percent_encoded(&value) } else { header_text(&value).replace(' ', "+") }
        ));
    }
    rng.shuffle(&mut pairs);
    let mut query = pairs.join("&");
    // Longer lines than this have a kind of their own.
    query.truncate(LONG_LINE / 2);
    if query.is_empty() { query } else { format!("?{query}") }
}

fn form(rng: &mut Rng, members: &serde_json::Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        let value = if rng.u8(..6) == 0 { odd_text(rng) } else { value };
        format!("{name}={}", percent_encoded(&value))
    };
    members.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A form with parts, some of which have no name, no end or another border.
fn multipart(rng: &mut Rng, head: Head, body: &Value) -> Vec<u8> {
    let border = *rng.choice(&["b", "-", "----WebKitFormBoundary", "", "\"b", "b b"]).unwrap_or(&"b");
    let head = match rng.u8(..6) {
        0 => head.header("content-type", "multipart/form-data"),
        _ => head.header("content-type", &format!("multipart/form-data; boundary={border}")),
    };
    let mut parts = Vec::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        parts.extend(format!("--{border}\r\n").bytes());
        if rng.u8(..8) > 0 {
            parts.extend(
                format!("content-disposition: form-data; name=\"{name}\"; filename=\"{}\"\r\n", word(rng)).bytes(),
            );
        }
        parts.extend(b"\r\n");
        parts.extend(damaged(rng, value.clone()));
        parts.extend(b"\r\n");
    }
    if rng.u8(..8) > 0 {
        parts.extend(format!("--{border}--\r\n").bytes());
    }
    head.with(&parts)
}
