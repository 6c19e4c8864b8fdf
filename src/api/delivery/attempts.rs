//! The due requests of a tenant that delivers, and the results that its server reports.

use std::sync::Arc;
use std::time::SystemTime;

use super::deliveries::Deliveries;
use super::event_queue;
use super::log_batch::Batch;
use super::request::{Attempt, Due, DueRequest, Failure, Outlook, of_log_stream};
use crate::api::tenant::Tenant;
use crate::domain::clock::{Mode, Observer};
use crate::domain::delivery::LONGEST_PAUSE;
use crate::store::document::text;
use crate::store::{Document, Kind, State};

impl Tenant {
    /// Delivers from now on. `wake` is called whenever a request may be due, and when the clock moves.
    pub(crate) fn deliver(&self, wake: Arc<Observer>) {
        self.clock.observe(&wake);
        // A tenant has one server that delivers; a second one would deliver everything twice.
        let _ = self.deliveries.set(Deliveries::new(wake, self.log.entries().next()));
    }

    /// The requests that are due; none of a tenant that does not deliver.
    pub(crate) fn due_deliveries(&self) -> Due {
        let Some(deliveries) = self.deliveries.get() else { return Due::default() };
        let clock = self.clock.mode();
        let now = clock.now();
        // A pause that ends later than any pause began before the clock was set back.
        let is_due = |moment: Option<SystemTime>| {
            let pause = moment.and_then(|moment| moment.duration_since(now).ok()).unwrap_or_default();
            pause.is_zero() || pause > LONGEST_PAUSE
        };
        let (log_streams, (mut requests, mut later)) = {
            let state = self.state();
            (active_log_streams(deliveries, &state), event_queue::due(&state, is_due))
        };
        for stream in log_streams {
            let id = text(&stream, "id").unwrap_or_default();
            let progress = *deliveries.progress().log_stream(id, true);
            if is_due(progress.pauses_until()) {
                requests.extend(self.batch(deliveries, &stream, progress.next));
            } else {
                later.extend(progress.pauses_until());
            }
        }
        let soonest = later.into_iter().min().and_then(|moment| moment.duration_since(now).ok());
        Due { requests, wait: soonest.filter(|_| matches!(clock, Mode::Running { .. })) }
    }

    /// The request with the next entries for a log stream, if there are any.
    fn batch(&self, deliveries: &Deliveries, stream: &Document, begin: u64) -> Option<DueRequest> {
        let id = text(stream, "id")?;
        let batch = Batch::next(&self.log, stream, begin);
        if batch.entries.is_empty() {
            deliveries.progress().delivered_logs(id, batch.end);
            return None;
        }
        let sink = stream.get("sink")?.as_object()?;
        let body = batch.body(text(sink, "httpContentFormat"), self.names.tenant());
        let attempt = Attempt::Logs { stream: id.to_owned(), end: batch.end };
        Some(DueRequest { attempt, request: of_log_stream(sink, body) })
    }

    /// Learns the result of an attempt. Returns a sentence about a failure.
    pub(crate) fn attempted(&self, attempt: &Attempt, result: Result<(), Failure>) -> Option<String> {
        let deliveries = self.deliveries.get()?;
        let now = self.clock.now();
        let (stream, failure) = match (attempt, result) {
            (Attempt::Logs { stream, end }, Ok(())) => {
                deliveries.progress().delivered_logs(stream, *end);
                return None;
            }
            (Attempt::Event { id }, Ok(())) => {
                let stream = event_queue::delivered(&mut self.state(), id, now)?;
                deliveries.progress().delivered_event(&stream);
                return None;
            }
            (Attempt::Logs { stream, .. }, Err(failure)) => {
                let stops = deliveries.progress().failed_logs(stream, now);
                if stops || failure.outlook == Outlook::Lasting {
                    set_status(&mut self.state(), Kind::LogStream, stream, "suspended");
                }
                (stream.clone(), failure)
            }
            (Attempt::Event { id }, Err(failure)) => {
                let (stream, is_lost) = event_queue::not_delivered(&mut self.state(), id, now, &failure)?;
                let is_disabled = deliveries.progress().failed_event(&stream, is_lost);
                if is_disabled {
                    set_status(&mut self.state(), Kind::EventStream, &stream, "disabled");
                }
                (stream, failure)
            }
        };
        let sentence = format!("{stream} was not delivered: {}", failure.sentence);
        deliveries.progress().remember(sentence.clone());
        Some(sentence)
    }

    /// The last ten failures to deliver, oldest first.
    pub(crate) fn delivery_failures(&self) -> Vec<String> {
        self.deliveries.get().map(Deliveries::failures).unwrap_or_default()
    }
}

/// The log streams that have an HTTP sink and are active.
fn active_log_streams(deliveries: &Deliveries, state: &State) -> Vec<Document> {
    let mut progress = deliveries.progress();
    progress.retain(|id| state[Kind::LogStream].contains(id), |id| state[Kind::EventStream].contains(id));
    let mut active = Vec::new();
    for stream in state[Kind::LogStream].iter().filter(|stream| text(stream, "type") == Some("http")) {
        let is_active = text(stream, "status") == Some("active");
        progress.log_stream(text(stream, "id").unwrap_or_default(), is_active);
        if is_active {
            active.push(Document::clone(stream));
        }
    }
    active
}

fn set_status(state: &mut State, kind: Kind, id: &str, status: &str) {
    state[kind].change(id, |stream| stream.insert("status".to_owned(), status.into()));
}
