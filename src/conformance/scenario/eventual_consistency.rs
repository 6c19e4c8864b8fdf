//! Eventual consistency: the reads of a tenant that may lag behind its data, and the pauses before they are repeated.
//!
//! Searched lists come from an index that follows the tenant's data with a delay. The vendor's reference documents this for
//! `GET /clients?q=…`, for users, for the members of an organization, and for the log.

use std::time::Duration;

/// How to repeat a read.
#[derive(Clone)]
pub(super) enum Retry {
    /// One request.
    Request { authorization: Option<String>, path: String },
    /// All pages of a list.
    Pages { path: String },
}

/// Whether a read of this path of the Management API may lag behind.
pub(super) fn may_lag(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let searches = query.split('&').any(|parameter| parameter.starts_with("q="));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    searches || matches!(parts[..], ["users"] | ["logs"] | ["users", _, "logs"] | ["organizations", _, "members"])
}

/// The pauses before each repetition of a read: short ones first, and together exactly `lag`. The time of the requests
/// themselves does not count, so a slow machine repeats them as often as a fast one.
pub(super) fn pauses(lag: Duration) -> impl Iterator<Item = Duration> {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(2);
    let (mut left, mut next) = (lag, FIRST);
    std::iter::from_fn(move || {
        let pause = next.min(left);
        left -= pause;
        next = (next * 2).min(LONGEST);
        (!pause.is_zero()).then_some(pause)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_pauses_grow_and_are_together_as_long_as_the_lag() {
        let pauses = |milliseconds| -> Vec<u128> {
            pauses(Duration::from_millis(milliseconds)).map(|pause| pause.as_millis()).collect()
        };
        assert_eq!(pauses(0), []);
        assert_eq!(pauses(1000), [100, 200, 400, 300]);
        assert_eq!(pauses(7000), [100, 200, 400, 800, 1600, 2000, 1900]);
        assert_eq!(pauses(60_000).iter().sum::<u128>(), 60_000);
    }

    #[rstest]
    #[case::a_search("/clients?q=client_grant.organization_id:org_1", true)]
    #[case::a_search_among_parameters("/clients?take=2&q=client_grant.organization_id:org_1", true)]
    #[case::a_list("/clients?per_page=2", false)]
    #[case::another_parameter("/clients?quality=1", false)]
    #[case::users("/users?per_page=1", true)]
    #[case::a_user("/users/auth0%7C1", false)]
    #[case::the_log("/logs", true)]
    #[case::the_log_of_a_user("/users/auth0%7C1/logs", true)]
    #[case::an_entry_of_the_log("/logs/9001", false)]
    #[case::members("/organizations/org_1/members?take=1", true)]
    #[case::roles_of_a_member("/organizations/org_1/members/auth0%7C1/roles", false)]
    fn a_read_may_lag(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(may_lag(path), expected);
    }
}
