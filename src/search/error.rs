//! The errors of an invalid query.

use std::fmt;

use super::bounds::{DEEPEST, LONGEST, MOST_TERMS};

/// What is wrong with a query. Its text is the end of the sentence that the wire shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QueryError {
    /// It is no query.
    Syntax,
    /// It is longer than anyone types.
    TooLong,
    /// Its groups stand too deep in one another.
    TooDeep,
    /// It has too many terms.
    TooManyTerms,
    /// It names a field that cannot be searched.
    UnknownField(String),
    /// A wildcard in front or inside, with too little beside it.
    ShortWildcard(String),
    /// A wildcard or a range in a field that takes none.
    PlainField,
    /// A range that belongs to no field.
    RangeWithoutField,
    /// A date that is none.
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
            // In these words reported of the live service.
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
