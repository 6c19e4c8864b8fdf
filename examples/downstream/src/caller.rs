//! Who calls: a token of the tenant, checked with the keys that it publishes.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::{Now, Service, Settings};

/// An application that works for an organization.
pub struct Caller {
    pub organization: String,
    scopes: String,
}

impl Caller {
    pub fn must_have(&self, scope: &'static str) -> Result<(), Refusal> {
        let has = self.scopes.split(' ').any(|had| had == scope);
        if has { Ok(()) } else { Err(Refusal::Scope(scope)) }
    }
}

impl FromRequestParts<Arc<Service>> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, service: &Arc<Service>) -> Result<Caller, Refusal> {
        let token = head.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        service.verifier.verify(token.ok_or(Refusal::Token)?).await
    }
}

#[derive(Deserialize)]
struct Claims {
    exp: i64,
    org_id: Option<String>,
    #[serde(default)]
    scope: String,
}

pub struct Verifier {
    http: reqwest::Client,
    keys_at: String,
    validation: Validation,
    now: Now,
    kept: Mutex<Kept>,
}

struct Kept {
    keys: JwkSet,
    /// Made-up key ids must not make this service ask for the keys all the time.
    ask_again_from: i64,
}

impl Verifier {
    /// Seconds between two looks at the published keys.
    const PAUSE: i64 = 60;

    pub fn new(settings: &Settings) -> Verifier {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&settings.issuer]);
        validation.set_audience(&[&settings.audience]);
        validation.set_required_spec_claims(&["iss", "aud", "exp"]);
        // Checked below, by our own clock.
        validation.validate_exp = false;
        Verifier {
            http: settings.http.clone(),
            keys_at: format!("{}.well-known/jwks.json", settings.issuer),
            validation,
            now: Arc::clone(&settings.now),
            kept: Mutex::new(Kept { keys: JwkSet { keys: Vec::new() }, ask_again_from: i64::MIN }),
        }
    }

    async fn verify(&self, token: &str) -> Result<Caller, Refusal> {
        let kid = decode_header(token).ok().and_then(|header| header.kid).ok_or(Refusal::Token)?;
        let key = self.key(&kid).await?.ok_or(Refusal::Token)?;
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refusal::Token)?;
        let claims = decode::<Claims>(token, &key, &self.validation).map_err(|_| Refusal::Token)?.claims;
        if claims.exp <= (self.now)() {
            return Err(Refusal::Token);
        }
        let organization = claims.org_id.ok_or(Refusal::Organization)?;
        Ok(Caller { organization, scopes: claims.scope })
    }

    /// The key of this id, from the tenant if it is not kept here.
    async fn key(&self, kid: &str) -> Result<Option<Jwk>, Refusal> {
        let mut kept = self.kept.lock().await;
        let now = (self.now)();
        if kept.keys.find(kid).is_none() && kept.ask_again_from <= now {
            let answer = self.http.get(&self.keys_at).send().await.and_then(reqwest::Response::error_for_status);
            kept.keys = match answer {
                Ok(answer) => answer.json().await.map_err(|_| Refusal::TryLater)?,
                Err(_) => return Err(Refusal::TryLater),
            };
            kept.ask_again_from = now + Verifier::PAUSE;
        }
        Ok(kept.keys.find(kid).cloned())
    }
}

/// Why a request is not served.
#[derive(Debug)]
pub enum Refusal {
    /// No token, or none that is good here and now.
    Token,
    /// A token for no organization in particular.
    Organization,
    /// A token without this scope.
    Scope(&'static str),
    /// Somebody else does not answer.
    TryLater,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Token => (StatusCode::UNAUTHORIZED, "a token of the tenant is needed".to_owned()),
            Refusal::Organization => (StatusCode::FORBIDDEN, "the token names no organization".to_owned()),
            Refusal::Scope(scope) => (StatusCode::FORBIDDEN, format!("the token lacks {scope}")),
            Refusal::TryLater => (StatusCode::BAD_GATEWAY, "try again later".to_owned()),
        }
        .into_response()
    }
}
