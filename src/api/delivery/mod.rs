//! Deliveries of streams to services outside: which requests are due, and what follows from their answers.
//!
//! Nothing here sends a request: `server/delivery.rs` asks for the requests that are due and reports the results.
//!
//! A log stream is a position in the tenant's log, so its queue is the log itself. An event stream delivers documents of
//! the state that are `pending`. Both are bounded, and a request of a client only adds to them.

mod attempts;
mod deliveries;
mod event_queue;
mod log_batch;
pub(in crate::api) mod objects;
mod request;
#[cfg(test)]
mod tests;

pub(in crate::api) use deliveries::Deliveries;
pub(in crate::api) use event_queue::{add_attempts, add_event, cloud_event, is_webhook, raise};
pub(crate) use request::{Attempt, DueRequest, Failure};
