//! What trips cost: the API of another team, which this service calls with tokens of its own. They are kept, for each
//! organization one, until shortly before their end.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::Settings;

pub struct Fares {
    settings: Settings,
    kept: Mutex<HashMap<String, Kept>>,
}

#[derive(Clone)]
struct Kept {
    token: String,
    good_until: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

#[derive(Deserialize)]
struct Fare {
    euros: u32,
}

impl Fares {
    /// Seconds before the end of a token at which a new one is asked for.
    const MARGIN: i64 = 60;

    pub fn new(settings: Settings) -> Fares {
        Fares { settings, kept: Mutex::default() }
    }

    pub async fn of(&self, organization: &str, city: &str) -> Result<u32, reqwest::Error> {
        let token = self.token(organization).await?;
        let Settings { http, fares, .. } = &self.settings;
        let fare = http.get(format!("{fares}/{city}")).bearer_auth(token).send().await?;
        Ok(fare.error_for_status()?.json::<Fare>().await?.euros)
    }

    async fn token(&self, organization: &str) -> Result<String, reqwest::Error> {
        let Settings { http, issuer, client_id, client_secret, fares_audience, now, .. } = &self.settings;
        let now = now();
        let mut kept = self.kept.lock().await;
        if let Some(Kept { token, good_until }) = kept.get(organization)
            && now + Fares::MARGIN < *good_until
        {
            return Ok(token.clone());
        }
        let request = json!({
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
            "audience": fares_audience,
            "organization": organization,
        });
        let answer = http.post(format!("{issuer}oauth/token")).json(&request).send().await?;
        let Granted { access_token, expires_in } = answer.error_for_status()?.json().await?;
        kept.insert(organization.to_owned(), Kept { token: access_token.clone(), good_until: now + expires_in });
        Ok(access_token)
    }
}
