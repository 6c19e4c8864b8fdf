//! The creation of an account and its derived profile, for all operations that create users.

use serde_json::{Map, Value, json};

use super::account_connection::AccountConnection;
use crate::api::error::{ApiError, Refusal};
use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::{Document, Kind, State};

/// A user with an identifier or an id that is taken (p).
const USER_EXISTS: Refusal = Refusal::new(409, "auth0_idp_error", "The user already exists.");

/// Creates a user from a request. The password is checked and not stored.
pub(super) fn create(state: &mut State, now: &str, mut user: Map<String, Value>) -> Result<Document, ApiError> {
    let connection = AccountConnection::named(state, text(&user, "connection").unwrap_or_default())?;
    connection.check_new_password(text(&user, "password"))?;
    for member in ["connection", "password", "verify_email"] {
        user.remove(member);
    }
    create_in(&connection, state, now, user)
}

/// Creates a user in a connection, without checking the password.
pub(super) fn create_in(
    connection: &AccountConnection,
    state: &mut State,
    now: &str,
    mut user: Map<String, Value>,
) -> Result<Document, ApiError> {
    lower_email(&mut user);
    connection.check_identifiers(&user)?;
    if connection.conflict(state, &user, None).is_some() {
        return Err(USER_EXISTS.into());
    }
    let requested_id = match user.remove("user_id") {
        Some(Value::String(id)) if !id.is_empty() => Some(id),
        _ => None,
    };
    let (user_id, own_id) = match requested_id {
        Some(own_id) => (format!("{}|{own_id}", connection.provider()), own_id),
        None => free_id(connection, state),
    };
    if state[Kind::User].contains(&user_id) {
        return Err(USER_EXISTS.into());
    }
    let identity = json!({ "connection": connection.name(), "user_id": own_id, "provider": connection.provider(), "isSocial": false });
    user.insert("identities".to_owned(), json!([identity]));
    user.insert("user_id".to_owned(), user_id.clone().into());
    for stamp in ["created_at", "updated_at"] {
        user.insert(stamp.to_owned(), now.into());
    }
    complete(&mut user);
    Ok(state[Kind::User].insert(&user_id, user))
}

fn free_id(connection: &AccountConnection, state: &mut State) -> (String, String) {
    loop {
        let own_id = IdShape::USER.draw(&mut state.random);
        let user_id = format!("{}|{own_id}", connection.provider());
        if !state[Kind::User].contains(&user_id) {
            return (user_id, own_id);
        }
    }
}

/// The service stores email addresses of its own accounts in lower case ("Search Users by Email").
pub(super) fn lower_email(user: &mut Map<String, Value>) {
    if let Some(Value::String(email)) = user.get_mut("email") {
        *email = email.to_lowercase();
    }
}

/// Completes a profile: adds the default name, nickname and picture, and the verification status of each identifier. Empty
/// `app_metadata` is removed (recorded).
pub(super) fn complete(user: &mut Map<String, Value>) {
    for (identifier, verified) in [("email", "email_verified"), ("phone_number", "phone_verified")] {
        if user.contains_key(identifier) {
            user.entry(verified).or_insert(Value::Bool(false));
        } else {
            user.remove(verified);
        }
    }
    let derived = ["name", "nickname", "picture"].map(|member| (member, derived(user, member)));
    for (member, value) in derived {
        user.entry(member).or_insert_with(|| value.into());
    }
    if user.get("app_metadata").and_then(Value::as_object).is_some_and(Map::is_empty) {
        user.remove("app_metadata");
    }
}

/// The default name, nickname or picture of a profile (recorded for users with an email address).
fn derived(user: &Map<String, Value>, member: &str) -> String {
    let email = text(user, "email");
    let local = email.map(|email| email.rsplit_once('@').map_or(email, |(local, _)| local));
    let nickname = local.or(text(user, "username")).unwrap_or_default();
    match member {
        "name" => email.or(text(user, "username")).or(text(user, "phone_number")).unwrap_or_default().to_owned(),
        "nickname" => nickname.to_owned(),
        _ => picture(email, text(user, "name").unwrap_or(nickname)),
    }
}

/// The Gravatar picture of an address. Its fallback shows the first letters of the name or the nickname (recorded).
fn picture(email: Option<&str>, name: &str) -> String {
    let mut letters: String = name.chars().filter(char::is_ascii_alphanumeric).take(2).collect();
    letters.make_ascii_lowercase();
    let letters = if letters.is_empty() { "default" } else { &letters };
    match email {
        Some(email) => format!(
            "https://s.gravatar.com/avatar/{:x}?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2F{letters}.png",
            md5::compute(email.trim().to_lowercase())
        ),
        None => format!("https://cdn.auth0.com/avatars/{letters}.png"),
    }
}

/// The profile of a linked account for its identity, without derived values.
pub(super) fn profile_data(user: &Map<String, Value>) -> Map<String, Value> {
    const MEMBERS: [&str; 8] =
        ["email", "email_verified", "family_name", "given_name", "name", "phone_number", "phone_verified", "username"];
    let name = derived(user, "name");
    let is_explicit = |member: &&str| *member != "name" || text(user, "name") != Some(&name);
    let explicit = MEMBERS.into_iter().filter(is_explicit);
    explicit.filter_map(|member| Some((member.to_owned(), user.get(member)?.clone()))).collect()
}

/// Creates a separate user from a linked account, with the profile from its identity.
pub(super) fn separate(state: &mut State, now: &str, mut identity: Value) -> Document {
    let (provider, own_id) = (identity["provider"].as_str(), identity["user_id"].as_str());
    let user_id = format!("{}|{}", provider.unwrap_or_default(), own_id.unwrap_or_default());
    let mut user = match identity.as_object_mut().and_then(|identity| identity.remove("profileData")) {
        Some(Value::Object(profile)) => profile,
        _ => Map::new(),
    };
    user.insert("identities".to_owned(), json!([identity]));
    user.insert("user_id".to_owned(), user_id.clone().into());
    for stamp in ["created_at", "updated_at"] {
        user.insert(stamp.to_owned(), now.into());
    }
    complete(&mut user);
    state[Kind::User].insert(&user_id, user)
}
