//! Regular expressions of schemas, compiled on first use and kept for the life of the process.
//!
//! The engine is a small one that every downstream build compiles in a second. It knows no look-ahead; where the vendor's
//! pattern has one, the schema file names a format instead, and [`formats`](super::formats) says it in code.
//!
//! Only patterns of our own schema files come here, so the cache cannot grow beyond those files.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex_lite::Regex;

/// Whether the pattern is found anywhere in the text.
///
/// # Panics
///
/// When the pattern does not compile: it is ours.
pub(super) fn occurs(pattern: &str, text: &str) -> bool {
    compiled(pattern).is_match(text)
}

/// What `\S` is to the vendor: nothing that Unicode calls a blank, where this engine knows the blanks of ASCII only.
const NOT_BLANK: &str = "[^\\s\u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}]";

fn compiled(pattern: &str) -> Arc<Regex> {
    static COMPILED: OnceLock<Mutex<HashMap<String, Arc<Regex>>>> = OnceLock::new();
    let cache = COMPILED.get_or_init(Mutex::default);
    // A panic below leaves the map as it was, so a poisoned lock is still good.
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
