//! Suggestions for a sentence that no step has.
//!
//! Sentences are compared word by word. A word of the step that the sentence lacks costs little, because the sentence may be
//! a correct beginning; an optional word costs nothing. "A token is granted" and "no token is granted" are nearly equal,
//! so the suggestions always include the nearest step with a negation.

/// The maximum number of suggestions by similarity alone.
const MOST: usize = 2;

/// The maximum difference in cost between the nearest step and a suggestion.
const SLACK: f64 = 1.0;

/// The indexes of the suggestions sentences in `known`, the nearest first. A sentence is written as `m2mock steps` prints it.
pub(crate) fn nearest(sentence: &str, known: &[String]) -> Vec<usize> {
    let words = words(sentence);
    let mut by_cost: Vec<(f64, usize)> =
        known.iter().enumerate().map(|(index, known)| (cost(&words, &pattern(known)), index)).collect();
    by_cost.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some((least, _)) = by_cost.first().copied() else { return Vec::new() };
    let is_near = |(cost, _): &&(f64, usize)| *cost <= least + SLACK;
    let mut suggestions: Vec<usize> = by_cost.iter().take_while(is_near).take(MOST).map(|(_, index)| *index).collect();
    let denies = |index: &usize| is_negated(&known[*index]);
    if !suggestions.iter().any(denies) {
        suggestions.extend(by_cost.iter().map(|(_, index)| *index).find(denies));
    }
    suggestions
}

/// Whether a sentence contains a negation.
fn is_negated(sentence: &str) -> bool {
    const NEGATIONS: [&str; 8] = ["no", "not", "none", "never", "without", "refused", "empty", "cannot"];
    sentence.split(|c: char| !c.is_alphanumeric()).any(|word| NEGATIONS.contains(&word))
}

/// The words of a sentence, `"…"` for each text and `N` for each number in it.
fn words(sentence: &str) -> Vec<String> {
    let parts = sentence.split('"').enumerate();
    let bare = parts.map(|(number, part)| if number % 2 == 0 { part } else { "\"…\"" });
    let bare: String = bare.collect();
    bare.split_whitespace()
        .map(|word| if word.bytes().all(|byte| byte.is_ascii_digit()) { "N".to_owned() } else { word.to_owned() })
        .collect()
}

/// A word of a step, with its alternatives.
struct Word<'a> {
    alternatives: Vec<&'a str>,
    is_optional: bool,
}

fn pattern(known: &str) -> Vec<Word<'_>> {
    let mut depth = 0_usize;
    let mut words = Vec::new();
    for word in known.split_whitespace() {
        let (opened, closed) = (word.matches('[').count(), word.matches(']').count());
        // A group that opens after its word, as `token[`, begins with the next one.
        let is_optional = depth > 0 || word.starts_with('[');
        depth = (depth + opened).saturating_sub(closed);
        let bare = word.trim_matches(['[', ']', '(', ')']);
        let alternatives = bare.split('|').flat_map(|part| part.split("][")).collect();
        words.push(Word { alternatives, is_optional });
    }
    words
}

/// The cost of turning the pattern into the sentence.
fn cost(words: &[String], pattern: &[Word<'_>]) -> f64 {
    const MISSING_WORD: f64 = 0.3;
    const EXTRA_WORD: f64 = 1.0;
    let missing = |word: &Word<'_>| if word.is_optional { 0.0 } else { MISSING_WORD };
    let mut row: Vec<f64> = vec![0.0];
    for word in pattern {
        row.push(row.last().copied().unwrap_or_default() + missing(word));
    }
    for word in words {
        let mut corner = row[0];
        row[0] += EXTRA_WORD;
        for (at, candidate) in pattern.iter().enumerate() {
            let difference = candidate.alternatives.iter().map(|one| difference(word, one)).fold(EXTRA_WORD, f64::min);
            let changed = corner + difference;
            corner = row[at + 1];
            row[at + 1] = changed.min(row[at] + missing(candidate)).min(corner + EXTRA_WORD);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The difference between two words: 0 if they are the same, 1 if no letter is.
fn difference(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, character) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, candidate) in other.iter().enumerate() {
            let changed = corner + usize::from(character != candidate);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[other.len()] as f64 / one.len().max(other.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::nearest;

    const KNOWN: [&str; 9] = [
        "a token is granted",
        "a token without an organization is granted",
        r#"the token is refused with N "…""#,
        r#"the token is refused with N "…" "…""#,
        "the answer is N",
        "the answer carries",
        r#"the answer carries no "…""#,
        "the list is empty",
        r#""…" asks for a token[ for ("…"|the Management API)][ in organization "…"][ with scope "…"]"#,
    ];

    fn suggestions(sentence: &str) -> Vec<&'static str> {
        nearest(sentence, &KNOWN.map(str::to_owned)).into_iter().map(|index| KNOWN[index]).collect()
    }

    #[rstest]
    #[case::a_beginning("the token is refused", r#"the token is refused with N "…""#)]
    #[case::a_synonym("the token is granted", "a token is granted")]
    #[case::a_number("the answer is 404 now", "the answer is N")]
    #[case::a_text(r#"the answer carries not "next""#, r#"the answer carries no "…""#)]
    #[case::an_optional_part(r#""bot" askes for a token for "travel""#, KNOWN[8])]
    fn the_nearest_step_comes_first(#[case] sentence: &str, #[case] expected: &str) {
        assert_eq!(suggestions(sentence)[0], expected, "{:?}", suggestions(sentence));
    }

    #[rstest]
    #[case("no token is granted")]
    #[case("a token isn't granted")]
    #[case("a token is given")]
    fn the_suggestions_include_a_step_with_a_negation(#[case] sentence: &str) {
        let suggestions = suggestions(sentence);
        assert!(suggestions.iter().any(|step| step.contains("without") || step.contains("refused")), "{suggestions:?}");
    }

    #[test]
    fn without_steps_there_are_no_suggestions() {
        assert!(nearest("anything", &[]).is_empty());
    }
}
