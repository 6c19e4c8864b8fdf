//! The fields that a query can name, and how their values are compared.

/// The searchable fields of a family.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The fields for a word without a field.
    pub bare: &'static [&'static str],
    /// Every field of a query. `app_metadata.*` is any path below `app_metadata`.
    pub named: &'static [(&'static str, FieldKind)],
    /// The effect of an unknown field.
    pub unknown: Unknown,
}

/// The comparison of the values of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// Unchanged.
    Text,
    /// Without regard to case.
    AnyCase,
    /// As moments. Missing parts of a moment are zero, so `2018-12` is the first millisecond of that month.
    Date,
    /// Unchanged, without wildcards and ranges.
    Plain,
}

/// The result of a field that cannot be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// The query is refused.
    Refused,
    /// No document has it.
    Absent,
}

impl Fields {
    /// The comparison of the values of a field; `None` if it cannot be searched.
    pub(super) fn kind(&self, field: &str) -> Option<FieldKind> {
        let covers = |name: &str| match name.strip_suffix('*') {
            Some(root) => field.len() > root.len() && field.starts_with(root),
            None => field == name,
        };
        self.named.iter().find(|(name, _)| covers(name)).map(|(_, kind)| *kind)
    }
}
