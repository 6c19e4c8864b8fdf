//! Regular expressions of schemas, compiled on first use and kept for the life of the process.
//!
//! The engine is small: a downstream build compiles it in a second. It has no look-ahead. If the vendor's pattern has
//! one, the schema file names a format instead, whose check is in [`formats`](super::formats).
//!
//! All patterns are from the schema files of this crate, which bound the cache.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_lite::Regex;

/// Whether the pattern is found anywhere in the text.
///
/// # Panics
///
/// The pattern does not compile: a schema file of this crate is wrong.
pub(super) fn occurs(pattern: &str, text: &str) -> bool {
    compiled(pattern).is_match(text)
}

/// The vendor's `\S`, which excludes every blank of Unicode; that of this engine excludes only ASCII blanks.
const NOT_BLANK: &str = "[^\\s\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}]";

fn compiled(pattern: &str) -> Arc<Regex> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<Regex>>>> = OnceLock::new();
    let cache = COMPILED.get_or_init(Mutex::default);
    // A panic below does not change the map, so a poisoned lock is usable.
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = cache.get(pattern) {
        return Arc::clone(regex);
    }
    let regex = match Regex::new(&pattern.replace(r"\S", NOT_BLANK)) {
        Ok(regex) => Arc::new(regex),
        Err(error) => panic!("the pattern {pattern:?} of a schema file does not compile: {error}"),
    };
    cache.insert(pattern.to_owned(), Arc::clone(&regex));
    regex
}
