//! Reading bodies: the limit counts unpacked bytes, and a slow sender is let go.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use shared::problem::Code;

use super::problem::Problem;

/// Largest body of a control route.
pub const CONTROL_LIMIT: usize = 2 * 1024 * 1024;

/// Reads a body up to a limit.
///
/// # Errors
/// `body_too_large`, `invalid_encoding` when it cannot be unpacked, `request_timeout` when the sender stops.
pub async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut stream = body.into_data_stream();
    let mut first: Option<Bytes> = None;
    let mut all = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| broken(&error))?;
        let size = first.as_ref().map_or(0, Bytes::len) + all.len() + chunk.len();
        if size > limit {
            return Err(Problem::new(Code::BodyTooLarge).with("limit", human_bytes(limit)));
        }
        match (&first, all.is_empty()) {
            (None, true) => first = Some(chunk),
            _ => {
                if let Some(bytes) = first.take() {
                    all.extend_from_slice(&bytes);
                }
                all.extend_from_slice(&chunk);
            }
        }
    }
    Ok(first.unwrap_or_else(|| all.freeze()))
}

fn broken(error: &axum::Error) -> Problem {
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = source {
        if cause.is::<tower_http::timeout::TimeoutError>() {
            return Problem::new(Code::RequestTimeout);
        }
        source = cause.source();
    }
    Problem::new(Code::InvalidEncoding).with("encoding", "gzip, zstd, br").caused_by(error)
}

/// Writes a size for people, such as `256 KiB`.
#[must_use]
pub fn human_bytes(bytes: usize) -> String {
    const KIB: usize = 1024;
    match bytes {
        size if size >= KIB * KIB && size % (KIB * KIB) == 0 => format!("{} MiB", size / (KIB * KIB)),
        size if size >= 10 * KIB => format!("{} KiB", size.div_ceil(KIB)),
        size => format!("{size} B"),
    }
}
