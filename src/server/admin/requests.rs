//! The query parameters of `GET /__admin/requests`, which filter the journal as [`Requests`] does.

use crate::api::{ApiError, JournalEntry};
use crate::redaction;
use crate::server::Requests;
use crate::server::requests::is_granted;

/// What may be asked: name, name of the schema, what it keeps.
pub(super) const PARAMETERS: &[(&str, &str, &str)] = &[
    ("tokens", "Flag", "Requests for a token; with `false`, all others."),
    ("granted", "Flag", "Requests to which a token was given; with `false`, all others."),
    ("refused", "Flag", "Requests that were refused; with `false`, all others."),
    ("unmodelled", "Flag", "Requests that m2mock does not model; with `false`, all others."),
    ("status", "Number", "Those that were answered with this status."),
    ("client_id", "Text", "Those of this client: the tokens that it asked for, and what was asked with them."),
    ("audience", "Text", "Those for a token for this API."),
    ("organization", "Text", "Those for a token for this organization, by its id or as the request named it."),
    ("operation", "Text", "Those of one operation, as `POST /client-grants` or `GET /clients/{id}`."),
    ("path", "Text", "Those to this path, whatever their query."),
    ("since", "Number", "Those after the one with this number."),
    ("limit", "Number", "At most so many: the newest ones, oldest first."),
];

/// The entries that a query asks for.
pub(super) fn asked_for(entries: Vec<JournalEntry>, query: &str) -> Result<Requests, ApiError> {
    let mut requests = Requests::from(entries);
    let mut limit = usize::MAX;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let flag = || match &*value {
            "true" | "" => Ok(true),
            "false" => Ok(false),
            _ => Err(ApiError::invalid_query_string(format!("{} is true or false.", shown(&name)))),
        };
        let number = || {
            let wrong = |_| ApiError::invalid_query_string(format!("{} is a whole number.", shown(&name)));
            value.parse::<u64>().map_err(wrong)
        };
        requests = match &*name {
            "tokens" => requests.that_are(flag()?, |entry| entry.token.is_some()),
            "granted" => requests.that_are(flag()?, is_granted),
            "refused" => requests.that_are(flag()?, |entry| entry.status >= 400),
            "unmodelled" => requests.that_are(flag()?, |entry| entry.unmodelled),
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
                return Err(ApiError::invalid_query_string(format!("There is no parameter {:?}.", shown(&name))));
            }
        };
    }
    let beyond = requests.len().saturating_sub(limit);
    requests.drain(..beyond);
    Ok(requests)
}

/// The name of a parameter, as a refusal repeats it.
fn shown(name: &str) -> String {
    redaction::text(&name.chars().take(40).collect::<String>(), "…")
}
