//! The target of a request, resolved once from its method and path, for faults, limits, routing and the journal.

use bytes::Bytes;
use http::{Method, Request};

use super::authentication::endpoint::{self, Endpoint};
use super::authentication::token_request::ParsedTokenRequest;
use super::operation::Operation;
use super::routes::{self, Route};
use super::surface::Surface;

/// The target of a request.
pub(super) enum Target<'r> {
    /// An API of the service: one of its operations, or none that is modelled.
    Operation(Surface, Option<Route>),
    /// The token endpoint.
    Token(Box<ParsedTokenRequest<'r>>),
    /// Another endpoint of the Authentication API, or none that is modelled.
    Endpoint(Option<&'static Endpoint>),
}

impl<'r> Target<'r> {
    pub(super) fn of(request: &'r Request<Bytes>) -> Self {
        let path = request.uri().path();
        if let Some((surface, path)) = Surface::at(path) {
            let route = routes::find(method(request), &path);
            return Target::Operation(surface, route.filter(|route| Surface::of(route.operation) == surface));
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
            Target::Operation(..) | Target::Endpoint(_) => None,
        }
    }

    /// The operation of an API of the service.
    pub(super) fn operation(&self) -> Option<&'static Operation> {
        match self {
            Target::Operation(_, route) => route.as_ref().map(|route| route.operation),
            Target::Token(_) | Target::Endpoint(_) => None,
        }
    }
}

/// The method of a request. HEAD is answered as GET; the edge leaves the body out.
pub(super) fn method(request: &Request<Bytes>) -> &str {
    if request.method() == Method::HEAD { "GET" } else { request.method().as_str() }
}
