//! Refusals about jobs.

use super::ApiError;

impl ApiError {
    /// Unknown job, or one of which a day has passed (status documented, sentence and code assumed).
    pub fn job_not_found() -> Self {
        Self::new(404, "inexistent_job", "The job does not exist.")
    }

    /// An import into a connection whose users come from elsewhere (documented; sentence assumed).
    pub fn import_into_no_database() -> Self {
        Self::new(400, "invalid_body", "The connection must be a database connection.")
    }

    /// An import while as many are at work as a tenant may have (d).
    pub fn too_many_imports(active: usize) -> Self {
        let message = format!(
            "There are {active} active import users jobs, please wait until some of them are finished and try again"
        );
        Self::new(429, None, message)
    }
}
