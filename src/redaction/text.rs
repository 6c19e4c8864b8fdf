//! Finds secrets in texts by their form, or by a name before them.

use std::ops::Range;

use percent_encoding::percent_decode_str;

use super::names::{Surroundings, shape_of};

/// A text without secrets: tokens, private keys, client secrets, credentials in addresses, and values with a name
/// before them, as in `client_secret=…` or `"password":"…"`.
pub(crate) fn text(text: &str, mask: &str) -> String {
    let mut text = text.to_owned();
    replace(&mut text, &mut |secret| mask.clone_into(secret));
    text
}

/// The sentence of a refusal at a path, without the quoted value of a property that is a secret.
pub(crate) fn sentence(sentence: &str, path: &str, mask: &str) -> String {
    const ON_PROPERTY: &str = "' on property ";
    let is_secret = |property: &str| {
        let property = property.split([' ', ',']).next().unwrap_or_default();
        shape_of(property, &Surroundings { path, ..Surroundings::NONE }).hides_texts()
    };
    // A quoted value may contain this text, so everything before its last occurrence is replaced.
    if sentence.split(ON_PROPERTY).skip(1).any(is_secret)
        && let (Some(first), Some(last)) = (sentence.find('\''), sentence.rfind(ON_PROPERTY))
        && first < last
    {
        return text(&format!("{}'{mask}{}", &sentence[..first], &sentence[last..]), mask);
    }
    text(sentence, mask)
}

/// Decodes a text repeatedly, because a secret may be encoded twice.
pub(super) fn decoded(text: &str) -> String {
    let mut text = text.replace('+', " ");
    for _ in 0..4 {
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        if decoded == text {
            break;
        }
        text = decoded;
    }
    text
}

/// Calls a function with each secret of a text. The function replaces the secret.
pub(super) fn replace(text: &mut String, hide: &mut dyn FnMut(&mut String)) {
    let found = ranges(text);
    if found.is_empty() {
        return;
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for range in found {
        out.push_str(&text[from..range.start]);
        let mut secret = text[range.clone()].to_owned();
        hide(&mut secret);
        out.push_str(&secret);
        from = range.end;
    }
    out.push_str(&text[from..]);
    *text = out;
}

/// The ranges of the secrets of a text, in order and without overlaps.
pub(super) fn ranges(text: &str) -> Vec<Range<usize>> {
    if text.contains("PRIVATE KEY") {
        return std::iter::once(0..text.len()).collect();
    }
    let mut found = Vec::new();
    by_form(text, &mut found);
    after_a_scheme(text, &mut found);
    in_addresses(text, &mut found);
    after_names(text, &mut found);
    after_quoted_names(text, &mut found);
    found.sort_by_key(|range| (range.start, range.end));
    let mut apart: Vec<Range<usize>> = Vec::new();
    for range in found {
        match apart.last_mut() {
            Some(last) if range.start < last.end => last.end = last.end.max(range.end),
            _ => apart.push(range),
        }
    }
    apart
}

/// Runs of bytes that satisfy a condition.
fn runs<'t>(text: &'t str, fits: impl Fn(u8) -> bool + Copy + 't) -> impl Iterator<Item = Range<usize>> + 't {
    let mut from = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let start = from + bytes[from..].iter().position(|byte| fits(*byte))?;
        let end = bytes[start..].iter().position(|byte| !fits(*byte)).map_or(bytes.len(), |length| start + length);
        from = end;
        Some(start..end)
    })
}

const fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// Tokens (parts of base64url, the first of which is an object; the end may be cut) and texts in the form of a client
/// secret (64 characters of base64url with capitals, small letters and digits, which excludes hashes).
fn by_form(text: &str, found: &mut Vec<Range<usize>>) {
    for run in runs(text, |byte| is_url_safe(byte) || byte == b'.') {
        let token = text[run.clone()].find("eyJ").map(|at| run.start + at..run.end);
        found.extend(token.filter(|token| text[token.clone()].contains('.')));
    }
    for run in runs(text, is_url_safe) {
        let word = &text[run.clone()];
        let has = |class: fn(&u8) -> bool| word.as_bytes().iter().any(class);
        if word.len() == 64 && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) {
            found.push(run);
        }
    }
}

/// `Bearer …` and `Basic …`.
fn after_a_scheme(text: &str, found: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    for scheme in ["bearer ", "basic "] {
        for (at, _) in lower.match_indices(scheme) {
            let start = at + scheme.len();
            let credentials = runs(&text[start..], |byte| is_url_safe(byte) || b".~+/=".contains(&byte)).next();
            let Some(length) = credentials.filter(|run| run.start == 0).map(|run| run.end) else { continue };
            let word = &text[start..start + length];
            // A word of a sentence has no digits and no capitals inside.
            if length >= 8 && word.bytes().skip(1).any(|byte| !byte.is_ascii_lowercase() && byte != b'.') {
                found.push(start..start + length);
            }
        }
    }
}

/// The password in `https://name:password@host/`.
fn in_addresses(text: &str, found: &mut Vec<Range<usize>>) {
    for (at, mark) in text.match_indices("://") {
        let start = at + mark.len();
        let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '<' | '>');
        let authority = text[start..].split(ends).next().unwrap_or_default();
        if let Some((credentials, _)) = authority.rsplit_once('@')
            && let Some((name, password)) = credentials.split_once(':')
            && !password.is_empty()
        {
            found.push(start + name.len() + 1..start + credentials.len());
        }
    }
}

/// `name=value`, in the query of an address or elsewhere.
fn after_names(text: &str, found: &mut Vec<Range<usize>>) {
    let in_a_name = |byte: u8| is_url_safe(byte) || b".%[]+".contains(&byte);
    let ends = |c: char| c.is_whitespace() || matches!(c, '&' | ';' | '#' | '"' | '\'' | '<' | '>' | ',' | ')' | '}');
    let bytes = text.as_bytes();
    // The end of the last secret. The search continues there, so that a value with many names is read only once.
    let mut from = 0;
    for (at, _) in text.match_indices('=') {
        let start = bytes[..at].iter().rposition(|byte| !in_a_name(*byte)).map_or(0, |before| before + 1);
        if at < from || start == at || !shape_of(&decoded(&text[start..at]), &Surroundings::QUERY).hides_texts() {
            continue;
        }
        let value = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'"' | b'\'')));
        let end = text[value..].find(ends).map_or(text.len(), |length| value + length);
        if value < end {
            found.push(value..end);
            from = end;
        }
    }
}

/// `"name":"value"` in quoted JSON, also in JSON within JSON. If the value is an object or a list, the rest of the text
/// is a secret.
fn after_quoted_names(text: &str, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    for (colon, _) in text.match_indices(':') {
        if colon < from {
            continue;
        }
        let before = text[..colon].trim_end();
        let Some(before) = before.strip_suffix('"') else { continue };
        let Some((_, name)) = before.rsplit_once('"') else { continue };
        if !shape_of(name, &Surroundings::NONE).hides_texts() {
            continue;
        }
        let after = &text[colon + 1..];
        let start = colon + 1 + (after.len() - after.trim_start_matches([' ', '\\']).len());
        let value = &text[start..];
        let range = match value.as_bytes().first() {
            Some(b'"') => {
                let mut is_escaped = false;
                let end = value[1..].find(|c: char| {
                    let ends = c == '"' && !is_escaped;
                    is_escaped = c == '\\' && !is_escaped;
                    ends
                });
                start + 1..end.map_or(text.len(), |end| start + 1 + end)
            }
            Some(b'{' | b'[') => start..text.len(),
            Some(b't' | b'f' | b'n') | None => continue,
            Some(_) => start..value.find([',', '}', ']', ' ']).map_or(text.len(), |end| start + end),
        };
        if !range.is_empty() {
            from = range.end;
            found.push(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{sentence, text};
    use crate::redaction::target;

    #[rstest]
    #[case::a_token("got eyJhbGciOiJub25lIn0.e30.c2ln, used", "got …, used")]
    #[case::a_token_that_was_cut("eyJhbGciOiJub25lIn0.eyJzdWIi…", "……")]
    #[case::an_encrypted_token("eyJhbGciOiJkaXIifQ..aXY.dGV4dA.dGFn", "…")]
    #[case::a_private_key("a -----BEGIN RSA PRIVATE KEY-----\nMII", "…")]
    #[case::a_client_secret("is aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3-aB3- ?", "is … ?")]
    #[case::a_scheme("sent Basic Ym90OnMzY3JldA== twice", "sent Basic … twice")]
    #[case::an_address("at https://bot:s3cret@a.example/x", "at https://bot:…@a.example/x")]
    #[case::a_link(
        "at https://a.example/?invitation=abc&organization=org_1",
        "at https://a.example/?invitation=…&organization=org_1"
    )]
    #[case::a_form("grant_type=x&client%5Fsecret=abc", "grant_type=x&client%5Fsecret=…")]
    #[case::quoted_json(
        r#"'Invalid value "{"client_secret":"a\"b","x":1}"'"#,
        r#"'Invalid value "{"client_secret":"…","x":1}"'"#
    )]
    #[case::a_quoted_object(r#"{"api_key": {"x": "abc"}}"#, r#"{"api_key": …"#)]
    #[case::a_quoted_number(r#"{"otp":123456,"x":1}"#, r#"{"otp":…,"x":1}"#)]
    fn secrets_in_a_text_are_replaced(#[case] input: &str, #[case] expected: &str) {
        assert_eq!(text(input, "…"), expected);
    }

    #[rstest]
    #[case("Client \"abc\" is not authorized to access resource server \"https://a.example/api\".")]
    #[case("Bad HTTP authentication header format")]
    #[case("Basic authentication is refused, bearer tokens are taken; scope=read:trips")]
    #[case("Insufficient scope, expected any of: read:client_keys")]
    #[case("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    #[case("Missing required property: client_secret, é")]
    #[case(r#"{"token_endpoint_auth_method":"none","require_secret":true}"#)]
    fn a_text_without_secrets_is_unchanged(#[case] input: &str) {
        assert_eq!(text(input, "…"), input);
    }

    #[rstest]
    #[case::a_secret(
        "Payload validation error: 'Invalid value \"s3cret\"' on property addons.storageKey.",
        "Payload validation error: '…' on property addons.storageKey."
    )]
    #[case::several(
        "Payload validation error: 'Invalid value \"a' on property name.\"' on property x (a) (also) \
         Payload validation error: 'String is too short: s3cret' on property options.client_secret (The secret).",
        "Payload validation error: '…' on property options.client_secret (The secret)."
    )]
    #[case::none(
        "Payload validation error: 'Expected type string but found type integer' on property name.",
        "Payload validation error: 'Expected type string but found type integer' on property name."
    )]
    fn a_sentence_quotes_no_secret(#[case] input: &str, #[case] expected: &str) {
        assert_eq!(sentence(input, "/api/v2/clients", "…"), expected);
    }

    #[rstest]
    #[case("/a?page=1&access_token=x&fields=name", "/a?page=1&access_token=…&fields=name")]
    #[case("/a?%63lient_%73ecret=X", "/a?%63lient_%73ecret=…")]
    #[case("/a?%2563lient_secret=X", "/a?%2563lient_secret=…")]
    #[case("/a?client+secret=X&Client-Secret=Y", "/a?client+secret=…&Client-Secret=…")]
    #[case("/a?a=1;client_secret=X", "/a?a=1;client_secret=…")]
    #[case("/a;client_secret=X/b?x", "/a;client_secret=…/b?x")]
    #[case("/a?options[client_secret]=X&options.otp=1", "/a?options[client_secret]=…&options.otp=…")]
    #[case(
        "/a?code=X&code_verifier=Y&ticket=Z&sig=S&apikey=K&Authorization=B",
        "/a?code=…&code_verifier=…&ticket=…&sig=…&apikey=…&Authorization=…"
    )]
    #[case("/a?x=eyJhbGciOiJub25lIn0.e30.c2ln&eyJhbGciOiJub25lIn0.e30.c2ln", "/a?x=…&…")]
    #[case("/a?to=https%3A%2F%2Fb.example%2F%3Fcode%3DX", "/a?to=…")]
    #[case("/a?filter=%7B%22client_secret%22%3A%22X%22%7D", "/a?filter=…")]
    #[case("/oauth/token?organization=org_1&flag", "/oauth/token?organization=…&flag")]
    #[case("/a/eyJhbGciOiJub25lIn0.e30.c2ln", "/a/…")]
    #[case("/a?q=%zz&b=%ff=&&;", "/a?q=%zz&b=%ff=&&;")]
    fn a_target_shows_no_secret(#[case] input: &str, #[case] expected: &str) {
        assert_eq!(target(input, "…"), expected);
    }

    proptest! {
        /// No text panics, and a redacted text has no further secrets.
        #[test]
        fn any_text_can_be_redacted(input in r#"([a-z]{1,3}|token|eyJ|bearer |=|:|"|\\|\{|\[|://|@|\?|&|;|%6|%|é|\PC| ){0,24}"#) {
            let redacted = text(&input, "*");
            prop_assert_eq!(&text(&redacted, "*"), &redacted, "{}", input);
            let _ = (sentence(&input, "/api/v2/clients", "*"), target(&input, "*"));
        }
    }

    /// The cost of a text does not depend on its number of names.
    #[test]
    fn a_long_text_full_of_names_is_read_in_one_go() {
        for piece in ["token=", "a=", "\"token\":", "\":", "bearer ", "://a:", "eyJ.", "=", ":"] {
            let input = piece.repeat(200_000 / piece.len());
            assert!(text(&input, "…").len() <= input.len() + 3);
        }
    }
}
