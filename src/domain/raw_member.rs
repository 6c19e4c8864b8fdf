//! An unvalidated member of a JSON Web Token.

/// A member before its validation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum RawMember<T> {
    /// The member is absent or `null`.
    #[default]
    Absent,
    /// The value has the wrong type.
    WrongType,
    /// The value has the right type.
    Value(T),
}

impl<T> RawMember<T> {
    /// The same with a reference to the value.
    pub(crate) fn as_ref(&self) -> RawMember<&T> {
        match self {
            RawMember::Absent => RawMember::Absent,
            RawMember::WrongType => RawMember::WrongType,
            RawMember::Value(value) => RawMember::Value(value),
        }
    }

    /// The value, or `None` if the member is absent. A value of the wrong type is the error.
    pub(crate) fn optional<E>(self, wrong_type: E) -> Result<Option<T>, E> {
        match self {
            RawMember::Absent => Ok(None),
            RawMember::WrongType => Err(wrong_type),
            RawMember::Value(value) => Ok(Some(value)),
        }
    }
}
