//! What a tenant cannot be made from. The command and the builder ask here, so that both say the same.

use crate::api::Config;
use crate::domain::Names;

/// What is wrong with a configuration: a sentence without a full stop, for whoever wrote it.
pub(crate) fn mistake(config: &Config) -> Option<String> {
    if !Names::is_domain(&config.domain) {
        // In the notation of a string literal: the mistake may be a line break.
        return Some(format!(
            "the domain {:?} is not a host name; write one like travel0.localhost, with :port behind it if need be",
            config.domain
        ));
    }
    if let Some(issuer) = config.issuer.as_deref().filter(|issuer| Names::normalized_issuer(issuer).is_none()) {
        return Some(format!(
            "the issuer {issuer:?} is not a URL of scheme and host; write one like https://login.example/"
        ));
    }
    let credentials =
        [("client id", &config.management_client_id), ("client secret", &config.management_client_secret)];
    let (what, _) = credentials.into_iter().find(|(_, value)| value.as_deref().is_some_and(str::is_empty))?;
    Some(format!("the {what} of the management application is empty; leave it out to have one made up"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_tenant_has_no_mistake() {
        assert_eq!(mistake(&Config::default()), None);
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
        assert!(mistake(&config).unwrap().starts_with(r#"the domain "granite\n.example" is not a host name"#));
    }

    #[test]
    fn an_issuer_without_a_scheme_is_named() {
        let config = |issuer: &str| Config { issuer: Some(issuer.to_owned()), ..Config::default() };
        assert!(mistake(&config("login.example")).unwrap().starts_with(r#"the issuer "login.example" is not a URL"#));
        assert_eq!(mistake(&config("https://login.example")), None);
    }

    #[test]
    fn an_empty_credential_is_named() {
        let empty = || Some(String::new());
        let config = Config { management_client_id: empty(), ..Config::default() };
        assert!(mistake(&config).unwrap().starts_with("the client id of the management application is empty"));
        let config = Config { management_client_secret: empty(), ..Config::default() };
        assert!(mistake(&config).unwrap().starts_with("the client secret of the management application is empty"));
    }
}
