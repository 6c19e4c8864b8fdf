//! `/organizations/{id}/discovery-domains`: the domains by which an organization is discovered from an email address
//! (resources 5). m2mock uses no DNS, so a request sets the status of a domain.

use std::sync::LazyLock;

use super::domain_proof::{DEFAULTS, MOST_DOMAINS, OWNER, add_proof};
use crate::api::call::{Call, Reply};
use crate::api::error::organization_discovery_domains::ORGANIZATION_OF_DIRECTORY_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, Limit, List, Parent, Removal, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::text;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("discovery_domains.schema.json")));

const ALL: &str = "/organizations/{id}/discovery-domains";
const BY_ID: &str = "/organizations/{id}/discovery-domains/{discovery_domain_id}";
const BY_NAME: &str = "/organizations/{id}/discovery-domains/name/{discovery_domain}";
const READ: &[&str] = &["read:organization_discovery_domains"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &DOMAIN).query("List"),
        Operation::create(ALL, &["create:organization_discovery_domains"], &DOMAIN).body("Create"),
        Operation::get(BY_NAME, READ, get_by_name).parameters("ByName"),
        Operation::read(BY_ID, READ, &DOMAIN).parameters("ById"),
        Operation::update(BY_ID, &["update:organization_discovery_domains"], &DOMAIN).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:organization_discovery_domains"], &DOMAIN).parameters("ById"),
    ],
};

static DOMAIN: Resource = Resource {
    parents: &[Parent {
        kind: Kind::Organization,
        parameter: "id",
        member: OWNER,
        missing: ORGANIZATION_OF_DIRECTORY_NOT_FOUND,
    }],
    list: List::checkpoint("domains"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique { and: &["domain"], ignores_case: true, ..Unique::new(OWNER, DISCOVERY_DOMAIN_EXISTS) }),
    limit: Some(Limit { most: MOST_DOMAINS, refusal: TOO_MANY_DISCOVERY_DOMAINS }),
    missing: DISCOVERY_DOMAIN_NOT_FOUND,
    removal: Removal::Ignore, // recorded
    hidden: &[OWNER],
    complete: Some(add_proof),
    ..Resource::new(Kind::DiscoveryDomain, Identity::new(IdShape::DISCOVERY_DOMAIN).parameter("discovery_domain_id"))
};

/// A domain that the organization does not have (r).
const DISCOVERY_DOMAIN_NOT_FOUND: Refusal = Refusal::plain(404, "No organization domain found by that id");

/// An unknown domain in a look-up by name (a).
const DISCOVERY_DOMAIN_NAME_NOT_FOUND: Refusal = Refusal::plain(404, "No organization domain found by that name");

/// A domain that the organization already has (d).
const DISCOVERY_DOMAIN_EXISTS: Refusal = Refusal::plain(
    409,
    "An organization discovery domain with this domain is already registered to this organization.",
);

/// More than the maximum number of domains (limit documented, sentence assumed).
const TOO_MANY_DISCOVERY_DOMAINS: Refusal =
    Refusal::plain(409, "Quota exceeded; cannot add more than {} discovery domains to a single organization");

fn get_by_name(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let name = call.parameter("discovery_domain");
    let domains = &call.state[Kind::DiscoveryDomain];
    let organization = DOMAIN.parent(call)?;
    let positions = organization.into_iter().flat_map(|(owner, id)| domains.having(owner, id).iter());
    let mut of_organization = positions.filter_map(|seq| domains.at(seq));
    let domain =
        of_organization.find(|domain| text(domain, "domain").is_some_and(|other| other.eq_ignore_ascii_case(name)));
    DOMAIN.reply(call, domain, DISCOVERY_DOMAIN_NAME_NOT_FOUND)
}
