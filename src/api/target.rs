//! The target of a request, resolved once from its method and path, for faults, limits, routing and the journal.

use bytes::Bytes;
use http::{Method, Request};

use super::authentication::endpoint::{self, Endpoint};
use super::authentication::token_request::ParsedTokenRequest;
use super::operation::Operation;
use super::request::below_management;
use super::routes::{self, Route};

/// The target of a request.
pub(super) enum Target<'r> {
    /// The Management API: one of its operations, or none that is modelled.
    Management(Option<Route>),
    /// The token endpoint.
    Token(Box<ParsedTokenRequest<'r>>),
    /// Another endpoint of the Authentication API, or none that is modelled.
    Endpoint(Option<&'static Endpoint>),
}

impl<'r> Target<'r> {
    pub(super) fn of(request: &'r Request<Bytes>) -> Self {
        let path = request.uri().path();
        if let Some(path) = below_management(path) {
            return Target::Management(routes::find(method(request), path));
        }
        match endpoint::find(request.method().as_str(), path) {
            Some(endpoint) if endpoint.is_token() => Target::Token(Box::new(ParsedTokenRequest::read(request))),
            endpoint => Target::Endpoint(endpoint),
        }
    }

    /// The request for a token, if it is one.
    pub(super) fn token(self) -> Option<ParsedTokenRequest<'r>> {
        match self {
            Target::Token(request) => Some(*request),
            Target::Management(_) | Target::Endpoint(_) => None,
        }
    }

    /// The operation of the Management API.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        match self {
            Target::Management(route) => route.as_ref().map(|route| route.operation),
            Target::Token(_) | Target::Endpoint(_) => None,
        }
    }
}

/// The method of a request. HEAD is answered as GET; the edge leaves the body out.
pub(super) fn method(request: &Request<Bytes>) -> &str {
    if request.method() == Method::HEAD { "GET" } else { request.method().as_str() }
}
