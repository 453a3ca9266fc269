//! The core business vocabulary: one value may be written as bare word, as web URI and as URN.

/// The bare word of a value; what is no standard value stays as it is.
#[must_use]
pub fn bare(value: &str) -> &str {
    let web = ["https://ref.gs1.org/cbv/", "http://ref.gs1.org/cbv/"]
        .iter()
        .find_map(|base| value.strip_prefix(base))
        .or_else(|| value.strip_prefix("cbv:"))
        .and_then(|rest| rest.split_once('-'))
        .map(|(_, word)| word);
    let urn = || {
        let rest = value.strip_prefix("urn:epcglobal:cbv:")?;
        rest.split_once(':').map(|(_, word)| word)
    };
    web.or_else(urn).unwrap_or(value)
}

/// Whether two values are the same.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    bare(a) == bare(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-18: the three ways to write a standard value are one value; values of others are only themselves.
    #[test]
    fn values_have_one_meaning() {
        for written in [
            "in_transit",
            "https://ref.gs1.org/cbv/Disp-in_transit",
            "urn:epcglobal:cbv:disp:in_transit",
            "cbv:Disp-in_transit",
        ] {
            assert!(same(written, "in_transit"), "{written}");
        }
        assert!(!same("https://example.com/Disp-in_transit", "in_transit"));
        assert!(same("urn:x:y", "urn:x:y") && !same("shipping", "receiving"));
    }
}
