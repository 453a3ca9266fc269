//! The index of parts of words (SRCH-03): which logs have three letters in a row, so that `*4567*` reads a few logs and
//! not all of them.
//!
//! It is a table of short texts, one for each block of 4,096 numbers and each *gram* (`search::parts`) that a log of the
//! block has; the text says which logs (`search::postings`). Both engines have the same table and the same code above it:
//! a full-text table of SQLite takes three times the place for what stands in every log, keeps what was erased until its
//! parts are merged, and has no sibling on PostgreSQL, where row-level security keeps every index from use whose operator
//! may leak; looking up a number in a primary key may not. It lies in the same file as the logs, so that a backup, an
//! erasure and a commit are one for both.
//!
//! A *follower* (`follow`) writes it behind the logs, because it is four times as dear as the index of whole words. Up to
//! which number the logs are in it stands in `log_part_mark`, changed with it; logs behind the mark are read. So a result is
//! complete wherever the mark is. Who takes logs out of sight or changes them takes them out of here in the same
//! transaction (`change`), and counts `log_book.edits` up, by which the follower sees that it has to read anew.
//!
//! Locks: the book first, then the mark. The follower takes the mark alone, so that nobody who stores logs waits for it.

pub mod change;
pub mod find;
pub mod follow;
pub mod repo;
