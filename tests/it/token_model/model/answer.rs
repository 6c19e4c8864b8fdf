//! What the model says of a request.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// Headers of the token endpoint that the model has a say in.
pub type Headers = BTreeMap<&'static str, String>;

/// The answer of the token endpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenAnswer {
    pub status: u16,
    pub headers: Headers,
    /// Without the token itself.
    pub body: Value,
    /// Header and claims of the token, if one is given.
    pub token: Option<(Value, Value)>,
}

/// A refusal of the token endpoint.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: u16,
    pub error: &'static str,
    pub description: String,
    pub uri: Option<&'static str>,
    pub headers: Headers,
}

impl Refusal {
    pub fn new(status: u16, error: &'static str, description: impl Into<String>) -> Self {
        Refusal { status, error, description: description.into(), uri: None, headers: Headers::new() }
    }
}

impl From<Refusal> for TokenAnswer {
    fn from(refusal: Refusal) -> Self {
        let mut body = json!({ "error": refusal.error, "error_description": refusal.description });
        if let Some(uri) = refusal.uri {
            body["error_uri"] = json!(uri);
        }
        TokenAnswer { status: refusal.status, headers: refusal.headers, body, token: None }
    }
}

/// The answer of the Management API.
#[derive(Clone, Debug)]
pub enum Managed {
    /// Done. The answer's body where the rules give all of it.
    Done(Option<Value>),
    /// Refused with one of these: several where no rule says which comes first.
    Refused(Vec<Reason>),
}

/// One way to refuse.
#[derive(Clone, Debug)]
pub struct Reason {
    pub status: u16,
    pub code: Option<&'static str>,
    /// `None` where no rule gives the sentence.
    pub sentence: Option<String>,
}

impl Managed {
    /// Done, with an answer that the rules do not give.
    pub fn done() -> Managed {
        Managed::Done(None)
    }
}

impl Reason {
    pub fn new(status: u16, code: impl Into<Option<&'static str>>, sentence: impl Into<String>) -> Reason {
        Reason { status, code: code.into(), sentence: Some(sentence.into()) }
    }

    /// A body that breaks its schema, in words that no rule gives.
    pub fn invalid_body() -> Reason {
        Reason { status: 400, code: Some("invalid_body"), sentence: None }
    }
}

impl From<Reason> for Managed {
    fn from(reason: Reason) -> Managed {
        Managed::Refused(vec![reason])
    }
}

impl fmt::Display for TokenAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)?;
        for (name, value) in &self.headers {
            write!(f, ", {name}: {value}")?;
        }
        if let Some((header, claims)) = &self.token {
            write!(f, ", a token of {header} {claims}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Managed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Managed::Done(None) => f.write_str("done"),
            Managed::Done(Some(body)) => write!(f, "done: {body}"),
            Managed::Refused(reasons) => {
                for (number, reason) in reasons.iter().enumerate() {
                    let or = if number == 0 { "" } else { " or " };
                    let sentence = reason.sentence.as_deref().unwrap_or("(any sentence)");
                    write!(f, "{or}{} {}: {sentence}", reason.status, reason.code.unwrap_or("(no code)"))?;
                }
                Ok(())
            }
        }
    }
}
