//! Sends variants of every body and every query to a tenant. The published schema alone says what is expected.
//!
//! An invalid variant is refused by our schema. A valid one is accepted or refused by a rule of the operation (a name is
//! taken, an entity is not there), never by our schema. Each answer to a valid one satisfies its published schema.
//! `differences.rs` lists every exception with its reason, and a line without a use is an error. `fixtures/variants.tsv` has
//! the figures of each family, which only rise.
//!
//! `M2MOCK_VARIANTS=100000` adds as many documents with several changes each, `M2MOCK_SEED` selects others.

mod answers;
mod generator;
mod report;
mod requests;
mod samples;
mod several_changes;
mod verdict;

use std::collections::BTreeSet;
use std::env;
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

use self::generator::{LARGEST, SMALLEST, Variant, variants};
use self::report::{Outcome, Report};
use self::requests::{Requests, Target};
use self::several_changes::SeveralChanges;
use self::verdict::{Documents, Verdicts};
use super::differences::{ANSWERS, IN_CHOICES};
use super::golden::published_schemas;
use super::schemas::{Place, PublishedSchemas, key};
use crate::api::ApiError;
use crate::api::management::families;
use crate::api::operation::{Family, Operation};
use crate::api::request::pairs;

/// The report of one run, which several tests read.
static REPORT: LazyLock<Report> = LazyLock::new(|| {
    let schemas = published_schemas();
    let with_body = schemas.operations().iter().filter(|operation| schemas.body(operation).is_some()).count();
    let further = number("M2MOCK_VARIANTS").unwrap_or(2_000).div_ceil(with_body as u64);
    let mut run = Run {
        schemas,
        of_requests: Verdicts::of(Documents::Requests, schemas),
        of_answers: Verdicts::of(Documents::Answers, schemas),
        several_changes: SeveralChanges::new(number("M2MOCK_SEED").unwrap_or(1)),
        report: Report::default(),
    };
    let requests = Requests::new(schemas);
    for family in families() {
        for row in family.operations {
            run.operation(&requests, family, row, further);
        }
    }
    println!("{}", run.report);
    run.report
});

fn number(name: &str) -> Option<u64> {
    env::var(name).ok()?.parse().ok()
}

struct Run {
    schemas: &'static PublishedSchemas,
    of_requests: Verdicts,
    of_answers: Verdicts,
    several_changes: SeveralChanges,
    report: Report,
}

/// A request with one variant; the other parts are the smallest ones.
struct Request<'a> {
    family: &'static Family,
    operation: &'a str,
    target: &'a Target<'a>,
    place: Place,
    variant: &'a Variant,
    query: &'a str,
    body: &'a Value,
}

impl Run {
    /// Sends the variants of one operation, and this number of documents with several changes.
    fn operation(&mut self, requests: &Requests, family: &'static Family, row: &'static Operation, further: u64) {
        let operation = &*key(row.method, row.path);
        let query_schema = self.schemas.query(operation);
        let known = requests.known();
        let all = |schema: &Value| variants(schema, self.schemas, &self.of_requests, &known);
        let queries = all(query_schema);
        let body_schema = self.schemas.body(operation);
        let mut bodies = body_schema.map(all).unwrap_or_default();
        // The first variant is the smallest document.
        let smallest = |variants: &[Variant]| variants.first().map(|variant| variant.document.clone());
        let smallest_query = smallest(&queries).and_then(|query| requests.query(query_schema, &query));
        let (query, body) = (&*smallest_query.unwrap_or_default(), &smallest(&bodies).unwrap_or_default());
        bodies.extend(self.several_changes.of(&bodies, further));

        let target = &requests.target(row, operation, query, body);
        let validator = &*self.of_requests.of_table(query_schema);
        for variant in &queries {
            if let Some(query) = &requests.query(query_schema, &variant.document) {
                let request = Request { family, operation, target, place: Place::Query, variant, query, body };
                self.send(requests, validator, &request);
            }
        }
        let Some(body_schema) = body_schema else { return };
        let validator = &*self.of_requests.of_table(body_schema);
        for variant in &bodies {
            let body = &variant.document;
            let request = Request { family, operation, target, place: Place::Body, variant, query, body };
            self.send(requests, validator, &request);
        }
    }

    fn send(&mut self, requests: &Requests, schema: &Validator, request: &Request<'_>) {
        let Request { operation, target, variant, query, body, .. } = *request;
        let is_valid = schema.is_valid(&variant.document);
        let outcome = match requests.perform(target, query, body.clone()) {
            Ok((status, answer)) => {
                if is_valid {
                    self.check_answer(request, status, &answer);
                }
                Outcome::Accepted
            }
            Err(error) if is_validation(&error) && (!is_valid || request.breaks_our_schema()) => Outcome::BySchema,
            Err(_) => Outcome::ByRule,
        };
        self.report.judged(operation, request.place, variant, is_valid, outcome);
        if !is_valid && variant.member.is_empty() && [SMALLEST, LARGEST].contains(&variant.change) {
            let faults: Vec<String> = schema.iter_errors(&variant.document).map(|fault| fault.to_string()).collect();
            self.report.invalid.push(format!("{operation} {:?}: {faults:?}", request.place));
        }
    }

    fn check_answer(&mut self, request: &Request<'_>, status: u16, answer: &Value) {
        let Request { operation, variant, query, .. } = *request;
        let Some(schema) = self.schemas.answer(operation, status) else {
            if !answer.is_null() {
                self.report.without_schema(operation, status);
            }
            return;
        };
        // With `fields` an answer lacks members that its schema requires.
        if !query.contains("fields=") {
            let faults = answers::faults(&self.of_answers.of_table(schema), answer);
            self.report.answered(operation, variant, answer, faults);
        }
    }
}

impl Request<'_> {
    /// Whether our schema refuses the query or the body. A rule of an operation may have the same code.
    fn breaks_our_schema(&self) -> bool {
        let (row, schemas) = (self.target.row, self.family.schemas);
        match self.place {
            Place::Body => row.body.is_some_and(|name| schemas.check_body(name, self.body).is_err()),
            Place::Query | Place::Path => row.query.map_or(!self.query.is_empty(), |name| {
                let query = pairs(self.query.trim_start_matches('?').as_bytes());
                schemas.read_query(name, &query).is_err()
            }),
        }
    }
}

fn is_validation(error: &ApiError) -> bool {
    error.status() == 400 && matches!(error.code(), Some("invalid_body" | "invalid_query_string"))
}

#[test]
fn every_variant_gets_the_verdict_of_the_published_schema() {
    let unknown = REPORT.unexplained();
    assert!(unknown.is_empty(), "differences that differences.rs does not explain:\n{}", unknown.concat());
}

#[test]
fn every_answer_satisfies_its_published_schema() {
    let unknown = REPORT.unexplained_answers();
    assert!(unknown.is_empty(), "differences that differences.rs does not explain:\n{}", unknown.concat());
}

/// A variant that differs from an invalid document in one place would show nothing.
#[test]
fn the_smallest_and_the_largest_document_of_every_operation_are_valid() {
    assert!(REPORT.invalid.is_empty(), "{:#?}", REPORT.invalid);
}

/// A list that only shrinks has no line without a use.
#[test]
fn every_listed_difference_is_one() {
    let mut needless = BTreeSet::new();
    for (operations, place, members, reason) in IN_CHOICES {
        assert!(!reason.is_empty());
        let listed = operations.iter().flat_map(|operation| members.iter().map(move |member| (*operation, *member)));
        needless.extend(listed.filter(|(operation, member)| !REPORT.differs(operation, *place, member)));
    }
    for (operations, members, reason) in ANSWERS {
        assert!(!reason.is_empty());
        let listed = operations.iter().flat_map(|operation| members.iter().map(move |member| (*operation, *member)));
        needless.extend(listed.filter(|(operation, member)| !REPORT.answer_differs(operation, member)));
    }
    assert!(needless.is_empty(), "differences.rs explains what does not differ: {needless:#?}");
}

#[test]
fn no_family_agrees_less_than_before() {
    let fallen = REPORT.fallen();
    assert!(fallen.is_empty(), "fixtures/variants.tsv has higher figures: {fallen:#?}");
}

/// The generator has no variants for these keywords, because no published schema uses them.
#[test]
fn no_published_schema_has_a_keyword_that_the_generator_lacks() {
    fn has_any(schema: &Value, keywords: &[&str]) -> bool {
        match schema {
            // A member of `properties` with the name of a keyword has an object.
            Value::Object(members) => members.iter().any(|(name, inner)| {
                (keywords.contains(&name.as_str()) && !inner.is_object()) || has_any(inner, keywords)
            }),
            Value::Array(items) => items.iter().any(|inner| has_any(inner, keywords)),
            _ => false,
        }
    }
    let keywords = ["maxItems", "uniqueItems", "multipleOf", "exclusiveMinimum", "exclusiveMaximum", "const"];
    let with_one = published_schemas().parts().filter(|schema| has_any(schema, &keywords)).count();
    assert_eq!(with_one, 0);
}
