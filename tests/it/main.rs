//! Everything about the crate that is neither a unit test nor a scenario, in one binary.

mod coverage;
mod layers;
mod rules;
