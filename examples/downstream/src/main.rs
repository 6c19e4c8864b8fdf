//! Serves the trips. What it has to know is in the environment.

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::net::TcpListener;
use trips::{Settings, router};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let set = |name: &str| env::var(name).map_err(|error| format!("{name}: {error}"));
    let since_the_epoch = || SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs() as i64;
    let settings = Settings {
        issuer: set("TRIPS_ISSUER")?,
        audience: set("TRIPS_AUDIENCE")?,
        fares: set("TRIPS_FARES")?,
        fares_audience: set("TRIPS_FARES_AUDIENCE")?,
        client_id: set("TRIPS_CLIENT_ID")?,
        client_secret: set("TRIPS_CLIENT_SECRET")?,
        http: reqwest::Client::builder().timeout(Duration::from_secs(5)).build()?,
        now: Arc::new(since_the_epoch),
    };
    let listener = TcpListener::bind(set("TRIPS_LISTEN")?).await?;
    Ok(axum::serve(listener, router(&settings)).await?)
}
