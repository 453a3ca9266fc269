//! Tamper evidence (LOG-16): each day's live logs of a customer are sealed in a digest chained to the day before, and
//! anybody who has the logs can compute it anew. This page says what exactly is hashed.
//!
//! **Fields.** Everything is hashed as a row of fields. A field that is absent is the byte `00`; any other is the byte
//! `01`, its length in bytes as 64-bit big-endian number, and its bytes: text as UTF-8, numbers in decimal digits,
//! instants as milliseconds since 1970 (UTC). `‖` joins bytes, `H` is SHA-256, digests are written in lower-case
//! hexadecimal and, where a digest is a field, hashed as that text.
//!
//! **Leaf of a log.** `H(00 ‖ fields)` with the fields `mvai.log/1`, number of the customer, number of the log, kind,
//! level, message, data (the JSON exactly as sent), metadata, occurred at, received at, source, IP address, actor,
//! external id, number of the log that it corrects, flags (separated by blanks), salt. The API and the JSON export show
//! all of these; `GET /logs/{id}/proof` and the JSON export (`seal_salt`) show the salt.
//!
//! **Salt.** 96 random bits that are stored with a log and forgotten with its content. An erased log leaves its leaf
//! behind, and without the salt the leaf tells nobody who guesses what stood there.
//!
//! **Numbers.** Logs of a customer are numbered without gaps, and a seal covers a range of numbers that begins where
//! the one before ended. So a log that is taken away, or put in, is noticed by its number alone. A number that had no
//! log when its day was sealed has the leaf `H(00 ‖ fields)` of `mvai.gap/1`, customer, number; verifying reports it.
//!
//! **Days** are days of *receipt* in UTC: a log that is recorded late about last week belongs to today, and no log
//! ever joins a day that is sealed. A range ends before the first log that was received after the day. After the clock
//! of the server was wrong, logs can stand in the seal of another day than their time of receipt says; the range
//! counts. Logs of the test space, and those recorded before the version that brought seals, are not sealed.
//!
//! **Tree.** Over the leaves of a day in order of numbers stands the tree of RFC 9162 (2.1.1): `H(01 ‖ left ‖ right)`,
//! split at the largest power of two below the number of leaves. So a path of a few digests proves that one log is in it.
//!
//! **Seal.** `H(fields)` of `mvai.seal/1`, customer, position in the chain (from 1), day (`YYYY-MM-DD`), first number,
//! number of leaves, root, digest of the seal before (absent for the first), instant of sealing.
//!
//! **Erasing.** When a log is erased, or fields of it are made unreadable, its leaf is kept beside (`log_leaf`), with
//! the erasure that did it, in the transaction that does it; of a changed log also the leaf of what is left. Verifying
//! accepts either only if the erasure is on record. A leaf never changes, whenever its log is erased: before, while or
//! after its day is sealed. When nothing of a day is left, its leaves go as well and the seal stays: the chain can
//! be verified on, the day can no longer be computed, and verifying says so.
//!
//! **What is kept.** Leaves are computed when they are needed. Of each 256 numbers the root of their part of the tree is
//! kept, with the first 24 bits of each leaf: a change is found and named, and a proof made, without reading the whole
//! day. That is four bytes a log; about 100 more of an erased one until its day is gone.
//!
//! **What it cannot do.** Whoever can write to the database and knows this page can write another chain. That is seen
//! by any seal that somebody keeps elsewhere: exports carry seals, the web app shows the newest one to copy, and
//! verifying takes one to look for. What is changed before its day is sealed is not seen, except for missing numbers.

pub mod digest;
pub mod proof;
pub mod repo;
pub mod report;
pub mod routes;
pub mod sealing;
pub mod service;
mod stored;
pub mod thin;
pub mod tree;
pub mod verify;
