//! What one scenario knows: the things it made, the last answer, and how to undo what it did.
//!
//! Texts of a scenario refer to what is known in braces: `{acme.id}` is the id of the thing
//! called "acme", `{answer.next}` a member of the last answer. Names made unique per scenario
//! let scenarios run side by side in one tenant.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use crate::conformance::cleanup::collection::Collection;
use crate::conformance::cleanup::sweeper;
use crate::conformance::comparison::transcript::{Hearing, Transcript};
use crate::conformance::http::REDACTED;
use crate::conformance::http::client::Asked;
use crate::conformance::recording::replay::heard;
use crate::conformance::scenario::eventual_consistency::{Again, lags, pauses};
use crate::conformance::scenario::report::Exchange;
use crate::conformance::scenario::steps::answer::items;
use crate::conformance::target::{Answer, Target, send};
use crate::redaction;

/// The world of one scenario. Steps of others take it as theirs do: `async fn step(world: &mut World, …)`.
#[derive(cucumber::World)]
#[world(init = Self::new)]
pub struct World {
    /// Begins every name that this scenario gives to something.
    label: String,
    known: BTreeMap<String, Value>,
    undo: Vec<Undo>,
    last: Option<Answer>,
    /// The last request, and its answer if there was one.
    sent: Option<(Asked, Option<Answer>)>,
    /// How to ask for the last answer again, where it may lag behind.
    again: Option<Again>,
    /// Where the feature file is, if it is a file.
    folder: Option<PathBuf>,
    /// There while somebody wants to know what the scenario asks.
    hearing: Option<Hearing>,
    /// Everything that a walk over pages brought.
    pub items: Vec<Value>,
}

/// Names only: among the values are secrets, and runners print worlds.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("World").field("label", &self.label).field("known", &self.known.keys()).finish_non_exhaustive()
    }
}

/// One step back to the tenant as it was before the scenario.
#[derive(Debug)]
enum Undo {
    Delete(String),
    Patch(String, Value),
}

static SCENARIOS: AtomicUsize = AtomicUsize::new(0);

impl World {
    fn new() -> World {
        let number = SCENARIOS.fetch_add(1, Ordering::Relaxed);
        let known = Target::current().facts().map(|(name, facts)| (name.to_owned(), facts));
        World {
            label: format!("{}-{number}", Target::current().run()),
            known: known.into(),
            undo: Vec::new(),
            last: None,
            sent: None,
            again: None,
            folder: None,
            hearing: None,
            items: Vec::new(),
        }
    }

    /// The name that the tenant sees for what the scenario calls `name`. Texts of a scenario have it as `{unique.name}`.
    pub fn unique(&self, name: &str) -> String {
        format!("{}-{}", self.label, name.replace(' ', "-"))
    }

    /// The address that the tenant sees for an API that the scenario calls `name`, which may be an address itself.
    pub fn unique_identifier(&self, name: &str) -> String {
        match name.split_once("://") {
            Some((scheme, rest)) => format!("{scheme}://{}.{rest}", self.label),
            None => format!("https://{}.example/", self.unique(name)),
        }
    }

    /// Keeps a value under a name that texts of the scenario may refer to.
    pub fn remember(&mut self, name: &str, value: Value) {
        if let Some(hearing) = &mut self.hearing {
            hearing.learns(name, &value, &self.label);
        }
        self.known.insert(name.to_owned(), value);
    }

    /// Whether something has this name.
    pub fn knows(&self, name: &str) -> bool {
        self.known.contains_key(name)
    }

    /// The text of `path` ("acme.id") among what is known.
    pub fn get(&self, path: &str) -> String {
        if let Some(name) = path.strip_prefix("unique.") {
            return self.unique(name);
        }
        match self.find(path) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => panic!("nothing is known as {{{path}}}; known are {:?}", self.known.keys()),
        }
    }

    /// A name may hold dots, as an address does: the longest one that fits is meant.
    fn find(&self, path: &str) -> Option<&Value> {
        let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
        let mut known = ends.filter_map(|end| Some((end, self.known.get(&path[..end])?)));
        let (end, value) = known.next_back()?;
        member(value, path[end..].trim_start_matches('.'))
    }

    /// `text` with every `{name.member}` replaced by what it stands for.
    pub fn fill(&self, text: &str) -> String {
        self.fill_with(text, |value| value)
    }

    /// The same for a path with a query string, where a value is one segment or one parameter.
    pub fn fill_path(&self, text: &str) -> String {
        self.fill_with(text, |value| {
            percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string()
        })
    }

    fn fill_with(&self, text: &str, write: impl Fn(String) -> String) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            filled.push_str(&rest[..open]);
            rest = &rest[open..];
            match rest.find('}').map(|close| (&rest[1..close], &rest[close + 1..])) {
                Some((path, after)) if is_reference(path) || self.find(path).is_some() => {
                    filled.push_str(&write(self.get(path)));
                    rest = after;
                }
                _ => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled + rest
    }

    /// A JSON text of a scenario, references filled in.
    pub fn json(&self, text: &str) -> Value {
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or_else(|error| panic!("not JSON ({error}): {text}"))
    }

    /// A cell of a table: what it refers to, or JSON where it is JSON, else a text.
    pub fn cell(&self, text: &str) -> Value {
        // An id of digits only is a text as well.
        if let Some(value) = text.strip_prefix('{').and_then(|text| self.find(text.strip_suffix('}')?)) {
            return value.clone();
        }
        let filled = self.fill(text);
        serde_json::from_str(&filled).unwrap_or(Value::String(filled))
    }

    /// The last answer.
    pub fn last(&self) -> &Answer {
        self.last.as_ref().unwrap_or_else(|| panic!("nothing was asked yet"))
    }

    /// The token of the last answer, or the one given before it.
    pub fn token(&self) -> String {
        self.get("token")
    }

    /// Keeps an answer, and the token in it if there is one.
    pub fn keep(&mut self, answer: Answer) {
        if let Some(token) = answer.body["access_token"].as_str() {
            self.known.insert("token".to_owned(), json!(token));
        }
        self.known.insert("answer".to_owned(), answer.body.clone());
        self.last = Some(answer);
        self.again = None;
    }

    /// Holds what is known to a check, and fails the step with the check's words.
    ///
    /// The answer to a search may lag behind what was done before it. On somebody's tenant it is asked for again until the
    /// check holds or the time for that is over; what is said last is said of the last answer.
    ///
    /// # Panics
    /// The check does not hold.
    pub async fn hold(&mut self, check: impl Fn(&World) -> Result<(), String>) {
        let mut pauses = pauses(Target::current().lag());
        let mut waited = Duration::ZERO;
        loop {
            let Err(told) = check(self) else { return };
            let Some((again, pause)) = self.again.clone().and_then(|again| Some((again, pauses.next()?))) else {
                match waited.is_zero() {
                    true => panic!("{told}"),
                    false => panic!("{told} (asked again for {} s)", waited.as_secs_f64()),
                }
            };
            tokio::time::sleep(pause).await;
            waited += pause;
            match again {
                Again::Answer { authorization, path } => {
                    self.call_as(authorization.as_deref(), Method::GET, &path, None).await;
                }
                Again::Pages { path } => self.read_every_page(&path).await,
            }
        }
    }

    /// Sends a request of a step, which fails where there is no answer.
    pub(crate) async fn send(&mut self, mut request: Asked) -> Answer {
        // A scenario that is heard is run again as a whole.
        request.repeatable &= self.hearing.is_none() || request.method == Method::GET;
        let answer = Target::current().send(request.clone()).await;
        if let Some(hearing) = &mut self.hearing {
            hearing.notes(request.clone(), answer.as_ref().ok());
        }
        self.sent = Some((request, answer.as_ref().ok().cloned()));
        answer.unwrap_or_else(|mistake| panic!("{mistake}"))
    }

    /// The last request with its answer, as a report shows it: without secrets.
    pub(crate) fn last_exchange(&self) -> Option<Exchange> {
        let (request, answer) = self.sent.as_ref()?;
        let mut told = heard(request, answer.as_ref());
        let path = std::mem::take(&mut told.path);
        if told.request.is_string() {
            // What is neither JSON nor a form cannot be read.
            told.request = REDACTED.into();
        }
        redaction::value(&mut told.request, &path, REDACTED);
        let query = redaction::query(told.query.into_iter().collect(), &path, REDACTED);
        let query = query.into_iter().map(|(name, value)| match value {
            Value::String(text) => format!("{name}={text}"),
            other => format!("{name}={other}"),
        });
        let query = query.collect::<Vec<_>>().join("&");
        let mark = if query.is_empty() { "" } else { "?" };
        Some(Exchange {
            request: format!("{} {}{mark}{query}", told.method, redaction::target(&path, REDACTED)),
            body: (!told.request.is_null()).then(|| format!("{:#}", told.request)),
            answer: match answer {
                None => "no answer".to_owned(),
                Some(answer) if answer.body.is_null() => answer.to_string(),
                Some(answer) => {
                    let mut body = answer.body.clone();
                    redaction::value(&mut body, &path, REDACTED);
                    format!("{}\n{body:#}", answer.status)
                }
            },
        })
    }

    /// Lets somebody know from now on what the scenario asks.
    pub(crate) fn is_heard(&mut self, hearing: Hearing) {
        self.hearing = Some(hearing);
    }

    /// What the scenario asks, while somebody wants to know.
    pub(crate) fn hearing(&mut self) -> Option<&mut Hearing> {
        self.hearing.as_mut()
    }

    /// What the scenario asked.
    pub(crate) fn transcript(&mut self) -> Option<Transcript> {
        let hearing = self.hearing.take()?;
        Some(hearing.end(&self.label, Target::current()))
    }

    /// Calls the Management API as the management application, and remembers how to undo it.
    pub async fn call(&mut self, method: Method, path: &str, body: Option<Value>) {
        let bearer = format!("Bearer {}", management_token().await);
        self.call_as(Some(&bearer), method, path, body).await;
    }

    /// Calls the Management API with an `Authorization` header of the scenario's choice.
    pub async fn call_as(&mut self, authorization: Option<&str>, method: Method, path: &str, body: Option<Value>) {
        let target = Target::current();
        let restore = match &body {
            Some(body) if method == Method::PATCH && path == SETTINGS => Some(self.settings_before(body).await),
            _ => None,
        };
        let creates = method == Method::POST && path.rfind('/') == Some(0);
        let mut announced = None;
        if let Some(guest) = target.guest().filter(|_| method != Method::GET) {
            if let Some(before) = &restore {
                told(guest.will_change(path, before));
            } else if creates {
                let written = guest.announce(target, path, body.as_ref()).await;
                announced = Some(written.unwrap_or_else(|mistake| panic!("{mistake}")));
            } else if !guest.owns(path) && !names_nothing(path) {
                panic!("{path} is not of this run, and a guest changes nothing else; tag the scenario @mock-only");
            }
        }
        let mut request = target.request(method.clone(), &format!("/api/v2{path}"));
        if let Some(authorization) = authorization {
            request = request.header(http::header::AUTHORIZATION, authorization);
        }
        if let Some(body) = &body {
            request = request.json(body);
        }
        // It may be done even where no answer comes.
        self.undo.extend(restore.clone().map(|before| Undo::Patch(path.to_owned(), before)));
        let answer = self.send(request).await;
        let made = (creates && matches!(answer.status, 200 | 201))
            .then(|| Collection::at(path)?.path_of(&answer.body))
            .flatten();
        if let (Some(guest), Some(name)) = (target.guest(), announced) {
            told(guest.came_of(path, name, made.as_deref()));
        }
        self.undo.extend(made.map(Undo::Delete));
        if restore.is_some() && answer.status != 200 {
            self.undo.pop();
            target.guest().into_iter().for_each(|guest| told(guest.restored(path)));
        }
        let may_lag = method == Method::GET && answer.status == 200 && lags(path);
        self.keep(answer);
        self.again =
            may_lag.then(|| Again::Answer { authorization: authorization.map(str::to_owned), path: path.to_owned() });
    }

    /// Reads page after page until the list ends: by `next` where the answer has it, else by `page`.
    ///
    /// # Panics
    /// A page is refused, or the list has no end.
    pub async fn read_every_page(&mut self, path: &str) {
        let cursor = path.contains("take=");
        let mut position = String::new();
        self.items.clear();
        for page in 0..1000 {
            if !cursor {
                position = format!("&page={page}");
            }
            self.call(Method::GET, &format!("{path}{position}"), None).await;
            let answer = self.last().clone();
            assert!(answer.status == 200, "page {page} of {path} answered {answer}");
            let items = items(&answer.body).to_vec();
            let empty = items.is_empty();
            self.items.extend(items);
            match answer.body["next"].as_str() {
                Some(_) if cursor => position = format!("&from={}", self.fill_path("{answer.next}")),
                _ if cursor || empty => {
                    self.again = lags(path).then(|| Again::Pages { path: path.to_owned() });
                    return;
                }
                _ => {}
            }
        }
        panic!("{path} has no end");
    }

    /// Creates something for the scenario's story and remembers it as `name`.
    pub async fn create(&mut self, name: &str, path: &str, body: Value) {
        self.call(Method::POST, path, Some(body)).await;
        let answer = self.last();
        assert!(matches!(answer.status, 200 | 201), "POST {path} for \"{name}\" answered {answer}");
        let made = answer.body.clone();
        self.remember(name, made);
    }

    /// The members of the tenant settings that `patch` is about to change, as they are now.
    async fn settings_before(&self, patch: &Value) -> Value {
        let request = Target::current().request(Method::GET, &format!("/api/v2{SETTINGS}"));
        let answer = send(request.bearer(management_token().await)).await;
        // What they are is not guessed: they would be restored to that.
        assert!(answer.status == 200, "the tenant settings could not be read: {answer}");
        let settings = answer.body;
        let members = patch.as_object().into_iter().flatten();
        members.map(|(name, _)| (name.clone(), settings[name.as_str()].clone())).collect()
    }

    /// Takes back what the scenario did, the last thing first.
    ///
    /// # Panics
    /// Something could not be taken back. Everything else was.
    pub async fn clean_up(&mut self) {
        let target = Target::current();
        let mut mistakes = Vec::new();
        while let Some(undo) = self.undo.pop() {
            // The scenario may have deleted it itself.
            let undone = match &undo {
                Undo::Delete(path) => sweeper::delete(target, path).await.map(drop),
                Undo::Patch(path, before) => sweeper::restore(target, path, before).await,
            };
            match (undone, target.guest(), undo) {
                (Err(mistake), ..) => mistakes.push(mistake),
                (Ok(()), Some(guest), Undo::Delete(path)) => told(guest.gone(&path)),
                (Ok(()), Some(guest), Undo::Patch(path, _)) => told(guest.restored(&path)),
                (Ok(()), None, _) => {}
            }
        }
        assert!(mistakes.is_empty(), "{}", mistakes.join("; "));
    }

    /// Tells where the feature file is, so that files beside it are found.
    pub(crate) fn stands_in(&mut self, folder: Option<&Path>) {
        self.folder = folder.map(Path::to_owned);
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }
}

const SETTINGS: &str = "/tenants/settings";

async fn management_token() -> &'static str {
    Target::current().management_token().await.unwrap_or_else(|mistake| panic!("{mistake}"))
}

/// A step whose ledger cannot be written fails: what it made could be left behind.
fn told(written: std::io::Result<()>) {
    written.unwrap_or_else(|error| panic!("the ledger cannot be written: {error}"));
}

/// Whether a path names something that nobody has: an id of zeros.
fn names_nothing(path: &str) -> bool {
    path.split('/').any(|part| {
        let id = part.split_once('_').map_or(part, |(_, id)| id);
        id.len() >= 16 && id.bytes().all(|byte| byte == b'0')
    })
}

/// The member of `value` at `path`, names joined by dots; the empty path is the value itself.
pub(crate) fn member<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    if path.is_empty() {
        return Some(value);
    }
    path.split('.').try_fold(value, |value, name| match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    })
}

/// Whether what stands in braces is a reference, and not the inside of a JSON object.
fn is_reference(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '-' | '.'))
}
