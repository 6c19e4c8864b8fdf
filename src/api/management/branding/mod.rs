//! The appearance of the tenant's pages and messages, and the domains at which it answers.

mod custom_domains;
mod email_templates;
mod emails;
mod phone;
mod phone_providers;
mod phone_templates;
mod prompts;
mod settings;
mod themes;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    custom_domains::FAMILY,
    email_templates::FAMILY,
    emails::FAMILY,
    phone_providers::FAMILY,
    phone_templates::FAMILY,
    prompts::FAMILY,
    settings::FAMILY,
    themes::FAMILY,
];
