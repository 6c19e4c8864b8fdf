//! What `serve` tells when it answers: on standard output for people, in the ready file for programs.

use std::fmt;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use serde_json::json;

use crate::api::Tenant;
use crate::atomic_file;

/// Everything needed to ask the tenant for the first token.
pub(super) struct Ready {
    pub base_url: String,
    /// The same over TLS, where it is served. What follows its scheme is the domain that an SDK takes, `sdk_domain`.
    pub https_base_url: Option<String>,
    /// Where the tenant is controlled, if it is.
    pub admin_url: Option<String>,
    pub domain: String,
    /// What tokens fetched through `base_url` carry.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub audience: String,
}

impl Ready {
    /// `authority` is what clients put into the Host header: address and port.
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

/// Removes what a server that was killed has left: who waits for the file would take it for ours.
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
        writeln!(f, "A token, to paste:")?;
        writeln!(f)?;
        writeln!(f, "  curl {base_url}/oauth/token \\")?;
        writeln!(f, "    -H 'content-type: application/json' \\")?;
        writeln!(f, "    -d {}", quoted(&request.to_string()))
    }
}

/// One word for the shell, whatever a pinned secret holds.
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
