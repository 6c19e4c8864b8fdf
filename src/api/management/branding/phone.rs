//! The answers that phone providers and templates have in common.

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::Refusal;
use crate::api::json::object;
use crate::store::Document;

/// A provider or a template that does not exist (recorded for DELETE).
pub(super) const NOT_FOUND: Refusal = Refusal::plain(404, "Notification Resource not found");

/// A provider or a template as answers show it, with the name of the tenant.
pub(super) fn shown(call: &Call<'_>, entity: &Document) -> Document {
    let mut shown = Document::clone(entity);
    Document::make_mut(&mut shown).extend(object(json!({ "channel": "phone", "tenant": call.names.tenant() })));
    shown
}

/// The answer to a test message, which is not sent.
pub(super) fn accepted() -> Reply {
    Reply::of(json!({ "code": 202, "message": "Accepted" }))
}
