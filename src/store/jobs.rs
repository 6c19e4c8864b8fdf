//! Jobs: work that is done at once and reported later, on the tenant's clock.
//!
//! The request that creates a job does the work. Only the report takes time, by the tenant's clock: a job is pending,
//! then it is processing, then it shows its result. After a day it is removed.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::document::Document;

/// The seconds for which a job is pending (assumed).
const PENDING: Duration = Duration::from_secs(1);
/// The seconds for which it is processing after that (assumed).
const PROCESSING: Duration = Duration::from_secs(1);
/// The seconds after which a job is removed (documented: a day).
const REMEMBERED: Duration = Duration::from_secs(86_400);
/// The maximum number of jobs. The job of an import may have half a megabyte of refused accounts.
const MOST_JOBS: usize = 100;

/// A job.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Job {
    /// `job_…`.
    pub id: String,
    /// When it was created.
    pub since: SystemTime,
    /// The answer to the request that created it.
    #[serde(rename = "asked")]
    pub created: Document,
    /// The members that it has in addition when it has ended.
    #[serde(rename = "ended")]
    pub result: Document,
    /// The errors of single entries.
    pub errors: Arc<Vec<Value>>,
}

/// The phase of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Nothing has happened yet.
    Pending,
    /// It is processing, with this time left.
    Processing(Duration),
    /// It is over.
    Ended,
}

impl Job {
    /// The phase of the job at a moment. If the clock is set back to a time before the job, the job is pending.
    pub(crate) fn phase(&self, now: SystemTime) -> Phase {
        let age = now.duration_since(self.since).unwrap_or_default();
        match (PENDING + PROCESSING).checked_sub(age) {
            Some(rest) if rest > PROCESSING => Phase::Pending,
            Some(rest) if rest > Duration::ZERO => Phase::Processing(rest),
            _ => Phase::Ended,
        }
    }

    /// A member of the answer that created the job.
    pub(crate) fn created_member<'a>(&'a self, key: &str) -> Option<&'a Value> {
        self.created.get(key)
    }

    /// The job as it is shown when it has ended.
    pub(crate) fn ended(&self) -> Map<String, Value> {
        let mut document = Map::clone(&self.created);
        document.extend(Map::clone(&self.result));
        document
    }
}

/// The jobs of a tenant, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Jobs(VecDeque<Job>);

impl Jobs {
    /// Adds a job, and removes those that are older than a day.
    pub(crate) fn add(&mut self, job: Job) {
        let now = job.since;
        self.0.retain(|job| is_remembered(job, now));
        while self.0.len() >= MOST_JOBS {
            self.0.pop_front();
        }
        self.0.push_back(job);
    }

    /// The problem of imported jobs, for a clock that ends at this moment.
    pub(crate) fn problem(&self, end: SystemTime) -> Option<&'static str> {
        if self.0.len() > MOST_JOBS {
            Some("there are more than a hundred")
        } else if self.0.iter().any(|job| job.since < UNIX_EPOCH || job.since > end) {
            Some("a moment is before 1970 or after the year 9999")
        } else {
            None
        }
    }

    /// The job with this id, if it is remembered at this moment.
    pub(crate) fn get(&self, id: &str, now: SystemTime) -> Option<&Job> {
        self.0.iter().find(|job| job.id == id && is_remembered(job, now))
    }

    /// The jobs that are not over at this moment.
    pub(crate) fn open(&self, now: SystemTime) -> impl Iterator<Item = &Job> {
        self.0.iter().filter(move |job| job.phase(now) != Phase::Ended)
    }
}

fn is_remembered(job: &Job, now: SystemTime) -> bool {
    now.duration_since(job.since).unwrap_or_default() < REMEMBERED
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use super::{Job, Jobs, MOST_JOBS, Phase};

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn job(id: usize, since: u64) -> Job {
        let (created, result, errors) = Default::default();
        Job { id: id.to_string(), since: at(since), created, result, errors }
    }

    #[test]
    fn a_job_proceeds_with_the_time() {
        let job = job(1, 100);
        assert_eq!(job.phase(at(50)), Phase::Pending);
        assert_eq!(job.phase(at(100)), Phase::Pending);
        assert_eq!(job.phase(at(101)), Phase::Processing(Duration::from_secs(1)));
        assert_eq!(job.phase(at(102)), Phase::Ended);
        assert_eq!(job.phase(at(1_000_000)), Phase::Ended);
    }

    #[test]
    fn a_job_is_remembered_for_a_day() {
        let mut jobs = Jobs::default();
        jobs.add(job(1, 100));
        assert!(jobs.get("1", at(86_499)).is_some());
        assert!(jobs.get("1", at(86_500)).is_none());
        assert_eq!(jobs.open(at(100)).count(), 1);
        assert_eq!(jobs.open(at(102)).count(), 0);
        jobs.add(job(2, 86_500));
        assert_eq!(jobs.0.len(), 1);
    }

    #[test]
    fn only_the_latest_jobs_are_remembered() {
        let mut jobs = Jobs::default();
        for id in 0..=MOST_JOBS {
            jobs.add(job(id, 100));
        }
        assert_eq!(jobs.0.len(), MOST_JOBS);
        assert!(jobs.get("0", at(100)).is_none());
    }
}
