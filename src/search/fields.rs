//! The fields that a query can name, and how their values are compared.

/// The fields that a family lets be searched.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    /// The fields in which a word is looked for that names none.
    pub bare: &'static [&'static str],
    /// Every field that can be named. `app_metadata.*` stands for all paths below `app_metadata`.
    pub named: &'static [(&'static str, FieldKind)],
    /// The result of a field that is not there.
    pub unknown: Unknown,
}

/// How the values of a field are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// As they stand.
    Text,
    /// With upper and lower case alike.
    AnyCase,
    /// As moments: what a moment leaves out counts as zero, so that `2018-12` is the first millisecond of that month.
    Date,
    /// As they stand, without wildcards and ranges.
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
    /// How the values of a field are compared; `None` if it cannot be searched.
    pub(super) fn kind(&self, field: &str) -> Option<FieldKind> {
        let covers = |name: &str| match name.strip_suffix('*') {
            Some(root) => field.len() > root.len() && field.starts_with(root),
            None => field == name,
        };
        self.named.iter().find(|(name, _)| covers(name)).map(|(_, kind)| *kind)
    }
}
