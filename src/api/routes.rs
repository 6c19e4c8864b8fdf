//! An index of the operations of the service's APIs by the segments of their paths. The cost of a look-up grows with the segments of
//! the path, not with the number of operations.
//!
//! A process sorts the operations by their first segment once, and indexes the rest of their paths on the first request with that
//! segment: a test uses few of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use percent_encoding::percent_decode_str;

use super::operation::{Family, Operation};
use super::{management, my_organization};

static ROUTES: LazyLock<HashMap<&'static str, Branch>> = LazyLock::new(|| {
    let mut branches: HashMap<&str, Branch> = HashMap::new();
    for family in families() {
        // The rows of a family that have the same first segment stand together.
        let mut rows = family.operations;
        while let Some(row) = rows.first() {
            let first = first_segment(row.path);
            let (same, others) = rows.split_at(rows.iter().take_while(|row| first_segment(row.path) == first).count());
            branches.entry(first).or_default().operations.push((family, same));
            rows = others;
        }
    }
    branches
});

/// The families of every API of the service.
fn families() -> impl Iterator<Item = &'static Family> {
    management::families().chain(my_organization::families())
}

/// An operation with the path parameters of a request.
pub(super) struct Route {
    pub(super) family: &'static Family,
    pub(super) operation: &'static Operation,
    pub(super) parameters: Vec<(&'static str, String)>,
}

/// The operation for a path of its rows: below `/api/v2`, or from `/my-org` on.
pub(super) fn find(method: &str, path: &str) -> Option<Route> {
    // Each segment is decoded separately, because the identifier of an API may contain encoded slashes. A path that is
    // not UTF-8 has no operation.
    let decode = |segment| percent_decode_str(segment).decode_utf8().ok();
    let segments: Vec<Cow<'_, str>> = path.strip_prefix('/')?.split('/').map(decode).collect::<Option<_>>()?;
    let (first, rest) = segments.split_first()?;
    let (family, operation) = ROUTES.get(first.as_ref())?.node().find(method, rest)?;
    let named = operation.segments().zip(segments);
    let parameters = named.filter_map(|(expected, given)| Some((parameter(expected)?, given.into_owned()))).collect();
    Some(Route { family, operation, parameters })
}

/// The operation of a method and a path. The path is that of a request or of a row.
pub(super) fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    find(method, path).map(|route| route.operation)
}

/// The name of the operation of a request, `GET /clients/{id}`. The path is below `/api/v2`; that of an operation has the
/// operation itself.
#[must_use]
pub fn operation_name(method: &str, path: &str) -> Option<String> {
    operation(method, path).map(Operation::to_string)
}

/// The operation with this name: `GET /clients/{id}`.
pub(super) fn named(name: &str) -> Option<&'static Operation> {
    let (method, path) = name.split_once(' ')?;
    operation(method, path).filter(|operation| operation.path == path)
}

/// The name of a path parameter.
fn parameter(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The first segment of the path of a row. Every process does this for every row, so it is a search for one byte.
fn first_segment(path: &str) -> &str {
    let rest = &path[1..];
    &rest[..rest.find('/').unwrap_or(rest.len())]
}

/// An operation with its family.
type Row = (&'static Family, &'static Operation);

/// The operations whose paths begin with one segment. It is a literal one.
#[derive(Default)]
struct Branch {
    operations: Vec<(&'static Family, &'static [Operation])>,
    node: OnceLock<Node>,
}

impl Branch {
    fn node(&self) -> &Node {
        self.node.get_or_init(|| {
            let mut root = Node::default();
            let rows = self.operations.iter().flat_map(|(family, rows)| rows.iter().map(|row| (*family, row)));
            for (family, operation) in rows {
                let mut node = &mut root;
                for segment in operation.segments().skip(1) {
                    node = match parameter(segment) {
                        Some(_) => node.parameter.get_or_insert_default(),
                        None => node.literals.entry(segment).or_default(),
                    };
                }
                node.operations.push((family, operation));
            }
            root
        })
    }
}

/// A node of the index: the continuations after a segment of a path.
#[derive(Default)]
struct Node {
    /// By a literal segment.
    literals: HashMap<&'static str, Node>,
    /// For a parameter: any segment that is not empty.
    parameter: Option<Box<Node>>,
    /// The operations whose path ends here.
    operations: Vec<Row>,
}

impl Node {
    /// Finds an operation. A literal segment comes before a parameter.
    fn find(&self, method: &str, segments: &[Cow<'_, str>]) -> Option<Row> {
        let Some((first, rest)) = segments.split_first() else {
            return self.operations.iter().find(|(_, operation)| operation.method == method).copied();
        };
        let literal = || self.literals.get(first.as_ref())?.find(method, rest);
        let parameter = || self.parameter.as_ref().filter(|_| !first.is_empty())?.find(method, rest);
        literal().or_else(parameter)
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, families, find, first_segment, parameter};

    fn rows() -> impl Iterator<Item = &'static Operation> {
        families().flat_map(|family| family.operations)
    }

    fn found(method: &str, path: &str) -> Option<&'static Operation> {
        find(method, path).map(|route| route.operation)
    }

    #[test]
    fn every_operation_is_found_at_its_path() {
        for row in rows() {
            assert_eq!(found(row.method, row.path), Some(row), "{row}");
            assert_eq!(found("TRACE", row.path), None, "{row}");
        }
    }

    #[test]
    fn the_first_segment_of_every_path_is_a_literal() {
        for row in rows() {
            assert_eq!(row.segments().next(), Some(first_segment(row.path)), "{row}");
            assert!(parameter(first_segment(row.path)).is_none(), "{row}");
        }
    }

    /// If two rows match a path, the one with more literal segments wins.
    #[test]
    fn a_literal_segment_comes_before_a_parameter() {
        for row in rows() {
            for other in rows().filter(|other| other.segments().count() == row.segments().count()) {
                let segments = row.segments().zip(other.segments());
                let path = segments.fold(String::new(), |path, (one, two)| {
                    format!("{path}/{}", if parameter(one).is_some() { two } else { one })
                });
                let found = found(row.method, &path).expect("at least the row");
                let literals = |row: &Operation| row.segments().map(|segment| parameter(segment).is_none()).collect();
                let (most, named): (Vec<bool>, Vec<bool>) = (literals(found), literals(row));
                assert!(most >= named, "{} {path} is {found}, and not {row}", row.method);
            }
        }
    }

    #[test]
    fn a_path_has_the_segments_of_its_operation() {
        let path = |path: &str| found("GET", path).map(|row| row.path);
        assert_eq!(path("/organizations/org_1/client-grants"), Some("/organizations/{id}/client-grants"));
        for unknown in ["", "/", "organizations", "/organizations/", "/organizations//client-grants", "/clients/a/b/c"]
        {
            assert_eq!(path(unknown), None, "{unknown:?}");
        }
        assert_eq!(path("/clients/%FF"), None, "no UTF-8");
    }

    #[test]
    fn segments_are_decoded_one_by_one() {
        let route = find("GET", "/resource-servers/https%3A%2F%2Ftravel0.example%2Fapi").expect("a route");
        assert_eq!(route.parameters, [("id", "https://travel0.example/api".to_owned())]);
        assert_eq!(found("GET", "/%63lients").map(|row| row.path), Some("/clients"));
    }
}
