//! One box over everything that staff look for (SRCH-10): customers, logs, the audit log.

pub mod routes;
pub mod service;
