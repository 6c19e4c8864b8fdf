//! Experiments, the feature flags that they vary and the segments that they target.

mod experiments;
mod experiments_in_use;
mod feature_flags;
mod parameter_value;
mod segments;
mod status;
mod variations;

use crate::api::operation::Family;

/// The families of the area.
pub(super) const FAMILIES: &[Family] =
    &[experiments::FAMILY, feature_flags::FAMILY, segments::FAMILY, variations::FAMILY];
