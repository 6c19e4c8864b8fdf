//! `/custom-domains`: further domains at which the tenant answers once they are verified. m2mock looks up no DNS record: the
//! first verification of a domain succeeds.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::metadata::check_metadata;
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Patch, Removal, Resource, Unique};
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::search::{FieldKind, Fields, Query, Unknown};
use crate::store::document::text;
use crate::store::views::CustomDomainView;
use crate::store::{Document, Kind, Seq};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("custom_domains.schema.json")));

const ALL: &str = "/custom-domains";
const BY_ID: &str = "/custom-domains/{id}";
const DEFAULT: &str = "/custom-domains/default";
const CREATE: &[&str] = &["create:custom_domains"];
const READ: &[&str] = &["read:custom_domains"];
const UPDATE: &[&str] = &["update:custom_domains"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::get(ALL, READ, list).query("List"),
        Operation::create(ALL, CREATE, &DOMAIN).body("Create"),
        Operation::get(DEFAULT, READ, read_default),
        Operation::patch(DEFAULT, UPDATE, update_default).body("Default"),
        Operation::read(BY_ID, READ, &DOMAIN),
        Operation::update(BY_ID, UPDATE, &DOMAIN).body("Patch"),
        Operation::remove(BY_ID, &["delete:custom_domains"], &DOMAIN),
        Operation::post("/custom-domains/{id}/test", READ, test).success(200),
        Operation::post("/custom-domains/{id}/verify", CREATE, verify), // recorded; 200 is published
    ],
};

static DOMAIN: Resource = Resource {
    list: List::either("custom_domains"),
    unique: Some(Unique::new("domain", DOMAIN_EXISTS)),
    limit: Some(Limit { most: 10_000, refusal: TOO_MANY_DOMAINS }),
    patch: Patch::ReplaceBut(&["domain_metadata"]), // recorded
    missing: INEXISTENT_DOMAIN,
    removal: Removal::Ignore,
    select: Some(select),
    prepare: Some(check_type),
    complete: Some(complete),
    check_removal: Some(|_, domain| if is_default(domain) { Err(DEFAULT_DOMAIN_STAYS.into()) } else { Ok(()) }),
    hidden: &[PROXY_KEY],
    show: Some(|_, domain| shown(domain)),
    ..Resource::new(Kind::CustomDomain, Identity::new(IdShape::CUSTOM_DOMAIN).member("custom_domain_id"))
};

/// What `q` searches.
const SEARCHED: Fields = Fields {
    bare: &["domain"],
    named: &[
        ("domain", FieldKind::AnyCase),
        ("status", FieldKind::Text),
        ("type", FieldKind::Text),
        ("is_default", FieldKind::Text),
        ("domain_metadata.*", FieldKind::Text),
    ],
    unknown: Unknown::Refused,
};

const AUTH0_MANAGED: &str = "auth0_managed_certs";
const CLIENT_IP_HEADER: &str = "custom_client_ip_header";
/// The key with which the proxy of a domain proves itself, in the header `cname-api-key`.
const PROXY_KEY: &str = "cname_api_key";
const RELYING_PARTY: &str = "relying_party_identifier";
const SELF_MANAGED: &str = "self_managed_certs";

/// The time for which a certificate is valid (recorded).
const CERTIFICATE_LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// A domain that does not exist (recorded).
const INEXISTENT_DOMAIN: Refusal = Refusal::new(404, "inexistent_custom_domain", "The custom domain {} does not exist");

/// A domain that the tenant has (d).
const DOMAIN_EXISTS: Refusal = Refusal::plain(409, "Custom domain already exists.");

/// One more domain than the plan allows (d).
const TOO_MANY_DOMAINS: Refusal =
    Refusal::plain(409, "You reached the maximum number of custom domains for your account.");

/// A TLS policy of a domain whose certificate the tenant manages (d).
const TLS_POLICY_OF_SELF_MANAGED: Refusal =
    Refusal::invalid_body("The 'tls_policy' cannot be set on self_managed domains");

/// A header with the client's address for a domain whose certificate the service manages (d).
const HEADER_OF_AUTH0_MANAGED: Refusal =
    Refusal::invalid_body("The 'custom_client_ip_header' cannot be set on auth0_managed domains");

/// An identifier for passkeys that belongs to another domain (d).
const RELYING_PARTY_OF_ANOTHER_DOMAIN: Refusal = Refusal::invalid_body(
    "The 'relying_party_identifier' must be equal to or a registrable domain suffix of the domain.",
);

/// The deletion of the default domain (d).
const DEFAULT_DOMAIN_STAYS: Refusal = Refusal::plain(
    409,
    "Cannot delete the default custom domain. Please set another domain as default before deleting this one.",
);

/// A default domain that is not verified (recorded).
const DEFAULT_NOT_VERIFIED: Refusal =
    Refusal::invalid_body("The domain must be verified before it can be set as default.");

/// The second verification of a domain (d).
const ALREADY_VERIFIED: Refusal = Refusal::plain(400, "Custom domain already verified.");

/// The test of a domain that is not verified (d).
const DOMAIN_NOT_READY: Refusal = Refusal::plain(409, "The custom domain is not ready.");

/// A `q` that cannot be read is refused before the list is made.
fn list(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    if let Some(q) = call.query_text("q") {
        Query::parse(q, &SEARCHED).map_err(|error| ApiError::unreadable_query(&error))?;
    }
    DOMAIN.list(call)
}

/// The domains that `q` finds; by name if the request sorts them. A cursor is a place in creation order, so pages by
/// checkpoint are not sorted.
fn select(call: &Call<'_>, places: &[Seq]) -> Option<Vec<Seq>> {
    let domains = &call.state[Kind::CustomDomain];
    let query = call.query_text("q").and_then(|q| Query::parse(q, &SEARCHED).ok());
    let fits =
        |seq: &Seq| query.as_ref().is_none_or(|query| domains.at(*seq).is_some_and(|domain| query.matches(domain)));
    let mut places: Vec<Seq> = places.iter().copied().filter(fits).collect();
    if call.query.contains_key("sort") && !call.query.contains_key("take") && !call.query.contains_key("from") {
        places.sort_by_key(|seq| domains.at(*seq).and_then(|domain| text(domain, "domain")));
    }
    Some(places)
}

/// Upper and lower case are the same in a domain, so it is stored in lower case (assumed).
fn check_type(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    let domain = draft.text("domain").to_ascii_lowercase();
    draft.entity.insert("domain".to_owned(), domain.clone().into());
    let is_sent = |member| draft.body.get(member).is_some_and(|value| !value.is_null());
    match draft.text("type") {
        SELF_MANAGED if is_sent("tls_policy") => return Err(TLS_POLICY_OF_SELF_MANAGED.into()),
        AUTH0_MANAGED if is_sent(CLIENT_IP_HEADER) => return Err(HEADER_OF_AUTH0_MANAGED.into()),
        _ => {}
    }
    let party = draft.text(RELYING_PARTY).to_ascii_lowercase();
    // Which suffixes are registrable is not known here; those of one label are not.
    let is_suffix = domain.strip_suffix(&party).is_some_and(|rest| rest.ends_with('.') && party.contains('.'));
    if draft.entity.contains_key(RELYING_PARTY) && domain != party && !is_suffix {
        return Err(RELYING_PARTY_OF_ANOTHER_DOMAIN.into());
    }
    Ok(())
}

/// A new domain waits for its verification. The first one of a tenant is the primary one (recorded).
fn complete(call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    check_metadata(&draft.entity, "domain_metadata", 10)?;
    if !draft.is_new() {
        return Ok(());
    }
    let id = call.new_id(Kind::CustomDomain, IdShape::CUSTOM_DOMAIN)?;
    call.pins.id = Some(id.clone()); // the record below contains it
    let domain = draft.text("domain").to_owned();
    let method = if draft.text("type") == AUTH0_MANAGED {
        draft.entity.insert("tls_policy".to_owned(), "recommended".into());
        json!({ "name": "CNAME", "record": origin(call, &id), "domain": domain })
    } else {
        let proof = IdShape::UUID.draw(&mut call.state.random);
        json!({ "name": "TXT", "record": proof, "domain": format!("_cf-custom-hostname.{domain}") })
    };
    draft.entity.remove("verification_method"); // no answer shows it
    draft.entity.extend(object(json!({
        "created_at": timestamp(call.clock.now()),
        "is_default": false,
        "primary": call.state[Kind::CustomDomain].len() == 0,
        "status": "pending_verification",
        "verification": { "methods": [method] },
    })));
    Ok(())
}

/// The host name of the service to which a custom domain points.
fn origin(call: &Call<'_>, id: &str) -> String {
    let id = id.replace('_', "-").to_ascii_lowercase();
    format!("{}-{id}.edge.tenants.us.auth0.com", call.names.tenant())
}

fn verify(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let id = call.id();
    let mut domain = Document::clone(find(call)?);
    if CustomDomainView(&domain).is_ready() {
        return Err(ALREADY_VERIFIED.into());
    }
    let now = call.clock.now();
    let members = Document::make_mut(&mut domain);
    members.insert("status".to_owned(), "ready".into());
    members.insert("origin_domain_name".to_owned(), origin(call, &id).into());
    members["verification"]["status"] = "verified".into();
    members["verification"]["last_verified_at"] = seconds(now).into();
    let is_self_managed = CustomDomainView(members).is_self_managed();
    if !is_self_managed {
        let certificate = json!({
            "certificate_authority": "letsencrypt", "renews_before": seconds(now + CERTIFICATE_LIFETIME),
            "status": "provisioned",
        });
        members.insert("certificate".to_owned(), certificate);
    }
    if is_self_managed {
        let key = IdShape::CUSTOM_DOMAIN_KEY.draw(&mut call.state.random);
        Document::make_mut(&mut domain).insert(PROXY_KEY.to_owned(), key.into());
    }
    let domain = call.state[Kind::CustomDomain].replace(&id, Document::unwrap_or_clone(domain));
    // Only this answer shows the key (recorded).
    Ok(Reply::json(&shown(&domain)))
}

fn shown(domain: &Document) -> Document {
    let mut shown = Document::clone(domain);
    if CustomDomainView(domain).is_self_managed() {
        // A header that is not set is shown as `null` (recorded).
        Document::make_mut(&mut shown).entry(CLIENT_IP_HEADER).or_insert(Value::Null);
    }
    shown
}

fn test(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    if CustomDomainView(find(call)?).is_ready() {
        Ok(Reply::of(json!({ "success": true })))
    } else {
        Err(DOMAIN_NOT_READY.into())
    }
}

fn find<'c>(call: &'c Call<'_>) -> Result<&'c Document, ApiError> {
    let id = call.parameter("id");
    call.state[Kind::CustomDomain].get(id).ok_or_else(|| INEXISTENT_DOMAIN.with(&[&id]))
}

/// The default domain: a custom one, or the domain of the tenant.
fn read_default(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let domains = &call.state[Kind::CustomDomain];
    let default = domains.order().iter().filter_map(|seq| domains.at(seq)).find(|domain| is_default(domain));
    match default {
        Some(domain) => DOMAIN.reply(call, Some(domain), INEXISTENT_DOMAIN),
        None => Ok(Reply::of(json!({ "domain": call.names.domain() }))),
    }
}

fn update_default(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let wanted = text(&call.body, "domain").unwrap_or_default().to_ascii_lowercase();
    let is_wanted =
        |domain: &Document| text(domain, "domain").is_some_and(|domain| domain.eq_ignore_ascii_case(&wanted));
    let is_ready = |domain: &Document| is_wanted(domain) && CustomDomainView(domain).is_ready();
    let domains = &mut call.state[Kind::CustomDomain];
    let all = domains.order().iter().filter_map(|seq| Some((domains.id_at(seq)?.to_owned(), domains.at(seq)?.clone())));
    let all: Vec<(String, Document)> = all.collect();
    if wanted != call.names.domain() && !all.iter().any(|(_, domain)| is_ready(domain)) {
        return Err(DEFAULT_NOT_VERIFIED.into());
    }
    for (id, domain) in all.into_iter().filter(|(_, domain)| is_default(domain) != is_wanted(domain)) {
        let is_default = is_wanted(&domain);
        let mut domain = Document::unwrap_or_clone(domain);
        domain.insert("is_default".to_owned(), is_default.into());
        domains.replace(&id, domain);
    }
    read_default(call)
}

fn is_default(domain: &Document) -> bool {
    domain.get("is_default") == Some(&Value::Bool(true))
}

/// A moment in whole seconds.
fn seconds(moment: SystemTime) -> String {
    humantime::format_rfc3339_seconds(moment).to_string()
}

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::{Value, json};

    use crate::api::{Config, Pins, Tenant};

    fn perform(tenant: &Tenant, method: Method, path: &str, body: Value) -> Result<Value, u16> {
        tenant.perform(method, path, body, Pins::default()).map_err(|error| error.status)
    }

    fn create(tenant: &Tenant, domain: &str, kind: &str) -> Value {
        let body = json!({ "domain": domain, "type": kind });
        perform(tenant, Method::POST, "/custom-domains", body).expect("a domain")
    }

    fn path(domain: &Value, verb: &str) -> String {
        format!("/custom-domains/{}{verb}", domain["custom_domain_id"].as_str().expect("an id"))
    }

    #[test]
    fn a_domain_is_tested_and_becomes_the_default_once_it_is_verified() {
        let tenant = Tenant::new(Config::default());
        let canonical = perform(&tenant, Method::GET, "/custom-domains/default", Value::Null).expect("a default");
        let domain = create(&tenant, "login.travel0.example", "self_managed_certs");
        let (test, verify) = (path(&domain, "/test"), path(&domain, "/verify"));
        let set_default =
            |domain: &Value| perform(&tenant, Method::PATCH, "/custom-domains/default", json!({ "domain": domain }));
        assert_eq!((&domain["status"], &domain["primary"]), (&json!("pending_verification"), &json!(true)));
        assert_eq!(perform(&tenant, Method::POST, &test, Value::Null), Err(409));
        assert_eq!(set_default(&domain["domain"]), Err(400));

        let verified = perform(&tenant, Method::POST, &verify, Value::Null).expect("it is verified");
        assert_eq!(verified["status"], "ready");
        assert!(verified["cname_api_key"].is_string());
        assert_eq!(perform(&tenant, Method::POST, &verify, Value::Null), Err(400));
        assert_eq!(perform(&tenant, Method::POST, &test, Value::Null), Ok(json!({ "success": true })));

        let default = set_default(&domain["domain"]).expect("it is the default");
        assert_eq!((&default["is_default"], default.get("cname_api_key")), (&json!(true), None));
        assert_eq!(perform(&tenant, Method::GET, "/custom-domains/default", Value::Null), Ok(default));
        assert_eq!(perform(&tenant, Method::DELETE, &path(&domain, ""), Value::Null), Err(409));
        assert_eq!(set_default(&canonical["domain"]), Ok(canonical.clone()));
        perform(&tenant, Method::DELETE, &path(&domain, ""), Value::Null).expect("it is deleted");
        assert_eq!(perform(&tenant, Method::GET, &path(&domain, ""), Value::Null), Err(404));
    }

    #[test]
    fn members_have_to_fit_the_domain_and_its_certificate() {
        let tenant = Tenant::new(Config::default());
        let (ours, theirs) = ("self_managed_certs", "auth0_managed_certs");
        for (kind, member, value, is_accepted) in [
            (ours, "tls_policy", "recommended", false),
            (theirs, "tls_policy", "recommended", true),
            (theirs, "custom_client_ip_header", "true-client-ip", false),
            (ours, "custom_client_ip_header", "true-client-ip", true),
            (ours, "relying_party_identifier", "travel0.example", true),
            (ours, "relying_party_identifier", "a.travel0.example", true),
            (ours, "relying_party_identifier", "vel0.example", false),
            (ours, "relying_party_identifier", "example", false),
        ] {
            let body = json!({ "domain": "a.travel0.example", "type": kind, member: value });
            let created = perform(&tenant, Method::POST, "/custom-domains", body.clone());
            assert_eq!(created.is_ok(), is_accepted, "{body}");
            if let Ok(domain) = created {
                perform(&tenant, Method::DELETE, &path(&domain, ""), Value::Null).expect("it is deleted");
            }
        }
    }

    #[test]
    fn domains_are_searched_and_sorted() {
        let tenant = Tenant::new(Config::default());
        for domain in ["b.travel0.example", "a.travel0.example", "a.other.example"] {
            create(&tenant, domain, "auth0_managed_certs");
        }
        let names = |query: &str| -> Vec<Value> {
            let list = perform(&tenant, Method::GET, &format!("/custom-domains{query}"), Value::Null).expect("a list");
            let list = list.get("custom_domains").unwrap_or(&list).as_array().cloned().unwrap_or_default();
            list.iter().map(|domain| domain["domain"].clone()).collect()
        };
        assert_eq!(names(""), ["b.travel0.example", "a.travel0.example", "a.other.example"]);
        assert_eq!(names("?sort=domain:1"), ["a.other.example", "a.travel0.example", "b.travel0.example"]);
        assert_eq!(names("?q=domain:A.*&take=1"), ["a.travel0.example"]);
        assert_eq!(names("?q=status:ready"), [""; 0]);
        let unreadable = perform(&tenant, Method::GET, "/custom-domains?q=domain:(", Value::Null);
        assert_eq!(unreadable, Err(400));
        let second = json!({ "domain": "A.travel0.example", "type": "auth0_managed_certs" });
        assert_eq!(perform(&tenant, Method::POST, "/custom-domains", second), Err(409));
    }
}
