//! Refusals as constants, so that a declaration can name one.

use std::fmt::Display;

use super::ApiError;
use crate::domain::Sentence;

/// A refusal of the Management API: status, `errorCode` and sentence. [`Refusal::with`] replaces `{}` in the sentence
/// by a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: Option<&'static str>,
    sentence: &'static str,
}

impl Refusal {
    /// A refusal with `errorCode`.
    pub(crate) const fn new(status: u16, code: &'static str, sentence: &'static str) -> Self {
        Refusal { status, code: Some(code), sentence }
    }

    /// A refusal without `errorCode`.
    pub(crate) const fn plain(status: u16, sentence: &'static str) -> Self {
        Refusal { status, code: None, sentence }
    }

    /// 400 `invalid_body`: a rule that a schema cannot express.
    pub(crate) const fn invalid_body(sentence: &'static str) -> Self {
        Refusal::new(400, "invalid_body", sentence)
    }

    /// The refusal with these values instead of `{}`, in their order. A very long value is cut.
    pub(crate) fn with(&self, values: &[&dyn Display]) -> ApiError {
        let mut parts = self.sentence.split("{}");
        let mut sentence = parts.next().unwrap_or_default().to_owned();
        for (part, value) in parts.zip(values) {
            sentence.push_str(&super::repeated(&value.to_string()));
            sentence.push_str(part);
        }
        ApiError::new(self.status, self.code, Sentence::from(sentence))
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        ApiError::new(refusal.status, refusal.code, refusal.sentence)
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiError, Refusal};

    #[test]
    fn values_replace_the_placeholders_of_the_sentence() {
        const LIMIT: Refusal =
            Refusal::new(403, "too_many_entities", "You reached the limit of {} {} for this tenant.");
        let refusal = LIMIT.with(&[&3, &"rules"]);
        assert_eq!(&*refusal.message, "You reached the limit of 3 rules for this tenant.");
        assert_eq!((refusal.status, refusal.code), (403, Some("too_many_entities")));
        assert!(LIMIT.with(&[&"x".repeat(1_000_000), &1]).message.len() < 20_000);
        assert_eq!(ApiError::from(Refusal::plain(404, "Not Found")), ApiError::no_such_operation());
    }
}
