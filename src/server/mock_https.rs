//! The functions of a tenant of a test, and of its builder, that concern HTTPS.

use super::builder::MockTenantBuilder;
use super::https::Https;
use super::mock::MockTenant;

impl MockTenantBuilder {
    /// Also serves HTTPS, at [`MockTenant::https_uri`]. The tenant generates a certificate for `localhost`, `127.0.0.1`, `::1` and
    /// its domain, signed by its own authority: [`MockTenant::ca_pem`].
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::builder().tls().start();
    /// assert!(tenant.https_uri().starts_with("https://127.0.0.1:"));
    /// // A client that trusts it, as `reqwest::Certificate::from_pem` would read it, or NODE_EXTRA_CA_CERTS from a file:
    /// assert!(tenant.ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// ```
    pub fn tls(mut self) -> Self {
        self.over_tls = true;
        self
    }

    /// A further name for the certificate, beside those of the machine and the domain: a host name, one with `*` for its
    /// first label, or an address. Several calls add several names. The tenant answers over TLS then, as with
    /// [`tls`](Self::tls).
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::builder().tls_name("mock.example").tls_name("*.mock.example").start();
    /// assert!(tenant.https_uri().starts_with("https://"));
    /// ```
    pub fn tls_name(mut self, name: impl Into<String>) -> Self {
        self.tls_names.push(name.into());
        self.tls()
    }

    /// Requests a client certificate from each client of the HTTPS port, as a proxy does for the live service (mutual TLS). A
    /// client may send none. The tenant answers over TLS then, as with [`tls`](Self::tls).
    ///
    /// ```
    /// let tenant = m2mock::MockTenant::builder().mtls().start();
    /// assert!(tenant.https_uri().starts_with("https://"));
    /// ```
    pub fn mtls(mut self) -> Self {
        self.over_mtls = true;
        self.tls()
    }

    /// The authorities that sign client certificates, in PEM: an application with `tls_client_auth` needs a certificate of one
    /// of them. Without authorities every certificate counts as self-signed. Implies [`mtls`](Self::mtls).
    ///
    /// ```
    /// # let authority = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/keys/client-authority.pem"));
    /// let tenant = m2mock::MockTenant::builder().client_ca(authority).start();
    /// assert!(tenant.https_uri().starts_with("https://"));
    /// ```
    pub fn client_ca(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.client_authorities = Some(pem.into());
        self.mtls()
    }
}

impl MockTenant {
    /// The address for HTTPS: `https://127.0.0.1:PORT`, without a slash at the end. Tokens from there have it, with a slash, as
    /// `iss`; the tenant accepts them at both ports.
    ///
    /// # Panics
    ///
    /// When the tenant was not built with [`tls`](MockTenantBuilder::tls).
    #[track_caller]
    pub fn https_uri(&self) -> String {
        format!("https://{}", self.https().server.address)
    }

    /// The certificate of the authority that a client has to trust, in PEM.
    ///
    /// # Panics
    ///
    /// When the tenant was not built with [`tls`](MockTenantBuilder::tls).
    #[track_caller]
    pub fn ca_pem(&self) -> String {
        self.https().tls.authority_pem().unwrap_or_default()
    }

    /// The certificate of the authority that a client has to trust, in DER.
    ///
    /// # Panics
    ///
    /// When the tenant was not built with [`tls`](MockTenantBuilder::tls).
    #[track_caller]
    pub fn ca_der(&self) -> Vec<u8> {
        self.https().tls.authority_der().unwrap_or_default().to_vec()
    }

    #[track_caller]
    fn https(&self) -> &Https {
        match &self.https {
            Some(https) => https,
            None => panic!("this tenant speaks plain HTTP only; MockTenant::builder().tls() makes one that speaks TLS"),
        }
    }
}
