//! Searches over documents: the `q` of a list, in the part of Lucene's syntax that the vendor documents for logs and users.
//!
//! A family says with [`Fields`] what can be searched; [`Query::parse`] reads the text once, and [`Query::matches`] asks
//! one document at a time. Fields are not tokenized: a word stands for a whole value, and `*` for the rest of one.
//!
//! Work is bounded by the text: its length, its nesting and its number of terms have limits, and matching looks at each
//! value once per term.

mod bounds;
mod error;
mod fields;
mod pattern;
mod range;
mod term;
mod text;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};
use tantivy_query_grammar::{Delimiter, Occur, UserInputAst, UserInputLeaf, UserInputLiteral};

use bounds::MOST_TERMS;
use pattern::Pattern;
use range::Range;
use term::{Term, Wanted};

pub(crate) use error::QueryError;
pub(crate) use fields::{FieldKind, Fields, Unknown};

/// A query that was read.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    /// Every document.
    Everything,
    /// Documents that fit all of `must`, none of `must_not`, and one of `should` if nothing must be.
    Group {
        must: Vec<Node>,
        should: Vec<Node>,
        must_not: Vec<Node>,
    },
    Term(Term),
}

impl Query {
    /// Reads a query. A text without a term finds everything.
    pub(crate) fn parse(text: &str, fields: &Fields) -> Result<Query, QueryError> {
        let readable = text::prepare(text)?;
        let tree = tantivy_query_grammar::parse_query(&readable).map_err(|_| QueryError::Syntax)?;
        Ok(Query { root: Reader { fields, terms: 0 }.node(tree)? })
    }

    /// Whether a document is among what the query finds.
    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.root.matches(document)
    }

    /// The one value that this field has in every document found, if the query says so: a family then asks an index
    /// and not every document. The value of a field without regard to case is given in lower case.
    pub(crate) fn exact(&self, field: &str) -> Option<&str> {
        self.root.exact(field)
    }

    /// Whether the query looks at this field: a family adds what its documents do not hold themselves only then.
    pub(crate) fn names(&self, field: &str) -> bool {
        self.root.names(field)
    }
}

impl Node {
    fn matches(&self, document: &Map<String, Value>) -> bool {
        match self {
            Node::Everything => true,
            Node::Term(term) => term.matches(document),
            Node::Group { must, should, must_not } => {
                must.iter().all(|node| node.matches(document))
                    && !must_not.iter().any(|node| node.matches(document))
                    && (!must.is_empty() || should.is_empty() || should.iter().any(|node| node.matches(document)))
            }
        }
    }

    fn exact(&self, field: &str) -> Option<&str> {
        match self {
            Node::Everything => None,
            Node::Term(term) => term.exact(field),
            Node::Group { must, should, .. } => match &should[..] {
                [only] if must.is_empty() => only.exact(field),
                _ => must.iter().find_map(|node| node.exact(field)),
            },
        }
    }

    fn names(&self, field: &str) -> bool {
        match self {
            Node::Everything => false,
            Node::Term(term) => term.path == field,
            Node::Group { must, should, must_not } => {
                [must, should, must_not].into_iter().flatten().any(|node| node.names(field))
            }
        }
    }
}

/// Reads what the grammar made of the text.
struct Reader<'a> {
    fields: &'a Fields,
    /// How many terms there are already. A word without a field is one in each field that it is looked for in.
    terms: usize,
}

impl Reader<'_> {
    fn node(&mut self, tree: UserInputAst) -> Result<Node, QueryError> {
        let leaf = match tree {
            UserInputAst::Boost(inner, _) => return self.node(*inner), // nothing here is ranked
            UserInputAst::Clause(clauses) => return self.group(clauses),
            UserInputAst::Leaf(leaf) => *leaf,
        };
        match leaf {
            UserInputLeaf::All => Ok(Node::Everything),
            UserInputLeaf::Exists { field } => self.term(&field, |_| Ok(Wanted::Anything)),
            UserInputLeaf::Range { field: Some(field), lower, upper } => {
                self.term(&field, |kind| Ok(Wanted::Within(Range::read(&lower, &upper, kind)?)))
            }
            UserInputLeaf::Range { field: None, .. } => Err(QueryError::RangeWithoutField),
            UserInputLeaf::Literal(literal) => self.literal(&literal),
            UserInputLeaf::Set { .. } | UserInputLeaf::Regex { .. } => Err(QueryError::Syntax),
        }
    }

    fn group(&mut self, clauses: Vec<(Option<Occur>, UserInputAst)>) -> Result<Node, QueryError> {
        if clauses.is_empty() {
            return Ok(Node::Everything);
        }
        let (mut must, mut should, mut must_not) = (Vec::new(), Vec::new(), Vec::new());
        for (occur, clause) in clauses {
            let node = self.node(clause)?;
            match occur {
                Some(Occur::Must) => must.push(node),
                Some(Occur::MustNot) => must_not.push(node),
                // Words side by side: one of them is enough, as in Lucene.
                Some(Occur::Should) | None => should.push(node),
            }
        }
        Ok(Node::Group { must, should, must_not })
    }

    fn literal(&mut self, literal: &UserInputLiteral) -> Result<Node, QueryError> {
        let UserInputLiteral { field_name, phrase, delimiter, slop, prefix } = literal;
        if *slop > 0 {
            return Err(QueryError::Syntax);
        }
        let pattern = match delimiter {
            Delimiter::None => Pattern::word(phrase)?,
            _ if *prefix => Pattern::starting_with(phrase),
            _ => Pattern::exactly(phrase),
        };
        match field_name {
            Some(field) if field == "_exists_" => {
                self.term(pattern.as_exact().unwrap_or_default(), |_| Ok(Wanted::Anything))
            }
            Some(field) => self.term(field, |kind| Wanted::like(pattern, kind)),
            None => {
                let each = self.fields.bare.iter();
                let should = each.map(|field| self.term(field, |kind| Wanted::like(pattern.clone(), kind)));
                let should = should.collect::<Result<Vec<_>, _>>()?;
                // Without a field to look in, a word is nowhere.
                Ok(if should.is_empty() { nothing() } else { Node::Group { must: vec![], should, must_not: vec![] } })
            }
        }
    }

    fn term(
        &mut self,
        field: &str,
        wanted: impl FnOnce(FieldKind) -> Result<Wanted, QueryError>,
    ) -> Result<Node, QueryError> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(QueryError::TooManyTerms);
        }
        let field = field.replace("\\/", "/"); // `text::prepare` set the backslash
        match (self.fields.kind(&field), self.fields.unknown) {
            (Some(kind), _) => Ok(Node::Term(Term { wanted: wanted(kind)?, path: field, kind })),
            (None, Unknown::Absent) => Ok(nothing()),
            (None, Unknown::Refused) => Err(QueryError::UnknownField(field)),
        }
    }
}

/// What no document fits.
fn nothing() -> Node {
    Node::Group { must: vec![], should: vec![], must_not: vec![Node::Everything] }
}
