//! Parts of words (`*part*`): three letters in a row say which logs may hold a part. Pure.
//!
//! Every three letters or digits in a row of a folded word are a *gram*. A part that stands somewhere in a log stands
//! in one of its texts, and each run of letters in the part lies within one word there; so a log that holds the part
//! has all grams of the part. The other way round says nothing: the log itself decides. A part without three letters in a
//! row has no gram and narrows nothing.

use std::collections::HashMap;

use super::doc::Doc;
use super::words::{each_word, fold};

/// Three letters or digits in a row, as a number: those of a-z and 0-9 have one of their own each, all others share the
/// rest. The numbers are stored; who changes them has the index made anew (`log_part`, `log_part_mark`).
pub type Gram = u16;

const LETTERS: u16 = 36;
const OWN: u16 = LETTERS * LETTERS * LETTERS;
/// Stands for every gram: of logs with more grams than are kept.
pub const EVERY: Gram = Gram::MAX;
/// A log with more grams than this is looked at whatever the part.
const MOST_GRAMS: usize = 4_096;
/// Grams of a part that are asked for; more of them would only be dearer.
const ASKED: usize = 8;
/// Ways to fit a query that are looked up; of a query with more of them the logs decide.
const MAX_WAYS: usize = 8;

const fn letter(byte: u8) -> Option<u16> {
    match byte {
        b'0'..=b'9' => Some((byte - b'0') as u16),
        b'a'..=b'z' => Some((byte - b'a') as u16 + 10),
        _ => None,
    }
}

/// The gram of three letters.
fn gram(letters: [char; 3]) -> Gram {
    let own = letters.iter().try_fold(0, |sum, c| {
        let letter = u8::try_from(u32::from(*c)).ok().and_then(letter)?;
        Some(sum * LETTERS + letter)
    });
    own.unwrap_or_else(|| {
        // FNV-1a: the same everywhere and for good.
        let hash = letters
            .iter()
            .flat_map(|c| u32::from(*c).to_le_bytes())
            .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        OWN + u16::try_from(hash % u32::from(EVERY - OWN)).unwrap_or_default()
    })
}

/// Calls `each` with every gram of a folded text, in order, and where it begins in its word.
fn each_gram(folded: &str, mut each: impl FnMut(usize, Gram)) {
    each_word(folded, |word| {
        let mut last = ['\0'; 3];
        for (at, c) in word.chars().enumerate() {
            last = [last[1], last[2], c];
            if at >= 2 {
                each(at - 2, gram(last));
            }
        }
    });
}

/// A set of grams.
struct Set {
    bits: Vec<u64>,
    len: usize,
}

impl Set {
    fn new() -> Self {
        Self { bits: vec![0; 1 << 10], len: 0 }
    }

    fn insert(&mut self, gram: Gram) {
        let bit = 1_u64 << (gram % 64);
        if let Some(bits) = self.bits.get_mut(usize::from(gram / 64)) {
            self.len += usize::from(*bits & bit == 0);
            *bits |= bit;
        }
    }

    fn text(&mut self, text: &str) {
        each_gram(&fold(text), |_, gram| self.insert(gram));
    }

    /// In order; a word of bits without any takes no time.
    fn list(&self) -> Vec<Gram> {
        let mut list = Vec::with_capacity(self.len);
        for (at, bits) in (0_u32..).zip(&self.bits) {
            let mut bits = *bits;
            while bits != 0 {
                list.extend(Gram::try_from(at * 64 + bits.trailing_zeros()));
                bits &= bits - 1;
            }
        }
        list
    }
}

/// The grams of everything in a log that a part is looked for in, in order.
#[must_use]
pub fn grams(doc: &Doc) -> Vec<Gram> {
    let mut set = Set::new();
    set.text(&doc.kind);
    for text in [&doc.message, &doc.external_id, &doc.ip].into_iter().flatten() {
        set.text(text);
    }
    let mut last = None;
    for (path, scalar) in &doc.fields {
        if last != Some(path) {
            set.text(path);
            last = Some(path);
        }
        for text in scalar.iter().flat_map(|scalar| scalar.texts()) {
            set.text(&text);
        }
    }
    if set.len > MOST_GRAMS { vec![EVERY] } else { set.list() }
}

/// What the index of parts can say about a query: a log that fits has all grams of one of these ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts(Vec<Vec<Gram>>);

impl Parts {
    /// Of a part of a text; none when it has no three letters in a row.
    #[must_use]
    pub fn of(part: &str) -> Option<Self> {
        // Grams that lie side by side hold all letters; the last one of a word lies over the one before.
        let mut grams = Vec::new();
        each_word(&fold(part), |word| {
            let mut own = Vec::new();
            each_gram(word, |_, gram| own.push(gram));
            let last = own.len().wrapping_sub(1);
            grams.extend(own.into_iter().enumerate().filter(|(at, _)| at % 3 == 0 || *at == last));
        });
        let mut grams: Vec<Gram> = grams.into_iter().map(|(_, gram)| gram).collect();
        grams.sort_unstable();
        grams.dedup();
        grams.truncate(ASKED);
        (!grams.is_empty()).then(|| Self(vec![grams]))
    }

    /// What fits both; where that has too many ways, the one with fewer.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        if self.0.len() * other.0.len() > MAX_WAYS {
            return if self.0.len() <= other.0.len() { self } else { other };
        }
        let both = |one: &Vec<Gram>, two: &Vec<Gram>| {
            let mut grams: Vec<Gram> = one.iter().chain(two).copied().collect();
            grams.sort_unstable();
            grams.dedup();
            grams.truncate(2 * ASKED);
            grams
        };
        Self(self.0.iter().flat_map(|one| other.0.iter().map(move |two| both(one, two))).collect())
    }

    /// What fits one of the two; none when that has too many ways.
    #[must_use]
    pub fn or(mut self, mut other: Self) -> Option<Self> {
        self.0.append(&mut other.0);
        self.0.dedup();
        (self.0.len() <= MAX_WAYS).then_some(self)
    }

    /// Grams to look up, each once.
    #[must_use]
    pub fn grams(&self) -> Vec<Gram> {
        let mut grams: Vec<Gram> = self.0.iter().flatten().copied().chain([EVERY]).collect();
        grams.sort_unstable();
        grams.dedup();
        grams
    }

    /// Offsets that have all grams of one of the ways, in order; `postings` holds the offsets of each gram in order.
    #[must_use]
    pub fn hits(&self, postings: &HashMap<Gram, Vec<u16>>) -> Vec<u16> {
        let mut hits = postings.get(&EVERY).cloned().unwrap_or_default();
        for way in &self.0 {
            let lists: Option<Vec<&Vec<u16>>> = way.iter().map(|gram| postings.get(gram)).collect();
            let Some(mut lists) = lists else { continue };
            lists.sort_unstable_by_key(|list| list.len());
            let Some((shortest, others)) = lists.split_first() else { continue };
            hits.extend(
                shortest.iter().filter(|offset| others.iter().all(|list| list.binary_search(offset).is_ok())),
            );
        }
        hits.sort_unstable();
        hits.dedup();
        hits
    }
}

#[cfg(test)]
mod tests {
    use super::super::doc::walk;
    use super::super::eval;
    use super::*;
    use proptest::prelude::*;

    fn doc(json: &str) -> Doc {
        let mut doc = Doc { kind: "scan".to_owned(), ..Doc::default() };
        walk(json, &mut doc).unwrap();
        doc
    }

    /// SRCH-03: a log is a hit of its own grams alone.
    fn is_hit(parts: &Parts, doc: &Doc) -> bool {
        let postings = grams(doc).into_iter().map(|gram| (gram, vec![7])).collect();
        parts.hits(&postings) == [7]
    }

    /// SRCH-03: parts of words are hits wherever they stand; what is not there mostly is none.
    #[test]
    fn parts_are_found_by_their_grams() {
        let doc = doc(r#"{"container":"MSKU1234567","ort":"Straße","n":88213.50,"الحاوية":"港口城市"}"#);
        for part in
            ["1234567", "sku12", "567", "trass", "213.50", "ontain", "can", "لحاو", "口城市", "88213-5"]
        {
            assert!(is_hit(&Parts::of(part).unwrap(), &doc), "{part}");
        }
        for part in ["1235", "sku2", "الح9", "scab", "城市港"] {
            assert!(!is_hit(&Parts::of(part).unwrap(), &doc), "{part}");
        }
        for part in ["", "ab", "a-b-c", "4.2 °C", "%_%", "港口", "📦📦📦"] {
            assert_eq!(Parts::of(part), None, "{part}");
        }
    }

    /// SRCH-03: conditions join as the query does, within bounds; beyond them less is narrowed, never more.
    #[test]
    fn conditions_join() {
        let part = |text: &str| Parts::of(text).unwrap();
        let doc = doc(r#"{"a":"abcde","b":"vwxyz"}"#);
        assert!(is_hit(&part("abc").and(part("xyz")), &doc));
        assert!(!is_hit(&part("abc").and(part("abd")), &doc));
        assert!(is_hit(&part("nee").or(part("xyz")).unwrap(), &doc));
        assert!(!is_hit(&part("nee").or(part("ook")).unwrap(), &doc));
        let words = ["aaa", "bbb", "ccc", "ddd", "eee", "fff", "ggg", "hhh", "abc"];
        let many = words.iter().map(|word| Some(part(word))).reduce(|all, next| all?.or(next?)).flatten();
        assert_eq!(many, None);
        let four =
            words[5..].iter().map(|word| Some(part(word))).reduce(|all, next| all?.or(next?)).flatten();
        let four = four.unwrap();
        assert!(is_hit(&four.clone().and(part("bcd").or(part("nee")).unwrap()), &doc));
        assert!(is_hit(&four.clone().and(part("bcd").or(part("nee")).unwrap()).and(four), &doc));
        assert!(part(&"0123456789abcdefghijklmnopqrstuvwxyz".repeat(9)).grams().len() <= ASKED + 1);
    }

    /// SRCH-03, GEN-14: a log with very many grams is a hit of every part and keeps one of them.
    #[test]
    fn logs_with_very_many_grams_are_always_looked_at() {
        let text: String = (0..40_000).map(|n| format!("{n:x} ")).collect();
        let doc = doc(&serde_json::json!({ "t": text }).to_string());
        assert_eq!(grams(&doc), [EVERY]);
        assert!(is_hit(&Parts::of("zzz").unwrap(), &doc));
    }

    proptest! {
        /// SRCH-03: whatever the text and the part, a log that fits is a hit.
        #[test]
        fn what_fits_is_a_hit(text in "[a-cé港 ß.-]{0,30}", from in 0_usize..30, len in 1_usize..12) {
            let part: String = text.chars().skip(from).take(len).collect();
            let doc = doc(&serde_json::json!({ "t": text }).to_string());
            let asked = shared::query::Text { text: part.clone(), mode: shared::query::Mode::Anywhere };
            prop_assert!(eval::text_fits(&asked, &text));
            if let Some(parts) = Parts::of(&part) {
                prop_assert!(is_hit(&parts, &doc), "{part:?} in {text:?}");
            }
        }
    }
}
