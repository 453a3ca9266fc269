//! Parts of a file (RFC 9110 §14): one range of bytes, so that a download that was cut goes on where it ended.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::BytesMut;
use shared::problem::Code;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};

use crate::http::problem::{Answer, Problem};

/// Bytes that are read at once.
const CHUNK: usize = 64 * 1024;

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    /// From (included) to (excluded).
    Range(u64, u64),
    Impossible,
}

/// Reads a `Range`. What is not one range of bytes is answered with the whole file, as the standard allows.
fn part(headers: &HeaderMap, etag: &str, size: u64) -> Part {
    let text =
        |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    // A part of another version would not fit what the caller has; a weak or unknown name says nothing about bytes.
    if text(header::IF_RANGE).is_some_and(|known| known != etag) {
        return Part::Whole;
    }
    let Some((first, last)) = text(header::RANGE)
        .and_then(|range| range.strip_prefix("bytes="))
        .filter(|range| !range.contains(','))
        .and_then(|range| range.trim().split_once('-'))
    else {
        return Part::Whole;
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) || (first.is_empty() && last.is_empty()) {
        return Part::Whole;
    }
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let (from, to) = match (first, last) {
        ("", suffix) => (size.saturating_sub(number(suffix)), size),
        (first, "") => (number(first), size),
        (first, last) => (number(first), number(last).saturating_add(1).min(size)),
    };
    if from < to {
        return Part::Range(from, to);
    }
    // `bytes=5-3` is no range at all; one beyond the end is a range that does not exist.
    if !first.is_empty() && !last.is_empty() && number(first) > number(last) {
        return Part::Whole;
    }
    Part::Impossible
}

/// Answers with a file or the part of it that was asked for.
///
/// # Errors
/// `range_not_satisfiable`, or when the file cannot be read.
pub async fn serve(headers: &HeaderMap, mut file: File, size: u64, sha256: &str) -> Answer<Response> {
    let etag = format!("\"{sha256}\"");
    let named = |name: header::HeaderName| {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|list| {
            list.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == etag)
        })
    };
    let mut response = if named(header::IF_NONE_MATCH) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (from, to, status) = match part(headers, &etag, size) {
            Part::Whole => (0, size, StatusCode::OK),
            Part::Range(from, to) => (from, to, StatusCode::PARTIAL_CONTENT),
            Part::Impossible => {
                let mut refused = Problem::new(Code::RangeNotSatisfiable).with("size", size).into_response();
                set(&mut refused, header::CONTENT_RANGE, &format!("bytes */{size}"));
                return Ok(refused);
            }
        };
        file.seek(SeekFrom::Start(from))
            .await
            .map_err(|error| Problem::new(Code::StorageUnavailable).caused_by(&error))?;
        let mut response = Response::new(body(file, to - from));
        *response.status_mut() = status;
        set(&mut response, header::CONTENT_LENGTH, &(to - from).to_string());
        if status == StatusCode::PARTIAL_CONTENT {
            set(&mut response, header::CONTENT_RANGE, &format!("bytes {from}-{}/{size}", to - 1));
        }
        response
    };
    set(&mut response, header::ETAG, &etag);
    set(&mut response, header::ACCEPT_RANGES, "bytes");
    Ok(response)
}

fn set(response: &mut Response, name: header::HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// The next bytes of a file, chunk by chunk.
fn body(file: File, length: u64) -> axum::body::Body {
    let chunks = futures_util::stream::try_unfold((file, length), |(mut file, left)| async move {
        if left == 0 {
            return Ok::<_, std::io::Error>(None);
        }
        let mut chunk = BytesMut::with_capacity(CHUNK);
        (&mut file).take(left.min(CHUNK as u64)).read_buf(&mut chunk).await?;
        if chunk.is_empty() {
            // The length was promised: an end before it is told as an error.
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let left = left - chunk.len() as u64;
        Ok(Some((chunk.freeze(), (file, left))))
    });
    axum::body::Body::from_stream(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-05: one range of bytes is read as the standard says; anything else gives the whole file.
    #[test]
    fn ranges_are_read() {
        for (range, expected) in [
            ("bytes=0-", Part::Range(0, 100)),
            ("bytes=10-19", Part::Range(10, 20)),
            ("bytes=90-1000", Part::Range(90, 100)),
            ("bytes=-10", Part::Range(90, 100)),
            ("bytes=-1000", Part::Range(0, 100)),
            ("bytes=99-99", Part::Range(99, 100)),
            ("bytes=100-", Part::Impossible),
            ("bytes=100-200", Part::Impossible),
            ("bytes=-0", Part::Impossible),
            ("bytes=99999999999999999999999-", Part::Impossible),
            ("bytes=5-3", Part::Whole),
            ("bytes=0-1,5-6", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=+1-5", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            assert_eq!(part(&headers, "\"x\"", 100), expected, "{range}");
            headers.insert(header::IF_RANGE, HeaderValue::from_static("\"x\""));
            assert_eq!(part(&headers, "\"x\"", 100), expected, "{range}");
            for other in ["\"y\"", "W/\"x\"", "Sun, 22 Nov 2026 12:00:00 GMT"] {
                headers.insert(header::IF_RANGE, HeaderValue::from_static(other));
                assert_eq!(part(&headers, "\"x\"", 100), Part::Whole, "{range} {other}");
            }
        }
        assert_eq!(part(&HeaderMap::new(), "\"x\"", 100), Part::Whole);
    }
}
