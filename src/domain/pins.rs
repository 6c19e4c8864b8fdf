//! Ids and secrets that a seed or a test chooses.

/// Values that are otherwise drawn at random, for seeds and tests that need to know them beforehand.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The id of the entity to create.
    pub id: Option<String>,
    /// Its secret, if it has one.
    pub secret: Option<String>,
}
