//! Saving a streamed answer as a file, with progress.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::call::{Call, Stream};
use super::client::AuthedApi;
use super::error::ApiError;

/// Pieces are put into a blob at this size, so that the browser may move them out of memory.
const BLOCK_BYTES: f64 = 4_000_000.0;

/// How far a download is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Bytes received.
    pub received: f64,
    /// Bytes in all, when the server knows.
    pub total: Option<f64>,
}

/// A file that was saved.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// Name of the file.
    pub file_name: String,
    /// Size in bytes.
    pub bytes: f64,
}

/// Downloads an answer piece by piece and saves it; `fallback` names the file when the server does not.
///
/// # Errors
/// See [`ApiError`]; nothing is saved then, so that half a file is never taken for a whole one.
pub async fn save(
    api: &AuthedApi,
    call: Call,
    fallback: &str,
    progress: &dyn Fn(Progress),
) -> Result<Saved, ApiError> {
    let stream = api.open(call).await?;
    let media_type = stream.media_type.clone().unwrap_or_default();
    let file_name =
        stream.disposition.as_deref().and_then(file_name_of).unwrap_or_else(|| fallback.to_owned());
    let (blob, bytes) = read_blob(&stream, &media_type, progress).await?;
    offer(&blob, &file_name).map_err(|_| ApiError::Decode)?;
    Ok(Saved { file_name, bytes })
}

async fn read_blob(
    stream: &Stream,
    media_type: &str,
    progress: &dyn Fn(Progress),
) -> Result<(Blob, f64), ApiError> {
    let failed = |_: JsValue| ApiError::Decode;
    let blob_of = |pieces: &Array| Blob::new_with_u8_array_sequence(pieces).map_err(failed);
    let (blobs, mut block, mut block_bytes) = (Array::new(), Array::new(), 0.0);
    let mut received = 0.0;
    while let Some(piece) = stream.next().await? {
        let piece: Uint8Array = piece;
        let length = f64::from(piece.length());
        received += length;
        block_bytes += length;
        block.push(&piece);
        if block_bytes >= BLOCK_BYTES {
            let part = blob_of(&block)?;
            blobs.push(&part);
            block = Array::new();
            block_bytes = 0.0;
        }
        progress(Progress { received, total: stream.length });
    }
    let rest = blob_of(&block)?;
    blobs.push(&rest);
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_blob_sequence_and_options(&blobs, &options).map_err(failed).map(|blob| (blob, received))
}

/// Hands a blob to the browser's download.
fn offer(blob: &Blob, file_name: &str) -> Result<(), JsValue> {
    let document = web_sys::window().and_then(|window| window.document()).ok_or(JsValue::NULL)?;
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = document.create_element("a")?.dyn_into()?;
    link.set_href(&url);
    link.set_download(file_name);
    link.click();
    // The browser needs the address until it has taken the blob over.
    leptos::prelude::set_timeout(
        move || drop(Url::revoke_object_url(&url)),
        std::time::Duration::from_secs(60),
    );
    Ok(())
}

/// Offers a text as a file.
///
/// # Errors
/// [`ApiError::Decode`] when the browser refuses.
pub fn save_text(text: &str, media_type: &str, file_name: &str) -> Result<(), ApiError> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), &options)
        .map_err(|_| ApiError::Decode)?;
    offer(&blob, file_name).map_err(|_| ApiError::Decode)
}

/// The file name in a `Content-Disposition` (RFC 6266): `filename*` wins; paths are cut off.
#[must_use]
pub fn file_name_of(disposition: &str) -> Option<String> {
    let member = |name: &str| {
        disposition.split(';').skip(1).find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let extended = member("filename*").and_then(|value| {
        let (_charset, rest) = value.split_once('\'')?;
        let (_language, encoded) = rest.split_once('\'')?;
        decode(encoded)
    });
    let name = extended.or_else(|| member("filename"))?;
    let base = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    (!base.is_empty() && base.chars().all(|c| !c.is_control())).then(|| base.to_owned())
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let high = char::from(rest.next()?).to_digit(16)?;
            let low = char::from(rest.next()?).to_digit(16)?;
            bytes.push((high * 16 + low) as u8);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-02: the file gets the server's name, and no name can leave the download folder.
    #[test]
    fn file_names_are_read() {
        for (header, expected) in [
            ("attachment; filename=\"logs 2026.csv\"", Some("logs 2026.csv")),
            ("attachment; filename=a.csv; filename*=UTF-8''caf%C3%A9.csv", Some("café.csv")),
            ("attachment; filename=\"../../etc/passwd\"", Some("passwd")),
            ("attachment", None),
            ("attachment; filename=\"\"", None),
        ] {
            assert_eq!(file_name_of(header).as_deref(), expected, "{header}");
        }
    }
}
