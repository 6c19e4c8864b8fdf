//! Calibrated answers: the error texts of a real tenant, which replace the built-in ones.
//!
//! They change the text of a refusal, never the decision, its rules or its facts. At the token endpoint, the first rule of a
//! refusal that has an answer selects it; in the Management API, the operation and the built-in sentence do. Sentences are
//! [templates](template), filled with values of the request.

mod read;
mod template;
mod values;

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::error::{ApiError, Sentence};
use super::operation::Operation;
pub use read::CalibratedAnswersError;
pub(crate) use template::Template;
pub(crate) use values::{TOKEN_VALUES, Values};

/// The error texts of a real tenant, from a file that `m2mock conformance --calibrate` wrote.
///
/// ```
/// use m2mock::{CalibratedAnswers, MockTenant, OrganizationUsage};
///
/// let answers = CalibratedAnswers::parse(
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
/// # Ok::<(), m2mock::CalibratedAnswersError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct CalibratedAnswers {
    /// The day of the calibration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calibrated: Option<String>,
    /// Refusals of the token endpoint by the id of their rule: one, or several with different built-in sentences.
    #[serde(serialize_with = "one_or_several", skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) token: BTreeMap<String, Vec<TokenAnswer>>,
    /// Refusals of the Management API.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) management: Vec<ManagementAnswer>,
    /// Answers of the tenant that differ in the decision. They change nothing; `serve` reports them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) seen: Vec<Value>,
}

/// A refusal of the token endpoint.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct TokenAnswer {
    /// The built-in sentence, if the rule has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Template>,
    /// Whether the organization has to be known or unknown, if that makes a difference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<OrganizationKnown>,
    pub status: u16,
    pub error: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_description: Option<Template>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_uri: Option<String>,
    /// The scenarios in which the tenant gave this answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// The form in a file: one answer as an object, several as a list.
fn one_or_several<S: Serializer>(token: &BTreeMap<String, Vec<TokenAnswer>>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Written<'a> {
        One(&'a TokenAnswer),
        Several(&'a [TokenAnswer]),
    }

    serializer.collect_map(token.iter().map(|(rule, answers)| match answers.as_slice() {
        [one] => (rule, Written::One(one)),
        several => (rule, Written::Several(several)),
    }))
}

/// Whether the organization in the request exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OrganizationKnown {
    Known,
    Unknown,
}

impl OrganizationKnown {
    pub(crate) fn of(values: &Values) -> OrganizationKnown {
        if values.get("organization_id").is_some() { OrganizationKnown::Known } else { OrganizationKnown::Unknown }
    }
}

/// A refusal of the Management API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct ManagementAnswer {
    /// The row, such as `PATCH /clients/{id}`.
    pub operation: &'static Operation,
    /// The built-in answer.
    pub instead_of: BuiltIn,
    pub status: u16,
    pub message: Template,
    #[serde(rename = "errorCode", skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// The scenarios in which the tenant gave this answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub scenarios: Vec<String>,
}

/// Identifies a built-in refusal of the Management API.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct BuiltIn {
    pub status: u16,
    pub message: Template,
}

/// An answer that replaces the built-in one.
#[derive(Debug)]
pub(super) struct Override {
    pub status: u16,
    pub body: Value,
    /// Its sentence, for the tenant's log.
    pub sentence: Sentence,
}

impl CalibratedAnswers {
    /// The number of answers in which the tenant decided differently. For these, the mock follows its own rules.
    pub fn seen(&self) -> usize {
        self.seen.len()
    }

    /// The calibrated answer of the token endpoint to a refusal by these rules. `None` if a placeholder has no value in this
    /// request.
    pub(super) fn of_token(&self, rules: &[&str], own: &str, values: &Values) -> Option<Override> {
        let fits = |answer: &&TokenAnswer| {
            let same_sentence =
                answer.instead_of.as_ref().is_none_or(|own_words| own_words.fill(values).as_deref() == Some(own));
            same_sentence && answer.organization.is_none_or(|named| named == OrganizationKnown::of(values))
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
        Some(Override { status: answer.status, body, sentence })
    }

    /// The calibrated answer to an error of this operation of the Management API.
    pub(super) fn of_management(&self, operation: &Operation, error: &ApiError, values: &Values) -> Option<Override> {
        let of_operation = self.management.iter().filter(|answer| answer.operation == operation);
        let mut fitting = of_operation.filter(|answer| {
            answer.instead_of.status == error.status
                && answer.instead_of.message.fill(values).is_some_and(|own| error.message == own)
        });
        let answer = fitting.next()?;
        let sentence = Sentence::from(answer.message.fill(values)?);
        let body = ApiError::body_of(answer.status, answer.error_code.as_deref(), &sentence);
        Some(Override { status: answer.status, body, sentence })
    }
}
