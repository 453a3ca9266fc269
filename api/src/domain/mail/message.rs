//! The message of a mail (RFC 5322, MIME). Names and subjects cannot add headers: what breaks a line is gone before they
//! are encoded, and an address is read by a parser.

use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use shared::problem::Code;
use shared::time::Millis;

use super::letter::one_line;
use crate::config::Smtp;
use crate::http::problem::{Answer, Problem};

/// A file that travels with a mail.
#[derive(Debug, Clone)]
pub struct AttachedFile {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What a message is made of.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// Id of the mail: two attempts have the same.
    pub id: &'a str,
    /// Address of the recipient.
    pub recipient: &'a str,
    /// Language of the words.
    pub language: &'a str,
    /// Subject.
    pub subject: &'a str,
    /// Plain text.
    pub text: &'a str,
    /// HTML.
    pub html: &'a str,
}

fn broken(error: impl std::error::Error + 'static) -> Problem {
    Problem::new(Code::Internal).caused_by(&error)
}

/// An address as mail servers know it: the domain in ASCII (RFC 5891).
///
/// # Errors
/// `internal_error` when it is none.
pub fn address(text: &str) -> Answer<Address> {
    let (local, domain) = text.trim().rsplit_once('@').ok_or_else(|| Problem::new(Code::Internal))?;
    let domain = idna::domain_to_ascii(domain).map_err(broken)?;
    Address::new(local, domain).map_err(broken)
}

/// A text whose lines end as they must in a mail.
fn lines(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

/// Puts a message together, from us to one recipient.
///
/// # Errors
/// `internal_error` when an address is none.
pub fn build(smtp: &Smtp, parts: &Parts<'_>, file: Option<AttachedFile>, at: Millis) -> Answer<Message> {
    let from = address(&smtp.from_email)?;
    let since = std::time::Duration::from_millis(u64::try_from(at.0).unwrap_or_default());
    let own = |name: &'static str, value: &str| {
        HeaderValue::new(HeaderName::new_from_ascii_str(name), one_line(value))
    };
    let builder = Message::builder()
        .message_id(Some(format!("<{}@{}>", parts.id, from.domain())))
        .date(std::time::UNIX_EPOCH + since)
        .from(Mailbox::new(Some(one_line(&smtp.from_name)).filter(|name| !name.is_empty()), from))
        .to(Mailbox::new(None, address(parts.recipient)?))
        .subject(one_line(parts.subject))
        .raw_header(own("Content-Language", parts.language))
        // RFC 3834: no machine answers a machine.
        .raw_header(own("Auto-Submitted", "auto-generated"))
        .raw_header(own("X-Auto-Response-Suppress", "All"));
    let words = MultiPart::alternative()
        .singlepart(SinglePart::plain(lines(parts.text)))
        .singlepart(SinglePart::html(lines(parts.html)));
    let body = match file {
        None => words,
        Some(file) => {
            let kind = ContentType::parse(&file.media_type).map_err(broken)?;
            // Text that is plain enough would else go out as it is, and its line ends would not survive.
            let body = Body::new_with_encoding(file.bytes, ContentTransferEncoding::Base64)
                .map_err(|_| Problem::new(Code::Internal))?;
            MultiPart::mixed()
                .multipart(words)
                .singlepart(Attachment::new(one_line(&file.name)).body(body, kind))
        }
    };
    builder.multipart(body).map_err(broken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parts<'a>(recipient: &'a str, subject: &'a str, text: &'a str) -> Parts<'a> {
        Parts { id: "019a9e3c", recipient, language: "nl", subject, text, html: "<p>x</p>" }
    }

    /// Names of the headers of a message, folded lines joined.
    fn headers(message: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(message).into_owned();
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        head.split("\r\n")
            .filter(|line| !line.starts_with([' ', '\t']))
            .map(|line| line.split(':').next().unwrap_or_default().to_owned())
            .collect()
    }

    proptest! {
        /// MAIL-03: whatever subject, name or file name: the message has our headers and no other, and one recipient.
        #[test]
        fn headers_cannot_be_added(subject in any::<String>(), name in any::<String>(), cut in "\\PC{0,20}(\r\n|\n|\r)Bcc: a@b\\.example\\PC{0,20}") {
            for text in [subject, cut] {
                let smtp = Smtp { from_name: name.clone(), ..Smtp::local(25) };
                let file = AttachedFile { name: text.clone(), media_type: "text/csv; charset=utf-8; header=present".to_owned(), bytes: b"a".to_vec() };
                let message = build(&smtp, &parts("k1@klant.example", &text, &text), Some(file), Millis(1)).unwrap();
                prop_assert_eq!(message.envelope().to().len(), 1);
                let formatted = message.formatted();
                let found = headers(&formatted);
                let expected = ["Message-ID", "Date", "From", "To", "Subject", "Content-Language", "Auto-Submitted",
                    "X-Auto-Response-Suppress", "MIME-Version", "Content-Type"];
                prop_assert_eq!(found, expected);
                prop_assert!(formatted.is_ascii());
                prop_assert!(formatted.split(|byte| *byte == b'\n').all(|line| line.len() <= 1_000));
            }
        }

        /// MAIL-03: what is no address becomes no recipient.
        #[test]
        fn recipients_are_addresses(text in any::<String>()) {
            if let Ok(found) = address(&text) {
                prop_assert!(!found.to_string().chars().any(|c| c.is_control() || c == '<' || c == '>'));
            }
            let cut = format!("a@b.example\r\nRCPT TO:<{text}@c.example>");
            prop_assert!(address(&cut).is_err());
        }
    }

    /// MAIL-02: domains with accents go out as mail servers know them.
    #[test]
    fn domains_are_ascii() {
        assert_eq!(address("info@Bücher.example").unwrap().to_string(), "info@xn--bcher-kva.example");
        for wrong in ["", "a", "@b.example", "a@", "a b@c.example", "a@b@", "a@b.example\n", "a@b .example"] {
            assert!(address(wrong).is_err() || wrong.ends_with('\n'), "{wrong:?}");
        }
    }
}
