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
pub(in crate::api) struct Imported {
    inserted: usize,
    updated: usize,
    failed: usize,
    /// An entry for each refused account, up to the maximum.
    pub errors: Vec<Value>,
}

impl Imported {
    /// `summary` of the job.
    pub(crate) fn summary(&self) -> Value {
        let total = self.failed + self.inserted + self.updated;
        json!({ "failed": self.failed, "inserted": self.inserted, "total": total, "updated": self.updated })
    }

    fn refuse(&mut self, account: Value, fault: &AccountError) {
        self.failed += 1;
        if self.errors.len() < MOST_ERRORS {
            self.errors.push(refused_account(account, fault));
        }
    }
}

/// The reason why an account is refused.
struct AccountError {
    code: String,
    message: String,
    /// The faulty member, unless the whole account is at fault.
    path: Option<String>,
}

impl AccountError {
    fn new(code: &str, message: impl Into<String>, path: &str) -> AccountError {
        AccountError { code: code.to_owned(), message: message.into(), path: Some(path.to_owned()) }
    }

    /// A user that exists (recorded), or an account that is twice in the file (assumed).
    fn duplicate() -> AccountError {
        let message = "The user already exist and upsert parameter is false";
        AccountError { code: "DUPLICATED_USER".to_owned(), message: message.to_owned(), path: None }
    }
}

impl From<ApiError> for AccountError {
    fn from(refused: ApiError) -> AccountError {
        match refused.status {
            409 => AccountError::duplicate(),
            _ => AccountError::new(&refused.code.unwrap_or("invalid_body").to_uppercase(), refused.message, ""),
        }
    }
}

/// Creates the accounts of a file in a connection. With `upsert`, it changes existing ones.
///
/// # Errors
/// The whole file is refused (documented).
pub(in crate::api) fn import(
    call: &mut Call<'_>,
    home: &AccountConnection,
    file: &str,
    upsert: bool,
) -> Result<Imported, &'static str> {
    let accounts = serde_json::from_str::<Vec<Value>>(file).ok().filter(|all| !all.iter().any(is_too_deep));
    let accounts =
        accounts.ok_or("Failed to parse users file JSON when importing users. Make sure it is valid JSON.")?;
    let moment = timestamp(call.clock.now());
    let mut imported = Imported::default();
    let mut seen = HashSet::new();
    for account in accounts {
        match one(call.state, home, &moment, &account, upsert, &mut seen) {
            Ok((user, true)) => {
                call.raise("user.created", |_| objects::user(&user));
                imported.inserted += 1;
            }
            Ok((user, false)) => {
                call.raise("user.updated", |_| objects::user(&user));
                imported.updated += 1;
            }
            Err(fault) => imported.refuse(account, &fault),
        }
    }
    Ok(imported)
}

/// Creates or changes the user of one account, and returns it; `true` if it is new. The second occurrence of an account in the file is
/// an error, also with `upsert` (documented).
fn one(
    state: &mut State,
    home: &AccountConnection,
    moment: &str,
    account: &Value,
    upsert: bool,
    seen: &mut HashSet<String>,
) -> Result<(Document, bool), AccountError> {
    let mut account = check(account)?.clone();
    account.retain(|key, _| !DROPPED.contains(&key.as_str()));
    lower_email(&mut account);
    let email = text(&account, "email").map(str::to_owned);
    if email.as_ref().is_some_and(|email| !seen.insert(email.clone())) {
        return Err(AccountError::duplicate());
    }
    match email.filter(|_| upsert).and_then(|email| with_email(state, home, &email)) {
        Some(user) => Ok((change(state, moment, &user, account), false)),
        None => Ok((create_in(home, state, moment, account)?, true)),
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

/// Changes a user: metadata member by member, other members as a whole.
fn change(state: &mut State, moment: &str, user: &Document, account: Map<String, Value>) -> Document {
    let mut user = Map::clone(user);
    let id = text(&user, "user_id").unwrap_or_default().to_owned();
    for (key, value) in account.into_iter().filter(|(key, _)| UPSERTABLE.contains(&key.as_str())) {
        match (user.get_mut(&key), value) {
            (Some(Value::Object(current)), Value::Object(sent)) => current.extend(sent),
            (_, value) => {
                user.insert(key, value);
            }
        }
    }
    complete(&mut user);
    user.insert("updated_at".to_owned(), moment.into());
    state[Kind::User].replace(&id, user)
}

/// The user of a connection with this email address.
fn with_email(state: &State, home: &AccountConnection, email: &str) -> Option<Document> {
    let is_in_connection = |user: &&Document| {
        let identities = user.get("identities").and_then(Value::as_array);
        identities.into_iter().flatten().any(|identity| identity["connection"] == home.name())
    };
    state[Kind::User]
        .having("email", email)
        .iter()
        .filter_map(|seq| state[Kind::User].at(seq))
        .find(is_in_connection)
        .cloned()
}

/// The report of a refused account, without its password.
fn refused_account(mut account: Value, fault: &AccountError) -> Value {
    if let Some(members) = account.as_object_mut() {
        members.retain(|key, _| !DROPPED.contains(&key.as_str()));
    }
    let mut error = json!({ "code": fault.code, "message": fault.message });
    if let Some(path) = &fault.path {
        error["path"] = path.as_str().into();
    }
    json!({ "user": account, "errors": [error] })
}
