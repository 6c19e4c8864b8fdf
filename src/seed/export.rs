//! Exports a tenant in the layout of a seed.

use http::Method;
use serde_json::{Map, Value};

use super::references::all;
use crate::api::{Pins, Tenant};
use crate::redaction;
use crate::tenant_file::{List, NOT_SHOWN, Readable, Sections, sections_of};

/// The sections of a tenant. Without secrets, members that hold one have [`NOT_SHOWN`] in its place, and clients have none.
pub(crate) fn export(tenant: &Tenant, with_secrets: bool) -> Sections {
    sections_of(&Source { tenant, with_secrets })
}

impl Tenant {
    /// The same without secrets, as one object.
    pub(crate) fn to_seed(&self) -> Value {
        let sections = export(self, false).into_iter();
        sections.map(|(name, section)| (name.to_owned(), section)).collect::<Map<String, Value>>().into()
    }
}

struct Source<'t> {
    tenant: &'t Tenant,
    with_secrets: bool,
}

impl Readable for Source<'_> {
    fn get(&self, path: &str) -> Option<Value> {
        self.tenant.perform(Method::GET, path, Value::Null, Pins::default()).ok()
    }

    fn list(&self, path: &str, list: List) -> Vec<Value> {
        all(|path| self.get(path), path, list)
    }

    fn documents(&self) -> Vec<String> {
        self.tenant.written_settings()
    }

    fn management_client(&self) -> String {
        self.tenant.management_client().0
    }

    fn management_audience(&self) -> String {
        self.tenant.management_audience()
    }

    fn keep_known(&self, method: Method, path: &str, body: &mut Value) {
        for unknown in Tenant::unknown_members(&method, path, body) {
            unknown.take_from(body);
        }
    }

    fn hide(&self, path: &str, answer: &mut Value) {
        if !self.with_secrets {
            redaction::value(answer, &format!("/api/v2{path}"), NOT_SHOWN);
        }
    }

    fn shows_secrets(&self) -> bool {
        self.with_secrets
    }
}
