//! The experiments that use an entity, which keep it from being deleted.

use crate::api::call::Call;
use crate::store::document::text;
use crate::store::{Document, Kind};

/// The experiments that are not archived and have this text in an indexed member.
pub(super) fn experiments_in_use<'c>(
    call: &'c Call<'_>,
    member: &str,
    name: &str,
) -> impl Iterator<Item = &'c Document> {
    let experiments = &call.state[Kind::Experiment];
    let named = experiments.having(member, name).iter().filter_map(|seq| experiments.at(seq));
    named.filter(|experiment| text(experiment, "status") != Some("archived"))
}
