//! Token quotas: how many tokens an application or an organization may be given in an hour and in a day ("Token
//! Quotas").
//!
//! A quota has up to two buckets. A [`Usage`] counts the tokens that were taken; a quota and its usage are an
//! [`Account`]. Nothing here reads the clock or looks anything up.

use serde::{Deserialize, Serialize};

/// The owner of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The requesting client.
    Client,
    /// The organization that the token is for.
    Organization,
}

/// The window of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    /// From one full UTC hour to the next.
    Hour,
    /// From one UTC midnight to the next.
    Day,
}

impl Window {
    /// The name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Window::Hour => "per_hour",
            Window::Day => "per_day",
        }
    }

    const fn seconds(self) -> i64 {
        match self {
            Window::Hour => 3_600,
            Window::Day => 86_400,
        }
    }

    /// The number of the window that contains a moment (R99). Unix time has no leap seconds, so hours and days begin at
    /// multiples of their length.
    const fn number(self, now: i64) -> i64 {
        now.div_euclid(self.seconds())
    }

    /// Seconds until the next window begins; at least one.
    const fn remaining(self, now: i64) -> i64 {
        self.seconds() - now.rem_euclid(self.seconds())
    }
}

/// The limits of a quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Tokens in an hour, if that is limited.
    pub per_hour: Option<u32>,
    /// Tokens in a day, if that is limited.
    pub per_day: Option<u32>,
    /// Whether a used-up bucket refuses tokens, or is only reported (R101).
    pub enforce: bool,
}

/// The tokens taken in the latest hour and in the latest day with a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Usage {
    hour: Count,
    day: Count,
}

/// Tokens, and the number of the window that they belong to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    window: i64,
    tokens: u32,
}

impl Count {
    /// The tokens taken in the current window.
    fn tokens(self, window: Window, now: i64) -> u32 {
        if self.window == window.number(now) { self.tokens } else { 0 }
    }

    fn one_more(self, window: Window, now: i64) -> Count {
        Count { window: window.number(now), tokens: self.tokens(window, now).saturating_add(1) }
    }
}

/// A limited window of an account, at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    /// Which window.
    pub window: Window,
    /// Its size in tokens.
    pub quota: u32,
    /// Tokens that are left.
    pub remaining: u32,
    /// Seconds until it is full again.
    pub reset_in: i64,
}

/// A quota and its usage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    /// The quota.
    pub quota: Quota,
    /// The usage.
    pub usage: Usage,
}

impl Account {
    /// The limited windows, the hour first.
    pub(crate) fn buckets(&self, now: i64) -> impl DoubleEndedIterator<Item = Bucket> + use<> {
        let bucket = |window: Window, quota: Option<u32>, count: Count| {
            quota.map(|quota| Bucket {
                window,
                quota,
                remaining: quota.saturating_sub(count.tokens(window, now)),
                reset_in: window.remaining(now),
            })
        };
        let hour = bucket(Window::Hour, self.quota.per_hour, self.usage.hour);
        let day = bucket(Window::Day, self.quota.per_day, self.usage.day);
        hour.into_iter().chain(day)
    }

    /// The used-up bucket, if there is one. Of two it is the day, because no token is available before the day ends.
    pub(crate) fn used_up(&self, now: i64) -> Option<Bucket> {
        self.buckets(now).rev().find(|bucket| bucket.remaining == 0)
    }

    fn one_more(self, now: i64) -> Account {
        let hour = self.usage.hour.one_more(Window::Hour, now);
        let day = self.usage.day.one_more(Window::Day, now);
        Account { usage: Usage { hour, day }, ..self }
    }
}

/// The accounts that a token is taken from: one for each quota that applies (R98).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Accounts {
    /// The client's, if it has a quota.
    pub client: Option<Account>,
    /// The organization's, if one applies and has a quota.
    pub organization: Option<Account>,
}

/// The result of taking a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// The token is counted in every account. These are the accounts afterwards.
    Granted(Accounts),
    /// An enforced bucket of this owner is used up (R100), and nothing is counted anywhere.
    Exceeded(Owner, Bucket),
}

/// Takes one token.
pub(crate) fn take(accounts: Accounts, now: i64) -> Taken {
    for (owner, account) in [(Owner::Client, accounts.client), (Owner::Organization, accounts.organization)] {
        let enforced = account.filter(|account| account.quota.enforce);
        if let Some(bucket) = enforced.and_then(|account| account.used_up(now)) {
            return Taken::Exceeded(owner, bucket);
        }
    }
    Taken::Granted(Accounts {
        client: accounts.client.map(|account| account.one_more(now)),
        organization: accounts.organization.map(|account| account.one_more(now)),
    })
}

/// A threshold that the usage of a window has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reached {
    /// Which window.
    pub window: Window,
    /// Its size in tokens.
    pub quota: u32,
    /// Tokens that were taken from it.
    pub taken: u32,
    /// The threshold in percent.
    pub percent: u32,
}

/// The thresholds of warnings (R105), in percent.
const WARNINGS: [u32; 3] = [100, 80, 60];

/// The thresholds that the last token of an account reached, whether its quota is enforced or not. If a token reaches
/// several thresholds of one window, the greatest counts.
pub(crate) fn reached(before: &Account, after: &Account, now: i64) -> impl Iterator<Item = Reached> + use<> {
    let buckets = before.buckets(now).zip(after.buckets(now));
    buckets.filter_map(|(before, after)| {
        let taken = after.quota - after.remaining;
        let has = |remaining: u32, percent: u32| {
            u64::from(after.quota - remaining) * 100 >= u64::from(after.quota) * u64::from(percent)
        };
        let new = |percent: &u32| has(after.remaining, *percent) && !has(before.remaining, *percent);
        let percent = WARNINGS.into_iter().find(new)?;
        Some(Reached { window: after.window, quota: after.quota, taken, percent })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Noon of a day in 2026.
    const NOON: i64 = 1_780_315_200;

    fn account(per_hour: Option<u32>, per_day: Option<u32>, enforce: bool) -> Account {
        Account { quota: Quota { per_hour, per_day, enforce }, usage: Usage::default() }
    }

    fn of_client(client: Account) -> Accounts {
        Accounts { client: Some(client), organization: None }
    }

    fn granted(taken: Taken) -> Accounts {
        match taken {
            Taken::Granted(accounts) => accounts,
            Taken::Exceeded(owner, bucket) => panic!("{owner:?} has used up {bucket:?}"),
        }
    }

    #[test]
    fn a_window_has_the_name_of_its_limit() {
        assert_eq!([Window::Hour, Window::Day].map(Window::as_str), ["per_hour", "per_day"]);
    }

    #[test]
    fn without_a_quota_everything_is_granted() {
        assert_eq!(take(Accounts::default(), NOON), Taken::Granted(Accounts::default()));
    }

    // proves R99
    #[test]
    fn an_hour_ends_with_the_utc_hour_and_a_day_with_the_utc_day() {
        let start = of_client(account(Some(1), Some(2), true));
        let once = granted(take(start, NOON + 3_599));
        let used_up = |taken: Taken| match taken {
            Taken::Exceeded(Owner::Client, bucket) => (bucket.window, bucket.reset_in),
            other => panic!("not refused: {other:?}"),
        };
        assert_eq!(used_up(take(once, NOON + 3_599)), (Window::Hour, 1));
        let twice = granted(take(once, NOON + 3_600));
        assert_eq!(used_up(take(twice, NOON + 43_199)), (Window::Day, 1));
        granted(take(twice, NOON + 43_200));
    }

    #[test]
    fn of_two_used_up_buckets_the_day_is_named() {
        let once = granted(take(of_client(account(Some(1), Some(1), true)), NOON));
        assert!(matches!(take(once, NOON), Taken::Exceeded(_, Bucket { window: Window::Day, reset_in: 43_200, .. })));
    }

    #[test]
    fn the_far_ends_of_time_have_windows_too() {
        for now in [i64::MIN, -1, 0, i64::MAX] {
            let once = granted(take(of_client(account(Some(1), Some(1), true)), now));
            assert!(matches!(take(once, now), Taken::Exceeded(Owner::Client, bucket) if bucket.reset_in > 0));
        }
    }

    /// The warnings after this number of tokens: tokens and percent.
    fn warnings(quota: Account, tokens: usize) -> Vec<(u32, u32)> {
        let mut accounts = of_client(quota);
        let mut warnings = Vec::new();
        for _ in 0..tokens {
            let after = granted(take(accounts, NOON));
            let (Some(old), Some(new)) = (accounts.client, after.client) else { panic!("the client has an account") };
            warnings.extend(reached(&old, &new, NOON).map(|reached| (reached.taken, reached.percent)));
            accounts = after;
        }
        warnings
    }

    // proves R105
    #[test]
    fn each_threshold_is_reached_once() {
        assert_eq!(warnings(account(None, Some(10), true), 10), [(6, 60), (8, 80), (10, 100)]);
        assert_eq!(warnings(account(None, Some(7), true), 7), [(5, 60), (6, 80), (7, 100)]);
    }

    #[test]
    fn a_token_that_reaches_several_thresholds_reports_the_greatest() {
        assert_eq!(warnings(account(None, Some(1), true), 1), [(1, 100)]);
        assert_eq!(warnings(account(Some(2), Some(3), true), 2), [(2, 100), (2, 60)]);
    }

    #[test]
    fn a_quota_that_is_not_enforced_reaches_its_thresholds_too() {
        assert_eq!(warnings(account(Some(2), None, false), 5), [(2, 100)]);
    }

    /// A simple model: the times of all tokens, of which the latest ones in the same window count. A window that the
    /// clock leaves starts again when the clock returns.
    #[derive(Default)]
    struct Model {
        given: Vec<i64>,
    }

    impl Model {
        fn taken(&self, seconds: i64, now: i64) -> usize {
            let same = |given: &&i64| given.div_euclid(seconds) == now.div_euclid(seconds);
            self.given.iter().rev().take_while(same).count()
        }

        fn refuses(&self, quota: Option<Quota>, now: i64) -> bool {
            quota.is_some_and(|quota| quota.enforce && self.left(quota, now).contains(&Some(0)))
        }

        fn left(&self, quota: Quota, now: i64) -> [Option<usize>; 2] {
            [(quota.per_hour, 3_600), (quota.per_day, 86_400)]
                .map(|(limit, seconds)| limit.map(|limit| (limit as usize).saturating_sub(self.taken(seconds, now))))
        }
    }

    fn quotas() -> impl Strategy<Value = Option<Quota>> {
        let limit = || proptest::option::of(1_u32..6);
        let quota = (limit(), limit(), any::<bool>());
        proptest::option::of(quota.prop_map(|(per_hour, per_day, enforce)| Quota { per_hour, per_day, enforce }))
    }

    fn same_left(account: Option<Account>, model: &Model, now: i64) -> bool {
        account.is_none_or(|account| {
            let expected: Vec<usize> = model.left(account.quota, now).into_iter().flatten().collect();
            account.buckets(now).map(|bucket| bucket.remaining as usize).eq(expected)
        })
    }

    proptest! {
        #[test]
        fn accounts_behave_like_lists_of_all_tokens(
            client in quotas(),
            organization in quotas(),
            requests in proptest::collection::vec((prop_oneof![
                4 => Just(0_i64), 4 => 0_i64..2_000, 2 => 0_i64..100_000, 1 => -100_000_i64..0
            ], any::<bool>()), 1..60),
        ) {
            let open = |quota: Option<Quota>| quota.map(|quota| Account { quota, usage: Usage::default() });
            let mut accounts = Accounts { client: open(client), organization: open(organization) };
            let (mut of_client, mut of_organization) = (Model::default(), Model::default());
            let mut now = NOON;
            for (step, with_organization) in requests {
                now += step;
                let requested = Accounts { organization: accounts.organization.filter(|_| with_organization), ..accounts };
                let refused = if of_client.refuses(client, now) {
                    Some(Owner::Client)
                } else {
                    (with_organization && of_organization.refuses(organization, now)).then_some(Owner::Organization)
                };
                match take(requested, now) {
                    Taken::Exceeded(owner, bucket) => {
                        prop_assert_eq!(Some(owner), refused);
                        prop_assert_eq!(bucket.remaining, 0);
                    }
                    Taken::Granted(after) => {
                        prop_assert_eq!(refused, None);
                        accounts.client = after.client;
                        of_client.given.push(now);
                        if with_organization {
                            accounts.organization = after.organization;
                            of_organization.given.push(now);
                        }
                    }
                }
                prop_assert!(same_left(accounts.client, &of_client, now));
                prop_assert!(same_left(accounts.organization, &of_organization, now));
            }
        }
    }
}
