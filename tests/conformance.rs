//! Runs the scenarios of `features/` against a tenant started for them.
//!
//! `cargo test --all-features --test conformance -- @R13` runs one rule; any other word is looked for in the path of the
//! feature file and in the names of the feature and the scenario.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;

use m2mock::MockTenant;
use m2mock::conformance::{Options, Target, feature_files, run};
use m2mock::http::Method;
use m2mock::internal::operations;
use serde_json::Value;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Test runners ask for a list of test functions; there are none here.
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let wanted = arguments.into_iter().filter(|word| !word.starts_with('-'));
    let (tags, words): (Vec<String>, Vec<String>) = wanted.partition(|word| word.starts_with('@'));
    // Some scenarios ask for what is not there.
    let tenant = MockTenant::builder().allow_unmodelled_operations().start();
    match hold(&tenant, tags.join(" or "), words) {
        Ok(steps) => {
            println!("conformance: {steps} steps passed, none failed, none skipped");
            ExitCode::SUCCESS
        }
        Err(told) => {
            println!("{told}");
            ExitCode::FAILURE
        }
    }
}

fn hold(tenant: &MockTenant, tags: String, words: Vec<String>) -> Result<usize, Box<dyn Error>> {
    let (id, secret) = tenant.management_client();
    let target = Target::new(&tenant.uri(), &id, &secret, &tenant.management_audience(), None)?;
    let target = target.with_reasons(tenant.reasons());
    let features = feature_files(&[concat!(env!("CARGO_MANIFEST_DIR"), "/features").into()])?;
    let options = Options::of(features).words(words);
    let options = if tags.is_empty() { options } else { options.tags(tags) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime?.block_on(async {
        let before = inventory(tenant);
        let report = run(options, target).await?;
        let after = inventory(tenant);
        if report.failed {
            return Err(report.text.into());
        }
        let more: Vec<_> = after.iter().filter(|(list, number)| before.get(*list) != Some(number)).collect();
        if !more.is_empty() || before.len() != after.len() {
            return Err(format!("the scenarios left something behind: {more:?}").into());
        }
        Ok(report.passed_steps)
    })
}

/// The number of entities in each list of the Management API. Keys and the renderings of screens stay, and the log grows.
fn inventory(tenant: &MockTenant) -> BTreeMap<&'static str, usize> {
    const STAY: [&str; 4] = ["/keys", "/logs", "/prompts/rendering", "/stats"];
    let is_kept = |path: &str| !path.contains('{') && !STAY.iter().any(|head| path.starts_with(head));
    let lists = operations().into_iter().filter(|operation| operation.method == "GET" && is_kept(operation.path));
    let count = |path: &'static str| {
        // Some lists need a query, and a setting is no list.
        let answer = tenant.perform(Method::GET, path, Value::Null).ok()?;
        let list = answer.as_array().or_else(|| answer.as_object()?.values().find_map(Value::as_array))?;
        Some((path, list.len()))
    };
    lists.filter_map(|operation| count(operation.path)).collect()
}
