//! A row of the Management API: method, path, scopes, schemas and the function that answers.

use std::sync::LazyLock;

use super::addressed::Addressed;
use super::call::{Call, Reply};
use super::error::ApiError;
use crate::domain::Names;
use crate::schema::Schemas;
use crate::store::State;

/// The operations of one resource: one Rust file with its rows, one schema file beside it.
pub struct Family {
    /// The bodies, queries and paths that the rows name, read from the file on first use.
    pub schemas: &'static LazyLock<Schemas>,
    /// The rows. Of two that fit a path the earlier one answers.
    pub operations: &'static [Operation],
}

/// What answers an operation once the request has passed the gate.
pub type Handler = fn(&mut Call<'_>) -> Result<Reply, ApiError>;

/// Whether the entity that a path names takes fewer members than others do.
pub type TakesFewer = fn(&State, &Names, &[(&'static str, String)]) -> bool;

/// One method and path of the published API.
#[derive(Clone, Copy)]
pub struct Operation {
    /// HTTP method.
    pub method: &'static str,
    /// Path below `/api/v2`, parameters in braces.
    pub path: &'static str,
    /// Scopes, of which any one is enough.
    pub scopes: &'static [&'static str],
    /// Status of success.
    pub success: u16,
    /// Name of the query schema; without one no parameter is accepted.
    pub query: Option<&'static str>,
    /// Name of the body schema; without one a body is ignored.
    pub body: Option<&'static str>,
    /// Name of the body schema for the entities that take fewer members, and which entities these are.
    pub smaller_body: Option<(&'static str, TakesFewer)>,
    /// Whether the body is a form with a file in it rather than JSON.
    pub multipart: bool,
    /// Name of the path schema.
    pub parameters: Option<&'static str>,
    /// What in path, query, body and answer contains the tenant's address.
    pub addressed: &'static [Addressed],
    /// What answers.
    pub run: Handler,
}

impl Operation {
    const fn new(
        method: &'static str,
        success: u16,
        path: &'static str,
        scopes: &'static [&'static str],
        run: Handler,
    ) -> Self {
        Operation {
            method,
            path,
            scopes,
            success,
            query: None,
            body: None,
            smaller_body: None,
            multipart: false,
            parameters: None,
            addressed: &[],
            run,
        }
    }

    /// A row that answers 200.
    pub const fn get(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("GET", 200, path, scopes, run)
    }

    /// A row that answers 201.
    pub const fn post(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("POST", 201, path, scopes, run)
    }

    /// A row that answers 200.
    pub const fn patch(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("PATCH", 200, path, scopes, run)
    }

    /// A row that answers 200.
    pub const fn put(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("PUT", 200, path, scopes, run)
    }

    /// A row that answers 204.
    pub const fn delete(path: &'static str, scopes: &'static [&'static str], run: Handler) -> Self {
        Self::new("DELETE", 204, path, scopes, run)
    }

    /// Answers with another status.
    pub const fn success(mut self, status: u16) -> Self {
        self.success = status;
        self
    }

    /// Reads its query by this schema.
    pub const fn query(mut self, name: &'static str) -> Self {
        self.query = Some(name);
        self
    }

    /// Checks its body by this schema.
    pub const fn body(mut self, name: &'static str) -> Self {
        self.body = Some(name);
        self
    }

    /// Checks its body by this schema where the entity takes fewer members than others.
    pub const fn smaller_body(mut self, name: &'static str, applies: TakesFewer) -> Self {
        self.smaller_body = Some((name, applies));
        self
    }

    /// Reads a form with a file in it, and checks it by this schema.
    pub const fn form(mut self, name: &'static str) -> Self {
        self.body = Some(name);
        self.multipart = true;
        self
    }

    /// Checks its path parameters by this schema.
    pub const fn parameters(mut self, name: &'static str) -> Self {
        self.parameters = Some(name);
        self
    }

    /// Has these members, which contain the tenant's address, under the name that the caller used.
    pub const fn addressed(mut self, members: &'static [Addressed]) -> Self {
        self.addressed = members;
        self
    }

    /// The path parameters by name, if this row is meant by the decoded segments of a path.
    pub fn fits(&self, method: &str, segments: &[String]) -> Option<Vec<(&'static str, String)>> {
        if self.method != method {
            return None;
        }
        let mut parameters = Vec::new();
        let mut given = segments.iter();
        for expected in self.path.split('/').skip(1) {
            let segment = given.next()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(_) if segment.is_empty() => return None,
                Some(name) => parameters.push((name, segment.clone())),
                None if expected == segment => {}
                None => return None,
            }
        }
        given.next().is_none().then_some(parameters)
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, Reply};

    fn segments(path: &str) -> Vec<String> {
        path.split('/').skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn a_row_fits_its_own_paths_only() {
        let row = Operation::get("/organizations/{id}/client-grants", &[], |_| Ok(Reply::empty()));
        let fits = |method: &str, path: &str| row.fits(method, &segments(path));
        assert_eq!(fits("GET", "/organizations/org_1/client-grants"), Some(vec![("id", "org_1".to_owned())]));
        assert_eq!(fits("POST", "/organizations/org_1/client-grants"), None);
        assert_eq!(fits("GET", "/organizations/org_1"), None);
        assert_eq!(fits("GET", "/organizations//client-grants"), None);
        assert_eq!(fits("GET", "/organizations/org_1/client-grants/cgr_1"), None);
    }
}
