//! Gherkin scenarios: their steps, the world of one scenario, and the runner.

pub(crate) mod eventual_consistency;
pub(crate) mod features;
pub(crate) mod fixture;
pub(crate) mod report;
pub(crate) mod runner;
pub(crate) mod steps;
pub(crate) mod suggestion;
pub(crate) mod vocabulary;
pub(crate) mod world;
