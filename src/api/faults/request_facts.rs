//! The facts of a request that decide which fault applies to it.

use bytes::Bytes;
use http::Request;

use super::fault::{Fault, OperationFilter};
use crate::api::gate;
use crate::api::surface::Surface;
use crate::api::target::Target;
use crate::api::tenant::Tenant;
use crate::store::Kind;
use crate::store::document::text;

/// Operation and caller of a request.
pub(super) struct RequestFacts<'r> {
    path: &'r str,
    target: &'r Target<'r>,
    client_id: Option<String>,
    audience: Option<String>,
    /// The names of the organization: as it was sent, its id, its name.
    organization: Vec<String>,
}

impl<'r> RequestFacts<'r> {
    /// `who` says whether the caller matters: reading it takes longer than the rest.
    pub(super) fn of(tenant: &Tenant, request: &'r Request<Bytes>, target: &'r Target<'r>, who: bool) -> Self {
        let path = request.uri().path();
        let facts = RequestFacts { path, target, client_id: None, audience: None, organization: Vec::new() };
        match target {
            _ if !who => facts,
            Target::Operation(surface, _) => {
                RequestFacts { client_id: gate::caller(tenant, request, *surface), ..facts }
            }
            Target::Token(token) => RequestFacts {
                client_id: token.client_id(),
                audience: token.text("audience").map(str::to_owned),
                organization: token.text("organization").map(|sent| names(tenant, sent)).unwrap_or_default(),
                ..facts
            },
            Target::Endpoint(_) => facts,
        }
    }

    pub(super) fn fits(&self, fault: &Fault) -> bool {
        let is = |expected: &Option<String>, given: &Option<String>| expected.is_none() || expected == given;
        self.is_one_of(&fault.operation)
            && is(&fault.client_id, &self.client_id)
            && is(&fault.audience, &self.audience)
            && fault.organization.as_ref().is_none_or(|expected| self.organization.contains(expected))
    }

    fn is_one_of(&self, operation: &OperationFilter) -> bool {
        match (operation, self.target) {
            (OperationFilter::Any, _)
            | (OperationFilter::Token, Target::Token(_))
            | (OperationFilter::Management, Target::Operation(Surface::Management, _)) => true,
            (OperationFilter::Published { path }, Target::Endpoint(Some(endpoint))) => endpoint.path == *path,
            (OperationFilter::Row { row, path }, Target::Operation(_, Some(route))) => {
                route.operation == *row
                    && Surface::at(self.path).is_some_and(|(_, sent)| {
                        path.split('/')
                            .zip(sent.split('/'))
                            .all(|(named, sent)| named.starts_with('{') || named == sent)
                    })
            }
            (
                OperationFilter::Token
                | OperationFilter::Management
                | OperationFilter::Published { .. }
                | OperationFilter::Row { .. },
                Target::Operation(..) | Target::Token(_) | Target::Endpoint(_),
            ) => false,
        }
    }
}

fn names(tenant: &Tenant, sent: &str) -> Vec<String> {
    let state = tenant.state();
    let found = state[Kind::Organization].get(sent).or_else(|| state[Kind::Organization].find("name", sent));
    let names = found.into_iter().flat_map(|organization| ["id", "name"].map(|key| text(organization, key)));
    names.flatten().chain([sent]).map(str::to_owned).collect()
}
