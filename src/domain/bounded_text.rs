//! Texts of a bounded length, for every text of a request that the journal, a log or a refusal stores.
//!
//! A client may send a megabyte in one parameter, and the journal and the tenant's log keep thousands of requests. A
//! [`BoundedText`] is built without a copy of the long text, and allocates no more than its own bytes.

use std::fmt::{self, Display, Write};
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// The sentence of a refusal: room for several sentences that repeat a text each.
pub(crate) type Sentence = BoundedText<{ 16 * 1024 }>;

/// A text of at most `LONGEST` bytes. A longer one is cut between two characters and ends in `…`.
///
/// The default bound applies to every stored text, and to every text of a client that a sentence repeats. The longest
/// identifier of an API fits: it has 600 characters.
///
/// ```
/// use m2mock::BoundedText;
///
/// let long = BoundedText::<8>::from("granite-tours");
/// assert_eq!(long, "grani…");
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BoundedText<const LONGEST: usize = 1024>(Box<str>);

impl<const LONGEST: usize> BoundedText<LONGEST> {
    /// The maximum number of bytes.
    pub(crate) const LONGEST: usize = LONGEST;

    /// The displayed text of a value. Formatting stops at the bound.
    pub(crate) fn of(value: impl Display) -> Self {
        let mut writer = BoundedWriter::<LONGEST>(String::new());
        // The only error is that the text is full.
        let _ = write!(writer, "{value}");
        BoundedText(writer.0.into_boxed_str())
    }

    /// The items with a separator between them. The iterator stops at the bound.
    pub(crate) fn joined(items: impl IntoIterator<Item: Display>, separator: &str) -> Self {
        let mut writer = BoundedWriter::<LONGEST>(String::new());
        let _ = items.into_iter().enumerate().try_for_each(|(index, item)| {
            let separator = if index == 0 { "" } else { separator };
            write!(writer, "{separator}{item}")
        });
        BoundedText(writer.0.into_boxed_str())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const ELLIPSIS: &str = "…";

/// Collects the pieces of a text up to the bound.
struct BoundedWriter<const LONGEST: usize>(String);

impl<const LONGEST: usize> Write for BoundedWriter<LONGEST> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let BoundedWriter(text) = self;
        if piece.len() <= LONGEST - text.len() {
            text.push_str(piece);
            return Ok(());
        }
        // The ellipsis must fit, too, so a part of the text may have to make room.
        let room = LONGEST.saturating_sub(ELLIPSIS.len());
        if text.len() > room {
            text.truncate(boundary(text, room));
        } else {
            text.push_str(&piece[..boundary(piece, room - text.len())]);
        }
        if LONGEST >= ELLIPSIS.len() {
            text.push_str(ELLIPSIS);
        }
        Err(fmt::Error)
    }
}

/// The last boundary between two characters at or before this index.
fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl<const LONGEST: usize> From<&str> for BoundedText<LONGEST> {
    fn from(text: &str) -> Self {
        if text.len() <= LONGEST { BoundedText(text.into()) } else { BoundedText::of(text) }
    }
}

impl<const LONGEST: usize> From<String> for BoundedText<LONGEST> {
    fn from(text: String) -> Self {
        // The box has no spare capacity.
        if text.len() <= LONGEST { BoundedText(text.into_boxed_str()) } else { BoundedText::of(text) }
    }
}

impl<const LONGEST: usize> From<&String> for BoundedText<LONGEST> {
    fn from(text: &String) -> Self {
        BoundedText::from(text.as_str())
    }
}

impl<const LONGEST: usize> From<BoundedText<LONGEST>> for String {
    fn from(text: BoundedText<LONGEST>) -> Self {
        text.0.into_string()
    }
}

impl<const LONGEST: usize> Deref for BoundedText<LONGEST> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<const LONGEST: usize> AsRef<str> for BoundedText<LONGEST> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const LONGEST: usize> Display for BoundedText<LONGEST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const LONGEST: usize> fmt::Debug for BoundedText<LONGEST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<const LONGEST: usize> Serialize for BoundedText<LONGEST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<const LONGEST: usize> PartialEq<str> for BoundedText<LONGEST> {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl<const LONGEST: usize> PartialEq<&str> for BoundedText<LONGEST> {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl<const LONGEST: usize> PartialEq<String> for BoundedText<LONGEST> {
    fn eq(&self, other: &String) -> bool {
        *self.0 == **other
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::BoundedText;

    /// A simple model: as many characters as fit before the ellipsis.
    fn model(text: &str, longest: usize) -> String {
        if text.len() <= longest {
            return text.to_owned();
        }
        let mut cut = String::new();
        for character in text.chars() {
            if cut.len() + character.len_utf8() + '…'.len_utf8() > longest {
                break;
            }
            cut.push(character);
        }
        cut + "…"
    }

    proptest! {
        #[test]
        fn a_text_is_cut_as_the_model_cuts_it(pieces in prop::collection::vec("[aé€𝄞]{0,9}", 0..6)) {
            let whole = pieces.concat();
            let expected = model(&whole, 16);
            prop_assert_eq!(&BoundedText::<16>::from(whole.as_str()), &expected);
            prop_assert_eq!(&BoundedText::<16>::from(whole), &expected);
            prop_assert_eq!(&BoundedText::<16>::joined(&pieces, ""), &expected);
            prop_assert_eq!(&BoundedText::<16>::of(pieces.iter().map(String::as_str).collect::<String>()), &expected);
        }
    }

    #[test]
    fn a_bounded_text_has_no_spare_capacity() {
        let bounded = BoundedText::<64>::from("x".repeat(1_000_000));
        assert_eq!(bounded.len(), 64);
        assert_eq!(String::from(bounded).capacity(), 64);
        let mut roomy = String::with_capacity(1_000_000);
        roomy.push_str("short");
        assert_eq!(String::from(BoundedText::<64>::from(roomy)).capacity(), 5);
    }

    #[test]
    fn joining_stops_at_the_bound() {
        let mut drawn = 0;
        let endless = std::iter::repeat_with(|| {
            drawn += 1;
            "0123456789"
        });
        assert_eq!(BoundedText::<30>::joined(endless, ",").len(), 30);
        assert_eq!(drawn, 3);
    }
}
