//! Leaves a shared tenant as it was: each change is journaled before it is made, and undone at the end of the run, or by a
//! later process if this one is killed.

mod collection;
mod journal;
mod session;
mod settings;
mod shared_run;
mod sweeper;

#[cfg(all(test, feature = "cli"))]
pub(crate) use collection::COLLECTIONS;
pub(crate) use collection::has_names;
#[cfg(feature = "cli")]
pub(crate) use collection::scopes_to_remove;
pub use journal::journals;
pub use session::TenantUnderTest;
pub(crate) use session::{Call, HttpExchange, Session, whole_path};
#[cfg(all(test, feature = "cli"))]
pub(crate) use settings::SETTINGS;
pub use shared_run::SharedRun;
pub use sweeper::{Sweep, sweep};
