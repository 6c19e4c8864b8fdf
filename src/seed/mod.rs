//! What a tenant starts with: a [`Seed`], read from a file in the layout of the vendor's deploy tool.
//!
//! The layout is that of `tenant.yaml` of auth0-deploy-cli: one key per section, entries as the Management API takes
//! them, references by name.
//!
//! ```yaml
//! tenant:                                  # what PATCH /tenants/settings takes
//!   friendly_name: Travel0
//! resourceServers:                         # what POST /resource-servers takes
//!   - name: Travel0 API
//!     identifier: https://travel0.example/api
//!     scopes: [{ value: read:trips }]
//! clients:                                 # what POST /clients takes
//!   - name: Partner bot
//!     x-m2mock: { client_id: travel0PartnerBot000000000000001, client_secret: partner-bot-secret }
//!     default_organization:
//!       organization_id: granite-tours     # an organization's name, or its id
//!       flows: [client_credentials]
//! databases:                               # what POST /connections takes; likewise the section connections
//!   - name: granite-users
//!     strategy: auth0
//!     enabled_clients: [Partner bot]       # names of clients, or their ids
//! roles:                                   # what POST /roles takes
//!   - name: admin
//!     permissions:                         # what POST /roles/{id}/permissions takes
//!       - permission_name: read:trips
//!         resource_server_identifier: https://travel0.example/api
//! organizations:                           # what POST /organizations takes
//!   - name: granite-tours
//!     connections:                         # what POST /organizations/{id}/connections takes
//!       - name: granite-users              # the connection's name, or its id
//!         assign_membership_on_login: true
//!     discovery_domains:                   # what POST /organizations/{id}/discovery-domains takes
//!       - domain: granite.example
//!         status: verified
//!     clients:                             # those of POST /organizations/{id}/clients
//!       - client_id: Partner bot           # a client's name, or its id
//!         use_for_member_access: true
//!     client_grants:                       # the associations
//!       - client_id: Partner bot           # a client's name, or its id: the first grant that this client has
//!         audience: https://travel0.example/api   # ours: its grant for this API instead
//! clientGrants:                            # what POST /client-grants takes
//!   - client_id: Partner bot               # a client's name, or its id
//!     audience: https://travel0.example/api
//!     scope: [read:trips]
//!     organization_usage: require
//! ```
//!
//! Ids and secrets are not part of that layout. Where a test or a document needs to know them beforehand, an entry pins
//! them under `x-m2mock`: a client its `client_id` and `client_secret`, any other entry its `id`.
//!
//! Under the same key a client or an API says what Actions of the trigger `credentials-exchange` do, without their code:
//!
//! ```yaml
//! clients:
//!   - name: Partner bot
//!     x-m2mock:
//!       credentials_exchange:
//!         - audience: https://travel0.example/api    # for this API only; at an API, client_id: for this client only
//!           custom_claims: { "https://travel0.example/plan": gold }
//!           remove_target_scopes: [book:trips]       # or add_target_scopes: those that the client grant holds
//!         - audience: https://invoices.travel0.example/api
//!           deny: { code: invalid_request, reason: Not this one. }
//! ```
//!
//! The Actions of an API run before those of the client, each list in its order, until one denies. They go with their
//! client or API.
//!
//! Under the same key beside the sections stands what goes wrong in the tenant, and whether the vendor's rate limits apply:
//!
//! ```yaml
//! x-m2mock:
//!   rate_limits: true
//!   faults:
//!     - { operation: token, client_id: Partner bot, times: 2, status: 429 }
//!     - { operation: "GET /clients/{id}", latency: { from: 50ms, to: 200ms } }
//! ```
//!
//! A client is named as in a client grant; the other members of a fault are those of
//! [`/__admin/faults`](crate::api::faults::Fault::read).
//!
//! A seed is planted through the operations of the Management API, so it is checked as a request is, and whatever it
//! leaves out gets the vendor's defaults. Sections come in this order, wherever they stand: settings, APIs, clients,
//! connections, roles, organizations, client grants, associations, default organizations. Whatever a section creates must
//! not be there yet; only the database `Username-Password-Authentication`, with which every tenant begins, is changed by
//! its entry.
//!
//! # Limitations
//!
//! - A section that m2mock does not model yet is an error, also when it is empty. So is a key that the Management API
//!   does not take.
//! - Placeholders of the deploy tool (`##NAME##`, `@@NAME@@`) are not replaced. Replace them before: an unquoted
//!   `##NAME##` is a comment to YAML, and anything else stays the text that it is.
//! - Only the references shown above are found by name. Others, as `okta_oin_client_id`, are ids.
//! - The management application, which no seed contains, is found by its id only.

mod actions;
mod answers;
mod conditions;
mod content;
mod error;
mod json;
mod layout;
mod plant;
mod references;
#[cfg(feature = "yaml")]
mod tenant_yaml;

use std::fmt;
use std::path::Path;

use crate::api::Tenant;
use layout::Layout;

pub use error::SeedError;

/// Larger than a seed of a hundred thousand organizations, and nothing that one opens by mistake is read much further.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// What a tenant starts with. The [module](self) describes the layout.
///
/// ```
/// use m2mock::MockTenant;
/// use m2mock::seed::Seed;
///
/// let seed = r#"{ "organizations": [{ "name": "granite-tours", "x-m2mock": { "id": "org_GraniteTours0001" } }] }"#;
/// let tenant = MockTenant::builder().seed(Seed::parse(seed, "granite.json")?).start();
///
/// let organization = tenant.perform(m2mock::http::Method::GET, "/organizations/org_GraniteTours0001", ().into());
/// assert_eq!(organization.unwrap()["name"], "granite-tours");
/// # Ok::<(), m2mock::seed::SeedError>(())
/// ```
#[derive(Clone)]
pub struct Seed {
    file: String,
    layout: Layout,
}

/// Without its content, which has secrets in it.
impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed").field("file", &self.file).finish_non_exhaustive()
    }
}

impl Seed {
    /// Reads a seed from a file: JSON, or YAML with the feature `yaml`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or [`parse`](Seed::parse) refuses it.
    pub fn read(path: impl AsRef<Path>) -> Result<Seed, SeedError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = content::text(path).map_err(|unread| SeedError::unread(&name, &unread))?;
        Seed::parse(&text, &name)
    }

    /// Reads a seed from a text. Its name stands in errors, and its ending tells the format: `.json`, `.yaml` or `.yml`.
    /// Under another name, a text that begins with a brace is JSON and anything else YAML.
    ///
    /// # Errors
    ///
    /// The text is not JSON or YAML, or it has sections, entries or pins that no seed has. Whether the Management API
    /// takes what an entry says, and whether its references lead somewhere, shows when it is [planted](Seed::plant).
    pub fn parse(text: &str, name: &str) -> Result<Seed, SeedError> {
        let content = content::parse(text, name).map_err(|unread| SeedError::unread(name, &unread))?;
        Ok(Seed { file: name.to_owned(), layout: Layout::read(content, name)? })
    }

    /// The story that `m2mock serve` tells when it is given no seed: `fixtures/tenants/travel0.yaml`.
    #[cfg(feature = "yaml")]
    pub fn sample() -> Seed {
        match Seed::parse(include_str!("../../fixtures/tenants/travel0.yaml"), "travel0.yaml") {
            Ok(seed) => seed,
            Err(error) => panic!("the sample story is a mistake in m2mock: {error}"),
        }
    }

    /// Creates everything in the tenant, as its owner. Names may refer to what the tenant has already, so that seeds
    /// can be planted one after the other.
    ///
    /// # Errors
    ///
    /// The first entry that the Management API refuses, or whose references lead nowhere or to several. What came
    /// before it has been created.
    pub fn plant(&self, tenant: &Tenant) -> Result<(), SeedError> {
        plant::plant(&self.layout, tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show_in_debug() {
        let text = r#"{ "clients": [{ "name": "a", "x-m2mock": { "client_secret": "hush" } }] }"#;
        let shown = format!("{:?}", Seed::parse(text, "seed.json").unwrap());
        assert!(shown.contains("seed.json") && !shown.contains("hush"), "{shown}");
    }

    #[test]
    fn a_text_over_the_limit_is_refused() {
        let text = " ".repeat(MOST_BYTES + 1);
        let refusal = Seed::parse(&text, "seed.json").unwrap_err().to_string();
        assert_eq!(refusal, "seed.json: the seed is too large; 16 MiB are the most");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_without_end_is_refused() {
        let refusal = Seed::read("/dev/zero").unwrap_err().to_string();
        assert_eq!(refusal, "/dev/zero: the seed is too large; 16 MiB are the most");
    }

    #[test]
    fn a_byte_order_mark_is_no_content() {
        assert!(Seed::parse("\u{feff}{}", "seed.json").is_ok());
    }
}
