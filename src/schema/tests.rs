//! Tests of the schema checker: its sentences and their order.

use rstest::rstest;
use serde_json::{Value, json};

use super::{Schemas, Sent};

/// A file with one body.
fn body(schema: Value) -> Schemas {
    Schemas::of(format!("{:#}", json!({"bodies": {"Create": schema}})))
}

#[test]
fn a_file_checks_bodies_queries_and_paths_with_the_schemas_that_they_share() {
    let shared = json!({"$ref": "#/shared/Name"});
    let file = json!({
        "bodies": {"Create": {"type": "object", "required": ["name"], "properties": {"name": shared}}},
        "queries": {"List": {"type": "object", "additionalProperties": false, "properties": {"page": {"type": "integer"}}}},
        "paths": {"Get": {"name": shared}},
        "shared": {"Name": {"type": "string", "maxLength": 5}},
    });
    let schemas = Schemas::of(format!("{file:#}"));
    let refusal = schemas.check_body("Create", &json!({})).unwrap_err();
    assert_eq!(refusal, "Payload validation error: 'Missing required property: name'.");
    let query = schemas.read_query("List", &[("page".into(), "2".into())]).unwrap();
    assert_eq!(query["page"], 2);
    let refusal = schemas.check_path("Get", "name", "much too long").unwrap_err();
    assert_eq!(refusal, "Path validation error: 'String is too long (13 chars), maximum 5' on property name.");
}

fn refusal(schema: Value, value: Value) -> String {
    body(schema).check_body("Create", &value).unwrap_err().into()
}

#[rstest]
#[case::type_("a", json!({"type": "string"}), json!(1), "Expected type string but found type integer")]
#[case::types("a", json!({"type": ["string", "null"]}), json!(1), "Expected type string,null but found type integer")]
#[case::enum_("a", json!({"enum": ["x", null]}), json!("y"), "Invalid value \"y\"")]
#[case::const_("a", json!({"const": 1}), json!(2), "Invalid value \"2\"")]
#[case::format("a", json!({"format": "email"}), json!(""), "Object didn't pass validation for format email: ")]
#[case::pattern("a", json!({"pattern": "^b"}), json!("a"), "String does not match pattern ^b: a")]
#[case::min_length("a", json!({"minLength": 2}), json!("é"), "String is too short (1 chars), minimum 2")]
#[case::max_length("a", json!({"maxLength": 1}), json!("éé"), "String is too long (2 chars), maximum 1")]
#[case::minimum("a", json!({"minimum": 1}), json!(0), "Value 0 is less than minimum 1")]
#[case::maximum("a", json!({"maximum": 1}), json!(1.5), "Value 1.5 is greater than maximum 1")]
#[case::multiple_of("a", json!({"multipleOf": 2}), json!(3), "Value 3 is not a multiple of 2")]
#[case::min_items("a", json!({"minItems": 1}), json!([]), "Array is too short (0), minimum 1")]
#[case::max_items("a", json!({"maxItems": 0}), json!([1]), "Array is too long (1), maximum 0")]
#[case::unique_items("a", json!({"uniqueItems": true}), json!([2, 1, 1.0]), "Array items are not unique (indexes 1 and 2)")]
#[case::items("a[1]", json!({"items": {"type": "string"}}), json!(["x", 1]), "Expected type string but found type integer")]
#[case::required("a", json!({"required": ["b"]}), json!({}), "Missing required property: b")]
#[case::properties("a.b", json!({"properties": {"b": {"type": "null"}}}), json!({"b": true}), "Expected type null but found type boolean")]
#[case::additional_properties("a", json!({"additionalProperties": false}), json!({"b": 1}), "Additional properties not allowed: b")]
#[case::additional_schema("a.b", json!({"additionalProperties": {"maxLength": 1}}), json!({"b": "xy"}), "String is too long (2 chars), maximum 1")]
#[case::min_properties("a", json!({"minProperties": 1}), json!({}), "Too few properties defined (0), minimum 1")]
#[case::max_properties("a", json!({"maxProperties": 0}), json!({"b": 1}), "Too many properties defined (1), maximum 0")]
#[case::all_of("a", json!({"allOf": [{}, {"minimum": 1}]}), json!(0), "Value 0 is less than minimum 1")]
#[case::one_of_several("a", json!({"oneOf": [{}, {}]}), json!(0), "Data is valid against more than one schema from 'oneOf'")]
fn a_broken_keyword_has_its_sentence(
    #[case] location: &str,
    #[case] schema: Value,
    #[case] value: Value,
    #[case] message: &str,
) {
    assert_eq!(
        refusal(json!({"properties": {"a": schema}}), json!({"a": value})),
        format!("Payload validation error: '{message}' on property {location}."),
    );
}

#[rstest]
#[case(json!({"type": "string"}), json!("x"))]
#[case(json!({"type": "number"}), json!(1))]
#[case(json!({"type": "integer"}), json!(1.0))]
#[case(json!({"type": ["object", "null"]}), json!(null))]
#[case(json!({"enum": ["x", null]}), json!(null))]
#[case(json!({"const": 1.0}), json!(1))]
#[case(json!({"minimum": 1, "maximum": 1}), json!(1))]
#[case(json!({"multipleOf": 0.5}), json!(1.5))]
#[case(json!({"minLength": 1, "maxLength": 1}), json!("😀"))]
#[case(json!({"pattern": "^[a-z]+(-[a-z]+)*$"}), json!("a-b"))]
#[case(json!({"uniqueItems": true}), json!([{"a": 1}, {"a": 2}, {}]))]
#[case(json!({"anyOf": [{"type": "null"}, {"minimum": 2}]}), json!(2))]
#[case(json!({"oneOf": [{"type": "null"}, {"type": "integer"}]}), json!(null))]
#[case::keywords_of_other_types_do_not_apply(json!({"minLength": 9, "minItems": 9, "minimum": 9, "required": ["a"], "format": "email"}), json!(true))]
#[case(json!({"items": {}}), json!([1, "a"]))]
#[case(json!(true), json!([1, "a"]))]
fn what_the_schema_allows_passes(#[case] schema: Value, #[case] value: Value) {
    assert_eq!(body(schema).check_body("Create", &value), Ok(()));
}

#[test]
fn the_label_is_the_description_of_the_schema_that_is_broken() {
    let schema = json!({"properties": {"groups": {"items": {"properties": {
        "email": {"format": "email", "description": "Google Workspace Directory group email."},
    }}}}});
    assert_eq!(
        refusal(schema, json!({"groups": [{"email": ""}]})),
        "Payload validation error: 'Object didn't pass validation for format email: ' on property \
         groups[0].email (Google Workspace Directory group email).",
    );
}

#[test]
fn a_list_at_the_root_is_named_by_position() {
    assert_eq!(
        refusal(json!({"items": {"required": ["status"]}}), json!([{}])),
        "Payload validation error: 'Missing required property: status' on property [0].",
    );
}

#[test]
fn the_type_is_checked_before_everything_else() {
    assert_eq!(
        refusal(json!({"type": "string", "enum": ["x"]}), json!(1)),
        "Payload validation error: 'Expected type string but found type integer'.",
    );
}

#[test]
fn an_object_is_checked_before_its_children() {
    let schema = json!({"required": ["b"], "properties": {"a": {"type": "string"}}});
    assert_eq!(refusal(schema, json!({"a": 1})), "Payload validation error: 'Missing required property: b'.",);
}

#[test]
fn a_missing_property_comes_before_an_unknown_one() {
    let schema = json!({"required": ["a"], "additionalProperties": false, "properties": {"a": {}}});
    assert_eq!(refusal(schema, json!({"b": 1})), "Payload validation error: 'Missing required property: a'.",);
}

#[test]
fn a_format_comes_before_the_length() {
    let schema = json!({"format": "organization-name", "minLength": 1});
    assert_eq!(
        refusal(schema, json!("")),
        "Payload validation error: 'Object didn't pass validation for format organization-name: '.",
    );
}

#[test]
fn one_keyword_reports_all_its_faults() {
    assert_eq!(
        refusal(json!({"required": ["a", "b"]}), json!({})),
        "Payload validation error: 'Missing required property: a'. (also) \
         Payload validation error: 'Missing required property: b'.",
    );
}

// Reported for two families: one sentence, commas without a space, the last member first.
#[test]
fn unknown_members_share_a_sentence_the_last_one_first() {
    let schema = json!({"properties": {"a": {"additionalProperties": false, "properties": {"known": {}}}}});
    let text = r#"{"a": {"z": 1, "known": 2, "b": 3, "y": 4}}"#;
    let value = serde_json::from_str(text).unwrap();
    let refusal = body(schema).check_sent_body("Create", &value, Sent::Json(text.as_bytes())).unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Payload validation error: 'Additional properties not allowed: y,b,z' on property a.",
    );
}

#[test]
fn siblings_of_a_wrong_type_are_all_reported() {
    let schema = json!({"additionalProperties": {"type": "string", "maxLength": 1}});
    assert_eq!(
        refusal(schema, json!({"a": 1, "b": "too long", "c": []})),
        "Payload validation error: 'Expected type string but found type integer' on property a. \
         (also) Payload validation error: 'Expected type string but found type array' on property c.",
    );
}

#[test]
fn after_a_fault_siblings_are_checked_for_nothing_but_their_type() {
    let schema = json!({"additionalProperties": {"minLength": 1}});
    assert_eq!(
        refusal(schema, json!({"a": "", "b": ""})),
        "Payload validation error: 'String is too short (0 chars), minimum 1' on property a.",
    );
}

#[rstest]
fn a_choice_without_a_match_lists_the_faults_of_each_branch(#[values("anyOf", "oneOf")] keyword: &str) {
    let schema = json!({keyword: [{"required": ["a"]}, {"required": ["b"]}]});
    assert_eq!(
        refusal(schema, json!({})),
        "Payload validation error: 'None of the valid schemas were met'. Inner errors: [ \
         Payload validation error: 'Missing required property: a'., \
         Payload validation error: 'Missing required property: b'. ]",
    );
}

#[test]
fn a_reference_stands_for_the_shared_schema() {
    let file = json!({
        "bodies": {"Create": {"$ref": "#/shared/A"}},
        "shared": {"A": {"$ref": "#/shared/B"}, "B": {"type": "string"}}
    });
    let schemas = Schemas::of(format!("{file:#}"));
    assert!(schemas.check_body("Create", &json!("x")).is_ok());
    assert!(schemas.check_body("Create", &json!(1)).is_err());
}

mod query {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Value, String> {
        let file = json!({"queries": {"List": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "page": {"type": "integer", "minimum": 0},
                "include_totals": {"type": "boolean"},
                "from": {"type": "string"},
                "ids": {"type": "array", "items": {"type": "string", "minLength": 2}},
                "counts": {"type": "array", "items": {"type": "integer"}},
            },
        }}});
        let pairs: Vec<_> = pairs.iter().map(|(key, text)| (key.to_string(), text.to_string())).collect();
        Schemas::of(format!("{file:#}")).read_query("List", &pairs).map(Value::Object).map_err(String::from)
    }

    #[test]
    fn values_take_the_type_their_schema_names() {
        let query = [("page", "0"), ("include_totals", "true"), ("from", "12"), ("ids", "ab")];
        assert_eq!(read(&query).unwrap(), json!({"page": 0, "include_totals": true, "from": "12", "ids": ["ab"]}),);
    }

    #[test]
    fn repeated_parameters_become_a_list() {
        assert_eq!(
            read(&[("counts", "1"), ("ids", "ab"), ("counts", "2"), ("counts", "3")]).unwrap(),
            json!({"counts": [1, 2, 3], "ids": ["ab"]}),
        );
    }

    #[rstest]
    #[case::unknown(&[("name", "x")], "Additional properties not allowed: name'.")]
    #[case::two_unknown(&[("name", "x"), ("page", "1"), ("colour", "y"), ("name", "z")], "Additional properties not allowed: colour,name'.")]
    #[case::no_number(&[("page", "x")], "Expected type integer but found type string' on property page.")]
    #[case::empty(&[("page", "")], "Expected type integer but found type string' on property page.")]
    #[case::no_boolean(&[("include_totals", "1")], "Expected type boolean but found type string' on property include_totals.")]
    #[case::out_of_range(&[("page", "-1")], "Value -1 is less than minimum 0' on property page.")]
    #[case::twice(&[("page", "1"), ("page", "2")], "Expected type integer but found type array' on property page.")]
    #[case::twice_a_text(&[("from", "1"), ("from", "2"), ("from", "3")], "Expected type string but found type array' on property from.")]
    #[case::item(&[("ids", "ab"), ("ids", "c")], "String is too short (1 chars), minimum 2' on property ids[1].")]
    fn what_does_not_fit_is_refused(#[case] pairs: &[(&str, &str)], #[case] rest: &str) {
        assert_eq!(read(pairs).unwrap_err(), format!("Query validation error: '{rest}"),);
    }
}

mod path {
    use super::*;

    fn check(parameter: &str, value: &str) -> Result<(), String> {
        let file = json!({"paths": {"Get": {"id": {"maxLength": 3}}}});
        Schemas::of(format!("{file:#}")).check_path("Get", parameter, value).map_err(String::from)
    }

    #[test]
    fn a_parameter_is_named_in_the_sentence() {
        assert_eq!(
            check("id", "abcd").unwrap_err(),
            "Path validation error: 'String is too long (4 chars), maximum 3' on property id.",
        );
    }

    #[test]
    fn a_parameter_without_a_schema_may_be_anything() {
        assert_eq!(check("id", "abc"), Ok(()));
        assert_eq!(check("other", "abcd"), Ok(()));
    }
}
