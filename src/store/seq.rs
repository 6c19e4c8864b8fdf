//! The creation number of an entity.

/// The number that an entity gets when it is made: its place in creation order.
pub(crate) type Seq = u64;
