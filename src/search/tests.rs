//! Tests of queries: on one document, against a simple second evaluator, and with random text.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::bounds::{DEEPEST, LONGEST};
use super::{FieldKind, Fields, MOST_TERMS, Query, QueryError, Unknown};

const USERS: Fields = Fields {
    bare: &["name", "email"],
    named: &[
        ("name", FieldKind::AnyCase),
        ("email", FieldKind::AnyCase),
        ("user_id", FieldKind::Text),
        ("blocked", FieldKind::Text),
        ("logins_count", FieldKind::Text),
        ("created_at", FieldKind::Date),
        ("identities.connection", FieldKind::Text),
        ("app_metadata.*", FieldKind::Text),
        ("user_metadata.*", FieldKind::Plain),
    ],
    unknown: Unknown::Refused,
};

fn jane() -> Map<String, Value> {
    let document = json!({
        "name": "Jane O'Brien",
        "email": "jane@example.com",
        "user_id": "auth0|5f7c8ec7c33c6c004bbafe82",
        "blocked": false,
        "logins_count": 100,
        "created_at": "2018-12-18T15:23:48.123Z",
        "identities": [{ "connection": "github" }, { "connection": "Username-Password-Authentication" }],
        "app_metadata": { "plan": { "name": "gold" }, "https://example.com/team": "blue", "none": [], "empty": {}, "null": null },
        "user_metadata": { "addresses": { "city": ["Paris", "Seattle"] }, "preferences": { "fontSize": 13 } },
    });
    match document {
        Value::Object(document) => document,
        _ => unreachable!("the document is an object"),
    }
}

#[track_caller]
fn finds(query: &str) -> bool {
    Query::parse(query, &USERS).unwrap_or_else(|error| panic!("{query}: {error}")).matches(&jane())
}

fn refusal(query: &str) -> QueryError {
    Query::parse(query, &USERS).expect_err(query)
}

#[test]
fn queries_that_find_the_document() {
    for query in [
        "",
        " ",
        "*",
        r#"name:"jane o'brien""#,
        "name:JANE*",
        "name:*brien",
        "name:jane*brien",
        r"name:jane\ o'brien",
        r#"name:"jane o'"*"#,
        r#""jane@example.com""#,
        "jane@example.com",
        "jane*",
        r#"user_id:"auth0|5f7c8ec7c33c6c004bbafe82""#,
        "user_id:auth0|5f7c8ec7c33c6c004bbafe82",
        "user_id:auth0*",
        "blocked:false",
        "logins_count:100",
        "logins_count:100.0",
        "logins_count:[100 TO 200}",
        "logins_count:{99 TO *]",
        "logins_count:>=100",
        "identities.connection:github",
        r#"identities.connection:"Username-Password-Authentication""#,
        "app_metadata.plan.name:gold",
        "app_metadata.plan.name:[gala TO golf]",
        r#"app_metadata.plan.name:["gold" TO "gold"]"#,
        r"app_metadata.https\://example.com/team:blue",
        r#"user_metadata.addresses.city:"Seattle""#,
        "user_metadata.preferences.fontSize:13",
        "_exists_:user_metadata.preferences.fontSize",
        "_exists_:user_metadata.addresses",
        "app_metadata.plan.name:*",
        "created_at:[2018-12 TO 2019-01-01}",
        "created_at:{2018-12-18 TO 2018-12-19}",
        "created_at:[2018-12-18T15:23:48.123Z TO 2018-12-18T15:23:48.123Z]",
        r"created_at:2018-12-18T15\:23\:48.123Z",
        r#"created_at:"2018-12-18T15:23:48.123Z""#,
        "created_at:2018-12-18*",
        "blocked:false AND logins_count:100",
        "blocked:false && logins_count:100",
        "blocked:true OR logins_count:100",
        "blocked:true logins_count:100",
        "blocked:true || logins_count:100",
        "NOT blocked:true",
        "-blocked:true",
        "NOT(blocked:true)",
        "blocked:false AND NOT logins_count:5",
        "blocked:false NOT logins_count:5",
        "+blocked:false logins_count:5",
        "blocked:true OR NOT logins_count:5",
        "logins_count:5 OR blocked:false AND name:jane*",
        "(logins_count:5 OR blocked:false) AND name:jane*",
        "app_metadata.plan.name:(silver OR gold)",
        "app_metadata.plan.name:(NOT silver)",
        "name:jane*^2 OR blocked:true",
    ] {
        assert!(finds(query), "{query}");
    }
}

#[test]
fn queries_that_do_not() {
    for query in [
        "name:jane",
        "jane",
        "name:brien*",
        "user_id:AUTH0*",
        "user_id:auth0",
        "identities.connection:username*",
        "logins_count:[101 TO *]",
        "logins_count:{100 TO *]",
        "logins_count:[* TO 100}",
        "app_metadata.plan:gold",
        "app_metadata.plan.name:gold*gold",
        r"app_metadata.plan.name:gol\*",
        r#"app_metadata.plan.name:"gol*""#,
        "_exists_:app_metadata.none",
        "_exists_:app_metadata.empty",
        "_exists_:app_metadata.null",
        "_exists_:app_metadata.other",
        "user_metadata.addresses.city:Lyon",
        "created_at:2018-12-18",
        "created_at:[2018-12-17 TO 2018-12-18]",
        "blocked:false AND logins_count:5",
        "blocked:true NOT logins_count:5",
        "blocked:false NOT logins_count:100",
        "NOT *",
        "app_metadata.plan.name:(silver OR NOT gold)",
        "(logins_count:5 OR blocked:true) AND name:jane*",
    ] {
        assert!(!finds(query), "{query}");
    }
}

#[test]
fn what_is_no_query_is_refused() {
    for query in [
        "name:",
        "(name:jane",
        "name:jane)",
        "name:\"jane",
        "AND",
        "name:jane AND",
        "NOT NOT name:jane",
        "name:/jane/ IN [a b]",
        "name:\"jane roe\"~2",
        "logins_count:[1 TO",
    ] {
        assert_eq!(refusal(query), QueryError::Syntax, "{query}");
    }
    assert_eq!(refusal("user_email:a"), QueryError::UnknownField("user_email".to_owned()));
    assert_eq!(refusal("_exists_:user_email"), QueryError::UnknownField("user_email".to_owned()));
    assert_eq!(refusal("app_metadata.:a"), QueryError::UnknownField("app_metadata.".to_owned()));
    assert_eq!(refusal("name:*sa"), QueryError::ShortWildcard("*sa".to_owned()));
    assert_eq!(refusal("name:j*e"), QueryError::ShortWildcard("j*e".to_owned()));
    assert_eq!(refusal("user_metadata.color:blue*"), QueryError::PlainField);
    assert_eq!(refusal("user_metadata.size:[1 TO 2]"), QueryError::PlainField);
    assert_eq!(refusal("[1 TO 2]"), QueryError::RangeWithoutField);
    assert_eq!(refusal("created_at:yesterday"), QueryError::UnreadableDate("yesterday".to_owned()));
}

#[test]
fn an_unknown_field_can_also_count_as_absent() {
    let lenient = Fields { unknown: Unknown::Absent, ..USERS };
    let finds = |query| Query::parse(query, &lenient).expect("a query").matches(&jane());
    assert!(!finds("user_email:a"));
    assert!(!finds("_exists_:user_email"));
    assert!(finds("NOT user_email:a"));
}

#[test]
fn a_value_that_every_result_must_have_is_returned() {
    let exact = |query, field| Query::parse(query, &USERS).expect("a query").exact(field).map(str::to_owned);
    let email = Some("jane@example.com".to_owned());
    assert_eq!(exact(r#"email:"Jane@Example.com""#, "email"), email);
    assert_eq!(exact("blocked:false AND (email:jane@example.com AND name:*)", "email"), email);
    for open in ["email:jane*", "email:jane@example.com OR blocked:true", "NOT email:jane@example.com", "jane", ""] {
        assert_eq!(exact(open, "email"), None, "{open}");
    }
}

#[test]
fn a_query_knows_its_fields() {
    let query = Query::parse("blocked:true AND NOT (name:jane* OR _exists_:email)", &USERS).expect("a query");
    let names = |field| query.names(field);
    assert!(names("blocked") && names("name") && names("email") && !names("user_id"));
}

#[test]
fn length_depth_and_terms_have_limits() {
    assert_eq!(refusal(&"(".repeat(1 << 20)), QueryError::TooLong);
    assert_eq!(refusal(&"(".repeat(LONGEST)), QueryError::TooDeep);
    assert_eq!(refusal(&"NOT ".repeat(LONGEST / 4)), QueryError::Syntax);
    assert_eq!(refusal(&"name:(".repeat(DEEPEST + 1)), QueryError::TooDeep);
    let words = |count| (0..count).map(|number| format!("a{number:x}")).collect::<Vec<_>>().join(" ");
    // Each word is a term in two fields.
    assert!(Query::parse(&words(MOST_TERMS / 2), &USERS).is_ok());
    assert_eq!(refusal(&words(MOST_TERMS / 2 + 1)), QueryError::TooManyTerms);
}

#[test]
fn the_deepest_query_fits_a_small_stack() {
    let deep = |open: &str| format!("{}name:a{}", open.repeat(DEEPEST), ")".repeat(DEEPEST));
    let queries =
        [deep("("), deep("NOT ("), deep("-("), deep("blocked:true OR NOT ("), deep("_exists_:email AND name:(")];
    // A worker thread has two megabytes, and a request has a share of them already.
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let read = thread.spawn(move || queries.iter().all(|query| Query::parse(query, &USERS).is_ok()));
    assert!(read.expect("a thread").join().expect("no overflow"));
}

/// A query as a tree. The test writes it with all parentheses, and evaluates it one node at a time.
#[derive(Clone, Debug)]
enum Tree {
    Word(&'static str, &'static str),
    Begin(&'static str, &'static str),
    Exists(&'static str),
    Between(&'static str, u8, u8),
    Not(Box<Tree>),
    All(Vec<Tree>),
    Some(Vec<Tree>),
}

impl Tree {
    fn write(&self) -> String {
        let join = |trees: &[Tree], word| {
            trees.iter().map(|tree| format!("({})", tree.write())).collect::<Vec<_>>().join(word)
        };
        match self {
            Tree::Word(field, value) => format!("app_metadata.{field}:\"{value}\""),
            Tree::Begin(field, value) => format!("app_metadata.{field}:{value}*"),
            Tree::Exists(field) => format!("_exists_:app_metadata.{field}"),
            Tree::Between(field, low, high) => format!("app_metadata.{field}:[{low} TO {high}}}"),
            Tree::Not(tree) => format!("NOT ({})", tree.write()),
            Tree::All(trees) => join(trees, " AND "),
            Tree::Some(trees) => join(trees, " OR "),
        }
    }

    fn holds(&self, document: &Value) -> bool {
        match self {
            Tree::Word(field, value) => document[field] == *value,
            Tree::Begin(field, value) => document[field].as_str().is_some_and(|text| text.starts_with(value)),
            Tree::Exists(field) => document.get(field).is_some(),
            Tree::Between(field, low, high) => {
                document[field].as_u64().is_some_and(|number| (u64::from(*low)..u64::from(*high)).contains(&number))
            }
            Tree::Not(tree) => !tree.holds(document),
            Tree::All(trees) => trees.iter().all(|tree| tree.holds(document)),
            Tree::Some(trees) => trees.iter().any(|tree| tree.holds(document)),
        }
    }
}

fn texts() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["red", "green", "greener", "blue"])
}

fn trees() -> impl Strategy<Value = Tree> {
    let field = || prop::sample::select(vec!["a", "b", "n"]);
    let leaf = prop_oneof![
        (field(), texts()).prop_map(|(field, text)| Tree::Word(field, text)),
        (field(), texts()).prop_map(|(field, text)| Tree::Begin(field, text)),
        field().prop_map(Tree::Exists),
        (0..9_u8, 0..9_u8).prop_map(|(low, high)| Tree::Between("n", low, high)),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.prop_map(|tree| Tree::Not(Box::new(tree))),
            several.clone().prop_map(Tree::All),
            several.prop_map(Tree::Some),
        ]
    })
}

proptest! {
    #[test]
    fn a_query_means_what_its_tree_means(
        tree in trees(),
        a in prop::option::of(texts()),
        b in prop::option::of(texts()),
        n in prop::option::of(0..9_u8),
    ) {
        let mut metadata = json!({});
        if let Some(a) = a { metadata["a"] = a.into() }
        if let Some(b) = b { metadata["b"] = b.into() }
        if let Some(n) = n { metadata["n"] = n.into() }
        let document = Map::from_iter([("app_metadata".to_owned(), metadata.clone())]);
        let query = Query::parse(&tree.write(), &USERS).expect("a query");
        prop_assert_eq!(query.matches(&document), tree.holds(&metadata), "{}", tree.write());
    }

    #[test]
    fn any_text_is_read_or_refused(text in r#"(name|email|_exists_|AND|OR|NOT|IN|TO|[ -~]|[():"'\[\]{}*?~^/\\ +-]|\PC){0,60}"#) {
        if let Ok(query) = Query::parse(&text, &USERS) {
            query.matches(&jane());
        }
    }
}
