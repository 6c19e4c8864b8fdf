//! Counts each token in the quotas that apply to it, and reports the rest in headers.
//!
//! The last check of a token request, under the same lock as all others: what another check refuses is not counted, and
//! counting is exact however many ask at once (R104).

use http::HeaderName;

use super::authorization::Authorization;
use super::reason::Reason;
use super::rejection::Rejection;
use super::trace::Trace;
use crate::api::error::TokenError;
use crate::api::tenant_log::QuotaReached;
use crate::domain::quota::{Account, Accounts, Owner, Quota, Taken, reached, take};
use crate::store::views::{ClientView, OrganizationView, SettingsView};
use crate::store::{Kind, State};

/// The headers of an answer for the quotas.
type Headers = Vec<(HeaderName, String)>;

const CLIENT_LIMIT: HeaderName = HeaderName::from_static("auth0-client-quota-limit");
const ORGANIZATION_LIMIT: HeaderName = HeaderName::from_static("auth0-organization-quota-limit");
const RATE_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Refuses a token that the quotas have no room for, and counts nothing.
pub(super) fn check(state: &State, authorization: &Authorization, now: i64) -> Result<(), Rejection> {
    taken(accounts(state, &Holders::of(authorization)), now).map(|_| ())
}

/// Counts a token for the client, and for the organization where one applies, or refuses it.
pub(super) fn count(
    state: &mut State,
    authorization: &Authorization,
    now: i64,
    trace: &mut Trace,
) -> Result<(), Rejection> {
    let holders = Holders::of(authorization);
    let before = accounts(state, &holders);
    let after = taken(before, now)?;
    let (client_id, organization_id) = (holders.client.id(), holders.organization_id());
    // An Action may have deleted either.
    if let Some(account) = after.client.filter(|_| state[Kind::Client].contains(client_id)) {
        state.token_usage.set(Owner::Client, client_id, account.usage);
    }
    if let Some(account) = after.organization.filter(|_| state[Kind::Organization].contains(organization_id)) {
        state.token_usage.set(Owner::Organization, organization_id, account.usage);
    }
    for (owner, (id, name), before, after) in [
        (Owner::Client, (client_id, holders.client.name()), before.client, after.client),
        (Owner::Organization, (organization_id, holders.organization_name()), before.organization, after.organization),
    ] {
        let accounts = before.zip(after).into_iter();
        for reached in accounts.flat_map(|(before, after)| reached(&before, &after, now)) {
            trace.reached.push(QuotaReached { owner, id: id.into(), name: name.into(), reached });
        }
    }
    let exhausted = |account: Option<Account>| account.is_some_and(|account| account.used_up(now).is_some());
    let beyond = exhausted(before.client) || exhausted(before.organization);
    let applied = [
        ("R97", after != Accounts::default()),
        ("R98", after.organization.is_some()),
        // Not enforced, or the token would have been refused.
        ("R101", beyond),
    ];
    trace.rules.extend(applied.into_iter().filter_map(|(rule, applies)| applies.then_some(rule)));
    trace.quotas = limits(after, now);
    Ok(())
}

/// Whose quotas a token is taken from.
struct Holders<'a> {
    client: ClientView<'a>,
    organization: Option<OrganizationView<'a>>,
}

impl<'a> Holders<'a> {
    fn of(authorization: &'a Authorization) -> Self {
        let organization = authorization.organization.as_ref().map(|organization| OrganizationView(organization));
        Holders { client: ClientView(&authorization.client), organization }
    }

    fn organization_id(&self) -> &'a str {
        self.organization.as_ref().map(OrganizationView::id).unwrap_or_default()
    }

    fn organization_name(&self) -> &'a str {
        self.organization.as_ref().map(OrganizationView::name).unwrap_or_default()
    }
}

/// The quotas that apply, and what was taken of them.
fn accounts(state: &State, holders: &Holders<'_>) -> Accounts {
    let settings = SettingsView(state.settings.tenant());
    // Its own, whole, or the default of its kind: they are not merged (R97).
    let of_client = holders.client.token_quota().or_else(|| settings.default_token_quota(Owner::Client));
    let of_organization = holders.organization.as_ref().and_then(|organization| {
        organization.token_quota().or_else(|| settings.default_token_quota(Owner::Organization))
    });
    let account = |owner: Owner, id: &str, quota: Option<Quota>| {
        quota.map(|quota| Account { quota, usage: state.token_usage.of(owner, id) })
    };
    Accounts {
        client: account(Owner::Client, holders.client.id(), of_client),
        organization: account(Owner::Organization, holders.organization_id(), of_organization),
    }
}

/// The accounts after the token, unless a quota is used up.
fn taken(before: Accounts, now: i64) -> Result<Accounts, Rejection> {
    let (owner, bucket) = match take(before, now) {
        Taken::Granted(after) => return Ok(after),
        Taken::Exceeded(owner, bucket) => (owner, bucket),
    };
    let rules: &'static [_] = match owner {
        Owner::Client => &["R100", "R97"],
        Owner::Organization => &["R100", "R98", "R97"],
    };
    let (quota, wait) = (bucket.quota, bucket.reset_in);
    let reason = Reason::QuotaUsedUp { owner, quota, window: bucket.window.as_str(), wait };
    let mut headers = limits(before, now);
    headers.extend([
        (RATE_LIMIT, quota.to_string()),
        (RATE_REMAINING, "0".to_owned()),
        (RATE_RESET, now.saturating_add(wait).to_string()),
        (http::header::RETRY_AFTER, wait.to_string()),
    ]);
    Err(Rejection::new(TokenError::quota_exceeded(owner), rules, reason).with(headers))
}

/// The state of each quota that applies (R102). A quota that limits neither hour nor day has nothing to tell.
fn limits(accounts: Accounts, now: i64) -> Headers {
    let both = [(CLIENT_LIMIT, accounts.client), (ORGANIZATION_LIMIT, accounts.organization)];
    let told = both.into_iter().filter_map(|(name, account)| Some((name, limit(&account?, now))));
    told.filter(|(_, value)| !value.is_empty()).collect()
}

/// `b=per_hour;q=10;r=7;t=3540,b=per_day;q=50;r=47;t=43200`: bucket, quota, rest, seconds to the next window.
fn limit(account: &Account, now: i64) -> String {
    let buckets = account.buckets(now).map(|bucket| {
        let window = bucket.window.as_str();
        format!("b={window};q={};r={};t={}", bucket.quota, bucket.remaining, bucket.reset_in)
    });
    buckets.collect::<Vec<_>>().join(",")
}
