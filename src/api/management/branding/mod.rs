//! The appearance of the tenant's pages and messages, and the domains at which it answers.

mod email_templates;
mod emails;
mod prompts;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[email_templates::FAMILY, emails::FAMILY, prompts::FAMILY];
