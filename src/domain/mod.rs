//! The rules, as pure functions over small types.
//!
//! Nothing here knows HTTP, storage or JSON, and nothing imports another part of the crate. A rule receives resolved
//! facts and returns an enum, which the caller turns into an answer.

pub(crate) mod access_token;
pub(crate) mod action;
#[cfg(feature = "javascript")]
pub(crate) mod action_cache;
pub(crate) mod bearer;
pub(crate) mod bounded_text;
pub(crate) mod client_assertion;
pub(crate) mod client_certificate;
pub(crate) mod clock;
pub(crate) mod declared_action;
pub(crate) mod delivery;
pub(crate) mod dpop_proof;
mod entitlement;
pub(crate) mod id;
pub(crate) mod names;
mod one_use;
pub(crate) mod organization_access;
pub(crate) mod password;
pub(crate) mod pins;
pub(crate) mod quota;
pub(crate) mod rate_limit;
pub(crate) mod rate_limit_policy;
mod raw_member;
mod ruling;
pub(crate) mod scope;
pub(crate) mod sender_constraint;
pub(crate) mod signing_keys;
pub(crate) mod subject;
pub(crate) mod system_scopes;

#[cfg(feature = "jwe")]
pub(crate) use access_token::KeyEncryption;
pub(crate) use access_token::{Signing, SigningSecret, TokenDialect, TokenEncryption};
pub use action::DenyCode;
pub use bounded_text::BoundedText;
pub(crate) use bounded_text::Sentence;
pub use clock::Clock;
pub(crate) use declared_action::DeclaredAction;
pub use entitlement::Entitlement;
pub(crate) use entitlement::Entitlements;
pub(crate) use id::IdShape;
pub use names::LocalNames;
pub(crate) use names::Names;
pub(crate) use one_use::OneUse;
pub use organization_access::OrganizationUsage;
pub(crate) use password::PasswordRules;
pub use pins::Pins;
pub(crate) use rate_limit::Rate;
pub(crate) use raw_member::RawMember;
pub(crate) use ruling::Ruling;
pub(crate) use scope::ScopeSet;
pub(crate) use signing_keys::SigningKeys;
pub(crate) use subject::Subject;
