//! The paths of endpoints that several files use. The table of endpoints has the others.

/// The path of the token endpoint.
pub(crate) const TOKEN: &str = "/oauth/token";
/// The path of the published keys.
pub(in crate::api) const KEYS: &str = "/.well-known/jwks.json";
