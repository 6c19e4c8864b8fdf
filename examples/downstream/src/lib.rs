//! The trips of travel agencies. An agency is an organization of the tenant: whoever calls shows a token that is bound to
//! one, and sees and books the trips of that one.
//!
//! | request | scope | answer |
//! |---|---|---|
//! | `GET /trips` | `read:trips` | the cities that the agency's trips go to |
//! | `POST /trips` with `{"to": "Lisbon"}` | `book:trips` | 201 |
//! | `GET /fares/Lisbon` | `read:trips` | what the agency pays, from the API of another team |

mod caller;
mod fares;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use caller::{Caller, Refusal, Verifier};
use fares::Fares;

/// Seconds since the Unix epoch: the machine's, or those of a test.
pub type Now = Arc<dyn Fn() -> i64 + Send + Sync>;

/// What the service has to know of the world.
#[derive(Clone)]
pub struct Settings {
    /// Who issues tokens, with a slash at the end.
    pub issuer: String,
    /// What this service is called in tokens.
    pub audience: String,
    /// Where the fares are, and what that API is called in tokens.
    pub fares: String,
    pub fares_audience: String,
    /// The application that this service is in the tenant.
    pub client_id: String,
    pub client_secret: String,
    pub http: reqwest::Client,
    pub now: Now,
}

struct Service {
    verifier: Verifier,
    fares: Fares,
    /// By organization.
    trips: Mutex<HashMap<String, Vec<String>>>,
}

pub fn router(settings: &Settings) -> Router {
    let service =
        Service { verifier: Verifier::new(settings), fares: Fares::new(settings.clone()), trips: Mutex::default() };
    Router::new().route("/trips", get(list).post(book)).route("/fares/{city}", get(fare)).with_state(Arc::new(service))
}

async fn list(State(service): State<Arc<Service>>, caller: Caller) -> Result<Json<Vec<String>>, Refusal> {
    caller.must_have("read:trips")?;
    let trips = service.trips.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(Json(trips.get(&caller.organization).cloned().unwrap_or_default()))
}

#[derive(Deserialize)]
struct Trip {
    to: String,
}

async fn book(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Json(trip): Json<Trip>,
) -> Result<StatusCode, Refusal> {
    caller.must_have("book:trips")?;
    let mut trips = service.trips.lock().unwrap_or_else(PoisonError::into_inner);
    trips.entry(caller.organization).or_default().push(trip.to);
    Ok(StatusCode::CREATED)
}

async fn fare(
    State(service): State<Arc<Service>>,
    caller: Caller,
    Path(city): Path<String>,
) -> Result<Json<Value>, Refusal> {
    caller.must_have("read:trips")?;
    match service.fares.of(&caller.organization, &city).await {
        Ok(euros) => Ok(Json(json!({ "city": city, "euros": euros }))),
        Err(error) => {
            eprintln!("no fare for {city}: {error}");
            Err(Refusal::TryLater)
        }
    }
}
