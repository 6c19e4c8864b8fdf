//! The state of a tenant in memory: documents in collections, and the relations between them.
//!
//! The store knows no HTTP, no scopes and no error sentences. A [`Document`] is a JSON object as the Management API shows
//! it; [`views`] parses what the rules need of one. [`model`] describes every kind of entity once.

pub(crate) mod collection;
pub(crate) mod declared_actions;
pub(crate) mod document;
pub(crate) mod dump;
mod integrity;
pub(crate) mod jobs;
mod links;
pub(crate) mod member_roles;
pub(crate) mod members;
pub(crate) mod model;
pub(crate) mod page;
pub(crate) mod permissions;
pub(crate) mod policy_usage;
pub(crate) mod positions;
pub(crate) mod relation;
mod removal;
#[cfg(test)]
mod removal_tests;
pub(crate) mod seq;
pub(crate) mod settings;
pub(crate) mod state;
pub(crate) mod token_usage;
pub(crate) mod used_tokens;
pub(crate) mod views;

pub(crate) use collection::Collection;
pub(crate) use declared_actions::DeclaredAction;
pub(crate) use document::Document;
pub(crate) use dump::Dump;
pub(crate) use jobs::Jobs;
pub(crate) use members::Membership;
pub(crate) use model::{KINDS, Kind, Link};
pub(crate) use page::{CursorPage, OffsetPage};
pub(crate) use seq::Seq;
pub(crate) use settings::Settings;
pub(crate) use state::State;
pub(crate) use token_usage::TokenUsage;
