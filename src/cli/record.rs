//! `m2mock record --target URL --out DIR`: a proxy in front of a tenant that records what passes through, until it is told
//! to stop.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tokio::runtime;

use super::Mistake;
use super::say::say;
use super::serve::{authority, bind, no_runtime, stop_signal};
use crate::conformance::replay::{Proxy, Recorder};
use crate::server;

#[derive(Args)]
pub(super) struct Options {
    /// Address of the tenant, as https://TENANT
    #[arg(long, value_name = "URL", env = "M2MOCK_TARGET")]
    target: String,
    /// The tenant's domain, which becomes a placeholder in the recording; the host of the target when not given
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// Address and port to listen on, 0 for any free port; anyone who reaches it is let in
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    listen: String,
    /// Folder for the recording
    #[arg(long, value_name = "DIR", default_value = "recordings")]
    out: PathBuf,
    /// Name of the recording
    #[arg(long, value_name = "NAME", default_value = "recording")]
    name: String,
    /// Certificate authorities to trust beside those of the machine, in PEM
    #[arg(long, value_name = "FILE")]
    ca_file: Option<PathBuf>,
}

pub(super) fn run(options: &Options) -> Result<(), Mistake> {
    let domain = match &options.domain {
        Some(domain) => domain.clone(),
        None => host_of(&options.target)
            .ok_or_else(|| Mistake(format!("the target {} is not an address like https://TENANT", options.target)))?,
    };
    let (host, port) = options.listen.rsplit_once(':').unwrap_or((&options.listen, "8081"));
    let port = port.parse().map_err(|_| Mistake(format!("{} is not an address and a port", options.listen)))?;
    let listener = bind(host, port)?;
    let recorder = Recorder::begin(&options.out, &options.name, &domain).map_err(|error| {
        Mistake(format!("the recording {}/{}.json cannot be begun: {error}", options.out.display(), options.name))
    })?;
    let path = recorder.path().to_owned();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(no_runtime)?;
    runtime.block_on(async {
        let address = listener.local_addr().map_err(no_runtime)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(no_runtime)?;
        let stopped = stop_signal().map_err(no_runtime)?;
        let proxy = Arc::new(Proxy::new(&options.target, recorder, options.ca_file.as_deref()).map_err(Mistake)?);
        say(format_args!("http://{} records {} into {}", authority(address), options.target, path.display()));
        let answer = move |request| {
            let proxy = Arc::clone(&proxy);
            async move { proxy.answer(request).await }
        };
        tokio::select! {
            () = server::serve_with(listener, answer) => {}
            () = stopped => {}
        }
        Ok(())
    })
}

fn host_of(target: &str) -> Option<String> {
    let (scheme, rest) = target.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    (["http", "https"].contains(&scheme) && !host.is_empty()).then(|| host.to_owned())
}
