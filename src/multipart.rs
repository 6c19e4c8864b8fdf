//! Reads `multipart/form-data` (RFC 7578), which one operation takes: a form with a file in it.
//!
//! A part is the text between two lines with the boundary: headers, an empty line, the value. Names of files, types of parts,
//! and texts before the first boundary or after the last are ignored. The libraries for this format read asynchronous streams;
//! here the body is in memory.

/// One part: the name of its field, its headers as they were sent, its value.
pub(crate) struct Part<'b> {
    /// The name of the field.
    pub name: String,
    /// The lines of the headers, without the empty line.
    pub head: &'b str,
    /// The value, which may be a file.
    pub value: &'b [u8],
}

/// The parts in their order, or `None` if this is no such form.
pub(crate) fn parts<'b>(content_type: &str, body: &'b [u8]) -> Option<Vec<Part<'b>>> {
    let delimiter = format!("\r\n--{}", boundary(content_type)?);
    let delimiter = delimiter.as_bytes();
    // The first boundary may begin the body, without the line break that belongs to all others.
    let mut rest = match body.strip_prefix(&delimiter[2..]) {
        Some(rest) => rest,
        None => split(body, delimiter)?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, after) = split(end_of_line(rest)?, delimiter)?;
        parts.push(read(part)?);
        rest = after;
    }
    Some(parts)
}

/// The values by name, or `None` if this is no such form or a value is no text: every part of the operation that reads
/// them is one.
pub(crate) fn texts(content_type: &str, body: &[u8]) -> Option<Vec<(String, String)>> {
    let text = |part: Part<'_>| Some((part.name, String::from_utf8(part.value.to_vec()).ok()?));
    parts(content_type, body)?.into_iter().map(text).collect()
}

/// The text after the line of a boundary; blanks may follow the boundary.
fn end_of_line(rest: &[u8]) -> Option<&[u8]> {
    let blanks = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    rest[blanks..].strip_prefix(b"\r\n")
}

fn read(part: &[u8]) -> Option<Part<'_>> {
    let (head, value) = split(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(head).ok()?;
    let disposition = head.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    Some(Part { name: parameter(disposition, "name")?, head, value })
}

/// The boundary that the content type names: 1 to 70 characters.
pub(crate) fn boundary(content_type: &str) -> Option<String> {
    parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()))
}

/// A parameter of a header, quoted or not: `form-data; name="users"`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let (_, mut rest) = header.split_once(';')?;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => after.split_at(after.find(';').unwrap_or(after.len())),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value.trim().to_owned());
        }
        rest = after.trim_start().strip_prefix(';')?;
    }
}

/// The texts before and after the first occurrence of a mark.
fn split<'a>(bytes: &'a [u8], mark: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..at], &bytes[at + mark.len()..]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::texts;

    const TYPE: &str = "multipart/form-data; charset=utf-8; boundary=\"--x y\"";

    fn pairs(parts: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(parts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_form_with_a_file() {
        let body = "----x y\r\nContent-Disposition: form-data; name=\"connection_id\"\r\n\r\ncon_1\r\n\
                    ----x y  \r\ncontent-type: text/json\r\n\
                    content-disposition: form-data; filename=\"a; name=b.json\"; name=users\r\n\r\n[\r\n]\r\n----x y--\r\n";
        let expected = pairs(&[("connection_id", "con_1"), ("users", "[\r\n]")]);
        assert_eq!(texts(TYPE, body.as_bytes()), expected);
        assert_eq!(texts(TYPE, format!("before\r\n{body}after").as_bytes()), expected);
        assert_eq!(texts(TYPE, b"----x y--"), pairs(&[]));
        assert_eq!(texts("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--b--"), None);
    }

    #[rstest]
    #[case::no_boundary("multipart/form-data", "--b\r\n\r\n--b--")]
    #[case::an_empty_boundary("multipart/form-data; boundary=", "--\r\n--")]
    #[case::an_open_quotation_mark("multipart/form-data; boundary=\"b", "--b--")]
    #[case::nothing("multipart/form-data; boundary=b", "")]
    #[case::no_end("multipart/form-data; boundary=b", "--b\r\ncontent-disposition: form-data; name=a\r\n\r\n1")]
    #[case::a_part_without_a_name("multipart/form-data; boundary=b", "--b\r\nx: y\r\n\r\n1\r\n--b--")]
    #[case::a_part_without_an_empty_line(
        "multipart/form-data; boundary=b",
        "--b\r\ncontent-disposition: form-data; name=a\r\n--b--"
    )]
    #[case::another_boundary("multipart/form-data; boundary=b", "--c--")]
    fn what_is_no_such_form(#[case] content_type: &str, #[case] body: &str) {
        assert_eq!(texts(content_type, body.as_bytes()), None);
    }

    #[test]
    fn a_value_that_is_no_text_is_not_read() {
        let body = b"--b\r\ncontent-disposition: form-data; name=a\r\n\r\n\xff\r\n--b--";
        assert_eq!(texts("multipart/form-data; boundary=b", body), None);
    }

    proptest! {
        /// The values of a written form are read back, whatever they contain.
        #[test]
        fn a_form_is_read_as_it_was_written(parts in proptest::collection::vec(("[a-z_]{1,8}", "[^b]*"), 0..5)) {
            let part = |(name, value): &(String, String)| {
                format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
            };
            let body: String = parts.iter().map(part).collect::<String>() + "--b--";
            prop_assert_eq!(texts("multipart/form-data; boundary=b", body.as_bytes()), Some(parts));
        }

        #[test]
        fn nothing_that_is_sent_is_too_strange(body in proptest::collection::vec(prop::sample::select(b"-b\r\n :;=\"ac\xff".to_vec()), 0..60)) {
            let _ = texts("multipart/form-data; boundary=b", &body);
            let _ = texts(&String::from_utf8_lossy(&body), &body);
        }
    }
}
