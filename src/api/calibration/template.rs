//! Sentences with placeholders: `parameter organization is invalid: {organization}`. Any other brace is doubled.

use std::fmt;

use serde::{Serialize, Serializer};

use super::values::Values;

/// A sentence with places for values of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(String),
}

/// Longer than any sentence of the vendor. What a template makes of a request stays within a small multiple of that request.
const LONGEST: usize = 4096;
const MOST_PLACES: usize = 16;

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A brace is alone, a placeholder has no name, or the template is too long: the mistake as a sentence.
    pub(crate) fn parse(text: &str) -> Result<Template, String> {
        if text.len() > LONGEST {
            return Err(format!("a sentence of more than {LONGEST} characters is none"));
        }
        let mut template = Template::default();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            template.push_text(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                template.push_text(brace);
                rest = after;
                continue;
            }
            let end = rest.find('}').filter(|_| brace == "{");
            let Some((name, after)) = end.map(|end| (&rest[..end], &rest[end + 1..])) else {
                return Err(format!("a brace that is none of a placeholder stands twice, as {brace}{brace}"));
            };
            let in_a_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '|' | ':' | '/');
            if name.is_empty() || !name.chars().all(in_a_name) {
                return Err(format!("{:?} is no placeholder", format!("{{{name}}}")));
            }
            template.push_place(name);
            rest = after;
        }
        template.push_text(rest);
        if template.places().count() > MOST_PLACES {
            return Err(format!("more than {MOST_PLACES} placeholders are too many"));
        }
        Ok(template)
    }

    /// Adds a literal text.
    pub(crate) fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.0.push(Part::Text(text.to_owned())),
        }
    }

    /// Adds a place.
    pub(crate) fn push_place(&mut self, name: &str) {
        self.0.push(Part::Place(name.to_owned()));
    }

    /// The names of its places.
    pub(crate) fn places(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Place(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// The sentence for these values; none if one is missing.
    pub(crate) fn fill(&self, values: &Values) -> Option<String> {
        let parts = self.0.iter().map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Place(name) => values.get(name),
        });
        parts.collect()
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(&text.replace('{', "{{").replace('}', "}}")),
            Part::Place(name) => write!(f, "{{{name}}}"),
        })
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::super::Values;
    use super::{Part, Template};

    fn values() -> Values {
        let mut values = Values::default();
        values.set("organization", "org_1");
        values
    }

    #[rstest]
    #[case::a_place("no {organization} here", Some("no org_1 here"))]
    #[case::braces("{{organization}} {organization}}}", Some("{organization} org_1}"))]
    #[case::a_value_that_is_missing("{audience}", None)]
    fn a_template_is_filled(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(Template::parse(text).unwrap().fill(&values()).as_deref(), expected);
    }

    #[rstest]
    #[case::open("a { b", "stands twice, as {{")]
    #[case::closed("a } b", "stands twice, as }}")]
    #[case::nameless("{}", "is no placeholder")]
    #[case::a_sentence("{not a name}", "is no placeholder")]
    fn what_is_no_template_is_told(#[case] text: &str, #[case] told: &str) {
        let mistake = Template::parse(text).unwrap_err();
        assert!(mistake.contains(told), "{mistake}");
    }

    #[test]
    fn a_template_is_bounded() {
        assert!(Template::parse(&"x".repeat(5000)).is_err());
        assert!(Template::parse(&"{organization}".repeat(17)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(parts in prop::collection::vec((any::<bool>(), "[a-z_.{}\"é ]{1,9}"), 0..12)) {
            let mut template = Template::default();
            for (is_text, text) in parts {
                match text.replace(['{', '}', '"', ' ', 'é'], "") {
                    name if !is_text && !name.is_empty() => template.push_place(&name),
                    _ => template.push_text(&text),
                }
            }
            prop_assert_eq!(Template::parse(&template.to_string()), Ok(template));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            if let Ok(template) = Template::parse(&text) {
                prop_assert_eq!(Template::parse(&template.to_string()), Ok(template.clone()));
                let adjoining = template.0.windows(2).any(|pair| matches!(pair, [Part::Text(_), Part::Text(_)]));
                prop_assert!(!adjoining);
            }
        }
    }
}
