//! The reasons why a file or a text of a seed cannot be read, and the sentence for each.

use std::io;

use super::location::Location;

/// The most bytes of a file. A seed of a hundred thousand organizations has fewer.
pub(crate) const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The reason why there is no content.
pub(crate) enum Unread {
    Unreadable(io::Error),
    TooLarge,
    /// The text with replaced keywords is too long.
    TooLargeReplaced,
    NotUtf8,
    Malformed(&'static str, Fault),
    /// A keyword on this line has a mapping of the wrong form.
    Keyword(usize, String),
    #[cfg(not(feature = "yaml"))]
    YamlIsOff,
}

impl Unread {
    /// The location and the fault in a sentence. The noun for the file is a parameter: a "seed".
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

/// The place in a text where it stops being JSON or YAML, and the reason.
pub(crate) struct Fault {
    /// Line and column, from 1.
    pub position: Option<(usize, usize)>,
    pub reason: String,
}

impl Fault {
    /// The libraries end their sentences with the position, which our sentences begin with.
    pub(crate) fn new(sentence: &str, position: Option<(usize, usize)>) -> Fault {
        let said = position.map(|(line, column)| format!(" at line {line} column {column}"));
        let reason = said.map_or_else(|| sentence.to_owned(), |said| sentence.replacen(&said, "", 1));
        Fault { position, reason }
    }
}
