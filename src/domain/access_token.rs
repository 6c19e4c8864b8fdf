//! The access tokens of an API: their dialect and their signing algorithm ("Access Token Profiles").

use std::fmt;

/// `token_dialect` of an API. Absent means [`AccessToken`](TokenDialect::AccessToken).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TokenDialect {
    /// The vendor's own profile.
    #[default]
    AccessToken,
    /// The vendor's own profile, with permissions.
    AccessTokenAuthz,
    /// The profile of RFC 9068.
    Rfc9068Profile,
    /// The profile of RFC 9068, with permissions.
    Rfc9068ProfileAuthz,
}

impl TokenDialect {
    /// Every value.
    pub(crate) const ALL: [TokenDialect; 4] =
        [Self::AccessToken, Self::AccessTokenAuthz, Self::Rfc9068Profile, Self::Rfc9068ProfileAuthz];

    /// Parses the value in the Management API.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.as_str() == word)
    }

    /// The value in the Management API.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            TokenDialect::AccessToken => "access_token",
            TokenDialect::AccessTokenAuthz => "access_token_authz",
            TokenDialect::Rfc9068Profile => "rfc9068_profile",
            TokenDialect::Rfc9068ProfileAuthz => "rfc9068_profile_authz",
        }
    }

    /// Whether tokens follow RFC 9068.
    pub(crate) const fn is_rfc9068(self) -> bool {
        match self {
            TokenDialect::AccessToken | TokenDialect::AccessTokenAuthz => false,
            TokenDialect::Rfc9068Profile | TokenDialect::Rfc9068ProfileAuthz => true,
        }
    }

    /// Whether tokens can have the claim `permissions`.
    pub(crate) const fn has_permissions(self) -> bool {
        match self {
            TokenDialect::AccessToken | TokenDialect::Rfc9068Profile => false,
            TokenDialect::AccessTokenAuthz | TokenDialect::Rfc9068ProfileAuthz => true,
        }
    }
}

/// `signing_alg` of an API, with the secret where the algorithm needs one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Signing {
    /// RSA with PKCS#1 padding and SHA-256, by the tenant's key.
    #[default]
    Rs256,
    /// RSA with PKCS#1 padding and SHA-512, by the tenant's key.
    Rs512,
    /// RSA with PSS padding and SHA-256, by the tenant's key.
    Ps256,
    /// HMAC with SHA-256, by the API's own secret.
    Hs256(SigningSecret),
}

/// `token_encryption` of an API: the key of its tokens. Its values are not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TokenEncryption<'a> {
    /// `alg`
    pub algorithm: &'a str,
    /// `kid`
    pub key_id: Option<&'a str>,
    /// `pem`
    pub pem: &'a str,
}

/// The algorithm that encrypts the key of an encrypted token.
#[cfg(feature = "jwe")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyEncryption {
    /// RSA with OAEP padding and SHA-256.
    RsaOaep256,
    /// RSA with OAEP padding and SHA-384.
    RsaOaep384,
    /// RSA with OAEP padding and SHA-512.
    RsaOaep512,
}

#[cfg(feature = "jwe")]
impl KeyEncryption {
    /// Every value.
    pub(crate) const ALL: [KeyEncryption; 3] = [Self::RsaOaep256, Self::RsaOaep384, Self::RsaOaep512];

    /// Parses the value in the Management API.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == word)
    }

    /// The value in the Management API and in the header of a token.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            KeyEncryption::RsaOaep256 => "RSA-OAEP-256",
            KeyEncryption::RsaOaep384 => "RSA-OAEP-384",
            KeyEncryption::RsaOaep512 => "RSA-OAEP-512",
        }
    }

    /// The size of its hash in bytes.
    pub(crate) const fn hash_size(self) -> usize {
        match self {
            KeyEncryption::RsaOaep256 => 32,
            KeyEncryption::RsaOaep384 => 48,
            KeyEncryption::RsaOaep512 => 64,
        }
    }
}

/// `signing_secret` of an API. Its debug output hides the secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SigningSecret(String);

impl SigningSecret {
    /// A secret in the form of the API. Its characters are the key; they do not encode it.
    pub(crate) fn new(secret: impl Into<String>) -> Self {
        SigningSecret(secret.into())
    }

    /// The key of the HMAC.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_parsed_from_its_own_value() {
        for dialect in TokenDialect::ALL {
            assert_eq!(TokenDialect::parse(dialect.as_str()), Some(dialect));
        }
        assert_eq!(TokenDialect::parse("nobody knows"), None);
    }

    #[test]
    fn a_signing_secret_does_not_print() {
        let signing = Signing::Hs256(SigningSecret::new("travel0-signing-secret"));
        assert_eq!(format!("{signing:?}"), "Hs256(SigningSecret(…))");
    }
}
