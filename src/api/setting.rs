//! Settings documents as declarations: one document at a path, with defaults until it is written.

use serde_json::{Map, Value};

use super::call::{Call, Reply};
use super::error::ApiError;
use super::fields::{Fields, fields_of};
use super::resource::Defaults;
use crate::store::Document;
use crate::store::document::merge;

/// What the operations of one settings document do. The document is identified by its concrete path.
pub(super) struct Setting {
    /// The document before it is first written.
    pub defaults: &'static Defaults,
    /// Changes the body before it is applied, or refuses it.
    pub prepare: Option<Prepare>,
    /// Completes the document before it is stored.
    pub complete: Option<fn(&mut Map<String, Value>)>,
    /// What the stored document changes elsewhere.
    pub stored: Option<fn(&mut Call<'_>)>,
    /// The document as a read shows it.
    pub show: Option<fn(&mut Map<String, Value>)>,
}

/// Changes the body of an update, or refuses it.
pub(super) type Prepare = fn(&Call<'_>, &mut Map<String, Value>) -> Result<(), ApiError>;

impl Setting {
    /// Answers the document.
    pub(super) fn read(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let mut document = self.document(call);
        if let Some(show) = self.show {
            show(Document::make_mut(&mut document));
        }
        Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &document)))
    }

    /// Updates the document and answers it. Objects are merged at every depth; `null` removes a member.
    pub(super) fn update(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let mut changes = std::mem::take(&mut call.body);
        if let Some(prepare) = self.prepare {
            prepare(call, &mut changes)?;
        }
        let mut document = self.document(call);
        let members = Document::make_mut(&mut document);
        merge(members, changes);
        if let Some(complete) = self.complete {
            complete(members);
        }
        call.state.settings.set(&call.path(), Document::clone(&document));
        if let Some(stored) = self.stored {
            stored(call);
        }
        Ok(Reply::json(&document))
    }

    fn document(&self, call: &Call<'_>) -> Document {
        let written = call.state.settings.get(&call.path());
        written.cloned().unwrap_or_else(|| Document::new(Map::clone(self.defaults)))
    }
}
