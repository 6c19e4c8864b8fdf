//! The parts of a request that have a schema.

/// The part of a request that is checked; its name opens every sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Payload,
    Path,
    Query,
}
