//! The doc string or the table that a step takes below its sentence.
//!
//! The table names each step that takes one. Every other step of this crate takes none. A step of a user's crate may take either.

use cucumber::gherkin::Step;

/// The doc string or the table that a step takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Below {
    Nothing,
    DocString,
    /// A doc string or nothing.
    MayBeDocString,
    Table,
    /// A table or nothing.
    MayBeTable,
    /// A step of a user's crate may take either.
    Anything,
}

use Below::{DocString, MayBeDocString, MayBeTable, Table};

/// The key is the sentence of a step without its optional parts.
const BELOW: &[(&str, Below)] = &[
    (r#""…" asks for a token"#, MayBeTable),
    (r#""…" asks for a token for "…" with a DPoP proof"#, MayBeTable),
    (r#""…" asks for a token for "…" with (its|another) certificate"#, MayBeTable),
    (r#""…" asks for a token for "…" with an assertion"#, MayBeTable),
    (r#""…" has "…" with"#, DocString),
    (r#""…" serves a JSON document with"#, Table),
    (r#"I (POST|PATCH|PUT|DELETE) "…" with"#, DocString),
    (r#"I POST the form "…" with"#, Table),
    (r#"a client grant for "…" on "…" with"#, DocString),
    (r#"a connection "…" with"#, DocString),
    (r#"a user "…" with"#, DocString),
    (r#"among the items these "…" come in this order"#, Table),
    (r#"an API "…" with"#, DocString),
    (r#"an API "…" with scopes"#, Table),
    (r#"an application "…" with"#, DocString),
    (r#"an organization "…" with"#, DocString),
    (r#"none of the items has the "…""#, Table),
    (r#"the answer is N "…" and begins with"#, DocString),
    ("the answer carries", Table),
    ("the answer is N", MayBeDocString),
    (r#"the list has exactly these "…""#, Table),
    ("the tenant is sent", DocString),
    ("the token carries", Table),
    ("the token endpoint is sent the JSON", DocString),
    ("the token endpoint is sent the form", DocString),
    (r#"the token endpoint is sent as "…""#, DocString),
    (r#"the token is refused with N "…" and says"#, DocString),
    ("the token's header carries", Table),
    (r#"these are the items' "…""#, Table),
    (r#"with that token I (POST|PATCH|PUT) "…" with"#, DocString),
];

impl Below {
    /// Looks up the step with this sentence, which is defined in the source file `defined_in`.
    pub(crate) fn of(sentence: &str, defined_in: &str) -> Below {
        let folder = |file: &str| file.rfind(['/', '\\']).map(|end| file[..end].to_owned());
        if folder(defined_in) != folder(file!()) {
            return Below::Anything;
        }
        BELOW.iter().find(|(known, _)| *known == sentence).map_or(Below::Nothing, |(_, below)| *below)
    }

    /// The need of the step in words, if it has one.
    pub(crate) fn need(self) -> Option<&'static str> {
        match self {
            Below::DocString => Some("needs a doc string below it"),
            Below::Table => Some("needs a table below it"),
            Below::Nothing | Below::MayBeDocString | Below::MayBeTable | Below::Anything => None,
        }
    }

    /// The mistake below a step of a scenario, if there is one.
    pub(crate) fn mistake(self, step: &Step) -> Option<&'static str> {
        let takes_doc_string = matches!(self, Below::DocString | Below::MayBeDocString | Below::Anything);
        let takes_table = matches!(self, Below::Table | Below::MayBeTable | Below::Anything);
        match (&step.docstring, &step.table) {
            (Some(_), _) if !takes_doc_string => Some("takes no doc string"),
            (_, Some(_)) if !takes_table => Some("takes no table"),
            (None, _) if self == Below::DocString => self.need(),
            (_, None) if self == Below::Table => self.need(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{BELOW, Below};
    use crate::conformance::scenario::vocabulary::steps;

    #[test]
    fn every_sentence_of_the_table_is_that_of_a_step() {
        let known: BTreeSet<String> = steps(&[]).iter().map(|step| step.key()).collect();
        let unknown: Vec<&str> =
            BELOW.iter().map(|(sentence, _)| *sentence).filter(|sentence| !known.contains(*sentence)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    /// A function that reads the doc string or the table has the step as a parameter.
    #[test]
    fn a_step_is_in_the_table_if_and_only_if_its_function_reads_the_step() {
        let sources = [
            include_str!("answer.rs"),
            include_str!("assertion.rs"),
            include_str!("certificate.rs"),
            include_str!("fixture.rs"),
            include_str!("members.rs"),
            include_str!("proof.rs"),
            include_str!("raw.rs"),
            include_str!("setup.rs"),
            include_str!("token.rs"),
        ];
        let mut reading = 0;
        for source in sources {
            let functions = source.split("async fn ").skip(1).filter_map(|text| text.split_once(") {"));
            reading += functions.filter(|(signature, _)| signature.contains("step: &Step")).count();
        }
        assert_eq!(reading, BELOW.len());
    }

    #[test]
    fn a_step_of_another_crate_may_take_anything() {
        assert_eq!(Below::of("the answer carries", "tests/steps/mine.rs"), Below::Anything);
        assert_eq!(Below::of("the answer carries", file!()), Below::Table);
        assert_eq!(Below::of("the list is empty", file!()), Below::Nothing);
    }
}
