//! Compares a mock with a tenant: the exchanges of the same scenarios on both.

pub(crate) mod drift;
mod transcript;

pub(crate) use transcript::Transcript;

use super::cleanup::TenantUnderTest;
use super::scenario::{Options, capture};

/// Runs the scenarios against a tenant without checking its answers, and gives the transcript of each. A `Then` that fails ends
/// nothing; a step that prepares or asks, and fails, ends its scenario. A scenario in which a request got no answer is run again.
///
/// # Errors
/// A feature file cannot be read or has an unknown step, and nothing was run: all mistakes, a line each. Or the tenant gives no
/// answer.
pub(crate) async fn transcribe(
    options: Options,
    tenant: impl Into<TenantUnderTest>,
) -> Result<Vec<Transcript>, String> {
    let tenant = tenant.into();
    let captures = capture(options, &tenant).await?;
    Ok(captures.into_iter().map(|capture| Transcript::of(capture, tenant.target())).collect())
}
