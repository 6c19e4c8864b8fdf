//! A client grant as answers show it.

use serde_json::Map;

use crate::store::Document;
use crate::store::views::ClientGrantView;

/// A grant without `scope` while it has every scope (R66).
pub(in crate::api) fn shown_grant(grant: &Document) -> Document {
    if !ClientGrantView(grant).allows_all_scopes() {
        return Document::clone(grant);
    }
    let mut shown = Map::clone(grant);
    shown.remove("scope");
    Document::new(shown)
}
