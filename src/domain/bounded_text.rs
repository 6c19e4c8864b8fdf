//! Texts of a bounded length: every text that the journal, a log or a refusal keeps of a request.
//!
//! A client may send a megabyte in one parameter, and the journal and the tenant's log keep thousands of requests. A
//! [`BoundedText`] is made from the long text without a copy of it, and holds exactly the bytes that it shows.

use std::fmt::{self, Display, Write};
use std::ops::Deref;

use serde::{Serialize, Serializer};

/// The sentence of a refusal: room for several sentences that repeat a text each.
pub(crate) type Sentence = BoundedText<{ 16 * 1024 }>;

/// A text of at most `LONGEST` bytes. A longer one is cut between two characters and ends in `…`.
///
/// The usual bound is that of every stored text, and of every text of a client that a sentence repeats. It lets the longest
/// identifier of an API pass, which has 600 characters.
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
    /// The most bytes.
    pub(crate) const LONGEST: usize = LONGEST;

    /// What this displays. Nothing beyond the bound is asked for or built.
    pub(crate) fn of(shown: impl Display) -> Self {
        let mut written = Written::<LONGEST>(String::new());
        // The only error is that the text is full.
        let _ = write!(written, "{shown}");
        BoundedText(written.0.into_boxed_str())
    }

    /// The items with a separator between them. Items beyond the bound are not asked for.
    pub(crate) fn joined(items: impl IntoIterator<Item: Display>, separator: &str) -> Self {
        let mut written = Written::<LONGEST>(String::new());
        let _ = items.into_iter().enumerate().try_for_each(|(index, item)| {
            let separator = if index == 0 { "" } else { separator };
            write!(written, "{separator}{item}")
        });
        BoundedText(written.0.into_boxed_str())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const ELLIPSIS: &str = "…";

/// Takes a text piece by piece, up to the bound.
struct Written<const LONGEST: usize>(String);

impl<const LONGEST: usize> Write for Written<LONGEST> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let Written(text) = self;
        if piece.len() <= LONGEST - text.len() {
            text.push_str(piece);
            return Ok(());
        }
        // The ellipsis has to fit as well, so that some of the text may have to go for it.
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

/// The last place between two characters that is not behind this one.
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
        // The box takes no more than the text needs.
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

    /// The same, said slowly: the most characters that fit with an ellipsis behind them.
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
    fn a_bounded_text_holds_no_more_than_it_shows() {
        let held = BoundedText::<64>::from("x".repeat(1_000_000));
        assert_eq!(held.len(), 64);
        assert_eq!(String::from(held).capacity(), 64);
        let mut roomy = String::with_capacity(1_000_000);
        roomy.push_str("short");
        assert_eq!(String::from(BoundedText::<64>::from(roomy)).capacity(), 5);
    }

    #[test]
    fn nothing_is_asked_for_beyond_the_bound() {
        let mut asked = 0;
        let endless = std::iter::repeat_with(|| {
            asked += 1;
            "0123456789"
        });
        assert_eq!(BoundedText::<30>::joined(endless, ",").len(), 30);
        assert_eq!(asked, 3);
    }
}
