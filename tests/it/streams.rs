//! Log streams and event streams that deliver to a receiver on this machine.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use m2mock::http::Method;
use m2mock::{Clock, Delivery, MockTenant, MockTenantBuilder};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::caller::Caller;
use crate::wire::{self, PATIENCE};

/// Noon of a day in 2026.
const NOON: u64 = 1_780_315_200;

/// A request that a receiver got.
struct Received {
    path: String,
    headers: HeaderMap,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A server that answers 204, or the next of these statuses.
struct Receiver {
    port: u16,
    received: mpsc::Receiver<Received>,
    statuses: Arc<Mutex<VecDeque<u16>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    fn start() -> Receiver {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, received) = mpsc::channel();
        let statuses = Arc::new(Mutex::new(VecDeque::new()));
        let next = Arc::clone(&statuses);
        let answer = move |request: Request| {
            let (sender, next) = (sender.clone(), Arc::clone(&next));
            async move {
                let (head, body) = request.into_parts();
                let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
                let status: u16 = next.lock().unwrap().pop_front().unwrap_or(204);
                let (path, headers) = (head.uri.to_string(), head.headers);
                let _ = sender.send(Received { path, headers, body: String::from_utf8(body.into()).unwrap() });
                let elsewhere = [(header::LOCATION, "/elsewhere")];
                (StatusCode::from_u16(status).unwrap(), elsewhere)
            }
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                tokio::select! {
                    _ = axum::serve(listener, Router::new().fallback(answer)).into_future() => {}
                    _ = stopped => {}
                }
            });
        });
        Receiver { port, received, statuses, stop: Some(stop), thread: Some(thread) }
    }

    fn answer_next(&self, statuses: &[u16]) {
        self.statuses.lock().unwrap().extend(statuses);
    }

    fn endpoint(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    fn receive(&self) -> Received {
        self.received.recv_timeout(PATIENCE).expect("a request")
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        drop(self.stop.take());
        let joined = self.thread.take().map(JoinHandle::join);
        assert!(thread::panicking() || joined.is_none_or(|joined| joined.is_ok()));
    }
}

fn builder() -> MockTenantBuilder {
    MockTenant::builder().clock(Clock::fixed(NOON))
}

fn caller() -> Caller {
    Caller::of(builder().deliver(Delivery::to_loopback()).start())
}

/// Waits until something is so. Nothing depends on how long it takes.
fn until(mut is_so: impl FnMut() -> bool) {
    while !is_so() {
        thread::yield_now();
    }
}

fn log_stream(caller: &Caller, sink: Value) -> String {
    let (status, stream) = caller.post("/log-streams", json!({ "type": "http", "sink": sink }));
    assert_eq!(status, 200, "{stream}");
    stream["id"].as_str().unwrap().to_owned()
}

fn event_stream(caller: &Caller, endpoint: &str, authorization: Value) -> String {
    let configuration = json!({ "webhook_endpoint": endpoint, "webhook_authorization": authorization });
    let stream = json!({
        "name": endpoint, "destination": { "type": "webhook", "configuration": configuration },
        "subscriptions": [{ "event_type": "organization.created" }],
    });
    caller.create("/event-streams", stream, "id")
}

fn bearer() -> Value {
    json!({ "method": "bearer", "token": "sesame" })
}

fn create_organization(caller: &Caller, name: &str) -> String {
    caller.create("/organizations", json!({ "name": name }), "id")
}

fn failures(caller: &Caller, stream: &str) -> Value {
    caller.get(&format!("/event-streams/{stream}/deliveries")).1["deliveries"].clone()
}

#[test]
fn a_log_stream_sends_its_entries_in_its_format_with_its_headers() {
    let (receiver, caller) = (Receiver::start(), caller());
    log_stream(
        &caller,
        json!({
            "httpEndpoint": receiver.endpoint("/logs?from=travel0"), "httpAuthorization": "Bearer sesame",
            "httpContentType": "application/x-ndjson", "httpContentFormat": "JSONLINES",
            "httpCustomHeaders": [{ "header": "X-Team", "value": "blue" }],
        }),
    );
    let received = receiver.receive();
    assert_eq!(received.path, "/logs?from=travel0");
    assert_eq!(received.header("host"), format!("127.0.0.1:{}", receiver.port));
    assert_eq!(received.header("authorization"), "Bearer sesame");
    assert_eq!(received.header("x-team"), "blue");
    assert_eq!(received.header("content-type"), "application/x-ndjson");
    // The creation of the stream is its first entry.
    let line: Value = serde_json::from_str(received.body.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!((&line["data"]["type"], &line["data"]["log_id"]), (&json!("sapi"), &line["log_id"]));
    assert_eq!(line["data"]["description"], "Create a log stream");

    create_organization(&caller, "granite-tours");
    let line: Value = serde_json::from_str(receiver.receive().body.trim_end()).unwrap();
    assert_eq!(line["data"]["description"], "Create an Organization");
}

#[test]
fn filters_and_formats_are_those_of_each_stream() {
    let (receiver, caller) = (Receiver::start(), caller());
    for (format, category) in [("JSONARRAY", "auth.token_exchange.fail"), ("JSONOBJECT", "management.fail")] {
        let sink = json!({ "httpEndpoint": receiver.endpoint(&format!("/{format}")), "httpContentFormat": format });
        let filters = json!([{ "type": "category", "name": category }]);
        let (status, _) = caller.post("/log-streams", json!({ "type": "http", "sink": sink, "filters": filters }));
        assert_eq!(status, 200);
    }
    caller.ask_for_token("nobody", "wrong");
    let received = receiver.receive();
    assert_eq!((received.path.as_str(), &received.json()[0]["data"]["type"]), ("/JSONARRAY", &json!("feccft")));
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(caller.delete("/log-streams/lst_unknown").0, 404);
    let received = receiver.receive();
    assert_eq!((received.path.as_str(), &received.json()["logs"][0]["data"]["type"]), ("/JSONOBJECT", &json!("fapi")));
}

#[test]
fn an_event_reaches_the_webhook_with_its_authorization() {
    let (receiver, caller) = (Receiver::start(), caller());
    let stream = event_stream(&caller, &receiver.endpoint("/bearer"), bearer());
    let organization = create_organization(&caller, "granite-tours");
    let received = receiver.receive();
    assert_eq!((received.path.as_str(), received.header("authorization")), ("/bearer", "Bearer sesame"));
    assert_eq!(received.header("content-type"), "application/json");
    let event = received.json();
    assert_eq!((&event["type"], &event["a0stream"]), (&json!("organization.created"), &json!(stream)));
    assert_eq!(event["data"]["object"], json!({ "id": organization, "name": "granite-tours" }));

    let delivery = format!("/event-streams/{stream}/deliveries/{}", event["id"].as_str().unwrap());
    until(|| caller.get(&delivery).1["status"] == "success");
    assert_eq!(failures(&caller, &stream), json!([]));

    let (status, test) = caller.post(&format!("/event-streams/{stream}/test"), json!({ "event_type": "user.created" }));
    assert_eq!((status, &test["status"]), (202, &json!("pending")));
    let event = receiver.receive().json();
    assert_eq!((&event["id"], &event["a0purpose"]), (&test["id"], &json!("test")));
}

#[test]
fn an_event_is_sent_again_when_the_clock_says_so() {
    let (receiver, caller) = (Receiver::start(), caller());
    let stream = event_stream(&caller, &receiver.endpoint("/in"), bearer());
    receiver.answer_next(&[500, 302]);
    create_organization(&caller, "granite-tours");
    let first = receiver.receive();
    let attempts = |count: usize| {
        until(|| failures(&caller, &stream)[0]["attempts"].as_array().is_some_and(|attempts| attempts.len() == count));
    };
    attempts(1);
    caller.wait(1);
    let second = receiver.receive();
    assert_eq!((&second.path, &second.body), (&first.path, &first.body));
    attempts(2);
    let sentence = failures(&caller, &stream)[0]["attempts"][1]["error_message"].clone();
    assert_eq!(sentence, "the receiver answered 302 Found");
    caller.wait(2);
    assert_eq!(receiver.receive().path, "/in", "a redirect is not followed");
    until(|| failures(&caller, &stream) == json!([]));
}

#[test]
fn a_refused_event_fails_and_a_redelivery_sends_it_again() {
    let (receiver, caller) = (Receiver::start(), caller());
    let basic = json!({ "method": "basic", "username": "bot", "password": "sesame" });
    let stream = event_stream(&caller, &receiver.endpoint("/in"), basic);
    receiver.answer_next(&[400]);
    create_organization(&caller, "granite-tours");
    let id = receiver.receive().json()["id"].clone();
    until(|| failures(&caller, &stream)[0]["status"] == "failed");
    let (status, _) = caller.post(&format!("/event-streams/{stream}/redeliver"), json!({ "statuses": ["failed"] }));
    assert_eq!(status, 202);
    let again = receiver.receive();
    assert_eq!((&again.json()["id"], again.header("authorization")), (&id, "Basic Ym90OnNlc2FtZQ=="));
    until(|| failures(&caller, &stream) == json!([]));
}

/// A log stream of a tenant, and the path of the stream.
fn log_stream_of(tenant: &MockTenant, sink: Value) -> String {
    let stream = json!({ "type": "http", "sink": sink });
    let stream = tenant.perform(Method::POST, "/log-streams", stream).unwrap();
    format!("/log-streams/{}", stream["id"].as_str().unwrap())
}

fn status(tenant: &MockTenant, path: &str) -> Value {
    tenant.perform(Method::GET, path, Value::Null).unwrap()["status"].clone()
}

/// A refused token request, which writes an entry of the log.
fn write_log(uri: &str, host: &str) {
    let form = "grant_type=client_credentials&client_id=nobody&client_secret=wrong";
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{form}",
        form.len()
    );
    assert_eq!(wire::send(uri, request.as_bytes()).status, 401);
}

#[test]
fn a_failing_log_stream_is_tried_again_and_suspended_after_a_week() {
    let receiver = Receiver::start();
    let tenant = builder().deliver(Delivery::to_loopback()).start();
    receiver.answer_next(&[503, 503, 503]);
    let stream = log_stream_of(&tenant, json!({ "httpEndpoint": receiver.endpoint("/logs") }));
    write_log(&tenant.uri(), "localhost");
    let first = receiver.receive().body;
    for (attempts, pause) in [(1, 1), (2, 7 * 24 * 60 * 60)] {
        until(|| tenant.delivery_failures().len() == attempts);
        assert_eq!(status(&tenant, &stream), "active");
        tenant.clock().advance(Duration::from_secs(pause));
        assert_eq!(receiver.receive().body, first, "the same entries");
    }
    until(|| status(&tenant, &stream) == "suspended");
}

#[test]
fn nothing_is_sent_beyond_this_machine() {
    let tenant = builder().deliver(Delivery::to_loopback()).start();
    let endpoint = "https://192.0.2.7/logs?key=sesame";
    let stream = log_stream_of(&tenant, json!({ "httpEndpoint": endpoint, "httpAuthorization": "Bearer sesame" }));
    write_log(&tenant.uri(), "localhost");
    until(|| status(&tenant, &stream) == "suspended" && !tenant.delivery_failures().is_empty());
    let why = "was not delivered: the endpoint is not on this machine, and m2mock sends nothing elsewhere";
    assert_eq!(tenant.delivery_failures(), [format!("{} {why}", &stream["/log-streams/".len()..])]);
}

#[test]
fn one_receiver_stands_for_every_endpoint() {
    let receiver = Receiver::start();
    let to = format!("http://localhost:{}", receiver.port);
    let caller = Caller::of(builder().deliver(Delivery::to(to)).start());
    event_stream(&caller, "https://hooks.travel0.example/in?team=blue", bearer());
    create_organization(&caller, "granite-tours");
    let received = receiver.receive();
    assert_eq!((received.path.as_str(), received.header("host")), ("/in?team=blue", "hooks.travel0.example"));
}

#[test]
fn a_tenant_delivers_nothing_unless_it_is_told_to() {
    let receiver = Receiver::start();
    let caller = Caller::of(builder().start());
    let stream = event_stream(&caller, &receiver.endpoint("/events"), bearer());
    log_stream(&caller, json!({ "httpEndpoint": receiver.endpoint("/logs") }));
    create_organization(&caller, "granite-tours");
    let (_, test) = caller.post(&format!("/event-streams/{stream}/test"), json!({ "event_type": "user.created" }));
    let listed = failures(&caller, &stream);
    assert_eq!(listed.as_array().unwrap().len(), 1, "the test event only");
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&test["id"], &json!("failed")));
    drop(caller);
    assert_eq!(wire::get(&format!("http://127.0.0.1:{}", receiver.port), "/last").status, 204);
    assert_eq!(receiver.receive().path, "/last", "nothing came before");
}

#[test]
fn an_added_tenant_delivers_as_the_first_one_does() {
    let receiver = Receiver::start();
    let tenant = builder().deliver(Delivery::to_loopback()).start();
    let endpoint = receiver.endpoint("/logs");
    let seed = json!({ "logStreams": [{ "name": "logs", "type": "http", "sink": { "httpEndpoint": endpoint } }] });
    let body = json!({ "domain": "acme.localhost", "seed": seed }).to_string();
    let added = format!(
        "POST /__admin/v1/tenants HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         connection: close\r\n\r\n{body}",
        wire::address(&tenant.uri()),
        body.len()
    );
    let answer = wire::send(&tenant.uri(), added.as_bytes());
    assert_eq!(answer.status, 201, "{}", answer.body);
    write_log(&tenant.uri(), "acme.localhost");
    assert!(receiver.receive().body.contains(r#""tenant_name":"acme""#));
}

#[test]
fn a_dropped_tenant_leaves_no_task_behind() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let caller = caller();
    log_stream(&caller, json!({ "httpEndpoint": format!("https://localhost:{port}/logs") }));
    let (mut silent, _) = listener.accept().unwrap();
    silent.set_read_timeout(Some(PATIENCE)).unwrap();
    let uri = caller.uri();
    drop(caller);
    assert!(TcpStream::connect(wire::address(&uri)).is_err(), "the port of the tenant is closed");
    // The request, if the tenant wrote it, and the end of the connection.
    let end = silent.read_to_end(&mut Vec::new());
    assert!(end.is_ok() || end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset));
    let _ = silent.write_all(b"HTTP/1.1 204 No Content\r\n\r\n");
}

#[test]
#[should_panic(expected = "the receiver \"receiver:9000\" is not a URL of scheme, host and port")]
fn a_receiver_that_is_no_url_is_named() {
    drop(MockTenant::builder().deliver(Delivery::to("receiver:9000")).start());
}

#[cfg(feature = "cli")]
#[test]
fn a_served_tenant_delivers_with_the_option() {
    use crate::serve::{Served, m2mock, scratch};

    let receiver = Receiver::start();
    let seed = scratch("streams.json");
    let streams = json!([{ "name": "logs", "type": "http", "sink": { "httpEndpoint": receiver.endpoint("/logs") } }]);
    std::fs::write(&seed, json!({ "logStreams": streams }).to_string()).unwrap();
    let served = Served::start("streams", &["--deliver", "--seed", seed.to_str().unwrap()]);
    let uri = served.ready["base_url"].as_str().unwrap();
    write_log(uri, "localhost");
    assert!(receiver.receive().body.contains("feccft"));

    let refused = m2mock(&["serve", "--deliver=receiver:9000"]).output().unwrap();
    let complaint = String::from_utf8(refused.stderr).unwrap();
    assert!(complaint.contains("the receiver \"receiver:9000\" is not a URL"), "{complaint}");
}
