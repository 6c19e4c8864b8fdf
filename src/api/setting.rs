//! Settings documents as declarations: one document at a path, with defaults until it is written.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::call::{Call, Reply};
use super::error::{ApiError, Refusal};
use super::fields::{Fields, fields_of, hide};
use super::resource::{Admit, Defaults};
use crate::store::Document;
use crate::store::document::{merge, patch};

/// The behaviour of the operations on one settings document. The document is identified by its concrete path.
pub(super) struct Setting {
    /// The path that identifies the document, if several paths have the same document.
    pub path: Option<&'static str>,
    /// The result of a read before the document is first written.
    pub absent: Absent,
    /// The kind of an update: it changes members of the document, or replaces the document.
    pub change: Change,
    /// Members that no answer has.
    pub hidden: &'static [&'static str],
    /// Rules that come before everything else.
    pub admit: Option<Admit>,
    /// Changes the body before it is applied, or refuses it.
    pub prepare: Option<Prepare>,
    /// Completes the document before it is stored.
    pub complete: Option<fn(&mut Map<String, Value>)>,
    /// Applies the effects of the stored document elsewhere.
    pub stored: Option<fn(&mut Call<'_>)>,
    /// The document for a read.
    pub show: Option<fn(&mut Map<String, Value>)>,
}

/// The result of a read before a document is first written.
pub(super) enum Absent {
    /// These members.
    Defaults(&'static Defaults),
    /// An empty object.
    Empty,
    /// Nothing: the read is refused.
    Refuse(Refusal),
}

/// The kind of an update. `null` removes a member.
#[derive(Clone, Copy)]
pub(super) enum Change {
    /// Objects are merged at every depth.
    Merge,
    /// Each member of the request is replaced.
    Members,
}

/// Changes the body of an update, or refuses it.
pub(super) type Prepare = fn(&Call<'_>, &mut Map<String, Value>) -> Result<(), ApiError>;

impl Setting {
    /// A document without special rules, whose updates replace each member of the request.
    pub(super) const fn new(absent: Absent) -> Self {
        Setting {
            path: None,
            absent,
            change: Change::Members,
            hidden: &[],
            admit: None,
            prepare: None,
            complete: None,
            stored: None,
            show: None,
        }
    }

    /// Answers the document.
    pub(super) fn read(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let mut document = self.document(call)?;
        if let Some(show) = self.show {
            show(Document::make_mut(&mut document));
        }
        hide(&mut document, self.hidden);
        Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &document)))
    }

    /// Updates the document and answers it.
    pub(super) fn update(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let mut changes = std::mem::take(&mut call.body);
        if let Some(prepare) = self.prepare {
            prepare(call, &mut changes)?;
        }
        let mut document = Map::clone(&*self.document(call)?);
        match self.change {
            Change::Merge => merge(&mut document, changes),
            Change::Members => patch(&mut document, changes),
        }
        self.store(call, document)
    }

    /// Replaces the document and answers it.
    pub(super) fn replace(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let mut document = std::mem::take(&mut call.body);
        if let Some(prepare) = self.prepare {
            prepare(call, &mut document)?;
        }
        self.store(call, document)
    }

    /// Deletes the document, written or not. A read then gives the same as before the document was first written.
    pub(super) fn remove(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let path = self.path(call);
        call.state.settings.remove(&path);
        Ok(Reply::empty())
    }

    fn store(&self, call: &mut Call<'_>, mut document: Map<String, Value>) -> Result<Reply, ApiError> {
        if let Some(complete) = self.complete {
            complete(&mut document);
        }
        let mut document = Document::new(document);
        let path = self.path(call);
        call.state.settings.set(&path, Document::clone(&document));
        if let Some(stored) = self.stored {
            stored(call);
        }
        hide(&mut document, self.hidden);
        Ok(Reply::json(&document))
    }

    fn path(&self, call: &Call<'_>) -> Cow<'static, str> {
        self.path.map_or_else(|| Cow::Owned(call.path()), Cow::Borrowed)
    }

    fn document(&self, call: &Call<'_>) -> Result<Document, ApiError> {
        match (call.state.settings.get(&self.path(call)), &self.absent) {
            (Some(written), _) => Ok(Document::clone(written)),
            (None, Absent::Defaults(defaults)) => Ok(Document::new(Map::clone(defaults))),
            (None, Absent::Empty) => Ok(Document::default()),
            (None, Absent::Refuse(refusal)) => Err((*refusal).into()),
        }
    }
}
