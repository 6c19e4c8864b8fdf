//! The identity of a tenant, which a seed may name, and the empty tenant that has it.

use clap::Args;

use super::mistake::Mistake;
use crate::api::{Config, Tenant};

// What a seed may name of its tenant. No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct Identity {
    /// The tenant's domain
    #[arg(long, value_name = "NAME", env = "M2MOCK_DOMAIN")]
    pub(super) domain: Option<String>,
    /// Client id of the management application, by default random
    #[arg(long, value_name = "ID", env = "M2MOCK_MANAGEMENT_CLIENT_ID")]
    pub(super) management_client_id: Option<String>,
}

impl Identity {
    pub(super) fn config(&self) -> Config {
        let mut config = Config { management_client_id: self.management_client_id.clone(), ..Config::default() };
        if let Some(domain) = &self.domain {
            config.domain.clone_from(domain);
        }
        config
    }
}

/// An empty tenant; an error if the options are invalid.
pub(super) fn new_tenant(config: Config) -> Result<Tenant, Mistake> {
    config.validate().map_err(|error| Mistake(error.to_string()))?;
    Ok(Tenant::new(config))
}
