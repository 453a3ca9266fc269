//! Logs across customers, for staff (SRCH-10, ADM-07, EXP-09): the same grammar and filters as a customer's own list,
//! newest arrival first, with the customer in every row. Test spaces are left out.
//!
//! A query whose words few logs have is answered by the word index, and the hits are sorted by arrival. Any other one walks
//! the logs in the order of their arrival and reads each, within the time budget of a search. Neither depends on how many
//! customers there are; the walk depends on how rare the matches are, and says so (`partial`). Narrowed to one customer it
//! is that customer's own search.
//!
//! Each look is a row of the audit log of the installation, and of the customer that it was narrowed to.

pub mod export;
pub mod finder;
pub mod repo;
pub mod routes;
pub mod service;
