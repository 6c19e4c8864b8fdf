//! A tenant, the API of the other team, and the service between them.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use m2mock::{Api, Application, ClientGrant, MockTenant, MockTenantBuilder, Organization, OrganizationUsage};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use trips::{Settings, router};

pub struct Stage {
    pub tenant: MockTenant,
    pub trips: Api,
    /// The application that the service is.
    pub service: Application,
    /// A partner's bot, and what it may do with the trips.
    pub bot: Application,
    pub grant: ClientGrant,
    uri: String,
    http: reqwest::Client,
}

impl Stage {
    pub async fn set() -> Stage {
        Stage::set_with(MockTenant::builder()).await
    }

    pub async fn set_with(tenant: MockTenantBuilder) -> Stage {
        // No test waits for this, not even on a busy machine.
        Stage::set_with_patience(tenant, Duration::from_secs(60)).await
    }

    /// With a service that waits so long for each answer of the tenant.
    pub async fn set_with_patience(tenant: MockTenantBuilder, patience: Duration) -> Stage {
        let tenant = tenant.start();
        let trips = tenant.api("https://trips.example/").scopes(["read:trips", "book:trips"]).create();
        let fares = tenant.api("https://fares.example/").create();
        let service = tenant.application("Trips").create();
        tenant
            .client_grant(&service, &fares)
            .organization_usage(OrganizationUsage::Require)
            .allow_any_organization(true)
            .create();
        let bot = tenant.application("Partner bot").create();
        let grant = tenant
            .client_grant(&bot, &trips)
            .scopes(["read:trips", "book:trips"])
            .organization_usage(OrganizationUsage::Allow)
            .create();
        tenant.allow_organization_names();

        // The service goes by the tenant's clock, so that a test moves both.
        let clock = tenant.clock().clone();
        let settings = Settings {
            issuer: tenant.issuer(),
            audience: trips.identifier.clone(),
            fares: serve(Router::new().route("/{city}", get(fare))).await,
            fares_audience: fares.identifier,
            client_id: service.client_id.clone(),
            client_secret: service.client_secret.clone(),
            http: reqwest::Client::builder().timeout(patience).build().unwrap(),
            now: Arc::new(move || clock.unix()),
        };
        let uri = serve(router(&settings)).await;
        Stage { tenant, trips, service, bot, grant, uri, http: reqwest::Client::new() }
    }

    /// An agency that the bot works for.
    pub fn agency(&self, name: &str) -> Organization {
        let agency = self.tenant.organization(name).create();
        self.tenant.associate(&agency, &self.grant);
        agency
    }

    /// The bot's token for an agency.
    pub fn token(&self, agency: &str) -> String {
        let request = self.tenant.token(&self.bot).audience(&self.trips).organization(agency);
        request.request().unwrap().access_token
    }

    pub async fn book(&self, token: &str, city: &str) {
        let request = self.http.post(format!("{}/trips", self.uri)).bearer_auth(token).json(&json!({ "to": city }));
        assert_eq!(request.send().await.unwrap().status(), 201);
    }

    /// Status and body; `null` where there is no JSON.
    pub async fn get(&self, path: &str, token: &str) -> (u16, Value) {
        let answer = self.http.get(format!("{}{path}", self.uri)).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }
}

/// The API of the other team: 40 euros, wherever it is, for whoever shows a token.
async fn fare(Path(_city): Path<String>, headers: HeaderMap) -> Result<Json<Value>, StatusCode> {
    match headers.contains_key("authorization") {
        true => Ok(Json(json!({ "euros": 40 }))),
        false => Err(StatusCode::UNAUTHORIZED),
    }
}

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router).into_future());
    format!("http://{address}")
}
