//! Validation of a tenant's configuration, for the command and the builder.

use std::fmt;

use crate::api::Config;
use crate::domain::Names;

/// A configuration that no tenant can have: a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

impl Config {
    /// Checks the domain, the issuer and the credentials of the management application.
    ///
    /// # Errors
    ///
    /// The domain is no host name, the issuer is no URL of scheme and host, or a credential is empty.
    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if !Names::is_domain(&self.domain) {
            // In the notation of a string literal: the mistake may be a line break.
            return Err(ConfigError(format!(
                "the domain {:?} is not a host name; write one like travel0.localhost, with :port behind it if need be",
                self.domain
            )));
        }
        if let Some(issuer) = self.issuer.as_deref().filter(|issuer| Names::normalized_issuer(issuer).is_none()) {
            return Err(ConfigError(format!(
                "the issuer {issuer:?} is not a URL of scheme and host; write one like https://login.example/"
            )));
        }
        let credentials =
            [("client id", &self.management_client_id), ("client secret", &self.management_client_secret)];
        match credentials.into_iter().find(|(_, value)| value.as_deref().is_some_and(str::is_empty)) {
            Some((what, _)) => Err(ConfigError(format!(
                "the {what} of the management application is empty; leave it out to have one made up"
            ))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_tenant_has_no_mistake() {
        assert_eq!(Config::default().validate(), Ok(()));
    }

    #[test]
    fn a_domain_is_a_host_name_with_or_without_a_port() {
        let longest = ["a".repeat(63), "b".repeat(63), "c".repeat(63), "d".repeat(61)].join(".");
        for domain in ["localhost", "travel0.eu.auth0.example", "mock_tenant:8080", "127.0.0.1:1", "a-b.c", &longest] {
            assert!(Names::is_domain(domain), "{domain}");
        }
        for other in [
            "",
            " ",
            ".",
            ":80",
            "https://foo.example/",
            "foo.example/",
            "foo.example/path",
            "foo .example",
            "foo.example\n",
            "foo..example",
            "foo.example.",
            "-foo.example",
            "foo-.example",
            "foo.example:",
            "foo.example:0",
            "foo.example:+80",
            "foo.example:65536",
            "foo:80:80",
            "user@foo.example",
            "fo\u{f6}.example",
            &"a".repeat(64),
            &format!("{longest}.e"),
        ] {
            assert!(!Names::is_domain(other), "{other:?}");
        }
    }

    #[test]
    fn a_mistake_stays_on_one_line() {
        let config = Config { domain: "granite\n.example".to_owned(), ..Config::default() };
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with(r#"the domain "granite\n.example" is not a host name"#)
        );
    }

    #[test]
    fn an_issuer_without_a_scheme_is_named() {
        let config = |issuer: &str| Config { issuer: Some(issuer.to_owned()), ..Config::default() };
        assert!(
            config("login.example")
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with(r#"the issuer "login.example" is not a URL"#)
        );
        assert_eq!(config("https://login.example").validate(), Ok(()));
    }

    #[test]
    fn an_empty_credential_is_named() {
        let empty = || Some(String::new());
        let config = Config { management_client_id: empty(), ..Config::default() };
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with("the client id of the management application is empty")
        );
        let config = Config { management_client_secret: empty(), ..Config::default() };
        assert!(
            config
                .validate()
                .unwrap_err()
                .to_string()
                .starts_with("the client secret of the management application is empty")
        );
    }
}
