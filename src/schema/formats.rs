//! The vendor's formats: one function per name.
//!
//! Ids are strict: they have the shapes of all recordings. The rules of the other formats are not published, so their
//! functions refuse only texts that cannot be right. A lenient mock is better than one that refuses what the service
//! accepts. The comment of each function describes its check.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Whether a text satisfies the format with this name. An unknown format accepts any text.
pub(super) fn accepts(format: &str, text: &str) -> bool {
    check(format).is_none_or(|well_formed| well_formed(text))
}

/// The check of a format.
pub(crate) fn check(format: &str) -> Option<fn(&str) -> bool> {
    Some(match format {
        "absolute-https-uri-or-empty" => absolute_https_uri_or_empty,
        "absolute-https-uri-with-placeholders-or-empty" => absolute_https_uri_or_empty,
        "absolute-uri-or-empty" => absolute_uri_or_empty,
        "acr" => acr,
        "callback-url" => url_with_placeholders,
        "cidr" => ipv4_cidr,
        "client-grant-id" => client_grant_id,
        "client-id" => client_id,
        "connection-id" => connection_id,
        "connection-name-prefix-template" => connection_name_prefix_template,
        "connection-profile-id" => connection_profile_id,
        "connection-realm" => connection_realm,
        "credential-id" => credential_id,
        "date-time" => date_time,
        "ec-initiate-login-uri-template-url" => strict_https_uri,
        "email" => email,
        "email-or-empty" => email_or_empty,
        "event-stream-id" => event_stream_id,
        "flow-id" => flow_id,
        "flows-vault-connections-id" => vault_connection_id,
        "forms-custom-identifier" | "forms-file-extension" => not_empty,
        "forms-expression" => forms_expression,
        "forms-hex-color" | "html-color" | "html-color-or-null" => html_color,
        "forms-url-https" => strict_https_uri,
        "hostname" | "hostname-rfc2181" => hostname,
        "ipv4" => ipv4,
        "ipv6" => ipv6,
        "ipv6_cidr" => ipv6_cidr,
        "non-empty-string" => non_empty_string,
        "organization-discovery-domain-id" => organization_discovery_domain_id,
        "organization-id" => organization_id,
        "organization-name" => organization_name,
        "role-id" => role_id,
        "session-id" => session_id,
        "strict-https-uri" | "strict-https-uri-or-null" => strict_https_uri,
        "strict-uri" | "uri" => has_scheme,
        "url" | "url-or-null" => url,
        "url-with-placeholders" => url_with_placeholders,
        "user-attribute-profile-id" => user_attribute_profile_id,
        "user-id" => user_id,
        "user-id-with-max-length" => user_id_with_max_length,
        "uuid" => uuid,
        _ => return None,
    })
}

fn client_grant_id(text: &str) -> bool {
    is_id(text, "cgr_", 16, u8::is_ascii_alphanumeric)
}

fn connection_id(text: &str) -> bool {
    is_id(text, "con_", 16, u8::is_ascii_alphanumeric)
}

fn event_stream_id(text: &str) -> bool {
    is_id(text, "est_", 22, is_base58)
}

fn organization_id(text: &str) -> bool {
    is_id(text, "org_", 16, u8::is_ascii_alphanumeric)
}

fn organization_discovery_domain_id(text: &str) -> bool {
    is_id(text, "ord_", 22, is_base58)
}

fn role_id(text: &str) -> bool {
    is_id(text, "rol_", 16, u8::is_ascii_alphanumeric)
}

/// Rule not published. An id usually has a provider, a bar and the provider's id, but a caller may choose it. So any
/// text passes that is not empty.
fn user_id(text: &str) -> bool {
    !text.is_empty()
}

/// Rule not published. Any text passes that is not empty and not too long.
fn user_id_with_max_length(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 300
}

/// Rule not published; anything but nothing.
fn session_id(text: &str) -> bool {
    !text.is_empty()
}

fn credential_id(text: &str) -> bool {
    is_id(text, "cred_", 22, is_base58)
}

fn connection_profile_id(text: &str) -> bool {
    is_id(text, "cop_", 22, is_base58)
}

/// Letters, digits, single hyphens that do not begin the text, and the two placeholders. The vendor's pattern looks ahead, which
/// the pattern engine cannot.
fn connection_name_prefix_template(text: &str) -> bool {
    let rest = text.replace("{org_id}", "").replace("{org_name}", "");
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.starts_with('-') && !text.contains("--") && rest.bytes().all(is_allowed)
}

fn flow_id(text: &str) -> bool {
    is_id(text, "af_", 22, is_base58)
}

fn vault_connection_id(text: &str) -> bool {
    is_id(text, "ac_", 22, is_base58)
}

/// Rule not published; anything but nothing.
fn not_empty(text: &str) -> bool {
    !text.is_empty()
}

fn user_attribute_profile_id(text: &str) -> bool {
    is_id(text, "uap_", 22, is_base58)
}

/// The id of a usual client, or of a third-party client in strict mode.
fn client_id(text: &str) -> bool {
    is_id(text, "", 32, u8::is_ascii_alphanumeric) || is_id(text, "tpc_", 22, is_base58)
}

/// Lower-case letters, digits, hyphen and underscore ("Create Organizations"). Whether the first
/// character is restricted further is not known. The length has keywords of its own.
fn organization_name(text: &str) -> bool {
    let allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
    !text.is_empty() && text.bytes().all(allowed)
}

/// Rule not published; anything but nothing.
fn connection_realm(text: &str) -> bool {
    !text.is_empty()
}

/// Rule not published; plain words are recorded.
fn acr(text: &str) -> bool {
    !text.is_empty()
}

/// Rule not published; a scheme and a text after it. `*` and `{organization_name}` may be anywhere after the scheme,
/// and the scheme may be that of a mobile application.
fn url_with_placeholders(text: &str) -> bool {
    has_scheme(text)
}

fn absolute_uri_or_empty(text: &str) -> bool {
    text.is_empty() || has_scheme(text)
}

/// Rule not published; `http` or `https`, and a host.
fn url(text: &str) -> bool {
    has_host(text, "https://") || has_host(text, "http://")
}

fn strict_https_uri(text: &str) -> bool {
    has_host(text, "https://")
}

/// The format with placeholders has the same check.
fn absolute_https_uri_or_empty(text: &str) -> bool {
    text.is_empty() || has_host(text, "https://")
}

/// Rule not published; an `@` with text before and after it, and no blanks.
fn email(text: &str) -> bool {
    let parts = text.rsplit_once('@');
    let whole = parts.is_some_and(|(user, domain)| !user.is_empty() && !domain.is_empty());
    whole && !has_blanks(text)
}

fn email_or_empty(text: &str) -> bool {
    text.is_empty() || email(text)
}

fn non_empty_string(text: &str) -> bool {
    !text.is_empty()
}

/// Rule not published. A text with a reference in double braces: what has none would be taken for an expression as well as
/// for the address or the text that stands beside it in a choice.
fn forms_expression(text: &str) -> bool {
    text.split_once("{{").is_some_and(|(_, rest)| rest.contains("}}"))
}

/// RFC 1123: labels of letters, digits and hyphens, without a hyphen at the begin and the end.
fn hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        let allowed = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        allowed && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

/// RFC 9562: 32 hexadecimal digits in five groups.
fn uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.concat().bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn ipv4(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok()
}

fn ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

/// An address, a slash, and the number of bits of the network.
fn ipv4_cidr(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| ipv4(address) && is_number_up_to(32, bits))
}

fn ipv6_cidr(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| ipv6(address) && is_number_up_to(128, bits))
}

fn is_number_up_to(most: u8, text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u8>().is_ok_and(|number| number <= most)
}

/// `#` and three or six hexadecimal digits. Whether names of colours pass is not known.
fn html_color(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// RFC 3339: date, `T`, time, optional fraction, `Z` or an offset.
fn date_time(text: &str) -> bool {
    let bytes = text.as_bytes();
    let number = |from: usize, to: usize| -> Option<u32> {
        let digits = bytes.get(from..to)?;
        let all = digits.iter().all(u8::is_ascii_digit);
        all.then(|| digits.iter().fold(0, |sum, digit| sum * 10 + u32::from(digit - b'0')))
    };
    let is = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte));
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(5, 7), number(8, 10)) else {
        return false;
    };
    let (Some(hour), Some(minute), Some(second)) = (number(11, 13), number(14, 16), number(17, 19)) else {
        return false;
    };
    let marked = is(4, b"-") && is(7, b"-") && is(10, b"Tt") && is(13, b":") && is(16, b":");
    let in_range = (1..=days_in(year, month)).contains(&day) && hour < 24 && minute < 60;
    // A leap second is 60.
    if !marked || !in_range || second > 60 {
        return false;
    }
    let mut end = 19;
    if is(end, b".") {
        let digits = bytes[end + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return false;
        }
        end += 1 + digits;
    }
    if is(end, b"Zz") {
        return bytes.len() == end + 1;
    }
    let offset = (number(end + 1, end + 3), number(end + 4, end + 6));
    is(end, b"+-")
        && is(end + 3, b":")
        && matches!(offset, (Some(hours), Some(minutes)) if hours < 24 && minutes < 60)
        && bytes.len() == end + 6
}

fn days_in(year: u32, month: u32) -> u32 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

fn is_id(text: &str, prefix: &str, length: usize, allowed: fn(&u8) -> bool) -> bool {
    text.strip_prefix(prefix).is_some_and(|rest| rest.len() == length && rest.as_bytes().iter().all(allowed))
}

/// The alphabet of the vendor's newer ids, without letters that look like others.
fn is_base58(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l')
}

fn has_scheme(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let letter_first = scheme.starts_with(|first: char| first.is_ascii_alphabetic());
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    letter_first && scheme.bytes().all(allowed) && !rest.is_empty() && !has_blanks(rest)
}

fn has_host(text: &str, scheme: &str) -> bool {
    let scheme_matches = text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    scheme_matches && !matches!(text.as_bytes().get(scheme.len()), None | Some(b'/' | b'?' | b'#')) && !has_blanks(text)
}

fn has_blanks(text: &str) -> bool {
    text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::absolute_https_uri_or_empty("absolute-https-uri-or-empty", &["", "https://a.test/x?y"], &["http://a.test", "a.test", "https://"])]
    #[case::absolute_https_uri_with_placeholders("absolute-https-uri-with-placeholders-or-empty", &["", "https://{organization_name}.a.test", "https://a.test/{x}"], &["http://a.test", "{x}"])]
    #[case::absolute_uri_or_empty("absolute-uri-or-empty", &["", "https://a.test", "http://a.test", "my.app://cb"], &["a.test", "//a.test", "https:", "https://a b"])]
    #[case::acr("acr", &["urn:acr:mfa", "None"], &[""])]
    #[case::callback_url("callback-url", &["https://*.a.test/cb", "my.app://cb", "http://localhost:3000"], &["", "a.test", "/cb", "1a:b"])]
    #[case::client_grant_id("client-grant-id", &["cgr_0123456789abcDEF"], &["", "cgr_", "cgr_0123456789abcDE", "cgr_0123456789abcDEFg", "cgr_0123456789abcDE-", "org_0123456789abcDEF"])]
    #[case::client_id("client-id", &["0123456789abcdefGHIJ0123456789ab", "tpc_bU3H7iEFPD3nVwc6a6yoa2"], &["", "Dubs", "0123456789abcdefGHIJ0123456789a_", "tpc_bU3H7iEFPD3nVwc6a6yoa0"])]
    #[case::connection_id("connection-id", &["con_0123456789abcDEF"], &["con_1", "Username-Password"])]
    #[case::connection_profile_id("connection-profile-id", &["cop_1cB4Qk4jLnc5bCgibcznrD"], &["cop_1cB4Qk4jLnc5bCgibcznr", "uap_1cB4Qk4jLnc5bCgibcznrD"])]
    #[case::connection_name_prefix_template("connection-name-prefix-template", &["", "template1", "{org_id}-a", "{org_name}"], &["-a", "a--b", "{id}", "a_b"])]
    #[case::flow_id("flow-id", &["af_aj9fK5JBVy9Uo1eSnwCeMS"], &["", "af_1", "ac_aj9fK5JBVy9Uo1eSnwCeMS"])]
    #[case::vault_connection_id("flows-vault-connections-id", &["ac_driHxZHbTWt3zCyXRqsDFo"], &["", "ac_1"])]
    #[case::forms_custom_identifier("forms-custom-identifier", &["step_1"], &[""])]
    #[case::forms_expression("forms-expression", &["{{fields.a}}", "Dear {{fields.a}}"], &["", "a@b.test", "}}{{"])]
    #[case::forms_file_extension("forms-file-extension", &[".pdf"], &[""])]
    #[case::forms_hex_color("forms-hex-color", &["#A1b2C3"], &["", "red"])]
    #[case::forms_url_https("forms-url-https", &["https://a.test"], &["", "http://a.test"])]
    #[case::uri("uri", &["https://a.test/p.png"], &["", "a.test"])]
    #[case::connection_realm("connection-realm", &["my-realm"], &[""])]
    #[case::credential_id("credential-id", &["cred_h62V1Z4gy2CYduuveqrQcS"], &["cred_l62V1Z4gy2CYduuveqrQcS", "cred_"])]
    #[case::date_time("date-time", &["2050-05-13T09:33:13Z", "2024-02-29t00:00:00.123z", "2023-02-07T12:40:17.807+02:00", "2016-12-31T23:59:60Z"], &["", "2050-05-13", "2023-02-29T00:00:00Z", "2050-13-01T00:00:00Z", "2050-05-13T24:00:00Z", "2050-05-13T09:33:13", "2050-05-13T09:33:13.Z", "2050-05-13T09:33:13ZZ", "2050-05-13T09:33:13+2:00", "2050-05-1éT09:33:13Z"])]
    #[case::ec_initiate_login_uri_template_url("ec-initiate-login-uri-template-url", &["https://a.test/login?org={organization_name}"], &["", "http://a.test"])]
    #[case::email("email", &["a@b.test", "a.b+c@d"], &["", "a", "@b", "a@", "a b@c"])]
    #[case::hostname_rfc2181("hostname-rfc2181", &["smtp.a.test"], &["", "a b"])]
    #[case::html_color_or_null("html-color-or-null", &["#fff"], &["red"])]
    #[case::non_empty_string("non-empty-string", &["a"], &[""])]
    #[case::strict_https_uri("strict-https-uri", &["https://a.test/x"], &["http://a.test", ""])]
    #[case::email_or_empty("email-or-empty", &["", "a@b.test"], &["a"])]
    #[case::event_stream_id("event-stream-id", &["est_tW75Q54Dc8F7NVaU9Qiura"], &["est_invalid_id_1234567890"])]
    #[case::hostname("hostname", &["login.a.test", "localhost", "a-1.test"], &["", "a..test", "-a.test", "a-.test", "https://a.test", "a_b.test", "a.test."])]
    #[case::html_color("html-color", &["#fff", "#A1b2C3"], &["", "fff", "#ffff", "#ggg", "red"])]
    #[case::ipv4("ipv4", &["10.0.0.1"], &["", "10.0.0", "10.0.0.256", "::1", "10.0.0.0/8"])]
    #[case::cidr("cidr", &["10.0.0.0/8", "10.0.0.1/32"], &["10.0.0.1", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "2001:db8::/32"])]
    #[case::ipv6("ipv6", &["::1", "2001:db8::"], &["", "10.0.0.1", "::g", "2001:db8::/32"])]
    #[case::ipv6_cidr("ipv6_cidr", &["2001:db8::/32", "::/128"], &["::1", "::/129", "10.0.0.0/8"])]
    #[case::organization_discovery_domain_id("organization-discovery-domain-id", &["ord_1czkk3fMmEgDZPku9pQKHJ"], &["ord_1", "org_0123456789abcDEF"])]
    #[case::organization_id("organization-id", &["org_0123456789abcDEF"], &["org_1", "acme"])]
    #[case::organization_name("organization-name", &["acme", "acme-2_b", "0"], &["", "Acme", "ac me", "acmé"])]
    #[case::role_id("role-id", &["rol_0123456789abcDEF"], &["rol_1", "admin"])]
    #[case::session_id("session-id", &["6ccbz39kXQv2pQ5F"], &[""])]
    #[case::strict_https_uri_or_null("strict-https-uri-or-null", &["https://a.test/l.svg"], &["", "http://a.test", "https:///x", "https://a b"])]
    #[case::strict_uri("strict-uri", &["https://a.test/p.png", "data:image/png;base64,eA"], &["", "a.test/p.png", "https://a b"])]
    #[case::url("url", &["https://a.test", "HTTP://a.test"], &["", "a.test", "ftp://a.test", "http:é"])]
    #[case::url_or_null("url-or-null", &["https://a.test"], &[""])]
    #[case::url_with_placeholders("url-with-placeholders", &["https://*.a.test", "https://{organization_name}.a.test"], &["", "a.test", "*"])]
    #[case::user_id("user-id", &["auth0|0123456789abcdef01234567", "x"], &[""])]
    #[case::user_id_with_max_length("user-id-with-max-length", &["auth0|0123456789abcdef01234567", "x"], &[""])]
    #[case::user_attribute_profile_id("user-attribute-profile-id", &["uap_1cB4Qk5YYUM6tQBtksk7mv"], &["uap_1"])]
    #[case::uuid("uuid", &["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4", "EA9B8D66-4D01-1D21-3CE4-B6B48CB575D4"], &["", "ea9b8d66", "ea9b8d664d011d213ce4b6b48cb575d4", "ga9b8d66-4d01-1d21-3ce4-b6b48cb575d4"])]
    fn a_format(#[case] format: &str, #[case] taken: &[&str], #[case] refused: &[&str]) {
        assert!(check(format).is_some(), "{format} has no check");
        for text in taken {
            assert!(accepts(format, text), "{format} takes {text:?}");
        }
        for text in refused {
            assert!(!accepts(format, text), "{format} refuses {text:?}");
        }
    }

    #[test]
    fn an_unknown_format_takes_anything() {
        assert!(accepts("no-such-format", ""));
    }
}
