//! Reads calibrated answers from JSON. An error names the file, the entry and the key.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Map, Value};

use super::{BuiltIn, CalibratedAnswers, ManagementAnswer, OrganizationKnown, TOKEN_VALUES, Template, TokenAnswer};
use crate::api::routes;
use crate::domain::BoundedText;

/// Calibrated answers cannot be read: one sentence that names the file, the entry and the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalibratedAnswersError(BoundedText<600>);

impl fmt::Display for CalibratedAnswersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for CalibratedAnswersError {}

impl CalibratedAnswersError {
    pub(crate) fn new(place: &str, problem: impl fmt::Display) -> CalibratedAnswersError {
        // A name may contain line breaks and may be long; the error is one bounded line.
        let sentence = BoundedText::<600>::of(format_args!("{place}: {problem}"));
        CalibratedAnswersError(sentence.replace(char::is_control, " ").into())
    }
}

/// The list of rules; their ids identify refusals.
const RULES: &str = include_str!("../../../fixtures/rules.tsv");

fn is_rule(id: &str) -> bool {
    RULES.lines().skip(1).any(|line| line.split('\t').next() == Some(id))
}

impl CalibratedAnswers {
    /// Reads calibrated answers from JSON; `file` is the name in errors.
    pub(crate) fn of_json(content: Value, file: &str) -> Result<CalibratedAnswers, CalibratedAnswersError> {
        let mut entry = ObjectReader::of(content, file.to_owned())?;
        let calibrated = entry.text("calibrated")?;
        let token = match entry.take("token") {
            None => Map::new(),
            Some(token) => ObjectReader::of(token, entry.below("token"))?.members,
        };
        let token = token.into_iter().map(|(rule, answer)| {
            let place = entry.below(&format!("token, {rule}"));
            if !is_rule(&rule) {
                return Err(CalibratedAnswersError::new(&place, "there is no rule with this id in fixtures/rules.tsv"));
            }
            let several = match answer {
                Value::Array(answers) => answers,
                answer => return Ok((rule, vec![token_answer(ObjectReader::of(answer, place)?)?])),
            };
            let place = |index| format!("{place}, entry {}", index + 1);
            let several = several.into_iter().enumerate();
            let several = several.map(|(index, answer)| token_answer(ObjectReader::of(answer, place(index))?));
            Ok((rule, several.collect::<Result<Vec<_>, _>>()?))
        });
        let token = token.collect::<Result<_, _>>()?;
        let management = entry.list("management")?.into_iter().enumerate();
        let management = management.map(|(index, answer)| {
            management_answer(ObjectReader::of(answer, entry.below(&format!("management, entry {}", index + 1)))?)
        });
        let management = management.collect::<Result<_, _>>()?;
        let seen = entry.list("seen")?;
        if let Some(index) = seen.iter().position(|seen| !seen.is_object()) {
            return Err(CalibratedAnswersError::new(
                &entry.below(&format!("seen, entry {}", index + 1)),
                "an object belongs here",
            ));
        }
        entry.nothing_else()?;
        Ok(CalibratedAnswers { calibrated, token, management, seen })
    }
}

fn token_answer(mut entry: ObjectReader) -> Result<TokenAnswer, CalibratedAnswersError> {
    let known = |name: &str| TOKEN_VALUES.contains(&name);
    let answer = TokenAnswer {
        instead_of: entry.template("instead_of", &known)?,
        organization: match entry.text("organization")?.as_deref() {
            None => None,
            Some("known") => Some(OrganizationKnown::Known),
            Some("unknown") => Some(OrganizationKnown::Unknown),
            Some(_) => {
                return Err(CalibratedAnswersError::new(&entry.below("organization"), "known or unknown belongs here"));
            }
        },
        status: entry.refusal()?,
        error: entry.required("error")?,
        error_description: entry.template("error_description", &known)?,
        error_uri: entry.text("error_uri")?,
        scenarios: entry.texts("scenarios")?,
    };
    entry.nothing_else()?;
    Ok(answer)
}

fn management_answer(mut entry: ObjectReader) -> Result<ManagementAnswer, CalibratedAnswersError> {
    let operation = entry.required("operation")?;
    let Some(row) = routes::named(&operation) else {
        return Err(CalibratedAnswersError::new(
            &entry.below("operation"),
            format_args!("{operation:?} is no operation that is modelled"),
        ));
    };
    let in_path: BTreeSet<&str> = row.segments().filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
    let known = |name: &str| match name.split_once('.') {
        Some(("path", name)) => in_path.contains(name),
        Some(("query" | "body", name)) => !name.is_empty(),
        _ => false,
    };
    let own = entry.take("instead_of").unwrap_or_default();
    let mut own = ObjectReader::of(own, entry.below("instead_of"))?;
    let instead_of = BuiltIn { status: own.refusal()?, message: own.required_template("message", &known)? };
    own.nothing_else()?;
    let answer = ManagementAnswer {
        operation: row,
        instead_of,
        status: entry.refusal()?,
        message: entry.required_template("message", &known)?,
        error_code: entry.text("errorCode")?,
        scenarios: entry.texts("scenarios")?,
    };
    entry.nothing_else()?;
    Ok(answer)
}

/// Reads an object member by member.
struct ObjectReader {
    place: String,
    members: Map<String, Value>,
}

impl ObjectReader {
    fn of(value: Value, place: String) -> Result<ObjectReader, CalibratedAnswersError> {
        match value {
            Value::Object(members) => Ok(ObjectReader { place, members }),
            _ => Err(CalibratedAnswersError::new(&place, "an object belongs here")),
        }
    }

    fn below(&self, key: &str) -> String {
        format!("{}, {key}", self.place)
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.members.remove(key)
    }

    fn text(&mut self, key: &str) -> Result<Option<String>, CalibratedAnswersError> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() && text.len() <= 4096 => Ok(Some(text)),
            Some(_) => Err(CalibratedAnswersError::new(&self.below(key), "a text belongs here")),
        }
    }

    fn required(&mut self, key: &str) -> Result<String, CalibratedAnswersError> {
        let missing = CalibratedAnswersError::new(&self.place, format_args!("the key {key:?} is missing"));
        self.text(key)?.ok_or(missing)
    }

    /// The status of a refusal.
    fn refusal(&mut self) -> Result<u16, CalibratedAnswersError> {
        let status = self
            .take("status")
            .ok_or_else(|| CalibratedAnswersError::new(&self.place, "the key \"status\" is missing"))?;
        let refusal =
            status.as_u64().and_then(|status| u16::try_from(status).ok()).filter(|status| (400..600).contains(status));
        let wrong = || CalibratedAnswersError::new(&self.below("status"), "a refusal has a status from 400 to 599");
        refusal.ok_or_else(wrong)
    }

    fn template(
        &mut self,
        key: &str,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Option<Template>, CalibratedAnswersError> {
        let place = self.below(key);
        // An empty sentence is valid.
        let text = match self.take(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text,
            Some(_) => return Err(CalibratedAnswersError::new(&place, "a text belongs here")),
        };
        let template = Template::parse(&text).map_err(|mistake| CalibratedAnswersError::new(&place, mistake))?;
        if let Some(name) = template.places().find(|name| !known(name)) {
            return Err(CalibratedAnswersError::new(&place, format_args!("there is no placeholder {{{name}}} here")));
        }
        Ok(Some(template))
    }

    fn required_template(
        &mut self,
        key: &str,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Template, CalibratedAnswersError> {
        let missing = CalibratedAnswersError::new(&self.place, format_args!("the key {key:?} is missing"));
        self.template(key, known)?.ok_or(missing)
    }

    fn list(&mut self, key: &str) -> Result<Vec<Value>, CalibratedAnswersError> {
        match self.take(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(CalibratedAnswersError::new(&self.below(key), "a list belongs here")),
        }
    }

    fn texts(&mut self, key: &str) -> Result<Vec<String>, CalibratedAnswersError> {
        let items = self.list(key)?.into_iter().map(|item| match item {
            Value::String(text) => Ok(text),
            _ => Err(CalibratedAnswersError::new(&self.below(key), "a list of texts belongs here")),
        });
        items.collect()
    }

    fn nothing_else(&self) -> Result<(), CalibratedAnswersError> {
        match self.members.keys().next() {
            Some(key) => Err(CalibratedAnswersError::new(&self.place, format_args!("there is no key {key:?}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::{CalibratedAnswers, RULES};

    fn read(content: Value) -> Result<CalibratedAnswers, String> {
        CalibratedAnswers::of_json(content, "answers.yaml").map_err(|error| error.to_string())
    }

    fn with(key: &str, value: Value) -> Value {
        let mut answer = json!({ "status": 403, "error": "access_denied", "error_description": "no {organization}" });
        answer[key] = value;
        json!({ "token": { "R15": answer } })
    }

    #[rstest]
    #[case::an_unknown_rule(json!({ "token": { "R999": {} } }), "answers.yaml, token, R999: there is no rule with this id")]
    #[case::an_unknown_section(json!({ "tokens": {} }), "answers.yaml: there is no key \"tokens\"")]
    #[case::an_unknown_key(with("message", json!("a")), "answers.yaml, token, R15: there is no key \"message\"")]
    #[case::a_status_of_success(with("status", json!(200)), "answers.yaml, token, R15, status: a refusal has")]
    #[case::an_impossible_status(with("status", json!(70_000)), "answers.yaml, token, R15, status: a refusal has")]
    #[case::an_unknown_placeholder(
        with("error_description", json!("{colour}")),
        "answers.yaml, token, R15, error_description: there is no placeholder {colour} here"
    )]
    #[case::a_lone_brace(with("error_description", json!("{")), "answers.yaml, token, R15, error_description: a brace")]
    #[case::no_error(json!({ "token": { "R15": { "status": 400 } } }), "answers.yaml, token, R15: the key \"error\" is missing")]
    #[case::no_object(json!([]), "answers.yaml: an object belongs here")]
    #[case::an_unknown_operation(
        json!({ "management": [{ "operation": "GET /colours" }] }),
        "answers.yaml, management, entry 1, operation: \"GET /colours\" is no operation"
    )]
    #[case::a_value_that_the_path_has_not(
        json!({ "management": [{ "operation": "GET /clients/{id}", "status": 404, "message": "a",
            "instead_of": { "status": 404, "message": "{path.name}" } }] }),
        "answers.yaml, management, entry 1, instead_of, message: there is no placeholder {path.name} here"
    )]
    fn what_is_wrong_is_told_where_it_is(#[case] content: Value, #[case] expected: &str) {
        let mistake = read(content).unwrap_err();
        assert!(mistake.starts_with(expected), "{mistake}");
    }

    /// JSON that is near enough to answers to go deep into the reader.
    fn nearly() -> impl Strategy<Value = Value> {
        let keys = prop_oneof![
            Just("token"),
            Just("management"),
            Just("seen"),
            Just("calibrated"),
            Just("R15"),
            Just("E2"),
            Just("status"),
            Just("error"),
            Just("error_description"),
            Just("operation"),
            Just("instead_of"),
            Just("message"),
            Just("scenarios"),
        ];
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i64>().prop_map(Value::from),
            (400u16..600).prop_map(Value::from),
            "[a-z{}. ]{0,12}".prop_map(Value::from),
            Just(json!("GET /clients/{id}")),
            Just(json!("{organization}")),
        ];
        leaf.prop_recursive(5, 60, 8, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(keys.clone(), inner, 0..8)
                    .prop_map(|members| members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_json_is_read_or_refused(content in nearly()) {
            if let Ok(answers) = read(content) {
                prop_assert_eq!(read(serde_json::to_value(&answers).unwrap()), Ok(answers));
            }
        }

        #[test]
        fn what_is_written_is_read_again(
            rules in prop::collection::btree_map(1usize..100, (400u16..600, "[a-z_]{1,9}", "[a-z}{ \"é\n]{0,20}", 0..11usize), 0..6),
        ) {
            let known: Vec<&str> = RULES.lines().skip(1).filter_map(|line| line.split('\t').next()).collect();
            let token = rules.into_iter().map(|(rule, (status, error, text, place))| {
                let text = text.replace('{', "{{").replace('}', "}}");
                let description = format!("{text}{{{}}}", super::TOKEN_VALUES[place]);
                (known[rule].to_owned(), json!({ "status": status, "error": error, "error_description": description }))
            });
            let content = json!({ "token": token.collect::<serde_json::Map<_, _>>() });
            let answers = read(content.clone()).unwrap();
            let empty = content["token"].as_object().unwrap().is_empty();
            prop_assert_eq!(serde_json::to_value(&answers).unwrap(), if empty { json!({}) } else { content });
        }
    }
}
