//! Exports and imports a tenant as a document with everything that later answers depend on.
//!
//! The state, the clock, the faults and the rate limits are in it; secrets as well, because a token is to go on being good.
//! The log and the journal are not: they tell what happened, and begin anew with an import as with a reset. Nor are the
//! Actions that a test brings, which are code, and the domain does not change: it stands in too many documents.

use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::faults::{Faults, SavedFaults};
use super::lock::lock;
use super::rate_limits::RateLimits;
use super::tenant::Tenant;
use crate::domain::clock::{LATEST, Mode};
use crate::store::{Dump, State};
use crate::token::KeyRing;

/// Name and version of the format. What is added to a tenant that later answers depend on makes another one.
pub(super) const FORMAT: &str = "m2mock-state-1";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    format: String,
    domain: String,
    clock: Mode,
    faults: SavedFaults,
    rate_limits: RateLimits,
    state: Dump,
}

/// The part of an export that is parsed first.
#[derive(Deserialize)]
struct Head {
    format: Option<String>,
    domain: Option<String>,
}

/// The domain of the tenant that was exported.
///
/// # Errors
///
/// The text is no exported state of this format.
pub(crate) fn exported_domain(text: &[u8]) -> Result<String, ApiError> {
    let head: Head = serde_json::from_slice(text).map_err(ApiError::unreadable_state)?;
    match head {
        Head { format: Some(format), domain: Some(domain) } if format == FORMAT => Ok(domain),
        Head { format: Some(format), .. } if format != FORMAT => {
            let format: String = format.chars().take(40).collect();
            Err(ApiError::unreadable_state(format!("its format is {format:?}, and only {FORMAT:?} is read here")))
        }
        Head { .. } => Err(ApiError::unreadable_state("it has no `format` or no `domain`")),
    }
}

impl Tenant {
    /// Everything that later answers depend on, as JSON. The same tenant gives the same text, and so does one that
    /// [imports](Tenant::import) it.
    pub fn export(&self) -> String {
        // Documents are shared, so that this holds the lock for as long as a reset does.
        let state = self.state().clone();
        let whole = Whole {
            format: FORMAT.to_owned(),
            domain: self.domain().to_owned(),
            clock: self.clock.mode(),
            faults: lock(&self.faults).saved(),
            rate_limits: lock(&self.rate_limits).clone(),
            state: state.export(),
        };
        // Its keys are texts, and it holds no float that is no number: JSON has a word for all of it.
        serde_json::to_string(&whole).unwrap_or_default()
    }

    /// Replaces the state of the tenant by an export. The log and the journal are empty afterwards. The initial state of
    /// [`reset`](Tenant::reset) stays.
    ///
    /// # Errors
    ///
    /// The text cannot be read, is that of another format or of a tenant with another domain, or names what is not there.
    /// Nothing has changed then.
    pub fn import(&self, text: &[u8]) -> Result<(), ApiError> {
        let domain = exported_domain(text)?;
        if domain != self.domain() {
            return Err(ApiError::state_of_another_tenant(&domain, self.domain()));
        }
        let Whole { clock, faults, rate_limits, state, .. } =
            serde_json::from_slice(text).map_err(ApiError::unreadable_state)?;
        let faults =
            Faults::read(faults).map_err(|mistake| ApiError::unreadable_state(format!("faults, {mistake}")))?;
        if !rate_limits.are_sound() {
            return Err(ApiError::unreadable_state("rate_limits: a moment is after the year 9999"));
        }
        let end = UNIX_EPOCH + LATEST;
        let keys = state.signing_keys.problem(KeyRing::KEYS, end).map(|mistake| ("signing_keys", mistake));
        if let Some((what, mistake)) = keys.or_else(|| Some(("jobs", state.jobs.problem(end)?))) {
            return Err(ApiError::unreadable_state(format!("state.{what}: {mistake}")));
        }
        let mut state = State::import(state).map_err(ApiError::unreadable_state)?;

        *lock(&self.faults) = faults;
        *lock(&self.rate_limits) = rate_limits;
        self.clock.restore(clock);
        std::mem::swap(&mut *self.state(), &mut state);
        drop(state); // the old one, with nobody waiting for it
        self.forget_log();
        self.forget_requests();
        self.forget_cache();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::api::{Config, Tenant};

    #[test]
    fn a_refusal_does_not_repeat_a_whole_state() {
        let tenant = Tenant::new(Config::default());
        let mut state: Value = serde_json::from_str(&tenant.export()).unwrap();
        state["clock"] = json!("x".repeat(100_000));
        let refusal = tenant.import(state.to_string().as_bytes()).unwrap_err();
        assert!(refusal.message.contains("unknown variant") && refusal.message.len() < 1000, "{}", refusal.message);
    }
}
