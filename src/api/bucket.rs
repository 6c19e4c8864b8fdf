//! The vendor's rate limits as data: the buckets and their sizes.

use std::time::Duration;

use super::authentication::paths::{KEYS, TOKEN};
use crate::domain::Rate;

const SECOND: Duration = Duration::from_secs(1);

/// A limit of the free plan, as documented (token-endpoint 8, management-conventions 8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Bucket {
    Management,
    Authentication,
    Token,
    Keys,
}

impl Bucket {
    pub(super) const fn rate(self) -> Rate {
        match self {
            Bucket::Management => Rate::per(2, SECOND),
            Bucket::Authentication => Rate::per(300, Duration::from_secs(60)),
            Bucket::Token => Rate::per(30, SECOND),
            Bucket::Keys => Rate::per(20, SECOND),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Bucket::Management => "the Management API",
            Bucket::Authentication => "the Authentication API",
            Bucket::Token => TOKEN,
            Bucket::Keys => KEYS,
        }
    }
}
