//! The limits of metadata, which clients, organizations and users share.

use serde_json::{Map, Value};

use super::error::ApiError;

const LONGEST_KEY: usize = 255;

/// Checks the number of entries and the length of their keys, after a PATCH was merged as well. The schema checks the
/// values.
///
/// # Errors
///
/// There are more than `most` entries, or a key is too long.
pub(super) fn check_metadata(owner: &Map<String, Value>, property: &str, most: usize) -> Result<(), ApiError> {
    let Some(metadata) = owner.get(property).and_then(Value::as_object) else { return Ok(()) };
    if metadata.len() > most {
        return Err(ApiError::too_many_properties(property, metadata.len(), most));
    }
    match metadata.keys().map(|key| key.chars().count()).max() {
        Some(longest) if longest > LONGEST_KEY => Err(ApiError::metadata_key_too_long(property, longest, LONGEST_KEY)),
        _ => Ok(()),
    }
}
