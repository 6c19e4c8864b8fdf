//! `/my-org/domains`: the discovery domains of the organization.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::identity_provider::IdentityProvider;
use crate::api::call::{Call, Reply};
use crate::api::error::my_organization::ORGANIZATION_NOT_FOUND;
use crate::api::error::{ApiError, Refusal};
use crate::api::management::organizations::domain_proof::{DEFAULTS, MOST_DOMAINS, OWNER, add_proof};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Identity, Limit, List, Parent, Resource, Unique};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::{Document, Kind};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("domains.schema.json")));

const READ: &[&str] = &["read:my_org:domains"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list("/my-org/domains", READ, &DOMAIN).query("List"),
        Operation::create("/my-org/domains", &["create:my_org:domains"], &DOMAIN).body("Create"),
        Operation::read("/my-org/domains/{domain_id}", READ, &DOMAIN).parameters("Domain"),
        Operation::remove("/my-org/domains/{domain_id}", &["delete:my_org:domains"], &DOMAIN).parameters("Domain"),
        Operation::get("/my-org/domains/{domain_id}/identity-providers", READ, list_identity_providers)
            .parameters("Domain"),
        // m2mock looks up no DNS record: the domain keeps its status, which the Management API changes.
        Operation::post("/my-org/domains/{domain_id}/verify", &["update:my_org:domains"], |call| DOMAIN.read(call))
            .success(202)
            .parameters("Domain"),
    ],
};

static DOMAIN: Resource = Resource {
    parents: &[Parent { kind: Kind::Organization, parameter: "id", member: OWNER, missing: ORGANIZATION_NOT_FOUND }],
    list: List::checkpoint("organization_domains"),
    defaults: Some(&DEFAULTS),
    unique: Some(Unique { and: &["domain"], ignores_case: true, ..Unique::new(OWNER, DOMAIN_EXISTS) }),
    limit: Some(Limit { most: MOST_DOMAINS, refusal: TOO_MANY_DOMAINS }),
    missing: DOMAIN_NOT_FOUND,
    complete: Some(add_proof),
    show: Some(|_, domain| view(domain)),
    ..Resource::new(Kind::DiscoveryDomain, Identity::new(IdShape::DISCOVERY_DOMAIN).parameter("domain_id"))
};

/// A domain that the organization has already (d).
const DOMAIN_EXISTS: Refusal = Refusal::new(409, "A0E-409-0003", "Domain name must be unique");

/// A domain that the organization does not have (a).
const DOMAIN_NOT_FOUND: Refusal = Refusal::new(404, "A0E-404-0002", "The domain does not exist.");

/// More than the maximum number of domains (limit documented for the Management API, sentence assumed).
const TOO_MANY_DOMAINS: Refusal = Refusal::new(409, "A0E-409-0001", "An organization cannot have more than {} domains");

fn view(domain: &Document) -> Document {
    let members = ["id", "domain", "status", "verification_txt", "verification_host"];
    let of_document = members.iter().map(|member| (*member, *member)).chain([("org_id", OWNER)]);
    let view = of_document.filter_map(|(name, member)| Some((name.to_owned(), domain.get(member)?.clone())));
    Document::new(view.collect())
}

/// Lists the identity providers that have the domain among their aliases. The caller needs a second scope (published).
fn list_identity_providers(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    call.require_any(&["read:my_org:identity_providers"])?;
    let organization = call.id();
    let domain = call.state[Kind::DiscoveryDomain].get(call.parameter("domain_id"));
    let domain = domain.filter(|domain| text(domain, OWNER) == Some(&organization)).ok_or(DOMAIN_NOT_FOUND)?;
    let domain = text(domain, "domain").unwrap_or_default();
    let of_domain = IdentityProvider::all(call.state, &organization).filter(|found| found.has_domain(domain));
    let view = |found: IdentityProvider<'_>| {
        let mut view = json!({ "id": found.id(), "name": found.name() });
        if let Some(display_name) = found.connection.get("display_name") {
            view["display_name"] = display_name.clone();
        }
        view
    };
    let found: Vec<Value> = of_domain.map(view).collect();
    Ok(Reply::json(&json!({ "identity_providers": found })))
}
