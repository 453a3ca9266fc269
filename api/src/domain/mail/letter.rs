//! The words of a mail in their two forms: plain text, and HTML without images, scripts or anything from elsewhere.

use std::fmt::Write;

use shared::lang::Lang;

/// What stands in a mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Letter {
    /// Subject, on one line.
    pub subject: String,
    /// Paragraphs, from the first on.
    pub paragraphs: Vec<String>,
    /// Facts with their names.
    pub facts: Vec<(String, String)>,
    /// What the reader can do: words and address.
    pub action: Option<(String, String)>,
    /// What comes behind the action.
    pub closing: Vec<String>,
    /// Who sends it and why.
    pub footer: String,
}

/// A text on one line: what would break it, or turn its direction, is gone.
#[must_use]
pub fn one_line(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain: String =
        text.chars().filter(|c| !turns(*c)).map(|c| if breaks(c) { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text inside HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

impl Letter {
    /// The words as plain text; lines end with LF.
    #[must_use]
    pub fn text(&self) -> String {
        let mut blocks: Vec<String> = self.paragraphs.iter().map(|text| one_line(text)).collect();
        if !self.facts.is_empty() {
            let line = |(name, value): &(String, String)| format!("{name}: {}", one_line(value));
            blocks.push(self.facts.iter().map(line).collect::<Vec<_>>().join("\n"));
        }
        if let Some((words, address)) = &self.action {
            blocks.push(format!("{words}:\n{address}"));
        }
        blocks.extend(self.closing.iter().map(|text| one_line(text)));
        blocks.push(format!("-- \n{}", one_line(&self.footer)));
        blocks.join("\n\n") + "\n"
    }

    /// The words as an HTML page in a language.
    #[must_use]
    pub fn html(&self, lang: Lang) -> String {
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"{}\">\n<head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
             <title>{}</title></head>\n\
             <body style=\"margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:16px;line-height:1.5\">\n\
             <div style=\"max-width:600px;margin:0 auto\">\n<h1 style=\"font-size:20px\">{}</h1>\n",
            lang.code(),
            escaped(&self.subject),
            escaped(&self.subject),
        );
        let paragraph = |out: &mut String, text: &str| {
            let _ok = writeln!(out, "<p>{}</p>", escaped(&one_line(text)));
        };
        for text in &self.paragraphs {
            paragraph(&mut out, text);
        }
        if !self.facts.is_empty() {
            out.push_str("<table style=\"border-collapse:collapse\">\n");
            for (name, value) in &self.facts {
                let _ok = writeln!(
                    out,
                    "<tr><th scope=\"row\" style=\"text-align:left;font-weight:600;padding:4px 16px 4px 0\">{}</th>\
                     <td style=\"padding:4px 0\">{}</td></tr>",
                    escaped(name),
                    escaped(&one_line(value))
                );
            }
            out.push_str("</table>\n");
        }
        if let Some((words, address)) = &self.action {
            let _ok = writeln!(
                out,
                "<p><a href=\"{}\" style=\"font-weight:600\">{}</a></p>",
                escaped(address),
                escaped(words)
            );
        }
        for text in &self.closing {
            paragraph(&mut out, text);
        }
        let _ok = write!(
            out,
            "<p style=\"font-size:13px;border-top:1px solid #888;padding-top:12px\">{}</p>\n</div>\n</body>\n</html>\n",
            escaped(&one_line(&self.footer))
        );
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// MAIL-03: whatever a name holds, the page has our tags alone, and neither form gets a line of its own from it.
        #[test]
        fn names_stay_text(name in any::<String>()) {
            let letter = |value: &str| Letter {
                subject: one_line(value),
                paragraphs: vec![value.to_owned()],
                facts: vec![("Naam".to_owned(), value.to_owned())],
                footer: value.to_owned(),
                ..Letter::default()
            };
            let (with, without) = (letter(&name), letter("x"));
            let tags = |letter: &Letter| letter.html(Lang::Nl).matches('<').count();
            let lines = |letter: &Letter| (letter.text().lines().count(), letter.html(Lang::Nl).lines().count());
            prop_assert_eq!(tags(&with), tags(&without));
            prop_assert_eq!(lines(&with), lines(&without));
            prop_assert!(!with.subject.chars().any(char::is_control));
        }
    }

    /// MAIL-03: the page loads nothing and tells nobody that it was read.
    #[test]
    fn nothing_comes_from_elsewhere() {
        let action = Some(("Open".to_owned(), "https://mvai.example/app?a=1&b=\"2\"".to_owned()));
        let letter = Letter { subject: "Onderwerp".to_owned(), action, ..Letter::default() };
        let page = letter.html(Lang::En);
        for word in ["<img", "<script", "<link", "<iframe", "url(", "@import", "src=", "onload"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("<html lang=\"en\">"));
        assert!(page.contains("href=\"https://mvai.example/app?a=1&amp;b=&quot;2&quot;\""));
        assert_eq!(page.matches("http").count(), 1, "one address, that of the action");
    }
}
