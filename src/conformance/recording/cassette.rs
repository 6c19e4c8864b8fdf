//! Recorded traffic: a cassette is a story of requests and the answers that a live tenant gave.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::formats;

/// One recorded story.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cassette {
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
    /// Its name.
    pub cassette: String,
    /// What spoke to the tenant.
    #[serde(default)]
    pub recorded_with: Option<String>,
    /// The requests, in order.
    pub interactions: Vec<Interaction>,
}

/// One recorded request with its answer.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Interaction {
    /// HTTP method.
    pub method: String,
    /// Path as it was sent, encoded.
    pub path: String,
    /// Query parameters, decoded; a repeated one has a list.
    #[serde(default)]
    pub query: BTreeMap<String, Value>,
    /// The body: JSON, a form as an object, text, or null.
    #[serde(default)]
    pub request: Value,
    /// Its media type.
    #[serde(default)]
    pub request_content_type: Option<String>,
    /// Status of the answer.
    pub status: u16,
    /// Body of the answer: JSON, text, or null.
    #[serde(default)]
    pub response: Value,
    /// A few headers of the answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub response_headers: BTreeMap<String, String>,
    /// How long the tenant took.
    #[serde(default)]
    pub duration_ms: Option<f64>,
    /// What the recorder did to the body before it was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorder_altered: Option<Altered>,
    /// Keys that the recorder put into the body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recorder_injected: Vec<String>,
}

/// What became of a body between the tenant and the cassette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Altered {
    /// It went through a typed structure: members unknown to that are lost.
    Reserialised,
    /// It is not the body that was received: only the status counts.
    Replaced,
}

/// What is known of the tenant that a cassette is replayed against. Cassettes have placeholders for it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// `{{tenant_domain}}`.
    pub domain: String,
    /// `{{client_id}}`: the client that replays, for the one that recorded.
    pub client_id: String,
}

impl Cassette {
    /// Reads the cassettes in files and folders, in the order of their names; a file may be in any supported format.
    ///
    /// # Errors
    /// A file that cannot be read, or is none of the formats.
    pub fn load(paths: &[PathBuf]) -> Result<Vec<Cassette>, String> {
        let mut files = Vec::new();
        for path in paths {
            collect(path, &mut files)?;
        }
        let mut cassettes = Vec::new();
        for file in files {
            let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let read = formats::read(&name, &text).map_err(|mistake| format!("{}: {mistake}", file.display()))?;
            cassettes.push(read);
        }
        if cassettes.is_empty() {
            return Err("there is no cassette at the given path".to_owned());
        }
        Ok(cassettes)
    }

    /// The cassette for the tenant that it is replayed against: its placeholders filled in.
    #[must_use]
    pub fn filled_in(&self, replayed: &Replayed) -> Cassette {
        let name = replayed.domain.split('.').next().unwrap_or_default();
        let values = [
            ("{{tenant_domain}}", replayed.domain.as_str()),
            ("{{tenant_name}}", name),
            ("{{client_id}}", &replayed.client_id),
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

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let told = |error: std::io::Error| format!("{}: {error}", path.display());
    if !fs::metadata(path).map_err(told)?.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut within: Vec<PathBuf> = fs::read_dir(path)
        .map_err(told)?
        .map(|entry| entry.map(|entry| entry.path()).map_err(told))
        .collect::<Result<_, _>>()?;
    within.sort();
    for path in within {
        let known = path
            .extension()
            .is_some_and(|extension| ["json", "har", "yaml", "yml"].iter().any(|known| extension == *known));
        if path.is_dir() || known {
            collect(&path, files)?;
        }
    }
    Ok(())
}
