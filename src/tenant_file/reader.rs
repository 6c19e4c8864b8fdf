//! Reads a seed from a text, a file or a folder into its [`Source`].

use std::path::Path;

use serde_json::Value;

use super::content;
use super::error::{Report, SeedProblem};
use super::files::Folder;
use super::folder;
use super::location::Location;
use super::sections::{self, OURS};
use super::source::{Options, Raw, Source};
use super::unread::MOST_BYTES;

impl Source {
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
            report.error(SeedProblem::wrong_shape(&file, "an object with sections (tenant, clients and others)"));
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
                section if sections::is_list(section) => raw.entries(report),
                _ => vec![raw],
            };
            for entry in entries {
                source.add(modelled, entry);
            }
        }
        source
    }

    /// Reads a file, or a folder with a file for each entry.
    pub(crate) fn of_path(path: &Path, options: &Options, report: &mut Report) -> Source {
        if path.is_dir() {
            let mut source = Source::empty();
            folder::read(path, &mut source, options, report);
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
}

fn modelled(section: &str) -> Option<&'static str> {
    sections::modelled().find(|modelled| *modelled == section)
}
