//! `/organizations/{id}/discovery-domains`: the domains by which an organization is found from an e-mail address
//! (resources 5). Nothing looks into the DNS: whoever says that a domain is verified is believed.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::crud::Paging;
use crate::api::call::{Call, Reply};
use crate::api::error::ApiError;
use crate::api::operation::{Family, Operation};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::{patch as apply, text};
use crate::store::{Document, Kind, State};

static SCHEMAS: LazyLock<Schemas> =
    LazyLock::new(|| Schemas::parse(include_str!("organization_discovery_domains.schema.json")));

const READ: &[&str] = &["read:organization_discovery_domains"];
const BY_ID: &str = "/organizations/{id}/discovery-domains/{discovery_domain_id}";

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get("/organizations/{id}/discovery-domains", READ, list).query("List"),
        Operation::post("/organizations/{id}/discovery-domains", &["create:organization_discovery_domains"], create)
            .body("Create"),
        Operation::get("/organizations/{id}/discovery-domains/name/{discovery_domain}", READ, get_by_name)
            .parameters("ByName"),
        Operation::get(BY_ID, READ, get).parameters("ById"),
        Operation::patch(BY_ID, &["update:organization_discovery_domains"], patch).body("Patch").parameters("ById"),
        Operation::delete(BY_ID, &["delete:organization_discovery_domains"], delete).parameters("ById"),
    ],
};

/// Domains that an organization may have (entity limits, documented).
const MOST_DOMAINS: usize = 100;
/// The member that no answer shows: the organization.
const OWNER: &str = "organization_id";

fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let paging = Paging::checkpoint(call)?;
    let organization = organization(call)?;
    let domains = &call.state[Kind::DiscoveryDomain];
    Ok(paging.reply("domains", domains, domains.having(OWNER, &organization).as_slice(), shown))
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let domain = find(call, &organization).ok_or_else(ApiError::discovery_domain_not_found)?;
    Ok(Reply::json(&shown(domain)))
}

fn get_by_name(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let domain = named(call.state, &organization, call.parameter("discovery_domain"));
    Ok(Reply::json(&shown(domain.ok_or_else(ApiError::discovery_domain_name_not_found)?)))
}

fn create(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let mut domain = std::mem::take(&mut call.body);
    let name = text(&domain, "domain").unwrap_or_default();
    if named(call.state, &organization, name).is_some() {
        return Err(ApiError::discovery_domain_exists());
    }
    if call.state[Kind::DiscoveryDomain].having(OWNER, &organization).len() >= MOST_DOMAINS {
        return Err(ApiError::too_many_discovery_domains(MOST_DOMAINS));
    }
    let host = format!("_ss-verification.{organization}.{name}");
    let proof = IdShape::DOMAIN_PROOF.draw(&mut call.state.random);
    let id = call.new_id(Kind::DiscoveryDomain, IdShape::DISCOVERY_DOMAIN)?;
    domain.entry("status").or_insert_with(|| "pending".into());
    domain.entry("use_for_organization_discovery").or_insert(Value::Bool(true));
    for (member, value) in [
        ("id", id.as_str()),
        (OWNER, organization.as_str()),
        ("verification_host", host.as_str()),
        ("verification_txt", proof.as_str()),
    ] {
        domain.insert(member.to_owned(), value.into());
    }
    Ok(Reply::json(&shown(&call.state[Kind::DiscoveryDomain].insert(&id, domain))))
}

fn patch(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    let held = find(call, &organization).ok_or_else(ApiError::discovery_domain_not_found)?;
    let mut domain = Map::clone(held);
    apply(&mut domain, std::mem::take(&mut call.body));
    let id = call.parameter("discovery_domain_id").to_owned();
    Ok(Reply::json(&shown(&call.state[Kind::DiscoveryDomain].replace(&id, domain))))
}

/// Removes a domain; one that is not there is no error (recorded).
fn delete(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let organization = organization(call)?;
    if find(call, &organization).is_some() {
        let id = call.parameter("discovery_domain_id").to_owned();
        call.state.remove(Kind::DiscoveryDomain, &id);
    }
    Ok(Reply::empty())
}

/// The id of the organization that the path names.
fn organization(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.id();
    if call.state[Kind::Organization].contains(&id) {
        Ok(id)
    } else {
        Err(ApiError::organization_of_directory_not_found())
    }
}

/// The domain that the path names, if it is one of this organization.
fn find<'a>(call: &'a Call<'_>, organization_id: &str) -> Option<&'a Document> {
    let domain = call.state[Kind::DiscoveryDomain].get(call.parameter("discovery_domain_id"));
    domain.filter(|domain| text(domain, OWNER) == Some(organization_id))
}

/// The domain of this name, letters of either case alike; an organization has few.
fn named<'a>(state: &'a State, organization_id: &str, name: &str) -> Option<&'a Document> {
    let places = state[Kind::DiscoveryDomain].having(OWNER, organization_id).iter();
    let is_named = |domain: &&Document| text(domain, "domain").is_some_and(|held| held.eq_ignore_ascii_case(name));
    places.filter_map(|seq| state[Kind::DiscoveryDomain].at(seq)).find(is_named)
}

fn shown(domain: &Document) -> Document {
    let mut shown = Document::clone(domain);
    Document::make_mut(&mut shown).remove(OWNER);
    shown
}
