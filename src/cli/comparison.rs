//! Runs the same scenarios on a mock and then on a shared tenant, and returns the transcripts of both runs.

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use tokio::net::TcpListener;

use super::shared_run::SharedRunOptions;
use crate::api::calibration::Values;
use crate::api::{CalibratedAnswers, Config, JournalEntry, Tenant};
use crate::conformance::{Error, FeatureFile, Options, Target, Transcript, transcribe};
use crate::server;

/// The scenarios, and how they run on the tenant.
pub(super) struct PairOptions<'a> {
    pub features: Vec<FeatureFile>,
    pub tags: Option<String>,
    pub concurrency: Option<usize>,
    pub shared_run: &'a SharedRunOptions,
}

/// The transcripts of both runs.
pub(super) struct RunPair {
    pub mock: Vec<Transcript>,
    pub tenant: Vec<Transcript>,
    /// The entries of the mock's journal about its refusals, by the mark of the answer.
    pub refusals: Refusals,
}

type Refusals = HashMap<String, (JournalEntry, Values)>;

/// Runs the scenarios on a mock with these answers, and then on the tenant, which the run leaves unchanged.
pub(super) async fn run_pair(
    run: PairOptions<'_>,
    answers: CalibratedAnswers,
    target: Target,
) -> Result<RunPair, String> {
    let options = || Options {
        tags: run.tags.clone(),
        concurrency: run.concurrency.unwrap_or(1),
        mock: false,
        ..Options::of(run.features.clone())
    };
    let (mock, refusals) = on_a_mock(options(), answers).await?;
    if mock.is_empty() {
        return Err("no scenario matches the tags and files".to_owned());
    }
    let tenant = run.shared_run.run(target, async |tenant| transcribe(options(), tenant).await).await?;
    Ok(RunPair { mock, tenant, refusals })
}

async fn on_a_mock(options: Options, answers: CalibratedAnswers) -> Result<(Vec<Transcript>, Refusals), String> {
    let refusals: Arc<Mutex<Refusals>> = Arc::default();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let config = Config { answers: Some(answers), ports: vec![address.port()], ..Config::default() };
    let tenant = Arc::new(Tenant::new(config));
    tenant.number_refusals();
    let (id, secret) = tenant.management_client();
    let mock = Target::new(&format!("http://{address}"), &id, &secret, &tenant.management_audience(), None)
        .map_err(Error::into_text)?;
    let answer = {
        let refusals = Arc::clone(&refusals);
        move |request| {
            let (response, entry, values) = tenant.answer_and_explain(&request);
            if entry.status >= 400 {
                let mut refusals = refusals.lock().unwrap_or_else(PoisonError::into_inner);
                refusals.insert(entry.number.to_string(), (entry, values));
            }
            async { response }
        }
    };
    let transcripts = tokio::select! {
        () = server::serve_with(listener, answer) => Err("the mock ended".to_owned()),
        transcripts = transcribe(options, mock) => transcripts,
    }?;
    let refusals = std::mem::take(&mut *refusals.lock().unwrap_or_else(PoisonError::into_inner));
    Ok((transcripts, refusals))
}

/// Today, in UTC.
pub(super) fn today() -> String {
    let mut today = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    today.truncate("2026-01-01".len());
    today
}
