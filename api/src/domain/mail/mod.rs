//! Outgoing mail (MAIL-01): an outbox that is written in the transaction of its cause, and a worker that sends it.
//!
//! `words` says what stands in a mail, `letter` puts it into plain text and HTML, `message` makes the message of it,
//! `smtp` talks with the mail server. No mail in the outbox holds a secret: a link that opens something without signing
//! in is filled in when the mail is sent, and kept nowhere.
//!
//! A mail is sent at least once, and twice only when the server that sends it is killed after the mail server has taken
//! it and before that is written down; both have the same `Message-ID` then.

pub mod letter;
pub mod message;
pub mod repo;
pub mod routes;
pub mod service;
pub mod smtp;
pub mod words;
pub mod worker;

/// How long mails are kept that need no more work, in milliseconds: 90 days.
pub const KEEP_MS: i64 = 90 * 86_400_000;
/// Stands in the words of a mail where the address of a file comes when it is sent.
pub const LINK: &str = "[[link]]";
