//! The pauses between the requests to a shared tenant, as its rate limit asks for them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::Response;

/// The longest pause, whatever the tenant asks for.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause before the same request is sent again, if the tenant refused it because there were too many.
pub(crate) fn pause_before_retry(response: &Response<Bytes>) -> Option<Duration> {
    if response.status() != 429 || is_about_a_quota(response) {
        return None;
    }
    let retry_after = header(response, "retry-after").and_then(|seconds| seconds.parse().ok()).map(Duration::from_secs);
    let wait = retry_after.or_else(|| until_reset(response)).unwrap_or(Duration::from_secs(1));
    Some(wait.min(LONGEST))
}

/// The pause before any other request, if the tenant says that this was the last one for now.
pub(crate) fn pause_after(response: &Response<Bytes>) -> Option<Duration> {
    let is_last = header(response, "x-ratelimit-remaining") == Some("0") && !is_about_a_quota(response);
    is_last.then(|| until_reset(response)).flatten().map(|wait| wait.min(LONGEST))
}

/// Token quotas use the headers of rate limits as well, and a scenario tests them.
fn is_about_a_quota(response: &Response<Bytes>) -> bool {
    ["auth0-client-quota-limit", "auth0-organization-quota-limit"].iter().any(|name| header(response, name).is_some())
}

/// The time to `x-ratelimit-reset`, a second at least, because the header has whole seconds.
fn until_reset(response: &Response<Bytes>) -> Option<Duration> {
    let moment: u64 = header(response, "x-ratelimit-reset")?.parse().ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Some(Duration::from_secs(moment.saturating_sub(now).max(1)))
}

fn header<'r>(response: &'r Response<Bytes>, name: &str) -> Option<&'r str> {
    response.headers().get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, headers: &[(&'static str, &str)]) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = status.try_into().unwrap();
        for (name, value) in headers {
            response.headers_mut().insert(*name, value.parse().unwrap());
        }
        response
    }

    #[test]
    fn a_request_too_many_is_sent_again_when_the_tenant_says_so() {
        let wait =
            |headers: &[(&'static str, &str)]| pause_before_retry(&response(429, headers)).map(|wait| wait.as_secs());
        assert_eq!(wait(&[("retry-after", "3"), ("x-ratelimit-reset", "1")]), Some(3));
        assert_eq!(wait(&[("x-ratelimit-reset", "1")]), Some(1), "a moment that is over");
        assert_eq!(wait(&[("x-ratelimit-reset", "99999999999")]), Some(60));
        assert_eq!(wait(&[]), Some(1));
        assert_eq!(wait(&[("auth0-client-quota-limit", "b=per_day;q=1;r=0;t=60"), ("retry-after", "60")]), None);
        assert_eq!(pause_before_retry(&response(200, &[("retry-after", "3")])), None);
    }

    #[test]
    fn a_pause_follows_the_last_request_for_now() {
        let rest = |remaining: &str| {
            pause_after(&response(200, &[("x-ratelimit-remaining", remaining), ("x-ratelimit-reset", "1")]))
        };
        assert_eq!(rest("0"), Some(Duration::from_secs(1)));
        assert_eq!(rest("1"), None);
        let of_a_quota =
            [("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1"), ("auth0-client-quota-limit", "b=per_day")];
        assert_eq!(pause_after(&response(200, &of_a_quota)), None);
    }
}
