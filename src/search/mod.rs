//! Searches over documents: the `q` of a list, in the part of Lucene's syntax that the vendor documents for logs and users.
//!
//! A family declares the searchable [`Fields`]. [`Query::parse`] parses the text once, and [`Query::matches`] tests one
//! document. Fields are not tokenized: a word must be a whole value, and `*` matches the rest of one.
//!
//! The text bounds the work: its length, its nesting and its number of terms have limits, and a match reads each value
//! once per term.

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
use term::{Condition, Term};

pub(crate) use error::QueryError;
pub(crate) use fields::{FieldKind, Fields, Unknown};

/// A parsed query.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    root: Node,
}

#[derive(Clone, Debug)]
enum Node {
    /// Every document.
    Everything,
    /// Documents that match all of `must`, none of `must_not`, and one of `should` if `must` is empty.
    Group {
        must: Vec<Node>,
        should: Vec<Node>,
        must_not: Vec<Node>,
    },
    Term(Term),
}

impl Query {
    /// Parses a query. A query without a term matches every document.
    pub(crate) fn parse(text: &str, fields: &Fields) -> Result<Query, QueryError> {
        let readable = text::prepare(text)?;
        let tree = tantivy_query_grammar::parse_query(&readable).map_err(|_| QueryError::Syntax)?;
        Ok(Query { root: Builder { fields, terms: 0 }.node(tree)? })
    }

    /// Whether the query matches a document.
    pub(crate) fn matches(&self, document: &Map<String, Value>) -> bool {
        self.root.matches(document)
    }

    /// The only value of this field in all matching documents, if the query requires one. A family can then use an
    /// index instead of testing every document. For a field without regard to case, the value is in lower case.
    pub(crate) fn exact(&self, field: &str) -> Option<&str> {
        self.root.exact(field)
    }

    /// Whether the query has this field. A family adds the members that its documents lack only for such a query.
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

/// Converts the tree of the grammar.
struct Builder<'a> {
    fields: &'a Fields,
    /// The number of terms so far. A word without a field is a term for each of its fields.
    terms: usize,
}

impl Builder<'_> {
    fn node(&mut self, tree: UserInputAst) -> Result<Node, QueryError> {
        let leaf = match tree {
            UserInputAst::Boost(inner, _) => return self.node(*inner), // results have no rank
            UserInputAst::Clause(clauses) => return self.group(clauses),
            UserInputAst::Leaf(leaf) => *leaf,
        };
        match leaf {
            UserInputLeaf::All => Ok(Node::Everything),
            UserInputLeaf::Exists { field } => self.term(&field, |_| Ok(Condition::Anything)),
            UserInputLeaf::Range { field: Some(field), lower, upper } => {
                self.term(&field, |kind| Ok(Condition::Within(Range::read(&lower, &upper, kind)?)))
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
                // Of words without an operator, one is enough, as in Lucene.
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
                self.term(pattern.as_exact().unwrap_or_default(), |_| Ok(Condition::Anything))
            }
            Some(field) => self.term(field, |kind| Condition::like(pattern, kind)),
            None => {
                let each = self.fields.bare.iter();
                let should = each.map(|field| self.term(field, |kind| Condition::like(pattern.clone(), kind)));
                let should = should.collect::<Result<Vec<_>, _>>()?;
                // Without a field for it, a word matches nothing.
                Ok(if should.is_empty() { nothing() } else { Node::Group { must: vec![], should, must_not: vec![] } })
            }
        }
    }

    fn term(
        &mut self,
        field: &str,
        condition: impl FnOnce(FieldKind) -> Result<Condition, QueryError>,
    ) -> Result<Node, QueryError> {
        self.terms += 1;
        if self.terms > MOST_TERMS {
            return Err(QueryError::TooManyTerms);
        }
        let field = field.replace("\\/", "/"); // `text::prepare` added the backslash
        match (self.fields.kind(&field), self.fields.unknown) {
            (Some(kind), _) => Ok(Node::Term(Term { condition: condition(kind)?, path: field, kind })),
            (None, Unknown::Absent) => Ok(nothing()),
            (None, Unknown::Refused) => Err(QueryError::UnknownField(field)),
        }
    }
}

/// A node that matches no document.
fn nothing() -> Node {
    Node::Group { must: vec![], should: vec![], must_not: vec![Node::Everything] }
}
