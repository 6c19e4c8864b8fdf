//! The next entries of the tenant's log for a log stream, and the body with them.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::api::management::tenant::log_entry::{entry, kind};
use crate::api::tenant_log::{Event, TenantLog};

/// The most entries of one request.
const MOST_ENTRIES: usize = 100;

/// The version of the published schemas of entries.
const SCHEMA_VERSION: &str = "1.0.0";

/// Entries for a stream.
pub(super) struct Batch {
    /// The entries that its filters accept.
    pub entries: Vec<Arc<Event>>,
    /// The number of the first entry after them.
    pub end: u64,
}

impl Batch {
    /// The entries from this number on that the filters of a stream accept.
    pub(super) fn next(log: &TenantLog, stream: &Map<String, Value>, begin: u64) -> Batch {
        let entries = log.entries();
        let filters = stream.get("filters").and_then(Value::as_array);
        let mut batch = Batch { entries: Vec::new(), end: begin };
        for event in entries.since(begin) {
            batch.end = event.number() + 1;
            if accepts(filters, kind(event)) {
                batch.entries.push(Arc::clone(event));
                if batch.entries.len() == MOST_ENTRIES {
                    break;
                }
            }
        }
        batch
    }

    /// The body in the format of the stream.
    pub(super) fn body(&self, format: Option<&str>, tenant: &str) -> Vec<u8> {
        let items = self.entries.iter().map(|event| {
            let mut data = entry(event, tenant);
            data.remove("_id");
            data.insert("$event_schema".to_owned(), json!({ "version": SCHEMA_VERSION }));
            json!({ "log_id": event.id(), "data": data })
        });
        in_format(format, items.collect()).into_bytes()
    }
}

fn in_format(format: Option<&str>, items: Vec<Value>) -> String {
    match format {
        Some("JSONARRAY") => Value::Array(items).to_string(),
        Some("JSONOBJECT") => json!({ "logs": items }).to_string(),
        _ => items.iter().map(|item| format!("{item}\n")).collect(),
    }
}

/// Whether the filters of a stream accept entries of this type. Without filters, a stream has every entry.
fn accepts(filters: Option<&Vec<Value>>, kind: &str) -> bool {
    let category = category(kind);
    filters.is_none_or(|filters| filters.iter().any(|filter| filter.get("name").is_some_and(|name| name == category)))
}

/// The category of a type ("Log Stream Filters", documented; `fapi` is assumed). It has the types that m2mock writes.
fn category(kind: &str) -> &'static str {
    match kind {
        "seccft" => "auth.token_exchange.success",
        "feccft" => "auth.token_exchange.fail",
        "sapi" => "management.success",
        "fapi" => "management.fail",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_format_of_its_stream() {
        let items = || vec![json!({ "log_id": "1" }), json!({ "log_id": "2" })];
        assert_eq!(in_format(None, items()), "{\"log_id\":\"1\"}\n{\"log_id\":\"2\"}\n");
        assert_eq!(in_format(Some("JSONLINES"), items()), in_format(None, items()));
        assert_eq!(in_format(Some("JSONARRAY"), items()), r#"[{"log_id":"1"},{"log_id":"2"}]"#);
        assert_eq!(in_format(Some("JSONOBJECT"), items()), r#"{"logs":[{"log_id":"1"},{"log_id":"2"}]}"#);
    }

    #[test]
    fn a_filter_accepts_the_types_of_its_category() {
        let filters = vec![json!({ "type": "category", "name": "management.fail" }), json!({})];
        assert!(accepts(None, "seccft") && accepts(Some(&filters), "fapi"));
        assert!(!accepts(Some(&filters), "sapi") && !accepts(Some(&filters), "token_quota_consumption_warning"));
    }
}
