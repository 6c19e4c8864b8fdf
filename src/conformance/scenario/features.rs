//! Feature files: those of this crate, which hold the documented rules, and those of a user's folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

use cucumber::feature::Ext as _;
use cucumber::gherkin::{Feature, GherkinEnv};

/// A feature file.
#[derive(Clone)]
#[non_exhaustive]
pub struct FeatureFile {
    /// Its path.
    pub path: PathBuf,
    /// Its text.
    pub text: String,
}

/// Without the text, which is long.
impl fmt::Debug for FeatureFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeatureFile").field("path", &self.path).finish_non_exhaustive()
    }
}

impl FeatureFile {
    /// A feature file with this path and text. Reports show the path; files that the feature refers to are in its folder.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> FeatureFile {
        FeatureFile { path: path.into(), text: text.into() }
    }
}

macro_rules! embedded {
    ($($path:literal),* $(,)?) => {
        /// The feature files of this crate.
        const EMBEDDED: &[(&str, &str)] = &[$(($path, include_str!(concat!("../../../features/", $path)))),*];
    };
}

embedded!(
    "management/action_modules.feature",
    "management/actions.feature",
    "management/agents.feature",
    "management/attack_protection.feature",
    "management/bearer.feature",
    "management/branding.feature",
    "management/client_grants.feature",
    "management/clients.feature",
    "management/connections.feature",
    "management/custom_domains.feature",
    "management/device_credentials.feature",
    "management/encryption_keys.feature",
    "management/event_streams.feature",
    "management/experiments.feature",
    "management/forms.feature",
    "management/groups.feature",
    "management/guardian.feature",
    "management/jobs.feature",
    "management/log_streams.feature",
    "management/logs.feature",
    "management/network_acls.feature",
    "management/organization_clients.feature",
    "management/organization_connections.feature",
    "management/organization_discovery_domains.feature",
    "management/organization_invitations.feature",
    "management/organization_member_roles.feature",
    "management/organization_members.feature",
    "management/organizations.feature",
    "management/paging.feature",
    "management/profiles.feature",
    "management/prompts.feature",
    "management/provisioning.feature",
    "management/rate_limit_policies.feature",
    "management/resource_servers.feature",
    "management/roles.feature",
    "management/rules_and_hooks.feature",
    "management/signing_keys.feature",
    "management/stats.feature",
    "management/tenant_settings.feature",
    "management/tickets.feature",
    "management/token_exchange_profiles.feature",
    "management/user_authentication.feature",
    "management/user_identities.feature",
    "management/user_roles.feature",
    "management/user_search.feature",
    "management/users.feature",
    "management/validation.feature",
    "management/verification_templates.feature",
    "my_organization/access.feature",
    "my_organization/identity_providers.feature",
    "my_organization/operations.feature",
    "organizations/association.feature",
    "organizations/default_organization.feature",
    "organizations/deletion.feature",
    "organizations/finding.feature",
    "organizations/lifecycle.feature",
    "organizations/names.feature",
    "organizations/sample_story.feature",
    "organizations/third_party.feature",
    "organizations/usage.feature",
    "token/agents.feature",
    "token/asking_for_a_token.feature",
    "token/assumed_refusals.feature",
    "token/claims.feature",
    "token/client_certificates.feature",
    "token/private_key_jwt.feature",
    "token/proof_of_possession.feature",
    "token/quotas.feature",
    "token/rate_limit_policies.feature",
    "token/refusals.feature",
    "token/resource.feature",
    "token/scopes.feature",
);

/// The feature files of this crate.
pub(super) fn embedded() -> Vec<FeatureFile> {
    let files = EMBEDDED.iter();
    files.map(|(path, text)| FeatureFile { path: Path::new("features").join(path), text: (*text).to_owned() }).collect()
}

/// The feature files at these paths; a folder includes everything below it.
///
/// # Errors
/// A path cannot be read, or there is no feature file.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<FeatureFile>, String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    if files.is_empty() { Err("there is no feature file at the given path".to_owned()) } else { Ok(files) }
}

fn collect(path: &Path, files: &mut Vec<FeatureFile>) -> Result<(), String> {
    let with_path = |error: std::io::Error| format!("{}: {error}", path.display());
    if !path.is_dir() {
        let text = fs::read_to_string(path).map_err(with_path)?;
        files.push(FeatureFile { path: path.to_owned(), text });
        return Ok(());
    }
    let entries = fs::read_dir(path).map_err(with_path)?.collect::<Result<Vec<_>, _>>().map_err(with_path)?;
    let mut children: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    children.sort();
    for path in children {
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "feature") {
            collect(&path, files)?;
        }
    }
    Ok(())
}

/// The names of scenario outlines with their placeholders. Expanding an outline replaces the placeholders in its name.
#[derive(Default)]
pub(crate) struct Outlines(BTreeMap<(PathBuf, usize), String>);

impl Outlines {
    /// The name of the outline that begins at this byte of the file.
    pub(super) fn name(&self, path: Option<&Path>, begin: usize) -> Option<&str> {
        self.0.get(&(path?.to_owned(), begin)).map(String::as_str)
    }

    fn note(&mut self, path: &Path, feature: &Feature) {
        let of_rules = feature.rules.iter().flat_map(|rule| &rule.scenarios);
        let outlines = feature.scenarios.iter().chain(of_rules).filter(|scenario| !scenario.examples.is_empty());
        self.0.extend(outlines.map(|outline| ((path.to_owned(), outline.span.start), outline.name.clone())));
    }
}

/// Reads the features of files, and expands each outline to a scenario for each of its examples.
///
/// # Errors
/// A file is no valid feature: its name, the line and the reason.
pub(crate) fn parse(files: Vec<FeatureFile>) -> Result<Vec<Feature>, String> {
    parse_with_outlines(files).map(|(features, _)| features)
}

/// The same with the names of the outlines.
pub(crate) fn parse_with_outlines(files: Vec<FeatureFile>) -> Result<(Vec<Feature>, Outlines), String> {
    let mut outlines = Outlines::default();
    let features = files.into_iter().map(|file| parse_one(file, &mut outlines)).collect::<Result<_, _>>()?;
    Ok((features, outlines))
}

fn parse_one(FeatureFile { path, text }: FeatureFile, outlines: &mut Outlines) -> Result<Feature, String> {
    let mut feature = Feature::parse(&text, GherkinEnv::default()).map_err(|error| match without_keyword(&text) {
        Some((number, line)) => {
            format!("{}:{number}: {line:?} begins with none of {}", path.display(), STEPS[..5].join(", "))
        }
        None => unreadable(&path, &error.to_string()),
    })?;
    outlines.note(&path, &feature);
    feature.path = Some(path.clone());
    feature.expand_examples().map_err(|error| format!("{}: {error}", path.display()))
}

/// The parser's message lists internal names in random order; only its position is useful.
fn unreadable(file: &Path, message: &str) -> String {
    let place = message.strip_prefix("Error at ").and_then(|message| message.split_once(": ")).map(|(place, _)| place);
    let file = file.display();
    match place {
        Some(place) => format!("{file}:{place}: this line, or the line before it, is not valid Gherkin"),
        None => format!("{file}: {message}"),
    }
}

/// The keywords of steps.
const STEPS: [&str; 6] = ["Given", "When", "Then", "And", "But", "* "];

/// The keywords that end the steps of a scenario.
const SECTIONS: [&str; 5] = ["Scenario", "Example", "Rule", "Background", "Feature"];

/// The first characters of other lines between steps: tags, comments and tables.
const OTHER_LINES: [&str; 3] = ["@", "#", "|"];

/// The first line among steps that has no keyword. The parser reports only the place where it gives up, further down.
fn without_keyword(text: &str) -> Option<(usize, &str)> {
    if text.trim_start().starts_with("# language") {
        return None;
    }
    let begins = |line: &str, keywords: &[&str]| keywords.iter().any(|keyword| line.starts_with(keyword));
    let (mut among_steps, mut in_text) = (false, false);
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.starts_with("\"\"\"") || line.starts_with("```") {
            in_text = !in_text;
        } else if in_text || line.is_empty() {
        } else if begins(line, &STEPS) {
            among_steps = true;
        } else if begins(line, &SECTIONS) {
            among_steps = false;
        } else if among_steps && !begins(line, &OTHER_LINES) {
            return Some((index + 1, line));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    use super::{FeatureFile, embedded, parse, read};

    #[test]
    fn every_feature_file_is_embedded() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("features");
        let files = read(std::slice::from_ref(&folder)).unwrap();
        let files: BTreeSet<PathBuf> =
            files.into_iter().map(|file| file.path.strip_prefix(&folder).unwrap().to_owned()).collect();
        let embedded: BTreeSet<PathBuf> =
            embedded().into_iter().map(|file| file.path.strip_prefix("features").unwrap().to_owned()).collect();
        assert_eq!(embedded, files);
    }

    fn mistake(text: &str) -> String {
        parse(vec![FeatureFile { path: PathBuf::from("mine.feature"), text: text.to_owned() }]).unwrap_err()
    }

    #[test]
    fn the_error_of_a_line_without_a_keyword_has_its_number() {
        let message = mistake("Feature: a\n\n  Scenario: b\n    Given c\n    Maybe d\n    Then e\n");
        assert_eq!(message, "mine.feature:5: \"Maybe d\" begins with none of Given, When, Then, And, But");
    }

    #[test]
    fn the_error_of_a_file_that_is_no_feature_has_its_position() {
        let message = mistake("Scenario: b\n  Given c\n");
        assert_eq!(message, "mine.feature:2:2: this line, or the line before it, is not valid Gherkin");
    }
}
