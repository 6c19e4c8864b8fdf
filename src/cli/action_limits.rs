//! The options of `m2mock serve` for the limits of deployed Actions, behind the feature `javascript`.

use std::time::Duration;

use clap::{Args, value_parser};

use crate::api::Config;

#[derive(Args)]
pub(super) struct ActionLimits {
    /// Seconds that the JavaScript of deployed Actions may take for one token request; by default 20
    #[arg(long, value_name = "SECONDS", env = "M2MOCK_ACTION_TIME_LIMIT", value_parser = value_parser!(u64).range(1..=3600))]
    action_time_limit: Option<u64>,
    /// MiB that the JavaScript of one Action may take; by default 64
    #[arg(long, value_name = "MIB", env = "M2MOCK_ACTION_MEMORY_LIMIT", value_parser = value_parser!(u16).range(1..=4096))]
    action_memory_limit: Option<u16>,
}

impl ActionLimits {
    /// Sets the limits of a tenant.
    pub(super) fn apply(&self, config: &mut Config) {
        config.action_time = self.action_time_limit.map_or(config.action_time, Duration::from_secs);
        config.action_memory = self.action_memory_limit.map_or(config.action_memory, |mib| usize::from(mib) << 20);
    }
}
