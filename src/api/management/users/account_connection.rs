//! The connection of an account and its requirements: identifiers, a password, and identifiers that no other account of
//! the connection has.

use serde_json::{Map, Value};

use crate::api::error::users::{CONNECTION_OF_USER_NOT_FOUND, MISSING_FROM_USER};
use crate::api::error::{ApiError, Refusal};
use crate::domain::PasswordRules;
use crate::domain::password::Kind as Characters;
use crate::store::document::text;
use crate::store::{Document, Kind, State};

/// A user for a connection whose users come from elsewhere (d; code assumed).
const NO_USERS_BY_API: Refusal = Refusal::new(
    400,
    "operation_not_supported",
    "Connection does not support user creation through the API. It must either be a database or passwordless \
     connection.",
);

/// A user without the username that the connection requires (p).
const MISSING_USERNAME: Refusal =
    Refusal::invalid_body("Missing username for {} connection with requires_username enabled");

/// A username for a connection without usernames (d).
const USERNAME_NOT_USED: Refusal =
    Refusal::invalid_body("Cannot set username for connection without requires_username");

/// A password that the policy of the connection refuses (p; code assumed).
const WEAK_PASSWORD: Refusal = Refusal::invalid_body("PasswordStrengthError: Password is too weak");

/// A connection whose users are created through the API.
#[derive(Clone, Debug)]
pub(in crate::api) struct AccountConnection {
    connection: Document,
    kind: ConnectionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ConnectionKind {
    Database,
    /// Passwordless, by email.
    Email,
    /// Passwordless, by telephone.
    Sms,
}

/// The identifiers of a user.
pub(super) const IDENTIFIERS: [&str; 3] = ["email", "username", "phone_number"];

/// The setting of a connection for an identifier.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Required,
    Allowed,
    Refused,
}

impl AccountConnection {
    /// The connection of this name.
    pub(crate) fn named(state: &State, name: &str) -> Result<AccountConnection, ApiError> {
        let connection = state[Kind::Connection].find("name", name).ok_or(CONNECTION_OF_USER_NOT_FOUND)?;
        let kind = match text(connection, "strategy") {
            Some("auth0") => ConnectionKind::Database,
            Some("email") => ConnectionKind::Email,
            Some("sms") => ConnectionKind::Sms,
            _ => return Err(NO_USERS_BY_API.into()),
        };
        Ok(AccountConnection { connection: Document::clone(connection), kind })
    }

    /// `connection` of the account's identity.
    pub(crate) fn name(&self) -> &str {
        text(&self.connection, "name").unwrap_or_default()
    }

    /// `provider` of the account's identity, which begins the user's id.
    pub(crate) fn provider(&self) -> &'static str {
        match self.kind {
            ConnectionKind::Database => "auth0",
            ConnectionKind::Email => "email",
            ConnectionKind::Sms => "sms",
        }
    }

    /// Checks that an account has the identifiers that the connection requires, and none that it refuses.
    pub(crate) fn check_identifiers(&self, user: &Map<String, Value>) -> Result<(), ApiError> {
        for identifier in IDENTIFIERS {
            match (self.use_of(identifier), text(user, identifier)) {
                (Use::Required, None) if identifier == "username" && self.attributes().is_none() => {
                    return Err(MISSING_USERNAME.with(&[&self.name()]));
                }
                (Use::Required, None) => return Err(MISSING_FROM_USER.with(&[&identifier])),
                (Use::Refused, Some(_)) => return Err(USERNAME_NOT_USED.into()),
                _ => {}
            }
        }
        let active: Vec<&str> = IDENTIFIERS.into_iter().filter(|identifier| self.identifies(identifier)).collect();
        if let Some(first) = active.first()
            && !active.iter().any(|identifier| user.contains_key(*identifier))
        {
            return Err(MISSING_FROM_USER.with(&[&first]));
        }
        self.check_username(text(user, "username"))
    }

    /// Checks the length of a username, if the connection limits it.
    fn check_username(&self, username: Option<&str>) -> Result<(), ApiError> {
        let Some(length) = username.map(|username| username.chars().count()) else { return Ok(()) };
        let limit = |older: &str, newer: &str| {
            let limit = self.option(older).or_else(|| self.option(newer));
            limit.and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok())
        };
        let least = limit("/validation/username/min", "/attributes/username/validation/min_length").unwrap_or(0);
        let most =
            limit("/validation/username/max", "/attributes/username/validation/max_length").unwrap_or(usize::MAX);
        if (least..=most).contains(&length) { Ok(()) } else { Err(ApiError::username_length(length, least, most)) }
    }

    /// Checks that a new account of a database has a password, unless the database does not require one.
    pub(crate) fn check_new_password(&self, password: Option<&str>) -> Result<(), ApiError> {
        let methods = self.option("/authentication_methods/password");
        let is = |member: &str, value: Value| methods.and_then(|method| method.get(member)) == Some(&value);
        let is_optional = is("enabled", false.into()) || is("api_behavior", "optional".into());
        match password {
            None if self.kind == ConnectionKind::Database && !is_optional => {
                Err(MISSING_FROM_USER.with(&[&"password"]))
            }
            None => Ok(()),
            Some(password) => self.check_password(password),
        }
    }

    /// Checks a password against the policy of the database.
    pub(crate) fn check_password(&self, password: &str) -> Result<(), ApiError> {
        let is_strong = self.kind != ConnectionKind::Database || self.password_rules().accept(password);
        if is_strong { Ok(()) } else { Err(WEAK_PASSWORD.into()) }
    }

    fn password_rules(&self) -> PasswordRules {
        let number = |value: &Value| value.as_u64().and_then(|number| usize::try_from(number).ok());
        let policy = self.option("/passwordPolicy").and_then(Value::as_str);
        // A new database shows both options and applies the older one (recorded).
        let (None, Some(complexity)) = (policy, self.option("/password_options/complexity")) else {
            let mut rules = PasswordRules::named(policy.unwrap_or("none"));
            if let Some(least) = self.option("/password_complexity_options/min_length").and_then(number) {
                rules.min_length = least;
            }
            return rules;
        };
        let is = |member: &str, value: &str| complexity.get(member).and_then(Value::as_str) == Some(value);
        let kinds = complexity.get("character_types").and_then(Value::as_array).into_iter().flatten();
        let kinds: Vec<Characters> = kinds.filter_map(Value::as_str).filter_map(Characters::named).collect();
        let kinds_needed = if is("character_type_rule", "three_of_four") { kinds.len().min(3) } else { kinds.len() };
        let min_length = complexity.get("min_length").and_then(number).unwrap_or(1);
        PasswordRules { min_length, kinds, kinds_needed, repeats: !is("identical_characters", "block") }
    }

    /// The first identifier of a user that another account of the connection has. `own` is the id of the user itself.
    pub(crate) fn conflict(&self, state: &State, user: &Map<String, Value>, own: Option<&str>) -> Option<&'static str> {
        IDENTIFIERS.into_iter().find(|identifier| {
            let is_shared =
                *identifier == "email" && self.option("/attributes/email/unique") == Some(&Value::Bool(false));
            text(user, identifier).is_some_and(|value| !is_shared && self.has_other(state, identifier, value, own))
        })
    }

    fn has_other(&self, state: &State, identifier: &str, value: &str, own: Option<&str>) -> bool {
        let is_in_connection = |identity: &Value, is_linked: bool| {
            identity["connection"] == self.name() && identity.get("profileData").is_some() == is_linked
        };
        let exists = |key: &str, is_linked: bool| {
            let others = state[Kind::User].having(key, value).iter().filter_map(|seq| state[Kind::User].at(seq));
            let mut others = others.filter(|other| own.is_none() || text(other, "user_id") != own);
            others.any(|other| {
                let identities = other.get("identities").and_then(Value::as_array).into_iter().flatten();
                identities.into_iter().any(|identity| is_in_connection(identity, is_linked))
            })
        };
        exists(identifier, false) || identifier == "email" && exists("identities.profileData.email", true)
    }

    fn use_of(&self, identifier: &str) -> Use {
        match (self.kind, identifier, self.attributes()) {
            (ConnectionKind::Email, "email", _) | (ConnectionKind::Sms, "phone_number", _) => Use::Required,
            (ConnectionKind::Email | ConnectionKind::Sms, "username", _) => Use::Refused,
            (ConnectionKind::Email | ConnectionKind::Sms, ..) => Use::Allowed,
            (ConnectionKind::Database, _, Some(attributes)) => match attributes.get(identifier) {
                Some(attribute) if attribute.get("profile_required") == Some(&Value::Bool(true)) => Use::Required,
                None if identifier == "username" => Use::Refused,
                _ => Use::Allowed,
            },
            (ConnectionKind::Database, "email", None) => Use::Required,
            // A connection without a setting for usernames accepts them (recorded in 2025).
            (ConnectionKind::Database, "username", None) => match self.option("/requires_username") {
                Some(Value::Bool(true)) => Use::Required,
                Some(Value::Bool(false)) => Use::Refused,
                _ => Use::Allowed,
            },
            (ConnectionKind::Database, ..) => Use::Allowed,
        }
    }

    /// Whether this identifier alone is enough for an account.
    fn identifies(&self, identifier: &str) -> bool {
        let attribute = self.attributes().and_then(|attributes| attributes.get(identifier));
        attribute.and_then(|attribute| attribute.pointer("/identifier/active")) == Some(&Value::Bool(true))
    }

    /// The settings of a database with flexible identifiers.
    fn attributes(&self) -> Option<&Map<String, Value>> {
        self.option("/attributes").and_then(Value::as_object)
    }

    fn option(&self, pointer: &str) -> Option<&Value> {
        self.connection.get("options").and_then(|options| options.pointer(pointer))
    }
}
