//! An unvalidated member of a JSON Web Token.

/// What is given at the place of a member.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Given<T> {
    /// Nothing, or `null`.
    #[default]
    Nothing,
    /// A value of another type than the member's.
    AnotherType,
    /// A value.
    This(T),
}

impl<T> Given<T> {
    /// The same without taking it.
    pub(crate) fn as_ref(&self) -> Given<&T> {
        match self {
            Given::Nothing => Given::Nothing,
            Given::AnotherType => Given::AnotherType,
            Given::This(value) => Given::This(value),
        }
    }

    /// The value, or `None` where nothing is given; a value of another type is a mistake.
    pub(crate) fn optional<E>(self, another_type: E) -> Result<Option<T>, E> {
        match self {
            Given::Nothing => Ok(None),
            Given::AnotherType => Err(another_type),
            Given::This(value) => Ok(Some(value)),
        }
    }
}
