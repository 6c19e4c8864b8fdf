//! Attack protection, multi-factor authentication, network access control lists and risk signals.

mod anomaly;
mod attack_protection;
mod guardian;
mod network_acls;
mod rate_limit_policies;
mod risk_assessments;
mod supplemental_signals;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] = &[
    anomaly::FAMILY,
    attack_protection::FAMILY,
    guardian::FAMILY,
    network_acls::FAMILY,
    rate_limit_policies::FAMILY,
    risk_assessments::FAMILY,
    supplemental_signals::FAMILY,
];
