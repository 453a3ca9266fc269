//! What the detector says of lines: for operators who want to know why a request was refused, and for measurements.

use std::io::{self, BufRead, Write};

use serde::Serialize;

use super::detector::{self, Part};

/// What is said of one line.
#[derive(Debug, Serialize)]
struct Said {
    score: u32,
    event: bool,
    refused: bool,
    rules: Vec<&'static str>,
}

/// Reads one value a line, up to line feeds, and writes one JSON object a line. By the same code as the server.
///
/// # Errors
/// What reading or writing says.
pub fn classify(part: Part, mut input: impl BufRead, mut output: impl Write) -> io::Result<()> {
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let value = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(&line));
        let verdict = detector::inspect(part, &value);
        let said = Said {
            score: verdict.score,
            event: verdict.is_event(),
            refused: verdict.is_refusal(),
            rules: verdict.rules,
        };
        serde_json::to_writer(&mut output, &said)?;
        output.write_all(b"\n")?;
        line.clear();
    }
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each line gets its answer, whatever its bytes are; an empty line is a value as well.
    #[test]
    fn each_line_is_answered() {
        let input = b"pallet 12\n' or 1=1 --\n\n\xff\xfe\nlast ../../etc/passwd";
        let mut output = Vec::new();
        classify(Part::Query, input.as_slice(), &mut output).unwrap();
        let said: Vec<serde_json::Value> = String::from_utf8(output)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let events: Vec<bool> = said.iter().map(|one| one["event"].as_bool().unwrap()).collect();
        assert_eq!(events, [false, true, false, false, true]);
        assert_eq!(said[0], serde_json::json!({"score": 0, "event": false, "refused": false, "rules": []}));
    }
}
