//! ECMAScript patterns, compiled when first needed and kept for the life of the process.
//!
//! Only patterns of our own schema files come here, so the cache cannot grow beyond those files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regress::Regex;

/// Whether the pattern is found anywhere in the text.
///
/// # Panics
///
/// When the pattern does not compile: it is ours.
pub(super) fn occurs(pattern: &str, text: &str) -> bool {
    compiled(pattern).find(text).is_some()
}

fn compiled(pattern: &str) -> Arc<Regex> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<Regex>>>> = OnceLock::new();
    let cache = COMPILED.get_or_init(Mutex::default);
    // A panic below leaves the map as it was, so a poisoned lock is still good.
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = cache.get(pattern) {
        return Arc::clone(regex);
    }
    // The flag `u` counts characters rather than UTF-16 halves, as JSON Schema asks for.
    let regex = match Regex::with_flags(pattern, "u").or_else(|_| Regex::new(pattern)) {
        Ok(regex) => Arc::new(regex),
        Err(error) => panic!("the pattern {pattern:?} of a schema file does not compile: {error}"),
    };
    cache.insert(pattern.to_owned(), Arc::clone(&regex));
    regex
}
