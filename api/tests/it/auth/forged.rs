//! Forged tokens at every door: none is accepted, and none makes the server fail.

use api::util::crypto::{Purpose, base64url};
use axum::http::HeaderValue;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::sign_in;
use crate::support::{Actor, TestApp};

const DOORS: [&str; 3] = ["/api/v1/me", "/api/v1/logs", "/api/v1/admin/overview"];

fn sign(key: &[u8], head: &str, claims: &str) -> String {
    let text = format!("{}.{}", base64url(head.as_bytes()), base64url(claims.as_bytes()));
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    format!("{text}.{}", base64url(&mac.finalize().into_bytes()))
}

/// What a real token consists of.
struct Real {
    key: Vec<u8>,
    head: Value,
    claims: Value,
    token: String,
}

fn part(token: &str, at: usize) -> Value {
    let bytes = api::util::crypto::from_base64url(token.split('.').nth(at).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

impl Real {
    fn of(test: &TestApp, token: &str) -> Self {
        let key = test.app.keys.current().derive(Purpose::AccessToken).to_vec();
        Self { key, head: part(token, 0), claims: part(token, 1), token: token.to_owned() }
    }

    /// Signed with our own key: only the change can be the reason for a refusal.
    fn with_claim(&self, name: &str, value: Value) -> String {
        let mut claims = self.claims.clone();
        claims[name] = value;
        sign(&self.key, &self.head.to_string(), &claims.to_string())
    }

    fn without_claim(&self, name: &str) -> String {
        let mut claims = self.claims.clone();
        claims.as_object_mut().unwrap().remove(name).unwrap();
        sign(&self.key, &self.head.to_string(), &claims.to_string())
    }

    fn with_head(&self, name: &str, value: Value) -> String {
        let mut head = self.head.clone();
        head[name] = value;
        sign(&self.key, &head.to_string(), &self.claims.to_string())
    }

    fn without_head(&self, name: &str) -> String {
        let mut head = self.head.clone();
        head.as_object_mut().unwrap().remove(name).unwrap();
        sign(&self.key, &head.to_string(), &self.claims.to_string())
    }
}

async fn refused(actor: &Actor, what: &str) {
    for door in DOORS {
        let answer = actor.get(door).await;
        assert_eq!(answer.status, 401, "{what} at {door}");
        assert!(answer.headers.contains_key("www-authenticate"), "{what}");
    }
}

/// The kinds of forged tokens, each with its name.
fn forgeries(test: &TestApp, real: &Real, other: &Real, refresh: &str) -> Vec<(String, String)> {
    let (head, claims) = (real.head.to_string(), real.claims.to_string());
    let now = real.claims["iat"].as_i64().unwrap();
    let exp = real.claims["exp"].as_i64().unwrap();
    let parts: Vec<&str> = real.token.split('.').collect();
    let none = |alg: &str| {
        format!(
            "{}.{}.",
            base64url(json!({ "alg": alg, "typ": "at+jwt", "kid": real.head["kid"] }).to_string().as_bytes()),
            parts[1]
        )
    };
    let mut list: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| list.push((name.to_owned(), token));
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        add(&format!("algorithm {alg:?} without a signature"), none(alg));
        add(&format!("algorithm {alg:?} with the real signature"), format!("{}{}", none(alg), parts[2]));
    }
    for alg in ["HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256"] {
        add(&format!("algorithm {alg}"), real.with_head("alg", json!(alg)));
    }
    add("algorithm missing", real.without_head("alg"));
    add("signed with nothing", sign(b"", &head, &claims));
    add("signed with a guess", sign(b"secret", &head, &claims));
    add(
        "signed with the version of the key",
        sign(real.head["kid"].as_str().unwrap().as_bytes(), &head, &claims),
    );
    add("signed with the secret itself", sign(b"0123456789abcdef0123456789abcdef", &head, &claims));
    for purpose in [Purpose::AccessCode, Purpose::ApiKey, Purpose::RefreshToken, Purpose::Cursor] {
        add(
            &format!("signed for {purpose:?}"),
            sign(&test.app.keys.current().derive(purpose), &head, &claims),
        );
    }
    for kid in [
        json!(""),
        json!("x"),
        json!("../../../../dev/null"),
        json!("' OR 1=1 --"),
        json!(null),
        json!(1),
        json!(["a"]),
        json!("k".repeat(10_000)),
    ] {
        add(
            &format!("kid {}", kid.to_string().chars().take(30).collect::<String>()),
            real.with_head("kid", kid),
        );
    }
    add("kid missing", real.without_head("kid"));
    for typ in [json!("JWT"), json!("jwt"), json!("refresh"), json!("AT+JWT "), json!(null), json!(7)] {
        add(&format!("typ {typ}"), real.with_head("typ", typ));
    }
    add("typ missing", real.without_head("typ"));
    add("critical extension", real.with_head("crit", json!(["exp"])));
    for (member, value) in [
        ("jku", json!("https://evil.example/keys")),
        ("x5u", json!("https://evil.example/cert")),
        ("jwk", json!({ "kty": "oct", "k": base64url(b"evil") })),
    ] {
        let mut hostile = real.head.clone();
        hostile[member] = value;
        add(&format!("{member} with a key of the attacker"), sign(b"evil", &hostile.to_string(), &claims));
    }
    for claim in ["iss", "aud", "sub", "tid", "sid", "jti", "role", "iat", "exp"] {
        add(&format!("{claim} missing"), real.without_claim(claim));
        add(&format!("{claim} null"), real.with_claim(claim, Value::Null));
        add(&format!("{claim} of another type"), real.with_claim(claim, json!({ "x": 1 })));
    }
    for (claim, value) in [
        ("iss", json!("someone-else")),
        ("iss", json!("MVAI-CONNEXX")),
        ("aud", json!("mvai-connexx")),
        ("aud", json!(["other"])),
        ("tid", json!(other.claims["tid"])),
        ("tid", json!(0)),
        ("tid", json!(-1)),
        ("tid", json!("1")),
        ("sid", json!("")),
        ("sid", json!("019a9e3c-5d2f-7c40-9a51-0f2b7a1c3d4e")),
        ("sid", json!("' OR 1=1 --")),
        ("sid", json!("s".repeat(1_500))),
        ("role", json!("superuser")),
        ("exp", json!(exp.to_string())),
        ("exp", json!(exp as f64 + 0.5)),
        ("exp", json!(9_999_999_999_i64)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(-1)),
        ("exp", json!(0)),
        ("exp", json!(now)),
        ("exp", json!(1e300)),
        ("exp", json!(true)),
        ("iat", json!(now + 3_600)),
        ("iat", json!(now - 3_600)),
        ("iat", json!(i64::MIN)),
        ("iat", json!(now.to_string())),
        ("nbf", json!(now + 3_600)),
        ("nbf", json!("now")),
        ("admin", json!(true)),
        ("scope", json!("*")),
    ] {
        add(
            &format!("{claim} {}", value.to_string().chars().take(30).collect::<String>()),
            real.with_claim(claim, value),
        );
    }
    let moved = |seconds: i64| {
        let mut claims = real.claims.clone();
        (claims["iat"], claims["exp"]) = (json!(now + seconds), json!(exp + seconds));
        sign(&real.key, &head, &claims.to_string())
    };
    add("expired", moved(-600));
    add("from the future", moved(6));
    let duplicate = format!("{{\"tid\":{},{}", other.claims["tid"], claims.trim_start_matches('{'));
    add("a claim twice", sign(&real.key, &head, &duplicate));
    add(
        "a head member twice",
        sign(&real.key, &format!("{{\"alg\":\"none\",{}", head.trim_start_matches('{')), &claims),
    );
    add("claims are a list", sign(&real.key, &head, "[]"));
    add("claims are a text", sign(&real.key, &head, "\"x\""));
    add("claims are no JSON", sign(&real.key, &head, "{"));
    add("claims are empty", sign(&real.key, &head, ""));
    add("head is no JSON", sign(&real.key, "x", &claims));
    add("deep claims", sign(&real.key, &head, &format!("{}1{}", "[".repeat(500), "]".repeat(500))));
    add("head of another token", format!("{}.{}.{}", base64url(b"{}"), parts[1], parts[2]));
    add(
        "claims of another customer",
        format!("{}.{}.{}", parts[0], other.token.split('.').nth(1).unwrap(), parts[2]),
    );
    add(
        "signature of another token",
        format!("{}.{}.{}", parts[0], parts[1], other.token.split('.').nth(2).unwrap()),
    );
    add("no signature", format!("{}.{}.", parts[0], parts[1]));
    add("two parts", format!("{}.{}", parts[0], parts[1]));
    add("one part", parts[0].to_owned());
    add("four parts", format!("{}.x", real.token));
    add("five parts", format!("{0}.{0}.{0}.{0}.{0}", parts[0]));
    add("only points", "..".to_owned());
    add("padded signature", format!("{}=", real.token));
    add("standard alphabet", format!("{}+/", real.token));
    add("cut short", real.token[..real.token.len() - 1].to_owned());
    add("a mebibyte", format!("{}.{}.{}", parts[0], "A".repeat(1 << 20), parts[2]));
    add("a mebibyte of signed claims", real.with_claim("jti", json!("j".repeat(1 << 20))));
    add("a refresh token", refresh.to_owned());
    add("a cursor", base64url(&[7; 60]));
    add("a session", real.claims["sid"].as_str().unwrap().to_owned());
    list
}

/// ACC-07: more than a hundred kinds of forged tokens: none gets in, none makes the server fail.
#[tokio::test]
async fn forged_tokens_are_refused() {
    let test = TestApp::new().await;
    let mine = sign_in(&test, &test.customer().await.access_code).await;
    let theirs = sign_in(&test, &test.customer().await.access_code).await;
    let real = Real::of(&test, mine.token["access_token"].as_str().unwrap());
    let other = Real::of(&test, theirs.token["access_token"].as_str().unwrap());
    // The signer of this test makes tokens that are accepted when nothing is changed.
    test.bearer(&real.with_claim("jti", json!("another"))).get("/api/v1/me").await.expect_ok();
    let list = forgeries(&test, &real, &other, &mine.cookie);
    assert!(list.len() >= 100, "{}", list.len());
    for (name, token) in &list {
        refused(&test.bearer(token), name).await;
    }
    mine.actor.get("/api/v1/me").await.expect_ok();
}

/// ACC-07: a token with a single character changed is refused, wherever it is.
#[tokio::test]
async fn every_changed_character_is_noticed() {
    let test = TestApp::new().await;
    let mine = sign_in(&test, &test.customer().await.access_code).await;
    let token = mine.token["access_token"].as_str().unwrap();
    let mut tried = 0;
    for at in (0..token.len()).step_by(token.len() / 150).chain(token.len() - 5..token.len()) {
        for flip in [1_u8, 4, 32] {
            let mut bytes = token.as_bytes().to_vec();
            bytes[at] ^= flip;
            if HeaderValue::from_bytes(&bytes).is_err() {
                continue;
            }
            let Ok(changed) = String::from_utf8(bytes) else {
                continue;
            };
            let answer =
                test.anon().with("authorization", &format!("Bearer {changed}")).get("/api/v1/me").await;
            assert_eq!(answer.status, 401, "{at} {flip}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}

/// ACC-07: a role that is written into a token gives nothing; what counts is looked up.
#[tokio::test]
async fn the_role_in_a_token_gives_nothing() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let viewer = test.person(&customer, shared::access::Role::Viewer).await;
    let real = Real::of(&test, viewer.credential.as_ref().unwrap());
    for role in ["owner", "admin", "analyst"] {
        let inflated = test.bearer(&real.with_claim("role", json!(role)));
        let me = inflated.get("/api/v1/me").await.expect_ok().json();
        assert_eq!(me["role"], "viewer");
        inflated.post("/api/v1/logs", &json!({ "x": 1 })).await.expect_problem(403, "forbidden");
        inflated.get("/api/v1/admin/overview").await.expect_problem(403, "forbidden");
    }
}

/// ACC-07, API-01: a credential counts where it belongs, and in no other header, scheme or place.
#[tokio::test]
async fn credentials_count_in_their_place_alone() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let mine = sign_in(&test, &customer.access_code).await;
    let key = test.key(&mine.actor, None).await.credential.unwrap();
    let token = mine.token["access_token"].as_str().unwrap();
    let anon = test.anon();
    for (name, value) in [
        ("authorization", format!("Basic {token}")),
        ("authorization", format!("Digest {token}")),
        ("authorization", token.to_owned()),
        ("authorization", "Bearer".to_owned()),
        ("authorization", "Bearer ".to_owned()),
        ("authorization", format!("Bearer{token}")),
        ("authorization", format!("Bearer: {token}")),
        ("authorization", format!("Bearer \"{token}\"")),
        ("authorization", format!("Bearer {token} {token}")),
        ("authorization", format!("Bearer {token},")),
        ("authorization", format!("Bearer {}", customer.access_code)),
        ("authorization", format!("Bearer {}", mine.cookie)),
        ("authorization", format!("ApiKey {key}")),
        ("authorization", format!("Basic {}", base64url(format!("{key}:").as_bytes()))),
        ("x-api-key", token.to_owned()),
        ("x-api-key", String::new()),
        ("cookie", format!("access_token={token}")),
        ("cookie", format!("__Host-mvai_refresh={}", mine.cookie)),
        ("cookie", format!("__Host-mvai_refresh={token}")),
        ("x-access-token", token.to_owned()),
        ("proxy-authorization", format!("Bearer {token}")),
        ("x-forwarded-authorization", format!("Bearer {token}")),
    ] {
        refused(&anon.with(name, &value), &format!("{name}: {value}")).await;
    }
    for name in ["api_key", "apikey", "api-key", "X-API-Key", "access_token", "token", "key", "API_KEY"] {
        for secret in [key.as_str(), token] {
            for actor in [&anon, &mine.actor] {
                actor.get(&format!("/api/v1/me?{name}={secret}")).await.expect_problem(401, "key_in_url");
            }
        }
    }
    for scheme in ["Bearer", "bearer", "BEARER"] {
        anon.with("authorization", &format!("{scheme} {token}")).get("/api/v1/me").await.expect_ok();
        anon.with("authorization", &format!("{scheme} {key}")).get("/api/v1/me").await.expect_ok();
    }
    // Nothing is tried until something fits: two credentials that differ are none, whatever each of them is worth alone.
    for (name, value) in [
        ("x-api-key", "mvai_live_x".to_owned()),
        ("x-api-key", key.clone()),
        ("authorization", format!("Bearer {key}")),
        ("authorization", "Bearer x.y.z".to_owned()),
    ] {
        let both = mine.actor.with(name, &value);
        both.get("/api/v1/me").await.expect_problem(401, "several_credentials");
    }
    let twice = anon.with("x-api-key", &key).with("authorization", &format!("Bearer {key}"));
    twice.get("/api/v1/me").await.expect_ok();
    // What a proxy in between asks for is none of ours.
    anon.with("x-api-key", &key).with("authorization", "Basic eDp5").get("/api/v1/me").await.expect_ok();
}
