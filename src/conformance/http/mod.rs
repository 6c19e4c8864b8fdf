//! HTTP as the conformance code speaks it: the client, a request, an answer, and the pauses before further requests.

mod answer;
pub(crate) mod backoff;
mod client;
mod request;

pub use answer::Answer;
pub(crate) use answer::{REDACTED, items};
pub(crate) use client::HttpClient;
pub(crate) use request::Request;
