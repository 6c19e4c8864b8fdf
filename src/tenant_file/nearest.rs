//! Suggests the nearest known word for a misspelt one.

/// Words beyond this length are no misspelling of anything, and would take long to compare.
const LONGEST: usize = 64;

/// The nearest of the known words, if one is near: at most a third of the letters differ. Case, `_` and `-` count for
/// nothing, so that `client_grants` is near `clientGrants`.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let letters = letters(word);
    if letters.is_empty() || letters.len() > LONGEST {
        return None;
    }
    let distances = known.into_iter().map(|known| (distance(&letters, &self::letters(known)), known));
    let (distance, nearest) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= (letters.len() / 3).max(1) && distance < letters.len()).then_some(nearest)
}

fn letters(word: &str) -> Vec<char> {
    let letters = word.chars().filter(|letter| !['_', '-', ' '].contains(letter)).flat_map(char::to_lowercase);
    letters.take(LONGEST + 1).collect()
}

/// How many letters have to be added, removed, replaced or swapped with their neighbour (optimal string alignment).
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before = vec![0; other.len() + 1];
    let mut last: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in other.iter().enumerate() {
            let replaced = last[j] + usize::from(a != b);
            let mut least = replaced.min(last[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a == other[j - 1] && one[i - 1] == *b {
                least = least.min(before[j - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut last, next);
    }
    last[other.len()]
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::nearest;

    #[rstest]
    #[case::a_letter_missing("app_typ", Some("app_type"))]
    #[case::two_letters_swapped("app_tpye", Some("app_type"))]
    #[case::another_case("appType", Some("app_type"))]
    #[case::another_number("callback", Some("callbacks"))]
    #[case::nothing_like_it("organization", None)]
    #[case::one_letter("x", None)]
    #[case::no_letter("", None)]
    fn the_nearest_word(#[case] word: &str, #[case] expected: Option<&str>) {
        assert_eq!(nearest(word, ["name", "app_type", "callbacks"]), expected);
    }

    #[test]
    fn a_word_without_end_is_near_to_nothing() {
        assert_eq!(nearest(&"a".repeat(1_000_000), ["a"]), None);
    }
}
