//! Finds the tenant file of a background by its name.

use std::path::Path;
use std::{fmt, fs};

use crate::conformance::cleanup::has_names;
use crate::tenant_file::{Layout, Options, Report, SeedProblem, SeedProblemKind, Source, content};

/// The fixtures of this crate.
const BUILT_IN: [(&str, &str); 1] = [("travel0", include_str!("../../../fixtures/tenants/travel0.yaml"))];

/// A tenant file that scenarios use as their background.
pub(super) struct Fixture {
    /// The file, or the name of the fixture.
    pub title: String,
    pub layout: Layout,
}

/// Without the layout, which contains secrets.
impl fmt::Debug for Fixture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fixture").field("title", &self.title).finish_non_exhaustive()
    }
}

impl Fixture {
    /// The fixture of this name: a file or a folder beside the feature file, or a built-in fixture of this crate.
    /// `NAME.mappings.json` beside it has the values of its keywords.
    ///
    /// # Errors
    /// There is no such fixture, it has mistakes, or it needs a mock.
    pub(super) fn named(name: &str, beside: Option<&Path>, skips_unmodelled: bool) -> Result<Fixture, String> {
        let mut options = Options { skips_unmodelled, ..Options::default() };
        let Some(folder) = beside else { return Fixture::built_in(name, Path::new(""), &options) };
        let mappings = folder.join(format!("{name}.mappings.json"));
        if mappings.is_file() {
            let error_of = |reason: &str| format!("{}: the mappings of {name} {reason}", mappings.display());
            let text = fs::read_to_string(&mappings).map_err(|error| error_of(&format!("cannot be read: {error}")))?;
            let content = content::parse(&text, "mappings.json").map_err(|_| error_of("are not JSON"))?;
            options.mappings.extend(content).map_err(|()| error_of("are not an object"))?;
        }
        let endings = [".yaml", ".yml", ".json", ""];
        let mut paths = endings.iter().map(|ending| folder.join(format!("{name}{ending}")));
        match paths.find(|path| path.exists()) {
            Some(path) => {
                let mut report = Report::default();
                let source = Source::of_path(&path, &options, &mut report);
                Fixture::read(path.display().to_string(), source, &options, report)
            }
            None => Fixture::built_in(name, folder, &options),
        }
    }

    fn built_in(name: &str, folder: &Path, options: &Options) -> Result<Fixture, String> {
        let Some((known, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = BUILT_IN.iter().map(|(known, _)| *known).collect();
            let file = folder.join(format!("{name}.yaml"));
            return Err(format!(
                "there is no fixture {name:?}: neither {} nor one of {}",
                file.display(),
                known.join(", ")
            ));
        };
        let title = format!("the fixture {known}");
        let mut report = Report::default();
        let source = Source::of_text(text, &title, None, options, &mut report);
        Fixture::read(title, source, options, report)
    }

    fn read(title: String, source: Source, options: &Options, mut report: Report) -> Result<Fixture, String> {
        if let Some(ours) = &source.ours {
            return Err(format!(
                "{}: faults, rate limits and missing features are for seeds of a mock only",
                ours.section
            ));
        }
        let mut layout = Layout::read(source, options, &mut report);
        let mut others = Vec::new();
        for rows in [&mut layout.before_clients, &mut layout.after_settings] {
            others.extend(rows.extract_if(.., |(section, _)| !section.has_names() || !has_names(section.traits.path)));
        }
        if let Some((section, entry)) = others.first().filter(|_| !options.skips_unmodelled) {
            report.error(SeedProblem::not_for_scenarios(&entry.place, section.name));
        }
        report.verdict().map_err(|error| {
            let is_unmodelled = |problem: &SeedProblem| problem.kind == SeedProblemKind::UnmodelledSection;
            let advice = "; in a scenario, `the modelled sections of the tenant` leaves such sections out";
            format!("{error}{}", if error.problems().iter().any(is_unmodelled) { advice } else { "" })
        })?;
        let clients = layout.clients.iter().map(|client| &client.entry);
        if let Some(entry) = layout.apis.iter().chain(clients).find(|entry| !entry.actions.is_empty()) {
            return Err(format!("{}: credentials_exchange below x-m2mock is for seeds of a mock only", entry.place));
        }
        Ok(Fixture { title, layout })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::{BUILT_IN, Fixture};
    use crate::tenant_file::{Options, Report, Source};

    #[test]
    fn every_fixture_of_the_crate_has_its_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tenants");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files: BTreeSet<String> =
            files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        assert_eq!(files, BUILT_IN.iter().map(|(name, _)| (*name).to_owned()).collect());
    }

    #[test]
    fn the_error_of_a_missing_fixture_has_the_expected_path() {
        let error = Fixture::named("agency", Some(Path::new("features")), false).unwrap_err();
        let file = Path::new("features").join("agency.yaml");
        assert_eq!(error, format!("there is no fixture \"agency\": neither {} nor one of travel0", file.display()));
    }

    #[test]
    fn the_error_of_an_invalid_fixture_has_its_name() {
        let error = |text: &str| {
            let (options, mut report) = (Options::default(), Report::default());
            let source = Source::of_text(text, "a.yaml", None, &options, &mut report);
            Fixture::read("a.yaml".to_owned(), source, &options, report).unwrap_err()
        };
        assert!(error("- 1").starts_with("a.yaml: an object with sections"), "{}", error("- 1"));
        assert_eq!(error("clients: bot"), "a.yaml, clients: a list belongs here");
        assert_eq!(
            error("x-m2mock: { rate_limits: true }"),
            "a.yaml, x-m2mock: faults, rate limits and missing features are for seeds of a mock only"
        );
    }
}
