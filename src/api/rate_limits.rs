//! The vendor's rate limits, which are off by default. The Management API has one bucket; the Authentication API has
//! one for all paths and two for single paths.
//!
//! They come before every other check (management-conventions, "Order of checks"), use the tenant's clock, and count
//! the requests of all callers.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use super::authentication::endpoint;
use super::bucket::Bucket;
use super::surface::Surface;
use crate::domain::Rate;
use crate::domain::clock::LATEST;
use crate::domain::rate_limit::{Level, Rest};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// The buckets of a path. The first one is the narrowest, whose state is in the answer.
fn buckets(path: &str) -> impl Iterator<Item = Bucket> {
    let of_api = match Surface::at(path) {
        Some(_) => Bucket::Management,
        None => Bucket::Authentication,
    };
    endpoint::at(path).and_then(|endpoint| endpoint.bucket).into_iter().chain([of_api])
}

/// The buckets of one tenant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateLimits {
    are_on: bool,
    levels: [Level; 4],
}

/// The result of counting a request.
pub(super) struct Counted {
    /// The headers of the answer.
    pub(super) headers: Headers,
    /// The reason of a refusal, in one sentence for the journal.
    pub(super) refusal: Option<String>,
}

impl RateLimits {
    /// Limits with full buckets.
    pub(super) fn new(are_on: bool) -> Self {
        RateLimits { are_on, ..RateLimits::default() }
    }

    /// Whether imported limits are possible.
    pub(super) fn are_sound(&self) -> bool {
        self.levels.iter().all(|level| level.is_before(LATEST))
    }

    /// The same limits with full buckets.
    pub(super) fn refilled(&self) -> Self {
        RateLimits::new(self.are_on)
    }

    /// The headers of an answer to a request that does not count. `None` if limits are off.
    pub(super) fn shown(&self, path: &str, now: SystemTime) -> Option<Headers> {
        let bucket = buckets(path).next().filter(|_| self.are_on)?;
        Some(Headers::of(bucket.rate(), bucket.rate().rest(self.levels[bucket as usize], since_1970(now))))
    }

    /// Counts a request in all its buckets, or in none if one of them is empty. `None` if limits are off.
    pub(super) fn count(&mut self, path: &str, now: SystemTime) -> Option<Counted> {
        if !self.are_on {
            return None;
        }
        let now = since_1970(now);
        let mut levels = self.levels;
        let mut narrowest = None;
        for bucket in buckets(path) {
            let level = &mut levels[bucket as usize];
            narrowest = narrowest.or(Some(bucket));
            match bucket.rate().take(*level, now) {
                Some(taken) => *level = taken,
                None => {
                    let rate = bucket.rate();
                    let refusal =
                        Some(format!("the rate limit of {} is reached: {} at once", bucket.name(), rate.burst));
                    return Some(Counted { headers: Headers::of(rate, rate.rest(*level, now)), refusal });
                }
            }
        }
        self.levels = levels;
        let bucket = narrowest?;
        let headers = Headers::of(bucket.rate(), bucket.rate().rest(self.levels[bucket as usize], now));
        Some(Counted { headers, refusal: None })
    }
}

/// The three headers of an answer with a limit.
#[derive(Debug)]
pub(super) struct Headers {
    limit: u32,
    remaining: u32,
    /// Whole seconds since 1970.
    reset: u64,
}

impl Headers {
    fn of(rate: Rate, rest: Rest) -> Self {
        let reset = rest.full_at.as_secs() + u64::from(rest.full_at.subsec_nanos() > 0);
        Headers { limit: rate.burst, remaining: rest.remaining, reset }
    }

    /// The headers of a refusal by a fault: the narrowest limit of this path is reached for a second.
    pub(super) fn reached(path: &str, now: SystemTime) -> Self {
        let limit = buckets(path).next().map_or(0, |bucket| bucket.rate().burst);
        Headers { limit, remaining: 0, reset: since_1970(now).as_secs() + 1 }
    }

    /// Adds the headers that an answer lacks. The answer of a used-up quota has its own.
    pub(super) fn add_to(&self, headers: &mut HeaderMap) {
        let values = [(LIMIT, u64::from(self.limit)), (REMAINING, u64::from(self.remaining)), (RESET, self.reset)];
        for (name, value) in values {
            headers.entry(name).or_insert_with(|| HeaderValue::from(value));
        }
    }
}

fn since_1970(moment: SystemTime) -> Duration {
    moment.duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> RateLimits {
        RateLimits::new(true)
    }

    /// How many requests to this path pass at once.
    fn passing(limits: &mut RateLimits, path: &str) -> usize {
        (0..1000)
            .take_while(|_| limits.count(path, UNIX_EPOCH).is_some_and(|counted| counted.refusal.is_none()))
            .count()
    }

    #[test]
    fn the_buckets_are_those_of_the_free_plan() {
        assert_eq!(passing(&mut limits(), "/oauth/token"), 30);
        assert_eq!(passing(&mut limits(), "/.well-known/jwks.json"), 20);
        assert_eq!(passing(&mut limits(), "/.well-known/openid-configuration"), 300);
        assert_eq!(passing(&mut limits(), "/api/v2/clients"), 2);
    }

    #[test]
    fn tokens_and_keys_count_for_the_authentication_api_as_a_whole() {
        let mut limits = limits();
        passing(&mut limits, "/oauth/token");
        passing(&mut limits, "/.well-known/jwks.json");
        assert_eq!(passing(&mut limits, "/.well-known/openid-configuration"), 250);
        // A request that one bucket refuses is not taken from the other.
        assert_eq!(passing(&mut limits, "/api/v2/clients"), 2);
    }

    #[test]
    fn limits_that_are_off_count_nothing() {
        assert!(RateLimits::default().count("/oauth/token", UNIX_EPOCH).is_none());
    }
}
