//! Reads JSON and YAML files within bounds.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::format::Format;
use super::json;
use super::keywords::{self, Keywords, Mappings, Replaced};
use super::unread::{Fault, MOST_BYTES, Unread};

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    // One byte beyond the limit is enough to refuse the file, also if it never ends.
    let limit = MOST_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    read.map_err(Unread::Unreadable)?;
    if bytes.len() > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    String::from_utf8(bytes).map_err(|_| Unread::NotUtf8)
}

/// The value of a text. The ending of its name decides the format: `.json`, `.yaml` or `.yml`. Under another name, a text
/// that begins with a brace is JSON and anything else YAML.
pub(crate) fn parse(text: &str, name: &str) -> Result<Value, Unread> {
    let text = bounded(text)?;
    read(&Replaced::nothing(text), Format::of(text, name))
}

/// The value of a text with keywords.
pub(crate) struct Content {
    pub value: Value,
    /// The keywords without a mapping.
    pub keywords: Keywords,
    /// The length of the text with the values of its keywords.
    pub bytes: usize,
}

/// The same with the keywords of the text replaced. The text may then have at most this many bytes.
pub(crate) fn parse_with(text: &str, name: &str, mappings: &Mappings, most: usize) -> Result<Content, Unread> {
    let text = bounded(text)?;
    let format = Format::of(text, name);
    let replaced = keywords::replace(text, format, mappings, most)?;
    let value = read(&replaced, format)?;
    Ok(Content { value, bytes: replaced.text.len(), keywords: replaced.keywords })
}

fn bounded(text: &str) -> Result<&str, Unread> {
    if text.len() > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn read(replaced: &Replaced<'_>, format: Format) -> Result<Value, Unread> {
    let malformed = |format: &'static str, mut fault: Fault| {
        fault.position = fault.position.map(|(line, column)| replaced.original_position(line, column));
        fault.reason = replaced.original_positions(&fault.reason);
        Unread::Malformed(format, fault)
    };
    match format {
        Format::Json => json::read(&replaced.text).map_err(|fault| malformed("JSON", fault)),
        #[cfg(feature = "yaml")]
        Format::Yaml => crate::yaml::read(&replaced.text)
            .map_err(|error| malformed("YAML", Fault::new(&error.reason, error.position))),
        #[cfg(not(feature = "yaml"))]
        Format::Yaml => Err(Unread::YamlIsOff),
    }
}
