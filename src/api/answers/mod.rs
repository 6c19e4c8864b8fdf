//! Answers that somebody's tenant gave where nobody publishes them: other words for refusals.
//!
//! A table changes what a refusal says, and nothing else: what is decided, by which rules and on which facts stays. At the
//! token endpoint a refusal is known by its rules, of which the first that has an answer counts; at the Management API by
//! the operation and our own sentence. Sentences are [templates](template), filled from the request at hand.

mod read;
mod template;
mod values;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::error::{ApiError, Sentence};
use super::operation::Operation;
pub use read::AnswersError;
pub(crate) use template::Template;
pub(crate) use values::{TOKEN_VALUES, Values};

/// What a tenant answers in the place of m2mock's own words; read from a file that `m2mock conformance --calibrate` wrote.
///
/// ```
/// use m2mock::{Answers, MockTenant, OrganizationUsage};
///
/// let answers = Answers::parse(
///     r#"{ "token": { "R15": {
///         "status": 400, "error": "invalid_request", "error_description": "{organization} is not for this client"
///     } } }"#,
///     "answers.json",
/// )?;
/// let tenant = MockTenant::builder().answers(answers).start();
/// # let api = tenant.api("https://travel0.example/api").create();
/// # let bot = tenant.application("Partner bot").create();
/// # let granite = tenant.organization("granite-tours").create();
/// # tenant.client_grant(&bot, &api).organization_usage(OrganizationUsage::Allow).create();
/// let refused = tenant.token(&bot).audience(&api).organization(&granite).request().unwrap_err();
/// assert_eq!((refused.status, refused.rules[0]), (400, "R15"), "{}", refused.why);
/// assert_eq!(refused.description, format!("{} is not for this client", granite.id));
/// # Ok::<(), m2mock::AnswersError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Answers {
    /// The day on which they were seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calibrated: Option<String>,
    /// Refusals of the token endpoint by the id of their rule: one, or several that differ by our own words.
    #[serde(serialize_with = "read::one_or_several", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) token: BTreeMap<String, Vec<TokenAnswer>>,
    /// Refusals of the Management API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) management: Vec<ManagementAnswer>,
    /// What was seen and cannot be had by other words: it changes nothing, and whoever loads it is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) seen: Vec<Value>,
}

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TokenAnswer {
    /// Our own sentence, where the rule has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Template>,
    /// Which organizations it is about, where that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Named>,
    pub status: u16,
    pub error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<Template>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
    /// Where it was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// Whether the organization that a request names is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Named {
    Known,
    Unknown,
}

impl Named {
    pub(crate) fn of(values: &Values) -> Named {
        if values.get("organization_id").is_some() { Named::Known } else { Named::Unknown }
    }
}

/// A refusal of the Management API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ManagementAnswer {
    /// The row, as `PATCH /clients/{id}`.
    pub operation: &'static Operation,
    /// Our own answer.
    pub instead_of: Own,
    pub status: u16,
    pub message: Template,
    #[serde(rename = "errorCode", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Where it was seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// By what a refusal of ours is known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Own {
    pub status: u16,
    pub message: Template,
}

/// What is answered in the place of our own words.
#[derive(Debug)]
pub(super) struct Instead {
    pub status: u16,
    pub body: Value,
    /// Its sentence, for the tenant's log.
    pub sentence: Sentence,
}

impl Answers {
    /// How many answers were seen that no other words make: there the mock goes by its own rules.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// What the token endpoint says of a refusal by these rules. An answer that names what this request does not have is
    /// no answer to it.
    pub(super) fn of_token(&self, rules: &[&str], own: &str, values: &Values) -> Option<Instead> {
        let fits = |answer: &&TokenAnswer| {
            let said =
                answer.instead_of.as_ref().is_none_or(|own_words| own_words.fill(values).as_deref() == Some(own));
            said && answer.organization.is_none_or(|named| named == Named::of(values))
        };
        let answer = rules.iter().find_map(|rule| self.token.get(*rule)?.iter().find(fits))?;
        let mut body = json!({ "error": answer.error });
        let mut sentence = Sentence::default();
        if let Some(description) = &answer.error_description {
            sentence = description.fill(values)?.into();
            body["error_description"] = sentence.as_str().into();
        }
        if let Some(uri) = &answer.error_uri {
            body["error_uri"] = uri.clone().into();
        }
        Some(Instead { status: answer.status, body, sentence })
    }

    /// What the Management API says in the place of an error of this operation.
    pub(super) fn of_management(&self, operation: &Operation, error: &ApiError, values: &Values) -> Option<Instead> {
        let of_operation = self.management.iter().filter(|answer| answer.operation == operation);
        let mut fitting = of_operation.filter(|answer| {
            answer.instead_of.status == error.status
                && answer.instead_of.message.fill(values).is_some_and(|own| error.message == own)
        });
        let answer = fitting.next()?;
        let sentence = Sentence::from(answer.message.fill(values)?);
        let body = ApiError::body_of(answer.status, answer.error_code.as_deref(), &sentence);
        Some(Instead { status: answer.status, body, sentence })
    }
}
