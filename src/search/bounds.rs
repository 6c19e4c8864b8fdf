//! The bounds of a query.

/// The maximum length of a query in bytes: more than the usual limit of a URL.
pub(super) const LONGEST: usize = 8192;

/// The maximum depth of groups: more than a person writes, and little for a small stack.
pub(super) const DEEPEST: usize = 32;

/// The maximum number of terms in a query, as in Lucene.
pub(super) const MOST_TERMS: usize = 1024;
