//! Writes the requests to a tenant and its answers to a cassette. Secrets never reach the file.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::cassette::{Cassette, Interaction};
use super::exchange::{WireExchange, interaction};
use crate::conformance::http::{Answer, REDACTED, Request};
use crate::conformance::target::Target;
use crate::{atomic_file, redaction};

/// A cassette that grows with each exchange. The file is whole after each one: a recorder that is killed leaves what it
/// has recorded.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    path: PathBuf,
    domain: String,
    /// The application that records, once it has asked for a Management API token.
    caller: Option<String>,
    /// Where the next exchange is written: over the end of the list.
    end: u64,
    first: bool,
}

/// The end of the list and of the cassette.
const END: &str = "\n ]\n}\n";

impl Recorder {
    /// Begins a cassette of this name in a folder. `domain` is the tenant's: it becomes a placeholder.
    ///
    /// # Errors
    /// The folder or the file cannot be written, or there is such a cassette already.
    pub fn begin(folder: &Path, name: &str, domain: &str) -> io::Result<Recorder> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.json"));
        let mut file = atomic_file::for_its_owner().open(&path)?;
        let head = Cassette {
            source: "m2mock".to_owned(),
            cassette: name.to_owned(),
            recorded_with: Some(concat!("m2mock/", env!("CARGO_PKG_VERSION")).to_owned()),
            interactions: Vec::new(),
        };
        let text = serde_json::to_string_pretty(&head)?;
        let begin = text.rfind("[]").map_or(text.as_str(), |at| &text[..at]);
        write!(file, "{begin}[{END}")?;
        let end = begin.len() as u64 + 1;
        Ok(Recorder { file, path, domain: domain.to_owned(), caller: None, end, first: true })
    }

    /// The file of the cassette.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a request and its answer.
    fn add_answered(&mut self, request: &Request, answer: &Answer, took: Duration) -> io::Result<()> {
        self.add(WireExchange {
            method: request.method.to_string(),
            url: request.path().to_owned(),
            request: body(&request.body, request.media_type(), request.path()),
            request_type: request.media_type().map(str::to_owned),
            status: answer.status,
            response: body(answer.text.as_bytes(), None, request.path()),
            duration_ms: Some((took.as_secs_f64() * 1_000_000.0).round() / 1000.0),
        })
    }

    pub(super) fn add(&mut self, exchange: WireExchange) -> io::Result<()> {
        if self.caller.is_none() {
            self.caller = caller(&exchange);
        }
        let mut text = serde_json::to_string_pretty(&redacted(exchange, &self.domain))?;
        if let Some(caller) = &self.caller {
            text = text.replace(caller, "{{client_id}}");
        }
        let separator = if self.first { "\n" } else { ",\n" };
        let indented = text.lines().map(|line| format!("  {line}")).collect::<Vec<_>>().join("\n");
        let text = format!("{separator}{indented}");
        io::Seek::seek(&mut self.file, io::SeekFrom::Start(self.end))?;
        write!(self.file, "{text}{END}")?;
        self.file.flush()?;
        self.end += text.len() as u64;
        self.first = false;
        Ok(())
    }
}

impl Target {
    /// Records each request and its answer.
    #[must_use]
    pub(crate) fn with_recorder(self, recorder: Recorder) -> Target {
        let recorder = Mutex::new(recorder);
        self.with_observer(move |request, answer, took| {
            recorder.lock().unwrap_or_else(PoisonError::into_inner).add_answered(request, answer, took)
        })
    }
}

/// The application that asks for a token for the Management API.
fn caller(exchange: &WireExchange) -> Option<String> {
    let text = |key: &str| exchange.request.get(key).and_then(Value::as_str);
    let asks = exchange.url.ends_with("/oauth/token")
        && text("audience").is_some_and(|audience| audience.ends_with("/api/v2/"));
    text("client_id").filter(|id| asks && id.len() >= SHORTEST_ID).map(str::to_owned)
}

/// An id that is shorter would be found in the middle of other words.
const SHORTEST_ID: usize = 12;

/// A body as a recording holds it. `target` is the path with its query.
pub(super) fn body(bytes: &[u8], media_type: Option<&str>, target: &str) -> Value {
    redaction::body(bytes, media_type, target.split('?').next().unwrap_or_default(), REDACTED)
}

/// The bodies of the exchange have no secrets any more; its address is looked at here.
fn redacted(exchange: WireExchange, domain: &str) -> Interaction {
    let mut item = interaction(exchange, domain);
    let query = std::mem::take(&mut item.query).into_iter().collect();
    item.query = redaction::query(query, &item.path, REDACTED).into_iter().collect();
    item.path = redaction::target(&item.path, REDACTED);
    item.request_content_type = item.request_content_type.map(|told| redaction::text(&told, REDACTED));
    item
}
