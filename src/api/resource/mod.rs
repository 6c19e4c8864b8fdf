//! Resources as declarations: a family declares a [`Resource`] and names it in its rows, and `operations.rs` has the generic list,
//! create, read, update, replace and delete.
//!
//! A family needs its own functions only for behaviour that no field of the declaration covers.

mod operations;

use std::sync::LazyLock;
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::call::Call;
use super::error::{ApiError, Refusal};
use super::paging::Zeros;
use crate::domain::IdShape;
use crate::store::document::text;
use crate::store::{Document, Kind, Seq};

/// The members that a new entity has by default.
pub(super) type Defaults = LazyLock<Map<String, Value>>;

/// The defaults with this name, from a file with an object for each name.
pub(super) fn named_defaults(file: &str, name: &str) -> Map<String, Value> {
    let mut all: Map<String, Value> = serde_json::from_str(file).expect("a file of this crate holds an object");
    match all.remove(name) {
        Some(Value::Object(defaults)) => defaults,
        _ => panic!("a file of this crate has no defaults for {name}"),
    }
}

/// The behaviour of the operations on one kind of entity.
///
/// A create passes these stages, and a refusal of one of them changes nothing: [`admit`](Self::admit), the parents,
/// [`defaults`](Self::defaults), [`prepare`](Self::prepare), [`unique`](Self::unique), [`limit`](Self::limit),
/// [`complete`](Self::complete), the id, [`stored`](Self::stored), [`show`](Self::show). An update passes the same stages
/// without the defaults, the limit and the id. A replacement passes the stages of an update and the defaults. It keeps only the
/// id, the parent and the creation time of the entity.
pub(super) struct Resource {
    /// The kind of entity.
    pub kind: Kind,
    /// The id of entities.
    pub id: Identity,
    /// The parents in the path, outermost first. An entity belongs to the last one. A list whose path has no parent has the
    /// entities of all parents.
    pub parents: &'static [Parent],
    /// The list.
    pub list: List,
    /// The defaults of a new entity.
    pub defaults: Option<&'static Defaults>,
    /// The members with unique values.
    pub unique: Option<Unique>,
    /// The maximum number of entities of the tenant, or of a parent.
    pub limit: Option<Limit>,
    /// The kind of an update.
    pub patch: Patch,
    /// Whether entities have `created_at` and the member of `updated`.
    pub stamps: Stamps,
    /// The member with the time of the last change.
    pub updated: &'static str,
    /// The refusal of a read, update or delete of an entity that does not exist. The id replaces `{}` in it.
    pub missing: Refusal,
    /// The refusal of an update, if it differs from `missing`.
    pub missing_on_update: Option<Refusal>,
    /// The refusal of a delete, if it differs from `missing`.
    pub missing_on_removal: Option<Refusal>,
    /// The refusal of a delete while another entity refers to this one with a foreign key of `OnDelete::Restrict`.
    pub in_use: Option<Refusal>,
    /// The answer to a delete.
    pub removal: Removal,
    /// Members that no answer shows.
    pub hidden: &'static [&'static str],
    /// Finds the entity in the path, if not by its id alone.
    pub locate: Option<fn(&Call<'_>) -> Option<Seq>>,
    /// Narrows a list by query parameters that are not members; `None` if the request has none of them.
    pub select: Option<Select>,
    /// Rules of a create or update before all others.
    pub admit: Option<Admit>,
    /// Rules before the check of uniqueness.
    pub prepare: Option<Stage>,
    /// Rules after the check of uniqueness, and members that depend on others.
    pub complete: Option<Stage>,
    /// Checks whether an entity may be deleted.
    pub check_removal: Option<CheckRemoval>,
    /// Applies the effects of a stored entity elsewhere. Returns the entity for the answer.
    pub stored: Option<Stored>,
    /// The entity for answers.
    pub show: Option<fn(&Call<'_>, &Document) -> Document>,
    /// Adds the members that only reads and lists have.
    pub read_more: Option<ReadMore>,
}

/// Narrows the entities of a list.
pub(super) type Select = fn(&Call<'_>, &[Seq]) -> Option<Vec<Seq>>;

/// Adds members to an entity for a read or a list.
pub(super) type ReadMore = fn(&Call<'_>, &mut Map<String, Value>);

/// Checks a request before its entity is looked up.
pub(super) type Admit = fn(&Call<'_>) -> Result<(), ApiError>;

/// Checks whether an entity may be deleted.
pub(super) type CheckRemoval = fn(&Call<'_>, &Document) -> Result<(), ApiError>;

/// Applies the effects of a stored entity.
pub(super) type Stored = fn(&mut Call<'_>, &Draft, Document) -> Document;

/// Checks or completes an entity before it is stored.
pub(super) type Stage = fn(&mut Call<'_>, &mut Draft) -> Result<(), ApiError>;

/// An entity that a request creates or updates, before it is stored.
pub(super) struct Draft {
    /// The entity as it will be stored.
    pub entity: Map<String, Value>,
    /// The stored entity that an update replaces.
    pub before: Option<Document>,
    /// The body of the request.
    pub body: Map<String, Value>,
}

impl Draft {
    /// The text of a member; empty if there is none.
    pub(super) fn text(&self, member: &str) -> &str {
        text(&self.entity, member).unwrap_or_default()
    }

    /// Whether the request sends a member.
    pub(super) fn sends(&self, member: &str) -> bool {
        self.body.contains_key(member)
    }

    /// The numbers in a member of the other entities of the kind. It reads all of them, so it is for kinds with few entities.
    pub(super) fn other_numbers(&self, call: &Call<'_>, kind: Kind, member: &str) -> Vec<f64> {
        let entities = &call.state[kind];
        let own = self.before.as_ref().and_then(|before| before.get("id"));
        let others = entities.order().iter().filter_map(|seq| entities.at(seq)).filter(|other| other.get("id") != own);
        others.filter_map(|other| other.get(member).and_then(Value::as_f64)).collect()
    }

    /// Whether the request creates the entity.
    pub(super) fn is_new(&self) -> bool {
        self.before.is_none()
    }
}

/// The id of an entity: its member, its source, and its path parameter.
pub(super) struct Identity {
    member: &'static str,
    source: IdSource,
    parameter: &'static str,
    /// The refusal of an id of another shape, if it differs from the refusal of an unknown id.
    malformed: Option<Refusal>,
}

/// The source of the id of a new entity.
#[derive(Clone, Copy)]
enum IdSource {
    /// A new id of this shape.
    Drawn(IdShape),
    /// The id of the parent, which has at most one entity of the kind.
    Parent,
}

impl Identity {
    /// An `id`, in the path parameter `{id}`.
    pub(super) const fn new(shape: IdShape) -> Self {
        Identity { member: "id", source: IdSource::Drawn(shape), parameter: "id", malformed: None }
    }

    /// The id of the parent, in this member and in the path parameter `{id}`.
    pub(super) const fn of_parent(member: &'static str) -> Self {
        Identity { member, source: IdSource::Parent, parameter: "id", malformed: None }
    }

    /// An id in another member.
    pub(super) const fn member(self, member: &'static str) -> Self {
        Identity { member, ..self }
    }

    /// Refuses an id of another shape.
    pub(super) const fn malformed(self, refusal: Refusal) -> Self {
        Identity { malformed: Some(refusal), ..self }
    }

    /// An id in another path parameter.
    pub(super) const fn parameter(self, parameter: &'static str) -> Self {
        Identity { parameter, ..self }
    }
}

/// An entity above another one in the path.
pub(super) struct Parent {
    /// Its kind.
    pub kind: Kind,
    /// The path parameter with its id.
    pub parameter: &'static str,
    /// The member with its id in the entities below it.
    pub member: &'static str,
    /// The refusal if it does not exist.
    pub missing: Refusal,
}

/// The pages, the filters and the order of a list.
pub(super) struct List {
    pages: Pages,
    /// The member of the envelope with the entities.
    key: &'static str,
    /// Query parameters that filter by the indexed member of the same name.
    filters: &'static [&'static str],
    /// Whether `sort` orders a list by offset, as `<member>:1` or `<member>:-1`.
    sorts: bool,
    /// Members that only the answer with a single entity has.
    without: &'static [&'static str],
}

enum Pages {
    /// All entities: in a bare array, or in an envelope with a single member.
    None,
    Offset,
    Checkpoint,
    /// By offset unless the request sends `from` or `take`.
    Either,
    /// By offset, in the envelope of Actions.
    Numbered(Zeros),
}

impl List {
    /// All entities in a bare array.
    pub(super) const fn bare() -> Self {
        List { pages: Pages::None, key: "", filters: &[], sorts: false, without: &[] }
    }

    /// All entities in an envelope with a single member.
    pub(super) const fn whole(key: &'static str) -> Self {
        List { key, ..List::bare() }
    }

    /// Pages by `page` and `per_page`.
    pub(super) const fn offset(key: &'static str) -> Self {
        List { pages: Pages::Offset, key, ..List::bare() }
    }

    /// Pages by `from` and `take`.
    pub(super) const fn checkpoint(key: &'static str) -> Self {
        List { pages: Pages::Checkpoint, key, ..List::bare() }
    }

    /// Pages of both kinds.
    pub(super) const fn either(key: &'static str) -> Self {
        List { pages: Pages::Either, key, ..List::bare() }
    }

    /// Pages by `page` and `per_page`, in an envelope with `total`, `page` and `per_page`.
    pub(super) const fn numbered(key: &'static str, zeros: Zeros) -> Self {
        List { pages: Pages::Numbered(zeros), key, ..List::bare() }
    }

    /// With these filters.
    pub(super) const fn filters(self, filters: &'static [&'static str]) -> Self {
        List { filters, ..self }
    }

    /// With `sort`.
    pub(super) const fn sorts(self) -> Self {
        List { sorts: true, ..self }
    }

    /// Without members that only the answer with a single entity has.
    pub(super) const fn without(self, without: &'static [&'static str]) -> Self {
        List { without, ..self }
    }
}

/// Members whose values no two entities share.
pub(super) struct Unique {
    /// An indexed member, which narrows the search.
    pub index: &'static str,
    /// Further members that are compared.
    pub and: &'static [&'static str],
    /// Whether the case of ASCII letters is ignored.
    pub ignores_case: bool,
    /// The refusal of a second entity.
    pub refusal: Refusal,
}

impl Unique {
    /// A unique text of one member.
    pub(super) const fn new(index: &'static str, refusal: Refusal) -> Self {
        Unique { index, and: &[], ignores_case: false, refusal }
    }
}

/// A maximum number of entities, which replaces `{}` in the sentence of the refusal.
pub(super) struct Limit {
    /// The number.
    pub most: usize,
    /// The refusal of one more.
    pub refusal: Refusal,
}

/// The kind of an update. `null` removes a member.
#[derive(Clone, Copy)]
pub(super) enum Patch {
    /// Members are replaced.
    Replace,
    /// Members are replaced, but these objects are merged.
    ReplaceBut(&'static [&'static str]),
}

/// The time stamps of an entity: its creation and its last change.
#[derive(Clone, Copy)]
pub(super) enum Stamps {
    /// None.
    None,
    /// Both, with milliseconds.
    Milliseconds,
    /// Both, with microseconds.
    Microseconds,
    /// Both, with nanoseconds.
    Nanoseconds,
}

impl Stamps {
    /// A time in the format of the entity.
    pub(super) fn moment(self, moment: SystemTime) -> Option<String> {
        Some(match self {
            Stamps::None => return None,
            Stamps::Milliseconds => humantime::format_rfc3339_millis(moment).to_string(),
            Stamps::Microseconds => humantime::format_rfc3339_micros(moment).to_string(),
            Stamps::Nanoseconds => humantime::format_rfc3339_nanos(moment).to_string(),
        })
    }
}

/// The answer to a delete.
#[derive(Clone, Copy)]
pub(super) enum Removal {
    /// Nothing. The delete of an entity that does not exist is refused.
    Refuse,
    /// An empty object. The delete of an entity that does not exist is refused.
    RefuseOrObject,
    /// Nothing, whether the entity exists or not.
    Ignore,
    /// `{"code": 204, "object": ""}`. The delete of an entity that does not exist is refused.
    RefuseOrCode,
}

impl Resource {
    /// A resource without rules of its own: a bare list, no defaults, no limit, 404 for an unknown id.
    pub(super) const fn new(kind: Kind, id: Identity) -> Self {
        Resource {
            kind,
            id,
            parents: &[],
            list: List::bare(),
            defaults: None,
            unique: None,
            limit: None,
            patch: Patch::Replace,
            stamps: Stamps::None,
            updated: "updated_at",
            missing: Refusal::plain(404, "Not Found"),
            missing_on_update: None,
            missing_on_removal: None,
            in_use: None,
            removal: Removal::Refuse,
            hidden: &[],
            locate: None,
            select: None,
            admit: None,
            prepare: None,
            complete: None,
            check_removal: None,
            stored: None,
            show: None,
            read_more: None,
        }
    }
}
