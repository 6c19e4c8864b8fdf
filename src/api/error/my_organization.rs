//! Refusals in the form of the My Organization API: a problem with a type, and no `errorCode` (M16, M17).
//!
//! Checks that both APIs share give a refusal of the Management API; its status and code select the type here.

use serde_json::{Value, json};

use super::{ApiError, Refusal, reason};

/// The organization of the token (d).
pub(crate) const ORGANIZATION_NOT_FOUND: Refusal =
    Refusal::new(404, "A0E-404-0002", "The organization does not exist.");

/// A client without what an operation needs (d).
pub(crate) const NOT_CONFIGURED: Refusal =
    Refusal::new(409, "A0E-409-0001", "Invalid or missing configuration, please contact tenant admin.");

/// The types of problems (documented; `A0E-401-0003` is assumed).
const TITLES: [(&str, &str); 9] = [
    ("A0E-400-0001", "Bad Request"),
    ("A0E-400-0003", "Validation Error"),
    ("A0E-401-0002", "Missing Token"),
    ("A0E-401-0003", "Invalid Token"),
    ("A0E-403-0002", "Insufficient Scope"),
    ("A0E-404-0002", "Resource Not Found"),
    ("A0E-409-0001", "Configuration issue"),
    ("A0E-409-0003", "Duplicate Resource"),
    ("A0E-429-0003", "Endpoint Rate Limit Exceeded"),
];

impl ApiError {
    /// The body of this refusal in the My Organization API.
    pub(crate) fn problem(&self) -> Value {
        let own = TITLES.into_iter().find(|(code, _)| self.code == Some(code));
        let (code, detail) = match own {
            Some((code, _)) => (code, self.message.as_str()),
            None => self.shared_problem(),
        };
        let title = TITLES.into_iter().find(|(known, _)| *known == code).map(|(_, title)| title);
        let mut problem = json!({
            "type": format!("https://auth0.com/api-errors#{code}"),
            "status": self.status,
            "title": title.unwrap_or_else(|| reason(self.status)),
        });
        match code {
            "A0E-400-0003" => problem["validation_errors"] = json!([{ "detail": detail }]),
            _ => problem["detail"] = detail.into(),
        }
        problem
    }

    /// The code and the detail of a refusal by a check that both APIs share.
    fn shared_problem(&self) -> (&'static str, &str) {
        let sentence = self.message.as_str();
        match (self.status, self.code) {
            (400, _) if *self == ApiError::unreadable_json() => ("A0E-400-0001", "The request is invalid."),
            (400, Some(_)) if self.code != Some("Bearer") => ("A0E-400-0003", sentence),
            (400, _) => ("A0E-400-0001", sentence),
            (401, _) if *self == ApiError::missing_authentication() => ("A0E-401-0002", "No auth token provided."),
            (401, _) => ("A0E-401-0003", sentence),
            (403, Some("insufficient_scope")) => (
                "A0E-403-0002",
                "The auth token lacks the required scope: Check the API documentation for the required scopes for this \
                 endpoint.",
            ),
            (404, _) => ("A0E-404-0002", sentence),
            (409, _) => ("A0E-409-0003", sentence),
            (429, _) => ("A0E-429-0003", "The endpoint request limit has been exceeded."),
            _ => ("A0E-0000", sentence),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{ApiError, NOT_CONFIGURED};

    #[test]
    fn a_refusal_is_a_problem_with_the_type_of_its_status() {
        assert_eq!(
            ApiError::from(NOT_CONFIGURED).problem(),
            json!({
                "type": "https://auth0.com/api-errors#A0E-409-0001",
                "status": 409,
                "title": "Configuration issue",
                "detail": "Invalid or missing configuration, please contact tenant admin.",
            })
        );
        assert_eq!(
            ApiError::invalid_body("domain is missing").problem(),
            json!({
                "type": "https://auth0.com/api-errors#A0E-400-0003",
                "status": 400,
                "title": "Validation Error",
                "validation_errors": [{ "detail": "domain is missing" }],
            })
        );
        for (error, title) in [
            (ApiError::unreadable_json(), "Bad Request"),
            (ApiError::bad_authentication_header(), "Bad Request"),
            (ApiError::missing_authentication(), "Missing Token"),
            (ApiError::token_expired(), "Invalid Token"),
            (ApiError::insufficient_scope(&["read:my_org:details"]), "Insufficient Scope"),
            (ApiError::no_such_operation(), "Resource Not Found"),
            (ApiError::too_many_requests(), "Endpoint Rate Limit Exceeded"),
            (ApiError::unsupported_media_type(), "Unsupported Media Type"),
        ] {
            assert_eq!(error.problem()["title"], title, "{error:?}");
            assert!(error.problem()["detail"].is_string(), "{error:?}");
        }
    }
}
