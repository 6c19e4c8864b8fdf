//! The cache of Actions (`api.cache`): texts that an Action stores for later executions of its trigger.
//!
//! The limits are documented ("Actions Limitations"); the codes of refusals are those of the vendor's types. Times are in
//! milliseconds since 1970, on the tenant's clock.

use std::collections::BTreeMap;

/// The maximum length of a key, in bytes.
const LONGEST_KEY: usize = 64;
/// The maximum length of a value, in bytes.
const LONGEST_VALUE: usize = 4 * 1024;
/// The maximum size of all keys and values together, in bytes.
const LARGEST_CACHE: usize = 8 * 1024;
/// The maximum number of records.
const MOST_RECORDS: usize = 20;
/// The lifetime of a record without options.
const DEFAULT_LIFETIME: i64 = 15 * 60 * 1000;
/// The maximum lifetime.
const LONGEST_LIFETIME: i64 = 24 * 60 * 60 * 1000;
/// JavaScript's `Number.MAX_SAFE_INTEGER`.
const LARGEST_NUMBER: f64 = 9_007_199_254_740_991.0;

/// A stored text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CacheRecord {
    pub(crate) value: String,
    pub(crate) expires_at: i64,
}

/// The lifetime that an Action requests, in milliseconds. The earlier one of both counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lifetime {
    pub(crate) ttl: Option<f64>,
    pub(crate) expires_at: Option<f64>,
}

/// The reason why the cache refuses a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheFault {
    KeySizeExceeded,
    ValueSizeExceeded,
    SizeExceeded,
    AlreadyExpired,
    InvalidExpiry,
    NoSuchKey,
}

impl CacheFault {
    /// The `code` of the result.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            CacheFault::KeySizeExceeded => "CacheKeySizeExceeded",
            CacheFault::ValueSizeExceeded => "CacheValueSizeExceeded",
            CacheFault::SizeExceeded => "CacheSizeExceeded",
            CacheFault::AlreadyExpired => "ItemAlreadyExpired",
            CacheFault::InvalidExpiry => "InvalidExpiry",
            CacheFault::NoSuchKey => "CacheKeyDoesNotExist",
        }
    }
}

/// The records of one trigger.
#[derive(Debug, Default)]
pub(crate) struct ActionCache {
    records: BTreeMap<String, CacheRecord>,
}

impl ActionCache {
    /// The record of a key, unless it has expired.
    pub(crate) fn get(&self, key: &str, now: i64) -> Option<&CacheRecord> {
        self.records.get(key).filter(|record| record.expires_at > now)
    }

    /// Stores a text. A refused write changes nothing.
    pub(crate) fn set(
        &mut self,
        key: &str,
        value: &str,
        lifetime: Lifetime,
        now: i64,
    ) -> Result<CacheRecord, CacheFault> {
        if key.len() > LONGEST_KEY {
            return Err(CacheFault::KeySizeExceeded);
        }
        if value.len() > LONGEST_VALUE {
            return Err(CacheFault::ValueSizeExceeded);
        }
        let expires_at = lifetime.end(now)?;
        self.records.retain(|_, record| record.expires_at > now);
        let others = || self.records.iter().filter(|(other, _)| *other != key);
        let size: usize = others().map(|(key, record)| key.len() + record.value.len()).sum();
        if others().count() >= MOST_RECORDS || size + key.len() + value.len() > LARGEST_CACHE {
            return Err(CacheFault::SizeExceeded);
        }
        let record = CacheRecord { value: value.to_owned(), expires_at };
        self.records.insert(key.to_owned(), record.clone());
        Ok(record)
    }

    /// Removes the record of a key.
    pub(crate) fn delete(&mut self, key: &str, now: i64) -> Result<(), CacheFault> {
        let record = self.records.remove(key);
        record.filter(|record| record.expires_at > now).map(|_| ()).ok_or(CacheFault::NoSuchKey)
    }
}

impl Lifetime {
    /// The end of the lifetime, after at most 24 hours.
    fn end(self, now: i64) -> Result<i64, CacheFault> {
        let ttl = self.ttl.map(|ttl| whole(ttl).map(|ttl| now.saturating_add(ttl))).transpose()?;
        let expires_at = self.expires_at.map(whole).transpose()?;
        let end = [ttl, expires_at].into_iter().flatten().min().unwrap_or(now + DEFAULT_LIFETIME);
        if end <= now {
            return Err(CacheFault::AlreadyExpired);
        }
        Ok(end.min(now + LONGEST_LIFETIME))
    }
}

/// A number of JavaScript without its fraction.
fn whole(number: f64) -> Result<i64, CacheFault> {
    if !number.is_finite() || number.abs() > LARGEST_NUMBER {
        return Err(CacheFault::InvalidExpiry);
    }
    #[expect(clippy::cast_possible_truncation, reason = "the number is within the bounds above")]
    Ok(number.floor() as i64)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::CacheFault::{
        AlreadyExpired, InvalidExpiry, KeySizeExceeded, NoSuchKey, SizeExceeded, ValueSizeExceeded,
    };
    use super::{ActionCache, CacheFault, DEFAULT_LIFETIME, LONGEST_LIFETIME, Lifetime};

    const NOW: i64 = 1_780_315_200_000;
    const NO_OPTIONS: Lifetime = Lifetime { ttl: None, expires_at: None };

    // proves ACT5
    #[rstest]
    #[case::default(None, None, Ok(DEFAULT_LIFETIME))]
    #[case::a_ttl(Some(1_000.9), None, Ok(1_000))]
    #[case::a_moment(None, Some(2_000.0), Ok(2_000))]
    #[case::the_earlier_of_both(Some(3_000.0), Some(2_000.0), Ok(2_000))]
    #[case::more_than_a_day(Some(1e12), None, Ok(LONGEST_LIFETIME))]
    #[case::in_the_past(None, Some(-1.0), Err(AlreadyExpired))]
    #[case::no_time_at_all(Some(0.0), None, Err(AlreadyExpired))]
    #[case::no_number(Some(f64::NAN), None, Err(InvalidExpiry))]
    #[case::without_end(None, Some(f64::INFINITY), Err(InvalidExpiry))]
    fn the_lifetime_of_a_record(
        #[case] ttl: Option<f64>,
        #[case] after: Option<f64>,
        #[case] expected: Result<i64, CacheFault>,
    ) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this century are exact")]
        let expires_at = after.map(|after| NOW as f64 + after);
        let stored = ActionCache::default().set("key", "value", Lifetime { ttl, expires_at }, NOW);
        assert_eq!(stored.map(|record| record.expires_at - NOW), expected);
    }

    #[test]
    fn an_expired_record_is_neither_found_nor_deleted_nor_counted() {
        let mut cache = ActionCache::default();
        for number in 0..20 {
            cache.set(&number.to_string(), "value", NO_OPTIONS, NOW).expect("there is room");
        }
        assert_eq!(cache.set("one more", "value", NO_OPTIONS, NOW), Err(SizeExceeded));
        cache.set("7", "other", NO_OPTIONS, NOW).expect("the key exists");
        assert_eq!(cache.get("7", NOW).map(|record| record.value.as_str()), Some("other"));
        let later = NOW + DEFAULT_LIFETIME;
        assert_eq!(cache.get("7", later), None);
        assert_eq!(cache.delete("7", later), Err(NoSuchKey));
        cache.set("one more", "value", NO_OPTIONS, later).expect("the others have expired");
        assert_eq!(cache.delete("one more", later), Ok(()));
        assert_eq!(cache.delete("one more", later), Err(NoSuchKey));
    }

    #[test]
    fn a_key_a_value_and_the_cache_have_a_maximum_size() {
        let mut cache = ActionCache::default();
        let set = |cache: &mut ActionCache, key: &str, length| cache.set(key, &"v".repeat(length), NO_OPTIONS, NOW);
        assert_eq!(set(&mut cache, &"k".repeat(65), 1), Err(KeySizeExceeded));
        assert_eq!(set(&mut cache, "a", 4097), Err(ValueSizeExceeded));
        assert!(set(&mut cache, "a", 4096).is_ok() && set(&mut cache, "b", 4093).is_ok());
        assert_eq!(set(&mut cache, "c", 1), Err(SizeExceeded));
        assert!(set(&mut cache, "b", 4094).is_ok(), "8,192 bytes together");
    }
}
