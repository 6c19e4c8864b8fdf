//! Removes known secrets from a text.

use std::borrow::Cow;
use std::fmt;

/// Secrets whose values are known, such as those of an Action. A text that contains one is redacted under any name.
#[derive(Clone, Default)]
pub(crate) struct SecretValues(Vec<String>);

/// Omits the secrets.
impl fmt::Debug for SecretValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretValues").finish_non_exhaustive()
    }
}

impl SecretValues {
    /// These secrets. Empty ones are ignored.
    #[cfg(any(test, feature = "javascript"))]
    pub(crate) fn new(values: impl IntoIterator<Item = String>) -> Self {
        let mut all = Vec::new();
        for value in values.into_iter().filter(|value| !value.is_empty()) {
            // An object in JSON contains the value with escapes.
            let escaped = serde_json::Value::from(value.as_str()).to_string();
            let escaped = escaped[1..escaped.len() - 1].to_owned();
            all.extend((escaped != value).then_some(escaped));
            all.push(value);
        }
        // A secret may contain another one.
        all.sort_by_key(|value| std::cmp::Reverse(value.len()));
        SecretValues(all)
    }

    /// The text with a mask in the place of each secret.
    pub(crate) fn redact<'t>(&self, text: &'t str, mask: &str) -> Cow<'t, str> {
        self.0.iter().fold(Cow::Borrowed(text), |text, value| {
            if text.contains(value.as_str()) { Cow::Owned(text.replace(value.as_str(), mask)) } else { text }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SecretValues;

    #[test]
    fn a_known_secret_is_removed_from_any_text() {
        let secrets = SecretValues::new(["ab", "abc", "", "x\"y\""].map(str::to_owned));
        assert_eq!(secrets.redact("abcab and ab", "…"), "…… and …");
        assert_eq!(secrets.redact(r#"{"key":"x\"y\""} x"y""#, "…"), r#"{"key":"…"} …"#);
        assert_eq!(secrets.redact("nothing", "…"), "nothing");
    }
}
