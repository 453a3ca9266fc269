//! Letters: which characters can be shown, how wide they are, and where a line breaks.

use std::collections::HashMap;
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use unicode_normalization::UnicodeNormalization;

const REGULAR: &[u8] = include_bytes!("fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("fonts/NotoSans-Bold.ttf");
/// Stands for a character that cannot be shown.
const REPLACEMENT: char = '\u{FFFD}';
/// Stands at the end of a text that was too long.
pub const CUT: &str = " […]";

/// Weight of a face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// For texts.
    Regular,
    /// For headings.
    Bold,
}

/// Number of the glyph and its width, of a square of one, by character.
type Letters = HashMap<char, (u32, f32)>;

static LETTERS: LazyLock<[Letters; 2]> = LazyLock::new(|| [letters(REGULAR), letters(BOLD)]);

fn letters(bytes: &'static [u8]) -> Letters {
    let Ok(font) = FontRef::new(bytes) else { return Letters::new() };
    let metrics = font.glyph_metrics(Size::new(1.0), LocationRef::default());
    let mapped = font.charmap().mappings().filter_map(|(code, glyph)| {
        let letter = char::from_u32(code)?;
        Some((letter, (glyph.to_u32(), metrics.advance_width(glyph)?)))
    });
    mapped.collect()
}

fn of(weight: Weight) -> &'static Letters {
    &LETTERS[usize::from(weight == Weight::Bold)]
}

/// A face for a document.
///
/// # Errors
/// Never with the fonts in the program.
pub fn font(weight: Weight) -> Option<Font> {
    let bytes = if weight == Weight::Bold { BOLD } else { REGULAR };
    Font::new(bytes.into(), 0)
}

/// A text as it can be shown, on one line, and how many characters had to be replaced: those without a glyph, and those
/// that would change how others are read.
#[must_use]
pub fn shown(text: &str) -> (String, usize) {
    let mut replaced = 0;
    let mut one = |c: char| match c {
        '\n' | '\r' | '\t' => ' ',
        // Invisible, or turning the direction of what follows.
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' => {
            replaced += 1;
            REPLACEMENT
        }
        c if of(Weight::Regular).contains_key(&c) && of(Weight::Bold).contains_key(&c) => c,
        _ => {
            replaced += 1;
            REPLACEMENT
        }
    };
    let text = text.nfc().map(&mut one).collect();
    (text, replaced)
}

/// How wide a text is, in points.
#[must_use]
pub fn width(text: &str, weight: Weight, size: f32) -> f32 {
    let letters = of(weight);
    text.chars().filter_map(|c| letters.get(&c)).map(|(_, width)| width * size).sum()
}

/// A text as glyphs; what has none is left out, so texts come through [`shown`] first.
#[must_use]
pub fn glyphs(text: &str, weight: Weight) -> Vec<KrillaGlyph> {
    let letters = of(weight);
    let glyph = |(at, c): (usize, char)| {
        let (glyph, width) = letters.get(&c)?;
        let place = at..at + c.len_utf8();
        Some(KrillaGlyph::new(GlyphId::new(*glyph), *width, 0.0, 0.0, 0.0, place, None))
    };
    text.char_indices().filter_map(glyph).collect()
}

/// Breaks a text into lines that fit, between words where there are any; says whether it had to be cut. A line that goes
/// on ends in a blank, so that words stay apart for those who copy the text or have it read to them.
#[must_use]
pub fn wrap(text: &str, weight: Weight, size: f32, room: f32, most: usize) -> (Vec<String>, bool) {
    let mut lines = vec![String::new()];
    let mut used = 0.0;
    let blank = width(" ", weight, size);
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let wide = width(word, weight, size);
        let empty = lines.last().is_none_or(String::is_empty);
        if !empty && used + blank + wide > room {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            lines.push(String::new());
            used = 0.0;
        } else if !empty {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
            }
            used += blank;
        }
        for c in word.chars() {
            let step = of(weight).get(&c).map_or(0.0, |(_, width)| width * size);
            if used + step > room && used > 0.0 {
                lines.push(String::new());
                used = 0.0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
            }
            used += step;
        }
        if lines.len() > most {
            break;
        }
    }
    let cut = lines.len() > most;
    if cut {
        lines.truncate(most);
        if let Some(line) = lines.last_mut() {
            let tail = width(CUT, weight, size);
            while width(line, weight, size) + tail > room && line.pop().is_some() {}
            line.truncate(line.trim_end().len());
            line.push_str(CUT);
        }
    }
    (lines, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-04: letters of the languages around us are there in both weights.
    #[test]
    fn letters_of_europe_are_there() {
        for text in
            ["€ 12,50 – 80 °C ≠ ë é ï ĳ ł Ł ő ş č ñ ß œ æ ø å ğ ț Ω Ж і ґ", "«Straße» ‘ja’ “nee” … • №"]
        {
            let (shown, replaced) = shown(text);
            let missing: String =
                shown.chars().zip(text.nfc()).filter(|(a, b)| a != b).map(|(_, b)| b).collect();
            assert!(replaced <= 1 && (missing.is_empty() || missing == "≠"), "{missing}");
        }
        assert!(font(Weight::Regular).is_some() && font(Weight::Bold).is_some());
    }

    /// EXP-04, SEC-02: what cannot be shown, or would turn or hide other text, is replaced visibly and counted.
    #[test]
    fn hostile_characters_are_replaced_visibly() {
        for (text, expected, count) in [
            ("a\u{0}b\u{1b}[31m", "a�b�[31m", 2),
            ("x\u{202e}fdp.exe", "x�fdp.exe", 1),
            ("🚚 op weg", "� op weg", 1),
            ("مرحبا", "�����", 5),
            ("a\u{200b}b\u{feff}", "a�b�", 2),
            ("regel\nregel\t.", "regel regel .", 0),
            ("e\u{301}", "é", 0),
        ] {
            assert_eq!(shown(text), (expected.to_owned(), count), "{text:?}");
        }
    }

    /// EXP-04, GEN-10: lines fit, nothing is lost at a break, and a cut says so.
    #[test]
    fn lines_fit_and_cuts_are_visible() {
        let (size, room) = (8.0, 100.0);
        let fits = |lines: &[String]| {
            lines.iter().all(|line| width(line.trim_end(), Weight::Regular, size) <= room + 0.01)
        };
        let text = "de rit van Venlo naar Rotterdam is om tien over vier aangekomen bij dok drie";
        let (lines, cut) = wrap(text, Weight::Regular, size, room, 10);
        assert!(!cut && fits(&lines) && lines.len() > 1);
        assert_eq!(lines.concat(), text);
        let long = "x".repeat(10_000);
        let (lines, cut) = wrap(&long, Weight::Regular, size, room, 500);
        assert!(!cut && fits(&lines));
        assert_eq!(lines.concat(), long);
        let (lines, cut) = wrap(&long, Weight::Regular, size, room, 3);
        assert!(cut && fits(&lines) && lines.len() == 3 && lines[2].ends_with(CUT));
        assert_eq!(wrap("", Weight::Bold, size, room, 3), (vec![String::new()], false));
    }
}
