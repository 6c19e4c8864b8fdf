//! The format of a text that is read: JSON or YAML.

use std::path::Path;

/// The format of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
}

impl Format {
    pub(super) fn of(text: &str, name: &str) -> Format {
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
