//! The generic operations on a declared resource: list, create, read, update, replace and delete.

use std::borrow::Cow;
use std::time::SystemTime;

use serde_json::{Map, Value, json};

use super::{Draft, IdSource, List, Pages, Patch, Removal, Resource, Stage, Unique};
use crate::api::call::{Call, Reply};
use crate::api::error::{ApiError, Refusal};
use crate::api::fields::{Fields, fields_of, hide};
use crate::api::paging::Paging;
use crate::store::document::{merge, patch, text};
use crate::store::{Document, Seq};

impl Resource {
    /// Answers a list.
    pub(in crate::api) fn list(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let call = &*call;
        let paging = self.list.paging(call)?;
        let mut filters: Vec<(&str, Cow<'_, str>)> = Vec::new();
        filters.extend(self.parent(call)?.map(|(member, id)| (member, Cow::Borrowed(id))));
        let filter = |name: &&'static str| Some((*name, filter_text(call.query.get(*name)?)?));
        filters.extend(self.list.filters.iter().filter_map(filter));
        let filters: Vec<(&str, &str)> = filters.iter().map(|(member, text)| (*member, &**text)).collect();

        let entities = &call.state[self.kind];
        let (fields, key) = (Fields::of(call), self.list.key);
        let show = |entity: &Document| {
            let mut view = self.read_view(call, entity);
            hide(&mut view, self.list.without);
            fields_of(fields.as_ref(), &view)
        };
        let mut positions = entities.matching(&filters);
        if let Some(selection) = self.select.and_then(|select| select(call, &positions)) {
            positions = selection.into();
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
    pub(in crate::api) fn create(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let parent = self.parent(call)?.map(|(member, id)| (member, id.to_owned()));
        let body = std::mem::take(&mut call.body);
        let mut draft = Draft { entity: body.clone(), before: None, body };
        if let Some((member, id)) = &parent {
            draft.entity.insert((*member).to_owned(), id.as_str().into());
        }
        self.add_defaults(&mut draft.entity);
        self.write_stamps(call.clock.now(), &mut draft.entity, None);
        run(self.prepare, call, &mut draft)?;
        self.check_unique(call, &draft, None)?;
        self.check_limit(call, parent.as_ref())?;
        run(self.complete, call, &mut draft)?;
        let id = match (self.id.source, parent) {
            (IdSource::Parent, Some((_, id))) => id,
            (IdSource::Drawn(shape), _) => call.new_id(self.kind, shape)?,
            (IdSource::Parent, None) => panic!("a resource of {:?} has no parent", self.kind),
        };
        draft.entity.insert(self.id.member.to_owned(), id.clone().into());
        let entity = call.state[self.kind].insert(&id, std::mem::take(&mut draft.entity));
        Ok(self.reply_stored(call, &draft, entity))
    }

    /// Answers the entity in the path.
    pub(in crate::api) fn read(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let seq = self.find(call)?;
        self.reply(call, seq.and_then(|seq| call.state[self.kind].at(seq)), self.missing)
    }

    /// Answers an entity that the caller has looked up.
    pub(in crate::api) fn reply(
        &self,
        call: &Call<'_>,
        entity: Option<&Document>,
        missing: Refusal,
    ) -> Result<Reply, ApiError> {
        let view = self.read_view(call, entity.ok_or_else(|| self.missing(call, missing))?);
        Ok(Reply::json(&fields_of(Fields::of(call).as_ref(), &view)))
    }

    /// Updates the entity in the path.
    pub(in crate::api) fn update(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.change(call, |before, body| {
            let mut entity = Map::clone(before);
            self.patch.apply(&mut entity, body.clone());
            entity
        })
    }

    /// Replaces the entity in the path.
    pub(in crate::api) fn replace(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        self.change(call, |before, body| {
            let mut entity = body.clone();
            self.add_defaults(&mut entity);
            let parent = self.parents.last().map(|parent| parent.member);
            for member in [self.id.member].into_iter().chain(parent) {
                entity.extend(before.get(member).map(|value| (member.to_owned(), value.clone())));
            }
            entity
        })
    }

    /// Updates or replaces the entity in the path. `entity` builds the new version from the stored one and the body.
    fn change(
        &self,
        call: &mut Call<'_>,
        entity: impl FnOnce(&Document, &Map<String, Value>) -> Map<String, Value>,
    ) -> Result<Reply, ApiError> {
        self.admit.map_or(Ok(()), |admit| admit(call))?;
        let missing = self.missing_on_update.unwrap_or(self.missing);
        let (seq, before) = self.entity(call)?.ok_or_else(|| self.missing(call, missing))?;
        let body = std::mem::take(&mut call.body);
        let mut draft = Draft { entity: entity(&before, &body), before: Some(before), body };
        let created = draft.before.as_ref().and_then(|before| before.get("created_at").cloned());
        self.write_stamps(call.clock.now(), &mut draft.entity, created);
        run(self.prepare, call, &mut draft)?;
        self.check_unique(call, &draft, Some(seq))?;
        run(self.complete, call, &mut draft)?;
        let id = call.state[self.kind].id_at(seq).unwrap_or_default().to_owned();
        let entity = call.state[self.kind].replace(&id, std::mem::take(&mut draft.entity));
        Ok(self.reply_stored(call, &draft, entity))
    }

    /// Deletes the entity in the path.
    pub(in crate::api) fn remove(&self, call: &mut Call<'_>) -> Result<Reply, ApiError> {
        let empty = match self.removal {
            Removal::RefuseOrObject => Reply::json(&Map::new()),
            Removal::RefuseOrCode => Reply::json(&json!({ "code": 204, "object": "" })),
            Removal::Refuse | Removal::Ignore => Reply::empty(),
        };
        match (self.entity(call)?, self.removal) {
            (Some((seq, entity)), _) => {
                self.check_removal.map_or(Ok(()), |check| check(call, &entity))?;
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

    /// The refusal of an entity that does not exist, with its id in place of `{}`.
    fn missing(&self, call: &Call<'_>, refusal: Refusal) -> ApiError {
        refusal.with(&[&call.parameter(self.id.parameter)])
    }

    /// The member and the id of the parent, if the path has one.
    ///
    /// # Errors
    /// A parent does not exist.
    pub(in crate::api) fn parent<'c>(&self, call: &'c Call<'_>) -> Result<Option<(&'static str, &'c str)>, ApiError> {
        let mut last = None;
        for parent in self.parents.iter().filter(|parent| call.has_parameter(parent.parameter)) {
            let id = call.parameter(parent.parameter);
            if !call.state[parent.kind].contains(id) {
                return Err(parent.missing.into());
            }
            last = Some((parent.member, id));
        }
        Ok(last)
    }

    /// The sequence number of the entity that the path names, if it exists and belongs to the parent.
    fn find(&self, call: &Call<'_>) -> Result<Option<Seq>, ApiError> {
        let (parent, entities) = (self.parent(call)?, &call.state[self.kind]);
        let id = call.parameter(self.id.parameter);
        if let (Some(refusal), IdSource::Drawn(shape)) = (self.id.malformed, self.id.source)
            && !shape.fits(id)
        {
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

    /// Writes the time stamps. `created` is the stamp of an existing entity.
    fn write_stamps(&self, now: SystemTime, entity: &mut Map<String, Value>, created: Option<Value>) {
        let Some(now) = self.stamps.moment(now).map(Value::from) else { return };
        entity.insert("created_at".to_owned(), created.unwrap_or_else(|| now.clone()));
        entity.insert(self.updated.to_owned(), now);
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
        let mut view = self.view(call, entity);
        if let Some(read_more) = self.read_more {
            read_more(call, Document::make_mut(&mut view));
        }
        view
    }

    fn view(&self, call: &Call<'_>, entity: &Document) -> Document {
        let mut view = self.show.map_or_else(|| Document::clone(entity), |show| show(call, entity));
        hide(&mut view, self.hidden);
        view
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

impl List {
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

impl Unique {
    fn is_same(&self, one: Option<&Value>, other: Option<&Value>) -> bool {
        match (one, other) {
            (Some(Value::String(one)), Some(Value::String(other))) if self.ignores_case => {
                one.eq_ignore_ascii_case(other)
            }
            _ => one == other,
        }
    }
}
