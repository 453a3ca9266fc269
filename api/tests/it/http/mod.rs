//! What every request meets: bodies, headers, errors of the frame.

mod bodies;
mod frame;
mod headers;
mod idempotency;
mod version;
