//! The search for users ("User Search Query Syntax").

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::api::error::ApiError;
use crate::search::{FieldKind, Fields, Query, Unknown};
use crate::store::document::text;
use crate::store::{Document, Kind, Seq, State};

/// The searchable fields. Case matters, except in names and addresses of people.
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

/// The users that match a query, in creation order. If the query requires a value of an indexed field, only users with
/// this value are tested.
pub(super) fn find(state: &State, text: &str, connection: Option<&str>) -> Result<Vec<Seq>, ApiError> {
    let query = Query::parse(text, &FIELDS).map_err(|error| ApiError::unreadable_query(&error))?;
    let candidates = candidates(state, &query);
    let is_in_connection = |seq: &Seq| {
        connection.is_none_or(|connection| state[Kind::User].having("identities.connection", connection).contains(*seq))
    };
    let matches = |seq: &Seq| state[Kind::User].at(*seq).is_some_and(|user| query_matches(state, &query, *seq, user));
    Ok(candidates.iter().copied().filter(is_in_connection).filter(matches).collect())
}

/// A superset of the users that match a query: the shortest list of an index.
fn candidates<'a>(state: &'a State, query: &Query) -> Cow<'a, [Seq]> {
    let users = &state[Kind::User];
    if let Some(id) = query.exact("user_id") {
        return match users.seq(id).and_then(|seq| users.order().as_slice().binary_search(&seq).ok()) {
            Some(index) => users.order().as_slice()[index..=index].into(),
            None => Cow::default(),
        };
    }
    let indexed = ["email", "username", "phone_number", "identities.connection"];
    let indexed = indexed.into_iter().filter_map(|field| Some(users.having(field, query.exact(field)?)));
    let shortest = indexed.map(|positions| positions.as_slice()).min_by_key(|positions| positions.len());
    let shortest = shortest.unwrap_or(users.order().as_slice());
    if let Some(id) = query.exact("organization_id") {
        let members = state[Kind::Organization].seq(id).map(|organization| state.members.of_left(organization));
        let members = members.unwrap_or_default();
        if members.len() < shortest.len() {
            // Members are in the order of joining.
            let mut positions: Vec<Seq> = members.iter().map(|membership| membership.user).collect();
            positions.sort_unstable();
            return positions.into();
        }
    }
    shortest.into()
}

/// Whether a query matches a user. The fields that the document of a user lacks are added to a copy.
fn query_matches(state: &State, query: &Query, seq: Seq, user: &Document) -> bool {
    let mut added: Vec<(&str, Value)> = Vec::new();
    if query.names("email.domain") {
        let domain = text(user, "email").and_then(|email| email.rsplit_once('@'));
        added.extend(domain.map(|(_, domain)| ("email.domain", domain.into())));
    }
    if query.names("organization_id") {
        let organizations = state.members.of_right(seq).iter().filter_map(|seq| state[Kind::Organization].id_at(seq));
        added.push(("organization_id", organizations.collect()));
    }
    if added.is_empty() {
        return query.matches(user);
    }
    let mut document = Map::clone(user);
    document.extend(added.into_iter().map(|(field, value)| (field.to_owned(), value)));
    query.matches(&document)
}
