//! Checks the bounds of a query and prepares its text for the grammar.
//!
//! The grammar is recursive, so the depth of groups is checked before it runs. It also has more syntax than Lucene: `'`
//! and `/` are escaped, because the grammar would read them as quotes and as the ends of a pattern.

use super::bounds::{DEEPEST, LONGEST};
use super::error::QueryError;

/// The query in the syntax of the grammar.
pub(super) fn prepare(text: &str) -> Result<String, QueryError> {
    if text.len() > LONGEST {
        return Err(QueryError::TooLong);
    }
    let mut out = Writer { text: String::with_capacity(text.len() + 16), word: 0, negated: false };
    let mut depth = 0;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                out.text.push('\\');
                out.text.extend(chars.next());
            }
            '"' => {
                out.text.push('"');
                copy_quoted(&mut chars, &mut out.text);
            }
            '[' | '{' => {
                out.text.push(c);
                copy_range(&mut chars, &mut out.text);
            }
            '\'' | '/' => out.text.extend(['\\', c]),
            '(' => {
                depth += 1;
                if depth > DEEPEST {
                    return Err(QueryError::TooDeep);
                }
                // `NOT(` is two words.
                if matches!(out.current(), "AND" | "OR" | "NOT" | "&&" | "||") {
                    out.end_word()?;
                    out.text.push(' ');
                }
                out.text.push('(');
                out.begin_word();
                out.negated = false;
            }
            ')' => {
                depth = depth.saturating_sub(1);
                out.text.push(')');
            }
            c if c.is_whitespace() => {
                out.end_word()?;
                out.text.push(' ');
                out.begin_word();
            }
            c => out.text.push(c),
        }
    }
    Ok(out.text)
}

/// The text so far, and the position of its last word.
struct Writer {
    text: String,
    word: usize,
    /// Whether the word before is `NOT`.
    negated: bool,
}

impl Writer {
    fn current(&self) -> &str {
        &self.text[self.word..]
    }

    fn begin_word(&mut self) {
        self.word = self.text.len();
    }

    fn end_word(&mut self) -> Result<(), QueryError> {
        match self.current() {
            "" => return Ok(()),
            // Lucene has no second NOT in a row, and the grammar would recurse for each.
            "NOT" if self.negated => return Err(QueryError::Syntax),
            "&&" => self.text.replace_range(self.word.., "AND"),
            "||" => self.text.replace_range(self.word.., "OR"),
            _ => {}
        }
        self.negated = self.current() == "NOT";
        self.begin_word();
        Ok(())
    }
}

/// Copies a quoted text unchanged.
fn copy_quoted(chars: &mut std::str::Chars<'_>, out: &mut String) {
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '\\' => out.extend(chars.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// Copies a range without the quotes around its bounds, which the grammar does not know.
fn copy_range(chars: &mut std::str::Chars<'_>, out: &mut String) {
    for c in chars {
        match c {
            '"' => continue,
            c if c.is_whitespace() => out.push(' '),
            c => out.push(c),
        }
        if matches!(c, ']' | '}') {
            return;
        }
    }
}
