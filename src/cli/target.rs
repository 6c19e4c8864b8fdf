//! A tenant that the command did not start, as its options name it.

use std::path::{Path, PathBuf};

use clap::Args;

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct TargetOptions {
    /// Address of a tenant, as https://TENANT, instead of a mock started for this
    #[arg(long, value_name = "URL", env = "M2MOCK_TARGET", requires_all = ["client_id", "client_secret"])]
    target: Option<String>,
    /// Client id of an application there that may use its Management API
    #[arg(long, value_name = "ID", env = "M2MOCK_TARGET_CLIENT_ID", requires = "target")]
    client_id: Option<String>,
    /// Its secret
    #[arg(
        long,
        value_name = "SECRET",
        env = "M2MOCK_TARGET_CLIENT_SECRET",
        hide_env_values = true,
        requires = "target"
    )]
    client_secret: Option<String>,
    /// Identifier of its Management API; URL/api/v2/ when not given
    #[arg(long, value_name = "URI", env = "M2MOCK_TARGET_AUDIENCE", requires = "target")]
    audience: Option<String>,
    /// Certificate authorities to trust beside those of the machine, in PEM
    #[arg(long, value_name = "FILE", requires = "target")]
    ca_file: Option<PathBuf>,
}

/// The tenant that is named.
pub(super) struct Named<'a> {
    pub base: &'a str,
    pub client_id: &'a str,
    pub client_secret: &'a str,
    pub audience: String,
    pub ca_file: Option<&'a Path>,
}

impl TargetOptions {
    /// The tenant that is named, if one is.
    pub fn named(&self) -> Option<Named<'_>> {
        let (base, client_id) = (self.target.as_deref()?, self.client_id.as_deref()?);
        let client_secret = self.client_secret.as_deref()?;
        let audience = self.audience.clone().unwrap_or_else(|| format!("{}/api/v2/", base.trim_end_matches('/')));
        Some(Named { base, client_id, client_secret, audience, ca_file: self.ca_file.as_deref() })
    }
}
