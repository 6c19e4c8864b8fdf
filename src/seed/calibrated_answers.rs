//! Reads and writes files of [`CalibratedAnswers`]: JSON, or YAML with the feature `yaml`.

use std::path::Path;

use crate::api::{CalibratedAnswers, CalibratedAnswersError};
use crate::tenant_file::content;
use crate::tenant_file::unread::Unread;

impl CalibratedAnswers {
    /// Reads answers from a file: JSON, or YAML with the feature `yaml`.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or [`parse`](CalibratedAnswers::parse) refuses it.
    pub fn read(path: impl AsRef<Path>) -> Result<CalibratedAnswers, CalibratedAnswersError> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let text = content::text(path).map_err(|unread| unreadable(&unread, &name))?;
        CalibratedAnswers::parse(&text, &name)
    }

    /// Reads answers from a text. Errors contain its name, whose ending decides the format: `.json`, `.yaml` or `.yml`.
    ///
    /// # Errors
    ///
    /// The text is not JSON or YAML, or an entry names a rule, an operation, a status, a placeholder or a key that there is
    /// not.
    pub fn parse(text: &str, name: &str) -> Result<CalibratedAnswers, CalibratedAnswersError> {
        let content = content::parse(text, name).map_err(|unread| unreadable(&unread, name))?;
        CalibratedAnswers::of_json(content, name)
    }

    /// The text of a file with this name.
    #[cfg(all(feature = "cli", feature = "conformance"))]
    pub(crate) fn written(&self, file: &Path) -> Result<String, String> {
        if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) {
            return serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| error.to_string());
        }
        crate::yaml::write(self).map_err(|error| error.to_string())
    }
}

fn unreadable(unread: &Unread, name: &str) -> CalibratedAnswersError {
    let (place, sentence) = unread.told(name, "file");
    CalibratedAnswersError::new(&place.to_string(), sentence)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::api::CalibratedAnswers;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[a-zA-Z0-9{}\\[\\]:,.&*#'\"|> \n-]{0,120}") {
            for name in ["a.json", "a.yaml"] {
                let _ = CalibratedAnswers::parse(&text, name);
            }
        }

        #[test]
        fn a_file_with_a_mistake_anywhere_is_read_or_refused(at in 0usize..260, with in "[a-z{}:\"'\n -]{0,3}") {
            let mut text = "calibrated: '2026-01-01'\ntoken:\n  R15:\n    status: 403\n    error: access_denied\n    \
                error_description: 'no {organization}'\n    scenarios:\n    - 'a: b'\nmanagement: []\nseen:\n- scenario: a\n"
                .to_owned();
            let at = at.min(text.len());
            text.insert_str(at, &with);
            if let Err(error) = CalibratedAnswers::parse(&text, "answers.yaml") {
                prop_assert!(error.to_string().starts_with("answers.yaml"), "{}", error);
            }
        }
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn a_file_says_where_it_is_wrong() {
        let error = CalibratedAnswers::parse("token:\n  R15:\n    status: 12\n", "answers.yaml").unwrap_err();
        assert_eq!(error.to_string(), "answers.yaml, token, R15, status: a refusal has a status from 400 to 599");
        let error = CalibratedAnswers::parse("token: [", "answers.yaml").unwrap_err().to_string();
        assert!(error.contains("the YAML cannot be read"), "{error}");
        let error = CalibratedAnswers::read("no/such/file.yaml").unwrap_err().to_string();
        assert!(error.starts_with("no/such/file.yaml: the file cannot be read"), "{error}");
    }
}
