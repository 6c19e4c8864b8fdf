//! The output of `serve` when the tenant answers: text on standard output, and JSON in the ready file.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::json;

use crate::api::Tenant;
use crate::atomic_file;

/// Addresses and credentials for the first token request.
pub(super) struct Ready {
    pub base_url: String,
    /// The address for HTTPS, if there is one. Without its scheme it is the domain for an SDK, `sdk_domain`.
    pub https_base_url: Option<String>,
    /// The address of the control API, if it is on.
    pub admin_url: Option<String>,
    pub domain: String,
    /// The issuer of tokens from `base_url`.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub audience: String,
}

impl Ready {
    /// `authority` is the value of the `Host` header: address and port.
    pub(super) fn of(tenant: &Tenant, authority: &str) -> Ready {
        let (client_id, client_secret) = tenant.management_client();
        Ready {
            base_url: format!("http://{authority}"),
            https_base_url: None,
            admin_url: None,
            domain: tenant.domain().to_owned(),
            issuer: tenant.issuer_for(authority),
            client_id,
            client_secret,
            audience: tenant.management_audience(),
        }
    }

    /// Writes the ready file.
    pub(super) fn write_to(&self, file: &Path) -> io::Result<()> {
        atomic_file::write_private(file, &self.content())
    }

    /// Removes the ready file at the end, unless another server has written its own there in the meantime.
    pub(super) fn remove_from(&self, file: &Path) {
        if fs::read_to_string(file).is_ok_and(|content| content == self.content()) {
            let _ = fs::remove_file(file);
        }
    }

    fn content(&self) -> String {
        let mut content = json!({
            "base_url": self.base_url,
            "domain": self.domain,
            "issuer": self.issuer,
            "management": {
                "client_id": self.client_id,
                "client_secret": self.client_secret,
                "audience": self.audience,
            },
        });
        if let Some(https) = &self.https_base_url {
            content["https_base_url"] = https.clone().into();
            content["sdk_domain"] = https.trim_start_matches("https://").into();
        }
        if let Some(admin) = &self.admin_url {
            content["admin_url"] = admin.clone().into();
        }
        format!("{content:#}\n")
    }
}

/// Removes the ready file of a killed server, which a waiting test would read.
pub(super) fn remove_stale(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl fmt::Display for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ready { base_url, https_base_url, admin_url, domain, issuer: _, client_id, client_secret, audience } = self;
        let request = json!({
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "audience": audience,
        });
        let https = https_base_url.iter().map(|https| format!(" and {https}")).collect::<String>();
        writeln!(f, "m2mock answers at {base_url}{https} as tenant {domain}")?;
        writeln!(f)?;
        writeln!(f, "management client id      {client_id}")?;
        writeln!(f, "management client secret  {client_secret}")?;
        writeln!(f, "Management API audience   {audience}")?;
        if let Some(admin) = admin_url {
            writeln!(f, "control                   {admin}")?;
        }
        writeln!(f)?;
        writeln!(f, "To request a token:")?;
        writeln!(f)?;
        writeln!(f, "  curl {base_url}/oauth/token \\")?;
        writeln!(f, "    -H 'content-type: application/json' \\")?;
        writeln!(f, "    -d {}", quoted(&request.to_string()))
    }
}

/// Quotes a value for the shell: a pinned secret may contain any character.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quote_in_a_secret_does_not_end_the_shell_word() {
        assert_eq!(quoted("it's"), r"'it'\''s'");
    }
}
