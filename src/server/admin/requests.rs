//! Questions to the journal over HTTP, in the words of [`Requests`].

use crate::api::{ApiError, Entry};
use crate::server::Requests;

/// What may be asked: name, name of the schema, what it keeps.
pub(super) const PARAMETERS: &[(&str, &str, &str)] = &[
    ("tokens", "Flag", "Those for a token."),
    ("granted", "Flag", "Those to which a token was given."),
    ("refused", "Flag", "Those that were refused."),
    ("unmodelled", "Flag", "Those to which nothing is modelled."),
    ("status", "Number", "Those that were answered with this status."),
    ("client_id", "Text", "Those of this client: the tokens that it asked for, and what was asked with them."),
    ("audience", "Text", "Those for a token for this API."),
    ("organization", "Text", "Those for a token for this organization, by its id or as the request named it."),
    ("operation", "Text", "Those of one operation, as `POST /client-grants` or `GET /clients/{id}`."),
    ("path", "Text", "Those to this path, whatever their query."),
    ("since", "Number", "Those after the one with this number."),
    ("limit", "Number", "At most so many, the oldest ones."),
];

/// The entries that a query asks for.
pub(super) fn asked_for(entries: Vec<Entry>, query: &str) -> Result<Requests, ApiError> {
    let mut requests = Requests::from(entries);
    let mut limit = usize::MAX;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let flag = || match &*value {
            "true" | "" => Ok(()),
            _ => Err(ApiError::invalid_query_string(format!("{name} is true, or left out."))),
        };
        let number = || {
            let wrong = |_| ApiError::invalid_query_string(format!("{name} is a whole number."));
            value.parse::<u64>().map_err(wrong)
        };
        requests = match &*name {
            "tokens" => flag().map(|()| requests.tokens())?,
            "granted" => flag().map(|()| requests.granted())?,
            "refused" => flag().map(|()| requests.refused())?,
            "unmodelled" => flag().map(|()| requests.unmodelled())?,
            // A status beyond the type is that of no request.
            "status" => requests.answered_with(number().map(|status| u16::try_from(status).unwrap_or_default())?),
            "client_id" => requests.for_client(value),
            "audience" => requests.audience(value),
            "organization" => requests.in_organization(value),
            "operation" => requests.operation(&value),
            "path" => requests.to_path(&value),
            "since" => number().map(|number| requests.after(number))?,
            "limit" => {
                limit = number().map(|limit| usize::try_from(limit).unwrap_or(usize::MAX))?;
                requests
            }
            _ => {
                let name: String = name.chars().take(40).collect();
                return Err(ApiError::invalid_query_string(format!("There is no parameter {name:?}.")));
            }
        };
    }
    requests.truncate(limit);
    Ok(requests)
}
