//! Resources as declarations: one generic list, create, read, update and delete of a kind of entity.
//!
//! A family declares a [`Resource`] and names it in its rows. It needs own functions only for different behaviour.

use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::call::{Call, Reply};
use super::error::{ApiError, Refusal};
use super::fields::{Fields, fields_of, hide};
use super::paging::{Paging, Zeros};
use crate::domain::IdShape;
use crate::store::document::{merge, patch, text};
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
/// A create passes these stages, and a refusal of one of them changes nothing: [`admit`](Self::admit), the parents, [`defaults`](Self::defaults),
/// [`prepare`](Self::prepare), [`unique`](Self::unique), [`limit`](Self::limit), [`complete`](Self::complete), the id,
/// [`stored`](Self::stored), [`show`](Self::show). An update passes the same stages without the defaults, the limit and the
/// id. A replacement is an update that keeps nothing of the entity but its id, its parent and the moment of its creation; it
/// passes the defaults as well.
pub(super) struct Resource {
    /// The kind of entity.
    pub kind: Kind,
    /// The id of entities.
    pub id: Identity,
    /// The entities that the path names above this one, outermost first. Entities belong to the last one.
    pub parents: &'static [Parent],
    /// The list.
    pub list: List,
    /// The defaults of a new entity.
    pub defaults: Option<&'static Defaults>,
    /// The members with unique values.
    pub unique: Option<Unique>,
    /// The greatest number of entities: of the tenant, or of a parent.
    pub limit: Option<Limit>,
    /// How an update changes members.
    pub patch: Patch,
    /// Whether entities have `created_at` and `updated_at`.
    pub stamps: Stamps,
    /// The refusal of a read, update or delete of an entity that does not exist. `{}` in it stands for the id.
    pub missing: Refusal,
    /// The refusal of an update where it differs.
    pub missing_on_update: Option<Refusal>,
    /// The refusal of a delete where it differs.
    pub missing_on_removal: Option<Refusal>,
    /// The refusal of a delete while another entity names this one with a foreign key of `OnDelete::Restrict`.
    pub in_use: Option<Refusal>,
    /// The answer to a delete.
    pub removal: Removal,
    /// Members that no answer shows.
    pub hidden: &'static [&'static str],
    /// Finds the entity that the path names, if not by its id alone.
    pub locate: Option<fn(&Call<'_>) -> Option<Seq>>,
    /// Narrows a list by query parameters that are no members; `None` if the request sends none of them.
    pub select: Option<Select>,
    /// Rules of a create or update that come before everything else.
    pub admit: Option<Admit>,
    /// Rules before the check of uniqueness.
    pub prepare: Option<Stage>,
    /// Rules after it, and members that follow from others.
    pub complete: Option<Stage>,
    /// Checks whether an entity may be deleted.
    pub keep: Option<Keep>,
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
pub(super) type Keep = fn(&Call<'_>, &Document) -> Result<(), ApiError>;

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
    pub sent: Map<String, Value>,
}

impl Draft {
    /// The text of a member; empty if it has none.
    pub(super) fn text(&self, member: &str) -> &str {
        text(&self.entity, member).unwrap_or_default()
    }

    /// Whether the request sends a member.
    pub(super) fn sends(&self, member: &str) -> bool {
        self.sent.contains_key(member)
    }

    /// The numbers that the other entities of the kind have in a member. It walks all of them, so it is for kinds of which a
    /// tenant has few.
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

/// The member with the id, its shape, and the path parameter that names it.
pub(super) struct Identity {
    member: &'static str,
    shape: IdShape,
    parameter: &'static str,
    /// The refusal of an id of another shape, where it differs from that of an unknown id.
    malformed: Option<Refusal>,
}

impl Identity {
    /// An `id` that the path calls `{id}`.
    pub(super) const fn new(shape: IdShape) -> Self {
        Identity { member: "id", shape, parameter: "id", malformed: None }
    }

    /// An id in another member.
    pub(super) const fn member(self, member: &'static str) -> Self {
        Identity { member, ..self }
    }

    /// Refuses an id of another shape.
    pub(super) const fn malformed(self, refusal: Refusal) -> Self {
        Identity { malformed: Some(refusal), ..self }
    }

    /// An id that the path names by another parameter.
    pub(super) const fn parameter(self, parameter: &'static str) -> Self {
        Identity { parameter, ..self }
    }
}

/// An entity above others in the path.
pub(super) struct Parent {
    /// Its kind.
    pub kind: Kind,
    /// The path parameter with its id.
    pub parameter: &'static str,
    /// The member of its entities that holds its id.
    pub member: &'static str,
    /// The refusal if it does not exist.
    pub missing: Refusal,
}

/// The pages, the filters and the order of a list.
pub(super) struct List {
    pages: Pages,
    /// The member of the envelope that holds the entities.
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

    fn paging(&self, call: &Call<'_>) -> Result<Option<Paging>, ApiError> {
        Ok(match self.pages {
            Pages::None => None,
            Pages::Offset => Some(Paging::offset(call)?),
            Pages::Checkpoint => Some(Paging::checkpoint(call)?),
            Pages::Either => Some(Paging::of(call)?),
            Pages::Numbered(zeros) => Some(Paging::numbered(zeros, call)?),
        })
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

    fn is_same(&self, one: Option<&Value>, other: Option<&Value>) -> bool {
        match (one, other) {
            (Some(Value::String(one)), Some(Value::String(other))) if self.ignores_case => {
                one.eq_ignore_ascii_case(other)
            }
            _ => one == other,
        }
    }
}

/// A greatest number of entities. The sentence of the refusal has `{}` for it.
pub(super) struct Limit {
    /// The number.
    pub most: usize,
    /// The refusal of one more.
    pub refusal: Refusal,
}

/// How an update changes members. `null` removes a member.
#[derive(Clone, Copy)]
pub(super) enum Patch {
    /// Members are replaced.
    Replace,
    /// Members are replaced, but these objects are merged.
    ReplaceBut(&'static [&'static str]),
}

/// The members `created_at` and `updated_at` of an entity.
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
    /// A moment in the format of the entity.
    pub(super) fn moment(self, moment: SystemTime) -> Option<String> {
        Some(match self {
            Stamps::None => return None,
            Stamps::Milliseconds => humantime::format_rfc3339_millis(moment).to_string(),
            Stamps::Microseconds => humantime::format_rfc3339_micros(moment).to_string(),
            Stamps::Nanoseconds => humantime::format_rfc3339_nanos(moment).to_string(),
        })
    }

    fn write(self, moment: SystemTime, entity: &mut Map<String, Value>, created: Option<Value>) {
        let Some(now) = self.moment(moment).map(Value::from) else { return };
        entity.insert("created_at".to_owned(), created.unwrap_or_else(|| now.clone()));
        entity.insert("updated_at".to_owned(), now);
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
            keep: None,
            stored: None,
            show: None,
            read_more: None,
        }
    }

    /// Answers a list.
    pub(super) fn list(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let call = &*call;
        let paging = self.list.paging(call)?;
        let mut wanted: Vec<(&str, Cow<'_, str>)> = Vec::new();
        wanted.extend(self.parent(call)?.map(|(member, id)| (member, Cow::Borrowed(id))));
        let sent = |filter: &&'static str| Some((*filter, filter_text(call.query.get(*filter)?)?));
        wanted.extend(self.list.filters.iter().filter_map(sent));
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|(member, text)| (*member, &**text)).collect();

        let entities = &call.state[self.kind];
        let (fields, key) = (Fields::of(call), self.list.key);
        let show = |entity: &Document| {
            let mut shown = self.read_view(call, entity);
            hide(&mut shown, self.list.without);
            fields_of(fields.as_ref(), &shown)
        };
        let mut positions = entities.matching(&wanted);
        if let Some(selected) = self.select.and_then(|select| select(call, &positions)) {
            positions = selected.into();
        }
        let Some(paging) = paging else {
            let all = positions.iter().filter_map(|seq| entities.at(*seq)).map(show);
            let all = all.collect::<Vec<_>>();
            return Ok(if key.is_empty() { Reply::json(&all) } else { Reply::json(&json!({ key: all })) });
        };
        // A cursor is a position in creation order, so a sorted list has pages by offset only.
        let sort = call.query_text("sort").filter(|_| self.list.sorts).and_then(|sort| sort.split_once(':'));
        let (Paging::Offset(offset), Some((member, direction))) = (&paging, sort) else {
            return Ok(paging.reply(key, entities, &positions, show));
        };
        let (descending, in_order) = (direction == "-1", positions.iter().copied());
        let sorted: Box<dyn Iterator<Item = Seq>> = match (member, descending) {
            ("created_at", false) => Box::new(in_order),
            ("created_at", true) => Box::new(in_order.rev()),
            _ => entities.sorted(member, descending),
        };
        Ok(offset.reply(key, entities, sorted, positions.len(), show))
    }

    /// Creates an entity.
    pub(super) fn create(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let parent = self.parent(call)?.map(|(member, id)| (member, id.to_owned()));
        let sent = std::mem::take(&mut call.body);
        let mut draft = Draft { entity: sent.clone(), before: None, sent };
        if let Some((member, id)) = &parent {
            draft.entity.insert((*member).to_owned(), id.as_str().into());
        }
        self.add_defaults(&mut draft.entity);
        self.stamps.write(call.clock.now(), &mut draft.entity, None);
        run(self.prepare, call, &mut draft)?;
        self.check_unique(call, &draft, None)?;
        self.check_limit(call, parent.as_ref())?;
        run(self.complete, call, &mut draft)?;
        let id = call.new_id(self.kind, self.id.shape)?;
        draft.entity.insert(self.id.member.to_owned(), id.clone().into());
        let entity = call.state[self.kind].insert(&id, std::mem::take(&mut draft.entity));
        Ok(self.reply_stored(call, &draft, entity))
    }

    /// Answers the entity that the path names.
    pub(super) fn read(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let seq = self.find(call)?;
        self.reply(call, seq.and_then(|seq| call.state[self.kind].at(seq)), self.missing)
    }

    /// Answers an entity that the family has looked up.
    pub(super) fn reply(
        &self,
        call: &Call<'_>,
        entity: Option<&Document>,
        missing: Refusal,
    ) -> Result<Reply, ApiError> {
        let shown = self.read_view(call, entity.ok_or_else(|| self.missing(call, missing))?);
        Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &shown)))
    }

    /// Updates the entity that the path names.
    pub(super) fn update(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.change(call, |before, sent| {
            let mut entity = Map::clone(before);
            self.patch.apply(&mut entity, sent.clone());
            entity
        })
    }

    /// Replaces the entity that the path names.
    pub(super) fn replace(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.change(call, |before, sent| {
            let mut entity = sent.clone();
            self.add_defaults(&mut entity);
            let parent = self.parents.last().map(|parent| parent.member);
            for member in [self.id.member].into_iter().chain(parent) {
                entity.extend(before.get(member).map(|value| (member.to_owned(), value.clone())));
            }
            entity
        })
    }

    /// Stores a changed entity, which `entity` builds from the stored one and the body.
    fn change(
        &self,
        call: &mut Call<'_>,
        entity: impl FnOnce(&Document, &Map<String, Value>) -> Map<String, Value>,
    ) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let missing = self.missing_on_update.unwrap_or(self.missing);
        let (seq, before) = self.entity(call)?.ok_or_else(|| self.missing(call, missing))?;
        let sent = std::mem::take(&mut call.body);
        let mut draft = Draft { entity: entity(&before, &sent), before: Some(before), sent };
        let created = draft.before.as_ref().and_then(|before| before.get("created_at").cloned());
        self.stamps.write(call.clock.now(), &mut draft.entity, created);
        run(self.prepare, call, &mut draft)?;
        self.check_unique(call, &draft, Some(seq))?;
        run(self.complete, call, &mut draft)?;
        let id = call.state[self.kind].id_at(seq).unwrap_or_default().to_owned();
        let entity = call.state[self.kind].replace(&id, std::mem::take(&mut draft.entity));
        Ok(self.reply_stored(call, &draft, entity))
    }

    /// Deletes the entity that the path names.
    pub(super) fn remove(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let empty = match self.removal {
            Removal::RefuseOrObject => Reply::json(&Map::new()),
            Removal::RefuseOrCode => Reply::json(&json!({ "code": 204, "object": "" })),
            Removal::Refuse | Removal::Ignore => Reply::empty(),
        };
        match (self.entity(call)?, self.removal) {
            (Some((seq, entity)), _) => {
                self.keep.map_or(Ok(()), |keep| keep(call, &entity))?;
                let id = call.state[self.kind].id_at(seq).unwrap_or_default().to_owned();
                if let Some(refusal) = self.in_use.filter(|_| call.state.is_in_use(self.kind, &id)) {
                    return Err(refusal.into());
                }
                call.state.remove(self.kind, &id);
                Ok(empty)
            }
            (None, Removal::Ignore) => Ok(empty),
            (None, Removal::Refuse | Removal::RefuseOrObject | Removal::RefuseOrCode) => {
                Err(self.missing(call, self.missing_on_removal.unwrap_or(self.missing)))
            }
        }
    }

    /// The refusal of an entity that does not exist. `{}` in the sentence stands for the id.
    fn missing(&self, call: &Call<'_>, refusal: Refusal) -> ApiError {
        refusal.with(&[&call.parameter(self.id.parameter)])
    }

    /// The member and the id of the parent, if the resource has one.
    ///
    /// # Errors
    ///
    /// The path names a parent that does not exist.
    pub(super) fn parent<'c>(&self, call: &'c Call<'_>) -> Result<Option<(&'static str, &'c str)>, ApiError> {
        for parent in self.parents {
            if !call.state[parent.kind].contains(call.parameter(parent.parameter)) {
                return Err(parent.missing.into());
            }
        }
        Ok(self.parents.last().map(|parent| (parent.member, call.parameter(parent.parameter))))
    }

    /// The sequence number of the entity that the path names, if it exists and belongs to the parent.
    fn find(&self, call: &Call<'_>) -> Result<Option<Seq>, ApiError> {
        let (parent, entities) = (self.parent(call)?, &call.state[self.kind]);
        let id = call.parameter(self.id.parameter);
        if let Some(refusal) = self.id.malformed.filter(|_| !self.id.shape.fits(id)) {
            return Err(refusal.into());
        }
        let seq = match self.locate {
            Some(locate) => locate(call),
            None => entities.seq(id),
        };
        let belongs = |seq: &Seq| {
            let has = |(member, id)| entities.at(*seq).and_then(|entity| text(entity, member)) == Some(id);
            parent.is_none_or(has)
        };
        Ok(seq.filter(belongs))
    }

    fn entity(&self, call: &Call<'_>) -> Result<Option<(Seq, Document)>, ApiError> {
        let seq = self.find(call)?;
        Ok(seq.and_then(|seq| Some((seq, Document::clone(call.state[self.kind].at(seq)?)))))
    }

    fn add_defaults(&self, entity: &mut Map<String, Value>) {
        for (member, default) in self.defaults.iter().flat_map(|defaults| defaults.iter()) {
            entity.entry(member).or_insert_with(|| default.clone());
        }
    }

    fn check_unique(&self, call: &Call<'_>, draft: &Draft, own: Option<Seq>) -> Result<(), ApiError> {
        let Some(unique) = &self.unique else { return Ok(()) };
        let entities = &call.state[self.kind];
        let mut others = entities.having(unique.index, draft.text(unique.index)).iter().filter(|seq| Some(*seq) != own);
        let is_same = |seq: Seq| {
            let same = |member: &&str| {
                unique.is_same(entities.at(seq).and_then(|other| other.get(*member)), draft.entity.get(*member))
            };
            unique.and.iter().all(same)
        };
        if others.any(is_same) { Err(unique.refusal.into()) } else { Ok(()) }
    }

    fn check_limit(&self, call: &Call<'_>, parent: Option<&(&str, String)>) -> Result<(), ApiError> {
        let Some(limit) = &self.limit else { return Ok(()) };
        let entities = &call.state[self.kind];
        let count = parent.map_or(entities.len(), |(member, id)| entities.having(member, id).len());
        if count >= limit.most { Err(limit.refusal.with(&[&limit.most])) } else { Ok(()) }
    }

    fn reply_stored(&self, call: &mut Call<'_>, draft: &Draft, entity: Document) -> Reply {
        let entity = match self.stored {
            Some(stored) => stored(call, draft, entity),
            None => entity,
        };
        Reply::json(&self.view(call, &entity))
    }

    /// The entity for a read or a list.
    fn read_view(&self, call: &Call<'_>, entity: &Document) -> Document {
        let mut shown = self.view(call, entity);
        if let Some(read_more) = self.read_more {
            read_more(call, Document::make_mut(&mut shown));
        }
        shown
    }

    fn view(&self, call: &Call<'_>, entity: &Document) -> Document {
        let mut shown = self.show.map_or_else(|| Document::clone(entity), |show| show(call, entity));
        hide(&mut shown, self.hidden);
        shown
    }
}

impl Patch {
    fn apply(self, entity: &mut Map<String, Value>, mut changes: Map<String, Value>) {
        if let Patch::ReplaceBut(merged) = self {
            for member in merged {
                if let Some(change) = changes.remove(*member) {
                    merge(entity, Map::from_iter([((*member).to_owned(), change)]));
                }
            }
        }
        patch(entity, changes);
    }
}

fn run(stage: Option<Stage>, call: &mut Call<'_>, draft: &mut Draft) -> Result<(), ApiError> {
    stage.map_or(Ok(()), |stage| stage(call, draft))
}

/// The text of a query parameter that filters.
fn filter_text(value: &Value) -> Option<Cow<'_, str>> {
    match value {
        Value::String(text) => Some(Cow::Borrowed(text)),
        Value::Bool(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        _ => None,
    }
}
