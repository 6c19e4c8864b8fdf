//! A seed as it was read: the entries of each section, wherever they stood, before anything is known of their meaning.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::content::{self, MOST_BYTES};
use super::error::{Location, Report, SeedProblem};
use super::files::Folder;
use super::keywords::{Keywords, Mappings, Unmapped};
use super::layout::{OURS, list};
use super::sections;

/// What the reader of a seed may be asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub mappings: Mappings,
    /// Whether a section that is not modelled is a warning.
    pub skips_unmodelled: bool,
}

/// The entries of a seed, by section.
pub(crate) struct Source {
    sections: BTreeMap<&'static str, Vec<Raw>>,
    /// Our own part, which stands beside the sections.
    pub ours: Option<Raw>,
}

/// One entry of a section, or a section that is one object.
pub(crate) struct Raw {
    pub section: Location,
    /// Its number in a list, from 1. An entry with a file of its own has none.
    pub number: Option<usize>,
    pub value: Value,
    /// The keywords in it that have no mapping.
    pub unmapped: Vec<Unmapped>,
    /// Where the files lie that it refers to; nowhere for a seed that is a text.
    pub folder: Option<Folder>,
}

impl Raw {
    pub(crate) fn new(section: Location, number: Option<usize>, mut value: Value, keywords: &Keywords) -> Raw {
        let unmapped = keywords.restore(&mut value);
        Raw { section, number, value, unmapped, folder: None }
    }

    /// The place of the entry that has this title.
    pub(crate) fn place(&self, title: Option<&str>) -> Location {
        match (self.number, title) {
            (Some(number), title) => self.section.entry(number, title),
            (None, Some(title)) => self.section.at(title),
            (None, None) => self.section.clone(),
        }
    }

    /// Tells of the keywords without a mapping; whether there is one.
    pub(crate) fn report_keywords(&self, place: &Location, report: &mut Report) -> bool {
        for unmapped in &self.unmapped {
            let inside = unmapped.path.iter().fold(place.clone(), |place, step| place.at(step));
            report.error(SeedProblem::unmapped_keyword(&inside.on_line(unmapped.line, None), &unmapped.key));
        }
        !self.unmapped.is_empty()
    }
}

impl Source {
    fn empty() -> Source {
        Source { sections: BTreeMap::new(), ours: None }
    }

    /// Reads a text; `folder` holds the files that it refers to.
    pub(crate) fn of_text(
        text: &str,
        name: &str,
        folder: Option<&Folder>,
        options: &Options,
        report: &mut Report,
    ) -> Source {
        let mut source = Source::empty();
        let file = Location::file(name);
        let (content, keywords) = match content::parse_with(text, name, &options.mappings, MOST_BYTES) {
            Ok(content) => (content.value, content.keywords),
            Err(unread) => {
                report.error(SeedProblem::unread(name, &unread));
                return source;
            }
        };
        let Value::Object(sections) = content else {
            let sections = sections::MODELLED.join(", ");
            report.error(SeedProblem::wrong_shape(&file, &format!("an object with sections ({sections})")));
            return source;
        };
        for (section, value) in sections {
            if section == OURS {
                source.ours = Some(Raw::new(file.at(OURS), None, value, &keywords));
                continue;
            }
            let Some(modelled) = modelled(&section) else {
                source.other_section(&file, &section, sections::is_empty(&value), options, report);
                continue;
            };
            let mut raw = Raw::new(file.at(&section), None, value, &keywords);
            raw.folder = folder.cloned();
            let is_keyword = raw.value.is_string() && raw.report_keywords(&raw.section, report);
            let entries = match modelled {
                _ if is_keyword => Vec::new(),
                "tenant" => vec![raw],
                _ => raw.entries(report),
            };
            source.sections.insert(modelled, entries);
        }
        source
    }

    /// Reads a file, or a folder with a file for each entry.
    pub(crate) fn of_path(path: &Path, options: &Options, report: &mut Report) -> Source {
        if path.is_dir() {
            let mut source = Source::empty();
            super::folder::read(path, &mut source, options, report);
            return source;
        }
        let name = path.display().to_string();
        match content::text(path) {
            Ok(text) => Source::of_text(&text, &name, Folder::of_file(path).as_ref(), options, report),
            Err(unread) => {
                report.error(SeedProblem::unread(&name, &unread));
                Source::empty()
            }
        }
    }

    /// A section that holds nothing for the tenant: whether that is a mistake.
    pub(crate) fn other_section(
        &mut self,
        place: &Location,
        section: &str,
        is_empty: bool,
        options: &Options,
        report: &mut Report,
    ) {
        match (sections::is_unmodelled(section), is_empty, options.skips_unmodelled) {
            (false, ..) => {
                let problem = SeedProblem::unknown_section(place, section, &sections::all(), &sections::MODELLED);
                report.error(problem);
            }
            (true, true, _) => {}
            (true, false, true) => report.warn(SeedProblem::skipped_section(place, section)),
            (true, false, false) => report.error(SeedProblem::unmodelled_section(place, section)),
        }
    }

    /// Adds an entry to a section that is modelled.
    pub(crate) fn add(&mut self, section: &'static str, entry: Raw) {
        self.sections.entry(section).or_default().push(entry);
    }

    /// The entries of a section, taken out.
    pub(crate) fn take(&mut self, section: &'static str) -> Vec<Raw> {
        self.sections.remove(section).unwrap_or_default()
    }
}

fn modelled(section: &str) -> Option<&'static str> {
    sections::MODELLED.into_iter().find(|modelled| *modelled == section)
}

impl Raw {
    /// The entries of a list.
    fn entries(self, report: &mut Report) -> Vec<Raw> {
        let Raw { section, value, folder, unmapped, .. } = self;
        let values = report.accept(list(Some(value), &section)).unwrap_or_default();
        let mut entries: Vec<Raw> = values
            .into_iter()
            .enumerate()
            .map(|(index, value)| Raw {
                section: section.clone(),
                number: Some(index + 1),
                value,
                unmapped: Vec::new(),
                folder: folder.clone(),
            })
            .collect();
        for mut unmapped in unmapped {
            // The first step of its path is the entry.
            let number = unmapped.path.first().and_then(|entry| entry.strip_prefix("entry ")?.parse::<usize>().ok());
            if let Some(entry) = number.and_then(|number| entries.get_mut(number - 1)) {
                unmapped.path.remove(0);
                entry.unmapped.push(unmapped);
            }
        }
        entries
    }
}
