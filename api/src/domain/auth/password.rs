//! Passwords of people: argon2id, a policy without folklore, and no hint about what exists.

use std::sync::{Arc, LazyLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use shared::problem::Code;
use shared::validate::{Checks, FieldCode};
use tokio::sync::Semaphore;

use crate::http::problem::Problem;

/// Memory in KiB, passes and lanes (security design §3).
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SHORTEST: usize = 15;
const LONGEST: usize = 128;
const COMMON: &str = include_str!("common-passwords.txt");

/// Stands in for the hash of an account that does not exist, so that the answer takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("nobody has this password").unwrap_or_default());

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes a password to a PHC string; takes tens of milliseconds.
#[must_use]
pub fn hash(password: &str) -> Option<String> {
    hasher().hash_password(password.as_bytes()).ok().map(|hash| hash.to_string())
}

fn matches(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|parsed| hasher().verify_password(password.as_bytes(), &parsed).is_ok())
}

/// Whether a stored hash was made with weaker parameters than today's.
#[must_use]
pub fn is_outdated(stored: &str) -> bool {
    !stored.starts_with(&format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$"))
}

/// Verifies off the async threads, one per core at a time; without a stored hash it takes as long and fails.
///
/// # Errors
/// `overloaded` when all cores are taken for too long.
pub async fn verify(
    gate: &Arc<Semaphore>,
    password: String,
    stored: Option<String>,
) -> Result<bool, Problem> {
    let waiting = tokio::time::timeout(std::time::Duration::from_secs(5), Arc::clone(gate).acquire_owned());
    let Ok(Ok(permit)) = waiting.await else {
        return Err(Problem::new(Code::Overloaded));
    };
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let exists = stored.is_some();
        let good = matches(&password, stored.as_deref().unwrap_or(&NOBODY));
        good && exists
    });
    work.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))
}

/// Hashes off the async threads.
///
/// # Errors
/// `internal_error` when the work is lost.
pub async fn hash_async(password: String) -> Result<String, Problem> {
    let work = tokio::task::spawn_blocking(move || hash(&password));
    let hashed = work.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
    hashed.ok_or_else(|| Problem::new(Code::Internal))
}

/// Judges a new password (ACC-06): length, lists of common ones, names that are easy to guess. No composition rules.
pub fn judge(checks: &mut Checks, pointer: &str, password: &str, context: &[&str]) {
    let chars = password.chars().count();
    if !(SHORTEST..=LONGEST).contains(&chars) {
        let args =
            [("min", SHORTEST.to_string()), ("max", LONGEST.to_string()), ("actual", chars.to_string())];
        checks.fail(pointer, FieldCode::Length, &args);
        return;
    }
    let lower = password.to_lowercase();
    let stem: String =
        lower.trim_end_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation()).to_owned();
    let distinct = lower.chars().collect::<std::collections::HashSet<_>>().len();
    // What repeats itself is no longer than its part.
    let repeats = repeated(&stem).is_some_and(|part| part.chars().count() < SHORTEST);
    if repeats
        || distinct < 5
        || COMMON.lines().any(|common| common == lower || (stem.len() >= 4 && common == stem))
    {
        checks.fail(pointer, FieldCode::PasswordCommon, &[]);
    }
    let easy = ["mvai", "connexx", "mindvault"].iter().copied().chain(context.iter().copied());
    if easy.filter(|word| word.chars().count() >= 4).any(|word| lower.contains(&word.to_lowercase())) {
        checks.fail(pointer, FieldCode::PasswordContext, &[]);
    }
}

/// The part of which a text is made by repetition, if it is.
fn repeated(text: &str) -> Option<&str> {
    (1..=text.len() / 2)
        .filter(|len| text.len().is_multiple_of(*len))
        .filter_map(|len| text.get(..len))
        .find(|part| part.repeat(text.len() / part.len()) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ACC-06: argon2id with the parameters of the design, and only the right password fits.
    #[test]
    fn passwords_are_hashed_with_argon2id() {
        let stored = hash("correct horse battery staple").unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(!is_outdated(&stored) && is_outdated("$argon2id$v=19$m=4096,t=2,p=1$x$y"));
        assert!(matches("correct horse battery staple", &stored));
        assert!(!matches("correct horse battery stapl", &stored));
        let long = "é".repeat(100);
        let stored = hash(&long).unwrap();
        assert!(!matches(&"é".repeat(99), &stored), "nothing is cut off");
    }

    /// ACC-06: length and guessability count, composition does not.
    #[test]
    fn policy_judges_what_matters() {
        for (password, ok) in [
            ("vier woorden op een rij", true),
            ("aaaaaaaaaaaaaaaaaaaa", false),
            ("kort wachtwoord", true),
            ("veertien tekens"[..14].trim(), false),
            ("passwordpassword123", false),
            ("welkomwelkomwelkom!", false),
            ("havenhavenkraankraan", true),
            ("Connexx is mijn werk", false),
            ("de planner heet jansen", false),
            ("日本語のとても長いパスワードです", true),
        ] {
            let mut checks = Checks::default();
            judge(&mut checks, "/new_password", password, &["jansen"]);
            assert_eq!(checks.errors.is_empty(), ok, "{password}");
        }
        let mut checks = Checks::default();
        judge(&mut checks, "/p", &"x1y2z".repeat(30), &[]);
        assert_eq!(checks.errors.len(), 1, "129 characters and more");
    }
}
