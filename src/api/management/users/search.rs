//! The search for users ("User Search Query Syntax").

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::search::{FieldKind, Fields, Query, Unknown};
use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// What can be searched. Case counts but for the names and addresses of people.
const FIELDS: Fields = Fields {
    bare: &["email", "name", "given_name", "family_name", "nickname", "username", "phone_number", "user_id"],
    named: &[
        ("user_id", FieldKind::Text),
        ("email", FieldKind::AnyCase),
        ("email.domain", FieldKind::AnyCase),
        ("email_verified", FieldKind::Text),
        ("name", FieldKind::AnyCase),
        ("given_name", FieldKind::AnyCase),
        ("family_name", FieldKind::AnyCase),
        ("nickname", FieldKind::AnyCase),
        ("username", FieldKind::Text),
        ("phone_number", FieldKind::Text),
        ("phone_verified", FieldKind::Text),
        ("picture", FieldKind::Text),
        ("blocked", FieldKind::Text),
        ("logins_count", FieldKind::Text),
        ("last_ip", FieldKind::Text),
        ("created_at", FieldKind::Date),
        ("updated_at", FieldKind::Date),
        ("last_login", FieldKind::Date),
        ("identities.*", FieldKind::Text),
        ("organization_id", FieldKind::Text),
        ("app_metadata.*", FieldKind::Text),
        ("user_metadata.*", FieldKind::Plain),
    ],
    unknown: Unknown::Absent,
};

/// The users that a query finds, in creation order. Where it says the value of an indexed field, only those with that
/// value are looked at.
pub(super) fn find(state: &State, text: &str, connection: Option<&str>) -> Result<Vec<Seq>, ApiError> {
    let query = Query::parse(text, &FIELDS).map_err(|error| ApiError::unreadable_query(&error))?;
    let places = candidates(state, &query);
    let lives_in = |seq: &Seq| {
        connection.is_none_or(|connection| state[Kind::User].having("identities.connection", connection).contains(*seq))
    };
    let fits = |seq: &Seq| state[Kind::User].at(*seq).is_some_and(|user| matches(state, &query, *seq, user));
    Ok(places.iter().copied().filter(lives_in).filter(fits).collect())
}

/// The places among which everyone is whom a query finds: the fewest that an index tells.
fn candidates<'a>(state: &'a State, query: &Query) -> Cow<'a, [Seq]> {
    let users = &state[Kind::User];
    if let Some(id) = query.exact("user_id") {
        return match users.seq(id).and_then(|seq| users.order().as_slice().binary_search(&seq).ok()) {
            Some(place) => users.order().as_slice()[place..=place].into(),
            None => Cow::default(),
        };
    }
    let indexed = ["email", "username", "phone_number", "identities.connection"];
    let indexed = indexed.into_iter().filter_map(|field| Some(users.having(field, query.exact(field)?)));
    let told = indexed.map(|places| places.as_slice()).min_by_key(|places| places.len());
    let told = told.unwrap_or(users.order().as_slice());
    if let Some(id) = query.exact("organization_id") {
        let members = state[Kind::Organization].seq(id).map(|organization| state.members.of_left(organization));
        let members = members.unwrap_or_default();
        if members.len() < told.len() {
            // They stand in the order in which they became members.
            let mut places: Vec<Seq> = members.iter().map(|membership| membership.user).collect();
            places.sort_unstable();
            return places.into();
        }
    }
    told.into()
}

/// Whether a query finds a user, with what is searched of it and stands elsewhere.
fn matches(state: &State, query: &Query, seq: Seq, user: &Document) -> bool {
    let mut beside: Vec<(&str, Value)> = Vec::new();
    if query.names("email.domain") {
        let domain = text(user, "email").and_then(|email| email.rsplit_once('@'));
        beside.extend(domain.map(|(_, domain)| ("email.domain", domain.into())));
    }
    if query.names("organization_id") {
        let organizations = state.members.of_right(seq).iter().filter_map(|seq| state[Kind::Organization].id_at(seq));
        beside.push(("organization_id", organizations.collect()));
    }
    if beside.is_empty() {
        return query.matches(user);
    }
    let mut searched = Map::clone(user);
    searched.extend(beside.into_iter().map(|(field, value)| (field.to_owned(), value)));
    query.matches(&searched)
}
