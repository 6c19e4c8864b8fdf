//! Code of the tenant's owner that the vendor runs: rules, hooks and their values.

mod hooks;
mod rules;
mod rules_configs;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[hooks::FAMILY, rules::FAMILY, rules_configs::FAMILY];
