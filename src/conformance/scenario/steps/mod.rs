//! The steps of scenarios, a file for each subject. Every step is a sentence of the documentation.

pub(crate) mod answer;
mod assertion;
pub(crate) mod below;
mod certificate;
mod fixture;
mod members;
mod proof;
mod raw;
pub(crate) mod setup;
mod token;
