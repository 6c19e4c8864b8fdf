//! The status of experiments and feature flags: a table of transitions, and the change of a status.

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::error::experimentation::NO_SUCH_TRANSITION;
use crate::api::json::object;
use crate::api::resource::Resource;
use crate::api::timestamp::timestamp;
use crate::store::Document;
use crate::store::document::text;

/// Returns the refusal of a transition of an entity.
type Check = fn(&Call<'_>, &Document) -> Result<(), ApiError>;

/// A transition to a status.
pub(super) struct Transition {
    /// The statuses before it.
    pub from: &'static [&'static str],
    /// The status after it.
    pub to: &'static str,
    /// Refuses the transition of some entities.
    pub check: Option<Check>,
    /// The member with the time of the first such transition.
    pub time: Option<&'static str>,
}

impl Transition {
    /// A transition without a check and without a time.
    pub(super) const fn new(from: &'static [&'static str], to: &'static str) -> Self {
        Transition { from, to, check: None, time: None }
    }
}

/// Changes the status of the entity in the path to the `status` of the body.
pub(super) fn change_status(
    call: &mut Call<'_>,
    resource: &Resource,
    transitions: &[Transition],
) -> Result<Reply, ApiError> {
    let (id, now) = (call.id(), timestamp(call.clock.now()));
    let entity = call.entity(resource.kind, resource.missing)?;
    let status = text(&call.body, "status").unwrap_or_default().to_owned();
    let current = text(entity, "status").unwrap_or_default();
    let applies = |transition: &&Transition| transition.to == status && transition.from.contains(&current);
    let transition = transitions.iter().find(applies).ok_or(NO_SUCH_TRANSITION)?;
    if let Some(check) = transition.check {
        check(call, entity)?;
    }
    call.state[resource.kind].change(&id, |entity| {
        if let Some(member) = transition.time {
            entity.entry(member).or_insert_with(|| now.as_str().into());
        }
        entity.extend(object(json!({ "status": status, "updated_at": now })));
    });
    resource.read(call)
}
