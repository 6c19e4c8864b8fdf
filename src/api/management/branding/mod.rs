//! The appearance of the tenant's pages and messages, and the domains at which it answers.

mod prompts;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[prompts::FAMILY];
