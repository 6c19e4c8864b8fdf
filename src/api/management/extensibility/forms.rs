//! `/forms`: pages during a login. m2mock stores forms and shows none.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::form_view::{FLOWS_OF_FORMS, is_hydrated};
use crate::api::call::Call;
use crate::api::error::{ApiError, Refusal};
use crate::api::operation::{Family, Operation};
use crate::api::resource::{Draft, Identity, Limit, List, Resource, Stamps};
use crate::domain::IdShape;
use crate::schema::Schemas;
use crate::store::Kind;
use crate::store::document::text;

/// The published schema of a pointer to a node is a `oneOf`. Here it is an `anyOf`, because both alternatives accept `$ending`.
static SCHEMAS: LazyLock<Schemas> = LazyLock::new(|| Schemas::of(include_str!("forms.schema.json")));

const ALL: &str = "/forms";
const BY_ID: &str = "/forms/{id}";
const READ: &[&str] = &["read:forms"];

pub(super) const FAMILY: Family = Family {
    schemas: &SCHEMAS,
    operations: &[
        Operation::list(ALL, READ, &FORM).query("List"),
        Operation::create(ALL, &["create:forms"], &FORM).body("Create"),
        Operation::read(BY_ID, READ, &FORM).query("Read").parameters("ById"),
        Operation::update(BY_ID, &["update:forms"], &FORM).body("Patch").parameters("ById"),
        Operation::remove(BY_ID, &["delete:forms"], &FORM).parameters("ById"),
    ],
};

static FORM: Resource = Resource {
    list: List::offset("forms").without(&CONTENT),
    limit: Some(Limit { most: 500, refusal: TOO_MANY_FORMS }),
    stamps: Stamps::Milliseconds,
    missing: FORM_NOT_FOUND,
    complete: Some(remove_empty),
    read_more: Some(hydrate),
    ..Resource::new(Kind::Form, Identity::new(IdShape::FORM))
};

/// Members that a list does not show (documented).
const CONTENT: [&str; 7] = ["ending", "languages", "messages", "nodes", "start", "style", "translations"];

/// A form that does not exist (recorded).
const FORM_NOT_FOUND: Refusal = Refusal::plain(404, "Form not found");

/// More than the maximum number of forms (limit documented, sentence assumed).
const TOO_MANY_FORMS: Refusal =
    Refusal::new(403, "too_many_entities", "You reached the limit of {} forms for this tenant.");

/// Removes empty objects and lists (recorded).
fn remove_empty(_: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    draft.entity.retain(|_, value| match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => true,
    });
    Ok(())
}

/// Adds the number of flows of the form, if the query asks for it.
fn hydrate(call: &Call<'_>, form: &mut Map<String, Value>) {
    if is_hydrated(call, "flow_count") {
        let (forms, id) = (&call.state[Kind::Form], text(form, "id").unwrap_or_default());
        let form_seq = forms.seq(id);
        let names = |flow: &&str| {
            form_seq.is_some_and(|seq| FLOWS_OF_FORMS.iter().any(|key| forms.having(key, flow).contains(seq)))
        };
        let flows = call.state[Kind::Flow].iter().filter_map(|flow| text(flow, "id"));
        form.insert("flow_count".to_owned(), flows.filter(names).count().into());
    }
}
