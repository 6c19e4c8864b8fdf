//! A cassette: recorded requests in their order, and the answers of a live tenant.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Recorded requests and their answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cassette {
    /// The project that recorded it.
    #[serde(default)]
    pub(crate) source: String,
    /// Its name.
    pub(crate) cassette: String,
    /// The client that sent the requests.
    #[serde(default)]
    pub(crate) recorded_with: Option<String>,
    /// The requests, in order.
    pub(crate) interactions: Vec<Interaction>,
}

/// One recorded request with its answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Interaction {
    /// HTTP method.
    pub(crate) method: String,
    /// Path as it was sent, encoded.
    pub(crate) path: String,
    /// Query parameters, decoded; a repeated parameter has a list.
    #[serde(default)]
    pub(crate) query: BTreeMap<String, Value>,
    /// The body: JSON, a form as an object, text, or null.
    #[serde(default)]
    pub(crate) request: Value,
    /// Its media type.
    #[serde(default)]
    pub(crate) request_content_type: Option<String>,
    /// Status of the answer.
    pub(crate) status: u16,
    /// Body of the answer: JSON, text, or null.
    #[serde(default)]
    pub(crate) response: Value,
    /// A few headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) response_headers: BTreeMap<String, String>,
    /// The time that the tenant took.
    #[serde(default)]
    pub(crate) duration_ms: Option<f64>,
    /// The way in which the recorder altered the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) recorder_altered: Option<Altered>,
    /// Keys that the recorder added to the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) recorder_injected: Vec<String>,
}

/// The way in which a recorder altered a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Altered {
    /// The recorder printed it from a typed structure, so that unknown members are lost.
    Reserialised,
    /// The recorder replaced it, so that only the status counts.
    Replaced,
}

/// The values of the placeholders of a cassette, from the tenant of the replay.
#[derive(Clone, Debug)]
pub(crate) struct ReplayTarget {
    /// `{{tenant_domain}}`.
    pub(crate) domain: String,
    /// `{{client_id}}`: the client of the replay, in place of the recorded client.
    pub(crate) client_id: String,
}

impl Cassette {
    /// The cassette with its placeholders replaced by the values of the replay's tenant.
    #[must_use]
    pub(crate) fn filled_in(&self, target: &ReplayTarget) -> Cassette {
        let name = target.domain.split('.').next().unwrap_or_default();
        let values = [
            ("{{tenant_domain}}", target.domain.as_str()),
            ("{{tenant_name}}", name),
            ("{{client_id}}", &target.client_id),
        ];
        let fill = |text: &str| {
            values.iter().fold(text.to_owned(), |text, (placeholder, value)| {
                let encoded = placeholder.replace('{', "%7B").replace('}', "%7D");
                text.replace(placeholder, value).replace(&encoded, value)
            })
        };
        let mut cassette = self.clone();
        for item in &mut cassette.interactions {
            item.path = fill(&item.path);
            item.query = item.query.iter().map(|(key, value)| (fill(key), filled(value, &fill))).collect();
            item.request = filled(&item.request, &fill);
            item.response = filled(&item.response, &fill);
        }
        cassette
    }
}

fn filled(value: &Value, fill: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => fill(text).into(),
        Value::Array(items) => items.iter().map(|item| filled(item, fill)).collect(),
        Value::Object(members) => members.iter().map(|(key, value)| (fill(key), filled(value, fill))).collect(),
        other => other.clone(),
    }
}
