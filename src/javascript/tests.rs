//! Tests of single executions. Their time limit is short only where the code never ends.

use std::sync::Arc;
use std::time::Duration;

use rstest::rstest;
use serde_json::{Map, Value, json};

use super::{Change, Changes, Failure, Limits, Module, Script, run};
use crate::domain::DenyCode;
use crate::redaction::SecretValues;

const NOW: i64 = 1_780_315_200_000;
const GENEROUS: Limits = Limits { time: Duration::from_secs(300), ..Limits::DEFAULT };

fn script(code: &str) -> Script {
    Script {
        code: code.to_owned(),
        modules: Vec::new(),
        event: json!({ "client": { "name": "Partner bot" }, "secrets": { "KEY": "hidden" } }),
        now: NOW,
        random_seed: 7,
        cache: Arc::default(),
        secrets: SecretValues::new(["hidden".to_owned()]),
    }
}

/// The code of an Action with this body.
fn action(body: &str) -> String {
    format!("exports.onExecuteCredentialsExchange = async (event, api) => {{ {body} }};")
}

fn execute(body: &str) -> Changes {
    run(script(&action(body)), GENEROUS)
}

/// The console of an Action, which does not fail.
fn console(body: &str) -> Vec<String> {
    let changes = execute(body);
    assert_eq!(changes.failure, None, "{body}");
    changes.console.iter().map(|line| line.as_str().to_owned()).collect()
}

fn error(changes: &Changes) -> &str {
    match &changes.failure {
        Some(Failure::Threw(text)) => text,
        other => panic!("it did not throw: {other:?}"),
    }
}

#[test]
fn calls_of_the_api_are_returned_in_order() {
    let changes = execute(
        "api.accessToken.setCustomClaim('plan', { name: event.client.name, seats: [1, null] })
            .transaction.addTargetScope('read:trips').transaction.removeTargetScope('book:trips');
         await Promise.resolve();
         api.transaction.setTargetScopes(['a', 'b']);
         api.transaction.clearTargetScopes();
         api.accessToken.setCustomClaim('nothing', undefined);
         api.access.deny('invalid_scope', 'No.');
         api.access.deny('server_error');",
    );
    assert_eq!(changes.failure, None);
    assert_eq!(
        changes.calls,
        [
            Change::SetCustomClaim {
                name: "plan".to_owned(),
                value: json!({ "name": "Partner bot", "seats": [1, null] })
            },
            Change::AddTargetScope("read:trips".to_owned()),
            Change::RemoveTargetScope("book:trips".to_owned()),
            Change::SetTargetScopes(vec!["a".to_owned(), "b".to_owned()]),
            Change::SetTargetScopes(Vec::new()),
            Change::Deny { code: DenyCode::InvalidScope, reason: "No.".to_owned() },
            Change::Deny { code: DenyCode::ServerError, reason: String::new() },
        ]
    );
}

#[test]
fn the_console_shows_values_without_secrets() {
    let body = "console.log('a', 1, { b: [true] }, undefined, null, Symbol('s'), 12n, new RangeError('far'));
        console.warn({ KEY: event.secrets.KEY }, event.secrets.KEY + '!');
        const circle = {}; circle.self = circle; console.error(circle, Object.create(null), () => 1);";
    assert_eq!(
        console(body),
        [r#"a 1 {"b":[true]} undefined null Symbol(s) 12 RangeError: far"#, r#"{"KEY":"…"} …!"#, "[object] {} () => 1"]
    );
}

#[test]
fn the_time_is_the_tenants_and_random_numbers_are_equal_in_each_run() {
    let body = "console.log(Date.now(), new Date().toISOString(), new Date(0).getTime(), new Date() instanceof Date);
        console.log(Math.random(), Math.random());";
    let lines = console(body);
    assert_eq!(lines[0], "1780315200000 2026-06-01T12:00:00.000Z 0 true");
    assert_eq!(lines, console(body));
}

#[test]
fn executions_share_the_cache_and_nothing_else() {
    let first = script(&action("globalThis.left = 1; Object.prototype.left = 1; api.cache.set('key', 'value');"));
    let cache = Arc::clone(&first.cache);
    assert_eq!(run(first, GENEROUS).failure, None);
    let body = "console.log(typeof left, ({}).left, api.cache.get('key'), api.cache.get('other'));
        console.log(api.cache.set('key', 'v'.repeat(5000)), api.cache.set('key', 'v', { ttl: 'long' }));
        console.log(api.cache.set('key', 2, { ttl: 5, expires_at: 1e15 }), api.cache.delete('key'), api.cache.delete('key'));";
    let second = run(Script { cache, ..script(&action(body)) }, GENEROUS);
    assert_eq!(
        second.console,
        [
            r#"undefined undefined {"value":"value","expires_at":1780316100000} undefined"#,
            r#"{"type":"error","code":"CacheValueSizeExceeded"} {"type":"error","code":"InvalidExpiry"}"#,
            concat!(
                r#"{"type":"success","record":{"value":"2","expires_at":1780315200005}} {"type":"success"} "#,
                r#"{"type":"error","code":"CacheKeyDoesNotExist"}"#
            ),
        ]
    );
}

fn with_module(body: &str, module: &str) -> Changes {
    let secrets: Map<String, Value> = Map::from_iter([("TOKEN".to_owned(), "hidden".into())]);
    let module = Module { name: "plans".to_owned(), code: module.to_owned(), secrets };
    run(Script { modules: vec![module], ..script(&action(body)) }, GENEROUS)
}

#[test]
fn a_module_is_loaded_once_and_has_secrets_of_its_own() {
    let module = "console.log('loaded'); let count = 0;
        module.exports = { next: () => { count += 1; return count + actions.secrets.TOKEN.length; } };";
    let body = "console.log(require('actions:plans').next(), require('actions:plans').next(), typeof actions);";
    assert_eq!(with_module(body, module).console, ["loaded", "7 8 undefined"]);
}

#[rstest]
#[case::of_node("require('fs')", "fs")]
#[case::of_node_with_a_prefix("require('node:net')", "node:net")]
#[case::a_package("require('lodash')", "lodash")]
#[case::an_unknown_module("require('actions:others')", "actions:others")]
#[case::a_module_without_its_prefix("require('plans')", "plans")]
#[case::a_name_of_the_prototype("require('__proto__')", "__proto__")]
#[case::no_text("require({})", "{}")]
fn any_other_require_is_a_clear_error(#[case] body: &str, #[case] name: &str) {
    let changes = with_module(body, "");
    let expected = format!(
        "Error: Cannot find module '{name}': m2mock has no packages and no modules of Node.js. \
         The modules of the Action: actions:plans."
    );
    assert!(error(&changes).starts_with(&expected), "{changes:?}");
    let caught = format!("try {{ {body} }} catch (error) {{ console.log(error.code) }}");
    assert_eq!(with_module(&caught, "").console, ["MODULE_NOT_FOUND"]);
}

#[test]
fn a_module_cannot_require_another_one() {
    let changes = with_module("require('actions:plans')", "require('actions:plans')");
    assert!(error(&changes).contains("A module of Actions cannot require another one."), "{changes:?}");
}

#[rstest]
#[case::an_error("throw new TypeError('no hidden plan')", "TypeError: no … plan (at ")]
#[case::after_an_await("await null; null.name", "TypeError: cannot read property 'name' of null (at ")]
#[case::a_text("throw 'bad'", "\"bad\"")]
#[case::nothing("throw undefined", "a value that is no error")]
#[case::a_rejection("await Promise.reject(new Error('late'))", "Error: late (at ")]
#[case::a_denial_with_another_code(
    "api.access.deny('access_denied', 'No.')",
    "TypeError: The code of a denial is one of: invalid_scope"
)]
#[case::a_circle("const a = {}; a.a = a; api.accessToken.setCustomClaim('a', a)", "TypeError: circular reference")]
#[case::a_big_integer("api.accessToken.setCustomClaim('a', 1n)", "TypeError: ")]
#[case::half_a_character(
    "api.accessToken.setCustomClaim('a', '\\ud800')",
    "TypeError: The value of the claim a cannot be stored"
)]
#[case::scopes_that_are_no_list("api.transaction.setTargetScopes('a')", "TypeError: ")]
#[case::no_network("await fetch('https://travel0.example')", "ReferenceError: fetch is not defined")]
#[case::no_process("process.exit(1)", "ReferenceError: process is not defined")]
#[case::no_import("await import('fs')", "ReferenceError: ")]
fn an_error_of_the_code_is_the_reason(#[case] body: &str, #[case] expected: &str) {
    let changes = execute(body);
    assert!(error(&changes).starts_with(expected), "{}", error(&changes));
}

#[rstest]
#[case::unreadable("exports. = 1", "SyntaxError: ")]
#[case::empty("", "TypeError: The Action exports no async function")]
#[case::of_another_trigger("exports.onExecutePostLogin = async () => {}", "TypeError: The Action exports no async")]
#[case::not_async("exports.onExecuteCredentialsExchange = () => {}", "TypeError: The Action exports no async")]
#[case::no_object("module.exports = null", "TypeError: The Action exports no async")]
#[case::at_the_top("\n\n  missing();", "ReferenceError: missing is not defined (at <anonymous> (action.js:3:")]
#[case::a_null_character("\0", "")]
fn code_without_a_function_is_an_error(#[case] code: &str, #[case] expected: &str) {
    let changes = run(script(code), GENEROUS);
    assert!(error(&changes).starts_with(expected), "{}", error(&changes));
}

#[test]
fn a_promise_that_nothing_settles_ends_the_execution() {
    assert_eq!(execute("await new Promise(() => {})").failure, Some(Failure::NeverSettled));
}

/// Code that never ends by itself.
#[rstest]
#[case::a_loop("for (;;) {}")]
#[case::a_loop_that_catches("for (;;) { try { for (;;) {} } catch {} }")]
#[case::a_loop_in_a_finalizer("try { for (;;) {} } finally { for (;;) {} }")]
#[case::endless_jobs("for (;;) await null")]
#[case::a_thenable("const again = { then(resolve) { resolve(again) } }; await again")]
#[case::a_regular_expression("/^(a+)+$/.test('a'.repeat(60) + '!')")]
#[case::a_sort("[1, 2].sort(() => { for (;;) {} })")]
#[case::a_getter_of_the_error("throw { get message() { for (;;) {} }, toJSON() { for (;;) {} } }")]
#[case::a_proxy("const p = new Proxy({}, { get: () => { for (;;) {} } }); p.x")]
#[case::a_built_in_function("[].indexOf.call({ length: 2e8 }, 1)")]
#[case::a_text_of_a_value("api.access.deny({ toString() { for (;;) {} } })")]
fn code_that_never_ends_is_stopped(#[case] body: &str) {
    let limits = Limits { time: Duration::from_millis(50), ..GENEROUS };
    assert_eq!(run(script(&action(body)), limits).failure, Some(Failure::TimeLimit), "{body}");
}

/// An engine without memory fails, at whichever point of its start or of the code.
#[test]
fn no_amount_of_memory_breaks_the_engine() {
    let body =
        "const all = {}; for (let i = 0; i < 500; i += 1) all['k' + i] = [event, new Map([[i, /a+/.exec('aa')]])];
        await Promise.all([1, 2].map(async (n) => n)); console.log(JSON.stringify(all).length);
        api.accessToken.setCustomClaim('a', all);";
    let memory = |step: usize| Limits { memory: step * 20_000, ..GENEROUS };
    let failures = (0..60).filter(|step| run(script(&action(body)), memory(*step)).failure.is_some()).count();
    assert!((5..55).contains(&failures), "{failures}");
    let no_limit = Limits { time: Duration::MAX, memory: usize::MAX };
    assert_eq!(run(script(&action(body)), no_limit).failure, None);
}

/// Code that wants more than an engine gives. It fails, or it catches the error and returns.
#[rstest]
#[case::a_list("const all = []; for (;;) all.push(new Array(1000).fill('x'))")]
#[case::a_text("let text = 'x'; for (;;) text += text")]
#[case::a_repeated_text("'x'.repeat(2 ** 29)")]
#[case::a_buffer("new ArrayBuffer(2 ** 31)")]
#[case::a_list_of_that_length("new Array(2 ** 32 - 1).fill(1)")]
#[case::recursion("const f = () => f() + 1; f()")]
#[case::recursion_of_a_getter("const o = { get a() { return this.a } }; o.a")]
#[case::a_deep_value(
    "let deep = []; for (let i = 0; i < 1e6; i += 1) deep = [deep]; api.accessToken.setCustomClaim('a', deep)"
)]
#[case::deep_json("JSON.parse('['.repeat(1e6))")]
#[case::deep_code("new Function('('.repeat(1e6))")]
#[case::a_deep_expression("new RegExp('('.repeat(1e6))")]
#[case::many_claims("for (;;) api.accessToken.setCustomClaim('a', 'x'.repeat(1000))")]
#[case::a_large_claim("api.accessToken.setCustomClaim('a', 'x'.repeat(2 ** 24))")]
#[case::many_scopes("api.transaction.setTargetScopes(new Array(1e6).fill('x'.repeat(1e6)))")]
#[case::blocking("Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)")]
fn code_without_measure_fails(#[case] body: &str) {
    let changes = execute(body);
    assert!(!error(&changes).is_empty(), "{body}");
    assert_eq!(execute(&format!("try {{ {body} }} catch {{}}")).failure, None, "{body}");
}

#[test]
fn code_that_replaces_built_in_objects_harms_only_itself() {
    let changes = execute(
        "Object.prototype.toString = JSON.stringify = JSON.parse = String.prototype.startsWith = () => { throw 1 };
         Function.prototype.call = Function.prototype.apply = Array.prototype[Symbol.iterator] = undefined;
         Object.prototype.then = 1;
         globalThis.Error = globalThis.Promise = globalThis.String = globalThis.Object = undefined;
         console.log({ a: 1 });
         api.accessToken.setCustomClaim('a', { b: 1 });",
    );
    assert_eq!(changes.failure, None);
    assert_eq!(changes.calls, [Change::SetCustomClaim { name: "a".to_owned(), value: json!({ "b": 1 }) }]);
    let after = execute("api.accessToken.setCustomClaim('a', JSON.parse(JSON.stringify({ b: 1 })))");
    assert_eq!(after.calls, changes.calls);
}

#[test]
fn a_long_console_is_cut() {
    let changes = execute("for (let i = 0; i < 100000; i += 1) console.log('x'.repeat(100))");
    assert_eq!(changes.failure, None);
    assert!(changes.console.iter().map(|line| line.len()).sum::<usize>() <= 1100, "{}", changes.console.len());
    let secret = execute("console.log('x'.repeat(1020) + event.secrets.KEY)");
    assert!(!secret.console[0].contains("hid"), "{:?}", secret.console);
}
