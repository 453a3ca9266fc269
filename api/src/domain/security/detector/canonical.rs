//! One spelling for what can be spelt in many ways.
//!
//! The canonical text is for judging only; handlers never see it.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

/// Rounds of decoding. Nobody encodes more often by accident.
const ROUNDS: usize = 3;

/// A value in the forms that rules look at, all in lower case.
#[derive(Debug)]
pub struct Canonical {
    /// Percent-encoding undone once.
    pub decoded: String,
    /// All encodings undone, invisible characters removed, one kind of each character.
    pub text: String,
    /// `text` with one kind of slash and dots however they were spelt.
    pub path: String,
    /// `text` without what shells and browsers ignore: quotes, carets, backslashes, blanks within words.
    pub bare: String,
    /// Whether more than one round of percent-encoding was undone.
    pub repeated: bool,
    /// Whether bytes stood for a character that has a shorter spelling, or for none.
    pub overlong: usize,
}

impl Canonical {
    /// Undoes the encodings of a value. In a query `+` is a blank.
    pub fn of(value: &str, plus_is_blank: bool) -> Self {
        let value: Cow<'_, str> =
            if plus_is_blank && value.contains('+') { value.replace('+', " ").into() } else { value.into() };
        let mut overlong = 0;
        let mut bytes = value.as_bytes().to_vec();
        let mut decoded = None;
        let mut rounds = 0;
        while rounds < ROUNDS {
            let Some(next) = percent_decoded(&bytes) else { break };
            bytes = readable(&next, &mut overlong).into_bytes();
            rounds += 1;
            decoded.get_or_insert_with(|| String::from_utf8_lossy(&bytes).into_owned());
        }
        let whole = String::from_utf8_lossy(&bytes).into_owned();
        let decoded = decoded.unwrap_or_else(|| whole.clone());
        let text = normal(&entities(&whole));
        let path = slashes(&text);
        let bare =
            text.chars().filter(|c| !matches!(c, '\'' | '"' | '\\' | '^' | '`' | ' ' | '\t')).collect();
        Self { decoded: decoded.to_lowercase(), text, path, bare, repeated: rounds > 1, overlong }
    }
}

/// Undoes one round of `%41` and `%u0041`; none if there is nothing to undo.
fn percent_decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    if !bytes.contains(&b'%') {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut changed = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let hex = |from: usize, count: usize| number(bytes.get(from..from + count)?);
        if byte == b'%' && matches!(bytes.get(at + 1), Some(b'u' | b'U')) {
            if let Some(code) = hex(at + 2, 4) {
                let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend(c.encode_utf8(&mut [0; 4]).as_bytes());
                (at, changed) = (at + 6, true);
                continue;
            }
        } else if byte == b'%'
            && let Some(code) = hex(at + 1, 2)
        {
            out.push(u8::try_from(code).unwrap_or(b'?'));
            (at, changed) = (at + 3, true);
            continue;
        }
        out.push(byte);
        at += 1;
    }
    changed.then_some(out)
}

fn number(digits: &[u8]) -> Option<u32> {
    let digits =
        std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}

/// Reads UTF-8 as lenient decoders do: a character in more bytes than it needs is that character, and counts.
fn readable(bytes: &[u8], overlong: &mut usize) -> String {
    let mut out = String::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let (valid, after) = match std::str::from_utf8(rest) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                (std::str::from_utf8(valid).unwrap_or_default(), after)
            }
        };
        out.push_str(valid);
        let Some(&lead) = after.first() else { return out };
        let (c, length) = lenient(lead, after);
        if c.is_ascii() {
            *overlong += 1;
        }
        out.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
}

/// One character that is not valid UTF-8, and its bytes.
fn lenient(lead: u8, bytes: &[u8]) -> (char, usize) {
    let length = match lead {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        0xF8..=0xFB => 5,
        0xFC..=0xFD => 6,
        _ => return (char::REPLACEMENT_CHARACTER, 1),
    };
    let Some(tail) = bytes.get(1..length) else { return (char::REPLACEMENT_CHARACTER, 1) };
    if lead == 0xC0 || lead == 0xC1 {
        // Decoders that look at six or at seven bits of the second byte read these as dots and slashes.
        let c = match tail.first() {
            Some(0x2E | 0x6E | 0xAE | 0xEE | 0x5E | 0x9E | 0xDE | 0x1E | 0x7E | 0xBE | 0xFE | 0x3E) => '.',
            Some(0x2F | 0x6F | 0xAF | 0xEF | 0x8F) => '/',
            Some(0x5C | 0x9C | 0x1C | 0xDC) => '\\',
            Some(byte) => char::from((lead & 1) << 6 | byte & 0x3F),
            None => char::REPLACEMENT_CHARACTER,
        };
        return (c, 2);
    }
    if tail.iter().any(|byte| byte & 0xC0 != 0x80) {
        return (char::REPLACEMENT_CHARACTER, 1);
    }
    let last = tail.last().copied().unwrap_or_default();
    let code = tail.iter().take(tail.len() - 1).fold(0_u32, |code, byte| code << 6 | u32::from(byte & 0x3F));
    let c = char::from_u32(code << 6 | u32::from(last & 0x3F)).unwrap_or(char::REPLACEMENT_CHARACTER);
    (c, length)
}

/// Undoes character references of HTML, once.
fn entities(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let (c, length) = reference(after).unwrap_or(('&', 1));
        out.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    out.push_str(rest);
    out.into()
}

/// A character reference at the beginning of a text, and its length.
fn reference(text: &str) -> Option<(char, usize)> {
    const NAMED: [(&str, char); 16] = [
        ("&lt;", '<'),
        ("&gt;", '>'),
        ("&quot;", '"'),
        ("&apos;", '\''),
        ("&amp;", '&'),
        ("&tab;", '\t'),
        ("&newline;", '\n'),
        ("&colon;", ':'),
        ("&lpar;", '('),
        ("&rpar;", ')'),
        ("&sol;", '/'),
        ("&bsol;", '\\'),
        ("&nbsp;", ' '),
        ("&period;", '.'),
        ("&grave;", '`'),
        ("&equals;", '='),
    ];
    for (name, c) in NAMED {
        if text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return Some((c, name.len()));
        }
    }
    let digits = text.strip_prefix("&#")?;
    let (radix, digits, head) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (16, digits, 3),
        None => (10, digits, 2),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).take(8).count();
    let c = char::from_u32(u32::from_str_radix(digits.get(..length)?, radix).ok()?)?;
    let end = usize::from(digits.as_bytes().get(length) == Some(&b';'));
    Some((c, head + length + end))
}

/// Compatibility forms become plain ones, invisible characters go, letters become small.
fn normal(text: &str) -> String {
    let visible = |c: &char| !is_invisible(*c);
    let text: String = if text.is_ascii() {
        text.chars().filter(visible).collect()
    } else {
        text.chars().map(lookalike).nfkc().filter(visible).collect()
    };
    text.to_lowercase()
}

/// Whether nothing of a character is seen, but what it does to others.
#[must_use]
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{E}'..='\u{1F}' | '\u{7F}' | '\u{AD}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

/// Characters that look like others, or that some decoders turn into others.
const fn lookalike(c: char) -> char {
    match c {
        '\u{2215}' | '\u{2044}' | '\u{29F8}' => '/',
        '\u{2216}' | '\u{29F5}' | '\u{29F9}' => '\\',
        '\u{2018}' | '\u{2019}' | '\u{2032}' | '\u{FF07}' => '\'',
        '\u{2039}' | '\u{3008}' => '<',
        '\u{203A}' | '\u{3009}' => '>',
        // The lower byte alone is a line feed and a carriage return.
        '\u{560A}' => '\n',
        '\u{560D}' => '\r',
        _ => c,
    }
}

/// Slashes and dots of a path however they were spelt.
fn slashes(text: &str) -> String {
    let mut out = text.replace('\\', "/");
    // What is left of attempts at encoding that no decoder reads.
    for (spelt, plain) in [
        ("0x2e", "."),
        ("0x2f", "/"),
        ("0x5c", "/"),
        ("%2%e", "."),
        ("%2%f", "/"),
        ("%5%c", "/"),
        ("\u{c0}.", "."),
    ] {
        if out.contains(spelt) {
            out = out.replace(spelt, plain);
        }
    }
    out.chars().map(|c| if matches!(c, '\u{E000}'..='\u{F8FF}') { '/' } else { c }).collect()
}
