//! What a tenant holds: documents in collections, and the relations between them.
//!
//! Storage knows no HTTP, no scopes and no sentences. A [`Document`] is a JSON object as the Management API shows it;
//! where rules read one, a small typed view of [`views`] parses what they need.

pub mod collection;
pub mod contents;
pub mod declared_actions;
pub mod document;
pub mod exported;
pub mod jobs;
pub mod member_roles;
pub mod members;
pub mod page;
pub mod permissions;
pub mod positions;
mod references;
pub mod relation;
pub mod tenant;
pub mod token_usage;
pub mod used_assertions;
pub mod views;

pub use collection::{Collection, Seq};
pub use declared_actions::{DeclaredAction, DeclaredActions};
pub use document::Document;
pub use exported::Exported;
pub use jobs::Jobs;
pub use member_roles::MemberRoles;
pub use members::{Members, Membership};
pub use page::{CursorPage, OffsetPage};
pub use permissions::Permissions;
pub use tenant::State;
pub use token_usage::TokenUsage;
pub use used_assertions::UsedAssertions;
