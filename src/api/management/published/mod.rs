//! Compares the modelled operations with the published schemas.
//!
//! `fixtures/published_schemas.tsv` holds the schemas as facts (names, types, limits) without a text of the vendor. It is
//! made from the reference texts: `UPDATE_GOLDEN=1 M2MOCK_SHARED=FOLDER cargo test --lib published`. Where we know better
//! than a published schema, `differences.rs` says from what.

mod differences;
mod facts;
mod golden;
mod members;
mod reference;
mod schemas;
mod variants;
