//! The path and query of a request without their secrets.

use super::catalogue::QUERIES;
use super::names::{Surroundings, shape_of};
use super::text::{decoded, ranges};
use super::walk::secrets;

/// The path and query of a request without secrets. Names are decoded before they are compared.
pub(crate) fn target(target: &str, mask: &str) -> String {
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (target, None),
    };
    let all = QUERIES.contains(&path);
    let surroundings = Surroundings { path, ..Surroundings::QUERY };
    // `/a;client_secret=x/b`
    let segments: Vec<String> = path.split('/').map(|segment| pairs(segment, &surroundings, false, mask)).collect();
    let path = segments.join("/");
    match query {
        Some(query) => format!("{path}?{}", pairs(query, &surroundings, all, mask)),
        None => path,
    }
}

/// Replaces the secrets of `a=1&b=2;c=3`, or every value if `all` is set. Separators stay.
fn pairs(text: &str, surroundings: &Surroundings<'_>, all: bool, mask: &str) -> String {
    let redacted = |pair: &str| -> String {
        let (name, value) = match pair.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (pair, None),
        };
        let decoded = decoded(name);
        if !ranges(&decoded).is_empty() {
            return mask.to_owned();
        }
        match value {
            None | Some("") => pair.to_owned(),
            Some(value) if all || shape_of(&decoded, surroundings).hides_texts() || holds_secret(value) => {
                format!("{name}={mask}")
            }
            Some(_) => pair.to_owned(),
        }
    };
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(['&', ';']) {
        let pair = piece.strip_suffix(['&', ';']).unwrap_or(piece);
        out.push_str(&redacted(pair));
        out.push_str(&piece[pair.len()..]);
    }
    out
}

fn holds_secret(value: &str) -> bool {
    let decoded = decoded(value);
    !ranges(&decoded).is_empty()
        || serde_json::from_str(&decoded).is_ok_and(|value: serde_json::Value| {
            let mut found = false;
            secrets(&value, "", |_| found = true);
            found
        })
}
