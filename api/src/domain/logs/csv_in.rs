//! CSV uploads: each row becomes a JSON object with the names of the header.

use shared::problem::Code;

use crate::http::problem::Problem;

/// A row with its line in the file, as JSON or as a problem of its own.
pub type Row = (usize, Result<Vec<u8>, Problem>);

/// Reads rows; numbers stay exactly as written, empty cells are left out.
///
/// # Errors
/// `invalid_csv` when there is no usable header, `too_many_items` above the limit.
pub fn rows(bytes: &[u8], limit: usize) -> Result<Vec<Row>, Problem> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Problem::new(Code::InvalidUtf8))?;
    let first = text.lines().next().unwrap_or_default();
    let count = |sign: char| first.matches(sign).count();
    let delimiter = [';', '\t', ','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter as u8)
        .flexible(true)
        .has_headers(true)
        .from_reader(text.as_bytes());
    let invalid = |reason: &str| Problem::new(Code::InvalidCsv).with("reason", reason);
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| invalid(&error.to_string()))?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    if header.iter().all(String::is_empty) {
        return Err(Problem::new(Code::EmptyBody));
    }
    if let Some(twice) = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name)) {
        return Err(invalid(&format!("‘{}’ ×2", twice.1)));
    }
    if header.iter().any(String::is_empty) {
        return Err(invalid("‘’"));
    }
    let mut rows = Vec::new();
    let mut lines = Lines { text: text.as_bytes(), at: 0, line: 1 };
    for record in reader.records() {
        if rows.len() >= limit {
            return Err(Problem::new(Code::TooManyItems).with("actual", limit + 1).with("limit", limit));
        }
        match record {
            Ok(record) => {
                let number = lines.of(record.position());
                if record.len() != header.len() {
                    let reason = format!("{} ≠ {}", record.len(), header.len());
                    rows.push((number, Err(invalid(&reason))));
                } else {
                    rows.push((number, Ok(object(&header, &record))));
                }
            }
            Err(error) => rows.push((lines.of(error.position()), Err(invalid(&error.to_string())))),
        }
    }
    Ok(rows)
}

/// Counts lines along with the reader, which skips blank ones and does not say so.
struct Lines<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, position: Option<&csv::Position>) -> usize {
        let start = position.and_then(|position| usize::try_from(position.byte()).ok()).unwrap_or(self.at);
        let blank = |rest: &[u8]| rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = start + self.text.get(start..).map_or(0, blank);
        self.line += self
            .text
            .get(self.at..start)
            .map_or(0, |passed| passed.iter().filter(|byte| **byte == b'\n').count());
        self.at = start.max(self.at);
        self.line
    }
}

fn object(header: &[String], record: &csv::StringRecord) -> Vec<u8> {
    let mut json = String::from("{");
    for (name, cell) in header.iter().zip(record.iter()).filter(|(_, cell)| !cell.trim().is_empty()) {
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(&serde_json::to_string(name).unwrap_or_default());
        json.push(':');
        if is_number(cell.trim()) {
            json.push_str(cell.trim());
        } else {
            json.push_str(&serde_json::to_string(cell).unwrap_or_default());
        }
    }
    json.push('}');
    json.into_bytes()
}

/// A number as JSON writes it; `007` and `1,5` are texts.
fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) =
        digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let shaped =
        all_digits(whole) && fraction.is_none_or(all_digits) && (whole == "0" || !whole.starts_with('0'));
    shaped && digits.len() <= 15
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(csv: &str) -> Vec<String> {
        let rows = rows(csv.as_bytes(), 100).unwrap();
        rows.into_iter()
            .map(|(line, row)| {
                format!(
                    "{line} {}",
                    row.map_or_else(|p| p.code.as_str().to_owned(), |json| String::from_utf8(json).unwrap())
                )
            })
            .collect()
    }

    /// LOG-06: rows become objects; delimiters, quotes and line breaks in cells are read; bad rows have their line.
    #[test]
    fn rows_become_objects() {
        let csv = "kind;order;temp;note\r\nscan;007;4.2;\"a;\"\"b\"\"\nc\"\r\nscan;1\r\nscan;8;-0.5;\r\n";
        assert_eq!(
            texts(csv),
            [
                r#"2 {"kind":"scan","order":"007","temp":4.2,"note":"a;\"b\"\nc"}"#,
                "4 invalid_csv",
                r#"5 {"kind":"scan","order":8,"temp":-0.5}"#
            ]
        );
        assert_eq!(texts("\u{feff}a,b\n1,x\n"), [r#"2 {"a":1,"b":"x"}"#]);
        assert_eq!(texts("\r\n\na\n\n\n1\n\r\n2"), [r#"6 {"a":1}"#, r#"8 {"a":2}"#], "blank lines count");
    }

    /// LOG-06: a file without usable names is refused as a whole.
    #[test]
    fn headers_are_required() {
        for csv in ["a,a\n1,2\n", "a,\n1,2\n"] {
            assert_eq!(rows(csv.as_bytes(), 100).unwrap_err().code, Code::InvalidCsv);
        }
        assert_eq!(rows(b"", 100).unwrap_err().code, Code::EmptyBody);
        assert_eq!(rows(b"a\n1\n2\n3\n", 2).unwrap_err().code, Code::TooManyItems);
    }
}
