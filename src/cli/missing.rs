//! The parts of the command that a build may lack, because they need a feature of the crate beyond `cli`.
//!
//! A build without a feature does not know the options and subcommands of that feature. It names the feature instead of calling
//! them unknown, and it does not ignore their variables.

use std::env;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// A subcommand or an option that needs a feature.
struct Part {
    feature: &'static str,
    /// Its spelling in a command line.
    name: &'static str,
    /// The environment variable of the option.
    variable: Option<&'static str>,
    is_in_this_build: bool,
}

const fn command(name: &'static str) -> Part {
    Part { feature: "conformance", name, variable: None, is_in_this_build: cfg!(feature = "conformance") }
}

const fn option(name: &'static str, variable: &'static str) -> Part {
    Part { feature: "tls", name, variable: Some(variable), is_in_this_build: cfg!(feature = "tls") }
}

const fn option_of_actions(name: &'static str, variable: &'static str) -> Part {
    let is_in_this_build = cfg!(feature = "javascript");
    Part { feature: "javascript", name, variable: Some(variable), is_in_this_build }
}

/// Every part that needs a feature. A test compares this list with the whole command.
const PARTS: &[Part] = &[
    command("conformance"),
    command("drift"),
    command("steps"),
    command("record"),
    command("replay"),
    option("--tls", "M2MOCK_TLS"),
    option("--tls-port", "M2MOCK_TLS_PORT"),
    option("--tls-name", "M2MOCK_TLS_NAME"),
    option("--ca-file", "M2MOCK_CA_FILE"),
    option("--tls-cert", "M2MOCK_TLS_CERT"),
    option("--tls-key", "M2MOCK_TLS_KEY"),
    option("--mtls", "M2MOCK_MTLS"),
    option("--client-ca", "M2MOCK_CLIENT_CA"),
    option_of_actions("--action-time-limit", "M2MOCK_ACTION_TIME_LIMIT"),
    option_of_actions("--action-memory-limit", "M2MOCK_ACTION_MEMORY_LIMIT"),
];

impl Part {
    fn is_missing(&self) -> bool {
        !self.is_in_this_build
    }

    fn sentence(&self, written: &str) -> String {
        let feature = self.feature;
        format!(
            "this build of m2mock lacks the feature \"{feature}\", which {written} needs; install the whole command with: \
             cargo install m2mock --features full (in a clone of its repository: cargo install --path . --features full)"
        )
    }
}

/// The sentence about a missing feature, if that is why the arguments are wrong.
pub(super) fn explained(error: &clap::Error) -> Option<String> {
    explained_in(error, Part::is_missing)
}

fn explained_in(error: &clap::Error, is_missing: impl Fn(&Part) -> bool) -> Option<String> {
    let context = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return None,
    };
    let Some(ContextValue::String(written)) = error.get(context) else { return None };
    let part = PARTS.iter().find(|part| part.name == written && is_missing(part))?;
    Some(part.sentence(written))
}

/// The sentence about a missing feature, if a variable of `serve` asks for it.
pub(super) fn asked_for_by_a_variable() -> Option<String> {
    /// The values that clap reads as "no".
    const NO: [&str; 7] = ["", "n", "no", "f", "false", "off", "0"];
    let is_set =
        |variable: &str| env::var_os(variable).is_some_and(|value| NO.iter().all(|no| !value.eq_ignore_ascii_case(no)));
    asked_for(is_set, Part::is_missing)
}

fn asked_for(is_set: impl Fn(&str) -> bool, is_missing: impl Fn(&Part) -> bool) -> Option<String> {
    let mut missing = PARTS.iter().filter(|part| is_missing(part));
    missing.find_map(|part| part.variable.filter(|variable| is_set(variable)).map(|variable| part.sentence(variable)))
}

#[cfg(test)]
mod tests {
    use clap::Command;

    use super::*;

    /// The answer of a build without the features to these arguments.
    fn said(arguments: &[&str]) -> Option<String> {
        let command = Command::new("m2mock").subcommand(Command::new("serve")).subcommand(Command::new("check"));
        let error = command.try_get_matches_from([&["m2mock"], arguments].concat()).unwrap_err();
        explained_in(&error, |_| true)
    }

    #[test]
    fn every_part_names_its_feature() {
        for part in PARTS {
            let arguments: &[&[&str]] = match part.name.starts_with("--") {
                true => &[&[part.name], &["serve", part.name, "8443"]],
                false => &[&[part.name], &[part.name, "--tags", "@R13"]],
            };
            for arguments in arguments {
                let sentence = said(arguments).unwrap_or_else(|| panic!("{arguments:?}"));
                let expected = format!("lacks the feature \"{}\", which {} needs", part.feature, part.name);
                assert!(sentence.contains(&expected), "{sentence}");
            }
        }
    }

    #[test]
    fn what_no_build_has_is_only_unknown() {
        for arguments in [&["conform"][..], &["--tsl"], &["check", "--no"], &[]] {
            let command = Command::new("m2mock").subcommand_required(true).subcommand(Command::new("check"));
            let error = command.try_get_matches_from([&["m2mock"], arguments].concat()).unwrap_err();
            assert_eq!(explained_in(&error, |_| true), None, "{arguments:?}");
        }
    }

    #[test]
    fn what_a_build_has_lacks_nothing() {
        let error = Command::new("m2mock").try_get_matches_from(["m2mock", "--tls"]).unwrap_err();
        assert_eq!(explained_in(&error, |_| false), None);
        assert_eq!(asked_for(|_| true, |_| false), None);
    }

    #[test]
    fn a_variable_of_a_missing_feature_is_not_ignored() {
        assert_eq!(asked_for(|_| false, |_| true), None);
        let sentence = asked_for(|variable| variable == "M2MOCK_TLS_PORT", |_| true).unwrap();
        assert!(sentence.contains("lacks the feature \"tls\", which M2MOCK_TLS_PORT needs"), "{sentence}");
    }

    /// The whole command: a part that is in no list here is in every build.
    #[cfg(all(feature = "conformance", feature = "javascript", feature = "tls"))]
    #[test]
    fn the_list_is_complete() {
        use std::collections::BTreeSet;

        use clap::{Args as _, CommandFactory as _};

        let command = super::super::Arguments::command();
        let subcommands: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        let listed = |feature: &str| -> BTreeSet<&str> {
            PARTS.iter().filter(|part| part.feature == feature).map(|part| part.name).collect()
        };
        let in_every_build = BTreeSet::from(["serve", "check", "export", "healthcheck", "completions", "man"]);
        assert_eq!(subcommands, &in_every_build | &listed("conformance"));

        let of_features = [
            ("tls", super::super::https::Options::augment_args(Command::new("tls"))),
            ("javascript", super::super::action_limits::ActionLimits::augment_args(Command::new("javascript"))),
        ];
        for (feature, command) in of_features {
            let options = command.get_arguments();
            let options: BTreeSet<String> =
                options.filter_map(|option| option.get_long()).map(|long| format!("--{long}")).collect();
            assert_eq!(options, listed(feature).into_iter().map(str::to_owned).collect());
            for part in PARTS.iter().filter(|part| part.feature == feature) {
                let id = part.name.trim_start_matches('-').replace('-', "_");
                let option = command.get_arguments().find(|option| option.get_id() == id.as_str());
                assert_eq!(option.and_then(|option| option.get_env()?.to_str()), part.variable, "{}", part.name);
            }
        }
    }
}
