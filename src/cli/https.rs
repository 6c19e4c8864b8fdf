//! `serve --tls`: the second port, its certificate, and the file with the authority that clients have to trust.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::listener::{bind_with, no_runtime};
use super::mistake::Mistake;
use crate::atomic_file;
use crate::server::{AppState, ClientCertificates, Tls, authority, serve_over_tls};

/// The usual port for HTTPS that needs no privileges.
const USUAL_PORT: u16 = 8443;

// No doc comment: clap would take it for the description of the command.
#[derive(Args)]
pub(super) struct Options {
    /// Serve HTTPS as well, with a generated certificate for localhost and the domain
    #[arg(long, env = "M2MOCK_TLS", value_parser = FalseyValueParser::new())]
    tls: bool,
    /// Port for HTTPS, by default 8443; 0 uses any free port. Implies --tls, as do the options below
    #[arg(long, value_name = "PORT", env = "M2MOCK_TLS_PORT")]
    tls_port: Option<u16>,
    /// A further name or address for the generated certificate, such as mock.example; may be repeated (in the variable, separated by commas)
    #[arg(long, value_name = "NAME", env = "M2MOCK_TLS_NAME", value_delimiter = ',', conflicts_with = "tls_cert")]
    tls_name: Vec<String>,
    /// Write the certificate of the authority that clients have to trust to this file, in PEM
    #[arg(long, value_name = "FILE", env = "M2MOCK_CA_FILE", conflicts_with = "tls_cert")]
    ca_file: Option<PathBuf>,
    /// Certificate for HTTPS in PEM, instead of a generated one
    #[arg(long, value_name = "FILE", env = "M2MOCK_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", env = "M2MOCK_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Request client certificates at the port for HTTPS (mutual TLS); a client may send none
    #[arg(long, env = "M2MOCK_MTLS", value_parser = FalseyValueParser::new())]
    mtls: bool,
    /// Authorities that sign client certificates, in PEM. Implies --mtls
    #[arg(long, value_name = "FILE", env = "M2MOCK_CLIENT_CA")]
    client_ca: Option<PathBuf>,
}

impl Options {
    /// The listener for HTTPS, if one of these options is set.
    pub(super) fn bind(&self, host: &str) -> Result<Option<TcpListener>, Mistake> {
        let Options { tls, tls_port, tls_name, ca_file, tls_cert, tls_key: _, mtls, client_ca } = self;
        let files = [ca_file, tls_cert, client_ca];
        let has_file = files.iter().any(|file| file.is_some());
        let is_wanted = *tls || tls_port.is_some() || !tls_name.is_empty() || has_file || *mtls;
        is_wanted.then(|| bind_with(host, tls_port.unwrap_or(USUAL_PORT), "--tls-port")).transpose()
    }

    /// The client certificates that the port requests.
    fn client_certificates(&self) -> Result<Option<ClientCertificates>, Mistake> {
        match &self.client_ca {
            None if self.mtls => ClientCertificates::signed_by(None).map(Some).map_err(Mistake),
            None => Ok(None),
            Some(file) => ClientCertificates::signed_by(Some(&read(file)?))
                .map(Some)
                .map_err(|error| Mistake(format!("{}: {error}", file.display()))),
        }
    }
}

/// The second port of a served tenant.
pub(super) struct Https {
    listener: tokio::net::TcpListener,
    pub(super) tls: Tls,
    /// Its address for clients.
    pub(super) base_url: String,
}

impl Https {
    /// Generates or reads the certificate, and writes the authority to its file.
    pub(super) fn new(options: &Options, listener: TcpListener, domain: &str) -> Result<Https, Mistake> {
        let clients = options.client_certificates()?;
        let tls = match (&options.tls_cert, &options.tls_key) {
            (Some(cert), Some(key)) => Tls::of_pem(&read(cert)?, &read(key)?, clients).map_err(|error| {
                Mistake(format!("the certificate {} with the key {}: {error}", cert.display(), key.display()))
            })?,
            _ => Tls::made_for(domain, &options.tls_name, clients).map_err(Mistake)?,
        };
        if let (Some(file), Some(pem)) = (&options.ca_file, tls.authority_pem()) {
            atomic_file::write(file, &pem).map_err(|error| {
                Mistake(format!("the authority's certificate {} cannot be written: {error}", file.display()))
            })?;
        }
        let base_url = format!("https://{}", authority(listener.local_addr().map_err(no_runtime)?));
        let listener = tokio::net::TcpListener::from_std(listener).map_err(no_runtime)?;
        Ok(Https { listener, tls, base_url })
    }

    pub(super) async fn serve(self, app: AppState) {
        serve_over_tls(self.listener, app, self.tls).await;
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Mistake> {
    fs::read(file).map_err(|error| Mistake(format!("{} cannot be read: {error}", file.display())))
}
