//! Query strings of addresses.

/// Collects parameters; empty values are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Params(String);

impl Params {
    /// Starts without parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a parameter unless its value is empty.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push(if self.0.is_empty() { '?' } else { '&' });
            self.0.push_str(name);
            self.0.push('=');
            self.0.push_str(&encode(value));
        }
        self
    }

    /// Adds a parameter when there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<&str>) -> Self {
        self.with(name, value.unwrap_or_default())
    }

    /// Adds a number.
    #[must_use]
    pub fn with_int(self, name: &str, value: i64) -> Self {
        self.with(name, &value.to_string())
    }

    /// The query string with its question mark; empty without parameters.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }
}

/// Percent-encodes a value for a query string or a path segment (RFC 3986, unreserved characters stay).
#[must_use]
pub fn encode(value: &str) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut out = String::with_capacity(value.len() + 8);
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(HEX.get(usize::from(digit)).map_or('0', |hex| char::from(*hex)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-06: what people type arrives unchanged, whatever signs it holds.
    #[test]
    fn values_are_encoded_and_empty_ones_left_out() {
        let query =
            Params::new().with("q", "niveau:fout \"dok 3\" é&=").with("kind", "").with_int("limit", 50);
        assert_eq!(query.finish(), "?q=niveau%3Afout%20%22dok%203%22%20%C3%A9%26%3D&limit=50");
        assert_eq!(Params::new().with_some("cursor", None).finish(), "");
    }
}
