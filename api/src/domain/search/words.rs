//! Words and field tokens of a log, the same for writing the index and for asking it.
//!
//! A token holds no white space. Words are runs of letters and digits, folded (case, accents, ß = ss); any other
//! visible sign such as ° or € is a word of its own. A field gives `path:` and `path:word` for each word of its
//! value. What the product itself knows about a log begins with `#`, which no word does.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longest word kept, in bytes; longer ones are cut, and then the log itself decides.
pub const MAX_WORD: usize = 64;
/// Longest field path kept, in bytes.
pub const MAX_PATH: usize = 96;
/// Most bytes of words kept for a log; beyond it the log is flagged `partly_indexed`.
pub const MAX_WORDS_BYTES: usize = 400 * 1024;

/// Folds a text: compatibility forms, case and accents do not matter.
#[must_use]
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        match c {
            'ß' | 'ẞ' => out.push_str("ss"),
            'æ' | 'Æ' => out.push_str("ae"),
            'œ' | 'Œ' => out.push_str("oe"),
            'ø' | 'Ø' => out.push('o'),
            'ł' | 'Ł' => out.push('l'),
            'đ' | 'Đ' => out.push('d'),
            other => out.extend(other.to_lowercase().filter(|c| !is_combining_mark(*c))),
        }
    }
    out
}

/// Whether a character that is no letter or digit is a word of its own.
fn is_sign(c: char) -> bool {
    !c.is_ascii()
        && !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{80}'..='\u{A1}' | '«' | '»' | '¿' | '·' | '\u{AD}' | '\u{2000}'..='\u{206F}' | '\u{3000}'..='\u{303F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{E0000}'..='\u{E007F}')
}

/// Calls `each` with every word of a folded text.
pub fn each_word<'a>(folded: &'a str, mut each: impl FnMut(&'a str)) {
    let mut start = None;
    for (at, c) in folded.char_indices() {
        if c.is_alphanumeric() {
            start.get_or_insert(at);
            continue;
        }
        if let Some(from) = start.take() {
            each(&folded[from..at]);
        }
        if is_sign(c) {
            each(&folded[at..at + c.len_utf8()]);
        }
    }
    if let Some(from) = start {
        each(&folded[from..]);
    }
}

/// The words of a text, folded, in order.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let mut all = Vec::new();
    each_word(&folded, |word| all.push(word.to_owned()));
    all
}

/// Cuts a text to a number of bytes at a border of characters.
#[must_use]
pub fn cut(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let mut end = max;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// A field path as it stands in a token: folded, other signs than `_ . - @` become `_`.
#[must_use]
pub fn path_token(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in fold(path).chars() {
        out.push(if c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@') { c } else { '_' });
    }
    cut(&out, MAX_PATH).to_owned()
}

/// What the product itself knows about a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Its kind.
    Kind,
    /// Its level.
    Level,
    /// The way it came in.
    Source,
    /// An observation.
    Flag,
    /// The sender's address.
    Ip,
    /// The sender's identifier.
    ExternalId,
    /// The customer.
    Customer,
}

/// The token of something that the product knows.
#[must_use]
pub fn known_token(known: Known, value: &str) -> String {
    let letter = match known {
        Known::Kind => 'k',
        Known::Level => 'l',
        Known::Source => 's',
        Known::Flag => 'f',
        Known::Ip => 'i',
        Known::ExternalId => 'x',
        Known::Customer => 'c',
    };
    let mut out = format!("#{letter}:");
    // Other signs become one that no name holds, so that `a b` is not taken for `a_b`.
    for c in fold(value).chars() {
        out.push(if c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | ':') { c } else { '@' });
    }
    cut(&out, MAX_PATH).to_owned()
}

/// Collects the tokens of a log; each is kept once.
#[derive(Debug, Default)]
pub struct Collector {
    text: String,
    /// Where tokens lie in the text.
    spans: Vec<(usize, usize)>,
    /// More tokens are there than are kept; what comes now is left out.
    full: bool,
}

impl Collector {
    /// Adds a token that is put together from parts. Repetitions are taken out when there is twice as much as is
    /// kept, so that each is looked at a few times at most, however large the log.
    fn add(&mut self, parts: &[&str]) {
        if self.full {
            return;
        }
        self.push(parts);
        if self.bytes() > 2 * MAX_WORDS_BYTES {
            self.compact();
            self.full = self.bytes() > MAX_WORDS_BYTES;
        }
    }

    fn push(&mut self, parts: &[&str]) {
        let start = self.text.len();
        parts.iter().for_each(|part| self.text.push_str(part));
        self.spans.push((start, self.text.len()));
    }

    /// Size of all tokens with a blank behind each.
    fn bytes(&self) -> usize {
        self.text.len() + self.spans.len()
    }

    /// Whether tokens have to be left out.
    #[must_use]
    pub fn overflows(&mut self) -> bool {
        if !self.full && self.bytes() > MAX_WORDS_BYTES {
            self.compact();
        }
        self.bytes() > MAX_WORDS_BYTES
    }

    /// Adds the words of a text.
    pub fn text(&mut self, text: &str) {
        let folded = fold(text);
        each_word(&folded, |word| self.add(&[cut(word, MAX_WORD)]));
    }

    /// Adds a field: its path as words and as a token, and each word of its value with the path.
    pub fn field(&mut self, path: &str, token: &str, value: &str) {
        self.text(path);
        self.add(&[token, ":"]);
        let folded = fold(value);
        each_word(&folded, |word| {
            let word = cut(word, MAX_WORD);
            self.add(&[word]);
            self.add(&[token, ":", word]);
        });
    }

    /// Adds something that the product knows; this is never left out.
    pub fn known(&mut self, known: Known, value: &str) {
        self.push(&[&known_token(known, value)]);
    }

    /// The tokens, each once, in alphabetical order: what the product knows comes first.
    fn tokens(&self) -> Vec<&str> {
        let mut tokens: Vec<&str> = self.spans.iter().map(|(start, end)| &self.text[*start..*end]).collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// Takes repetitions out.
    fn compact(&mut self) {
        let mut compact = Self { full: self.full, ..Self::default() };
        for token in self.tokens() {
            compact.push(&[token]);
        }
        *self = compact;
    }

    /// The tokens that are kept, separated by blanks.
    #[must_use]
    pub fn finish(self) -> String {
        let mut out = String::with_capacity(self.bytes().min(MAX_WORDS_BYTES));
        for token in self.tokens() {
            if out.len() + token.len() >= MAX_WORDS_BYTES {
                break;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(token);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SRCH-03: case and accents do not matter, ß is ss, ° and € are literal.
    #[test]
    fn texts_are_folded() {
        assert_eq!(
            words("Geëxporteerd naar STRAẞE, café 4.2 °C € 5"),
            ["geexporteerd", "naar", "strasse", "cafe", "4", "2", "°", "c", "€", "5"]
        );
        assert_eq!(words("ﬁle ＡＢＣ １２ İstanbul"), ["file", "abc", "12", "istanbul"]);
        assert_eq!(words("container_arrived 50% foo-bar"), ["container", "arrived", "50", "foo", "bar"]);
        assert_eq!(words("📦 مرحبا"), ["📦", "مرحبا"]);
    }

    /// SRCH-03: repetitions do not count against the limit, and beyond it the log is marked.
    #[test]
    fn repetitions_do_not_count() {
        let mut collector = Collector::default();
        for _ in 0..100_000 {
            collector.text("laadperron dok");
        }
        assert!(!collector.overflows());
        assert_eq!(collector.finish(), "dok laadperron");
        let mut many = Collector::default();
        (0..200_000).for_each(|number| many.text(&format!("woord{number}")));
        assert!(many.overflows());
        many.known(Known::Flag, "partly_indexed");
        let kept = many.finish();
        assert!(kept.starts_with("#f:partly_indexed woord") && kept.len() <= MAX_WORDS_BYTES);
        assert!(kept.len() > MAX_WORDS_BYTES - 100, "as much is kept as fits");
    }

    proptest! {
        /// SRCH-07: any text gives tokens without white space that no other text can forge.
        #[test]
        fn tokens_hold_no_blanks(text in "\\PC{0,60}") {
            let mut collector = Collector::default();
            collector.field(&text, &path_token(&text), &text);
            collector.known(Known::Kind, &text);
            for token in collector.finish().split(' ') {
                prop_assert!(!token.contains(char::is_whitespace));
            }
            for word in words(&text) {
                prop_assert!(!word.starts_with('#') && !word.contains(':') && !word.is_empty());
            }
        }

        /// SRCH-03: however often words are repeated, each is kept once and none is lost before the limit.
        #[test]
        fn tokens_are_kept_once(texts in proptest::collection::vec("[a-e]{1,3}( [a-e]{1,3}){0,9}", 1..20), times in 1_usize..40) {
            let mut collector = Collector::default();
            for text in texts.iter().cycle().take(texts.len() * times) {
                collector.text(text);
            }
            prop_assert!(!collector.overflows());
            let mut expected: Vec<String> = texts.iter().flat_map(|text| words(text)).collect();
            expected.sort_unstable();
            expected.dedup();
            prop_assert_eq!(collector.finish(), expected.join(" "));
        }

        /// SRCH-03: folding twice changes nothing.
        #[test]
        fn folding_is_stable(text in "\\PC{0,60}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
