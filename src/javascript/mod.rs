//! Runs the JavaScript of an Action in an engine of its own, without network, files or packages, and within limits.
//!
//! [`run`] gets the code and the event, and returns the calls of the `api` object as data. It does not know the tenant: the
//! caller applies the calls. Each execution has a new engine, so executions share nothing but the cache.

mod changes;
mod engine;
mod host;
mod worker;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value};

pub(crate) use self::changes::{Change, Changes};
pub(crate) use self::worker::run;
use crate::domain::action_cache::ActionCache;
use crate::redaction::SecretValues;

/// The code of an Action with its input.
pub(crate) struct Script {
    pub(crate) code: String,
    pub(crate) modules: Vec<Module>,
    /// `event`.
    pub(crate) event: Value,
    /// The current time on the tenant's clock, in milliseconds since 1970.
    pub(crate) now: i64,
    /// The seed of `Math.random`.
    pub(crate) random_seed: u64,
    pub(crate) cache: Arc<Mutex<ActionCache>>,
    /// The secrets that no output may contain.
    pub(crate) secrets: SecretValues,
}

/// A module that the code can require.
pub(crate) struct Module {
    /// Its name, without the prefix `actions:`.
    pub(crate) name: String,
    pub(crate) code: String,
    /// `actions.secrets`.
    pub(crate) secrets: Map<String, Value>,
}

/// The limits of an execution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// The time on the machine's clock.
    pub(crate) time: Duration,
    /// The memory of the engine, in bytes.
    pub(crate) memory: usize,
}

impl Limits {
    /// The documented time of a trigger for all its Actions together, and memory for a small program.
    pub(crate) const DEFAULT: Limits = Limits { time: Duration::from_secs(20), memory: 64 << 20 };
}

/// The reason why an execution failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The code threw an error. The text has its name, its message and its place.
    Threw(String),
    /// The time limit was reached.
    TimeLimit,
    /// The function waits for a promise that nothing can settle.
    NeverSettled,
    /// Too many Actions run at the same time.
    Busy,
}

#[cfg(test)]
mod tests;
