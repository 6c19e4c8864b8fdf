//! Items that the command, the benches and the integration tests of this package need beyond the public API.
//!
//! They are crates of their own, so that what they use has to be `pub`; this is the one door for it. It leads to a tenant
//! without a socket, the list of modelled operations, the signing keys, and replays of recorded traffic.
//!
//! Nothing here is part of the crate's promise: it changes without notice.

use serde_json::{Map, Value};

pub use crate::api::management::{ModelledOperation, operations};
pub use crate::api::operation_name;
pub use crate::api::{Config, ConnectionCertificate, Pins, Tenant};
#[cfg(feature = "cli")]
pub use crate::cli::main;
#[cfg(all(feature = "cli", feature = "conformance"))]
pub use crate::conformance::replay::{
    Cassette, Difference, Inferences, Outcome, Proxy, Recorder, Report, Verdict, replay,
};
pub use crate::domain::LocalNames;
use crate::domain::Signing;
use crate::seed::{Seed, SeedError};
use crate::token::{self, Key, KeyRing, Profile};

/// Creates everything of a seed in a tenant, as its owner.
///
/// # Errors
/// Every entry that the Management API refuses, or whose references lead nowhere or to several entities.
pub fn plant(seed: &Seed, tenant: &Tenant) -> Result<(), SeedError> {
    seed.plant(tenant)
}

/// Signs claims as an access token, with the first of the shipped keys.
///
/// # Panics
/// If the key does not sign.
#[must_use]
pub fn sign(claims: &Map<String, Value>) -> String {
    let key = KeyRing::shipped().current();
    let header = token::header(&Profile::Auth0, &Signing::Rs256, key);
    token::sign(&header, claims, Key::Pair(key.pair())).expect("the key signs")
}

/// The claims of an access token that one of the shipped keys signed.
#[must_use]
pub fn verified(token: &str) -> Option<Map<String, Value>> {
    token::verify(token, &KeyRing::shipped()).ok().map(|token| token.claims().clone())
}

/// The certificate of a shipped key, as PEM.
#[must_use]
pub fn certificate_pem(number: usize) -> String {
    token::shipped(number).certificate_pem().to_owned()
}
