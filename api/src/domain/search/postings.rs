//! Which logs of a block have a gram, as a short text. Pure.
//!
//! Offsets within the block rise. A distance to the next one takes a sign, or two; those that follow each other without a
//! gap take three together, however many they are: names of fields stand in every log of a kind.

/// Logs of a block: numbers whose upper bits are the same.
pub const BLOCK: i64 = 1 << BITS;
const BITS: u32 = 12;

const DIGITS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
/// First signs of longer distances.
const LONG: &[u8; 24] = b"#$%&'()+,./:;<=>?@[]^`{|";
/// Before an offset that stands for itself.
const AT: u8 = b'!';
/// Before the number of offsets that follow without a gap.
const RUN: u8 = b'*';
/// Shorter runs are written as distances.
const SHORT: usize = 4;

/// The block and the offset in it of a log's number.
#[must_use]
pub fn place(seq: i64) -> (i64, u16) {
    (seq >> BITS, u16::try_from(seq & (BLOCK - 1)).unwrap_or_default())
}

/// The number of a log by its block and offset.
#[must_use]
pub fn number(block: i64, offset: u16) -> i64 {
    (block << BITS) + i64::from(offset)
}

fn push(out: &mut String, byte: Option<&u8>) {
    out.extend(byte.map(|byte| char::from(*byte)));
}

fn two(out: &mut String, sign: u8, value: usize) {
    push(out, Some(&sign));
    push(out, DIGITS.get(value / 64));
    push(out, DIGITS.get(value % 64));
}

/// Writes offsets, which rise.
#[must_use]
pub fn write(offsets: &[u16]) -> String {
    let mut out = String::new();
    let mut rest = offsets;
    let mut last: Option<u16> = None;
    while let Some((&next, after)) = rest.split_first() {
        let gap = last.map_or(usize::MAX, |last| usize::from(next - last) - 1);
        let run = rest.windows(2).take_while(|pair| pair[1] == pair[0] + 1).count() + usize::from(gap == 0);
        if gap == 0 && run > SHORT {
            two(&mut out, RUN, run - 1);
            let (taken, left) = rest.split_at(run);
            (last, rest) = (taken.last().copied(), left);
            continue;
        }
        match (gap, gap.wrapping_sub(64)) {
            (0..64, _) => push(&mut out, DIGITS.get(gap)),
            (_, long) if long < LONG.len() * 64 => {
                push(&mut out, LONG.get(long / 64));
                push(&mut out, DIGITS.get(long % 64));
            }
            _ => two(&mut out, AT, usize::from(next)),
        }
        (last, rest) = (Some(next), after);
    }
    out
}

fn digit(byte: Option<u8>) -> Option<u16> {
    let byte = byte?;
    let value = match byte {
        b'0'..=b'9' => byte - b'0',
        b'A'..=b'Z' => byte - b'A' + 10,
        b'a'..=b'z' => byte - b'a' + 36,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    };
    Some(u16::from(value))
}

/// Reads offsets; none when the text is not one that [`write()`] makes.
#[must_use]
pub fn read(text: &str) -> Option<Vec<u16>> {
    let mut bytes = text.bytes();
    let mut offsets: Vec<u16> = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        match byte {
            AT => {
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                offsets.push(high * 64 + low);
            }
            RUN => {
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                let first = offsets.last()?.saturating_add(1);
                offsets.extend(first..=first.saturating_add(high * 64 + low));
            }
            _ => {
                let gap = match digit(Some(byte)) {
                    Some(gap) => gap,
                    None => {
                        let long = LONG.iter().position(|sign| *sign == byte)?;
                        64 + u16::try_from(long).ok()? * 64 + digit(bytes.next())?
                    }
                };
                let last = *offsets.last()?;
                offsets.push(last.saturating_add(gap + 1));
            }
        }
    }
    Some(offsets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SRCH-03: what all logs have takes six signs, what few have one or two each.
    #[test]
    fn offsets_are_short() {
        let all: Vec<u16> = (0..4_096).collect();
        assert_eq!(write(&all), "!00*_-");
        assert_eq!(write(&[5]), "!05");
        assert_eq!(write(&[0, 1, 2, 66, 2_000, 4_095]), "!0000_!VG!__");
        for signs in [DIGITS.as_slice(), LONG.as_slice(), &[AT, RUN]] {
            assert!(signs.iter().all(|sign| sign.is_ascii_graphic() && !b"\"\\".contains(sign)));
        }
        assert!(LONG.iter().all(|sign| !DIGITS.contains(sign) && ![AT, RUN].contains(sign)));
    }

    /// SRCH-03: a text that is none is not read as something else.
    #[test]
    fn nonsense_is_not_read() {
        for text in ["0", "*00", "!0", "!00*", "!00~", "!00#", "é"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read(""), Some(vec![]));
    }

    proptest! {
        /// SRCH-03: what is written is read again, whatever it is.
        #[test]
        fn offsets_are_read_again(gaps in proptest::collection::vec(prop_oneof![4 => Just(1_u16), 2 => 1_u16..70, 1 => 1_u16..2_500], 0..400), start in 0_u16..300) {
            let mut offsets = vec![start];
            for gap in gaps {
                let next = offsets[offsets.len() - 1] + gap;
                if i64::from(next) < BLOCK {
                    offsets.push(next);
                }
            }
            prop_assert_eq!(read(&write(&offsets)), Some(offsets));
        }

        /// SRCH-03: a number lies at one place.
        #[test]
        fn numbers_have_places(seq in 1_i64..1 << 39) {
            let (block, offset) = place(seq);
            prop_assert_eq!(number(block, offset), seq);
            prop_assert!(i64::from(offset) < BLOCK);
        }
    }
}
