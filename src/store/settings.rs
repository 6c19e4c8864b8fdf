//! Settings documents by their paths: `/tenants/settings` and others.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::document::Document;

/// The stored settings documents. A path without one has the defaults of its operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    documents: BTreeMap<String, Document>,
}

impl Settings {
    /// The path of the tenant's settings, which many rules read.
    pub(crate) const TENANT: &'static str = "/tenants/settings";

    /// The document at a path below `/api/v2`.
    pub(crate) fn get(&self, path: &str) -> Option<&Document> {
        self.documents.get(path)
    }

    /// Writes the document at a path.
    pub(crate) fn set(&mut self, path: &str, document: Document) {
        self.documents.insert(path.to_owned(), document);
    }

    /// Removes the document at a path and returns it.
    pub(crate) fn remove(&mut self, path: &str) -> Option<Document> {
        self.documents.remove(path)
    }

    /// Removes the documents whose paths begin with this text: those of an entity that is deleted.
    pub(crate) fn remove_below(&mut self, start: &str) {
        self.documents.retain(|path, _| !path.starts_with(start));
    }

    /// The settings of the tenant.
    pub(crate) fn tenant(&self) -> &Document {
        static NONE: LazyLock<Document> = LazyLock::new(Document::default);
        self.get(Self::TENANT).unwrap_or(&NONE)
    }

    /// Every stored document, by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Document)> {
        self.documents.iter().map(|(path, document)| (path.as_str(), document))
    }
}
