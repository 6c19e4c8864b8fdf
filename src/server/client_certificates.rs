//! The client certificates of a TLS port: which are requested, and the verification of their chains.
//!
//! A handshake accepts every certificate whose key the client has, because a client may authenticate with a certificate that
//! no authority signed. Whether an authority of the port signed it is a fact for the rules of the tenant, and so is the time:
//! the clock of the tenant decides whether a certificate has expired. The chain is therefore verified at a moment at which
//! the certificate is valid.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring::default_provider;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme};

use crate::api::ConnectionCertificate;
use crate::token::pem::Certificate;

/// The client certificates that a port requests.
#[derive(Clone, Debug)]
pub(crate) struct ClientCertificates {
    /// Verifies chains; `None` without authorities.
    authorities: Option<Arc<dyn ClientCertVerifier>>,
    provider: Arc<CryptoProvider>,
}

impl ClientCertificates {
    /// Requests certificates. The PEM has the certificates of the authorities that sign them, if there are any.
    pub(crate) fn signed_by(authorities: Option<&[u8]>) -> Result<ClientCertificates, String> {
        let provider = Arc::new(default_provider());
        let authorities = authorities.map(|pem| verifier(pem, &provider)).transpose()?;
        Ok(ClientCertificates { authorities, provider })
    }

    /// The certificate of a connection for the rules. `None` if the client sent none.
    pub(super) fn presented(&self, chain: Option<&[CertificateDer<'_>]>) -> Option<ConnectionCertificate> {
        let (own, intermediates) = chain?.split_first()?;
        let is_verified = self.authorities.as_ref().is_some_and(|authorities| {
            let moment = moment_of_validity(own, SystemTime::now());
            authorities.verify_client_cert(own, intermediates, moment).is_ok()
        });
        Some(ConnectionCertificate { der: Arc::from(&**own), is_verified })
    }
}

fn verifier(pem: &[u8], provider: &Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| format!("the authority cannot be read as PEM: {error}"))?;
        roots.add(certificate).map_err(|error| format!("the authority cannot be used: {error}"))?;
    }
    if roots.is_empty() {
        return Err("there is no certificate of an authority in PEM".to_owned());
    }
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider))
        .build()
        .map(|verifier| verifier as Arc<dyn ClientCertVerifier>)
        .map_err(|error| format!("the authority cannot be used: {error}"))
}

/// The moment of the period of a certificate that is closest to now.
fn moment_of_validity(certificate: &[u8], now: SystemTime) -> UnixTime {
    let period = Certificate::read(certificate).map(|certificate| (certificate.begins, certificate.expires));
    let moment = match period {
        Some((begins, _)) if now < begins => begins,
        Some((_, expires)) if now > expires => expires,
        Some(_) | None => now,
    };
    UnixTime::since_unix_epoch(moment.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// Accepts every certificate whose key signs the handshake, and a client without one.
impl ClientCertVerifier for ClientCertificates {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    /// None: a client that finds its authority in no list would send no certificate.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_authority_is_refused_with_a_sentence() {
        let refused = |pem: &str| ClientCertificates::signed_by(Some(pem.as_bytes())).unwrap_err();
        assert_eq!(refused(""), "there is no certificate of an authority in PEM");
        let begin = "-----BEGIN CERTIFICATE-----\n";
        assert!(refused(&format!("{begin}!\n-----END CERTIFICATE-----")).starts_with("the authority cannot be read"));
        assert!(
            refused(&format!("{begin}AAAA\n-----END CERTIFICATE-----")).starts_with("the authority cannot be used")
        );
    }

    #[test]
    fn a_chain_is_verified_at_a_moment_of_the_certificate() {
        let der = CertificateDer::from_pem_slice(include_bytes!("../../fixtures/credentials/certificate.pem")).unwrap();
        let at = |seconds: u64| UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        for (now, expected) in [(0, 1_767_225_600), (1_780_315_200, 1_780_315_200), (3_000_000_000, 2_082_758_400)] {
            assert_eq!(moment_of_validity(&der, at(now)).as_secs(), expected);
        }
    }
}
