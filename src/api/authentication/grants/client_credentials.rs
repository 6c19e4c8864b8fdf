//! The client credentials grant: a token for the client itself.

use std::sync::MutexGuard;

use serde_json::Map;

use super::grant_type::GrantType;
use crate::api::authentication::action::sequence::{Actions, Changes};
use crate::api::authentication::authorization::authorize;
use crate::api::authentication::exchange::Exchange;
use crate::api::authentication::issue::{Tokens, issue};
use crate::api::authentication::quota;
use crate::api::authentication::rejection::Rejection;
use crate::api::authentication::sender_constraint::confirmation;
use crate::domain::IdShape;
use crate::domain::action::TRIGGER;
use crate::store::{Document, Kind, State};

pub(super) const GRANT: GrantType =
    GrantType { name: "client_credentials", parameters: &["audience", "scope", "organization"], run };

fn run<'e>(
    exchange: &mut Exchange<'e>,
    mut state: MutexGuard<'e, State>,
    client: Document,
) -> Result<Tokens, Rejection> {
    let tenant = exchange.tenant;
    if cfg!(not(feature = "javascript")) {
        exchange.trace.actions.not_run = state[Kind::ActionBinding].having("trigger_id", TRIGGER).len();
    }
    let authorization = authorize(exchange, &state, client)?;
    let confirmation = confirmation(exchange, &mut state, &authorization)?;
    let now = tenant.clock.unix();
    let mut changes = Changes { custom_claims: Map::new(), scopes: authorization.scopes.clone() };
    if let Some(actions) = Actions::of(exchange, &state, &authorization) {
        // A used-up quota refuses before an Action runs. A token that an Action denies does not count for a quota.
        quota::check(&state, &authorization, now)?;
        // An Action may use the tenant, so it runs without the lock.
        drop(state);
        changes = actions.run(exchange, &authorization)?;
        state = tenant.state();
    }
    // The last check, because it counts.
    quota::count(&mut state, &authorization, now, exchange.trace)?;
    let jti = IdShape::TOKEN.draw(&mut state.random);
    // Signing takes longer than everything before it.
    drop(state);
    issue(exchange, &authorization, confirmation, changes, now, jti)
}
