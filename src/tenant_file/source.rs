//! The entries of a seed by section, from any layout, before their members are interpreted.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::{Report, SeedProblem};
use super::files::Folder;
use super::keywords::{Keywords, Mappings, Unmapped};
use super::location::Location;
use super::sections;
use super::shape::list;

/// The options of a reader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub mappings: Mappings,
    /// Whether a section that is not modelled is a warning.
    pub skips_unmodelled: bool,
}

/// The entries of a seed, by section.
pub(crate) struct Source {
    sections: BTreeMap<&'static str, Vec<Raw>>,
    /// The value of `x-m2mock`, beside the sections.
    pub ours: Option<Raw>,
}

/// One entry of a section, or a section that is one object.
pub(crate) struct Raw {
    pub section: Location,
    /// The number in a list, from 1. An entry with a file of its own has none.
    pub number: Option<usize>,
    pub value: Value,
    /// The keywords without a mapping.
    pub unmapped: Vec<Unmapped>,
    /// The folder of the files of the entry; `None` for a seed that is a text.
    pub folder: Option<Folder>,
}

impl Raw {
    pub(crate) fn new(section: Location, number: Option<usize>, mut value: Value, keywords: &Keywords) -> Raw {
        let unmapped = keywords.restore(&mut value);
        Raw { section, number, value, unmapped, folder: None }
    }

    /// Moves the value into another one, to the place at the end of these steps.
    pub(super) fn put_below(&mut self, steps: &[&str], outside: impl FnOnce(Value) -> Value) {
        self.value = outside(self.value.take());
        for unmapped in &mut self.unmapped {
            unmapped.path.splice(0..0, steps.iter().map(|step| (*step).to_owned()));
        }
    }

    /// Removes a part of the value, with the keywords in it.
    pub(super) fn trim(&mut self, trim: fn(&mut Map<String, Value>)) {
        let Value::Object(members) = &mut self.value else { return };
        trim(members);
        let Raw { value, unmapped, .. } = self;
        unmapped.retain(|unmapped| unmapped.path.iter().try_fold(&*value, below).is_some());
    }

    /// The location of the entry with this title.
    pub(crate) fn place(&self, title: Option<&str>) -> Location {
        match (self.number, title) {
            (Some(number), title) => self.section.entry(number, title),
            (None, Some(title)) => self.section.at(title),
            (None, None) => self.section.clone(),
        }
    }

    /// Reports the keywords without a mapping, and returns whether there is one.
    pub(crate) fn report_keywords(&self, place: &Location, report: &mut Report) -> bool {
        for unmapped in &self.unmapped {
            let inside = unmapped.path.iter().fold(place.clone(), |place, step| place.at(step));
            report.error(SeedProblem::unmapped_keyword(&inside.on_line(unmapped.line, None), &unmapped.key));
        }
        !self.unmapped.is_empty()
    }
}

/// The value one step along the path of a keyword.
fn below<'v>(value: &'v Value, step: &String) -> Option<&'v Value> {
    match value {
        Value::Array(items) => items.get(step.strip_prefix("entry ")?.parse::<usize>().ok()?.checked_sub(1)?),
        value => value.get(step),
    }
}

impl Source {
    pub(super) fn empty() -> Source {
        Source { sections: BTreeMap::new(), ours: None }
    }

    /// Whether a section without effect is a mistake.
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
                let problem = SeedProblem::unknown_section(place, section, &sections::all());
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

    /// Removes and returns the entries of a section.
    pub(crate) fn take(&mut self, section: &'static str) -> Vec<Raw> {
        self.sections.remove(section).unwrap_or_default()
    }
}

impl Raw {
    /// The entries of a list.
    pub(super) fn entries(self, report: &mut Report) -> Vec<Raw> {
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
