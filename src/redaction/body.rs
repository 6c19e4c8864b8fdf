//! Removes the secrets of a body: JSON, a form, or `multipart/form-data`. A body that cannot be parsed is replaced as a
//! whole.

use serde_json::{Map, Value};

use super::{text, walk};
use crate::multipart::{self, Part};

/// The body of a request or an answer at a path, without secrets. A form becomes an object. A form with files stays a
/// text with all its parts. A body of another type, or one that does not match its type, becomes the mask.
pub(crate) fn body(bytes: &[u8], media_type: Option<&str>, path: &str, mask: &str) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    let essence = media_type.and_then(|media_type| media_type.split(';').next()).unwrap_or_default();
    let read = match essence.trim().to_ascii_lowercase().as_str() {
        "application/x-www-form-urlencoded" => form(bytes, path, mask),
        "multipart/form-data" => files(media_type.unwrap_or_default(), bytes, path, mask).map(Value::String),
        _ => json(bytes, path, mask),
    };
    read.unwrap_or_else(|| mask.into())
}

fn json(bytes: &[u8], path: &str, mask: &str) -> Option<Value> {
    let mut value: Value = serde_json::from_slice(bytes).ok()?;
    // A single text or number has no name that decides whether it is a secret.
    if matches!(value, Value::String(_) | Value::Number(_)) {
        return None;
    }
    walk::value(&mut value, path, mask);
    Some(value)
}

fn form(bytes: &[u8], path: &str, mask: &str) -> Option<Value> {
    let mut parameters: Map<String, Value> = Map::new();
    // Some parsers accept `;` as a separator.
    for pair in bytes.split(|byte| matches!(byte, b'&' | b';')) {
        for (name, value) in form_urlencoded::parse(pair) {
            if !is_name(&name) {
                return None;
            }
            match parameters.get_mut(&*name) {
                None => {
                    parameters.insert(name.into_owned(), value.into());
                }
                Some(Value::Array(values)) => values.push(value.into()),
                Some(first) => *first = Value::Array(vec![first.take(), value.into()]),
            }
        }
    }
    let mut form = Value::Object(parameters);
    walk::value(&mut form, path, mask);
    Some(form)
}

/// Whether a text can be the name of a parameter. A body of another type, such as JSON with the type of a form, has no
/// such names.
fn is_name(name: &str) -> bool {
    name.len() <= 128 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.[]:@$ ".contains(&byte))
}

fn files(content_type: &str, bytes: &[u8], path: &str, mask: &str) -> Option<String> {
    let boundary = multipart::boundary(content_type)?;
    let mut out = String::new();
    for Part { name, head, value } in multipart::parts(content_type, bytes)? {
        let visible = std::str::from_utf8(value).ok().and_then(|value| part(&name, head, value, path, mask));
        let head = text::text(head, mask);
        out.push_str(&format!("--{boundary}\r\n{head}\r\n\r\n{}\r\n", visible.as_deref().unwrap_or(mask)));
    }
    Some(format!("{out}--{boundary}--\r\n"))
}

fn part(name: &str, head: &str, value: &str, path: &str, mask: &str) -> Option<String> {
    if value.trim_start().starts_with(['{', '[']) {
        return json(value.as_bytes(), path, mask).map(|value| value.to_string());
    }
    // A file that is no JSON is a secret as a whole.
    if head.to_ascii_lowercase().contains("filename") || !is_name(name) {
        return None;
    }
    let parameter = Map::from_iter([(name.to_owned(), Value::from(value))]);
    walk::query(parameter, path, mask).remove(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::body;

    fn read(bytes: &str, media_type: &str) -> Value {
        body(bytes.as_bytes(), Some(media_type), "/api/v2/jobs/users-imports", "*")
    }

    #[test]
    fn secrets_are_replaced_at_any_depth_and_of_any_type() {
        let input = json!({
            "client_id": "abc",
            "client_secret": { "s3cret": ["s3cret", 7, true, null] },
            "options": { "app_secret": [["s3cret"]], "scope": ["openid"], "configuration": { "DB": { "URL": "s3cret" } } },
            "list": [{ "token": "s3cret" }, "eyJhbGciOiJub25lIn0.e30.c2ln"],
            "refresh_token": { "rotation_type": "rotating", "$oid": "s3cret" },
            "credentials": [{ "id": "cred_1", "value": "s3cret" }],
            "json": "{\"client_\\u0073ecret\": \"s3cret\"}",
            "jwk": { "kty": "oct", "k": "s3cret", "kid": "a" },
        });
        let expected = json!({
            "client_id": "abc",
            "client_secret": { "*": ["*", 0, true, null] },
            "options": { "app_secret": [["*"]], "scope": ["openid"], "configuration": { "DB": { "URL": "*" } } },
            "list": [{ "token": "*" }, "*"],
            "refresh_token": { "rotation_type": "rotating", "$oid": "*" },
            "credentials": [{ "id": "cred_1", "value": "*" }],
            "json": "{\"client_secret\":\"*\"}",
            "jwk": { "kty": "oct", "k": "*", "kid": "a" },
        });
        assert_eq!(read(&input.to_string(), "application/json"), expected);
    }

    #[test]
    fn settings_that_sound_like_secrets_stay() {
        let settings = json!({
            "token_lifetime": 86400,
            "token_dialect": "access_token",
            "token_endpoint_auth_method": "client_secret_post",
            "refresh_token": { "rotation_type": "rotating", "leeway": 3 },
            "require_client_secret": false,
            "scope": "read:client_keys",
            "passwordPolicy": "good",
            "client_authentication_methods": { "private_key_jwt": { "credentials": [{ "id": "cred_1" }] } },
            "code": "exports.onExecute = () => {}",
            "configuration": { "sid": "AC1" },
            "authentication_methods": { "password": { "enabled": true, "signup_behavior": "allow" } },
        });
        assert_eq!(read(&settings.to_string(), "application/json"), settings);
    }

    #[test]
    fn a_body_that_cannot_be_parsed_is_replaced_as_a_whole() {
        for (bytes, media_type) in [
            (r#"{"client_secret": "s3cret""#, "application/json"),
            (r#"{"client_secret": "s3cret"}"#, "application/x-www-form-urlencoded"),
            ("client_secret=s3cret", "application/json"),
            ("s3cret", "text/plain"),
            ("\"s3cret\"", "application/json"),
            ("--b\r\nx: y\r\n\r\ns3cret\r\n--b--", "multipart/form-data; boundary=b"),
            ("--b\r\ncontent-disposition: form-data; name=a\r\n\r\ns3cret", "multipart/form-data; boundary=b"),
        ] {
            assert_eq!(read(bytes, media_type), "*", "{bytes}");
        }
        assert_eq!(read("", "application/json"), Value::Null);
    }

    #[test]
    fn a_form_is_read_by_its_decoded_names() {
        let input = "grant_type=a&client%5Fsecret=s3cret;otp=1&audience=x&audience=y";
        let expected = json!({ "grant_type": "a", "client_secret": "*", "otp": "*", "audience": ["x", "y"] });
        assert_eq!(read(input, "application/x-www-form-urlencoded; charset=utf-8"), expected);
    }

    #[test]
    fn a_form_with_files_keeps_its_parts() {
        let of = |name: &str, value: &str| format!("--b\r\ncontent-disposition: form-data; {name}\r\n\r\n{value}\r\n");
        let file = "name=users; filename=\"users.json\"";
        let input = [
            of("name=connection_id", "con_1"),
            of(file, r#"[{"email":"a@b.example","password_hash":"s3cret"}]"#),
            of("name=client_secret", "s3cret"),
            of("name=notes; filename=\"a.txt\"", "s3cret"),
        ];
        let expected = [
            of("name=connection_id", "con_1"),
            of(file, r#"[{"email":"a@b.example","password_hash":"*"}]"#),
            of("name=client_secret", "*"),
            of("name=notes; filename=\"a.txt\"", "*"),
        ];
        let read = read(&(input.concat() + "--b--\r\n"), "multipart/form-data; boundary=b");
        assert_eq!(read, expected.concat() + "--b--\r\n");
    }
}
