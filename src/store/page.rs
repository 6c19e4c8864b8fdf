//! Pages of a list: by offset in any order, or by a cursor (the last entity of the previous page) in creation order.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::collection::Collection;
use super::document::Document;
use super::seq::Seq;

/// A page by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OffsetPage {
    /// Number of the page, counted from 0.
    pub page: usize,
    /// Entities on a page.
    pub per_page: usize,
}

/// A page by a cursor: the entities after another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CursorPage {
    /// The last entity seen.
    pub after: Option<Seq>,
    /// The maximum number of entities.
    pub take: usize,
}

impl OffsetPage {
    /// The number of entities before the page.
    pub(crate) fn start(self) -> usize {
        self.page.saturating_mul(self.per_page)
    }

    /// The entities of the page, in the order of these sequence numbers.
    pub(crate) fn of(self, collection: &Collection, positions: impl Iterator<Item = Seq>) -> Vec<&Document> {
        positions.skip(self.start()).take(self.per_page).filter_map(|seq| collection.at(seq)).collect()
    }
}

impl CursorPage {
    /// The entities of the page, and the cursor of the next page if there is one. The sequence numbers must be in
    /// creation order.
    pub(crate) fn of<'a>(self, collection: &'a Collection, positions: &[Seq]) -> (Vec<&'a Document>, Option<String>) {
        let rest = &positions[self.after.map_or(0, |after| positions.partition_point(|seq| *seq <= after))..];
        let page = &rest[..self.take.min(rest.len())];
        let next = page.last().filter(|_| rest.len() > self.take).map(|seq| encode(*seq));
        (page.iter().filter_map(|seq| collection.at(*seq)).collect(), next)
    }
}

/// The cursor of a sequence number. Clients treat it as opaque, as with the live service.
pub(crate) fn encode(seq: Seq) -> String {
    encode_key(&seq.to_string())
}

/// Parses a cursor; `None` for any other text.
pub(crate) fn decode(cursor: &str) -> Option<Seq> {
    decode_key(cursor)?.parse().ok()
}

/// The cursor of a key, in a list that is ordered by keys.
pub(crate) fn encode_key(key: &str) -> String {
    STANDARD_NO_PAD.encode(format!("after:{key}"))
}

/// Parses the cursor of a key.
pub(crate) fn decode_key(cursor: &str) -> Option<String> {
    let text = STANDARD_NO_PAD.decode(cursor.trim_end_matches('=')).ok()?;
    Some(String::from_utf8(text).ok()?.strip_prefix("after:")?.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::{Collection, CursorPage, Document, OffsetPage, decode};

    fn collection(count: usize) -> Collection {
        let mut collection = Collection::default();
        for number in 0..count {
            collection.insert(&number.to_string(), Map::from_iter([("n".to_owned(), number.into())]));
        }
        collection
    }

    fn numbers(items: &[&Document]) -> Vec<u64> {
        items.iter().filter_map(|item| item["n"].as_u64()).collect()
    }

    #[test]
    fn offset_pages_and_a_page_past_the_end() {
        let five = collection(5);
        let page = |page| numbers(&OffsetPage { page, per_page: 2 }.of(&five, five.order().iter()));
        assert_eq!(page(1), [2, 3]);
        assert_eq!(page(2), [4]);
        assert!(page(9).is_empty());
        assert!(page(usize::MAX).is_empty());
    }

    #[test]
    fn cursor_pages_reach_the_end_also_when_the_last_one_seen_is_deleted() {
        let mut five = collection(5);
        let (items, next) = CursorPage { after: None, take: 2 }.of(&five, five.order().as_slice());
        assert_eq!(numbers(&items), [0, 1]);
        let after = decode(&next.expect("there is more"));
        five.remove("1");
        let (items, next) = CursorPage { after, take: 3 }.of(&five, five.order().as_slice());
        assert_eq!((numbers(&items), next), (vec![2, 3, 4], None));
    }

    #[test]
    fn a_foreign_cursor_is_not_read() {
        for cursor in ["", "MTIz", "%%%", "YWZ0ZXI6LTE"] {
            assert_eq!(decode(cursor), None, "{cursor}");
        }
    }
}
