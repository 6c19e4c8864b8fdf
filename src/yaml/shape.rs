//! The depth of a YAML text and its number of nodes with aliases expanded, computed in one pass with little memory.
//!
//! The pass finds tokens as libyaml does (its `scanner.c` has the names): where a collection opens, where a scalar ends, and
//! the column that the present block collection stands at. It only has to agree with libyaml on texts that libyaml takes;
//! what it makes of others does not matter, as they are refused later. Nothing here reads a value.

use std::collections::HashMap;

use super::error::Error;

/// So deep may collections stand in one another. Seeds and recordings have some ten levels.
const DEEPEST: usize = 100;

/// So many scalars and collections there may be.
const MOST_NODES: u64 = 1_000_000;

/// Refuses a text that is too deep or too large.
pub(super) fn check(text: &str) -> Result<(), Error> {
    Scanner::of(text).run()
}

struct Scanner<'a> {
    text: &'a str,
    /// The place of the next character.
    at: usize,
    line: usize,
    column: usize,
    /// Line and column of the last token.
    began: (usize, usize),
    /// The number of open flow collections.
    flow: usize,
    /// The columns of the block collections that are open.
    indents: Vec<usize>,
    /// Line and column of what may turn out to be a key.
    key: Option<(usize, usize)>,
    /// Nodes so far, with aliases followed.
    nodes: u64,
    anchors: HashMap<&'a str, Anchored>,
    /// Anchors whose node has not ended, the innermost last.
    open: Vec<Open<'a>>,
}

/// The beginning and the end of a node, in nodes.
struct Anchored {
    begin: u64,
    end: Option<u64>,
}

struct Open<'a> {
    name: &'a str,
    line: usize,
    ends: Ends,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    /// The node has not begun.
    Unknown,
    /// With the flow collection at this level.
    Flow(usize),
    /// With the block collection at this depth.
    Block(usize),
}

impl<'a> Scanner<'a> {
    fn of(text: &'a str) -> Self {
        Scanner {
            text,
            at: 0,
            line: 1,
            column: 0,
            began: (1, 0),
            flow: 0,
            indents: Vec::new(),
            key: None,
            nodes: 0,
            anchors: HashMap::new(),
            open: Vec::new(),
        }
    }

    fn run(mut self) -> Result<(), Error> {
        while self.step() {
            let depth = self.flow + self.indents.len();
            if depth > DEEPEST {
                return Err(self.error(&format!("more than {DEEPEST} lists and mappings stand in one another")));
            }
            if self.nodes > MOST_NODES {
                return Err(self.error(&format!("more than {MOST_NODES} values are in it, with its aliases followed")));
            }
        }
        Ok(())
    }

    /// Moves behind the next token, if the text has one.
    fn step(&mut self) -> bool {
        self.skip_to_token();
        let Some(byte) = self.byte(0) else { return false };
        if self.flow == 0 {
            self.unroll(Some(self.column));
        }
        self.began = (self.line, self.column);
        self.token(byte);
        true
    }

    fn error(&self, reason: &str) -> Error {
        let (line, column) = (self.began.0, self.began.1 + 1);
        Error { reason: format!("{reason} at line {line} column {column}"), position: Some((line, column)) }
    }

    /// The tokens of `yaml_parser_fetch_next_token`, in its order.
    fn token(&mut self, byte: u8) {
        let in_flow = self.flow > 0;
        let is_alone = self.is_blank_or_end(1);
        match byte {
            b'%' if self.column == 0 => self.skip_line(),
            _ if self.is_document_indicator() => {
                self.unroll(None);
                self.skip(3);
                self.key = None;
            }
            b'[' | b'{' => {
                self.begin_node();
                self.flow += 1;
                self.opens(Ends::Flow(self.flow));
                self.skip(1);
            }
            b']' | b'}' => {
                self.end(|ends, scanner| ends == Ends::Flow(scanner.flow));
                self.flow = self.flow.saturating_sub(1);
                self.skip(1);
            }
            b',' => self.skip(1),
            b'-' if is_alone => self.indicator(self.column),
            b'?' if in_flow || is_alone => self.indicator(self.column),
            b':' if in_flow || is_alone => {
                let key = self.key.filter(|(line, _)| *line == self.line).map_or(self.column, |(_, column)| column);
                self.indicator(key);
            }
            b'&' => {
                self.save_key();
                let name = self.name();
                // Remembered like a node.
                self.nodes += 1;
                self.anchors.insert(name, Anchored { begin: self.nodes, end: None });
                self.open.push(Open { name, line: self.line, ends: Ends::Unknown });
            }
            b'*' => {
                self.begin_node();
                let name = self.name();
                let size = self.anchors.get(name).map_or(0, |node| node.end.unwrap_or(self.nodes) - node.begin);
                self.nodes = self.nodes.saturating_add(size);
                self.end_scalar();
            }
            b'!' => {
                self.save_key();
                self.skip_tag();
            }
            b'|' | b'>' if !in_flow => {
                self.begin_node();
                self.skip_block_scalar();
                self.end_scalar();
            }
            b'\'' | b'"' => {
                self.begin_node();
                self.skip_quoted(byte);
                self.end_scalar();
            }
            _ => {
                self.begin_node();
                self.skip_plain();
                self.end_scalar();
            }
        }
    }

    /// `-`, `?` or `:`, which open a block collection at this column unless it is open.
    fn indicator(&mut self, column: usize) {
        if self.flow == 0 {
            if self.indents.last().is_none_or(|indent| *indent < column) {
                self.nodes += 1;
                self.indents.push(column);
            }
            self.key = None;
        }
        self.skip(1);
    }

    /// Ends the block collections to the right of this column, or all of them.
    fn unroll(&mut self, column: Option<usize>) {
        while self.indents.last().is_some_and(|indent| column.is_none_or(|column| *indent > column)) {
            self.indents.pop();
            self.end(|ends, scanner| matches!(ends, Ends::Block(depth) if depth > scanner.indents.len()));
        }
    }

    fn save_key(&mut self) {
        if self.flow == 0 && self.key.is_none_or(|(line, _)| line != self.line) {
            self.key = Some((self.line, self.column));
        }
    }

    // Anchors.

    /// A node begins here. An anchor in a line above belongs to the block collection that begins with it.
    fn begin_node(&mut self) {
        self.save_key();
        self.nodes += 1;
        if self.flow == 0 {
            let (line, depth) = (self.line, self.indents.len() + 1);
            let above = self.open.iter_mut().rev().take_while(|open| open.ends == Ends::Unknown);
            above.filter(|open| open.line < line).for_each(|open| open.ends = Ends::Block(depth));
        }
    }

    /// The node of the anchors in front of it is a collection that ends so.
    fn opens(&mut self, ends: Ends) {
        let waiting = self.open.iter_mut().rev().take_while(|open| open.ends == Ends::Unknown);
        waiting.for_each(|open| open.ends = ends);
    }

    /// The node of the anchors in front of it was a scalar.
    fn end_scalar(&mut self) {
        self.end(|ends, _| ends == Ends::Unknown);
    }

    /// Ends the innermost anchors for which this is so.
    fn end(&mut self, has_ended: impl Fn(Ends, &Self) -> bool) {
        while let Some(Open { name, ends, .. }) = self.open.last()
            && has_ended(*ends, self)
        {
            if let Some(node) = self.anchors.get_mut(name) {
                node.end = Some(self.nodes);
            }
            self.open.pop();
        }
    }

    // Characters.

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// The length of the line end that is here. YAML 1.1 has more line ends than a keyboard.
    fn break_here(&self) -> Option<usize> {
        self.break_at(0)
    }

    fn break_at(&self, ahead: usize) -> Option<usize> {
        match *self.text.as_bytes().get(self.at + ahead..)? {
            [b'\r', b'\n', ..] => Some(2),
            [b'\n' | b'\r', ..] => Some(1),
            [0xc2, 0x85, ..] => Some(2),
            [0xe2, 0x80, 0xa8 | 0xa9, ..] => Some(3),
            _ => None,
        }
    }

    fn is_blank(&self) -> bool {
        matches!(self.byte(0), Some(b' ' | b'\t'))
    }

    fn is_blank_or_end(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), None | Some(b' ' | b'\t' | 0)) || self.break_at(ahead).is_some()
    }

    fn is_document_indicator(&self) -> bool {
        self.column == 0
            && matches!(self.text.as_bytes().get(self.at..self.at + 3), Some(b"---" | b"..."))
            && self.is_blank_or_end(3)
    }

    /// Skips characters that end no line.
    fn skip(&mut self, characters: usize) {
        for _ in 0..characters {
            let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
            self.at += length;
            self.column += 1;
        }
    }

    /// Skips one character, which may end a line.
    fn skip_any(&mut self) {
        match self.break_here() {
            Some(length) => {
                self.at += length;
                self.line += 1;
                self.column = 0;
            }
            None => self.skip(1),
        }
    }

    fn skip_line(&mut self) {
        while self.byte(0).is_some() && self.break_here().is_none() {
            self.skip(1);
        }
    }

    fn skip_to_token(&mut self) {
        if self.at == 0 && self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        loop {
            while self.is_blank() {
                self.skip(1);
            }
            if self.byte(0) == Some(b'#') {
                self.skip_line();
            }
            if self.break_here().is_none() {
                return;
            }
            self.skip_any();
        }
    }

    // Tokens.

    /// The name of an anchor or an alias.
    fn name(&mut self) -> &'a str {
        self.skip(1);
        let begin = self.at;
        while self.byte(0).is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')) {
            self.skip(1);
        }
        &self.text[begin..self.at]
    }

    fn skip_tag(&mut self) {
        let is_verbatim = self.byte(1) == Some(b'<');
        while let Some(byte) = self.byte(0)
            && !self.is_blank()
            && self.break_here().is_none()
            && (is_verbatim || !matches!(byte, b',' | b'[' | b']' | b'{' | b'}'))
        {
            self.skip(1);
            if is_verbatim && byte == b'>' {
                return;
            }
        }
    }

    fn skip_quoted(&mut self, quote: u8) {
        self.skip(1);
        while let Some(byte) = self.byte(0) {
            if byte == b'\\' && quote == b'"' {
                self.skip(1);
                self.skip_any();
            } else if byte != quote {
                self.skip_any();
            } else if quote == b'\'' && self.byte(1) == Some(quote) {
                self.skip(2);
            } else {
                return self.skip(1);
            }
        }
    }

    /// The least column of a line that continues a scalar of the present collection.
    fn inner_column(&self) -> usize {
        self.indents.last().map_or(0, |indent| indent + 1)
    }

    fn skip_plain(&mut self) {
        loop {
            if self.is_document_indicator() || self.byte(0) == Some(b'#') {
                return;
            }
            while let Some(byte) = self.byte(0)
                && !self.is_blank_or_end(0)
            {
                let ends_in_flow = self.flow > 0 && matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
                let is_odd = self.flow > 0
                    && byte == b':'
                    && matches!(self.byte(1), Some(b',' | b'?' | b'[' | b']' | b'{' | b'}'));
                if ends_in_flow || is_odd || byte == b':' && self.is_blank_or_end(1) {
                    return;
                }
                self.skip(1);
            }
            if !self.is_blank() && self.break_here().is_none() {
                return;
            }
            while self.is_blank() || self.break_here().is_some() {
                self.skip_any();
            }
            if self.flow == 0 && self.column < self.inner_column() {
                return;
            }
        }
    }

    fn skip_block_scalar(&mut self) {
        self.skip(1);
        let mut increment = None;
        while let Some(byte @ (b'+' | b'-' | b'1'..=b'9')) = self.byte(0) {
            increment = increment.or(byte.is_ascii_digit().then(|| usize::from(byte - b'0')));
            self.skip(1);
        }
        self.skip_line();
        self.skip_any();
        let least = self.inner_column().max(1);
        let parent = self.indents.last().copied().unwrap_or(0);
        let mut indent = increment.map(|increment| parent + increment);
        let mut widest = 0;
        loop {
            // Spaces up to the indentation, or all of them as long as it is not known.
            while self.byte(0) == Some(b' ') && indent.is_none_or(|indent| self.column < indent) {
                self.skip(1);
            }
            widest = widest.max(self.column);
            if self.byte(0).is_none() {
                return;
            }
            if self.break_here().is_some() {
                self.skip_any();
                continue;
            }
            let known = *indent.get_or_insert(widest.max(least));
            if self.column != known {
                return;
            }
            self.skip_line();
            self.skip_any();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    /// The nodes that are counted in a text, all of whose flow collections end.
    fn nodes(text: &str) -> u64 {
        let mut scanner = Scanner::of(text);
        while scanner.step() {}
        assert_eq!(scanner.flow, 0, "{text}");
        scanner.nodes
    }

    fn refusal(text: &str) -> String {
        check(text).expect_err("a refusal").reason
    }

    #[rstest]
    #[case::flow("[", "]")]
    #[case::flow_mappings("{a: ", "}")]
    #[case::both("[[{a: ", "}]]")]
    #[case::sequences_in_a_line("- ", "")]
    #[case::keys_of_questions("? ", "")]
    fn a_text_of_a_hundred_levels_is_read_and_a_deeper_one_refused(#[case] open: &str, #[case] close: &str) {
        let levels = open.matches(['[', '{', '-', '?']).count();
        let of = |times: usize| open.repeat(times) + "1" + &close.repeat(times);
        assert!(check(&of(DEEPEST / levels)).is_ok());
        assert!(refusal(&of(DEEPEST / levels + 1)).contains("more than 100 lists and mappings stand in one another"));
        assert!(refusal(&open.repeat(25_000)).contains("at line 1 column"));
    }

    #[test]
    fn deep_blocks_are_refused_with_their_line() {
        let deep: String = (0..200).map(|level| " ".repeat(level) + "a:\n").collect();
        assert!(refusal(&deep).ends_with("at line 101 column 102"), "{}", refusal(&deep));
    }

    #[rstest]
    #[case::quotes("a: \"[[[[\"\nb: '{{{{'\n")]
    #[case::a_word("a: x[[[[{{{{\n")]
    #[case::a_word_over_lines("a: x\n  [[[[\n  {{{{\n")]
    #[case::a_literal("a: |\n  [[[[\n   {{{{\n\n  - [\nb: 1\n")]
    #[case::a_literal_with_an_indentation("- a: >2-\n     [[[[\n    {{{{\n- b\n")]
    #[case::a_comment("a: 1 # [[[[\n# {{{{\n")]
    #[case::words_and_quotes_in_flow("a: [it's, \"[[[[\", a'b,\n it's 'x]\n")]
    fn brackets_in_texts_are_no_collections(#[case] once: &str) {
        let entry = once.trim_end().replace('\n', "\n    ");
        let text: String = (0..200).map(|part| format!("part{part}:\n  - {entry}\n")).collect();
        assert_eq!(check(&text).map_err(|error| error.reason), Ok(()));
        serde_yaml_ng::from_str::<Value>(&text).expect("YAML");
    }

    #[rstest]
    #[case::a_scalar("a: &x 1\nb: *x\n", 1)]
    #[case::flow("a: &x [1, 2, 3]\nb: *x\n", 4)]
    #[case::a_block("a: &x\n  b: 1\n  c: 2\nd: 3\ne: *x\n", 5)]
    #[case::of_aliases("a: &x [1, 2, 3]\nb: &y [*x, *x]\nc: *y\n", 11)]
    fn an_alias_counts_as_its_node(#[case] text: &str, #[case] size: u64) {
        let alias = text.rfind('*').expect("an alias");
        let without = format!("{}1\n", &text[..alias]);
        assert_eq!(nodes(text) - nodes(&without), size);
    }

    #[test]
    fn aliases_that_multiply_are_refused() {
        for count in [5, 10, 100] {
            let mut text = format!("a0: &a0 [{}]\n", vec!["x"; count].join(", "));
            for level in 1..20 {
                text += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); count].join(", "));
            }
            assert!(refusal(&text).contains("with its aliases followed"));
        }
    }

    #[test]
    fn many_aliases_of_a_few_values_are_read() {
        let mut text = "common: &common\n  a: 1\n  b: [1, 2]\n".to_owned();
        (0..5000).for_each(|entry| text += &format!("entry{entry}:\n  <<: *common\n  own: {entry}\n"));
        assert_eq!(check(&text).map_err(|error| error.reason), Ok(()));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            "[ -~\\n\u{85}é]{0,24}".prop_map(Value::from),
            "(- |\\[|\\{|: |\\? |\"|'|# |\\||> |&a|\\*a|!x|---|\\n| ){0,6}".prop_map(Value::from),
            Just(json!(1)),
            Just(json!(null)),
        ];
        leaf.prop_recursive(5, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[ -~]{0,9}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn lists(value: &Value) -> u64 {
        match value {
            Value::Array(items) => 1 + items.iter().map(lists).sum::<u64>(),
            Value::Object(members) => members.values().map(lists).sum(),
            _ => 0,
        }
    }

    fn size(value: &Value) -> u64 {
        1 + match value {
            Value::Array(items) => items.iter().map(size).sum::<u64>(),
            // Each key is a node as well.
            Value::Object(members) => members.values().map(|value| 1 + size(value)).sum(),
            _ => 0,
        }
    }

    proptest! {
        /// Whatever the library writes is counted as it is, in blocks and in flow.
        #[test]
        fn nodes_are_counted_as_they_were_written(value in value()) {
            prop_assert_eq!(nodes(&value.to_string()), size(&value));
            let block = serde_yaml_ng::to_string(&value).expect("YAML");
            // The library writes a list in a mapping without an indentation, which the count leaves out.
            let counted = nodes(&block);
            prop_assert!((size(&value) - lists(&value)..=size(&value)).contains(&counted), "{} in {}", counted, block);
        }

        #[test]
        fn any_text_is_looked_at(text in "(\\PC|[\\[\\]{}\"'#|>&*!:?,\\- \\n\\t\r\u{85}\u{2028}]){0,60}") {
            let _ = check(&text);
        }
    }
}
