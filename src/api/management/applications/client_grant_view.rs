//! The view of a client grant in answers.

use serde_json::Map;

use crate::store::Document;
use crate::store::views::ClientGrantView;

/// The grant; without `scope` if it allows all scopes (R66).
pub(in crate::api) fn grant_view(grant: &Document) -> Document {
    if !ClientGrantView(grant).allows_all_scopes() {
        return Document::clone(grant);
    }
    let mut view = Map::clone(grant);
    view.remove("scope");
    Document::new(view)
}
