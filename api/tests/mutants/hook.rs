
/// A statement without its conditions on the customer, if it is the one that this run is about: `MUTANT` is a part of it.
#[expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "stands in copies of the sources alone")]
fn mutant(text: &str) -> String {
    use regex::Regex;
    static CONDITIONS: std::sync::OnceLock<Option<(String, [Regex; 3])>> = std::sync::OnceLock::new();
    let conditions = CONDITIONS.get_or_init(|| {
        let part = std::env::var("MUTANT").ok().filter(|part| !part.is_empty())?;
        let regex = |text: &str| Regex::new(text).unwrap();
        // The identity of a log names its customer as well.
        Some((
            part,
            [
                regex(r"\b(\w+\.)?customer_id = (\$\d+)"),
                regex(r"\b(?:l\.|log\.)?(?:row)?id BETWEEN (\$\d+) AND (\$\d+)"),
                regex(r"\bl\.id = (\$\d+)"),
            ],
        ))
    });
    match conditions {
        Some((part, [customer, ids, id])) if text.contains(part.as_str()) => {
            let text = customer.replace_all(text, "$2 = $2");
            let text = ids.replace_all(&text, "$1 <= $2");
            id.replace_all(&text, "$1 = $1").into_owned()
        }
        _ => text.to_owned(),
    }
}
