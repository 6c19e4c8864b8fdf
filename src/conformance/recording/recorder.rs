//! Writes the requests to a tenant and its answers to a cassette. No secret reaches the file.

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

/// A cassette that grows with each exchange. The file is complete after each exchange, so a killed recorder loses nothing.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    path: PathBuf,
    domain: String,
    /// The client id of the recorded application, once it has requested a Management API token.
    caller: Option<String>,
    /// The offset of the next exchange, which overwrites the end of the list.
    end: u64,
    first: bool,
}

/// The end of the list and of the cassette.
const END: &str = "\n ]\n}\n";

impl Recorder {
    /// Begins a cassette of this name in a folder. A placeholder replaces `domain`, the domain of the tenant.
    ///
    /// # Errors
    /// The folder or the file cannot be written, or the cassette exists already.
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
    fn add_answered(&mut self, request: &Request, answer: &Answer, duration: Duration) -> io::Result<()> {
        self.add(WireExchange {
            method: request.method.to_string(),
            url: request.path().to_owned(),
            request: body(&request.body, request.media_type(), request.path()),
            request_type: request.media_type().map(str::to_owned),
            status: answer.status,
            response: body(answer.text.as_bytes(), None, request.path()),
            duration_ms: Some((duration.as_secs_f64() * 1_000_000.0).round() / 1000.0),
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
        self.with_observer(move |request, answer, duration| {
            recorder.lock().unwrap_or_else(PoisonError::into_inner).add_answered(request, answer, duration)
        })
    }
}

/// The client id in a request for a Management API token.
fn caller(exchange: &WireExchange) -> Option<String> {
    let text = |key: &str| exchange.request.get(key).and_then(Value::as_str);
    let asks = exchange.url.ends_with("/oauth/token")
        && text("audience").is_some_and(|audience| audience.ends_with("/api/v2/"));
    text("client_id").filter(|id| asks && id.len() >= SHORTEST_ID).map(str::to_owned)
}

/// A shorter id could be part of another word.
const SHORTEST_ID: usize = 12;

/// A body in the form of a recording, without secrets. `target` is the path with its query.
pub(super) fn body(bytes: &[u8], media_type: Option<&str>, target: &str) -> Value {
    redaction::body(bytes, media_type, target.split('?').next().unwrap_or_default(), REDACTED)
}

/// Removes secrets from the address of an exchange. Its bodies have none already.
fn redacted(exchange: WireExchange, domain: &str) -> Interaction {
    let mut item = interaction(exchange, domain);
    let query = std::mem::take(&mut item.query).into_iter().collect();
    item.query = redaction::query(query, &item.path, REDACTED).into_iter().collect();
    item.path = redaction::target(&item.path, REDACTED);
    item.request_content_type = item.request_content_type.map(|media_type| redaction::text(&media_type, REDACTED));
    item
}
