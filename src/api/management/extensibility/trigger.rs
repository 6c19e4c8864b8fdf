//! The triggers of Actions: the points in the service where Actions run.

use super::versions::member;
use crate::store::Document;

/// The triggers and their current versions. Some are recorded, the others are reported.
pub(super) const TRIGGERS: [(&str, &str); 14] = [
    ("post-login", "v3"),
    ("credentials-exchange", "v2"),
    ("pre-user-registration", "v2"),
    ("post-user-registration", "v2"),
    ("post-change-password", "v2"),
    ("send-phone-message", "v2"),
    ("custom-phone-provider", "v1"),
    ("custom-email-provider", "v1"),
    ("password-reset-post-challenge", "v1"),
    ("custom-token-exchange", "v1"),
    ("event-stream", "v1"),
    ("password-hash-migration", "v1"),
    ("login-post-identifier", "v1"),
    ("signup-post-identifier", "v1"),
];

/// The default version of a trigger.
pub(super) fn current_version(trigger: &str) -> &'static str {
    TRIGGERS.iter().find(|(id, _)| *id == trigger).map_or("v1", |(_, version)| version)
}

/// Whether an Action supports a trigger.
pub(super) fn supports(action: &Document, trigger: &str) -> bool {
    let triggers = member(action, "supported_triggers").as_array();
    triggers.is_some_and(|triggers| triggers.iter().any(|supported| supported["id"] == trigger))
}
