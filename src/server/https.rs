//! The HTTPS port of the tenant of a test, beside its port for plain HTTP.

use std::io;

use super::client_certificates::ClientCertificates;
use super::connections;
use super::thread::{Server, StateSender};
use super::tls::Tls;

/// The second port of a tenant.
pub(super) struct Https {
    pub(super) server: Server,
    pub(super) tls: Tls,
}

impl Https {
    /// Makes the certificate and starts the thread, which serves what is sent to it.
    pub(super) fn start(
        domain: &str,
        further_names: &[String],
        clients: Option<ClientCertificates>,
    ) -> io::Result<(Https, StateSender)> {
        let tls = Tls::made_for(domain, further_names, clients).map_err(io::Error::other)?;
        let served = tls.clone();
        let (server, apps) = Server::start(0, move |listener, app| connections::serve_over_tls(listener, app, served))?;
        Ok((Https { server, tls }, apps))
    }
}
