//! Decides whether the value of a name is a secret in its context.

use percent_encoding::percent_decode_str;

use super::catalogue::{BODIES, Context, ENDINGS, ENTRIES, SETTINGS, SOUNDS, Shape};

/// The context of a member.
#[derive(Clone, Copy)]
pub(super) struct Surroundings<'a> {
    /// The path of the request; empty if it is not known.
    pub(super) path: &'a str,
    pub(super) is_query: bool,
    pub(super) parent: Option<&'a Ancestor<'a>>,
    /// The names in the same object, folded.
    pub(super) beside: &'a [String],
}

/// A member that contains the value, with the members that contain it.
#[derive(Clone, Copy)]
pub(super) struct Ancestor<'a> {
    pub(super) name: &'a str,
    pub(super) parent: Option<&'a Ancestor<'a>>,
}

impl Surroundings<'_> {
    pub(super) const NONE: Surroundings<'static> =
        Surroundings { path: "", is_query: false, parent: None, beside: &[] };
    pub(super) const QUERY: Surroundings<'static> = Surroundings { is_query: true, ..Surroundings::NONE };

    fn has_segment(&self, wanted: &[&str]) -> bool {
        // The router decodes segments, too.
        self.path.split('/').any(|segment| wanted.contains(&&*percent_decode_str(segment).decode_utf8_lossy()))
    }

    /// The members of a body at this path that are no secrets, if all others are.
    pub(super) fn visible_members_of_body(&self) -> Option<&'static [&'static str]> {
        let (paths, visible) = BODIES;
        self.has_segment(paths).then_some(visible)
    }

    fn matches(&self, context: Context) -> bool {
        match context {
            Context::Anywhere => true,
            Context::Query => self.is_query,
            Context::OutsideManagement => self.is_query || !self.path.starts_with("/api/v2/"),
            Context::At(segments) => self.has_segment(segments),
            Context::Below(names) => {
                let mut ancestors = std::iter::successors(self.parent, |ancestor| ancestor.parent);
                ancestors.any(|ancestor| names.iter().any(|name| folded(name) == folded(ancestor.name)))
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

/// The form of a name for comparisons.
pub(super) fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|character| character.to_ascii_lowercase()).collect()
}

/// The shape of the secrets of a name. A name with several parts (`options[client_secret]`, `https://a.example/token`)
/// has the shape of its first part with secrets.
pub(super) fn shape_of(name: &str, surroundings: &Surroundings<'_>) -> Shape {
    let parts = name.split(['[', ']', '.', '/', ':']).filter(|part| !part.is_empty());
    parts.map(|part| shape_of_part(part, surroundings)).find(|shape| shape.hides_texts()).unwrap_or(Shape::Plain)
}

fn shape_of_part(name: &str, surroundings: &Surroundings<'_>) -> Shape {
    let name = folded(name);
    let mut is_listed = false;
    for entry in ENTRIES.iter().filter(|entry| entry.names.iter().any(|listed| is_folded(listed, &name))) {
        is_listed = true;
        if surroundings.matches(entry.context) {
            return entry.shape;
        }
    }
    let ends = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    let sounds = SOUNDS.iter().any(|sound| name.contains(sound)) || ends(ENDINGS);
    if !is_listed && sounds && !ends(SETTINGS) { Shape::Text } else { Shape::Plain }
}

/// Whether the folded form of a listed name is this text, without an allocation.
fn is_folded(listed: &str, name: &str) -> bool {
    let letters = listed.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    letters.eq(name.bytes())
}
