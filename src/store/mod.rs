//! The state of a tenant in memory: documents in collections, and the relations between them.
//!
//! The store knows no HTTP, no scopes and no error sentences. A [`Document`] is a JSON object as the Management API shows
//! it; [`views`] parses what the rules need of one. [`model`] describes every kind of entity once.

pub mod collection;
pub mod declared_actions;
pub mod document;
pub mod dump;
mod integrity;
pub mod jobs;
mod links;
pub mod member_roles;
pub mod members;
pub mod model;
pub mod page;
pub mod permissions;
pub mod positions;
pub mod relation;
mod removal;
#[cfg(test)]
mod removal_tests;
pub mod settings;
pub mod state;
pub mod token_usage;
pub mod used_assertions;
pub mod views;

pub use collection::{Collection, Seq};
pub use declared_actions::{DeclaredAction, DeclaredActions};
pub use document::Document;
pub use dump::Dump;
pub use jobs::Jobs;
pub use member_roles::MemberRoles;
pub use members::{Members, Membership};
pub use model::{KINDS, Kind, Link};
pub use page::{CursorPage, OffsetPage};
pub use permissions::Permissions;
pub use settings::Settings;
pub use state::State;
pub use token_usage::TokenUsage;
pub use used_assertions::UsedAssertions;
