//! Runs the scenarios of `features/` against a tenant started for them.
//!
//! The scenarios speak HTTP only. Nothing in the modules below knows the crate: this file starts
//! the tenant and tells them its address, so that they could as well be pointed at a live one.
//!
//! `cargo test --test conformance -- @R13` runs one rule; any other word is looked for in the
//! path of the feature file and in the names of the feature and the scenario.

mod answer;
mod assertion;
mod members;
mod setup;
mod target;
mod token;
mod world;

use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use cucumber::writer::{self, Coloring, Ext as _, Stats as _, Verbosity};
use cucumber::{World as _, gherkin};

use target::Target;
use world::World;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // Test runners ask for a list of test functions; there are none here.
    if arguments.iter().any(|argument| argument == "--list") {
        return ExitCode::SUCCESS;
    }
    let wanted: Vec<String> = arguments.into_iter().filter(|word| !word.starts_with('-')).collect();

    // Some scenarios ask for what is not there.
    let tenant = m2mock::MockTenant::builder().allow_unmodelled_operations().start();
    let (client_id, client_secret) = tenant.management_client();
    Target::set(Target::new(&tenant.uri(), &client_id, &client_secret, &tenant.management_audience()));

    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the conformance run could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        let before = Target::current().inventory().await;
        let code = run(wanted).await;
        let after = Target::current().inventory().await;
        if before != after {
            println!("the scenarios left something behind: {before:?} before, {after:?} after");
            return ExitCode::FAILURE;
        }
        code
    })
}

/// Runs the wanted scenarios; what they print is shown only when something went wrong.
async fn run(wanted: Vec<String>) -> ExitCode {
    let printed = Printed::default();
    let writer = World::cucumber()
        .with_writer(writer::Basic::raw(printed.clone(), Coloring::Never, Verbosity::Default).summarized().normalized())
        .fail_on_skipped()
        .with_default_cli()
        .after(|_, _, _, _, world| {
            Box::pin(async move {
                if let Some(world) = world {
                    world.clean_up().await;
                }
            })
        })
        .filter_run(concat!(env!("CARGO_MANIFEST_DIR"), "/features"), move |feature, _, scenario| {
            wanted.is_empty() || wanted.iter().any(|word| is_about(word, feature, scenario))
        })
        .await;

    let passed = writer.passed_steps();
    if writer.execution_has_failed() || writer.skipped_steps() > 0 {
        print!("{}", printed.text());
        return ExitCode::FAILURE;
    }
    println!("conformance: {passed} steps passed, none failed, none skipped");
    ExitCode::SUCCESS
}

fn is_about(word: &str, feature: &gherkin::Feature, scenario: &gherkin::Scenario) -> bool {
    if let Some(tag) = word.strip_prefix('@') {
        return scenario.tags.iter().chain(&feature.tags).any(|known| known == tag);
    }
    let path = feature.path.as_ref().map(|path| path.display().to_string()).unwrap_or_default();
    path.contains(word) || feature.name.contains(word) || scenario.name.contains(word)
}

/// What the runner prints, kept until it is known whether anyone needs to read it.
#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
