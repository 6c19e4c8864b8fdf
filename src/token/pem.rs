//! Parses the PEM of a client credential or a connection: an RSA public key or a certificate.
//!
//! A parsed key has the two numbers of a JSON Web Key, which is also its stored form.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::der::{self, Reader};
use super::signer::{sha1, sha256};

/// The content of a PEM text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pem {
    /// A public key without a certificate.
    PublicKey(RsaKey),
    /// A certificate.
    Certificate(Certificate),
}

impl Pem {
    /// Parses the first block of a text. `None` if it is neither a certificate nor an RSA public key.
    ///
    /// It parses both forms of a public key: with its algorithm (`PUBLIC KEY`) and without (`RSA PUBLIC KEY`).
    pub(crate) fn read(text: &str) -> Option<Pem> {
        let (_, rest) = text.split_once("-----BEGIN ")?;
        let (label, rest) = rest.split_once("-----")?;
        let (block, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let block: String = block.split_ascii_whitespace().collect();
        let der = STANDARD.decode(block).ok()?;
        match label {
            "PUBLIC KEY" => whole(&der, RsaKey::of).map(Pem::PublicKey),
            "RSA PUBLIC KEY" => whole(&der, RsaKey::read).map(Pem::PublicKey),
            "CERTIFICATE" => Certificate::read(&der).map(Pem::Certificate),
            _ => None,
        }
    }

    /// The RSA key. `None` for a certificate with another kind of key.
    pub(crate) fn key(&self) -> Option<&RsaKey> {
        match self {
            Pem::PublicKey(key) => Some(key),
            Pem::Certificate(certificate) => certificate.key.as_ref(),
        }
    }
}

/// An RSA public key, its numbers in base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RsaKey {
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

impl RsaKey {
    /// Parses a key with its algorithm (RFC 5280, 4.1.2.7).
    fn of(reader: &mut Reader<'_>) -> Option<RsaKey> {
        let mut key = reader.sequence()?;
        let algorithm = key.sequence()?.expect(der::OBJECT_IDENTIFIER)?;
        // The first byte is the number of unused bits at the end.
        let (0, bits) = key.expect(der::BIT_STRING)?.split_first()? else { return None };
        if der::dotted(algorithm)? == "1.2.840.113549.1.1.1" { whole(bits, RsaKey::read) } else { None }
    }

    /// Parses the two numbers (RFC 8017, A.1.1).
    fn read(reader: &mut Reader<'_>) -> Option<RsaKey> {
        let mut numbers = reader.sequence()?;
        let n = URL_SAFE_NO_PAD.encode(numbers.unsigned()?);
        let e = URL_SAFE_NO_PAD.encode(numbers.unsigned()?);
        numbers.is_finished().then_some(RsaKey { n, e })
    }

    /// The key in PEM, with its algorithm (RFC 5280, 4.1.2.7). `None` if its numbers are not base64url.
    pub(crate) fn pem(&self) -> Option<String> {
        /// The sequence of `1.2.840.113549.1.1.1` and a null.
        const RSA: [u8; 15] =
            [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];
        let number = |text: &String| Some(der::encode_unsigned(&URL_SAFE_NO_PAD.decode(text).ok()?));
        let numbers = der::encode(der::SEQUENCE, &[&number(&self.n)?, &number(&self.e)?]);
        let key = der::encode(der::SEQUENCE, &[&RSA, &der::encode(der::BIT_STRING, &[&[0], &numbers])]);
        Some(write("PUBLIC KEY", &key))
    }

    /// The thumbprint of the key (RFC 7638), which the live service uses as its `kid` (recorded).
    pub(crate) fn thumbprint(&self) -> String {
        let members = format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, self.e, self.n);
        URL_SAFE_NO_PAD.encode(sha256(members.as_bytes()))
    }
}

/// The data of a certificate that credentials and connections use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Certificate {
    /// SHA-256 of the whole certificate in base64url.
    pub thumbprint: String,
    /// SHA-1 of the whole certificate in hexadecimal digits.
    pub fingerprint: String,
    /// Its subject in the form of the live service: one attribute a line (recorded).
    pub subject: String,
    /// The name and the value of each attribute of the subject.
    pub names: Vec<(String, String)>,
    /// The begin of its validity; 1970 if it is earlier.
    pub begins: SystemTime,
    /// Its expiry.
    pub expires: SystemTime,
    /// Its key, if it is an RSA key.
    pub key: Option<RsaKey>,
}

impl Certificate {
    /// Parses the members of a certificate in their order (RFC 5280, 4.1). The signature is not verified.
    pub(crate) fn read(der: &[u8]) -> Option<Certificate> {
        let mut certificate = whole(der, Reader::sequence)?;
        let mut signed = certificate.sequence()?;
        let _version = signed.optional(0xa0);
        let _serial_number = signed.expect(der::INTEGER)?;
        let _algorithm = signed.sequence()?;
        let _issuer = signed.sequence()?;
        let mut validity = signed.sequence()?;
        // The begin of validity may be before the range of the clock (recorded: in the year 0000).
        let begins = der::moment(&validity.digits_of_time()?).unwrap_or(UNIX_EPOCH);
        let expires = validity.time()?;
        let (subject, names) = subject(signed.sequence()?)?;
        // A key of another kind is valid, too.
        let mut key = signed;
        let _key = signed.sequence()?;
        let key = RsaKey::of(&mut key);
        let (thumbprint, fingerprint) = (URL_SAFE_NO_PAD.encode(sha256(der)), hexadecimal(&sha1(der)));
        Some(Certificate { thumbprint, fingerprint, subject, names, begins, expires, key })
    }
}

/// Writes a block of PEM.
pub(crate) fn write(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, others) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = others;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// Parses an element that must be the last one.
fn whole<'a, T>(der: &'a [u8], read: impl FnOnce(&mut Reader<'a>) -> Option<T>) -> Option<T> {
    let mut reader = Reader::new(der);
    let read = read(&mut reader);
    read.filter(|_| reader.is_finished())
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The lines `C=es`, `ST=Madrid`, … and their pairs of name and value. Attributes of one relative name share a line.
fn subject(mut name: Reader<'_>) -> Option<(String, Vec<(String, String)>)> {
    let (mut lines, mut names) = (Vec::new(), Vec::new());
    while !name.is_finished() {
        let mut part = Reader::new(name.expect(der::SET)?);
        let mut attributes = Vec::new();
        while !part.is_finished() {
            let (name, value) = attribute(part.sequence()?)?;
            attributes.push(format!("{name}={value}"));
            names.push((name, value));
        }
        lines.push(attributes.join("+"));
    }
    Some((lines.join("\n"), names))
}

fn attribute(mut attribute: Reader<'_>) -> Option<(String, String)> {
    let identifier = der::dotted(attribute.expect(der::OBJECT_IDENTIFIER)?)?;
    let (tag, bytes) = attribute.element()?;
    let name = ATTRIBUTES.iter().find(|(known, _)| *known == identifier).map_or(identifier.as_str(), |(_, name)| name);
    let value = if tag == der::BMP_STRING {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])).collect();
        String::from_utf16_lossy(&units)
    } else {
        String::from_utf8_lossy(bytes).into_owned()
    };
    Some((name.to_owned(), value))
}

/// OpenSSL's short names of the usual attributes of a subject. Other attributes have their object identifier.
const ATTRIBUTES: &[(&str, &str)] = &[
    ("2.5.4.3", "CN"),
    ("2.5.4.4", "SN"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "GN"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Pem, RsaKey, UNIX_EPOCH};

    const CERTIFICATE: &str = include_str!("../../fixtures/credentials/certificate.pem");
    const PUBLIC_KEY: &str = include_str!("../../fixtures/credentials/public-key.pem");
    const RSA_PUBLIC_KEY: &str = include_str!("../../fixtures/credentials/rsa-public-key.pem");
    const ANY_TIME_CERTIFICATE: &str = include_str!("../../fixtures/credentials/any-time-certificate.pem");
    const ELLIPTIC_CERTIFICATE: &str = include_str!("../../fixtures/credentials/elliptic-certificate.pem");
    const ELLIPTIC_PUBLIC_KEY: &str = include_str!("../../fixtures/credentials/elliptic-public-key.pem");

    fn key(text: &str) -> RsaKey {
        Pem::read(text).expect("it can be read").key().expect("it has an RSA key").clone()
    }

    #[test]
    fn the_three_forms_of_a_key_are_the_same_key() {
        assert_eq!(key(CERTIFICATE), key(PUBLIC_KEY));
        assert_eq!(key(RSA_PUBLIC_KEY), key(PUBLIC_KEY));
        assert_eq!(key(PUBLIC_KEY).e, "AQAB");
    }

    // Recorded in 2024: a certificate with a short key, a signature over SHA-1 and the widest dates is accepted.
    #[test]
    fn a_certificate_may_hold_from_the_first_to_the_last_moment_that_its_dates_can_write() {
        let Some(Pem::Certificate(certificate)) = Pem::read(ANY_TIME_CERTIFICATE) else { panic!("it can be read") };
        let expires = humantime::format_rfc3339(certificate.expires).to_string();
        assert_eq!((certificate.begins, expires.as_str()), (UNIX_EPOCH, "9999-12-31T23:59:59Z"));
        assert_eq!(certificate.key.map(|key| key.n.len()), Some(171), "1024 bits");
    }

    #[test]
    fn a_key_is_written_as_it_was_read() {
        assert_eq!(key(PUBLIC_KEY).pem().as_deref(), Some(PUBLIC_KEY));
    }

    #[test]
    fn the_thumbprint_is_that_of_the_example_in_rfc_7638() {
        let example = RsaKey {
            n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi\
                FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9\
                c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1j\
                F44-csFCur-kEgU8awapJzKnqDKgw"
                .to_owned(),
            e: "AQAB".to_owned(),
        };
        assert_eq!(example.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn a_certificate_tells_its_subject_its_end_and_its_thumbprint() {
        let Some(Pem::Certificate(certificate)) = Pem::read(CERTIFICATE) else { panic!("it is a certificate") };
        assert_eq!(certificate.subject, "C=NL\nST=Utrecht\nL=Utrecht\nO=Travel0\nOU=Flights\nCN=Flight Search");
        assert_eq!(humantime::format_rfc3339(certificate.begins).to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(humantime::format_rfc3339(certificate.expires).to_string(), "2036-01-01T00:00:00Z");
        assert_eq!(certificate.thumbprint, "woNizEulnLmlPRQ6y8q_kTeACADpqVCO2SbRuTbBgYs");
    }

    #[test]
    fn a_certificate_may_hold_a_key_of_another_kind_but_a_public_key_may_not() {
        let certificate = Pem::read(ELLIPTIC_CERTIFICATE).expect("it is a certificate");
        assert_eq!(certificate.key(), None);
        assert_eq!(Pem::read(ELLIPTIC_PUBLIC_KEY), None);
    }

    #[test]
    fn line_ends_and_text_around_the_block_do_not_matter() {
        let windows = format!("subject: somebody\r\n{}\r\n\r\n", PUBLIC_KEY.replace('\n', "\r\n"));
        assert_eq!(key(&windows), key(PUBLIC_KEY));
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_end("-----BEGIN PUBLIC KEY-----\nMIIB")]
    #[case::no_base64("-----BEGIN PUBLIC KEY-----\n!\n-----END PUBLIC KEY-----")]
    #[case::nothing("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----")]
    #[case::other_labels("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END CERTIFICATE-----")]
    #[case::not_asn1("-----BEGIN RSA PUBLIC KEY-----\nAAAA\n-----END RSA PUBLIC KEY-----")]
    #[case::private("-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----")]
    fn what_is_neither_key_nor_certificate_is_not_read(#[case] text: &str) {
        assert_eq!(Pem::read(text), None);
    }

    /// Every truncated form of a valid file is an error, and none panics.
    #[test]
    fn a_truncated_certificate_is_not_read() {
        let lines: Vec<&str> = CERTIFICATE.lines().collect();
        for count in 1..lines.len() - 2 {
            let text = format!("{}\n{}", lines[..=count].join("\n"), lines[lines.len() - 1]);
            assert_eq!(Pem::read(&text), None, "{count} lines");
        }
    }
}
