//! Refusals by rate limits and by the faults of a test, with the vendor's texts for their status.

use http::StatusCode;

use super::{ApiError, TokenError, reason, repeated};

impl ApiError {
    /// More requests than the Management API accepts (p).
    pub(crate) fn too_many_requests() -> Self {
        Self::new(429, "too_many_requests", "Global limit has been reached")
    }

    /// A fault answers with this status. Beside 429, the sentences are those of the vendor's stack (a).
    pub(crate) fn fault(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::invalid_token(),
            429 => Self::too_many_requests(),
            500 => Self::new(500, None, "An internal server error occurred"),
            other => Self::new(other, None, reason(other)),
        }
    }

    /// There is no room for a further fault (own text).
    pub(crate) fn too_many_faults(most: usize) -> Self {
        Self::new(409, None, format!("There are {most} faults already; clear some of them first."))
    }

    /// No fault has this id (own text).
    pub(crate) fn no_such_fault(id: &str) -> Self {
        let id = repeated(id);
        Self::new(404, None, format!("There is no fault {id}; it may have answered as often as it was to."))
    }
}

impl TokenError {
    /// T11 (d).
    pub(crate) fn too_many_requests() -> Self {
        Self::new(429, "too_many_requests", "Rate limit exceeded. Please retry after some time.")
    }

    /// T18 (d).
    pub(crate) fn rate_limit_exceeded() -> Self {
        Self::new(429, "too_many_requests", "Rate limit exceeded.")
    }

    /// A fault answers with this status. Beside 401 and 429, the codes are those of RFC 6749 (a).
    pub(crate) fn fault(status: StatusCode) -> Self {
        let code = match status.as_u16() {
            401 => return Self::unauthorized(),
            429 => return Self::too_many_requests(),
            403 => "access_denied",
            503 => "temporarily_unavailable",
            500.. => "server_error",
            _ => "invalid_request",
        };
        Self::new(status.as_u16(), code, reason(status.as_u16()))
    }
}
