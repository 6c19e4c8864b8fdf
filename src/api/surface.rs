//! The service's own APIs whose operations accept bearer tokens. They share the routes and the gate; this file has what differs.

use std::borrow::Cow;

use super::call::Reply;
use super::error::ApiError;
use super::operation::Operation;
use super::request::below_management;
use crate::domain::names::MANAGEMENT;

/// An API of the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surface {
    /// The Management API, below `/api/v2`.
    Management,
}

impl Surface {
    /// The API of a path, and the path in its rows.
    pub(super) fn at(path: &str) -> Option<(Surface, Cow<'_, str>)> {
        Some((Surface::Management, below_management(path)?.into()))
    }

    /// The API of an operation.
    pub(super) fn of(_: &Operation) -> Surface {
        Surface::Management
    }

    /// The path of its identifier below the address of the tenant.
    pub(super) fn audience(self) -> &'static str {
        match self {
            Surface::Management => MANAGEMENT,
        }
    }

    /// The answer to a refused request, in the form of this API.
    pub(super) fn refusal(self, error: ApiError) -> Reply {
        match self {
            Surface::Management => Reply::from(error),
        }
    }
}
