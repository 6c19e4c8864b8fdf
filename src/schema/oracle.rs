//! Compares the schema checker with the `jsonschema` crate: both give the same verdict on any body.
//!
//! The test generates bodies from the schema of each modelled body, so that most of them pass, and then damages a few
//! values. The oracle does not know the vendor's formats, so it uses the checks of this crate.

use std::cell::RefCell;
use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Draft, Validator};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::string::string_regex;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value, json};

use super::{Schemas, format_check};

/// Every keyword of the checker, and the keyword of the label.
const KEYWORDS: &[&str] = &[
    "$ref",
    "additionalProperties",
    "allOf",
    "anyOf",
    "const",
    "description",
    "enum",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "oneOf",
    "pattern",
    "properties",
    "required",
    "type",
    "uniqueItems",
];

/// The schema file of a family: its name, its text, and its JSON.
struct File {
    name: String,
    text: String,
    json: Value,
    /// The references that the generator of bodies is following.
    entered: RefCell<Vec<String>>,
}

fn files() -> Vec<File> {
    let mut files = Vec::new();
    let areas = entries(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/management"));
    for path in areas.iter().filter(|area| area.is_dir()).flat_map(|area| entries(area)) {
        let area = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if let Some(name) = name.strip_suffix(".schema.json") {
            let text = fs::read_to_string(&path).expect("a schema file can be read");
            let json = serde_json::from_str(&text).expect("a schema file is JSON");
            files.push(File { name: format!("{area}/{name}"), text, json, entered: RefCell::default() });
        }
    }
    assert!(!files.is_empty(), "no schema file was found");
    files
}

/// The entries of a folder, by name.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    entries.sort();
    entries
}

impl File {
    fn section(&self, name: &str) -> impl Iterator<Item = (&String, &Value)> {
        self.json[name].as_object().into_iter().flatten()
    }

    /// Every schema of the file, with the schemas inside it.
    fn all_schemas(&self) -> Vec<&Value> {
        let parameters = self.section("paths").flat_map(|(_, path)| path.as_object());
        let mut open: Vec<&Value> = parameters.flat_map(Map::values).collect();
        for section in ["bodies", "queries", "shared"] {
            open.extend(self.section(section).map(|(_, schema)| schema));
        }
        let mut all = Vec::new();
        while let Some(schema) = open.pop() {
            all.push(schema);
            open.extend(schema["properties"].as_object().into_iter().flat_map(Map::values));
            for keyword in ["anyOf", "oneOf", "allOf"] {
                open.extend(schema[keyword].as_array().into_iter().flatten());
            }
            for keyword in ["items", "additionalProperties"] {
                open.extend(schema.get(keyword).filter(|inner| inner.is_object()));
            }
        }
        all
    }

    /// The `jsonschema` crate over the same file.
    fn oracle(&self, body: &str) -> Validator {
        let mut document = self.json.clone();
        document["$ref"] = json!(format!("#/bodies/{body}"));
        let mut options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
        for schema in self.all_schemas() {
            if let Some(well_formed) = schema["format"].as_str().and_then(format_check) {
                let name = schema["format"].as_str().unwrap_or_default().to_owned();
                options = options.with_format(name, well_formed);
            }
        }
        options.build(&document).expect("a schema file is a schema")
    }

    /// Bodies that satisfy a schema.
    fn conforming(&self, schema: &Value) -> BoxedStrategy<Value> {
        if let Some(reference) = schema["$ref"].as_str() {
            let shared = self.json.pointer(&reference[1..]).expect("a reference leads somewhere");
            // A schema that contains itself does so once in a body.
            if self.entered.borrow().iter().any(|entered| entered == reference) {
                return self.conforming(&without(shared, reference));
            }
            self.entered.borrow_mut().push(reference.to_owned());
            let bodies = self.conforming(shared);
            self.entered.borrow_mut().pop();
            return bodies;
        }
        if let Some(values) = schema["enum"].as_array() {
            return prop::sample::select(values.clone()).boxed();
        }
        if let Some(branches) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
            let branches: Vec<_> = branches.iter().map(|branch| self.conforming(branch)).collect();
            return prop::strategy::Union::new(branches).boxed();
        }
        if let Some(branches) = schema["allOf"].as_array() {
            let [branch] = branches.as_slice() else {
                panic!("this generator follows an `allOf` of one branch only");
            };
            let narrowed = schema["type"] == "object";
            return self
                .conforming(branch)
                .prop_filter("the type is narrowed", move |value| !narrowed || value.is_object())
                .boxed();
        }
        match &schema["type"] {
            Value::Array(types) => {
                let one_type = |name: &Value| {
                    let mut schema = schema.clone();
                    schema["type"] = name.clone();
                    self.conforming(&schema)
                };
                prop::strategy::Union::new(types.iter().map(one_type)).boxed()
            }
            Value::String(name) => match name.as_str() {
                "object" => self.conforming_object(schema),
                "array" => {
                    let least = limit(schema, "minItems", 0);
                    let most = limit(schema, "maxItems", least + 2);
                    let items = match schema.get("items") {
                        Some(items) => self.conforming(items),
                        None => junk().boxed(),
                    };
                    let is_set = schema["uniqueItems"] == true;
                    vec(items, least..=most)
                        .prop_filter("the items differ", move |items| {
                            !is_set || (1..items.len()).all(|at| !items[..at].contains(&items[at]))
                        })
                        .prop_map(Value::Array)
                        .boxed()
                }
                "string" => text(schema),
                "integer" | "number" => {
                    let least = schema["minimum"].as_i64().unwrap_or(-5);
                    let most = schema["maximum"].as_i64().unwrap_or(least + 10);
                    (least..=most).prop_map(Value::from).boxed()
                }
                "boolean" => any::<bool>().prop_map(Value::from).boxed(),
                "null" => Just(Value::Null).boxed(),
                other => panic!("this generator does not know the type {other:?}"),
            },
            _ => junk().boxed(),
        }
    }

    fn conforming_object(&self, schema: &Value) -> BoxedStrategy<Value> {
        let required = schema["required"].as_array().cloned().unwrap_or_default();
        let properties = schema["properties"].as_object();
        // A large body has few of its optional properties, so that it stays readable.
        let chance = if properties.is_some_and(|some| some.len() > 8) { 0.2 } else { 0.6 };
        let mut members = Vec::new();
        for (name, inner) in properties.into_iter().flatten() {
            let name = name.clone();
            let member = self.conforming(inner);
            let member = if required.contains(&json!(name)) {
                member.prop_map(Some).boxed()
            } else {
                prop::option::weighted(chance, member).boxed()
            };
            members.push(member.prop_map(move |value| value.map(|value| (name.clone(), value))));
        }
        let others = match schema.get("additionalProperties") {
            Some(Value::Bool(false)) => Just(Default::default()).boxed(),
            Some(inner) => btree_map("x_[a-z]{1,3}", self.conforming(inner), 0..3).boxed(),
            None => btree_map("x_[a-z]{1,3}", junk(), 0..2).boxed(),
        };
        let least = limit(schema, "minProperties", 0);
        let most = limit(schema, "maxProperties", usize::MAX);
        (members, others)
            .prop_map(|(members, others)| members.into_iter().flatten().chain(others).collect::<Map<_, _>>())
            .prop_filter("the number of properties is limited", move |object| (least..=most).contains(&object.len()))
            .prop_map(Value::Object)
            .boxed()
    }
}

/// A choice without the branches that contain this reference.
fn without(schema: &Value, reference: &str) -> Value {
    let mut schema = schema.clone();
    if let Some(branches) = schema["oneOf"].as_array_mut() {
        branches.retain(|branch| !branch.to_string().contains(reference));
    }
    schema
}

fn limit(schema: &Value, keyword: &str, default: usize) -> usize {
    schema[keyword].as_u64().map_or(default, |limit| limit as usize)
}

fn text(schema: &Value) -> BoxedStrategy<Value> {
    let least = limit(schema, "minLength", 0);
    let most = limit(schema, "maxLength", 800);
    let texts = if let Some(format) = schema["format"].as_str() {
        prop::sample::select(well_formed(format).to_vec()).prop_map(String::from).boxed()
    } else if let Some(pattern) = schema["pattern"].as_str() {
        // The generator has no anchors; its texts match the rest of the pattern as a whole. Its dot and its `\S` are
        // Rust's, which match line ends and blanks that ECMAScript's do not.
        let whole = pattern.trim_start_matches('^').trim_end_matches('$');
        let whole = whole.replace("(.)", "[ -~é😀]").replace(r"\S", "[!-~é😀]").replace(r"\d", "[0-9]");
        string_regex(&whole).expect("the pattern can be turned into texts").boxed()
    } else {
        string_regex(&format!("[a-zé😀]{{{least},{}}}", most.min(least + 10))).expect("the pattern is valid").boxed()
    };
    texts
        .prop_filter("the length is limited", move |text| (least..=most).contains(&text.chars().count()))
        .prop_map(Value::from)
        .boxed()
}

/// Texts that a format accepts.
pub(crate) fn well_formed(format: &str) -> &'static [&'static str] {
    match format {
        "absolute-https-uri-or-empty" => &["", "https://a.test"],
        "absolute-https-uri-with-placeholders-or-empty" => &["", "https://{x}.a.test"],
        "absolute-uri-or-empty" => &["", "http://a.test"],
        "acr" | "connection-realm" | "organization-name" => &["a", "b-2"],
        "callback-url" | "url-with-placeholders" => &["https://*.a.test", "my.app://x"],
        "cidr" => &["10.0.0.0/8"],
        "client-grant-id" => &["cgr_0123456789abcDEF"],
        "client-id" => &["0123456789abcdefGHIJ0123456789ab"],
        "connection-id" => &["con_0123456789abcDEF"],
        "connection-name-prefix-template" => &["", "{org_id}-a"],
        "connection-profile-id" => &["cop_1cB4Qk4jLnc5bCgibcznrD"],
        "credential-id" => &["cred_h62V1Z4gy2CYduuveqrQcS"],
        "date-time" => &["2050-05-13T09:33:13Z", "2050-05-13T09:33:13.5+02:00"],
        "email" => &["a@b.test"],
        "email-or-empty" => &["", "a@b.test"],
        "event-stream-id" => &["est_tW75Q54Dc8F7NVaU9Qiura"],
        "flow-id" => &["af_aj9fK5JBVy9Uo1eSnwCeMS"],
        "flows-vault-connections-id" => &["ac_driHxZHbTWt3zCyXRqsDFo"],
        "forms-custom-identifier" | "forms-file-extension" => &["a"],
        "forms-expression" => &["{{fields.a}}"],
        "hostname" | "hostname-rfc2181" => &["a.test"],
        "forms-hex-color" | "html-color" | "html-color-or-null" => &["#fff", "#A1b2C3"],
        "ipv4" => &["10.0.0.1"],
        "ipv6" => &["2001:db8::1"],
        "ipv6_cidr" => &["2001:db8::/32"],
        "organization-id" => &["org_0123456789abcDEF"],
        "role-id" => &["rol_0123456789abcDEF"],
        "user-attribute-profile-id" => &["uap_1cB4Qk5YYUM6tQBtksk7mv"],
        "uuid" => &["ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4"],
        // The remaining ones want a web address.
        _ => &["https://a.test/x"],
    }
}

/// Values of every type, on and around the limits that schemas set.
fn odd_values() -> Vec<Value> {
    vec![
        json!(null),
        json!(true),
        json!(""),
        json!("<é😀>"),
        json!("x".repeat(51)),
        json!("x".repeat(700)),
        json!(-1),
        json!(0),
        json!(1.0),
        json!(1.5),
        json!(9_999_999_999_i64),
        json!(u64::MAX),
        json!([]),
        json!(["x", "x"]),
        json!([{}, null]),
        json!({}),
        json!({"x": 1, "name": "x", "id": []}),
    ]
}

fn junk() -> impl Strategy<Value = Value> {
    prop::sample::select(odd_values())
}

/// A change that damages a body at one of its values.
#[derive(Clone, Debug)]
enum Damage {
    Replace(Value),
    Remove,
    Add(Value),
    Double,
}

fn damage() -> impl Strategy<Value = (prop::sample::Index, Damage)> {
    let kind = prop_oneof![
        4 => junk().prop_map(Damage::Replace),
        2 => Just(Damage::Remove),
        1 => junk().prop_map(Damage::Add),
        1 => Just(Damage::Double),
    ];
    (any::<prop::sample::Index>(), kind)
}

fn damaged(mut body: Value, damages: Vec<(prop::sample::Index, Damage)>) -> Value {
    for (index, damage) in damages {
        let mut pointers = Vec::new();
        collect_pointers(&body, String::new(), &mut pointers);
        let pointer = index.get(&pointers);
        let Some(value) = body.pointer_mut(pointer) else {
            continue;
        };
        match (damage, value) {
            (Damage::Replace(junk), value) => *value = junk,
            (Damage::Remove, Value::Object(members)) => {
                let first = members.keys().next().cloned();
                first.map(|name| members.remove(&name));
            }
            (Damage::Remove, Value::Array(items)) => {
                items.pop();
            }
            (Damage::Remove, value) => *value = Value::Null,
            (Damage::Add(junk), Value::Object(members)) => {
                members.insert("unknown".into(), junk);
            }
            (Damage::Add(junk), Value::Array(items)) => items.push(junk),
            (Damage::Add(_), value) => *value = json!([value.take()]),
            (Damage::Double, Value::Array(items)) => items.extend(items.clone()),
            (Damage::Double, Value::String(text)) => *text = text.repeat(2),
            (Damage::Double, value) => *value = json!({"value": value.take()}),
        }
    }
    body
}

fn collect_pointers(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect_pointers(member, format!("{pointer}/{name}"), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect_pointers(item, format!("{pointer}/{index}"), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// A failure prints its smallest body and writes no file.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() })
}

#[test]
fn a_body_that_keeps_to_its_schema_passes() {
    for file in files() {
        let schemas = Schemas::of(file.text.clone());
        for (name, schema) in file.section("bodies") {
            let mut runner = runner(64);
            let passes = runner.run(&file.conforming(schema), |body| {
                prop_assert_eq!(schemas.check_body(name, &body), Ok(()));
                Ok(())
            });
            passes.unwrap_or_else(|failure| panic!("{} {name}: {failure}", file.name));
        }
    }
}

#[test]
fn our_verdict_is_the_verdict_of_json_schema() {
    for file in files() {
        let schemas = Schemas::of(file.text.clone());
        for (name, schema) in file.section("bodies") {
            let oracle = file.oracle(name);
            let bodies =
                (file.conforming(schema), vec(damage(), 0..3)).prop_map(|(body, damages)| damaged(body, damages));
            let mut runner = runner(256);
            let same = runner.run(&bodies, |body| {
                let ours = schemas.check_body(name, &body);
                prop_assert_eq!(ours.is_ok(), oracle.is_valid(&body), "we say {:?}", ours);
                Ok(())
            });
            same.unwrap_or_else(|failure| panic!("{} {name}: {failure}", file.name));
        }
    }
}

#[test]
fn keywords_that_no_body_uses_yet_get_the_same_verdict() {
    let schemas = [
        json!({"type": "number"}),
        json!({"const": 1}),
        json!({"const": {"x": [1.0]}}),
        json!({"enum": [0, null, ["x", "x"]]}),
        json!({"multipleOf": 0.5}),
        json!({"multipleOf": 3}),
        json!({"uniqueItems": true}),
        json!({"minItems": 2, "items": {"type": "string"}}),
        json!({"maxItems": 1, "maxProperties": 1}),
        json!({"minimum": 1, "maximum": 1.5}),
        json!({"anyOf": [{"type": "string"}, {"minimum": 0}]}),
        json!({"oneOf": [{"type": "string"}, {"minimum": 0}, {"required": ["x"]}]}),
        json!({"allOf": [{"type": ["number", "object"]}, {"minimum": 1, "minProperties": 1}]}),
        json!({"pattern": "^[a-wyz].", "minLength": 2}),
    ];
    let mut values = odd_values();
    values.extend([json!([1, 1.0]), json!([[1], [1.0], 3]), json!({"x": [1]}), json!(6)]);
    for schema in schemas {
        let file = format!("{:#}", json!({"bodies": {"Body": schema}}));
        let ours = Schemas::of(file);
        let oracle = jsonschema::validator_for(&schema).expect("the schema is one");
        for value in &values {
            let verdict = ours.check_body("Body", value);
            assert_eq!(verdict.is_ok(), oracle.is_valid(value), "{schema} {value}: {verdict:?}");
        }
    }
}

#[test]
fn schema_files_use_only_what_the_checker_knows() {
    for file in files() {
        for schema in file.all_schemas() {
            let object = schema.as_object().expect("a schema is an object");
            for keyword in object.keys() {
                assert!(KEYWORDS.contains(&keyword.as_str()), "{}: {keyword}", file.name);
            }
            if let Some(reference) = schema["$ref"].as_str() {
                let found = reference.strip_prefix('#').and_then(|path| file.json.pointer(path));
                assert!(found.is_some(), "{}: {reference}", file.name);
                assert_eq!(object.len(), 1, "{}: {reference} stands alone", file.name);
            }
            if let Some(format) = schema["format"].as_str() {
                assert!(format_check(format).is_some(), "{}: {format}", file.name);
            }
        }
    }
}

#[test]
fn every_pattern_of_the_schema_files_compiles() {
    for file in files() {
        let patterns = file.all_schemas().into_iter().filter_map(|schema| schema.get("pattern"));
        for pattern in patterns {
            let file = format!("{:#}", json!({"bodies": {"Body": {"pattern": pattern}}}));
            let _verdict = Schemas::of(file).check_body("Body", &json!("x"));
        }
    }
}
