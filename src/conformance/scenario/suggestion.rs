//! Suggestions for a sentence that no step has.
//!
//! Sentences are compared word by word. A word of the step that the sentence lacks costs little, because the sentence may be
//! a correct beginning; an optional word costs nothing. A step that grants and one that refuses look alike, so a suggestion always
//! has the nearest step that denies something, too.

/// The most suggestions by likeness alone.
const MOST: usize = 2;

/// How much less alike than the nearest step a suggestion may be.
const SLACK: f64 = 1.0;

/// The places of the suggested sentences, the nearest first. A sentence is written as `m2mock steps` shows it.
pub(crate) fn nearest(sentence: &str, known: &[String]) -> Vec<usize> {
    let words = words(sentence);
    let mut by_cost: Vec<(f64, usize)> =
        known.iter().enumerate().map(|(place, known)| (cost(&words, &pattern(known)), place)).collect();
    by_cost.sort_by(|one, other| one.0.total_cmp(&other.0));
    let Some((least, _)) = by_cost.first().copied() else { return Vec::new() };
    let is_near = |(cost, _): &&(f64, usize)| *cost <= least + SLACK;
    let mut suggested: Vec<usize> = by_cost.iter().take_while(is_near).take(MOST).map(|(_, place)| *place).collect();
    let denies = |place: &usize| is_negated(&known[*place]);
    if !suggested.iter().any(denies) {
        suggested.extend(by_cost.iter().map(|(_, place)| *place).find(denies));
    }
    suggested
}

/// Whether a sentence denies something.
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

/// A word that a step has: one of these.
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

/// The cost of making the sentence of the pattern.
fn cost(words: &[String], pattern: &[Word<'_>]) -> f64 {
    const LACKING: f64 = 0.3;
    const TOO_MUCH: f64 = 1.0;
    let lacking = |word: &Word<'_>| if word.is_optional { 0.0 } else { LACKING };
    let mut row: Vec<f64> = vec![0.0];
    for word in pattern {
        row.push(row.last().copied().unwrap_or_default() + lacking(word));
    }
    for word in words {
        let mut corner = row[0];
        row[0] += TOO_MUCH;
        for (at, against) in pattern.iter().enumerate() {
            let unlike = against.alternatives.iter().map(|one| unlike(word, one)).fold(TOO_MUCH, f64::min);
            let changed = corner + unlike;
            corner = row[at + 1];
            row[at + 1] = changed.min(row[at] + lacking(against)).min(corner + TOO_MUCH);
        }
    }
    row.last().copied().unwrap_or_default()
}

/// The difference between two words: 0 if they are the same, 1 if no letter is.
fn unlike(one: &str, other: &str) -> f64 {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, character) in one.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, against) in other.iter().enumerate() {
            let changed = corner + usize::from(character != against);
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

    fn suggested(sentence: &str) -> Vec<&'static str> {
        nearest(sentence, &KNOWN.map(str::to_owned)).into_iter().map(|place| KNOWN[place]).collect()
    }

    #[rstest]
    #[case::a_beginning("the token is refused", r#"the token is refused with N "…""#)]
    #[case::a_synonym("the token is granted", "a token is granted")]
    #[case::a_number("the answer is 404 now", "the answer is N")]
    #[case::a_text(r#"the answer carries not "next""#, r#"the answer carries no "…""#)]
    #[case::an_optional_part(r#""bot" askes for a token for "travel""#, KNOWN[8])]
    fn the_nearest_step_comes_first(#[case] sentence: &str, #[case] expected: &str) {
        assert_eq!(suggested(sentence)[0], expected, "{:?}", suggested(sentence));
    }

    #[rstest]
    #[case("no token is granted")]
    #[case("a token isn't granted")]
    #[case("a token is given")]
    fn a_step_that_denies_is_among_them(#[case] sentence: &str) {
        let suggested = suggested(sentence);
        assert!(suggested.iter().any(|step| step.contains("without") || step.contains("refused")), "{suggested:?}");
    }

    #[test]
    fn where_no_step_is_known_none_is_suggested() {
        assert!(nearest("anything", &[]).is_empty());
    }
}
