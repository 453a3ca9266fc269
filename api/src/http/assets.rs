//! The built web app: inside the binary and precompressed, or read from `dist/` during development.

use std::borrow::Cow;

/// One file of the web app.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The file as it is.
    pub plain: Cow<'static, [u8]>,
    /// Compressed by brotli.
    pub br: Option<&'static [u8]>,
    /// Compressed by gzip.
    pub gzip: Option<&'static [u8]>,
}

#[cfg(feature = "embed")]
mod embedded {
    include!(concat!(env!("OUT_DIR"), "/assets.rs"));
}

/// Finds a file by its name without a leading slash.
#[cfg(feature = "embed")]
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let at = embedded::ASSETS.binary_search_by(|(known, ..)| (*known).cmp(name)).ok()?;
    let (_, plain, br, gzip) = embedded::ASSETS.get(at)?;
    Some(Asset { plain: Cow::Borrowed(plain), br: *br, gzip: *gzip })
}

/// Finds a file by its name without a leading slash.
#[cfg(not(feature = "embed"))]
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let safe = !name.is_empty() && name.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    let path = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../dist")).join(name);
    let plain = safe.then(|| std::fs::read(path).ok()).flatten()?;
    Some(Asset { plain: Cow::Owned(plain), br: None, gzip: None })
}
