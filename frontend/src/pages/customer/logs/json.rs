//! Sets JSON out for reading without reading it into values: order, numbers and doubles stay as they were sent.

/// What a piece of JSON is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// Brackets, commas, colons, white space.
    Sign,
    /// The name of a member.
    Name,
    /// A text.
    Text,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

impl Piece {
    /// Class in the style sheet; nothing for plain pieces.
    #[must_use]
    pub const fn class(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("k"),
            Self::Number => Some("n"),
            Self::Word => Some("b"),
            Self::Sign | Self::Text => None,
        }
    }
}

/// Larger records are shown in one plain piece, so that the page stays quick.
const MAX_PRETTY: usize = 64 * 1024;

/// Sets JSON out with two spaces per level; what is no JSON comes back as it is.
#[must_use]
pub fn pretty(json: &str) -> Vec<(Piece, String)> {
    if json.len() > MAX_PRETTY {
        return vec![(Piece::Sign, json.to_owned())];
    }
    let mut out = Writer::default();
    let mut rest = json.char_indices().peekable();
    while let Some((start, c)) = rest.next() {
        match c {
            '"' => {
                let mut end = json.len();
                let mut escaped = false;
                for (at, c) in rest.by_ref() {
                    match c {
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        '"' => {
                            end = at + 1;
                            break;
                        }
                        _ => {}
                    }
                }
                let text = json.get(start..end).unwrap_or_default();
                let is_name = json.get(end..).is_some_and(|tail| tail.trim_start().starts_with(':'));
                out.push(if is_name { Piece::Name } else { Piece::Text }, text);
            }
            '{' | '[' => {
                let close = if c == '{' { '}' } else { ']' };
                while rest.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
                if rest.next_if(|(_, c)| *c == close).is_some() {
                    out.push(Piece::Sign, if c == '{' { "{}" } else { "[]" });
                } else {
                    out.depth += 1;
                    out.sign(c);
                    out.new_line();
                }
            }
            '}' | ']' => {
                out.depth = out.depth.saturating_sub(1);
                out.new_line();
                out.sign(c);
            }
            ',' => {
                out.sign(c);
                out.new_line();
            }
            ':' => out.push(Piece::Sign, ": "),
            c if c.is_ascii_whitespace() => {}
            _ => {
                let mut end = start + c.len_utf8();
                while let Some((at, c)) =
                    rest.next_if(|(_, c)| !c.is_ascii_whitespace() && !",]}:".contains(*c))
                {
                    end = at + c.len_utf8();
                }
                let kind = if c == '-' || c.is_ascii_digit() { Piece::Number } else { Piece::Word };
                out.push(kind, json.get(start..end).unwrap_or_default());
            }
        }
    }
    out.pieces
}

#[derive(Default)]
struct Writer {
    pieces: Vec<(Piece, String)>,
    depth: usize,
}

impl Writer {
    fn push(&mut self, kind: Piece, text: &str) {
        match self.pieces.last_mut() {
            Some((last, so_far)) if *last == kind && kind == Piece::Sign => so_far.push_str(text),
            _ => self.pieces.push((kind, text.to_owned())),
        }
    }

    fn sign(&mut self, c: char) {
        self.push(Piece::Sign, c.encode_utf8(&mut [0; 4]));
    }

    fn new_line(&mut self) {
        let indent = format!("\n{}", "  ".repeat(self.depth.min(64)));
        self.push(Piece::Sign, &indent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        pretty(json).into_iter().map(|(_, text)| text).collect()
    }

    /// LOG-06: what is shown is what was sent: order, numbers and doubled names included.
    #[test]
    fn records_are_set_out_as_sent() {
        let json = r#"{"b":1.50,"a":[true, null,{}],"b":"x\"}, y","e":[]}"#;
        let expected = "{\n  \"b\": 1.50,\n  \"a\": [\n    true,\n    null,\n    {}\n  ],\n  \"b\": \"x\\\"}, y\",\n  \"e\": []\n}";
        assert_eq!(text(json), expected);
    }

    /// UI-02: names, texts and numbers are told apart, and broken JSON is shown instead of lost.
    #[test]
    fn pieces_are_told_apart() {
        assert_eq!(
            pretty(r#"{"a" :"1","b":-2e9}"#)
                .into_iter()
                .filter(|(kind, _)| *kind != Piece::Sign)
                .collect::<Vec<_>>(),
            [
                (Piece::Name, "\"a\"".to_owned()),
                (Piece::Text, "\"1\"".to_owned()),
                (Piece::Name, "\"b\"".to_owned()),
                (Piece::Number, "-2e9".to_owned()),
            ]
        );
        assert_eq!(text("]] \"open"), "\n]\n]\"open");
        assert_eq!(text("é"), "é");
    }
}
