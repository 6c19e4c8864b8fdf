//! The time from `start()` to the first answer, beside `wiremock`, and to the first token.
//!
//! The first use in a process pays for what is read once, so it is measured in processes of their own. Later ones are
//! measured in one process: one at a time, where wiremock hands out a server that an earlier test has given back, and
//! while others run, where it has none to hand out. Both are asked by the same client for the same path, which neither
//! knows: they answer 404. The time in which wiremock's user makes a runtime is not counted.

mod measure;

use std::net::SocketAddr;

use m2mock::MockTenant;
use measure::http::Connection;
use measure::{Pair, called_as, head, median, milliseconds, number_from_child, rounds, row, short, story, title};
use tokio::runtime::{Builder, Runtime};
use wiremock::MockServer;

const PATH: &str = "/";
const GOAL: f64 = 1.5;
const STORY_GOAL: f64 = 15.0;

fn main() {
    if let Some(what) = called_as("--once") {
        return println!("{}", once(&what.concat()));
    }

    title("Start to first answer");
    head(&["", "m2mock, ms", "wiremock, ms", "ratio", "goal"]);
    let runtime = runtime();
    let first = |what| move || number_from_child(&["--once", what]);
    compare("the first in a process", &Pair::measure(rounds(101, 2), first("m2mock"), first("wiremock")));
    let next = Pair::measure(rounds(1001, 2), || milliseconds(m2mock), || milliseconds(|| wiremock(&runtime)));
    compare("later, one at a time (wiremock reuses its server)", &next);
    let living: Vec<_> = (0..if short() { 2 } else { 16 }).map(|_| (m2mock(), wiremock(&runtime))).collect();
    let mut kept = Vec::new();
    let beside = Pair::measure(
        rounds(201, 2),
        || milliseconds(m2mock),
        || {
            let mut made = None;
            let elapsed = milliseconds(|| made = Some(wiremock(&runtime)));
            kept.extend(made);
            elapsed
        },
    );
    compare("later, while others run", &beside);
    drop(living);

    title("Start, API, application, organization, grant, association over HTTP, first token");
    head(&["", "m2mock, ms", "goal, ms"]);
    let first: Vec<f64> = (0..rounds(101, 2)).map(|_| number_from_child(&["--once", "story"])).collect();
    let later: Vec<f64> = (0..rounds(101, 2)).map(|_| milliseconds(tell_the_story)).collect();
    for (what, values) in [("the first in a process", first), ("later", later)] {
        row(&[what, &format!("{:.2}", median(&values)), &format!("< {STORY_GOAL}")]);
    }
}

fn compare(what: &str, pair: &Pair) {
    let figures = [pair.ours(), pair.rival(), pair.ratio()].map(|figure| format!("{figure:.2}"));
    row(&[what, &figures[0], &figures[1], &figures[2], &format!("<= {GOAL}")]);
}

/// What a process measures that does nothing else.
fn once(what: &str) -> f64 {
    match what {
        "m2mock" => milliseconds(m2mock),
        "wiremock" => {
            let runtime = runtime();
            milliseconds(|| wiremock(&runtime))
        }
        _ => milliseconds(tell_the_story),
    }
}

fn m2mock() -> MockTenant {
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    assert_eq!(answer(address(&tenant)), 404);
    tenant
}

fn wiremock(runtime: &Runtime) -> MockServer {
    let server = runtime.block_on(MockServer::start());
    assert_eq!(answer(*server.address()), 404);
    server
}

fn tell_the_story() -> (MockTenant, String) {
    let tenant = MockTenant::start();
    let bearer = tenant.management_token(story::SCOPES);
    let mut connection = Connection::open(address(&tenant)).expect("a connection");
    let request = story::tell(&mut connection, &bearer);
    let token = story::token(&mut connection, &request);
    (tenant, token)
}

fn answer(address: SocketAddr) -> u16 {
    let mut connection = Connection::open(address).expect("a connection");
    connection.ask("GET", PATH, None, None).status
}

fn address(tenant: &MockTenant) -> SocketAddr {
    tenant.uri().trim_start_matches("http://").parse().expect("an address")
}

/// What `#[tokio::test]` makes.
fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
