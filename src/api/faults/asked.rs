//! What a request asks for, as far as faults go by it.

use bytes::Bytes;
use http::{Method, Request};

use super::fault::{Fault, Operation};
use crate::api::authentication::Named;
use crate::api::authentication::endpoint::{self, Endpoint};
use crate::api::{Tenant, authentication, below_management, gate};
use crate::store::Kind;
use crate::store::document::text;

/// Operation and caller of a request.
#[derive(Default)]
pub(super) struct Asked {
    path: String,
    /// The endpoint of the Authentication API.
    endpoint: Option<&'static Endpoint>,
    /// The row of the Management API.
    row: Option<(&'static str, &'static str)>,
    client_id: Option<String>,
    audience: Option<String>,
    /// The names of the organization: as it was sent, its id, its name.
    organization: Vec<String>,
}

impl Asked {
    /// `who` says whether the caller matters: reading it takes longer than the rest.
    pub(super) fn of(tenant: &Tenant, request: &Request<Bytes>, who: bool) -> Asked {
        let method = if request.method() == Method::HEAD { "GET" } else { request.method().as_str() };
        let path = request.uri().path();
        let row = below_management(path).and_then(|path| gate::row(method, path));
        let asked = Asked { path: path.to_owned(), endpoint: endpoint::find(method, path), row, ..Asked::default() };
        match below_management(path) {
            _ if !who => asked,
            Some(_) => Asked { client_id: gate::caller(tenant, request), ..asked },
            None if asked.is_for_a_token() => {
                let Named { client_id, audience, organization } = authentication::named(request);
                let organization = organization.map(|sent| names(tenant, sent)).unwrap_or_default();
                Asked { client_id, audience, organization, ..asked }
            }
            None => asked,
        }
    }

    fn is_for_a_token(&self) -> bool {
        self.endpoint.is_some_and(Endpoint::is_token)
    }

    /// As the journal names it.
    pub(super) fn operation_name(&self) -> Option<String> {
        self.row.map(|(method, path)| format!("{method} {path}"))
    }

    pub(super) fn fits(&self, fault: &Fault) -> bool {
        let is = |expected: &Option<String>, given: &Option<String>| expected.is_none() || expected == given;
        self.is_one_of(&fault.operation)
            && is(&fault.client_id, &self.client_id)
            && is(&fault.audience, &self.audience)
            && fault.organization.as_ref().is_none_or(|expected| self.organization.contains(expected))
    }

    fn is_one_of(&self, operation: &Operation) -> bool {
        match operation {
            Operation::Any => true,
            Operation::Token => self.is_for_a_token(),
            Operation::Management => below_management(&self.path).is_some(),
            Operation::Published { path } => self.endpoint.is_some_and(|endpoint| endpoint.path == *path),
            Operation::Row { method, row, path } => {
                self.row == Some((*method, *row))
                    && below_management(&self.path).is_some_and(|asked| {
                        path.split('/')
                            .zip(asked.split('/'))
                            .all(|(named, asked)| named.starts_with('{') || named == asked)
                    })
            }
        }
    }
}

fn names(tenant: &Tenant, sent: String) -> Vec<String> {
    let state = tenant.state();
    let found = state[Kind::Organization].get(&sent).or_else(|| state[Kind::Organization].find("name", &sent));
    let names = found.into_iter().flat_map(|organization| ["id", "name"].map(|key| text(organization, key)));
    let mut names: Vec<String> = names.flatten().map(str::to_owned).collect();
    names.push(sent);
    names
}
