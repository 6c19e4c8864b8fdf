//! A credential of a client: parsing, storage and view, for `/clients` and `/clients/{client_id}/credentials`.
//!
//! A client has only the ids of its credentials. A collection has the credentials, with two members that no answer shows: the
//! client and the numbers of the public key. The PEM is parsed once and not stored.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::api::call::Call;
use crate::api::error::clients::UNREADABLE_PEM;
use crate::api::error::{ApiError, Refusal};
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::{Document, Kind, State};
use crate::token::pem::Pem;

/// A key or certificate credential without a PEM text (a).
const MISSING_PEM: Refusal = Refusal::invalid_body("Payload validation error: 'Missing required property: pem'.");

/// A subject credential with two subjects, or with none (a).
const NOT_ONE_SUBJECT: Refusal = Refusal::invalid_body("Exactly one of pem and subject_dn must be provided");

/// An authentication method with a credential that the client does not have (a).
const UNKNOWN_CREDENTIAL: Refusal = Refusal::invalid_body("The credential {} does not exist");

/// More credentials than a client may have (p, by the vendor's Terraform provider, like the next one).
const TOO_MANY_CREDENTIALS: Refusal = Refusal::invalid_body("A client can have a maximum of {} credentials.");

/// A key that the client already has (p).
const PUBLIC_KEY_EXISTS: Refusal =
    Refusal::invalid_body("credentials contains public keys that already exist in client");

/// A time outside the range of the service's timestamps (a).
const TIME_OUT_OF_RANGE: Refusal = Refusal::invalid_body("expires_at must be a valid date");

/// The maximum number of credentials of a client (reported by the vendor's Terraform provider; the schemas limit each
/// list to two).
const MOST_CREDENTIALS: usize = 4;

/// Members that no answer shows.
const HIDDEN: &[&str] = &["client_id", "public_key"];

/// The lists of credentials in a client: a member, and the path of the list within it.
const LISTS: &[(&str, &str)] = &[
    ("client_authentication_methods", "/private_key_jwt/credentials"),
    ("client_authentication_methods", "/self_signed_tls_client_auth/credentials"),
    ("client_authentication_methods", "/tls_client_auth/credentials"),
    ("signed_request_object", "/credentials"),
    ("token_vault_privileged_access", "/credentials"),
];

/// The view of a credential in answers.
pub(super) fn view(credential: &Document) -> Map<String, Value> {
    let members = credential.iter().filter(|(key, _)| !HIDDEN.contains(&key.as_str()));
    members.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// Parses the credential of a request. The result has no id and no times yet.
pub(super) fn read(mut credential: Map<String, Value>) -> Result<Map<String, Value>, ApiError> {
    let pem = match credential.remove("pem") {
        Some(Value::String(pem)) => Some(Pem::read(&pem).ok_or(UNREADABLE_PEM)?),
        _ => None,
    };
    let parse_expiry = credential.remove("parse_expiry_from_cert") == Some(Value::Bool(true));
    let kind = text(&credential, "credential_type").unwrap_or_default().to_owned();
    let expires = text(&credential, "expires_at").map(str::to_owned);
    // Members of other kinds of credentials are dropped: only a key has a `kid`, only a subject credential has a
    // subject (recorded).
    credential.retain(|key, _| match key.as_str() {
        "kid" | "alg" | "expires_at" => kind == "public_key",
        "subject_dn" => kind == "cert_subject_dn",
        _ => true,
    });
    match (kind.as_str(), pem) {
        ("public_key", Some(pem)) => {
            let key = pem.key().ok_or(UNREADABLE_PEM)?;
            credential.entry("kid").or_insert_with(|| key.thumbprint().into());
            credential.entry("alg").or_insert_with(|| "RS256".into());
            credential.insert("public_key".to_owned(), json!({ "kty": "RSA", "n": key.n, "e": key.e }));
            match (expires, pem) {
                (Some(expires), _) => {
                    credential.insert("expires_at".to_owned(), normalized(&expires)?.into());
                }
                (None, Pem::Certificate(certificate)) if parse_expiry => {
                    credential.insert("expires_at".to_owned(), timestamp(certificate.expires).into());
                }
                (None, _) => {}
            }
        }
        ("x509_cert", Some(Pem::Certificate(certificate))) => {
            credential.insert("thumbprint_sha256".to_owned(), certificate.thumbprint.into());
            credential.insert("expires_at".to_owned(), timestamp(certificate.expires).into());
        }
        ("cert_subject_dn", Some(Pem::Certificate(certificate))) if !credential.contains_key("subject_dn") => {
            credential.insert("subject_dn".to_owned(), certificate.subject.into());
        }
        ("cert_subject_dn", None) if credential.contains_key("subject_dn") => {}
        ("cert_subject_dn", _) => return Err(NOT_ONE_SUBJECT.into()),
        (_, None) => return Err(MISSING_PEM.into()),
        (_, Some(_)) => return Err(UNREADABLE_PEM.into()),
    }
    Ok(credential)
}

/// Checks that a client can have another credential: the limit is not reached, and the key is new.
pub(super) fn check_new(state: &State, client_id: &str, credential: &Map<String, Value>) -> Result<(), ApiError> {
    let existing = state[Kind::ClientCredential].having("client_id", client_id);
    if existing.len() >= MOST_CREDENTIALS {
        return Err(TOO_MANY_CREDENTIALS.with(&[&MOST_CREDENTIALS]));
    }
    let key = |credential: &Map<String, Value>| credential.get("public_key").cloned();
    let exists = |key: &Value| {
        let mut credentials = existing.iter().filter_map(|seq| state[Kind::ClientCredential].at(seq));
        credentials.any(|credential| credential.get("public_key") == Some(key))
    };
    if key(credential).is_some_and(|key| exists(&key)) {
        return Err(PUBLIC_KEY_EXISTS.into());
    }
    Ok(())
}

/// Whether one of a client's lists contains a credential.
pub(super) fn is_in_use(client: &Map<String, Value>, id: &str) -> bool {
    lists(client).flatten().any(|reference| reference.get("id").and_then(Value::as_str) == Some(id))
}

/// Stores a parsed credential.
pub(super) fn store(
    call: &mut Call<'_>,
    client_id: &str,
    mut credential: Map<String, Value>,
) -> Result<Document, ApiError> {
    let id = call.new_id(Kind::ClientCredential, IdShape::CLIENT_CREDENTIAL)?;
    let now = timestamp(call.clock.now());
    credential.insert("id".to_owned(), id.clone().into());
    credential.insert("client_id".to_owned(), client_id.into());
    credential.insert("created_at".to_owned(), now.clone().into());
    credential.insert("updated_at".to_owned(), now.into());
    Ok(call.state[Kind::ClientCredential].insert(&id, credential))
}

/// The client's credential with this id.
pub(super) fn find<'a>(state: &'a State, client_id: &str, id: &str) -> Option<&'a Document> {
    state[Kind::ClientCredential].get(id).filter(|credential| text(credential, "client_id") == Some(client_id))
}

/// The parsed credentials in the body of a new client, each with the index of its list in [`LISTS`].
pub(super) struct NewCredentials(Vec<(usize, Map<String, Value>)>);

impl NewCredentials {
    /// Parses the credentials in the body of a new client.
    pub(super) fn read(client: &Map<String, Value>) -> Result<NewCredentials, ApiError> {
        let mut credentials = Vec::new();
        for (index, (member, path)) in LISTS.iter().enumerate() {
            let list = client.get(*member).and_then(|member| member.pointer(path)).and_then(Value::as_array);
            for credential in list.into_iter().flatten().filter_map(Value::as_object) {
                credentials.push((index, read(credential.clone())?));
            }
        }
        if credentials.len() > MOST_CREDENTIALS {
            return Err(TOO_MANY_CREDENTIALS.with(&[&MOST_CREDENTIALS]));
        }
        Ok(NewCredentials(credentials))
    }

    /// Whether there are no credentials.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Stores the credentials and writes their ids into the client.
    pub(super) fn store(self, call: &mut Call<'_>, client: &mut Map<String, Value>) -> Result<(), ApiError> {
        let client_id = text(client, "client_id").unwrap_or_default().to_owned();
        for path in LISTS {
            if let Some(list) = list_mut(client, path) {
                list.clear();
            }
        }
        for (index, credential) in self.0 {
            let stored = store(call, &client_id, credential)?;
            if let Some(list) = list_mut(client, &LISTS[index]) {
                list.push(json!({ "id": stored.get("id") }));
            }
        }
        Ok(())
    }
}

/// A client with complete credentials instead of ids, for the answer to its creation (recorded).
pub(super) fn with_credentials(state: &State, client: &Document) -> Document {
    let mut client = Map::clone(client);
    for path in LISTS {
        for reference in list_mut(&mut client, path).into_iter().flatten() {
            let id = reference.get("id").and_then(Value::as_str).unwrap_or_default();
            if let Some(credential) = state[Kind::ClientCredential].get(id) {
                *reference = Value::Object(view(credential));
            }
        }
    }
    Document::new(client)
}

/// Checks that every credential in a change of a client belongs to the client.
pub(super) fn check_references(state: &State, client_id: &str, changes: &Map<String, Value>) -> Result<(), ApiError> {
    for reference in lists(changes).flatten() {
        let id = reference.get("id").and_then(Value::as_str).unwrap_or_default();
        if find(state, client_id, id).is_none() {
            return Err(UNKNOWN_CREDENTIAL.with(&[&id]));
        }
    }
    Ok(())
}

/// The lists of credentials in a client or in a change of one.
fn lists(client: &Map<String, Value>) -> impl Iterator<Item = &Vec<Value>> {
    LISTS.iter().filter_map(|(member, path)| client.get(*member)?.pointer(path)?.as_array())
}

fn list_mut<'a>(client: &'a mut Map<String, Value>, (member, path): &(&str, &str)) -> Option<&'a mut Vec<Value>> {
    client.get_mut(*member)?.pointer_mut(path)?.as_array_mut()
}

/// Converts a timestamp in any zone to the form of answers: UTC with milliseconds (recorded for UTC).
pub(super) fn normalized(time: &str) -> Result<String, ApiError> {
    let time = time.to_ascii_uppercase();
    let (utc, shift) = match time.len().checked_sub("+00:00".len()).and_then(|at| time.split_at_checked(at)) {
        Some((local, zone)) if zone.starts_with(['+', '-']) => {
            let minutes = |range| zone.get(range).and_then(|digits: &str| digits.parse::<i64>().ok()).unwrap_or(0);
            let shift = 60 * (60 * minutes(1..3) + minutes(4..6));
            (format!("{local}Z"), if zone.starts_with('+') { -shift } else { shift })
        }
        _ => (time, 0),
    };
    // The schema has checked the form, so only a time outside the range of the type fails.
    let local = humantime::parse_rfc3339(&utc).map_err(|_| TIME_OUT_OF_RANGE)?;
    let since = local.duration_since(UNIX_EPOCH).map_err(|_| TIME_OUT_OF_RANGE)?;
    let seconds = i64::try_from(since.as_secs()).unwrap_or(i64::MAX).saturating_add(shift);
    match u64::try_from(seconds) {
        Ok(seconds) if seconds <= END_OF_YEAR_9999 => {
            let time: SystemTime = UNIX_EPOCH + Duration::new(seconds, since.subsec_nanos());
            Ok(timestamp(time))
        }
        _ => Err(TIME_OUT_OF_RANGE.into()),
    }
}

/// The last second of the year 9999.
const END_OF_YEAR_9999: u64 = 253_402_300_799;

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::normalized;

    #[rstest]
    #[case::seconds_get_milliseconds("2050-05-13T09:33:13Z", "2050-05-13T09:33:13.000Z")]
    #[case::finer_fractions_are_cut("2050-05-13t09:33:13.123456z", "2050-05-13T09:33:13.123Z")]
    #[case::east_of_utc("2050-05-13T01:33:13.5+02:30", "2050-05-12T23:03:13.500Z")]
    #[case::west_of_utc("2050-12-31T23:00:00-05:00", "2051-01-01T04:00:00.000Z")]
    fn a_time_is_converted_to_utc_with_milliseconds(#[case] time: &str, #[case] expected: &str) {
        assert_eq!(normalized(time).as_deref(), Ok(expected));
    }

    #[rstest]
    #[case::before_the_epoch("1969-12-31T23:59:59Z")]
    #[case::before_the_epoch_by_its_zone("1970-01-01T00:00:00+01:00")]
    #[case::after_the_year_9999_by_its_zone("9999-12-31T23:59:59-01:00")]
    fn a_time_out_of_range_is_refused(#[case] time: &str) {
        assert!(normalized(time).is_err());
    }
}
