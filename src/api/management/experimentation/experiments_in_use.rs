//! The experiments that use an entity, which therefore cannot be deleted.

use crate::api::call::Call;
use crate::store::document::text;
use crate::store::{Document, Kind};

/// The experiments with this text in an indexed member, except archived ones.
pub(super) fn experiments_in_use<'c>(
    call: &'c Call<'_>,
    member: &str,
    name: &str,
) -> impl Iterator<Item = &'c Document> {
    let experiments = &call.state[Kind::Experiment];
    let users = experiments.having(member, name).iter().filter_map(|seq| experiments.at(seq));
    users.filter(|experiment| text(experiment, "status") != Some("archived"))
}
