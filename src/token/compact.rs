//! A signed token as it is sent: three parts of base64url with dots between them (RFC 7515, 7.1).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::signer::VerifyError;

/// A token that has been taken apart. Nothing in it is true before its signature is checked.
pub struct Compact {
    /// What the signature is made over.
    pub(super) message: String,
    pub(super) signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Compact {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// It is not three parts of base64url with JSON objects in the first two.
    pub fn read(token: &str) -> Result<Compact, VerifyError> {
        let (message, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, claims) = message.split_once('.').ok_or(VerifyError::Malformed)?;
        Ok(Compact {
            header: object(header)?,
            claims: object(claims)?,
            signature: decode(signature)?,
            message: message.to_owned(),
        })
    }

    /// The header.
    pub fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The claims.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, for who has no further use for the rest.
    pub fn into_claims(self) -> Map<String, Value> {
        self.claims
    }
}

fn object(part: &str) -> Result<Map<String, Value>, VerifyError> {
    serde_json::from_slice(&decode(part)?).map_err(|_| VerifyError::Malformed)
}

/// Strict: each text of this alphabet that can be read stands for bytes of its own.
fn decode(part: &str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed)
}
