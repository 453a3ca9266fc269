//! What is asked and what comes back: one request, an answer read whole, an answer read piece by piece.

use std::pin::Pin;

use js_sys::{Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader};

use super::error::ApiError;

/// An answer that is on its way.
pub type Reply<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Get,
    Post,
    Patch,
    Delete,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub(super) verb: Verb,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<(&'static str, String)>,
    pub(super) timeout: bool,
}

impl Call {
    fn new(verb: Verb, path: impl Into<String>) -> Self {
        Self { verb, path: path.into(), headers: Vec::new(), body: None, timeout: true }
    }

    /// Reads something; the path starts after `/api/v1`.
    #[must_use]
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Verb::Get, path)
    }

    /// Sends something new.
    #[must_use]
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Verb::Post, path)
    }

    /// Changes something.
    #[must_use]
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Verb::Patch, path)
    }

    /// Takes something away.
    #[must_use]
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Verb::Delete, path)
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds a JSON body.
    #[must_use]
    pub fn json<T: Serialize>(self, body: &T) -> Self {
        let text = serde_json::to_string(body).unwrap_or_default();
        self.text("application/json", text)
    }

    /// Adds a body of any type.
    #[must_use]
    pub fn text(mut self, media_type: &'static str, body: String) -> Self {
        self.body = Some((media_type, body));
        self
    }

    /// Lets the answer take as long as it takes.
    #[must_use]
    pub const fn without_timeout(mut self) -> Self {
        self.timeout = false;
        self
    }
}

/// An answer that is read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Version of the resource, for `If-Match` and `If-None-Match`.
    pub etag: Option<String>,
    /// The body.
    pub body: String,
}

impl Answer {
    /// Reads the body as JSON.
    ///
    /// # Errors
    /// [`ApiError::Decode`] when it is not what this version of the app knows.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_str(&self.body).map_err(|_| ApiError::Decode)
    }
}

/// An answer that is read piece by piece; dropping it ends the transfer.
#[derive(Debug)]
pub struct Stream {
    pub(super) reader: ReadableStreamDefaultReader,
    pub(super) abort: AbortController,
    /// Length in bytes, when the server knows it.
    pub length: Option<f64>,
    /// `Content-Disposition` of the answer.
    pub disposition: Option<String>,
    /// `Content-Type` of the answer.
    pub media_type: Option<String>,
}

impl Stream {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`ApiError::Network`] when the connection breaks, [`ApiError::Aborted`] when the app ended it.
    pub async fn next(&self) -> Result<Option<Uint8Array>, ApiError> {
        let result = JsFuture::from(self.reader.read())
            .await
            .map_err(|_| if self.abort.signal().aborted() { ApiError::Aborted } else { ApiError::Network })?;
        let done = Reflect::get(&result, &"done".into()).is_ok_and(|done| done.is_truthy());
        if done {
            return Ok(None);
        }
        Ok(Reflect::get(&result, &"value".into()).ok().and_then(|value| value.dyn_into().ok()))
    }

    /// A handle that ends the transfer.
    #[must_use]
    pub fn abort_handle(&self) -> AbortController {
        self.abort.clone()
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.abort.abort();
    }
}
