//! The service's own APIs whose operations accept bearer tokens. They share the routes and the gate; this file has what differs.

use std::borrow::Cow;

use super::call::Reply;
use super::error::ApiError;
use super::operation::Operation;
use super::request::below_management;
use crate::domain::names::{MANAGEMENT, MY_ORGANIZATION};

/// An API of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// The Management API, below `/api/v2`.
    Management,
    /// The My Organization API, below `/my-org` and `/my-org/v1` (M1). Its rows have the whole path, without the version.
    MyOrganization,
}

/// The path of the My Organization API, and of its first operation.
const MY_ORGANIZATION_PATH: &str = "/my-org";

impl Surface {
    /// The API of a path, and the path in its rows.
    pub(super) fn at(path: &str) -> Option<(Surface, Cow<'_, str>)> {
        if let Some(path) = below_management(path) {
            return Some((Surface::Management, path.into()));
        }
        let below = below(path, MY_ORGANIZATION_PATH)?;
        let below = self::below(below, "/v1").unwrap_or(below);
        Some((Surface::MyOrganization, format!("{MY_ORGANIZATION_PATH}{}", below.trim_end_matches('/')).into()))
    }

    /// The API of an operation.
    pub(super) fn of(operation: &Operation) -> Surface {
        match below(operation.path, MY_ORGANIZATION_PATH) {
            Some(_) => Surface::MyOrganization,
            None => Surface::Management,
        }
    }

    /// The path of its identifier below the address of the tenant.
    pub(super) fn audience(self) -> &'static str {
        match self {
            Surface::Management => MANAGEMENT,
            Surface::MyOrganization => MY_ORGANIZATION,
        }
    }

    /// The answer to a refused request, in the form of this API.
    pub(super) fn refusal(self, error: ApiError) -> Reply {
        match self {
            Surface::Management => Reply::from(error),
            Surface::MyOrganization => Reply::of(error.problem()).status(error.status),
        }
    }
}

/// What follows a prefix of whole segments in a path.
fn below<'a>(path: &'a str, prefix: &str) -> Option<&'a str> {
    path.strip_prefix(prefix).filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Surface;

    #[rstest]
    #[case("/api/v2/clients", Some((Surface::Management, "/clients")))]
    #[case("/my-org/details", Some((Surface::MyOrganization, "/my-org/details")))]
    #[case("/my-org/v1/details", Some((Surface::MyOrganization, "/my-org/details")))]
    #[case("/my-org", Some((Surface::MyOrganization, "/my-org")))]
    #[case("/my-org/v1/", Some((Surface::MyOrganization, "/my-org")))]
    #[case("/my-organization/details", None)]
    #[case("/oauth/token", None)]
    fn a_path_belongs_to_an_api(#[case] path: &str, #[case] expected: Option<(Surface, &str)>) {
        let found = Surface::at(path);
        assert_eq!(found.as_ref().map(|(surface, path)| (*surface, path.as_ref())), expected);
    }
}
