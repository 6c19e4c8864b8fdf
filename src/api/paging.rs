//! The pages of lists, by offset or by checkpoint, and their envelopes.

use std::collections::BTreeMap;

use serde::Serialize;

use super::call::{Call, Reply};
use super::error::ApiError;
use crate::store::{Collection, CursorPage, Document, OffsetPage, Seq, page};

/// Offset paging reaches this many records (management-conventions, "Pagination").
const OFFSET_REACH: usize = 1000;
/// The default number of entities on a page.
const DEFAULT_PAGE: usize = 50;

/// The paging of a list, which decides the form of its answer.
pub(super) enum Paging {
    Offset(Offset),
    Checkpoint(CursorPage),
}

/// Whether the envelope of Actions, `{total, page, per_page, <key>}`, has the numbers that are zero (recorded: the versions of a
/// module have them, the lists of Actions and of bindings leave them out).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zeros {
    Shown,
    Omitted,
}

/// A list by offset: a bare array, or `{start, limit, total, <key>}`.
pub(super) struct Offset {
    page: OffsetPage,
    /// Whether the list is in an envelope.
    totals: bool,
    /// Whether the envelope has the length of the page, and the total.
    length: bool,
    total: bool,
    /// Whether the list is in the envelope of Actions instead.
    numbers: Option<Zeros>,
}

impl Paging {
    /// Reads `page`, `per_page`, `include_totals`, `from` and `take`. `take` or `from` win over the rest (recorded).
    pub(super) fn of(call: &Call<'_>) -> Result<Paging, ApiError> {
        Paging::with_pages_of(DEFAULT_PAGE, call)
    }

    /// The same for a list with pages of another size.
    pub(super) fn with_pages_of(size: usize, call: &Call<'_>) -> Result<Paging, ApiError> {
        if call.query.contains_key("take") || call.query.contains_key("from") {
            Paging::checkpoint(call)
        } else {
            Offset::read(size, HasCheckpoints::Yes, call).map(Paging::Offset)
        }
    }

    /// Reads `page`, `per_page` and `include_totals` of a list that has no checkpoints.
    pub(super) fn offset(call: &Call<'_>) -> Result<Paging, ApiError> {
        Offset::of(call).map(Paging::Offset)
    }

    /// Reads `page` and `per_page` of a list in the envelope of Actions.
    pub(super) fn numbered(zeros: Zeros, call: &Call<'_>) -> Result<Paging, ApiError> {
        Ok(Paging::Offset(Offset { numbers: Some(zeros), ..Offset::of(call)? }))
    }

    /// Reads `from` and `take`, and ignores other parameters.
    pub(super) fn checkpoint(call: &Call<'_>) -> Result<Paging, ApiError> {
        checkpoint(call).map(Paging::Checkpoint)
    }

    /// Answers with the entities at these positions, which must be in creation order. `show` gives the form of each.
    pub(super) fn reply<T: Serialize + 'static>(
        &self,
        key: &'static str,
        collection: &Collection,
        positions: &[Seq],
        show: impl Fn(&Document) -> T,
    ) -> Reply {
        match self {
            Paging::Offset(offset) => offset.reply(key, collection, positions.iter().copied(), positions.len(), show),
            Paging::Checkpoint(page) => {
                let (items, next) = page.of(collection, positions);
                checkpoint_reply(key, items.into_iter().map(show), next)
            }
        }
    }
}

impl Offset {
    /// Reads `page`, `per_page` and `include_totals` of a list that has no checkpoints.
    pub(super) fn of(call: &Call<'_>) -> Result<Offset, ApiError> {
        Offset::read(DEFAULT_PAGE, HasCheckpoints::No, call)
    }

    fn read(size: usize, has_checkpoints: HasCheckpoints, call: &Call<'_>) -> Result<Offset, ApiError> {
        let page = page_of(size, has_checkpoints, call)?;
        let totals = call.query_flag("include_totals") == Some(true);
        Ok(Offset { page, totals, length: false, total: true, numbers: None })
    }

    /// The same for a list whose envelope also has the length of the page.
    pub(super) fn with_length(mut self) -> Offset {
        self.length = true;
        self
    }

    /// The same for a list whose envelope has no total.
    pub(super) fn without_total(mut self) -> Offset {
        self.total = false;
        self
    }

    /// Answers with the entities at these positions, in their order. Their number is `total`.
    pub(super) fn reply<T: Serialize + 'static>(
        &self,
        key: &'static str,
        collection: &Collection,
        positions: impl Iterator<Item = Seq>,
        total: usize,
        show: impl Fn(&Document) -> T,
    ) -> Reply {
        self.envelope(key, self.page.of(collection, positions).into_iter().map(show).collect(), total)
    }

    /// The same for a list of items that are no entities.
    pub(super) fn reply_with<T: Serialize + 'static>(
        &self,
        key: &'static str,
        items: impl ExactSizeIterator<Item = T>,
    ) -> Reply {
        let total = items.len();
        self.envelope(key, items.skip(self.page.start()).take(self.page.per_page).collect(), total)
    }

    fn envelope<T: Serialize + 'static>(&self, key: &'static str, items: Vec<T>, total: usize) -> Reply {
        let number = Member::Number;
        if let Some(zeros) = self.numbers {
            // The total of a page after the last one is zero (recorded).
            let total = if items.is_empty() { 0 } else { total };
            let numbers = [("total", total), ("page", self.page.page), ("per_page", self.page.per_page)];
            let numbers = numbers.into_iter().filter(|(_, value)| *value > 0 || zeros == Zeros::Shown);
            let mut envelope: BTreeMap<&str, Member<T>> = numbers.map(|(name, value)| (name, number(value))).collect();
            envelope.insert(key, Member::Items(items));
            return Reply::of(envelope);
        }
        if !self.totals {
            return Reply::of(items);
        }
        let mut envelope =
            BTreeMap::from([("start", number(self.page.start())), ("limit", number(self.page.per_page))]);
        envelope.extend(self.total.then(|| ("total", number(total))));
        envelope.extend(self.length.then(|| ("length", number(items.len()))));
        envelope.insert(key, Member::Items(items));
        Reply::of(envelope)
    }
}

/// Whether a list also has `from` and `take`. The refusal of a page then names this method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HasCheckpoints {
    Yes,
    No,
}

/// Reads `page` and `per_page` of a list that builds its own answer.
pub(super) fn offset_page(has_checkpoints: HasCheckpoints, call: &Call<'_>) -> Result<OffsetPage, ApiError> {
    page_of(DEFAULT_PAGE, has_checkpoints, call)
}

fn page_of(size: usize, has_checkpoints: HasCheckpoints, call: &Call<'_>) -> Result<OffsetPage, ApiError> {
    let per_page = call.query_number("per_page").unwrap_or(size);
    let page = call.query_number("page").unwrap_or(0);
    // Page 10 of 100 and page 20 of 50 are the first that the live service refuses (reported).
    if page > 0 && page.saturating_add(1).saturating_mul(per_page) > OFFSET_REACH {
        return Err(match has_checkpoints {
            HasCheckpoints::Yes => ApiError::page_needs_checkpoints(page),
            HasCheckpoints::No => ApiError::page_out_of_reach(),
        });
    }
    Ok(OffsetPage { page, per_page })
}

/// Reads `from` and `take` of a list that has no offset pages.
pub(super) fn checkpoint(call: &Call<'_>) -> Result<CursorPage, ApiError> {
    let after = match call.query_text("from").filter(|cursor| !cursor.is_empty()) {
        None => None,
        Some(cursor) => Some(page::decode(cursor).ok_or_else(ApiError::invalid_cursor)?),
    };
    Ok(CursorPage { after, take: call.query_number("take").unwrap_or(DEFAULT_PAGE) })
}

/// Answers a page of a list that is not a collection. The cursor is the number of items before the page.
pub(super) fn checkpoint_items<T: Serialize + Clone + 'static>(
    call: &Call<'_>,
    key: &'static str,
    items: &[T],
) -> Result<Reply, ApiError> {
    let page = checkpoint(call)?;
    let begin = page.after.and_then(|count| usize::try_from(count).ok()).map_or(0, |count| count.min(items.len()));
    let end = begin.saturating_add(page.take).min(items.len());
    let next = (end < items.len()).then(|| page::encode(end as Seq));
    Ok(checkpoint_reply(key, items[begin..end].iter().cloned(), next))
}

/// Answers `{<key>, next?}`.
pub(super) fn checkpoint_reply<T: Serialize + 'static>(
    key: &'static str,
    items: impl Iterator<Item = T>,
    next: Option<String>,
) -> Reply {
    let mut envelope = BTreeMap::from([(key, Member::Items(items.collect()))]);
    envelope.extend(next.map(|next| ("next", Member::Text(next))));
    Reply::of(envelope)
}

/// A member of an envelope.
#[derive(Serialize)]
#[serde(untagged)]
enum Member<T> {
    Number(usize),
    Text(String),
    Items(Vec<T>),
}
