//! The errors of an invalid query.

use std::fmt;

use super::bounds::{DEEPEST, LONGEST, MOST_TERMS};

/// The fault of a query. Its text is the end of the sentence in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// The syntax is wrong.
    Syntax,
    /// The query is too long.
    TooLong,
    /// Its groups are nested too deeply.
    TooDeep,
    /// It has too many terms.
    TooManyTerms,
    /// It names a field that cannot be searched.
    UnknownField(String),
    /// A wildcard at the beginning or inside of a word has too few characters beside it.
    ShortWildcard(String),
    /// A field without wildcards and ranges has one.
    PlainField,
    /// A range has no field.
    RangeWithoutField,
    /// A value of a date field is no date.
    UnreadableDate(String),
}

impl std::error::Error for QueryError {}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueryError::Syntax => f.write_str("invalid syntax"),
            QueryError::TooLong => write!(f, "longer than {LONGEST} bytes"),
            QueryError::TooDeep => write!(f, "more than {DEEPEST} nested groups"),
            QueryError::TooManyTerms => write!(f, "more than {MOST_TERMS} terms"),
            // The live service was reported with this text.
            QueryError::UnknownField(field) => write!(f, "unknown field \"{field}\""),
            QueryError::ShortWildcard(word) => {
                write!(f, "\"{word}\" needs at least 3 characters beside a wildcard that does not stand at its end")
            }
            QueryError::PlainField => f.write_str("wildcards and ranges are not available on user_metadata fields"),
            QueryError::RangeWithoutField => f.write_str("a range needs a field"),
            QueryError::UnreadableDate(text) => write!(f, "\"{text}\" is not a date"),
        }
    }
}
