//! The envelope of the lists of members and of invitations.

use serde_json::{Map, Value};

use crate::api::call::{Call, Reply};

/// The count ends at this number (documented in the vendor's Python SDK 2.0.0).
const MOST_COUNTED: usize = 1000;

/// Answers a page, with the cursor of the next one, and with the size of the whole list if the query has `include_totals`.
pub(super) fn reply(
    call: &Call<'_>,
    key: &str,
    items: impl Iterator<Item = Map<String, Value>>,
    next: Option<String>,
    total: usize,
) -> Reply {
    let mut page = Map::from_iter([(key.to_owned(), items.map(Value::Object).collect())]);
    page.extend(next.map(|next| ("next".to_owned(), next.into())));
    if call.query_flag("include_totals") == Some(true) {
        page.insert("total".to_owned(), total.min(MOST_COUNTED).into());
        page.insert("total_is_capped".to_owned(), (total > MOST_COUNTED).into());
    }
    Reply::of(page)
}
