//! Steps that check the last answer.

use cucumber::gherkin::Step;
use cucumber::then;
use serde_json::{Value, json};

use crate::conformance::http::{REDACTED, items};
use crate::conformance::scenario::steps::setup::doc_string;
use crate::conformance::scenario::variables::member;
use crate::conformance::scenario::world::World;
use crate::redaction;

/// Like `assert!`, for a check that may be repeated: returns an error.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}

#[then(regex = r"^the answer is (\d+)$")]
async fn the_answer_is(world: &mut World, status: u16, step: &Step) {
    let expected = step.docstring.is_some().then(|| world.json(doc_string(step)));
    let check = |world: &World| {
        let answer = world.last();
        ensure!(answer.status == status, "not {status} but {answer}");
        if let Some(expected) = &expected {
            ensure!(answer.body == *expected, "not {} but {answer}", redacted(expected));
        }
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r"^the answer is (\d+) without a body$")]
async fn the_answer_is_without_a_body(world: &mut World, status: u16) {
    let answer = world.last();
    assert!(answer.status == status && answer.text.is_empty(), "not an empty {status} but {answer}");
}

/// `the answer is 404 "The grant does not exist."`: the Management API's error, whatever its code.
#[then(regex = r#"^the answer is (\d+) "([^"]*)"$"#)]
async fn the_answer_is_an_error(world: &mut World, status: u16, message: String) {
    let message = world.fill(&message);
    assert_error(world, status, |body| body["message"] == *message, &message);
}

/// `the answer is 400 "invalid_body" "…"`: the same with its error code.
#[then(regex = r#"^the answer is (\d+) "([^"]*)" "([^"]*)"$"#)]
async fn the_answer_is_an_error_with_code(world: &mut World, status: u16, code: String, message: String) {
    let message = world.fill(&message);
    assert_error(world, status, |body| body["message"] == *message && body["errorCode"] == *code, &message);
}

/// For a sentence that ends with the property's description, which is the vendor's prose.
#[then(regex = r#"^the answer is (\d+) "([^"]*)" and begins with$"#)]
async fn the_answer_is_an_error_that_begins_with(world: &mut World, status: u16, code: String, step: &Step) {
    let message = world.fill(doc_string(step));
    let begins = |body: &Value| body["message"].as_str().is_some_and(|text| text.starts_with(&message));
    assert_error(world, status, |body| begins(body) && body["errorCode"] == *code, &message);
}

fn assert_error(world: &World, status: u16, is_right: impl Fn(&Value) -> bool, message: &str) {
    let answer = world.last();
    let phrase = match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        412 => "Precondition Failed",
        413 => "Payload Too Large",
        other => panic!("no scenario expects {other}"),
    };
    assert!(answer.status == status, "not {status} \"{message}\" but {answer}");
    assert!(
        answer.body["statusCode"] == status && answer.body["error"] == phrase && is_right(&answer.body),
        "not {status} \"{message}\" but {answer}"
    );
}

/// The error of the token endpoint has two members, and optionally `error_uri`.
pub(crate) fn assert_envelope_of_oauth(world: &World, status: u16, error: &str, description: &str) {
    let answer = world.last();
    let description = world.fill(description);
    let mut expected = json!({ "error": error, "error_description": description });
    if let Some(uri) = answer.body.get("error_uri") {
        expected["error_uri"] = uri.clone();
    }
    assert!(answer.status == status && answer.body == expected, "not {status} {expected} but {answer}");
}

#[then(regex = r"^the answer carries$")]
async fn the_answer_carries(world: &mut World, step: &Step) {
    world.check(|world| check_table(world, &world.last().body, step)).await;
}

#[then(regex = r#"^the answer carries no "([^"]*)"$"#)]
async fn the_answer_carries_no(world: &mut World, path: String) {
    let check = |world: &World| {
        let answer = world.last();
        ensure!((200..300).contains(&answer.status), "not a success but {answer}");
        ensure!(member(&answer.body, &path).is_none(), "the answer carries {path}: {answer}");
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r#"^the answer's members are "([^"]*)"$"#)]
async fn the_answers_members_are(world: &mut World, names: String) {
    let mut expected: Vec<&str> = names.split(", ").collect();
    expected.sort_unstable();
    let check = |world: &World| {
        let answer = world.last();
        let members: Vec<&String> = answer.body.as_object().map(|body| body.keys().collect()).unwrap_or_default();
        ensure!(members == expected, "the members are {members:?}, not {expected:?}, in {answer}");
        Ok(())
    };
    world.check(check).await;
}

/// The order of members, which JSON does not promise and the recordings show.
#[then(regex = r#"^the answer's text has "([^"]*)" in this order$"#)]
async fn the_text_has_in_order(world: &mut World, names: String) {
    let check = |world: &World| {
        let answer = world.last();
        let mut rest = answer.text.as_str();
        for name in names.split(", ") {
            let parts = rest.split_once(&format!("\"{name}\":"));
            rest = parts.ok_or_else(|| format!("{name} does not come next in {answer}"))?.1;
        }
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r#"^the answer's "([^"]*)" has the form "([^"]*)"$"#)]
async fn has_the_form(world: &mut World, path: String, form: String) {
    let check = |world: &World| {
        let answer = world.last();
        let value = member(&answer.body, &path).and_then(Value::as_str);
        ensure!(value.is_some_and(|value| has_form(value, &form)), "{path} does not have the form {form} in {answer}");
        Ok(())
    };
    world.check(check).await;
}

/// A form is a prefix, then the number and kind of the characters: "org_ + 16 alphanumeric".
fn has_form(value: &str, form: &str) -> bool {
    let (prefix, rest) = form.split_once(" + ").unwrap_or(("", form));
    let (count, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("not a form: {form}"));
    let is_kind = |c: char| match kind {
        "alphanumeric" => c.is_ascii_alphanumeric(),
        "lower-case hex" => matches!(c, '0'..='9' | 'a'..='f'),
        "url-safe" => c.is_ascii_alphanumeric() || matches!(c, '-' | '_'),
        other => panic!("not a kind of characters: {other}"),
    };
    let count: usize = count.parse().unwrap_or_else(|_| panic!("not a form: {form}"));
    value.strip_prefix(prefix).is_some_and(|rest| rest.len() == count && rest.chars().all(is_kind))
}

/// `'` in the step is a quotation mark in the header.
#[then(regex = r#"^the header "([^"]*)" (is|begins with) "([^"]*)"$"#)]
async fn the_header_is(world: &mut World, name: String, how: String, value: String) {
    let value = world.fill(&value).replace('\'', "\"");
    let headers = &world.last().headers;
    let actual = headers.get(&name).and_then(|actual| actual.to_str().ok()).unwrap_or_default();
    assert!(actual == value || how == "begins with" && actual.starts_with(&value), "{name} is {actual}, not {value}");
}

#[then(regex = r#"^the header "([^"]*)" is a number$"#)]
async fn the_header_is_a_number(world: &mut World, name: String) {
    let answer = world.last();
    let value = answer.headers.get(&name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    assert!(value.parse::<u64>().is_ok(), "{name} is {value}, not a number, in {answer}");
}

// Lists.

#[then(regex = r#"^the list has exactly these "([^"]*)"$"#)]
async fn the_list_has_exactly(world: &mut World, path: String, step: &Step) {
    let mut expected: Vec<String> = cells(world, step);
    expected.sort();
    let check = |world: &World| {
        let answer = world.last();
        ensure!(answer.status == 200, "no list but {answer}");
        let mut actual = column(items(&answer.body), &path)?;
        actual.sort();
        ensure!(actual == expected, "the list has {actual:?}, not {expected:?}, in {answer}");
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r"^the list is empty$")]
async fn the_list_is_empty(world: &mut World) {
    let check = |world: &World| {
        let answer = world.last();
        ensure!(answer.status == 200 && items(&answer.body).is_empty(), "not an empty list but {answer}");
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r"^the list is a bare array$")]
async fn the_list_is_bare(world: &mut World) {
    let answer = world.last();
    assert!(answer.status == 200 && answer.body.is_array(), "not a bare array but {answer}");
}

/// Other scenarios add entities to the same list, so only the order of these entities counts.
#[then(regex = r#"^among the items these "([^"]*)" come in this order$"#)]
async fn among_the_items_in_order(world: &mut World, path: String, step: &Step) {
    let expected = cells(world, step);
    let check = |world: &World| {
        let mut actual = column(&world.items, &path)?;
        actual.retain(|value| expected.contains(value));
        ensure!(actual == expected, "the order is {actual:?}, not {expected:?}");
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r#"^these are the items' "([^"]*)"$"#)]
async fn these_are_the_items(world: &mut World, path: String, step: &Step) {
    let mut expected = cells(world, step);
    expected.sort();
    let check = |world: &World| {
        let mut actual = column(&world.items, &path)?;
        actual.sort();
        ensure!(actual == expected, "the items have {actual:?}, not {expected:?}");
        Ok(())
    };
    world.check(check).await;
}

#[then(regex = r#"^none of the items has the "([^"]*)"$"#)]
async fn none_of_the_items_has(world: &mut World, path: String, step: &Step) {
    let forbidden = cells(world, step);
    let check = |world: &World| {
        let mut present = column(&world.items, &path)?;
        present.retain(|value| forbidden.contains(value));
        ensure!(present.is_empty(), "the items have {present:?}");
        Ok(())
    };
    world.check(check).await;
}

fn column(items: &[Value], path: &str) -> Result<Vec<String>, String> {
    let text = |item: &Value| match member(item, path) {
        Some(Value::String(text)) => Ok(text.clone()),
        Some(other) => Ok(other.to_string()),
        None => Err(format!("an item has no {path}: {}", redacted(item))),
    };
    items.iter().map(text).collect()
}

fn cells(world: &World, step: &Step) -> Vec<String> {
    let rows = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().flatten().map(|cell| world.fill(cell)).collect()
}

// Tables of two columns.

pub(crate) fn rows(step: &Step) -> impl Iterator<Item = [&str; 2]> {
    let rows = step.table.as_ref().map(|table| table.rows.as_slice()).unwrap_or_default();
    rows.iter().map(|row| match row.as_slice() {
        [name, value] => [name.as_str(), value.as_str()],
        other => panic!("a row of \"{}\" does not have two cells: {other:?}", step.value),
    })
}

/// Compares members of `value` with a table: each row has the path and the expected value of a member.
pub(crate) fn check_table(world: &World, value: &Value, step: &Step) -> Result<(), String> {
    for [path, expected] in rows(step) {
        let actual = member(value, path);
        // The message has the references of the row, because their values may be secrets.
        ensure!(actual == Some(&world.cell(expected)), "{path} is not {expected} in {}", redacted(value));
    }
    Ok(())
}

/// A value without its secrets.
fn redacted(value: &Value) -> Value {
    let mut value = value.clone();
    redaction::value(&mut value, "/api/v2/", REDACTED);
    value
}

#[then(regex = r#"^"([^"]*)" serves a JSON document with$"#)]
async fn serves_a_document(world: &mut World, path: String, step: &Step) {
    let request = world.target().request(http::Method::GET, &path);
    let answer = world.send(request).await;
    assert!(answer.status == 200, "{path} answered {answer}");
    check_table(world, &answer.body, step).unwrap_or_else(|mistake| panic!("{mistake}"));
}
