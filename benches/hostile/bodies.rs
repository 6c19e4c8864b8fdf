//! Bodies: a valid one for a schema, and damaged variants of it.

use std::collections::BTreeMap;

use fastrand::Rng;
use serde_json::{Map, Value, json};

/// The ids that a tenant has, by the collection that they belong to: `clients`, `organizations`.
pub type Ids = BTreeMap<String, Vec<String>>;

/// A body that keeps to a schema in most of its members.
pub struct Conforming<'a> {
    /// The file that the schema's references lead into.
    pub file: &'a Value,
    pub ids: &'a Ids,
}

/// Optional members stand in a body down to this depth.
const DEEP: usize = 4;

impl Conforming<'_> {
    pub fn value(&self, rng: &mut Rng, schema: &Value, name: &str, depth: usize) -> Value {
        if let Some(reference) = schema["$ref"].as_str() {
            let shared = self.file.pointer(reference.trim_start_matches('#'));
            return shared.map_or(Value::Null, |shared| self.value(rng, shared, name, depth));
        }
        if let Some(values) = schema["enum"].as_array() {
            return rng.choice(values).cloned().unwrap_or_default();
        }
        for keyword in ["oneOf", "anyOf", "allOf"] {
            if let Some(branch) = schema[keyword].as_array().and_then(|branches| rng.choice(branches)) {
                return self.value(rng, branch, name, depth);
            }
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => rng.choice(kinds).and_then(Value::as_str).unwrap_or("null"),
            kind => kind.as_str().unwrap_or("string"),
        };
        let limit = |keyword: &str, usual: i64| schema[keyword].as_i64().unwrap_or(usual);
        match kind {
            "object" => self.object(rng, schema, depth),
            "array" => {
                let least = limit("minItems", 0);
                let count = rng.i64(least..=limit("maxItems", least + 2).min(least + 2));
                (0..count).map(|_| self.value(rng, &schema["items"], name, depth + 1)).collect()
            }
            "integer" | "number" => {
                let least = limit("minimum", 0);
                rng.i64(least..=limit("maximum", least + 100).max(least)).into()
            }
            "boolean" => rng.bool().into(),
            "null" => Value::Null,
            _ => self.text(rng, schema, name).into(),
        }
    }

    fn object(&self, rng: &mut Rng, schema: &Value, depth: usize) -> Value {
        let required =
            |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|of| of == name));
        let mut members = Map::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if required(name) || depth < DEEP && rng.u8(..5) == 0 {
                members.insert(name.clone(), self.value(rng, schema, name, depth + 1));
            }
        }
        if let Some(others) = schema.get("additionalProperties").filter(|others| others.is_object()) {
            for _ in 0..rng.u8(..3) {
                members.insert(word(rng), self.value(rng, others, "", depth + 1));
            }
        }
        Value::Object(members)
    }

    fn text(&self, rng: &mut Rng, schema: &Value, name: &str) -> String {
        let of_collection = |rng: &mut Rng, collection: &str| {
            self.ids.get(collection).and_then(|ids| rng.choice(ids)).cloned().unwrap_or_else(|| "nobody".to_owned())
        };
        let text = match (name, schema["format"].as_str().unwrap_or_default()) {
            ("grant_id", _) | (_, "client-grant-id") => of_collection(rng, "client-grants"),
            ("audience" | "resource_server_identifier", _) => "https://travel0.example/api".to_owned(),
            ("client_id" | "clients" | "enabled_clients", _) | (_, "client-id") => of_collection(rng, "clients"),
            ("connection_id", _) | (_, "connection-id") => of_collection(rng, "connections"),
            ("connection", _) | (_, "connection-realm") => "staff".to_owned(),
            ("organization_id", _) | (_, "organization-id") => of_collection(rng, "organizations"),
            ("roles", _) | (_, "role-id") => of_collection(rng, "roles"),
            ("user_id" | "members" | "users", _) | (_, "user-id" | "user-id-with-max-length") => {
                of_collection(rng, "users")
            }
            ("password", _) => format!("Passengers 1st {}", rng.u16(..)),
            ("scope" | "permission_name", _) => "read:trips".to_owned(),
            ("country_codes" | "items", _) => "NZ".to_owned(),
            (_, "email" | "email-or-empty") => format!("jane{}@travel0.example", rng.u16(..)),
            (_, "date-time") => "2050-05-13T09:33:13Z".to_owned(),
            (_, "html-color") => "#a1b2c3".to_owned(),
            (_, "ipv4") => "10.0.0.1".to_owned(),
            (_, "cidr") => "10.0.0.0/8".to_owned(),
            (_, "ipv6" | "ipv6_cidr") => "2001:db8::1".to_owned(),
            (_, "" | "acr" | "organization-name") => format!("{}-{}", word(rng), rng.u16(..)),
            // The remaining formats want a web address.
            _ => format!("https://travel0.example/{}", rng.u16(..)),
        };
        let least = schema["minLength"].as_u64().map_or(0, |least| least as usize);
        let missing = least.saturating_sub(text.len());
        text + &"x".repeat(missing)
    }
}

/// Somewhat longer than the server lets a body be.
const LONGEST: usize = 2 << 20;

/// A body with something in it that nobody should send, or that is simply not expected.
pub fn damaged(rng: &mut Rng, mut body: Value) -> Vec<u8> {
    for _ in 0..rng.u8(..3) {
        let places = places(&body);
        let place = rng.choice(&places).cloned().unwrap_or_default();
        if let Some(value) = body.pointer_mut(&place) {
            damage(rng, value);
        }
    }
    let text = body.to_string().into_bytes();
    let mut text = if rng.u8(..3) > 0 { text } else { damaged_text(rng, text) };
    // The server reads on for 16 MiB after a refusal, so that its client sees that. A longer body ends in a broken connection.
    text.truncate(LONGEST);
    text
}

/// JSON pointers to a value and everything in it.
fn places(value: &Value) -> Vec<String> {
    let mut places = vec![String::new()];
    let mut open = vec![(String::new(), value)];
    while let Some((place, value)) = open.pop() {
        let inner: Vec<(String, &Value)> = match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")), value))
                .collect(),
            Value::Array(items) => {
                items.iter().enumerate().map(|(at, value)| (format!("{place}/{at}"), value)).collect()
            }
            _ => Vec::new(),
        };
        places.extend(inner.iter().map(|(place, _)| place.clone()));
        open.extend(inner);
    }
    places
}

fn damage(rng: &mut Rng, value: &mut Value) {
    match (rng.u8(..5), &mut *value) {
        (0, Value::Object(members)) => {
            let name = members.keys().nth(rng.usize(..members.len().max(1))).cloned();
            name.map(|name| members.remove(&name));
        }
        (1, Value::Object(members)) => {
            for _ in 0..power(rng, 200) {
                members.insert(name(rng), odd_value(rng));
            }
        }
        (0, Value::Array(items)) => items.truncate(rng.usize(..=items.len())),
        (1, Value::Array(items)) => items.extend(vec![odd_value(rng); power(rng, 2_000)]),
        (2, _) => {
            // Deeper than a tenant keeps things, and than a parser should follow.
            for _ in 0..power(rng, 300) {
                let inner = value.take();
                *value = if rng.bool() { json!([inner]) } else { json!({ "a": inner }) };
            }
        }
        _ => *value = odd_value(rng),
    }
}

/// A value of any type, most of them at a limit of something.
fn odd_value(rng: &mut Rng) -> Value {
    match rng.u8(..20) {
        0 => Value::Null,
        1 => rng.bool().into(),
        2 => (-1).into(),
        3 => 0.into(),
        4 => i64::MIN.into(),
        5 => u64::MAX.into(),
        6 => json!(1e308),
        7 => json!(0.1),
        8 => json!([]),
        9 => json!({}),
        10 => json!([[[{}]], null, ""]),
        11 => json!({ "__proto__": {}, "$ref": "#/shared/X", "": "" }),
        12 => json!(vec![Value::Null; power(rng, 5_000)]),
        _ => odd_text(rng).into(),
    }
}

/// A text that is empty, huge, or of characters that something might trip over.
pub fn odd_text(rng: &mut Rng) -> String {
    const ODD: &[&str] = &[
        "\0",
        "\u{1b}[31m",
        "\r\nSet-Cookie: a=b",
        "é",
        "😀",
        "\u{202e}",
        "\u{feff}",
        "%00",
        "%ff",
        "../",
        "{{7*7}}",
        "<b>",
        "' OR 1=1 --",
        "\"",
        "\\",
        "*",
        "?",
        ":",
        "&",
        "=",
        "#",
        "|",
        "org_",
        "auth0|",
        "https://",
        "//",
        "name:[* TO *]",
        "(",
        "\t",
        " ",
        "\u{e000}",
        "\u{10ffff}",
        "9007199254740993",
        "-0",
        "NaN",
        "null",
        "true",
    ];
    let times = power(rng, 20_000);
    match rng.u8(..4) {
        0 => rng.choice(ODD).copied().unwrap_or_default().to_owned(),
        1 => rng.choice(ODD).copied().unwrap_or_default().repeat(times / 8 + 1),
        2 => "x".repeat(times),
        _ => (0..power(rng, 30)).map(|_| rng.choice(ODD).copied().unwrap_or_default()).collect(),
    }
}

/// A name for a member: any, or one that means something somewhere.
fn name(rng: &mut Rng) -> String {
    match rng.u8(..3) {
        0 => odd_text(rng),
        1 => {
            rng.choice(["name", "id", "client_secret", "scope", "metadata", "__proto__"]).unwrap_or_default().to_owned()
        }
        _ => word(rng),
    }
}

pub fn word(rng: &mut Rng) -> String {
    (0..rng.u8(1..9)).map(|_| rng.lowercase()).collect()
}

/// From none up to so many, and small as often as large.
pub fn power(rng: &mut Rng, most: usize) -> usize {
    let bits = usize::BITS - most.leading_zeros();
    let most = most >> rng.u32(..bits);
    rng.usize(..=most)
}

/// The text of a body, no longer what a parser of JSON expects.
fn damaged_text(rng: &mut Rng, mut text: Vec<u8>) -> Vec<u8> {
    let at = rng.usize(..=text.len());
    let insert = |text: &mut Vec<u8>, at: usize, what: &[u8]| drop(text.splice(at..at, what.iter().copied()));
    match rng.u8(..14) {
        0 => text.truncate(at),
        1 => insert(&mut text, at, &[rng.u8(..)]),
        2 => insert(&mut text, at, b"\xff\xfe"),
        3 => insert(&mut text, at, b"\0"),
        4 => insert(&mut text, at, b"\\ud800"),
        5 => insert(&mut text, at, b"1e999999"),
        6 => insert(&mut text, at, "9".repeat(power(rng, 5_000)).as_bytes()),
        7 => insert(&mut text, at, "[".repeat(power(rng, 100_000)).as_bytes()),
        8 => text.extend(b"{}"),
        9 => insert(&mut text, 0, b"\xef\xbb\xbf"),
        10 => insert(&mut text, 0, b"/* a comment */"),
        // A member that is there already.
        11 if text.len() > 2 => {
            let end = text.len() - 1;
            let members = [b",", &text[1..end]].concat();
            insert(&mut text, end, &members);
        }
        12 => text = (0..power(rng, 2_000)).map(|_| rng.u8(..)).collect(),
        _ => {
            for _ in 0..rng.u8(1..5) {
                if let Some(byte) = rng.choice(&mut text) {
                    *byte ^= 1 << rng.u8(..8);
                }
            }
        }
    }
    text
}
