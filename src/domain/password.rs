//! The password policies of databases ("Password Strength in Auth0 Database Connections").
//!
//! A password is checked once, when it is set, and never stored.

/// The requirements of a database for passwords.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PasswordRules {
    /// The minimum number of characters.
    pub min_length: usize,
    /// Kinds of characters that count.
    pub kinds: Vec<Kind>,
    /// The least number of kinds that must occur.
    pub kinds_needed: usize,
    /// Whether the same character may occur more than twice in a row.
    pub repeats: bool,
}

/// A kind of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `a` to `z`.
    Lower,
    /// `A` to `Z`.
    Upper,
    /// `0` to `9`.
    Digit,
    /// Punctuation or a space.
    Special,
}

impl PasswordRules {
    /// At least this many characters of any kind.
    pub(crate) fn of_length(min_length: usize) -> PasswordRules {
        PasswordRules { min_length, kinds: Vec::new(), kinds_needed: 0, repeats: true }
    }

    /// The rules of a policy. A policy with an unknown name only refuses the empty password.
    pub(crate) fn named(policy: &str) -> PasswordRules {
        use Kind::{Digit, Lower, Special, Upper};
        match policy {
            "low" => Self::of_length(6),
            "fair" => PasswordRules { kinds: vec![Lower, Upper, Digit], kinds_needed: 3, ..Self::of_length(8) },
            "good" => {
                PasswordRules { kinds: vec![Lower, Upper, Digit, Special], kinds_needed: 3, ..Self::of_length(8) }
            }
            "excellent" => PasswordRules { min_length: 10, repeats: false, ..Self::named("good") },
            _ => Self::of_length(1),
        }
    }

    /// Whether a password is strong enough.
    pub(crate) fn accept(&self, password: &str) -> bool {
        let found = self.kinds.iter().filter(|kind| password.chars().any(|c| kind.has(c))).count();
        password.chars().count() >= self.min_length
            && found >= self.kinds_needed
            && (self.repeats || !has_three_in_a_row(password))
    }
}

impl Kind {
    /// The kind with this name in the options of a connection.
    pub(crate) fn named(name: &str) -> Option<Kind> {
        Some(match name {
            "lowercase" => Kind::Lower,
            "uppercase" => Kind::Upper,
            "number" => Kind::Digit,
            "special" => Kind::Special,
            _ => return None,
        })
    }

    fn has(self, c: char) -> bool {
        match self {
            Kind::Lower => c.is_ascii_lowercase(),
            Kind::Upper => c.is_ascii_uppercase(),
            Kind::Digit => c.is_ascii_digit(),
            Kind::Special => c == ' ' || c.is_ascii_punctuation(),
        }
    }
}

fn has_three_in_a_row(password: &str) -> bool {
    let characters: Vec<char> = password.chars().collect();
    characters.windows(3).any(|three| three[0] == three[1] && three[1] == three[2])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::PasswordRules;

    #[rstest]
    #[case::none("none", &["a"], &[""])]
    #[case::low("low", &["aaaaaa"], &["aaaaa"])]
    #[case::fair("fair", &["Abcdefg1"], &["abcdefg1", "Abcdef1", "Abcdefg!"])]
    #[case::good("good", &["Abcdefg1", "passpass$12$12", "Three plain words"], &["abcdefg1", "Abc1!"])]
    #[case::excellent("excellent", &["Abcdefghi1"], &["Abcdefgh1", "Abcdefghiii1", "abcdefghi1"])]
    fn a_policy(#[case] policy: &str, #[case] accepted: &[&str], #[case] refused: &[&str]) {
        let rules = PasswordRules::named(policy);
        for password in accepted {
            assert!(rules.accept(password), "{policy} takes {password:?}");
        }
        for password in refused {
            assert!(!rules.accept(password), "{policy} refuses {password:?}");
        }
    }
}
