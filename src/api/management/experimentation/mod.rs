//! Experiments, the feature flags that they vary and the segments that they address.

mod experiments;
mod feature_flags;
mod parameter_value;
mod segments;
mod variations;

use crate::api::call::Call;
use crate::api::operation::Family;
use crate::store::document::text;
use crate::store::{Document, Kind};

/// The families of the area.
pub(super) const FAMILIES: &[Family] =
    &[experiments::FAMILY, feature_flags::FAMILY, segments::FAMILY, variations::FAMILY];

/// The experiments that are not archived and have this text in an indexed member.
fn experiments_in_use<'c>(call: &'c Call<'_>, member: &str, name: &str) -> impl Iterator<Item = &'c Document> {
    let experiments = &call.state[Kind::Experiment];
    let named = experiments.having(member, name).iter().filter_map(|seq| experiments.at(seq));
    named.filter(|experiment| text(experiment, "status") != Some("archived"))
}
