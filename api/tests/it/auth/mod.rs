//! Signing in, sessions and their tokens, through the public door.

mod code_rotation;
mod forged;
mod guessing;
mod limits;
mod me;
mod passwords;
mod people;
mod secrets;
mod sessions;
mod sign_in;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::support::{Actor, Answer, TestApp};

pub const LOGIN: &str = "/api/v1/auth/login";
pub const REFRESH: &str = "/api/v1/auth/refresh";
pub const LOGOUT: &str = "/api/v1/auth/logout";
pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
const COOKIE: &str = "__Host-mvai_refresh";

/// A browser that has signed in.
#[derive(Clone)]
pub struct Browser {
    /// The answer's body.
    pub token: Value,
    /// The value of the cookie.
    pub cookie: String,
    /// With the access token.
    pub actor: Actor,
}

/// The value of the refresh cookie that an answer sets.
pub fn cookie_of(headers: &HeaderMap) -> String {
    let line = headers["set-cookie"].to_str().unwrap();
    line.strip_prefix(COOKIE).unwrap().trim_start_matches('=').split(';').next().unwrap().to_owned()
}

pub fn browser(test: &TestApp, answer: Answer) -> Browser {
    let answer = answer.expect_ok();
    let token = answer.json();
    let actor = test.bearer(token["access_token"].as_str().unwrap());
    Browser { cookie: cookie_of(&answer.headers), actor, token }
}

pub fn code(code: &str) -> Value {
    json!({ "access_code": code })
}

pub fn password(username: &str, password: &str) -> Value {
    json!({ "username": username, "password": password })
}

/// Somebody who sends a refresh cookie, as a program that is no browser.
pub fn with_cookie(test: &TestApp, cookie: &str) -> Actor {
    test.anon().with("cookie", &format!("{COOKIE}={cookie}"))
}

pub async fn refresh(test: &TestApp, cookie: &str) -> Answer {
    with_cookie(test, cookie).post(REFRESH, &json!({})).await
}

/// Signs a customer in.
pub async fn sign_in(test: &TestApp, access_code: &str) -> Browser {
    browser(test, test.anon().post(LOGIN, &code(access_code)).await)
}
