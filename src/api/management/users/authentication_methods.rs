//! `/users/{id}/authentication-methods`: the authentication methods of a user besides the password. A method from the
//! Management API is confirmed at once (documented).

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::users::{INEXISTENT_USER, MISSING_FROM_USER};
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::paging::Offset;
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("authentication_methods.schema.json")));

const ALL: &str = "/users/{id}/authentication-methods";
const ONE: &str = "/users/{id}/authentication-methods/{authentication_method_id}";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL, &["read:authentication_methods"], list).query("List"),
        Operation::post(ALL, &["create:authentication_methods"], create).body("Create"),
        Operation::put(ALL, &["update:authentication_methods"], replace_all).body("ReplaceAll").success(200),
        Operation::delete(ALL, &["delete:authentication_methods"], delete_all),
        Operation::get(ONE, &["read:authentication_methods"], get),
        Operation::patch(ONE, &["update:authentication_methods"], patch).body("Patch"),
        Operation::delete(ONE, &["delete:authentication_methods"], delete),
    ],
};

/// Unknown authentication method (a).
const AUTHENTICATION_METHOD_NOT_FOUND: Refusal = Refusal::plain(404, "The authentication method does not exist.");

/// An authentication method that the user has (a).
const AUTHENTICATION_METHOD_EXISTS: Refusal = Refusal::plain(409, "The authentication method already exists.");

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let offset = Offset::of(call)?;
    let methods = &call.state[Kind::AuthenticationMethod];
    let positions = methods.having("user_id", &user);
    Ok(offset.reply("authenticators", methods, positions.iter(), positions.len(), view))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let body = std::mem::take(&mut call.body);
    check(&body)?;
    if exists(call, &user, &body) {
        return Err(AUTHENTICATION_METHOD_EXISTS.into());
    }
    Ok(Reply::json(&store(call, &user, body)))
}

/// Replaces all methods of the user.
fn replace_all(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = user(call)?;
    let items = std::mem::take(&mut call.items);
    let bodies: Vec<Map<String, Value>> = items.into_iter().map(crate::api::json::object).collect();
    for body in &bodies {
        check(body)?;
    }
    remove_all(call, &user);
    let created: Vec<Map<String, Value>> = bodies.into_iter().map(|body| store(call, &user, body)).collect();
    Ok(Reply::json(&created))
}

/// Deletes all methods of the user. An unknown user is no error, because no 404 is published.
fn delete_all(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let user = call.id();
    remove_all(call, &user);
    Ok(Reply::empty())
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    Ok(Reply::json(&view(find(call)?)))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut method = Map::clone(find(call)?);
    apply(&mut method, std::mem::take(&mut call.body));
    let id = call.parameter("authentication_method_id").to_owned();
    Ok(Reply::json(&view(&call.state[Kind::AuthenticationMethod].replace(&id, method))))
}

fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    find(call)?;
    let id = call.parameter("authentication_method_id").to_owned();
    call.state.remove(Kind::AuthenticationMethod, &id);
    Ok(Reply::empty())
}

/// Checks that a body has the members that its type needs.
fn check(body: &Map<String, Value>) -> Result<(), ApiError> {
    let needed: &[&str] = match text(body, "type").unwrap_or_default() {
        "phone" => &["phone_number"],
        "email" => &["email"],
        "totp" => &["totp_secret"],
        _ => &["key_id", "public_key"],
    };
    match needed.iter().find(|member| !body.contains_key(**member)) {
        Some(missing) => Err(MISSING_FROM_USER.with(&[&missing])),
        None => Ok(()),
    }
}

/// Whether the user already has this method: the same type with the same address or key.
fn exists(call: &Call<'_>, user: &str, body: &Map<String, Value>) -> bool {
    let methods = &call.state[Kind::AuthenticationMethod];
    let mut others = methods.having("user_id", user).iter().filter_map(|seq| methods.at(seq));
    let same = |method: &Document| {
        ["type", "phone_number", "email", "totp_secret", "key_id"]
            .iter()
            .all(|member| method.get(*member) == body.get(*member))
    };
    others.any(same)
}

/// Stores a method and returns its view for the answer. Only this answer has the secret.
fn store(call: &mut Call<'_>, user: &str, mut method: Map<String, Value>) -> Map<String, Value> {
    let kind = text(&method, "type").unwrap_or_default().to_owned();
    let state = &mut *call.state;
    let id = loop {
        let id = format!("{kind}|{}", IdShape::AUTHENTICATION_METHOD.draw(&mut state.random));
        if !state[Kind::AuthenticationMethod].contains(&id) {
            break id;
        }
    };
    if kind == "phone" {
        let channel = method.entry("preferred_authentication_method").or_insert_with(|| "sms".into());
        let channel = channel.as_str().unwrap_or_default();
        let device = id.trim_start_matches("phone|");
        let channels = json!([{ "type": channel, "id": format!("{channel}|{device}") }]);
        method.insert("authentication_methods".to_owned(), channels);
    }
    method.insert("id".to_owned(), id.clone().into());
    method.insert("created_at".to_owned(), timestamp(call.clock.now()).into());
    method.insert("user_id".to_owned(), user.into());
    let method = state[Kind::AuthenticationMethod].insert(&id, method);
    let mut created = view(&method);
    created.remove("confirmed");
    created.extend(method.get("totp_secret").map(|secret| ("totp_secret".to_owned(), secret.clone())));
    created
}

fn remove_all(call: &mut Call<'_>, user: &str) {
    let methods = &call.state[Kind::AuthenticationMethod];
    let ids = methods.having("user_id", user).iter().filter_map(|seq| methods.id_at(seq));
    for id in ids.map(str::to_owned).collect::<Vec<_>>() {
        call.state.remove(Kind::AuthenticationMethod, &id);
    }
}

/// The view of a method, with a masked address (recorded for email).
fn view(method: &Document) -> Map<String, Value> {
    let mut view = Map::clone(method);
    view.remove("user_id");
    view.remove("totp_secret");
    view.insert("confirmed".to_owned(), true.into());
    if let Some(Value::String(email)) = view.get_mut("email") {
        *email = email.split('@').map(masked).collect::<Vec<_>>().join("@");
    }
    view
}

/// The first four characters, and an asterisk for each further one.
fn masked(text: &str) -> String {
    text.chars().enumerate().map(|(index, c)| if index < 4 { c } else { '*' }).collect()
}

/// The method in the path, if it belongs to the user.
fn find<'a>(call: &'a Call<'_>) -> Result<&'a Document, ApiError> {
    user(call)?;
    let method = call.state[Kind::AuthenticationMethod].get(call.parameter("authentication_method_id"));
    let own = method.filter(|method| text(method, "user_id") == Some(call.parameter("id")));
    own.ok_or_else(|| AUTHENTICATION_METHOD_NOT_FOUND.into())
}

/// The id of the user in the path.
fn user(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.parameter("id");
    if call.state[Kind::User].contains(id) { Ok(id.to_owned()) } else { Err(INEXISTENT_USER.into()) }
}
