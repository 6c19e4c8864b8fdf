//! `m2mock record --target URL --out DIR`: a proxy in front of a tenant that records the traffic until it is stopped.

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use clap::Args;
use http::header::HOST;
use http::{Request, Response, StatusCode};
use tokio::runtime;

use super::listener::{bind, no_runtime};
use super::mistake::Mistake;
use super::output::say;
use super::stop_signal::stop_signal;
use crate::conformance::replay::{Proxy, Recorder};
use crate::domain::Names;
use crate::server::{self, authority};

#[derive(Args)]
pub(super) struct Options {
    /// Address of the tenant
    #[arg(long, value_name = "https://TENANT", env = "M2MOCK_TARGET")]
    target: String,
    /// The tenant's domain, which becomes a placeholder in the recording; by default the host of the target
    #[arg(long, value_name = "NAME")]
    domain: Option<String>,
    /// Address and port to listen on, 0 for any free port; every client that can reach it has access
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8081")]
    listen: String,
    /// A further host name of the recorder, beside this machine's and those without a dot; may be repeated
    #[arg(long = "listen-name", value_name = "NAME")]
    names: Vec<String>,
    /// Folder for the recording
    #[arg(long, value_name = "DIR", default_value = "recordings")]
    out: PathBuf,
    /// Name of the recording
    #[arg(long, value_name = "NAME", default_value = "recording")]
    name: String,
    /// Further certificate authorities to trust, in PEM
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
        Mistake(format!("the recording {}/{}.json cannot be started: {error}", options.out.display(), options.name))
    })?;
    let path = recorder.path().to_owned();
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(no_runtime)?;
    runtime.block_on(async {
        let address = listener.local_addr().map_err(no_runtime)?;
        let listener = tokio::net::TcpListener::from_std(listener).map_err(no_runtime)?;
        let stopped = stop_signal().map_err(no_runtime)?;
        let proxy = Arc::new(Proxy::new(&options.target, recorder, options.ca_file.as_deref()).map_err(Mistake)?);
        say(format_args!("http://{} records {} into {}", authority(address), options.target, path.display()));
        let names: Arc<[String]> = options.names.iter().map(|name| name.to_ascii_lowercase()).collect();
        let answer = move |request| {
            let (proxy, names) = (Arc::clone(&proxy), Arc::clone(&names));
            async move {
                match foreign_name(&request, &names) {
                    None => proxy.answer(request).await,
                    Some(name) => refused(&name),
                }
            }
        };
        tokio::select! {
            () = server::serve_with(listener, answer) => {}
            () = stopped => {}
        }
        Ok(())
    })
}

/// The host name of a request, if the recorder does not have it: otherwise a web page whose name resolves to this machine
/// (DNS rebinding) could reach the tenant.
fn foreign_name(request: &Request<Bytes>, names: &[String]) -> Option<String> {
    let hosts = request.headers().get_all(HOST).iter().map(|host| host.to_str().unwrap_or_default());
    let mut hosts = hosts.chain(request.uri().authority().map(|authority| authority.as_str()));
    let is_own = |name: &str| server::is_known(name) || names.contains(&name.to_ascii_lowercase());
    hosts.find(|host| !is_own(Names::name_of(host))).map(str::to_owned)
}

fn refused(name: &str) -> Response<Bytes> {
    let shown: String = name.chars().take(100).collect();
    let why = format!("the recorder does not have the name {shown:?}; --listen-name adds it\n");
    let mut answer = Response::new(Bytes::from(why));
    *answer.status_mut() = StatusCode::FORBIDDEN;
    answer
}

fn host_of(target: &str) -> Option<String> {
    let (scheme, rest) = target.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    (["http", "https"].contains(&scheme) && !host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn request(target: &str, hosts: &[&str]) -> Request<Bytes> {
        let request = hosts.iter().fold(Request::get(target), |request, host| request.header(HOST, *host));
        request.body(Bytes::new()).unwrap()
    }

    #[rstest]
    #[case::an_address("/", &["127.0.0.1:8081"], None)]
    #[case::this_machine("/", &["localhost:8081"], None)]
    #[case::a_container("/", &["recorder:8081"], None)]
    #[case::a_name_of_its_own("/", &["Recorder.Example:8081"], None)]
    #[case::no_name("/", &[], None)]
    #[case::a_name_that_leads_here("/", &["evil.example"], Some("evil.example"))]
    #[case::a_second_name("/", &["localhost", "evil.example"], Some("evil.example"))]
    #[case::an_absolute_target("http://evil.example/", &["localhost"], Some("evil.example"))]
    #[case::an_empty_name("/", &[""], Some(""))]
    fn a_request_by_a_foreign_name_is_known(
        #[case] target: &str,
        #[case] hosts: &[&str],
        #[case] foreign: Option<&str>,
    ) {
        let names = ["recorder.example".to_owned()];
        assert_eq!(foreign_name(&request(target, hosts), &names).as_deref(), foreign);
    }
}
