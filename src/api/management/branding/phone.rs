//! The common answers of phone providers and phone templates.

use serde_json::json;

use crate::api::call::{Call, Reply};
use crate::api::error::Refusal;
use crate::api::json::object;
use crate::store::Document;

/// A provider or a template that does not exist (recorded for DELETE).
pub(super) const NOT_FOUND: Refusal = Refusal::plain(404, "Notification Resource not found");

/// The view of a provider or a template in answers, with the name of the tenant.
pub(super) fn view(call: &Call<'_>, entity: &Document) -> Document {
    let mut view = Document::clone(entity);
    Document::make_mut(&mut view).extend(object(json!({ "channel": "phone", "tenant": call.names.tenant() })));
    view
}

/// The answer to a test message, which is not sent.
pub(super) fn accepted() -> Reply {
    Reply::of(json!({ "code": 202, "message": "Accepted" }))
}
