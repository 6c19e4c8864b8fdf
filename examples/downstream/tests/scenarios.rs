//! Runs the scenarios in `features/`: the steps of m2mock about tenants and tokens, and our own about trips.

use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

use cucumber::{given, then, when};
use m2mock::MockTenant;
use m2mock::conformance::{Options, Target, World, feature_files, run};
use serde_json::json;
use tokio::net::TcpListener;
use trips::{Settings, router};

const AUDIENCE: &str = "https://trips.example/";

/// Where the service is.
static SERVICE: OnceLock<String> = OnceLock::new();

fn trips() -> String {
    format!("{}/trips", SERVICE.get().expect("the service is started before the first scenario"))
}

/// The service's own API is there before the scenarios: they refer to it by name.
#[given("the API of the trips")]
async fn the_api(world: &mut World) {
    world.remember("trips", json!({ "identifier": AUDIENCE }));
}

#[when(regex = r#"^it books a trip to "([^"]*)"$"#)]
async fn books(world: &mut World, city: String) {
    let request = reqwest::Client::new().post(trips()).bearer_auth(world.token()).json(&json!({ "to": city }));
    assert_eq!(request.send().await.unwrap().status(), 201);
}

#[then(regex = r#"^it sees trips to "([^"]*)"$"#)]
async fn sees(world: &mut World, cities: String) {
    let answer = reqwest::Client::new().get(trips()).bearer_auth(world.token()).send().await.unwrap();
    let seen: Vec<String> = answer.json().await.unwrap();
    assert_eq!(seen.join(", "), cities);
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // Test runners ask for a list of test functions; there are none here.
    if std::env::args().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let tenant = MockTenant::start();
    tenant.api(AUDIENCE).scopes(["read:trips", "book:trips"]).create();
    SERVICE.set(serve(&tenant).await).expect("it is started once");

    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None);
    let target = target.expect("the tenant is there").with_reasons(tenant.reasons());
    let features = feature_files(&["features".into()]).expect("the scenarios are there");
    let report = run(Options::of(features), target).await.expect("every step is known");
    println!("{}", report.text);
    if report.failed || report.passed_steps == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

async fn serve(tenant: &MockTenant) -> String {
    let clock = tenant.clock().clone();
    let settings = Settings {
        issuer: tenant.issuer(),
        audience: AUDIENCE.to_owned(),
        // No scenario is about fares.
        fares: String::new(),
        fares_audience: String::new(),
        client_id: String::new(),
        client_secret: String::new(),
        http: reqwest::Client::new(),
        now: Arc::new(move || clock.unix()),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, router(&settings)).into_future());
    format!("http://{address}")
}
