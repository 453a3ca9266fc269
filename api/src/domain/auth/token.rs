//! Access tokens (JWT, ten minutes) and refresh tokens (opaque, rotating).
//!
//! A refresh token is session, generation and their keyed digest: nothing of it is stored, and every older
//! generation of a family is recognised as spent without a list of spent tokens.

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use shared::access::Role;
use shared::time::Millis;

use crate::util::crypto::{self, Keyring, Purpose};

/// Life of an access token.
pub const ACCESS_SECONDS: i64 = 600;
/// Tolerated difference of clocks.
const LEEWAY_SECONDS: i64 = 5;
const ISSUER: &str = "mvai-connexx";
const AUDIENCE: &str = "mvai-connexx/api";
const TYPE: &str = "at+jwt";
/// No token of ours is longer.
const MAX_LENGTH: usize = 2_048;

/// Claims of an access token. All are required.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Issuer.
    pub iss: String,
    /// Audience.
    pub aud: String,
    /// Customer (`customer:7`) or staff member (`staff:…`).
    pub sub: String,
    /// Number of the customer; 0 for staff.
    pub tid: i64,
    /// Session.
    pub sid: String,
    /// Identifier of the token.
    pub jti: String,
    /// Role when the token was issued; what counts is looked up.
    pub role: Role,
    /// Issued at, unix seconds.
    pub iat: i64,
    /// Expires at, unix seconds.
    pub exp: i64,
}

/// Signs an access token.
///
/// # Errors
/// When the token cannot be written, which does not happen with these claims.
pub fn sign(
    keys: &Keyring,
    subject: &str,
    customer: i64,
    session: &str,
    role: Role,
    now: Millis,
) -> Result<String, jsonwebtoken::errors::Error> {
    let key = keys.current();
    let mut header = Header::new(Algorithm::HS256);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.version.clone());
    let iat = now.0.div_euclid(1000);
    let claims = Claims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: subject.to_owned(),
        tid: customer,
        sid: session.to_owned(),
        jti: crypto::hex(&crypto::random::<12>()),
        role,
        iat,
        exp: iat + ACCESS_SECONDS,
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key.derive(Purpose::AccessToken)))
}

/// Verifies an access token; every doubt is a no.
#[must_use]
pub fn verify(keys: &Keyring, token: &str, now: Millis) -> Option<Claims> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let header = jsonwebtoken::decode_header(token).ok()?;
    if header.typ.as_deref() != Some(TYPE) || header.alg != Algorithm::HS256 || header.crit.is_some() {
        return None;
    }
    let key = keys.by_version(header.kid.as_deref()?)?;
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // Times are judged below, by the clock of the application.
    validation.validate_exp = false;
    let decoding = DecodingKey::from_secret(&key.derive(Purpose::AccessToken));
    let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation).ok()?.claims;
    let seconds = now.0.div_euclid(1000);
    let issued = claims.iat <= seconds + LEEWAY_SECONDS;
    let alive = seconds < claims.exp && claims.exp.checked_sub(claims.iat) == Some(ACCESS_SECONDS);
    (issued && alive).then_some(claims)
}

/// A refresh token in its parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// Session.
    pub session: String,
    /// Which token of the family it is.
    pub generation: i64,
}

impl Refresh {
    /// Writes the token.
    #[must_use]
    pub fn write(&self, keys: &Keyring) -> String {
        let generation = self.generation.to_be_bytes();
        let tag = keys.current().digest(Purpose::RefreshToken, &[self.session.as_bytes(), &generation]);
        format!("{}.{}.{tag}", self.session, self.generation)
    }

    /// Reads a token and checks that it is ours.
    #[must_use]
    pub fn read(keys: &Keyring, text: &str) -> Option<Self> {
        if text.len() > 160 {
            return None;
        }
        let mut parts = text.split('.');
        let (session, generation, tag) = (parts.next()?, parts.next()?, parts.next()?);
        let generation: i64 = generation.parse().ok()?;
        let genuine = parts.next().is_none()
            && keys.all().any(|key| {
                let expected =
                    key.digest(Purpose::RefreshToken, &[session.as_bytes(), &generation.to_be_bytes()]);
                crypto::same(&expected, tag)
            });
        genuine.then(|| Self { session: session.to_owned(), generation })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD as B64;
    use serde_json::{Value, json};

    const NOW: Millis = Millis(1_800_000_000_000);

    fn ring() -> Keyring {
        Keyring::new("0123456789abcdef0123456789abcdef".to_owned().into(), vec![])
    }

    fn forge(header: &Value, claims: &Value, key: &[u8]) -> String {
        let body = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature =
            jsonwebtoken::crypto::sign(body.as_bytes(), &EncodingKey::from_secret(key), Algorithm::HS256)
                .unwrap();
        format!("{body}.{signature}")
    }

    fn good() -> (Value, Value) {
        let header = json!({"alg": "HS256", "typ": "at+jwt", "kid": ring().current().version});
        let iat = NOW.0 / 1000;
        let claims = json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "customer:1", "tid": 1, "sid": "s", "jti": "j",
            "role": "owner", "iat": iat, "exp": iat + ACCESS_SECONDS});
        (header, claims)
    }

    /// ACC-07: a token is accepted for ten minutes, and the forging helper of the next test makes good ones.
    #[test]
    fn good_tokens_are_accepted() {
        let keys = ring();
        let token = sign(&keys, "customer:1", 1, "s", Role::Owner, NOW).unwrap();
        assert_eq!(verify(&keys, &token, NOW).unwrap().sid, "s");
        assert!(verify(&keys, &token, Millis(NOW.0 + 599_000)).is_some());
        assert!(verify(&keys, &token, Millis(NOW.0 + 600_000)).is_none());
        let (header, claims) = good();
        assert!(
            verify(&keys, &forge(&header, &claims, &keys.current().derive(Purpose::AccessToken)), NOW)
                .is_some()
        );
    }

    /// ACC-07: forged, altered, expired and misdirected tokens are refused.
    #[test]
    fn forged_tokens_are_refused() {
        let keys = ring();
        let key = keys.current().derive(Purpose::AccessToken);
        let (header, claims) = good();
        let with = |base: &Value, name: &str, value: Value| {
            let mut changed = base.clone();
            changed[name] = value;
            changed
        };
        let mut bad = Vec::new();
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("HS384")),
            ("alg", json!("RS256")),
            ("typ", json!("JWT")),
            ("typ", Value::Null),
            ("kid", json!("00000000")),
            ("kid", json!("../../etc/passwd")),
            ("kid", Value::Null),
        ] {
            bad.push(forge(&with(&header, name, value), &claims, &key));
        }
        let iat = NOW.0 / 1000;
        for (name, value) in [
            ("exp", json!((iat + 600).to_string())),
            ("exp", json!(i64::MAX)),
            ("exp", json!(-1)),
            ("exp", json!(iat)),
            ("exp", json!(1e300)),
            ("iat", json!(iat + 3600)),
            ("iat", json!("x")),
            ("iss", json!("other")),
            ("aud", json!("other")),
            ("aud", json!([])),
            ("role", json!("god")),
            ("tid", json!("1")),
            ("extra", json!(1)),
        ] {
            bad.push(forge(&header, &with(&claims, name, value), &key));
        }
        for name in ["iss", "aud", "sub", "tid", "sid", "jti", "role", "iat", "exp"] {
            let mut less = claims.clone();
            less.as_object_mut().unwrap().remove(name);
            bad.push(forge(&header, &less, &key));
        }
        bad.push(forge(&header, &claims, b"another key"));
        bad.push(forge(&header, &claims, &ring().current().derive(Purpose::RefreshToken)));
        let genuine = forge(&header, &claims, &key);
        let unsigned = genuine.rsplit_once('.').unwrap().0;
        bad.extend([
            format!("{unsigned}."),
            unsigned.to_owned(),
            String::new(),
            "a.b.c".to_owned(),
            "x".repeat(1 << 20),
        ]);
        for at in (0..genuine.len()).step_by(3) {
            let mut bytes = genuine.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'C' } else { b'A' };
            bad.push(String::from_utf8(bytes).unwrap());
        }
        assert!(bad.len() > 100);
        for token in bad {
            assert!(verify(&keys, &token, NOW).is_none(), "{}", &token[..token.len().min(300)]);
        }
    }

    /// ACC-07: refresh tokens are ours or nothing.
    #[test]
    fn refresh_tokens_cannot_be_made_up() {
        let keys = ring();
        let token = Refresh { session: "0190-a".to_owned(), generation: 3 };
        let text = token.write(&keys);
        assert_eq!(Refresh::read(&keys, &text), Some(token));
        let next = text.replacen(".3.", ".4.", 1);
        for wrong in [next.as_str(), "", ".", "a.1.b", &format!("{text}.x"), &text.to_uppercase()] {
            assert_eq!(Refresh::read(&keys, wrong), None, "{wrong}");
        }
    }
}
