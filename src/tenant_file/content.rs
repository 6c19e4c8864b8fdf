//! Reads JSON and YAML files within bounds.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::Value;

use super::error::{Fault, Location};
use super::json;
use super::keywords::{self, Keywords, Mappings, Replaced};

/// Larger than a seed of a hundred thousand organizations, and nothing that one opens by mistake is read much further.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The reason why there is no content.
pub(crate) enum Unread {
    Unreadable(io::Error),
    TooLarge,
    /// The text fits, and no longer does with its keywords replaced.
    TooLargeReplaced,
    NotUtf8,
    Malformed(&'static str, Fault),
    /// A keyword on this line has a mapping that does not fit.
    Keyword(usize, String),
    #[cfg(not(feature = "yaml"))]
    YamlIsOff,
}

impl Unread {
    /// Where it is and what is wrong, of a file that is called so: a "seed".
    pub(crate) fn told(&self, file: &str, what: &str) -> (Location, String) {
        let file = Location::file(file);
        match self {
            Unread::Unreadable(error) => (file, format!("the {what} cannot be read: {error}")),
            Unread::TooLarge => (file, format!("the {what} is too large; {MOST_MEBIBYTES} MiB are the most")),
            Unread::TooLargeReplaced => {
                let fault = "is too large with the values of its keywords";
                (file, format!("the {what} {fault}; {MOST_MEBIBYTES} MiB are the most"))
            }
            Unread::NotUtf8 => (file, format!("the {what} is not a text in UTF-8")),
            Unread::Malformed(format, Fault { position, reason }) => {
                let place = match position {
                    Some((line, column)) => file.on_line(*line, Some(*column)),
                    None => file,
                };
                (place, format!("the {format} cannot be read: {reason}"))
            }
            Unread::Keyword(line, fault) => (file.on_line(*line, None), fault.clone()),
            #[cfg(not(feature = "yaml"))]
            Unread::YamlIsOff => {
                (file, format!("this build of m2mock reads {what}s in JSON only: its feature `yaml` is off"))
            }
        }
    }
}

const MOST_MEBIBYTES: usize = MOST_BYTES / (1024 * 1024);

/// The text of a file.
pub(crate) fn text(path: &Path) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    // One byte more than allowed is enough to refuse it, however long the file is, or if it never ends.
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

/// What a text with keywords holds.
pub(crate) struct Content {
    pub value: Value,
    /// Those that have no mapping.
    pub keywords: Keywords,
    /// The length of the text with the values of its keywords.
    pub bytes: usize,
}

/// The same with the keywords of the text replaced, which may become so many bytes long.
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
}

impl Format {
    fn of(text: &str, name: &str) -> Format {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
        match ending.as_deref() {
            Some("json") => Format::Json,
            Some("yaml" | "yml") => Format::Yaml,
            _ if text.trim_start().starts_with('{') => Format::Json,
            _ => Format::Yaml,
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Format;

    #[rstest]
    #[case::a_brace_is_json("{}", "seed", true)]
    #[case::anything_else_is_yaml("tenant: {}", "seed", false)]
    #[case::the_ending_decides("{}", "seed.YML", false)]
    #[case::the_ending_decides_for_json("tenant: {}", "seed.json", true)]
    fn the_format(#[case] text: &str, #[case] name: &str, #[case] is_json: bool) {
        assert_eq!(matches!(Format::of(text, name), Format::Json), is_json);
    }
}
