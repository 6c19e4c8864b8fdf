//! Which answers of a tenant may lag behind what was done before.
//!
//! Lists that are searched come from an index that follows the tenant's data after a while. The references of the vendor say so
//! of `GET /clients?q=…`, of users, of the members of an organization, and of the log.

use std::time::Duration;

/// How to ask for an answer again.
#[derive(Clone)]
pub(crate) enum Again {
    /// One request.
    Answer { authorization: Option<String>, path: String },
    /// All pages of a list.
    Pages { path: String },
}

/// Whether what is read at this path of the Management API may lag behind.
pub(crate) fn lags(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let searches = query.split('&').any(|parameter| parameter.starts_with("q="));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    searches || matches!(parts[..], ["users"] | ["logs"] | ["users", _, "logs"] | ["organizations", _, "members"])
}

/// The pauses before each further look at an answer that may lag: short ones first, and together exactly `lag`. How long the
/// requests themselves take does not count, so a slow machine looks as often as a fast one.
pub(crate) fn pauses(lag: Duration) -> impl Iterator<Item = Duration> {
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
    fn an_answer_may_lag(#[case] path: &str, #[case] expected: bool) {
        assert_eq!(lags(path), expected);
    }
}
