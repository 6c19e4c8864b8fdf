//! The HTTPS port of the tenant of a test, beside its port for plain HTTP.

use super::app_state::AppState;
use super::client_certificates::ClientCertificates;
use super::connections;
use super::thread::{Port, Server};
use super::tls::Tls;

/// The second port of a tenant.
pub(super) struct Https {
    pub(super) server: Server,
    pub(super) tls: Tls,
}

/// The second port of a tenant before it is served.
pub(super) struct HttpsPort {
    pub(super) port: Port,
    pub(super) tls: Tls,
}

impl HttpsPort {
    /// Makes the certificate and binds any free port.
    ///
    /// # Errors
    ///
    /// A name or an authority of client certificates is wrong, or the machine has no free port or thread.
    pub(super) fn bind(
        domain: &str,
        further_names: &[String],
        clients: Option<ClientCertificates>,
    ) -> Result<HttpsPort, String> {
        let tls = Tls::made_for(domain, further_names, clients)?;
        let port = Port::bind(0).map_err(|error| error.to_string())?;
        Ok(HttpsPort { port, tls })
    }

    /// Serves the tenants of the app.
    pub(super) fn serve(self, app: &AppState) -> Https {
        let HttpsPort { port, tls } = self;
        let served = tls.clone();
        let server = port.serve(app, move |listener, app| connections::serve_over_tls(listener, app, served));
        Https { server, tls }
    }
}
