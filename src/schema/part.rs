//! The parts of a request that have a schema.

/// The checked part of a request. Its name begins every sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Payload,
    Path,
    Query,
}
