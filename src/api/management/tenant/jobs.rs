//! `/jobs`: exports and imports of users, and verification emails. A job proceeds with the tenant's clock
//! (`store/jobs.rs`).

use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value, json};

use crate::api::addressed::Addressed::{self, Link};
use crate::api::call::{Call, Reply};
use crate::api::error::clients::INEXISTENT_CLIENT;
use crate::api::error::organizations::ORGANIZATION_NOT_FOUND;
use crate::api::error::users::{CONNECTION_OF_USER_NOT_FOUND, INEXISTENT_USER};
use crate::api::error::{ApiError, Refusal};
use crate::api::json::object;
use crate::api::management::users::account_connection::AccountConnection;
use crate::api::management::users::import;
use crate::api::operation::{Family, Operation};
use crate::api::timestamp::timestamp;
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::document::text;
use crate::store::jobs::{Job, Phase};
use crate::store::{Document, Kind, State};

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("jobs.schema.json")));

const ADDRESSED: &[Addressed] = &[Link("location")];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::post("/jobs/users-exports", &["read:users"], export).body("Export").success(200),
        Operation::post("/jobs/users-imports", &["create:users"], import).query("Import").form("Import").success(202),
        Operation::post("/jobs/verification-email", &["update:users"], verification_email).body("VerificationEmail"),
        Operation::get("/jobs/{id}", &["create:users", "read:users"], get).parameters("Job").addressed(ADDRESSED),
        Operation::get("/jobs/{id}/errors", &["create:users", "read:users"], errors).parameters("Job"),
    ],
};

/// Unknown job, or a job that is older than a day (status documented, sentence and code assumed).
const JOB_NOT_FOUND: Refusal = Refusal::new(404, "inexistent_job", "The job does not exist.");

/// An import into a connection whose users come from elsewhere (documented; sentence assumed).
const IMPORT_INTO_NO_DATABASE: Refusal = Refusal::invalid_body("The connection must be a database connection.");

/// An import while the maximum number of imports is running (d).
const TOO_MANY_IMPORTS: Refusal = Refusal::plain(
    429,
    "There are {} active import users jobs, please wait until some of them are finished and try again",
);

/// The maximum number of running imports ("Bulk User Imports", documented).
const MOST_IMPORTS: usize = 2;
/// The maximum size of the file of an import in bytes ("Bulk User Imports", documented).
const LARGEST_FILE: usize = 512_000;

/// An export has no file: `location` is a link of the right form without a target.
fn export(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut job = std::mem::take(&mut call.body);
    let connection = match text(&job, "connection_id") {
        Some(id) => Some(call.state[Kind::Connection].get(id).ok_or(CONNECTION_OF_USER_NOT_FOUND)?),
        None => None,
    };
    // The published answer always has the member.
    let name = connection.and_then(|connection| text(connection, "name")).unwrap_or_default().to_owned();
    job.insert("connection".to_owned(), name.into());
    let format = text(&job, "format").unwrap_or("csv").to_owned();
    job.insert("format".to_owned(), format.clone().into()); // even if the request has no format (recorded)
    start(call, "users_export", job, |id, domain| {
        let location = format!("https://{domain}/exports/{id}/{id}.{format}.gz");
        (json!({ "location": location, "percentage_done": 100, "time_left_seconds": 0 }), Vec::new())
    })
}

fn import(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let mut job = std::mem::take(&mut call.body);
    let connection = call.state[Kind::Connection].get(text(&job, "connection_id").unwrap_or_default());
    let connection = connection.ok_or(CONNECTION_OF_USER_NOT_FOUND)?;
    if text(connection, "strategy") != Some("auth0") {
        return Err(IMPORT_INTO_NO_DATABASE.into());
    }
    let connection = AccountConnection::named(call.state, text(connection, "name").unwrap_or_default())?;
    let file = job.remove("users").and_then(|users| users.as_str().map(str::to_owned)).unwrap_or_default();
    if file.len() > LARGEST_FILE {
        return Err(ApiError::payload_too_large(LARGEST_FILE));
    }
    let is_import = |job: &&Job| job.created_member("type").is_some_and(|kind| kind == "users_import");
    if call.state.jobs.open(call.clock.now()).filter(is_import).count() >= MOST_IMPORTS {
        return Err(TOO_MANY_IMPORTS.with(&[&MOST_IMPORTS]));
    }
    let upsert = job.remove("upsert") == Some(Value::Bool(true));
    job.retain(|key, value| match key.as_str() {
        "connection_id" => true,
        "external_id" => value != "", // an empty id counts as none (recorded)
        _ => false,
    });
    job.insert("connection".to_owned(), connection.name().into());
    let result = import::import(call, &connection, &file, upsert);
    start(call, "users_import", job, |_, _| match result {
        Ok(import) => (json!({ "summary": import.summary() }), import.errors),
        Err(details) => (json!({ "status": "failed", "status_details": details }), Vec::new()),
    })
}

/// Creates a job that sends no email.
fn verification_email(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let member = |key| text(&call.body, key);
    let state = &*call.state;
    state[Kind::User].get(member("user_id").unwrap_or_default()).ok_or(INEXISTENT_USER)?;
    if member("client_id").is_some_and(|id| !state[Kind::Client].contains(id)) {
        return Err(INEXISTENT_CLIENT.into());
    }
    if member("organization_id").is_some_and(|id| !state[Kind::Organization].contains(id)) {
        return Err(ORGANIZATION_NOT_FOUND.into());
    }
    start(call, "verification_email", Map::new(), |_, _| (json!({}), Vec::new()))
}

/// Stores a job and answers it as pending. `end` takes the id of the job and the tenant's domain, and returns the result and the
/// errors.
fn start(
    call: &mut Call<'_>,
    kind: &str,
    mut job: Map<String, Value>,
    end: impl FnOnce(&str, &str) -> (Value, Vec<Value>),
) -> Result<Reply, ApiError> {
    // There are 62^16 ids, so two stored jobs never have the same id.
    let id = IdShape::JOB.draw(&mut call.state.random);
    let since = call.clock.now();
    job.extend(object(json!({ "id": id, "type": kind, "status": "pending", "created_at": timestamp(since) })));
    let (members, errors) = end(&id, call.names.domain());
    let mut result = object(json!({ "status": "completed" }));
    result.extend(object(members));
    let job = Job { id, since, created: Document::new(job), result: Document::new(result), errors: Arc::new(errors) };
    let reply = Reply::json(&job.created);
    call.state.jobs.add(job);
    Ok(reply)
}

fn get(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let now = call.clock.now();
    let job = find(call.state, call)?;
    Ok(match job.phase(now) {
        Phase::Pending => Reply::json(&job.created),
        Phase::Ended => Reply::json(&job.ended()),
        Phase::Processing(rest) => {
            let mut view = Map::clone(&job.created);
            view.insert("status".to_owned(), "processing".into());
            if job.created_member("type").is_some_and(|kind| kind != "verification_email") {
                view.insert("percentage_done".to_owned(), 50.into());
                view.insert("time_left_seconds".to_owned(), rest.as_secs().max(1).into());
            }
            Reply::json(&view)
        }
    })
}

/// Answers the errors of single entries, or the error of the whole job; without errors, the answer has no body.
fn errors(call: &mut Call<'_>) -> Result<Reply, ApiError> {
    let job = find(call.state, call)?;
    let has_failed = job.result.get("status").is_some_and(|status| status == "failed");
    Ok(if has_failed {
        Reply::json(&job.ended())
    } else if job.errors.is_empty() {
        Reply::empty().status(204)
    } else {
        Reply::json(&job.errors)
    })
}

fn find<'a>(state: &'a State, call: &Call<'_>) -> Result<&'a Job, ApiError> {
    state.jobs.get(call.parameter("id"), call.clock.now()).ok_or_else(|| JOB_NOT_FOUND.into())
}
