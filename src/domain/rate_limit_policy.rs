//! Custom rate limit policies: which policy applies to a token request, and what it does with the request.
//!
//! A policy limits the requests of one second. Nothing here reads the clock or looks anything up.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The effect of a policy on requests beyond its limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// There is no limit.
    Allow,
    /// They are refused.
    Block,
    /// They only cause a log entry.
    Log,
    /// `/authorize` redirects them; the token endpoint refuses them.
    Redirect,
}

impl Action {
    /// The action with this name in the API.
    pub(crate) fn parse(name: &str) -> Option<Action> {
        [Action::Allow, Action::Block, Action::Log, Action::Redirect].into_iter().find(|action| action.as_str() == name)
    }

    /// The name in the API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Action::Allow => "allow",
            Action::Block => "block",
            Action::Log => "log",
            Action::Redirect => "redirect",
        }
    }
}

/// The configuration of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// The effect beyond the limit.
    pub action: Action,
    /// Requests in a second.
    pub limit: u32,
}

/// The clients that a policy is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selector<'a> {
    /// One client, by its id or by the address of its metadata document.
    Client(&'a str),
    /// Clients with a metadata document.
    CimdClients,
    /// Third-party clients.
    ThirdPartyClients,
    /// Every client.
    Default,
}

impl Selector<'_> {
    /// Whether all clients of the policy have one counter (RLP2).
    pub(crate) fn has_common_counter(self) -> bool {
        matches!(self, Selector::CimdClients | Selector::ThirdPartyClients)
    }
}

/// `consumer_selector`.
impl fmt::Display for Selector<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Selector::Client(id) => write!(f, "client_id:{id}"),
            Selector::CimdClients => f.write_str("cimd_clients"),
            Selector::ThirdPartyClients => f.write_str("third_party_clients"),
            Selector::Default => f.write_str("default"),
        }
    }
}

/// The client of a request, as far as policies distinguish clients.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consumer<'a> {
    /// `client_id`.
    pub client_id: &'a str,
    /// The address of its metadata document.
    pub external_client_id: Option<&'a str>,
    /// Whether it is a third-party client.
    pub is_third_party: bool,
}

impl<'a> Consumer<'a> {
    /// The selectors of the client, the narrowest first. The first one with a policy decides alone (RLP1).
    pub(crate) fn selectors(self) -> impl Iterator<Item = Selector<'a>> {
        let own = [Some(self.client_id), self.external_client_id].into_iter().flatten().map(Selector::Client);
        let groups = [
            (self.external_client_id.is_some(), Selector::CimdClients),
            (self.is_third_party, Selector::ThirdPartyClients),
            (true, Selector::Default),
        ];
        own.chain(groups.into_iter().filter_map(|(is_member, group)| is_member.then_some(group)))
    }
}

/// The requests of the latest second with a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Usage {
    second: i64,
    requests: u32,
}

/// The effect of a policy on one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Counted {
    /// The usage with this request, unless the request is refused.
    pub usage: Usage,
    /// Requests that are left in this second.
    pub remaining: u32,
    /// Whether the request is beyond the limit.
    pub is_beyond: bool,
    /// Whether the policy refuses the request.
    pub is_refused: bool,
}

/// Counts a request at a moment, in seconds since 1970. `None` for a policy without a limit.
pub(crate) fn count(policy: Policy, usage: Usage, now: i64) -> Option<Counted> {
    let refuses = match policy.action {
        Action::Allow => return None,
        Action::Block | Action::Redirect => true,
        Action::Log => false,
    };
    let requests = if usage.second == now { usage.requests } else { 0 };
    let is_beyond = requests >= policy.limit;
    let is_refused = is_beyond && refuses;
    let requests = if is_refused { requests } else { requests.saturating_add(1) };
    Some(Counted {
        usage: Usage { second: now, requests },
        remaining: policy.limit.saturating_sub(requests),
        is_beyond,
        is_refused,
    })
}

/// Seconds until a policy accepts requests again.
pub(crate) const SECONDS_TO_RESET: i64 = 1;

/// Whether a policy may write another log entry about a client, a minute after the last one (RLP4). After the clock is set
/// back it may.
pub(crate) fn may_log(last: Option<i64>, now: i64) -> bool {
    last.is_none_or(|last| !(last..last.saturating_add(60)).contains(&now))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const NOON: i64 = 1_780_315_200;

    fn policy(action: Action, limit: u32) -> Policy {
        Policy { action, limit }
    }

    /// For each of some requests at one moment whether it is refused.
    fn refused(policy: Policy, usage: &mut Usage, now: i64, requests: usize) -> Vec<bool> {
        let mut next = || {
            count(policy, *usage, now).is_some_and(|counted| {
                *usage = counted.usage;
                counted.is_refused
            })
        };
        (0..requests).map(|_| next()).collect()
    }

    #[rstest]
    #[case::block(Action::Block)]
    #[case::redirect(Action::Redirect)]
    fn requests_beyond_the_limit_of_a_second_are_refused(#[case] action: Action) {
        let mut usage = Usage::default();
        assert_eq!(refused(policy(action, 2), &mut usage, NOON, 4), [false, false, true, true]);
        assert_eq!(refused(policy(action, 2), &mut usage, NOON + 1, 3), [false, false, true]);
        assert_eq!(refused(policy(action, 2), &mut usage, NOON, 1), [false], "the clock is set back");
    }

    #[test]
    fn a_limit_of_zero_refuses_every_request() {
        assert_eq!(refused(policy(Action::Block, 0), &mut Usage::default(), NOON, 2), [true, true]);
    }

    #[test]
    fn a_policy_that_logs_refuses_no_request() {
        let policy = policy(Action::Log, 1);
        let first = count(policy, Usage::default(), NOON).expect("a limit");
        assert_eq!((first.remaining, first.is_beyond, first.is_refused), (0, false, false));
        let second = count(policy, first.usage, NOON).expect("a limit");
        assert_eq!((second.remaining, second.is_beyond, second.is_refused), (0, true, false));
    }

    #[test]
    fn a_policy_that_allows_has_no_limit() {
        assert_eq!(count(policy(Action::Allow, 0), Usage::default(), NOON), None);
    }

    #[test]
    fn the_rest_of_a_second_is_what_the_limit_leaves() {
        let counted = count(policy(Action::Block, 10), Usage::default(), NOON).expect("a limit");
        assert_eq!(counted.remaining, 9);
    }

    #[test]
    fn selectors_go_from_the_client_to_all_clients() {
        let of = |external_client_id, is_third_party| {
            let consumer = Consumer { client_id: "bot", external_client_id, is_third_party };
            consumer.selectors().map(|selector| selector.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(of(None, false), ["client_id:bot", "default"]);
        assert_eq!(of(None, true), ["client_id:bot", "third_party_clients", "default"]);
        let document = "https://bot.example/client.json";
        let own = "client_id:https://bot.example/client.json";
        assert_eq!(of(Some(document), true), ["client_id:bot", own, "cimd_clients", "third_party_clients", "default"]);
    }

    // proves RLP2
    #[test]
    fn only_a_group_has_a_common_counter() {
        let selectors =
            [Selector::Client("bot"), Selector::CimdClients, Selector::ThirdPartyClients, Selector::Default];
        assert_eq!(selectors.map(Selector::has_common_counter), [false, true, true, false]);
    }

    #[test]
    fn a_policy_logs_once_a_minute() {
        assert!(may_log(None, NOON));
        assert!(!may_log(Some(NOON), NOON) && !may_log(Some(NOON), NOON + 59));
        assert!(may_log(Some(NOON), NOON + 60) && may_log(Some(NOON), NOON - 1));
    }

    #[test]
    fn every_action_has_its_name() {
        for name in ["allow", "block", "log", "redirect"] {
            assert_eq!(Action::parse(name).map(Action::as_str), Some(name));
        }
        assert_eq!(Action::parse("Block"), None);
    }
}
