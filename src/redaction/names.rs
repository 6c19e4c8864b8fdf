//! Decides whether the value of a name is a secret in its context.

use percent_encoding::percent_decode_str;

use super::catalogue::{BODIES, Context, ENDINGS, ENTRIES, SETTINGS, SOUNDS, Shape};

/// What is around a member.
#[derive(Clone, Copy)]
pub(super) struct Around<'a> {
    /// Path of the request; empty where it is not known.
    pub(super) path: &'a str,
    pub(super) is_query: bool,
    pub(super) above: Option<&'a Above<'a>>,
    /// The names in the same object, folded.
    pub(super) beside: &'a [String],
}

/// The names of the members around a member, the nearest first.
#[derive(Clone, Copy)]
pub(super) struct Above<'a> {
    pub(super) name: &'a str,
    pub(super) above: Option<&'a Above<'a>>,
}

impl Around<'_> {
    pub(super) const NOWHERE: Around<'static> = Around { path: "", is_query: false, above: None, beside: &[] };
    pub(super) const QUERY: Around<'static> = Around { is_query: true, ..Around::NOWHERE };

    fn has_segment(&self, wanted: &[&str]) -> bool {
        // The router decodes them, too.
        self.path.split('/').any(|segment| wanted.contains(&&*percent_decode_str(segment).decode_utf8_lossy()))
    }

    /// Members that a body at this path may show, where all others are secrets.
    pub(super) fn shown_of_body(&self) -> Option<&'static [&'static str]> {
        let (paths, shown) = BODIES;
        self.has_segment(paths).then_some(shown)
    }

    fn is_at(&self, place: Context) -> bool {
        match place {
            Context::Anywhere => true,
            Context::Query => self.is_query,
            Context::OutsideManagement => self.is_query || !self.path.starts_with("/api/v2/"),
            Context::At(segments) => self.has_segment(segments),
            Context::Below(names) => {
                let mut above = std::iter::successors(self.above, |above| above.above);
                above.any(|above| names.iter().any(|name| folded(name) == folded(above.name)))
            }
            Context::Beside(names) => names.iter().any(|name| self.beside.contains(&folded(name))),
        }
    }
}

impl Shape {
    pub(super) fn hides_texts(self) -> bool {
        !matches!(self, Shape::Plain)
    }
}

/// A name as names are compared.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// What a name holds. One with several parts (`options[client_secret]`, `https://a.example/token`) is as secret as its
/// most secret part.
pub(super) fn shape_of(name: &str, around: &Around<'_>) -> Shape {
    let parts = name.split(['[', ']', '.', '/', ':']).filter(|part| !part.is_empty());
    parts.map(|part| shape_of_part(part, around)).find(|shape| shape.hides_texts()).unwrap_or(Shape::Plain)
}

fn shape_of_part(name: &str, around: &Around<'_>) -> Shape {
    let name = folded(name);
    let mut is_listed = false;
    for entry in ENTRIES.iter().filter(|entry| entry.names.iter().any(|listed| is_folded(listed, &name))) {
        is_listed = true;
        if around.is_at(entry.place) {
            return entry.shape;
        }
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let sounds = SOUNDS.iter().any(|sound| name.contains(sound)) || ends(ENDINGS);
    if !is_listed && sounds && !ends(SETTINGS) { Shape::Text } else { Shape::Plain }
}

/// Whether a listed name is this one, without making a text of it.
fn is_folded(listed: &str, name: &str) -> bool {
    let letters = listed.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    letters.eq(name.bytes())
}
