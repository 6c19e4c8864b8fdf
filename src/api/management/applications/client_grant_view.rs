//! The view of a client grant in answers.

use serde_json::Map;

use crate::store::Document;
use crate::store::views::ClientGrantView;

/// A grant without `scope` while it has every scope (R66).
pub(in crate::api) fn grant_view(grant: &Document) -> Document {
    if !ClientGrantView(grant).allows_all_scopes() {
        return Document::clone(grant);
    }
    let mut view = Map::clone(grant);
    view.remove("scope");
    Document::new(view)
}
