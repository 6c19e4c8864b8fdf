//! The compact form of a signed token: three parts of base64url, separated by dots (RFC 7515, 7.1).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::verify_error::VerifyError;

/// The bytes that a token may have. A megabyte of claims would take fifty as a map. A header of a request has no room for a
/// longer token, but a form or a JSON body has.
const LONGEST: usize = 64 * 1024;

/// A parsed token. Its content is untrusted until its signature is verified.
pub(crate) struct Compact {
    /// The signed text.
    pub(super) message: String,
    pub(super) signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

impl Compact {
    /// Parses a token.
    ///
    /// # Errors
    ///
    /// It does not have three parts of base64url with JSON objects in the first two, an object has a member twice, or the
    /// token is longer than 64 KiB.
    pub(crate) fn parse(token: &str) -> Result<Compact, VerifyError> {
        if token.len() > LONGEST {
            return Err(VerifyError::Malformed);
        }
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
    pub(crate) fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// The claims.
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

fn object(part: &str) -> Result<Map<String, Value>, VerifyError> {
    let Unique(members) = serde_json::from_slice(&decode(part)?).map_err(|_| VerifyError::Malformed)?;
    Ok(members)
}

/// An object without duplicate members. Of two members with one name, two parsers may use different ones (RFC 7515,
/// section 4).
struct Unique(Map<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Unique, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = entries.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member is there twice"));
                    }
                }
                Ok(Unique(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

/// Decodes strictly, so that no two texts give the same bytes.
fn decode(part: &str) -> Result<Vec<u8>, VerifyError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| VerifyError::Malformed)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;

    use super::{Compact, LONGEST, VerifyError};

    /// A token of this length.
    fn token(length: usize) -> String {
        let header = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256" }).to_string());
        let claims = URL_SAFE_NO_PAD.encode(json!({ "sub": "x" }).to_string());
        let start = format!("{header}.{claims}.");
        format!("{start}{}", "A".repeat(length - start.len()))
    }

    #[test]
    fn a_token_of_64_kib_is_parsed_and_a_longer_one_is_not() {
        assert!(Compact::parse(&token(LONGEST)).is_ok());
        assert!(matches!(Compact::parse(&token(LONGEST + 4)), Err(VerifyError::Malformed)));
    }
}
