//! TLS with a generated certificate authority and certificate, or with a given certificate.
//!
//! A generated authority exists as long as its tenants. It signs one certificate for the machine and the first tenant, and one
//! for each further name that a client requests. Its key never leaves the memory of the process, so a client that still trusts
//! the authority later cannot be deceived with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write};
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WantsServerCert;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ConfigBuilder, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::client_certificates::ClientCertificates;
use super::stream::{Opened, Stream};
use crate::domain::Names;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longer than any test, and no longer than clients accept from a server.
const VALID: Duration = Duration::from_secs(397 * 24 * 60 * 60);

/// The first byte of every TLS connection.
const HANDSHAKE: u8 = 0x16;

/// The answer to plain HTTP on this port.
const SPEAK_TLS: &str = "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 59\r\n\
                         connection: close\r\n\r\nThis port speaks HTTPS; the request came over plain HTTP.\r\n";

/// The TLS configuration of a server.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    authority: Option<Arc<Authority>>,
    clients: Option<ClientCertificates>,
}

impl Tls {
    /// An authority, and a certificate for the names of this machine, this domain, and further names. The port requests these
    /// client certificates.
    pub(crate) fn made_for(
        domain: &str,
        further: &[String],
        clients: Option<ClientCertificates>,
    ) -> Result<Tls, String> {
        if let Some(name) = further.iter().find(|name| !is_name(name)) {
            return Err(format!(
                "the name {name:?} for the certificate is not a host name and not an address; write one without scheme and port, like mock.example"
            ));
        }
        let domain = Names::name_of(domain).to_owned();
        // Its endpoint aliases for mutual TLS.
        let alias = clients.as_ref().and_then(|_| Names::mtls_alias(&domain));
        let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into_iter().chain([domain]).chain(alias);
        let made = Authority::for_names(names.chain(further.iter().cloned()));
        let authority = Arc::new(made.map_err(|error| format!("no certificate can be made: {error}"))?);
        let resolver = Arc::clone(&authority);
        Tls::with(Some(authority), clients, move |config| Ok(config.with_cert_resolver(resolver)))
    }

    /// Also makes certificates for the names, in lower case, for which this function returns true.
    pub(super) fn certify_names(&self, is_there: impl Fn(&str) -> bool + Send + Sync + 'static) {
        if let Some(authority) = &self.authority {
            // A process has one server with TLS, which calls this once.
            let _ = authority.is_there.set(Box::new(is_there));
        }
    }

    /// A certificate with its chain, and its key; both in PEM.
    #[cfg(any(test, feature = "cli"))]
    pub(crate) fn of_pem(chain: &[u8], key: &[u8], clients: Option<ClientCertificates>) -> Result<Tls, String> {
        use rustls::pki_types::pem::PemObject;

        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(|error| format!("the certificate cannot be read as PEM: {error}"))?;
        if chain.is_empty() {
            return Err("there is no certificate in PEM".to_owned());
        }
        let key = PrivateKeyDer::from_pem_slice(key);
        let key = key.map_err(|error| format!("the key of the certificate cannot be read as PEM: {error}"))?;
        Tls::with(None, clients, |config| config.with_single_cert(chain, key))
    }

    fn with(
        authority: Option<Arc<Authority>>,
        clients: Option<ClientCertificates>,
        certified: impl FnOnce(ConfigBuilder<ServerConfig, WantsServerCert>) -> Result<ServerConfig, rustls::Error>,
    ) -> Result<Tls, String> {
        // The provider is named, because a process has one default provider, and it belongs to the user.
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| {
                certified(match &clients {
                    Some(clients) => config.with_client_cert_verifier(Arc::new(clients.clone())),
                    None => config.with_no_client_auth(),
                })
            })
            .map_err(|error| format!("the certificate cannot be used: {error}"))?;
        Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), authority, clients })
    }

    /// Whether the port requests client certificates.
    pub(super) fn requests_certificates(&self) -> bool {
        self.clients.is_some()
    }

    /// The certificate of the authority that was made, in DER.
    pub(crate) fn authority_der(&self) -> Option<&[u8]> {
        self.authority.as_ref().map(|authority| &*authority.certificate)
    }

    /// The same in PEM.
    pub(crate) fn authority_pem(&self) -> Option<String> {
        self.authority_der().map(pem)
    }

    /// A connection after its handshake. `None` if the handshake fails or takes too long; plain HTTP gets an answer first.
    pub(super) async fn open(self, mut stream: TcpStream, patience: Duration) -> Option<Opened<TlsStream<TcpStream>>> {
        let opened = timeout(patience, async {
            let mut first = [0];
            match stream.peek(&mut first).await {
                Ok(1) if first[0].is_ascii_uppercase() => {
                    refuse_plain_http(&mut stream).await?;
                    Ok(None)
                }
                _ => self.acceptor.accept(stream).await.map(Some),
            }
        });
        let stream = opened.await.ok()?.ok()??;
        let certificate = self.clients.and_then(|clients| clients.presented(stream.get_ref().1.peer_certificates()));
        Some(Opened { stream, certificate })
    }
}

impl Stream for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// A method consists of capital letters, and no TLS record begins with one.
const _: () = assert!(!HANDSHAKE.is_ascii_uppercase());

async fn refuse_plain_http(stream: &mut TcpStream) -> io::Result<()> {
    // A connection that closes with unread bytes is reset before the client sees the answer.
    let _much = stream.read(&mut [0; 8192]).await?;
    stream.write_all(SPEAK_TLS.as_bytes()).await?;
    stream.shutdown().await
}

/// Whether a name, in lower case, belongs to a tenant.
type NameCheck = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Signs certificates while the server runs.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
    provider: CryptoProvider,
    /// For the names of the machine, for the first tenant, and for clients that send no name.
    usual: Arc<CertifiedKey>,
    /// Whether a further name belongs to a tenant: the domain of an added tenant, or a verified custom domain.
    is_there: OnceLock<NameCheck>,
    /// The certificates that were made for further names.
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

impl Authority {
    fn for_names(names: impl Iterator<Item = String>) -> Result<Authority, rcgen::Error> {
        let mut authority = dated(CertificateParams::default(), "m2mock test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer_key = KeyPair::generate()?;
        let certificate = authority.self_signed(&issuer_key)?.der().clone();
        let issuer = Issuer::new(authority, issuer_key);

        let provider = default_provider();
        let names = BTreeSet::from_iter(names.map(|name| name.to_ascii_lowercase()));
        let usual = Arc::new(certified(names.into_iter().collect(), &issuer, &provider)?);
        Ok(Authority { certificate, issuer, provider, usual, is_there: OnceLock::new(), made: Mutex::default() })
    }

    /// The certificate for the name that a client sends.
    fn for_name(&self, name: &str) -> Arc<CertifiedKey> {
        let is_there = |name: &str| self.is_there.get().is_some_and(|is_there| is_there(name));
        if !is_there(name) {
            return Arc::clone(&self.usual);
        }
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(certified) = made.get(name) {
            return Arc::clone(certified);
        }
        let Ok(certified) = certified(vec![name.to_owned()], &self.issuer, &self.provider) else {
            return Arc::clone(&self.usual);
        };
        // Certificates of removed tenants and domains are dropped, so there are never more than names.
        made.retain(|name, _| is_there(name));
        Arc::clone(made.entry(name.to_owned()).or_insert(Arc::new(certified)))
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.for_name(&hello.server_name().unwrap_or_default().to_ascii_lowercase()))
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

/// Whether a certificate can be for this name: a host name, perhaps with `*` for its first label, or an address.
fn is_name(name: &str) -> bool {
    let host = name.strip_prefix("*.").unwrap_or(name);
    name.parse::<IpAddr>().is_ok() || !host.contains(':') && Names::is_domain(host)
}

fn dated(mut params: CertificateParams, name: &str) -> CertificateParams {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    // The certificate is valid from yesterday, because clocks differ.
    params.not_before = rcgen::date_time_ymd(1970, 1, 1) + since_1970.saturating_sub(DAY);
    params.not_after = params.not_before + VALID;
    params
}

fn certified(
    names: Vec<String>,
    issuer: &Issuer<'static, KeyPair>,
    provider: &CryptoProvider,
) -> Result<CertifiedKey, rcgen::Error> {
    let mut params = dated(CertificateParams::new(names)?, "m2mock");
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, issuer)?.der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).map_err(|_| rcgen::Error::CouldNotParseKeyPair)?;
    CertifiedKey::from_der(vec![certificate], key, provider).map_err(|_| rcgen::Error::CouldNotParseKeyPair)
}

fn pem(der: &[u8]) -> String {
    let encoded = STANDARD.encode(der);
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    for line in encoded.as_bytes().chunks(64) {
        let _ = writeln!(pem, "{}", String::from_utf8_lossy(line));
    }
    pem + "-----END CERTIFICATE-----\n"
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn the_authority_is_the_same_in_pem_and_der() {
        let tls = Tls::made_for("travel0.localhost:8443", &[], None).unwrap();
        let pem = tls.authority_pem().unwrap();
        let read = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        assert_eq!(Some(&read[..]), tls.authority_der());
        assert!(pem.lines().all(|line| line.len() <= 64));
    }

    #[test]
    fn a_domain_may_be_a_name_of_this_machine() {
        for domain in ["localhost", "127.0.0.1:8443", "mock_tenant:1"] {
            assert!(Tls::made_for(domain, &[], None).is_ok(), "{domain}");
        }
    }

    #[test]
    fn a_further_name_is_a_host_name_or_an_address() {
        let made_for = |name: &str| Tls::made_for("travel0.localhost", &[name.to_owned()], None).err();
        for name in ["mock", "mock_tenant", "MOCK.example", "*.mock.example", "192.0.2.7", "2001:db8::7", "localhost"] {
            assert_eq!(made_for(name), None, "{name}");
        }
        for name in ["", "mock:8443", "https://mock", "mock/", "*", "*.*.mock", "a b", "[::1]"] {
            let refused = made_for(name).unwrap_or_default();
            assert!(refused.starts_with(&format!("the name {name:?} for the certificate is not")), "{name}: {refused}");
        }
    }

    #[test]
    fn what_is_no_certificate_is_refused_with_a_sentence() {
        let refused = |chain: &str, key: &str| Tls::of_pem(chain.as_bytes(), key.as_bytes(), None).err().unwrap();
        assert_eq!(refused("", ""), "there is no certificate in PEM");
        let pem = Tls::made_for("localhost", &[], None).unwrap().authority_pem().unwrap();
        assert!(refused(&pem, &pem).starts_with("the key of the certificate cannot be read as PEM"));
    }

    #[test]
    fn the_word_to_plain_http_is_as_long_as_it_says() {
        let (head, body) = SPEAK_TLS.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{}", body.len());
    }
}
