//! Runs the scenarios of `features/` against a tenant started for them.
//!
//! `cargo test --all-features --test conformance -- @R13` runs one rule; any other word is looked for in the path of the
//! feature file and in the names of the feature and the scenario.

use std::error::Error;
use std::process::ExitCode;

use m2mock::MockTenant;
use m2mock::conformance::{Options, Target, feature_files, run};
use m2mock::http::Method;
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
        let before = inventory(tenant)?;
        let report = run(options, target).await?;
        let after = inventory(tenant)?;
        if report.failed {
            return Err(report.text.into());
        }
        if before != after {
            return Err(format!("the scenarios left something behind: {before:?} before, {after:?} after").into());
        }
        Ok(report.passed_steps)
    })
}

/// The number of entities in each collection that scenarios create entities in.
fn inventory(tenant: &MockTenant) -> Result<Vec<(&'static str, Value)>, String> {
    let lists = ["/clients", "/client-grants", "/organizations", "/resource-servers", "/roles", "/users"];
    let total = |list: &'static str| {
        let page = tenant.perform(Method::GET, &format!("{list}?per_page=1&include_totals=true"), Value::Null);
        page.map(|page| (list, page["total"].clone())).map_err(|refusal| format!("{list}: {refusal}"))
    };
    lists.into_iter().map(total).collect()
}
