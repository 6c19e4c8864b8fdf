//! Leaves a shared tenant as it was: each change is logged before it is made, and undone at the end of the run.

pub(crate) mod collection;
pub(crate) mod journal;
pub(crate) mod shared_run;
pub(crate) mod sweeper;
