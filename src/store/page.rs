//! Pages of a list: by offset, or by a cursor that names the last entity seen.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

use super::collection::{Collection, Seq};
use super::document::Document;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The page with this number, counted from 0.
    Offset {
        /// Number of the page.
        page: usize,
        /// Entities on a page.
        per_page: usize,
    },
    /// What was made after this entity.
    Cursor {
        /// The last entity seen.
        after: Option<Seq>,
        /// How many are wanted.
        take: usize,
    },
}

/// A part of a list.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The entities of the page.
    pub items: Vec<Document>,
    /// How many the whole list holds; counted for offset pages only.
    pub total: usize,
    /// Where the next cursor page begins, unless this is the last.
    pub next: Option<String>,
}

impl Page {
    /// Reads a page of the entities at these places, which stand in creation order.
    pub fn of(self, collection: &Collection, places: &[Seq]) -> Listing {
        match self {
            Page::Offset { .. } => self.of_ordered(collection, places.iter().copied(), places.len()),
            Page::Cursor { after, take } => {
                let rest = &places[after.map_or(0, |after| places.partition_point(|seq| *seq <= after))..];
                let shown = &rest[..take.min(rest.len())];
                let next = shown.last().filter(|_| rest.len() > take).map(|seq| encode(*seq));
                Listing { items: documents(collection, shown.iter().copied()), total: places.len(), next }
            }
        }
    }

    /// Reads an offset page of the entities at these places, in the given order. A cursor, which only makes sense in
    /// creation order, reads from the beginning.
    pub fn of_ordered(self, collection: &Collection, places: impl Iterator<Item = Seq>, total: usize) -> Listing {
        let (skipped, shown) = match self {
            Page::Offset { page, per_page } => (page.saturating_mul(per_page), per_page),
            Page::Cursor { take, .. } => (0, take),
        };
        Listing { items: documents(collection, places.skip(skipped).take(shown)), total, next: None }
    }
}

fn documents(collection: &Collection, places: impl Iterator<Item = Seq>) -> Vec<Document> {
    places.filter_map(|seq| collection.at(seq).cloned()).collect()
}

/// The cursor that stands for an entity. Its holder treats it as opaque, as with the live service.
fn encode(seq: Seq) -> String {
    STANDARD_NO_PAD.encode(format!("after:{seq}"))
}

/// Reads a cursor back; `None` if it is none of ours.
pub fn decode(cursor: &str) -> Option<Seq> {
    let text = STANDARD_NO_PAD.decode(cursor.trim_end_matches('=')).ok()?;
    std::str::from_utf8(&text).ok()?.strip_prefix("after:")?.parse().ok()
}

/// The cursor of a list that is ordered by ids, where the last id seen is all that is needed.
pub fn encode_id(id: &str) -> String {
    STANDARD_NO_PAD.encode(id)
}

/// Reads such a cursor back.
pub fn decode_id(cursor: &str) -> Option<String> {
    String::from_utf8(STANDARD_NO_PAD.decode(cursor.trim_end_matches('=')).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::{Collection, Page, decode};

    fn collection(count: usize) -> Collection {
        let mut collection = Collection::default();
        for number in 0..count {
            collection.insert(&number.to_string(), Map::from_iter([("n".to_owned(), number.into())]));
        }
        collection
    }

    fn numbers(listing: &super::Listing) -> Vec<u64> {
        listing.items.iter().filter_map(|item| item["n"].as_u64()).collect()
    }

    #[test]
    fn offset_pages_and_a_page_past_the_end() {
        let five = collection(5);
        let page = |page| Page::Offset { page, per_page: 2 }.of(&five, five.order().as_slice());
        assert_eq!(numbers(&page(1)), [2, 3]);
        assert_eq!(numbers(&page(2)), [4]);
        assert_eq!((numbers(&page(9)), page(9).total), (vec![], 5));
        assert!(page(usize::MAX).items.is_empty());
    }

    #[test]
    fn cursor_pages_reach_the_end_also_when_the_last_one_seen_is_deleted() {
        let mut five = collection(5);
        let first = Page::Cursor { after: None, take: 2 }.of(&five, five.order().as_slice());
        assert_eq!(numbers(&first), [0, 1]);
        let cursor = decode(&first.next.expect("there is more"));
        five.remove("1");
        let second = Page::Cursor { after: cursor, take: 3 }.of(&five, five.order().as_slice());
        assert_eq!((numbers(&second), second.next), (vec![2, 3, 4], None));
    }

    #[test]
    fn a_foreign_cursor_is_not_read() {
        for cursor in ["", "MTIz", "%%%", "YWZ0ZXI6LTE"] {
            assert_eq!(decode(cursor), None, "{cursor}");
        }
    }
}
