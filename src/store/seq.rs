//! The creation number of an entity.

/// The sequence number of an entity: its position in creation order.
pub(crate) type Seq = u64;
