//! The OpenAPI 3.1 document of the control API `/__admin`, made from the table of operations.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::operation::AdminOperation;
use super::prefix::{PREFIX, VERSION};

/// The schemas by name. A test compares the answers of the operations with them.
static SCHEMAS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("schemas.json")).expect("schemas.json is JSON"));

/// The document of these operations.
pub(super) fn document(operations: &[AdminOperation]) -> Value {
    let mut paths = Map::new();
    for operation in operations {
        let path = paths.entry(format!("/{}", operation.path)).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = described(operation);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "m2mock: control of a tenant",
            "version": VERSION,
            "summary": "What the mock has beside the API that it mocks.",
            "description": "The operations act on the tenant at whose name they are asked. `/__admin/v1/` stays; `/__admin/` \
                            is the newest version.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        // The server is the host name at which the document was read.
        "servers": [{ "url": format!("{PREFIX}/{VERSION}") }],
        "paths": paths,
        "components": { "schemas": *SCHEMAS },
    })
}

fn described(operation: &AdminOperation) -> Value {
    let mut described = json!({ "operationId": operation.id, "summary": operation.summary });
    let of_path = operation.path.split_once('{').map(|(_, rest)| rest.trim_end_matches('}'));
    let of_path = of_path.map(|name| json!({ "name": name, "in": "path", "required": true, "schema": of("Text") }));
    let of_query = operation.query.iter().map(|(name, schema, description)| {
        json!({ "name": name, "in": "query", "description": description, "schema": of(schema) })
    });
    let parameters: Vec<Value> = of_path.into_iter().chain(of_query).collect();
    if !parameters.is_empty() {
        described["parameters"] = parameters.into();
    }
    if let Some((schema, example)) = operation.body {
        let mut content = json!({ "schema": of(schema) });
        // A state has no schema: its form is that of an export.
        if let Ok(example) = serde_json::from_str::<Value>(example) {
            content["example"] = example;
        }
        described["requestBody"] = json!({ "required": true, "content": { "application/json": content } });
    }
    for (status, schema) in operation.answers {
        let mut answer = json!({ "description": status.canonical_reason() });
        if let Some(schema) = schema {
            answer["content"] = json!({ "application/json": { "schema": of(schema) } });
        }
        described["responses"][status.as_str()] = answer;
    }
    let refused = json!({ "application/json": { "schema": of("Error") } });
    described["responses"]["default"] =
        json!({ "description": "Refused before it was looked at: by whom or as what it was sent", "content": refused });
    described
}

fn of(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}
