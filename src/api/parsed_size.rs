//! A bound on the memory that the parsed body of a request takes.
//!
//! A parsed value takes up to fifty times the bytes of its text: `[0,0,0]`, or a form of `a=&a=&a=`. The estimate reads
//! the text once and allocates nothing, so it runs before anything parses the body.

use bytes::Bytes;
use http::Request;

use super::error::ApiError;
use super::request::media_type;

/// The bytes that a parsed body may take. The largest documented body, an API with a thousand scopes, takes a third of a
/// megabyte; a list of 190,000 numbers takes 6 MiB.
const MOST: usize = 6 * 1024 * 1024;

/// The bytes of a value in a list.
const VALUE: usize = 32;
/// The bytes that the name of a value takes, with its place in the object.
const NAME: usize = 96;

/// Refuses a body whose values would take more than [`MOST`] bytes, texts not counted.
///
/// A body of the type `multipart/form-data` has none: its parts are texts.
///
/// # Errors
///
/// The answer, with status 413.
pub(super) fn check(request: &Request<Bytes>) -> Result<(), ApiError> {
    let body = request.body();
    // A byte adds at most the size of one name or one value.
    if body.len() < MOST / NAME {
        return Ok(());
    }
    let size = match media_type(request).as_deref() {
        Some("multipart/form-data") => 0,
        Some("application/x-www-form-urlencoded") => of_form(body),
        Some("application/json") => of_json(body),
        // Each API decides what a body without a type is.
        _ => of_form(body).max(of_json(body)),
    };
    if size <= MOST { Ok(()) } else { Err(ApiError::parsed_body_too_large(MOST)) }
}

fn of_form(form: &[u8]) -> usize {
    form.iter().filter(|byte| **byte == b'&').count() * (NAME + VALUE)
}

/// Each list and object has a bracket, each further value in it a comma, and each name a colon.
fn of_json(text: &[u8]) -> usize {
    let mut size = VALUE;
    let mut is_in_string = false;
    let mut is_escaped = false;
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            b'[' | b'{' | b',' if !is_in_string => size += VALUE,
            b':' if !is_in_string => size += NAME,
            _ => {}
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{Request, header};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::{MOST, NAME, VALUE, check, of_json};
    use crate::api::{Config, Tenant};

    /// The size of a tree.
    fn of_tree(value: &Value) -> usize {
        VALUE
            + match value {
                Value::Array(items) => items.iter().map(of_tree).sum(),
                Value::Object(members) => members.values().map(|value| NAME + of_tree(value)).sum(),
                _ => 0,
            }
    }

    fn values() -> impl Strategy<Value = Value> {
        let text = r#"[a\[\]{},:"\\\n]{0,6}"#;
        let leaf = prop_oneof![Just(Value::Null), any::<i32>().prop_map(Value::from), text.prop_map(Value::from)];
        leaf.prop_recursive(4, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(text, inner, 0..6).prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_size_of_a_text_is_at_least_that_of_its_tree_and_at_most_twice_as_much(value in values()) {
            let (text, tree) = (value.to_string(), of_tree(&value));
            let size = of_json(text.as_bytes());
            prop_assert!((tree..=2 * tree).contains(&size), "{size} for a tree of {tree}: {text}");
        }
    }

    #[test]
    fn a_value_takes_no_more_than_its_constant() {
        assert!(size_of::<Value>() <= VALUE);
        assert!(size_of::<(String, Value)>() <= NAME + VALUE);
    }

    fn request(path: &str, media_type: Option<&str>, body: String) -> Request<Bytes> {
        let mut request = Request::post(path).header(header::HOST, "127.0.0.1:4000");
        if let Some(media_type) = media_type {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        request.body(body.into()).expect("a request")
    }

    fn list(values: usize) -> String {
        format!("[{}]", vec!["0"; values].join(","))
    }

    fn object(members: usize) -> String {
        format!("{{{}}}", (0..members).map(|number| format!("\"{number}\":0")).collect::<Vec<_>>().join(","))
    }

    #[test]
    fn a_body_may_take_as_much_memory_as_the_bound_and_no_more() {
        let json = Some("application/json");
        let form = Some("application/x-www-form-urlencoded");
        let parameters = |count: usize| vec!["a="; count].join("&");
        let values = MOST / VALUE - 1;
        let members = (MOST - VALUE) / (NAME + VALUE);
        let pairs = MOST / (NAME + VALUE) + 1;
        let cases = [
            (json, list(values), true),
            (json, list(values + 1), false),
            (None, list(values + 1), false),
            (json, object(members), true),
            (json, object(members + 1), false),
            (json, json!({ "code": "f(a: [b], {c});\"\\".repeat(50_000) }).to_string(), true),
            (form, parameters(pairs), true),
            (form, parameters(pairs + 1), false),
            (None, parameters(pairs + 1), false),
            (form, format!("code={}", ",:".repeat(500_000)), true),
            (Some("multipart/form-data; boundary=b"), "&,".repeat(500_000), true),
        ];
        for (media_type, body, expected) in cases {
            let start: String = body.chars().take(20).collect();
            let verdict = check(&request("/oauth/token", media_type, body));
            assert_eq!(verdict.is_ok(), expected, "{media_type:?} {start}");
        }
    }

    #[test]
    fn each_api_refuses_a_body_that_takes_more_and_the_journal_has_the_reason() {
        let tenant = Tenant::new(Config::default());
        for path in ["/oauth/token", "/api/v2/clients", "/userinfo"] {
            let answer = tenant.answer(request(path, Some("application/json"), list(MOST / VALUE)));
            assert_eq!(answer.status(), 413, "{path}");
            let entry = tenant.requests().pop().expect("an entry");
            assert!(entry.to_string().contains("6291456 bytes"), "{entry}");
        }
    }
}
