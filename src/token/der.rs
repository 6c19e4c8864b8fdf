//! The part of ASN.1 that keys and certificates need: elements of a tag, a length and a content (DER, X.690).
//!
//! The code is here because a library for it would cost each downstream build more than all other parsing of keys.

use std::time::SystemTime;

pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const BMP_STRING: u8 = 0x1e;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Reads the elements of a content one after the other.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    pub(super) fn is_finished(&self) -> bool {
        self.0.is_empty()
    }

    /// The tag and the content of the next element. `None` at the end, and if the element is incomplete.
    pub(super) fn element(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            // The length has one to four bytes. Longer ones do not occur in keys and certificates.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// A reader of the next element, which must be a sequence.
    pub(super) fn sequence(&mut self) -> Option<Reader<'a>> {
        self.expect(SEQUENCE).map(Reader)
    }

    /// The next element if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let content = ahead.expect(tag)?;
        *self = ahead;
        Some(content)
    }

    /// The next element as a number that is not negative: big-endian, without the leading zero of a positive number.
    pub(super) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.expect(INTEGER)? {
            [] | [0x80..=0xff, ..] => None,
            [0, number @ ..] if !number.is_empty() => Some(number),
            number => Some(number),
        }
    }

    /// The next element as a moment of 1970 or later.
    pub(super) fn time(&mut self) -> Option<SystemTime> {
        moment(&self.digits_of_time()?)
    }

    /// The next element as the fourteen digits of a moment, from the year 0000 to the end of the year 9999.
    pub(super) fn digits_of_time(&mut self) -> Option<String> {
        let (tag, text) = self.element()?;
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        let text = match tag {
            // Two digits of the year mean 1950 to 2049 (RFC 5280, 4.1.2.5.1).
            UTC_TIME if text >= "50" => format!("19{text}"),
            UTC_TIME => format!("20{text}"),
            GENERALIZED_TIME => text.to_owned(),
            _ => return None,
        };
        (text.len() == 14 && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
    }
}

/// The moment of fourteen digits, if it is in 1970 or later.
pub(super) fn moment(digits: &str) -> Option<SystemTime> {
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 8..10, 10..12, 12..14].map(|range| digits.get(range).unwrap_or_default());
    humantime::parse_rfc3339(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z")).ok()
}

/// A message with only a certificate and no signature (PKCS #7, RFC 2315, 9.1).
pub(super) fn certificate_message(certificate: &[u8]) -> Vec<u8> {
    /// `1.2.840.113549.1.7`, under which 1 is data and 2 signed data.
    const PKCS_7: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
    let kind = |number: u8| encode(OBJECT_IDENTIFIER, &[&PKCS_7, &[number]]);
    let data = encode(SEQUENCE, &[&kind(1)]);
    let (version, nothing) = (encode(INTEGER, &[&[1]]), encode(SET, &[]));
    let certificates = encode(0xa0, &[certificate]);
    let signed = encode(SEQUENCE, &[&version, &nothing, &data, &certificates, &nothing]);
    encode(SEQUENCE, &[&kind(2), &encode(0xa0, &[&signed])])
}

/// Encodes a number that is not negative. A leading zero keeps it positive.
pub(super) fn encode_unsigned(number: &[u8]) -> Vec<u8> {
    let zero: &[u8] = if number.first().is_none_or(|first| *first >= 0x80) { &[0] } else { &[] };
    encode(INTEGER, &[zero, number])
}

/// Encodes an element with this tag.
pub(super) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut element = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7f) => element.push(short),
        _ => {
            let bytes = content.len().to_be_bytes();
            let length = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
            element.push(0x80 | length.len() as u8);
            element.extend(length);
        }
    }
    element.extend(content);
    element
}

/// An object identifier as numbers with dots.
pub(super) fn dotted(identifier: &[u8]) -> Option<String> {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number: u64 = 0;
    for byte in identifier {
        number = number.checked_mul(128)? + u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                // The first byte has the first two numbers.
                let first = (number / 40).min(2);
                numbers.push(first);
                number -= first * 40;
            }
            numbers.push(std::mem::take(&mut number));
        }
    }
    let whole = identifier.last().is_some_and(|byte| byte & 0x80 == 0);
    whole.then(|| numbers.iter().map(u64::to_string).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::{Reader, SEQUENCE, certificate_message, dotted};

    #[test]
    fn elements_are_read_one_after_the_other() {
        let mut reader = Reader::new(&[0x30, 0x03, 0x02, 0x01, 0x05, 0x02, 0x02, 0x00, 0x80]);
        let mut inner = reader.sequence().expect("a sequence");
        assert_eq!((inner.unsigned(), inner.is_finished()), (Some(&[5][..]), true));
        assert_eq!(reader.optional(SEQUENCE), None);
        assert_eq!((reader.unsigned(), reader.is_finished()), (Some(&[0x80][..]), true));
        assert_eq!(reader.element(), None);
    }

    #[test]
    fn a_length_of_several_bytes() {
        let long = [&[0x04, 0x82, 0x01, 0x00][..], &[7; 256]].concat();
        assert_eq!(Reader::new(&long).element(), Some((0x04, &[7; 256][..])));
    }

    #[test]
    fn a_message_adds_forty_seven_bytes_to_its_certificate() {
        // The published sample: a certificate of 785 bytes, a message of 832.
        assert_eq!(certificate_message(&[7; 785]).len(), 832);
    }

    #[test]
    fn an_incomplete_element_or_one_of_indefinite_length_is_none() {
        for bytes in
            [&[0x30][..], &[0x30, 0x02, 0x00], &[0x30, 0x80, 0, 0], &[0x30, 0x82, 0x01], &[0x30, 0x85, 0, 0, 0, 0, 0]]
        {
            assert_eq!(Reader::new(bytes).element(), None, "{bytes:x?}");
        }
        assert_eq!(Reader::new(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).element(), None);
    }

    #[test]
    fn a_message_contains_its_certificate_unchanged() {
        for length in [1, 0x70, 0xf0, 0x300] {
            let certificate = [&[0x30, 0x82, (length >> 8) as u8, length as u8][..], &vec![7; length]].concat();
            let message = certificate_message(&certificate);
            let mut signed = Reader::new(&message).sequence().expect("a sequence");
            let kind = signed.expect(super::OBJECT_IDENTIFIER).and_then(dotted);
            assert_eq!(kind.as_deref(), Some("1.2.840.113549.1.7.2"));
            let mut signed =
                signed.expect(0xa0).and_then(|content| Reader::new(content).sequence()).expect("signed data");
            for tag in [super::INTEGER, super::SET, SEQUENCE] {
                assert!(signed.expect(tag).is_some(), "{tag:x}");
            }
            assert_eq!(signed.expect(0xa0), Some(certificate.as_slice()));
            assert_eq!((signed.expect(super::SET), signed.is_finished()), (Some(&[][..]), true));
        }
    }

    #[test]
    fn a_negative_number_is_none() {
        assert_eq!(Reader::new(&[0x02, 0x01, 0x80]).unsigned(), None);
        assert_eq!(Reader::new(&[0x02, 0x00]).unsigned(), None);
        assert_eq!(Reader::new(&[0x02, 0x01, 0x00]).unsigned(), Some(&[0][..]));
    }

    #[test]
    fn both_kinds_of_time() {
        let time = |tag: u8, text: &str| {
            let bytes = [&[tag, text.len() as u8], text.as_bytes()].concat();
            Reader::new(&bytes).time().map(|time| time.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs())
        };
        assert_eq!(time(0x17, "260101000000Z"), Some(1_767_225_600));
        assert_eq!(time(0x17, "700101000001Z"), Some(1));
        assert_eq!(time(0x18, "20500101000000Z"), Some(2_524_608_000));
        for wrong in ["", "Z", "é60101000000Z", "261301000000Z", "260101000000", "+60101000000Z"] {
            assert_eq!(time(0x17, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn object_identifiers_have_dots() {
        assert_eq!(dotted(&[0x55, 0x04, 0x03]).as_deref(), Some("2.5.4.3"));
        assert_eq!(
            dotted(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]).as_deref(),
            Some("1.2.840.113549.1.1.1")
        );
        assert_eq!(dotted(&[0x88, 0x37]).as_deref(), Some("2.999"));
        for wrong in [&[][..], &[0x55, 0x84], &[0xff; 12]] {
            assert_eq!(dotted(wrong), None);
        }
    }
}
