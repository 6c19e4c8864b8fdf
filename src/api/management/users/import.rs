//! The file of an import: a list of accounts. Each is created separately, so a refused account does not stop the others
//! ("Bulk User Imports", "Bulk Import Database Schema and Examples").

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::account::{complete, create_in, lower_email};
use super::account_connection::AccountConnection;
use crate::api::call::Call;
use crate::api::delivery::objects;
use crate::api::error::ApiError;
use crate::api::timestamp::timestamp;
use crate::schema::{format_check, type_name};
use crate::store::document::{is_too_deep, text};
use crate::store::{Document, Kind, State};

/// The members of an account in the file, and their types.
const MEMBERS: [(&str, &str); 18] = [
    ("app_metadata", "object"),
    ("blocked", "boolean"),
    ("custom_password_hash", "object"),
    ("email", "string"),
    ("email_verified", "boolean"),
    ("family_name", "string"),
    ("given_name", "string"),
    ("mfa_factors", "array"),
    ("name", "string"),
    ("nickname", "string"),
    ("password_hash", "string"),
    ("password_set_date", "string"),
    ("phone_number", "string"),
    ("phone_verified", "boolean"),
    ("picture", "string"),
    ("user_id", "string"),
    ("user_metadata", "object"),
    ("username", "string"),
];
/// Members that are checked and not stored, because m2mock has no logins.
const DROPPED: [&str; 4] = ["custom_password_hash", "mfa_factors", "password_hash", "password_set_date"];
/// The members that a second import can change ("User Profile Structure").
const UPSERTABLE: [&str; 9] = [
    "app_metadata",
    "blocked",
    "email_verified",
    "family_name",
    "given_name",
    "name",
    "nickname",
    "picture",
    "user_metadata",
];

/// The maximum number of errors in the report. A file may have a hundred thousand accounts.
const MOST_ERRORS: usize = 1000;

/// The result of an import.
#[derive(Default)]
pub(in crate::api) struct ImportResult {
    inserted: usize,
    updated: usize,
    failed: usize,
    /// An entry for each refused account, up to the maximum.
    pub errors: Vec<Value>,
}

impl ImportResult {
    /// `summary` of the job.
    pub(crate) fn summary(&self) -> Value {
        let total = self.failed + self.inserted + self.updated;
        json!({ "failed": self.failed, "inserted": self.inserted, "total": total, "updated": self.updated })
    }

    fn refuse(&mut self, account: Value, error: &AccountError) {
        self.failed += 1;
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(error_report(account, error));
        }
    }
}

/// The reason why an account is refused.
struct AccountError {
    code: String,
    message: String,
    /// The invalid member; `None` if the whole account is invalid.
    path: Option<String>,
}

impl AccountError {
    fn new(code: &str, message: impl Into<String>, path: &str) -> AccountError {
        AccountError { code: code.to_owned(), message: message.into(), path: Some(path.to_owned()) }
    }

    /// A user that exists (recorded), or the second occurrence of an account in the file (assumed).
    fn duplicate() -> AccountError {
        let message = "The user already exist and upsert parameter is false";
        AccountError { code: "DUPLICATED_USER".to_owned(), message: message.to_owned(), path: None }
    }
}

impl From<ApiError> for AccountError {
    fn from(error: ApiError) -> AccountError {
        match error.status {
            409 => AccountError::duplicate(),
            _ => AccountError::new(&error.code.unwrap_or("invalid_body").to_uppercase(), error.message, ""),
        }
    }
}

/// Creates the accounts of a file in a connection. With `upsert`, existing accounts are changed.
///
/// # Errors
/// The whole file is refused (documented).
pub(in crate::api) fn import(
    call: &mut Call<'_>,
    connection: &AccountConnection,
    file: &str,
    upsert: bool,
) -> Result<ImportResult, &'static str> {
    let accounts = serde_json::from_str::<Vec<Value>>(file).ok().filter(|all| !all.iter().any(is_too_deep));
    let accounts =
        accounts.ok_or("Failed to parse users file JSON when importing users. Make sure it is valid JSON.")?;
    let now = timestamp(call.clock.now());
    let mut result = ImportResult::default();
    let mut emails = HashSet::new();
    for account in accounts {
        match import_account(call.state, connection, &now, &account, upsert, &mut emails) {
            Ok((user, true)) => {
                call.raise("user.created", |_| objects::user(&user));
                result.inserted += 1;
            }
            Ok((user, false)) => {
                call.raise("user.updated", |_| objects::user(&user));
                result.updated += 1;
            }
            Err(error) => result.refuse(account, &error),
        }
    }
    Ok(result)
}

/// Creates or changes the user of one account, and returns it; `true` if the user is new. The second occurrence of an account in
/// the file is an error, even with `upsert` (documented).
fn import_account(
    state: &mut State,
    connection: &AccountConnection,
    now: &str,
    account: &Value,
    upsert: bool,
    emails: &mut HashSet<String>,
) -> Result<(Document, bool), AccountError> {
    let mut account = check(account)?.clone();
    account.retain(|key, _| !DROPPED.contains(&key.as_str()));
    lower_email(&mut account);
    let email = text(&account, "email").map(str::to_owned);
    if email.as_ref().is_some_and(|email| !emails.insert(email.clone())) {
        return Err(AccountError::duplicate());
    }
    match email.filter(|_| upsert).and_then(|email| with_email(state, connection, &email)) {
        Some(user) => Ok((change(state, now, &user, account), false)),
        None => Ok((create_in(connection, state, now, account)?, true)),
    }
}

/// Checks the members of an account, with the sentences of the validator.
fn check(account: &Value) -> Result<&Map<String, Value>, AccountError> {
    let wrong_type = |expected: &str, value: &Value, path: &str| {
        let message = format!("Expected type {expected} but found type {}", type_name(value));
        AccountError::new("INVALID_TYPE", message, path)
    };
    let members = account.as_object().ok_or_else(|| wrong_type("object", account, ""))?;
    for (key, value) in members {
        let Some((_, expected)) = MEMBERS.iter().find(|(known, _)| known == key) else {
            let message = format!("Additional properties not allowed: {key}");
            return Err(AccountError::new("OBJECT_ADDITIONAL_PROPERTIES", message, ""));
        };
        if type_name(value) != *expected {
            return Err(wrong_type(expected, value, key));
        }
    }
    let email = text(members, "email").unwrap_or_default();
    if !email.is_empty() && format_check("email").is_some_and(|is_email| !is_email(email)) {
        let message = format!("Object didn't pass validation for format email: {email}");
        return Err(AccountError::new("INVALID_FORMAT", message, "email"));
    }
    Ok(members)
}

/// Changes a user. Metadata is merged; other members are replaced.
fn change(state: &mut State, now: &str, user: &Document, account: Map<String, Value>) -> Document {
    let mut user = Map::clone(user);
    let id = text(&user, "user_id").unwrap_or_default().to_owned();
    for (key, value) in account.into_iter().filter(|(key, _)| UPSERTABLE.contains(&key.as_str())) {
        match (user.get_mut(&key), value) {
            (Some(Value::Object(current)), Value::Object(changes)) => current.extend(changes),
            (_, value) => {
                user.insert(key, value);
            }
        }
    }
    complete(&mut user);
    user.insert("updated_at".to_owned(), now.into());
    state[Kind::User].replace(&id, user)
}

/// The user of a connection with this email address.
fn with_email(state: &State, connection: &AccountConnection, email: &str) -> Option<Document> {
    let is_in_connection = |user: &&Document| {
        let identities = user.get("identities").and_then(Value::as_array);
        identities.into_iter().flatten().any(|identity| identity["connection"] == connection.name())
    };
    state[Kind::User]
        .having("email", email)
        .iter()
        .filter_map(|seq| state[Kind::User].at(seq))
        .find(is_in_connection)
        .cloned()
}

/// The report of a refused account, without its password.
fn error_report(mut account: Value, error: &AccountError) -> Value {
    if let Some(members) = account.as_object_mut() {
        members.retain(|key, _| !DROPPED.contains(&key.as_str()));
    }
    let mut report = json!({ "code": error.code, "message": error.message });
    if let Some(path) = &error.path {
        report["path"] = path.as_str().into();
    }
    json!({ "user": account, "errors": [report] })
}
