//! The bounds of a query.

/// The most bytes of a query: more than a URL of common length has.
pub(super) const LONGEST: usize = 8192;

/// The deepest nesting of groups: far more than anyone writes, and far less than a small stack holds.
pub(super) const DEEPEST: usize = 32;

/// The most terms of a query, as in Lucene.
pub(super) const MOST_TERMS: usize = 1024;
