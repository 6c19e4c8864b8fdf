//! Cassettes of Ruby's VCR.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::conformance::recording::exchange::{WireExchange, body, header};
use crate::conformance::recording::identifiers::{decoded, is_identifier};

#[derive(Deserialize)]
pub(super) struct File {
    http_interactions: Vec<Recorded>,
}

#[derive(Deserialize)]
struct Recorded {
    request: Request,
    response: Response,
    /// With a precision of one second.
    #[serde(default)]
    recorded_at: Option<String>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    uri: String,
    #[serde(default)]
    body: Body,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Response {
    status: Status,
    #[serde(default)]
    body: Body,
}

#[derive(Deserialize)]
struct Status {
    code: u16,
}

#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    string: Option<String>,
    #[serde(default)]
    base64_string: Option<String>,
}

impl Body {
    fn text(&self) -> String {
        let decoded = self.base64_string.as_ref().map(|text| {
            let text: String = text.split_ascii_whitespace().collect();
            String::from_utf8_lossy(&BASE64_STANDARD.decode(text).unwrap_or_default()).into_owned()
        });
        self.string.clone().or(decoded).unwrap_or_default()
    }
}

pub(super) fn read(file: &File) -> Vec<WireExchange> {
    let mut exchanges = Vec::new();
    for second in
        file.http_interactions.chunk_by(|one, next| one.recorded_at.is_some() && one.recorded_at == next.recorded_at)
    {
        exchanges.extend(in_order(second.iter().map(exchange)));
    }
    exchanges
}

/// Sorts the exchanges of one second into a possible order. A suite that sends requests in parallel, or merges the files of its tests
/// by time, may have written the use of an entity before its creation.
fn in_order(second: impl Iterator<Item = WireExchange>) -> Vec<WireExchange> {
    let mut ordered: Vec<WireExchange> = Vec::new();
    for exchange in second {
        let index = ordered.iter().position(|earlier| precedes(&exchange, earlier));
        ordered.insert(index.unwrap_or(ordered.len()), exchange);
    }
    ordered
}

/// Whether one exchange must have come before the other: it created an entity that the other names, or it deleted a part of an
/// entity that the other deleted.
fn precedes(one: &WireExchange, other: &WireExchange) -> bool {
    let succeeded = (200..300).contains(&one.status);
    let is = |exchange: &WireExchange, method: &str| exchange.method.eq_ignore_ascii_case(method);
    let names = |exchange: &WireExchange, id: &str| {
        decoded(&exchange.url).contains(id) || decoded(&exchange.request.to_string()).contains(id)
    };
    let created_a_name = || {
        let ids = ["id", "client_id", "user_id"].iter().filter_map(|key| one.response.get(*key)?.as_str());
        ids.filter(|id| is_identifier(id) && !names(one, id)).any(|id| names(other, id))
    };
    let deleted_a_part = is(one, "delete")
        && is(other, "delete")
        && one.url.strip_prefix(&other.url).is_some_and(|rest| rest.starts_with('/'));
    succeeded && (is(one, "post") && created_a_name() || deleted_a_part)
}

fn exchange(Recorded { request, response, .. }: &Recorded) -> WireExchange {
    let headers = request.headers.iter().filter_map(|(name, values)| Some((name.as_str(), values.first()?.as_str())));
    let request_type = header(headers, "content-type");
    WireExchange {
        request: body(&request.body.text(), request_type.as_deref()),
        method: request.method.clone(),
        url: request.uri.clone(),
        request_type,
        status: response.status.code,
        response: body(&response.body.text(), None),
        duration_ms: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{WireExchange, in_order};

    const CLIENT: &str = "Rec0rdedRec0rdedRec0rdedRec0rded";

    fn exchange(method: &str, path: &str, status: u16, response: Value) -> WireExchange {
        let url = format!("https://travel0.example/api/v2{path}");
        WireExchange { method: method.to_owned(), url, status, response, ..WireExchange::default() }
    }

    fn ordered(exchanges: Vec<WireExchange>) -> Vec<String> {
        in_order(exchanges.into_iter()).into_iter().map(|one| format!("{} {}", one.method, one.url)).collect()
    }

    #[test]
    fn a_creation_comes_before_a_use_of_the_entity() {
        let path = format!("/clients/{CLIENT}");
        let (use_, creation) = (
            || exchange("get", &path, 200, Value::Null),
            || exchange("post", "/clients", 200, json!({ "client_id": CLIENT })),
        );
        assert_eq!(ordered(vec![use_(), creation()]), ordered(vec![creation(), use_()]));
        assert!(ordered(vec![use_(), creation()])[0].starts_with("post"));
        let refused = || exchange("post", "/clients", 409, json!({ "client_id": CLIENT }));
        assert!(ordered(vec![use_(), refused()])[0].starts_with("get"), "a refusal creates nothing");
    }

    #[test]
    fn a_creation_does_not_move_before_an_unrelated_request() {
        let deletion = exchange("delete", "/clients/An0therAn0therAn0therAn0therAn0t", 204, Value::Null);
        let creation = exchange("post", "/clients", 201, json!({ "client_id": CLIENT }));
        assert!(ordered(vec![deletion, creation])[0].starts_with("delete"));
    }

    #[test]
    fn a_part_is_deleted_before_its_entity() {
        let entity = exchange("delete", "/organizations/org_1", 204, Value::Null);
        let part = exchange("delete", "/organizations/org_1/members", 204, Value::Null);
        let other = exchange("delete", "/organizations/org_10", 204, Value::Null);
        let order = ordered(vec![entity, other, part]);
        assert!(
            order[0].ends_with("/members") && order[1].ends_with("org_1") && order[2].ends_with("org_10"),
            "{order:?}"
        );
    }
}
