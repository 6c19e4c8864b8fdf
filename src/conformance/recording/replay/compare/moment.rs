//! Recognizes a timestamp in a text by its form.

/// The form of a timestamp: the digits of its fraction, and whether its zone is UTC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    digits: usize,
    utc: bool,
}

impl Moment {
    pub(crate) fn of(text: &str) -> Option<Moment> {
        let (seconds, rest) = text.split_at_checked("2026-01-01T00:00:00".len())?;
        let fits = seconds.bytes().zip("0000-00-00T00:00:00".bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
        let digits =
            rest.strip_prefix('.').map_or(0, |fraction| fraction.bytes().take_while(u8::is_ascii_digit).count());
        let zone = if digits > 0 { &rest[1 + digits..] } else { rest };
        let hours = zone.strip_prefix(['+', '-']).unwrap_or_default();
        let offset = match hours.len() {
            4 => hours.bytes().all(|byte| byte.is_ascii_digit()),
            5 => hours.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b':' } else { byte.is_ascii_digit() }),
            _ => false,
        };
        (fits && (zone == "Z" || offset)).then_some(Moment { digits, utc: zone == "Z" })
    }

    /// Compares two forms. With `lenient`, fractions of up to three digits are equal, because some recorders drop trailing zeros.
    pub(crate) fn is_like(self, other: Moment, lenient: bool) -> bool {
        let precision = |digits| match digits {
            0..=3 if lenient => 1,
            0 => 0,
            1..=3 => 1,
            _ => 2,
        };
        self.utc == other.utc && precision(self.digits) == precision(other.digits)
    }
}
