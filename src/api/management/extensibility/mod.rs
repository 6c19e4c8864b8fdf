//! Code and settings with which a tenant extends the service: Actions, forms and flows, rules and hooks, and profiles.

mod action_modules;
mod action_triggers;
mod action_view;
mod actions;
mod connection_profiles;
mod flows;
mod form_view;
mod forms;
mod hooks;
mod rules;
mod rules_configs;
mod self_service_profiles;
#[cfg(test)]
mod tests;
mod token_exchange_profiles;
mod trigger;
mod user_attribute_profiles;
mod vault_connections;
mod versions;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    action_modules::FAMILY,
    action_triggers::FAMILY,
    actions::FAMILY,
    connection_profiles::FAMILY,
    flows::FAMILY,
    forms::FAMILY,
    hooks::FAMILY,
    rules::FAMILY,
    rules_configs::FAMILY,
    self_service_profiles::FAMILY,
    token_exchange_profiles::FAMILY,
    user_attribute_profiles::FAMILY,
    vault_connections::FAMILY,
];
