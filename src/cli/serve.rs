//! `m2mock serve`: serves a tenant until Ctrl-C or SIGTERM.

use std::future::pending;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser};
use tokio::runtime;

#[cfg(feature = "tls")]
use super::https::Https;
use super::identity::{Identity, new_tenant};
use super::listener::{bind, no_runtime};
use super::mistake::Mistake;
use super::output::print;
use super::ready::{self, Ready};
use super::stop_signal::stop_signal;
use super::{admin, calibrated_answers, log, missing, seeds, state};
use crate::api::Tenant;
use crate::domain::Entitlement;
use crate::seed::Seed;
use crate::server::authority;
use crate::server::{self, Addresses, Admin, AppState, Courier, Delivery, OnFailure, Tenants};

#[derive(Args)]
pub(super) struct ServeOptions {
    /// Address to listen on; every client that can reach it has access
    #[arg(long, value_name = "ADDRESS", env = "M2MOCK_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 uses any free port
    #[arg(long, value_name = "PORT", env = "M2MOCK_PORT", default_value_t = 8080)]
    port: u16,
    /// Seed of the tenant, by default the sample: YAML, JSON, or a folder of the deploy tool; may be repeated (in the variable, separated by commas)
    #[arg(long, value_name = "FILE", env = "M2MOCK_SEED", value_delimiter = ',')]
    seed: Vec<PathBuf>,
    #[command(flatten)]
    seeds: seeds::SeedOptions,
    /// Error texts of a real tenant, from `m2mock conformance --calibrate`
    #[arg(long, value_name = "FILE", env = "M2MOCK_ANSWERS")]
    answers: Option<PathBuf>,
    #[command(flatten)]
    identity: Identity,
    /// One issuer for every host name, such as `https://login.example/`; by default the issuer depends on the host name of the request
    #[arg(long, value_name = "URL", env = "M2MOCK_ISSUER")]
    issuer: Option<String>,
    /// Client secret of the management application, by default random
    #[arg(long, value_name = "SECRET", env = "M2MOCK_MANAGEMENT_CLIENT_SECRET", hide_env_values = true)]
    management_client_secret: Option<String>,
    /// Write addresses and management credentials to this file, in JSON, when the tenant answers
    #[arg(long, value_name = "FILE", env = "M2MOCK_READY_FILE")]
    ready_file: Option<PathBuf>,
    /// Apply the rate limits of the vendor's free plan
    #[arg(long, env = "M2MOCK_RATE_LIMITS", value_parser = FalseyValueParser::new())]
    rate_limits: bool,
    /// Let log streams and event streams send requests: to endpoints on this machine, or with a value, such as `--deliver=http://receiver:9000`, all to this receiver
    #[arg(long, value_name = "RECEIVER", env = "M2MOCK_DELIVER", num_args = 0..=1, require_equals = true, default_missing_value = "loopback", value_parser = delivery)]
    deliver: Option<Delivery>,
    /// A feature that the tenant's plan lacks; may be repeated (in the variable, separated by commas)
    #[arg(long, value_name = "FEATURE", env = "M2MOCK_WITHOUT", value_delimiter = ',', value_parser = entitlement())]
    pub(super) without: Vec<Entitlement>,
    #[cfg(feature = "javascript")]
    #[command(flatten)]
    action_limits: super::action_limits::ActionLimits,
    /// Derive ids and secrets from this number: processes with the same number and seeds have the same ones
    #[arg(long, value_name = "NUMBER", env = "M2MOCK_DETERMINISTIC")]
    deterministic: Option<u64>,
    #[command(flatten)]
    state: state::StateOptions,
    #[command(flatten)]
    admin: admin::AdminOptions,
    #[cfg(feature = "tls")]
    #[command(flatten)]
    https: super::https::Options,
}

pub(super) fn run(options: &ServeOptions) -> Result<(), Mistake> {
    if let Some(sentence) = missing::asked_for_by_a_variable() {
        return Err(Mistake(sentence));
    }
    if let Some(file) = &options.ready_file {
        ready::remove_stale(file).map_err(|error| {
            Mistake(format!("the ready file {} exists already and cannot be removed: {error}", file.display()))
        })?;
    }
    options.state.prepare()?;
    let ports = Ports::bind(options)?;
    let tenant = Arc::new(tenant(options, &ports)?);

    let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(no_runtime)?;
    let (log, flush) = log::start().map_err(no_runtime)?;
    let served = runtime.block_on(serve(ports, Arc::clone(&tenant), options, log));
    // The runtime drops the connections, and with them the tenant. The server log ends when its last owner is dropped.
    drop(runtime);
    let exported = served.and_then(|()| options.state.export(&tenant));
    drop(tenant);
    flush.wait();
    exported
}

/// The listeners of the tenant. From now on, connections queue.
struct Ports {
    http: TcpListener,
    #[cfg(feature = "tls")]
    https: Option<TcpListener>,
    /// For `/__admin`, if it has its own port.
    admin: Option<TcpListener>,
}

impl Ports {
    fn bind(options: &ServeOptions) -> Result<Ports, Mistake> {
        Ok(Ports {
            http: bind(&options.host, options.port)?,
            #[cfg(feature = "tls")]
            https: options.https.bind(&options.host)?,
            admin: options.admin.bind(&options.host)?,
        })
    }

    fn addresses(&self) -> Result<Addresses, Mistake> {
        let port = |listener: &TcpListener| listener.local_addr().map(|address| address.port()).map_err(no_runtime);
        Ok(Addresses {
            ip: self.http.local_addr().map_err(no_runtime)?.ip(),
            http: port(&self.http)?,
            #[cfg(feature = "tls")]
            https: self.https.as_ref().map(port).transpose()?,
            #[cfg(not(feature = "tls"))]
            https: None,
        })
    }
}

/// Creates the tenant of the options and plants its seed.
fn tenant(options: &ServeOptions, ports: &Ports) -> Result<Tenant, Mistake> {
    let mut config = options.identity.config();
    let Addresses { http, https, .. } = ports.addresses()?;
    config.ports = std::iter::once(http).chain(https).collect();
    config.issuer.clone_from(&options.issuer);
    config.random_seed = options.deterministic;
    config.rate_limits = options.rate_limits;
    config.without.clone_from(&options.without);
    #[cfg(feature = "javascript")]
    options.action_limits.apply(&mut config);
    config.answers = options.answers.as_deref().map(calibrated_answers::read).transpose()?;
    config.management_client_secret.clone_from(&options.management_client_secret);
    if let Some(state) = options.state.read()? {
        if options.identity.domain.as_ref().is_some_and(|domain| !domain.eq_ignore_ascii_case(&state.domain)) {
            return Err(Mistake(format!("the state belongs to the tenant {}; omit --domain", state.domain)));
        }
        config.domain.clone_from(&state.domain);
        let tenant = new_tenant(config)?;
        state.import(&tenant)?;
        if options.rate_limits {
            tenant.set_rate_limits(true);
        }
        tenant.remove_entitlements(&options.without);
        tenant.keep_as_initial();
        return Ok(tenant);
    }
    let tenant = new_tenant(config)?;
    if options.seed.is_empty() {
        Seed::sample().plant(&tenant)?;
    } else {
        options.seeds.plant(&options.seed, &tenant)?;
    }
    tenant.keep_as_initial();
    Ok(tenant)
}

async fn serve(ports: Ports, tenant: Arc<Tenant>, options: &ServeOptions, log: log::Log) -> Result<(), Mistake> {
    let addresses = ports.addresses()?;
    let address = ports.http.local_addr().map_err(no_runtime)?;
    let listener = tokio::net::TcpListener::from_std(ports.http).map_err(no_runtime)?;
    #[cfg(feature = "tls")]
    let https = match ports.https {
        Some(listener) => Some(Https::new(&options.https, listener, tenant.domain())?),
        None => None,
    };
    let admin = match ports.admin {
        Some(listener) => Some(tokio::net::TcpListener::from_std(listener).map_err(no_runtime)?),
        None => None,
    };
    // Listening for signals before anyone knows that we are here: who reads the ready file may stop us at once.
    let stopped = stop_signal().map_err(no_runtime)?;

    let ready = Ready::of(&tenant, &authority(address));
    #[cfg(feature = "tls")]
    let ready = Ready { https_base_url: https.as_ref().map(|https| https.base_url.clone()), ..ready };
    let ready = Ready { admin_url: admin_url(options, address, admin.as_ref())?, ..ready };
    let log_of_added = log.clone();
    let log_of_failures = log.clone();
    tenant.observe(Box::new(move |entry| log.line(entry)));
    let mut tenants = Tenants::new(Arc::clone(&tenant), addresses);
    if let Some(delivery) = &options.deliver {
        let on_failure: OnFailure =
            Arc::new(move |domain, failure| log_of_failures.line(format_args!("{domain} {failure}")));
        tenants = tenants.delivering(delivery, &on_failure);
        tokio::spawn(Courier::of(&tenant, delivery, &on_failure).run());
    }
    let tenants = tenants.observed_by(move |domain, entry| log_of_added.line(format_args!("{domain} {entry}")));
    let app = AppState::new(Arc::new(tenants), options.admin.beside_the_tenant());
    #[cfg(feature = "tls")]
    if let Some(https) = &https {
        app.speaks(&https.tls);
    }
    if let Some(file) = &options.ready_file {
        ready
            .write_to(file)
            .map_err(|error| Mistake(format!("the ready file {} cannot be written: {error}", file.display())))?;
    }

    print(ready.to_string());

    #[cfg(not(feature = "tls"))]
    let over_tls = pending();
    #[cfg(feature = "tls")]
    let over_tls = {
        let app = app.clone();
        async move {
            match https {
                Some(https) => https.serve(app).await,
                None => pending().await,
            }
        }
    };
    let apart = {
        let app = app.with(options.admin.alone());
        async move {
            match admin {
                Some(listener) => server::serve(listener, app).await,
                None => pending().await,
            }
        }
    };
    tokio::select! {
        () = server::serve(listener, app) => {}
        () = over_tls => {}
        () = apart => {}
        () = stopped => {}
    }
    if let Some(file) = &options.ready_file {
        ready.remove_from(file);
    }
    Ok(())
}

/// The address of the control API, if it is on.
fn admin_url(
    options: &ServeOptions,
    beside: SocketAddr,
    alone: Option<&tokio::net::TcpListener>,
) -> Result<Option<String>, Mistake> {
    let address = match (alone, options.admin.beside_the_tenant()) {
        (Some(listener), _) => listener.local_addr().map_err(no_runtime)?,
        (None, Admin::Off) => return Ok(None),
        (None, Admin::Beside(_) | Admin::Alone(_)) => beside,
    };
    Ok(Some(format!("http://{}/__admin/v1/", authority(address))))
}

/// Reads where streams deliver to.
fn delivery(receiver: &str) -> Result<Delivery, String> {
    let delivery = if receiver == "loopback" { Delivery::to_loopback() } else { Delivery::to(receiver) };
    delivery.check().map(|()| delivery)
}

/// Reads the name of a feature of the plan.
fn entitlement() -> impl TypedValueParser<Value = Entitlement> {
    let names = Entitlement::ALL.map(Entitlement::as_str);
    PossibleValuesParser::new(names).try_map(|name| Entitlement::parse(&name).ok_or("no feature has this name"))
}
