//! The rules, as pure functions over small types.
//!
//! Nothing here knows HTTP, storage or JSON, and nothing imports another part of the crate. What a rule needs to know
//! is handed to it already resolved; what it answers is an enum that the caller turns into an answer.

pub mod access_token;
pub mod action;
pub mod bearer;
pub mod bounded_text;
pub mod client_assertion;
pub mod clock;
pub mod declared_action;
mod given;
pub mod id;
pub mod names;
pub mod organization_access;
pub mod password;
pub mod pins;
pub mod quota;
pub mod rate_limit;
pub mod scope;
pub mod signing_keys;

pub use access_token::{Signing, SigningSecret, TokenDialect};
pub use action::DenyCode;
pub use bounded_text::{BoundedText, Sentence};
pub use clock::Clock;
pub use declared_action::DeclaredAction;
pub use given::Given;
pub use id::IdShape;
pub use names::{LocalNames, Names};
pub use organization_access::OrganizationUsage;
pub use password::PasswordRules;
pub use pins::Pins;
pub use quota::Quota;
pub use rate_limit::Rate;
pub use scope::ScopeSet;
pub use signing_keys::SigningKeys;
