//! Seeds: the initial state of a tenant. The documentation of [`Seed`] describes the layout of the file.

mod calibrated_answers;
mod conditions;
mod export;
mod plant;
mod problems;
mod references;

use std::fmt;
use std::path::Path;

use serde_json::Value;

use crate::api::Tenant;
use crate::tenant_file::{Layout, Location, Options, Source, content};
use conditions::Conditions;

#[cfg(feature = "cli")]
pub(crate) use export::export;

pub(crate) use crate::tenant_file::Report;
#[cfg(feature = "cli")]
pub(crate) use crate::tenant_file::files_of;
pub use crate::tenant_file::{SeedError, SeedProblem, SeedProblemKind};

/// The initial state of a tenant, from a file in the layout of the vendor's deploy tool.
///
/// ```
/// use m2mock::MockTenant;
/// use m2mock::Seed;
///
/// let seed = r#"{ "organizations": [{ "name": "granite-tours", "x-m2mock": { "id": "org_GraniteTours0001" } }] }"#;
/// let tenant = MockTenant::builder().seed(Seed::parse(seed, "granite.json")?).start();
///
/// let organization = tenant.perform(m2mock::http::Method::GET, "/organizations/org_GraniteTours0001", ().into());
/// assert_eq!(organization.unwrap()["name"], "granite-tours");
/// # Ok::<(), m2mock::SeedError>(())
/// ```
///
/// The layout is that of `tenant.yaml` of auth0-deploy-cli: one key per section, entries as bodies of the Management API,
/// references by name.
///
/// ```yaml
/// tenant:                                  # what PATCH /tenants/settings takes
///   friendly_name: Travel0
/// resourceServers:                         # what POST /resource-servers takes
///   - name: Travel0 API
///     identifier: https://travel0.example/api
///     scopes: [{ value: read:trips }]
/// clients:                                 # what POST /clients takes
///   - name: Partner bot
///     x-m2mock: { client_id: travel0PartnerBot000000000000001, client_secret: partner-bot-secret }
///     default_organization:
///       organization_id: granite-tours     # an organization's name, or its id
///       flows: [client_credentials]
/// databases:                               # what POST /connections takes; likewise the section connections
///   - name: granite-users
///     strategy: auth0
///     enabled_clients: [Partner bot]       # names of clients, or their ids
/// roles:                                   # what POST /roles takes
///   - name: admin
///     permissions:                         # what POST /roles/{id}/permissions takes
///       - permission_name: read:trips
///         resource_server_identifier: https://travel0.example/api
/// organizations:                           # what POST /organizations takes
///   - name: granite-tours
///     connections:                         # what POST /organizations/{id}/connections takes
///       - name: granite-users              # the connection's name, or its id
///         assign_membership_on_login: true
///     discovery_domains:                   # what POST /organizations/{id}/discovery-domains takes
///       - domain: granite.example
///         status: verified
///     clients:                             # those of POST /organizations/{id}/clients
///       - client_id: Partner bot           # a client's name, or its id
///         use_for_member_access: true
///     client_grants:                       # the associations
///       - client_id: Partner bot           # a client's name, or its id: the first grant that this client has
///         audience: https://travel0.example/api   # ours: its grant for this API instead
/// clientGrants:                            # what POST /client-grants takes
///   - client_id: Partner bot               # a client's name, or its id
///     audience: https://travel0.example/api
///     scope: [read:trips]
///     organization_usage: require
/// actions:                                 # what POST /actions/actions takes
///   - name: Add the plan
///     code: ./actions/plan.js              # a file beside the seed, or the code itself
///     supported_triggers: [{ id: post-login, version: v3 }]
///     deployed: true
/// triggers:
///   post-login: [{ action_name: Add the plan, display_name: Add the plan }]
/// ```
///
/// So it is with every other section of the tool: rules, hooks, forms, flows, prompts, branding, attackProtection, logStreams and the
/// rest.
///
/// That layout has no ids and secrets. If a test or a document needs fixed ones, an entry pins them under `x-m2mock`: a client
/// its `client_id` and `client_secret`, any other entry its `id`.
///
/// Under the same key, a client or an API declares Actions of the trigger `credentials-exchange`, without their code:
///
/// ```yaml
/// clients:
///   - name: Partner bot
///     x-m2mock:
///       credentials_exchange:
///         - audience: https://travel0.example/api    # for this API only; at an API, client_id: for this client only
///           custom_claims: { "https://travel0.example/plan": gold }
///           remove_target_scopes: [book:trips]       # or add_target_scopes: those that the client grant holds
///         - audience: https://invoices.travel0.example/api
///           deny: { code: invalid_request, reason: Not this one. }
/// ```
///
/// The Actions of an API run before those of the client, each list in its order, until one denies. Deleting the client or API
/// deletes them.
///
/// The key `x-m2mock` beside the sections has the faults of the tenant and the features that its plan lacks
/// ([`Entitlement`](crate::Entitlement)), and turns on the vendor's rate limits:
///
/// ```yaml
/// x-m2mock:
///   rate_limits: true
///   without: [bot_detection]
///   faults:
///     - { operation: token, client_id: Partner bot, times: 2, status: 429 }
///     - { operation: "GET /clients/{id}", latency: { from: 50ms, to: 200ms } }
/// ```
///
/// A fault names a client as a client grant does; its other members are those of `POST /__admin/faults`. An entry that needs a
/// feature that the plan lacks is refused.
///
/// A seed is planted with operations of the Management API, so it has the checks of a request, and absent members get the
/// vendor's defaults. The order does not depend on the file: profiles that clients name, APIs, clients, connections, roles, organizations,
/// client grants, associations, default organizations, settings, and then the other sections, references backwards.
///
/// An entry whose entity exists already changes that entity, as an import of the deploy tool does: an entity of every new tenant
/// (the management application, the Management API, the database `Username-Password-Authentication`) or of an earlier seed. The
/// id identifies it, else the name; an API is identified by its identifier, a client grant by client and audience. A seed
/// removes nothing, and the grant of the management application keeps all its scopes.
///
/// # Exports of the deploy tool
///
/// [`Seed::read`] reads an unmodified export, one file or a folder with one JSON file for each entry:
///
/// - Keywords (`##KEY##`, `@@KEY@@`) are replaced before the file is read; [`Seed::reader`] takes their mappings.
/// - `client_id` and `id` of an export with identifiers are the ids of the entities. Under `x-m2mock` they are more than
///   that: an entry with a pinned id never changes an entity that has another id.
/// - Members that the service sets are omitted, `cross_origin_auth` becomes `cross_origin_authentication`, flags of the
///   tenant that the Management API does not accept are omitted, lifetimes of sessions in hours become minutes.
/// - `https://DOMAIN.auth0.com/api/v2/` of another tenant becomes this tenant's Management API, and scopes that it does not
///   define are omitted from a grant for it.
///
/// `m2mock check` warns about each omission.
///
/// # Limitations
///
/// - A section of another version of the tool (`migrations`) is an error unless it is empty or the reader
///   [skips](SeedReader::skip_unmodelled) it. So is a key that the Management API does not take.
/// - The references that the deploy tool resolves are found by name. Others are ids.
/// - The section `clientAuthCredentials` has no effect, as in the tool; a client has its credentials in
///   `client_authentication_methods`.
#[derive(Clone)]
pub struct Seed {
    name: String,
    layout: Layout,
    conditions: Conditions,
}

/// Omits the content, which may contain secrets.
impl fmt::Debug for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seed").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Seed {
    /// Reads a seed from a file, JSON or with the feature `yaml` YAML, or from a folder with one JSON file for each entry.
    ///
    /// # Errors
    ///
    /// Every problem of the file: it cannot be read, is not JSON or YAML, or has invalid sections, entries or pins. Refusals by the
    /// Management API and unresolved references appear when the tenant starts.
    pub fn read(path: impl AsRef<Path>) -> Result<Seed, SeedError> {
        Seed::reader().read(path)
    }

    /// Reads a seed from a text. Its name stands for the file in errors, and the ending of the name decides the format:
    /// `.json`, `.yaml` or `.yml`. Under another name, a text that begins with a brace is JSON and anything else YAML.
    ///
    /// # Errors
    ///
    /// As [`read`](Seed::read).
    pub fn parse(text: &str, name: &str) -> Result<Seed, SeedError> {
        Seed::reader().parse(text, name)
    }

    /// A reader with mappings for keywords, or one that skips sections.
    pub fn reader() -> SeedReader {
        SeedReader { options: Options::default() }
    }

    /// The sample seed, which `m2mock serve` uses by default: `fixtures/tenants/travel0.yaml`.
    #[cfg(feature = "yaml")]
    pub fn sample() -> Seed {
        match Seed::parse(include_str!("../../fixtures/tenants/travel0.yaml"), "travel0.yaml") {
            Ok(seed) => seed,
            Err(error) => panic!("the sample story is a mistake in m2mock: {error}"),
        }
    }

    /// Creates the entities in the tenant, as its owner. Names may refer to existing entities, so that seeds can be planted one
    /// after the other.
    ///
    /// # Errors
    ///
    /// Every entry that the Management API refuses, or with a reference to no entity or to several. The other entries are planted.
    pub(crate) fn plant(&self, tenant: &Tenant) -> Result<(), SeedError> {
        self.plant_and_report(tenant).verdict()
    }

    /// The same with warnings.
    pub(crate) fn plant_and_report(&self, tenant: &Tenant) -> Report {
        let mut report = Report::default();
        plant::plant(&self.layout, &self.conditions, tenant, &mut report);
        report
    }
}

/// Reads seeds that have keywords, or sections that m2mock does not model; made by [`Seed::reader`].
///
/// ```
/// use m2mock::{MockTenant, Seed};
///
/// let export = r###"{
///     "clients": [{ "name": "##ENV## shop", "callbacks": "@@CALLBACKS@@" }],
///     "migrations": { "an_old_one": true }
/// }"###;
/// let reader = Seed::reader()
///     .mapping("ENV", "dev")
///     .mapping("CALLBACKS", vec!["https://shop.example/callback"])
///     .skip_unmodelled();
/// let tenant = MockTenant::builder().seed(reader.parse(export, "tenant.json")?).start();
///
/// let clients = tenant.perform(m2mock::http::Method::GET, "/clients", ().into()).unwrap();
/// assert!(clients.as_array().unwrap().iter().any(|client| client["name"] == "dev shop"));
/// # Ok::<(), m2mock::SeedError>(())
/// ```
#[derive(Clone)]
#[must_use = "nothing is read until read() or parse() is called"]
pub struct SeedReader {
    options: Options,
}

/// Omits the mappings, which may be secrets.
impl fmt::Debug for SeedReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeedReader").finish_non_exhaustive()
    }
}

impl SeedReader {
    /// The value of a keyword: `##KEY##` becomes its text, `@@KEY@@` its JSON.
    pub fn mapping(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.options.mappings.insert(key.into(), value.into());
        self
    }

    /// The mappings of a file: an object in JSON, or with the feature `yaml` in YAML. A configuration of the deploy tool holds
    /// them under `AUTH0_KEYWORD_REPLACE_MAPPINGS`, and is taken as well.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is no object.
    pub fn mappings(mut self, file: impl AsRef<Path>) -> Result<Self, SeedError> {
        let file = file.as_ref();
        let name = file.display().to_string();
        let content = content::text(file).and_then(|text| content::parse(&text, &name));
        let problem = match content.map(|content| self.options.mappings.extend(content)) {
            Ok(Ok(())) => return Ok(self),
            Ok(Err(())) => SeedProblem::wrong_shape(&Location::file(&name), "an object with a value for each keyword"),
            Err(unread) => SeedProblem::unread_mappings(&name, &unread),
        };
        Err(SeedError::from(problem))
    }

    /// Uses environment variables as mappings, too, as the deploy tool does. A variable wins over another mapping of its name. A
    /// JSON list or object in a variable is that value, anything else is a text. By default the environment is not read.
    pub fn environment(mut self) -> Self {
        self.options.mappings.environment = true;
        self
    }

    /// Skips sections that m2mock does not model, which are errors by default.
    pub fn skip_unmodelled(mut self) -> Self {
        self.options.skips_unmodelled = true;
        self
    }

    /// Reads a file or a folder, as [`Seed::read`] does.
    ///
    /// # Errors
    ///
    /// As there; in addition, a keyword has no mapping.
    pub fn read(&self, path: impl AsRef<Path>) -> Result<Seed, SeedError> {
        let (seed, report) = self.read_and_report(path.as_ref());
        report.verdict().map(|()| seed)
    }

    /// Reads a text, as [`Seed::parse`] does.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn parse(&self, text: &str, name: &str) -> Result<Seed, SeedError> {
        let mut report = Report::default();
        let source = Source::of_text(text, name, None, &self.options, &mut report);
        let seed = self.seed(name.to_owned(), source, &mut report);
        report.verdict().map(|()| seed)
    }

    /// What can be read of a seed, with everything that is wrong with it and all warnings.
    pub(crate) fn read_and_report(&self, path: &Path) -> (Seed, Report) {
        let mut report = Report::default();
        let source = Source::of_path(path, &self.options, &mut report);
        (self.seed(path.display().to_string(), source, &mut report), report)
    }

    fn seed(&self, name: String, mut source: Source, report: &mut Report) -> Seed {
        let conditions = Conditions::of(source.ours.take(), report);
        Seed { name, layout: Layout::read(source, &self.options, report), conditions }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::tenant_file::exported::KNOWN_FLAGS;
    use crate::tenant_file::unread::MOST_BYTES;

    #[test]
    fn the_flags_that_a_seed_keeps_are_those_of_the_management_api() {
        // A flag that no schema has makes the answer name those that it has.
        let settings = json!({ "flags": { "": true } });
        let unknown = Tenant::unknown_members(&http::Method::PATCH, "/tenants/settings", &settings);
        let known: BTreeSet<&str> = unknown.iter().flat_map(|unknown| &unknown.known).map(String::as_str).collect();
        assert_eq!(known, KNOWN_FLAGS.iter().copied().collect());
    }

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
