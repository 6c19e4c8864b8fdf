//! `m2mock export`: writes a tenant in the layout of the deploy tool, to edit it and to serve it as a seed.
//!
//! The tenant is a served one, read by its control API, or a state in a file. Both become a tenant of this process first, so one
//! reader serves both.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::control;
use super::identity::new_tenant;
use super::mistake::Mistake;
use super::output::say;
use super::state::State;
use crate::api::{Config, Tenant};
use crate::atomic_file;
use crate::seed::{export, files_of};
use crate::server::MAX_STATE;
use crate::yaml;

/// The time for which a server may write its state.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Args)]
pub(super) struct Options {
    /// The layout
    #[arg(long, value_enum, default_value_t = Format::DeployTool)]
    format: Format,
    /// A served tenant, by its address (the host name selects one of several), or a file with an exported state
    #[arg(long, value_name = "URL|FILE", default_value = "http://127.0.0.1:8080")]
    from: String,
    /// Write secrets too, to files that only their owner may read
    #[arg(long)]
    with_secrets: bool,
    /// One file (`.yaml`, `.yml` or `.json`), or a new or empty folder with one JSON file for each entry
    #[arg(value_name = "FILE|FOLDER")]
    target: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// `tenant.yaml` or the folder of auth0-deploy-cli
    DeployTool,
}

pub(super) fn run(options: &Options) -> Result<(), Mistake> {
    let Options { format: Format::DeployTool, from, with_secrets, target } = options;
    let layout = Layout::of(target)?;
    let tenant = tenant(from)?;
    let sections = export(&tenant, *with_secrets);
    let unwritable = |path: &Path, error: &dyn std::fmt::Display| {
        Mistake(format!("the export cannot be written to {}: {error}", path.display()))
    };
    let files = match layout {
        Layout::Folder => {
            let files = files_of(sections).into_iter();
            files.map(|(path, text)| (target.join(path), text)).collect()
        }
        Layout::Json | Layout::Yaml => {
            let sections: BTreeMap<&str, Value> = sections;
            let text = match layout {
                Layout::Json => {
                    serde_json::to_string_pretty(&sections).map(|text| text + "\n").map_err(|error| error.to_string())
                }
                _ => yaml::write(&sections).map_err(|error| error.reason),
            };
            vec![(target.clone(), text.map_err(|error| unwritable(target, &error))?)]
        }
    };
    for (path, text) in &files {
        let write = if *with_secrets { atomic_file::write_private } else { atomic_file::write };
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        made.and_then(|()| write(path, text)).map_err(|error| unwritable(path, &error))?;
    }
    say(format_args!("{} has the tenant {}.", target.display(), tenant.domain()));
    Ok(())
}

/// The content for a path.
enum Layout {
    Json,
    Yaml,
    Folder,
}

impl Layout {
    /// The layout for the name of a target. A folder must not have old files, because a seed would read them, too.
    fn of(target: &Path) -> Result<Layout, Mistake> {
        let ending = target.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("json") if !target.is_dir() => return Ok(Layout::Json),
            Some("yaml" | "yml") if !target.is_dir() => return Ok(Layout::Yaml),
            _ => {}
        }
        match fs::read_dir(target).map(|mut entries| entries.next().is_none()) {
            Ok(true) => Ok(Layout::Folder),
            Ok(false) => Err(Mistake(format!("the folder {} is not empty", target.display()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Layout::Folder),
            Err(error) => Err(Mistake(format!(
                "{} is no folder ({error}); a file for an export ends with .yaml or .json",
                target.display()
            ))),
        }
    }
}

/// The tenant at an address or in a file.
fn tenant(from: &str) -> Result<Tenant, Mistake> {
    let state = match from.strip_prefix("http://") {
        Some(address) => served(address.trim_end_matches('/'))?,
        None if from.starts_with("https://") => {
            return Err(Mistake(format!(
                "the control API is read over plain HTTP; write the address {from} with http://"
            )));
        }
        None => State::read(Path::new(from))?,
    };
    let tenant = new_tenant(Config { domain: state.domain.clone(), ..Config::default() })?;
    state.import(&tenant)?;
    Ok(tenant)
}

/// The state of a served tenant.
fn served(authority: &str) -> Result<State, Mistake> {
    let wrong = |what: &dyn std::fmt::Display| {
        Mistake(format!(
            "no state from http://{authority}: {what}; `m2mock serve` gives one, at its admin port if it has one"
        ))
    };
    let mut answer = Vec::new();
    let stream = control::get(authority, "/__admin/v1/state", PATIENCE).map_err(|error| wrong(&error))?;
    // The head is short.
    let read = stream.take(MAX_STATE as u64 + 64 * 1024).read_to_end(&mut answer);
    read.map_err(|error| wrong(&error))?;
    let body = control::body(&answer).map_err(|error| wrong(&error))?;
    State::of(PathBuf::from(format!("http://{authority}")), body.to_vec())
}
