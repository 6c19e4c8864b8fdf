//! The tenant's address in requests and answers of the Management API.
//!
//! The state has the domain of the tenant; a caller may use another name. A row declares the members that contain the
//! address, and the gate translates them: to the canonical form before the handler runs, and back to the name of the
//! request in the answer. So a tool reads back what it sent, and no handler depends on names.
//!
//! Free-form members such as metadata, and requests in the log, stay unchanged.

use serde_json::{Map, Value};

use super::call::{Body, Reply};
use super::error::ApiError;
use crate::domain::Names;

/// A member that contains the tenant's address, by its path: names separated by dots, through lists as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Addressed {
    /// The identifier of an API, which contains the address if the API is one of the service's own. It may be a parameter
    /// of the path or of the query as well.
    Api(&'static str),
    /// A link to a page of the tenant, only in answers.
    Link(&'static str),
}

/// The translation of one request: the members of its row, and the base URL of its caller.
pub(super) struct Translation<'a> {
    pub(super) members: &'static [Addressed],
    pub(super) names: &'a Names,
    pub(super) base_url: String,
}

impl Translation<'_> {
    /// Translates the parameters of a path to the canonical form.
    pub(super) fn read_path(&self, parameters: &mut [(&'static str, String)]) {
        for (_, value) in parameters.iter_mut().filter(|(name, _)| self.members.contains(&Addressed::Api(name))) {
            *value = self.names.canonical_identifier(value).into_owned();
        }
    }

    /// Translates the members of a query or a body to the canonical form.
    pub(super) fn read(&self, members: &mut Map<String, Value>) {
        for member in self.members {
            if let Addressed::Api(path) = member {
                in_object(members, path, &|text| self.names.canonical_identifier(text).into_owned());
            }
        }
    }

    /// Translates an answer to the name of the request.
    pub(super) fn answer(&self, mut reply: Reply) -> Reply {
        if self.members.is_empty() {
            return reply;
        }
        let canonical = self.names.base_url(None, true);
        if self.base_url == canonical {
            return reply;
        }
        let Body::Json(json) = &reply.body else { return reply };
        let text = json.bytes();
        if !contains(&text, &canonical) {
            reply.body = Body::Bytes(text);
            return reply;
        }
        let mut body = json.value();
        for member in self.members {
            match member {
                Addressed::Api(path) => {
                    in_value(&mut body, path, &|text| self.names.identifier_at(&self.base_url, text).into_owned());
                }
                Addressed::Link(path) => {
                    in_value(&mut body, path, &|text| self.names.link_at(&self.base_url, text).into_owned());
                }
            }
        }
        reply.body = Reply::of(body).body;
        reply
    }

    /// Translates a refusal to the name of the request.
    pub(super) fn refusal(&self, mut error: ApiError) -> ApiError {
        if !self.members.is_empty() {
            error.message = self.names.sentence_at(&self.base_url, &error.message).into_owned().into();
        }
        error
    }
}

/// Whether a JSON text contains a text without escaped characters.
fn contains(body: &[u8], text: &str) -> bool {
    std::str::from_utf8(body).is_ok_and(|body| body.contains(text))
}

/// Translates the texts at a path: one of them, or a list of them.
fn in_value(value: &mut Value, path: &str, translate: &impl Fn(&str) -> String) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| in_value(item, path, translate)),
        Value::Object(members) => in_object(members, path, translate),
        Value::String(text) if path.is_empty() => *text = translate(text),
        _ => {}
    }
}

fn in_object(members: &mut Map<String, Value>, path: &str, translate: &impl Fn(&str) -> String) {
    let (member, rest) = path.split_once('.').unwrap_or((path, ""));
    if let Some(value) = members.get_mut(member) {
        in_value(value, rest, translate);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const MEMBERS: &[Addressed] =
        &[Addressed::Api("audience"), Addressed::Api("grants.audience"), Addressed::Api("id"), Addressed::Link("page")];

    fn answered(names: &Names, body: &Value) -> Value {
        let translation = Translation { members: MEMBERS, names, base_url: "https://localhost:8443/".to_owned() };
        translation.answer(Reply::json(body)).body.into_value()
    }

    #[test]
    fn declared_members_have_the_name_of_the_request_and_no_others() {
        let names = Names::new("travel0.localhost");
        let canonical = "https://travel0.localhost/api/v2/";
        let here = "https://localhost:8443/api/v2/";
        let body = json!({
            "audience": canonical, "grants": [{ "audience": [canonical, "urn:else"] }], "metadata": { "audience": canonical },
            "page": "https://travel0.localhost/p/samlp/x",
        });
        let expected = json!({
            "audience": here, "grants": [{ "audience": [here, "urn:else"] }], "metadata": { "audience": canonical },
            "page": "https://localhost:8443/p/samlp/x",
        });
        assert_eq!(answered(&names, &body), expected);
        assert_eq!(answered(&names, &json!([{ "audience": canonical }])), json!([{ "audience": here }]));
    }

    #[test]
    fn an_api_of_the_tenants_own_keeps_its_identifier_whatever_its_domain() {
        let body =
            json!({ "audience": "https://travel0.localhost/orders", "page": "https://travel0.localhost.example/" });
        assert_eq!(answered(&Names::new("travel0.localhost"), &body), body);
    }

    #[test]
    fn a_request_may_use_any_own_name() {
        let names = Names::new("travel0.localhost");
        let translation =
            Translation { members: MEMBERS, names: &names, base_url: "https://localhost:8443/".to_owned() };
        let mut parameters =
            [("id", "https://127.0.0.1:8443/me/".to_owned()), ("other", "https://localhost/me/".to_owned())];
        translation.read_path(&mut parameters);
        assert_eq!([&*parameters[0].1, &*parameters[1].1], ["https://travel0.localhost/me/", "https://localhost/me/"]);

        let mut body = json!({ "audience": "https://localhost:8443/my-org/", "grants": [{ "audience": "urn:else" }] });
        translation.read(body.as_object_mut().unwrap());
        assert_eq!(
            body,
            json!({ "audience": "https://travel0.localhost/my-org/", "grants": [{ "audience": "urn:else" }] })
        );
    }
}
