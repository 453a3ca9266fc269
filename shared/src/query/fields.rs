//! Names of the built-in fields and of the levels, in both languages.

/// Levels from light to severe.
pub const LEVELS: [&str; 6] = ["debug", "info", "notice", "warning", "error", "critical"];

/// Canonical level and the other spellings that are understood.
pub const LEVEL_NAMES: [(&str, &[&str]); 6] = [
    ("debug", &[]),
    ("info", &["informatie", "information"]),
    ("notice", &["melding"]),
    ("warning", &["waarschuwing", "warn"]),
    ("error", &["fout", "err"]),
    ("critical", &["kritiek", "crit"]),
];

/// Canonical built-in field and the other names that are understood (case does not matter).
pub const FIELD_NAMES: [(&str, &[&str]); 11] = [
    ("kind", &["soort"]),
    ("level", &["niveau"]),
    ("source", &["bron"]),
    ("ip", &["adres", "address"]),
    ("id", &["nummer"]),
    ("after", &["na", "sinds", "since"]),
    ("before", &["voor", "tot", "until"]),
    ("has", &["heeft"]),
    ("flag", &["vlag"]),
    ("message", &["bericht"]),
    ("external_id", &["extern_id", "externid"]),
];

fn lookup(table: &[(&'static str, &[&'static str])], name: &str) -> Option<&'static str> {
    table
        .iter()
        .find(|(canonical, others)| {
            canonical.eq_ignore_ascii_case(name)
                || others.iter().any(|other| other.eq_ignore_ascii_case(name))
        })
        .map(|(canonical, _)| *canonical)
}

/// Canonical name of a built-in field.
pub(super) fn builtin(name: &str) -> Option<&'static str> {
    lookup(&FIELD_NAMES, name)
}

/// Canonical name of a level.
pub(super) fn level(name: &str) -> Option<&'static str> {
    lookup(&LEVEL_NAMES, name)
}

/// The level name, in either language, that is most like `name`.
pub(super) fn closest_level(name: &str) -> Option<&'static str> {
    let typed: Vec<char> = name.chars().take(24).flat_map(char::to_lowercase).collect();
    LEVEL_NAMES
        .iter()
        .flat_map(|(canonical, others)| std::iter::once(canonical).chain(others.iter()))
        .map(|candidate| (closeness(&typed, candidate), *candidate))
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Edit distance, 1 for three or more letters that begin the candidate.
fn closeness(typed: &[char], candidate: &str) -> usize {
    if typed.len() >= 3 && candidate.starts_with(&typed.iter().collect::<String>()) {
        return 1;
    }
    let mut row: Vec<usize> = (0..=typed.len()).collect();
    for (i, wanted) in candidate.chars().enumerate() {
        let mut left = i + 1;
        let mut diagonal = i;
        let mut next = vec![left];
        for (have, above) in typed.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(*have != wanted)).min(above + 1).min(left + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(usize::MAX / 4)
}

/// Splits off the optional `data.` that names the record itself.
pub(super) fn strip_data(name: &str) -> Option<&str> {
    name.strip_prefix("data.").filter(|rest| !rest.is_empty())
}

/// Spelling that [`super::Test::Has`] keeps for a field.
pub(super) fn has_name(name: &str) -> String {
    if let Some(canonical) = builtin(name) {
        return canonical.to_owned();
    }
    match strip_data(name) {
        Some(rest) if builtin(rest).is_none() && strip_data(rest).is_none() => rest.to_owned(),
        _ => name.to_owned(),
    }
}

/// Tells whether a name needs no quotes: a letter or `_`, then letters, digits and `_-.@`.
pub(super) fn is_bare_name(name: &str) -> bool {
    name.chars().next().is_some_and(is_name_start) && name.chars().all(is_name_char)
}

pub(super) fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

pub(super) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '@')
}
