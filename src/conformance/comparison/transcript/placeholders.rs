//! Placeholders for the names and ids that differ from run to run, and from tenant to tenant.

use std::collections::BTreeSet;

use serde_json::Value;

use super::token::content;
use crate::conformance::http::REDACTED;
use crate::conformance::recording::{Interaction, is_identifier};
use crate::conformance::target::Target;
use crate::redaction;

/// Shorter texts would be found in the middle of others.
pub(super) const SHORTEST: usize = 8;

/// Begins the names of what the scenario made.
pub(super) const OWN: &str = "<run>";

/// Members that have the name of the tenant and a random part.
const NAMED_AFTER_TENANTS: [&str; 5] =
    ["awsPartnerEventSource", "aws_partner_event_source", "azurePartnerTopic", "origin_domain_name", "record"];

/// The placeholders of one scenario.
pub(super) struct Placeholders {
    /// Replaced in all texts.
    plain: Vec<(String, String)>,
    /// Replaced, after that, in the texts that are shown.
    references: Vec<(String, String)>,
    /// The name of the tenant in its documents.
    tenant: String,
    /// The hosts of the tenant, without ports.
    hosts: Vec<String>,
}

impl Placeholders {
    pub(super) fn of(
        references: &[(String, String)],
        secrets: &BTreeSet<String>,
        label: &str,
        target: &Target,
    ) -> Placeholders {
        // Names and hosts begin with the label of a scenario, and the label of one scenario may begin that of another.
        let of = |label: &str, name: &str| ["-", "."].map(|end| (format!("{label}{end}"), format!("{name}{end}")));
        let mut plain = [of(label, OWN), of(target.run_name(), "<another>")].concat();
        let own = target.names();
        plain.extend(own.placeholders().into_iter().map(|(name, text)| (text, format!("<{name}>"))));
        plain.extend(own.named_uris().map(|uri| (uri, "<tenant.uri>/<tenant.name>/".to_owned())));
        plain.push((target.client_id().to_owned(), "<management.client_id>".to_owned()));
        plain.extend(secrets.iter().map(|secret| (secret.clone(), REDACTED.to_owned())));
        plain.retain(|(text, _)| text.len() >= SHORTEST);
        longest_first(&mut plain);
        let references = references.iter().map(|(text, name)| (replaced(text, &plain), name.clone()));
        let mut references: Vec<(String, String)> = references.collect();
        longest_first(&mut references);
        let hosts = own.hosts().map(str::to_owned).collect();
        Placeholders { plain, references, tenant: own.tenant().to_owned(), hosts }
    }

    /// Every placeholder.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        self.plain.iter().chain(&self.references).map(|(_, name)| name.as_str())
    }

    fn plain(&self, text: &str) -> String {
        without_derived(&replaced(text, &self.plain))
    }

    /// Replaces the tenant's name where it is a whole value. It is short, and may be a part of other words.
    fn without_its_name(&self, value: &mut Value) {
        match value {
            Value::Object(members) => members.iter_mut().for_each(|(member, value)| match value {
                Value::String(name) if member.starts_with("tenant") && *name == self.tenant => {
                    *name = "<tenant.name>".to_owned();
                }
                // A key of the tenant, whose id has another form in each tenant.
                Value::String(kid) if member == "kid" && !kid.is_empty() => *kid = "(a key)".to_owned(),
                // The log has the host without its port.
                Value::String(host) if member == "hostname" && self.hosts.contains(host) => {
                    *host = "<tenant.domain>".to_owned();
                }
                // A connection names the tenant by its own domain, whatever name the request came by.
                Value::String(domain) if member == "app_domain" && domain.split('.').next() == Some(&self.tenant) => {
                    *domain = "<tenant.domain>".to_owned();
                }
                // The other end of a custom domain or of a stream, which the service names after the tenant.
                Value::String(name)
                    if NAMED_AFTER_TENANTS.contains(&member.as_str()) && name.contains(&self.tenant) =>
                {
                    *name = "(a name of the service)".to_owned();
                }
                // Where the run itself comes from.
                Value::String(ip) if matches!(member.as_str(), "ip" | "last_ip") => *ip = "(an address)".to_owned(),
                _ => self.without_its_name(value),
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| self.without_its_name(item)),
            _ => {}
        }
    }

    /// Whether a request reads or changes entities that the run did not create.
    pub(super) fn is_tenant_wide(&self, interaction: &Interaction) -> bool {
        let path = percent_encoding::percent_decode_str(&interaction.path).decode_utf8_lossy();
        let read = ["GET", "PATCH"].contains(&interaction.method.as_str()) && interaction.status < 300;
        read && path.starts_with("/api/v2/") && !self.shown(&path).contains('<')
    }

    pub(super) fn shown(&self, text: &str) -> String {
        without_identifiers(&replaced(&self.plain(text), &self.references))
    }

    pub(super) fn normalised(&self, mut interaction: Interaction) -> Interaction {
        let plain = |text: &str| self.plain(text);
        let token = interaction.response.get("access_token").and_then(Value::as_str).map(content);
        let path = interaction.path.clone();
        if interaction.request.is_string() {
            // What is neither JSON nor a form cannot be read.
            interaction.request = REDACTED.into();
        }
        redaction::value(&mut interaction.request, &path, REDACTED);
        redaction::value(&mut interaction.response, &path, REDACTED);
        if let Some(said) = token {
            interaction.response["access_token"] = said;
        }
        self.without_its_name(&mut interaction.response);
        let query = redaction::query(interaction.query.into_iter().collect(), &path, REDACTED);
        Interaction {
            path: self.plain(&redaction::target(&path, REDACTED)),
            query: query.into_iter().map(|(name, value)| (name, mapped(&value, &plain))).collect(),
            request: mapped(&interaction.request, &plain),
            response: mapped(&interaction.response, &plain),
            ..interaction
        }
    }
}

/// Replaces texts that follow from others that differ from run to run, or that are random in another form than ids: the
/// picture of an email address, the id of an entry of the log, a certificate.
fn without_derived(text: &str) -> String {
    if let Some(kind) = text.strip_prefix("-----BEGIN ").and_then(|rest| rest.split("-----").next()) {
        return format!("({kind})");
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    const PICTURE: &str = "gravatar.com/avatar/";
    while let Some(character) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if let Some(after) = rest.strip_prefix(PICTURE) {
            out.push_str(PICTURE);
            let hash = after.bytes().take_while(u8::is_ascii_hexdigit).count();
            out.push_str("(a hash)");
            rest = &after[hash..];
        } else if digits >= 40 {
            out.push_str("<entry>");
            rest = &rest[digits..];
        } else {
            let length = if digits > 0 { digits } else { character.len_utf8() };
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    out
}

fn longest_first(names: &mut [(String, String)]) {
    names.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
}

/// Replaces each of these texts in one pass: a replacement is not searched again.
fn replaced(text: &str, names: &[(String, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        match names.iter().find(|(name, _)| rest.starts_with(name.as_str())) {
            Some((name, instead)) => {
                out.push_str(instead);
                rest = &rest[name.len()..];
            }
            None => {
                out.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    out
}

/// Replaces each identifier that has no name with `<id>`, except ids of zeros.
fn without_identifiers(text: &str) -> String {
    let in_an_id = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '|');
    let masked = |word: &str| {
        if is_identifier(word) && !word.contains("0000000000000000") { "<id>".to_owned() } else { word.to_owned() }
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !in_an_id(c)).unwrap_or(rest.len());
        out.push_str(&masked(&rest[..end]));
        let next = rest[end..].find(in_an_id).map_or(rest.len(), |at| end + at);
        out.push_str(&rest[end..next]);
        rest = &rest[next..];
    }
    out
}

/// A value with every text in it replaced, names of members included.
pub(super) fn mapped(value: &Value, map: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => map(text).into(),
        Value::Array(items) => items.iter().map(|item| mapped(item, map)).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (map(name), mapped(value, map))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_names_that_begin_alike_the_longer_one_is_meant() {
        let mut names = vec![("acme".to_owned(), "<a>".to_owned()), ("acme-x".to_owned(), "<acme-x.name>".to_owned())];
        longest_first(&mut names);
        assert_eq!(replaced("acme, acme-x and acme-y", &names), "<a>, <acme-x.name> and <a>-y");
    }

    #[test]
    fn a_text_that_follows_from_a_name_or_a_moment_is_no_difference() {
        assert_eq!(
            without_derived("https://s.gravatar.com/avatar/0a1b2c?s=480"),
            "https://s.gravatar.com/avatar/(a hash)?s=480"
        );
        assert_eq!(without_derived(&format!("/logs/{}/é 12", "9".repeat(56))), "/logs/<entry>/é 12");
        assert_eq!(without_derived("-----BEGIN PKCS7-----\r\nMII\r\n-----END PKCS7-----"), "(PKCS7)");
    }

    #[test]
    fn where_a_tenant_is_reached_is_no_difference() {
        let seen = |address: &str, hostname: &str| {
            let target = Target::new(address, "an-application", "secret", "https://a.example/api/v2/", None).unwrap();
            let response = serde_json::json!([{ "hostname": hostname }]);
            let names = Placeholders::of(&[], &BTreeSet::new(), "run-0", &target);
            names.normalised(Interaction { response, ..Interaction::default() }).response[0]["hostname"].clone()
        };
        assert_eq!(seen("http://127.0.0.1:8080", "127.0.0.1"), "<tenant.domain>");
        assert_eq!(seen("https://payroll.auth0.example", "payroll.auth0.example"), "<tenant.domain>");
        assert_eq!(seen("http://127.0.0.1:8080", "elsewhere.example"), "elsewhere.example");
    }

    #[test]
    fn the_domain_by_which_a_connection_names_its_tenant_is_no_difference() {
        let target = Target::new(
            "https://payroll.auth0.example",
            "an-application",
            "secret",
            "https://payroll.auth0.example/api/v2/",
            None,
        );
        let names = Placeholders::of(&[], &BTreeSet::new(), "run-0", &target.unwrap());
        let response =
            serde_json::json!({ "options": { "app_domain": "payroll.other.example" }, "app_domain": "a.example" });
        let shown = names.normalised(Interaction { response, ..Interaction::default() }).response;
        assert_eq!(shown["options"]["app_domain"], "<tenant.domain>");
        assert_eq!(shown["app_domain"], "a.example");
    }

    #[test]
    fn an_identifier_without_a_name_is_only_said_to_be_one() {
        assert_eq!(without_identifiers("no org_Abcdefgh12345678, é"), "no <id>, é");
        assert_eq!(without_identifiers("org_0000000000000000 read:trips"), "org_0000000000000000 read:trips");
    }
}
