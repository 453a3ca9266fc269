//! The one place that sends requests: address, token, language, JSON, and status → [`ApiError`].
//!
//! The access token lives in memory alone; the refresh token is a cookie that scripts cannot see. When a
//! token has run out, one silent refresh serves all calls that wait for it, in all tabs of the browser.

use gloo_net::http::{Method, RequestBuilder, Response};
use js_sys::{Date, Promise};
use serde::de::DeserializeOwned;
use shared::auth::{MeOut, TokenOut};
use shared::problem::{Code, ProblemOut};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

use super::abort::{AbortSlot, Timer};
use super::call::{Answer, Call, Reply, Stream, Verb};
use super::error::ApiError;
use super::tabs::{across_tabs, task};
use crate::i18n::I18n;
use crate::prelude::*;
use crate::state::preferences::Preferences;
use crate::state::session::{EndReason, Phase, Session};

/// Base of all addresses.
pub const BASE: &str = "/api/v1";
/// Seconds before its end at which a token is renewed ahead of a call.
const EARLY_SECONDS: f64 = 20.0;

#[derive(Debug)]
struct Token {
    value: String,
    renew_at_ms: f64,
}

#[derive(Debug)]
struct Kept {
    path: String,
    etag: String,
    body: String,
}

#[derive(Debug, Default)]
struct Inner {
    token: Option<Token>,
    refreshing: Option<Promise>,
    refreshed: Option<Result<(), ApiError>>,
    kept: Option<Kept>,
}

/// The sender with its token; a cheap handle.
#[derive(Clone, Copy)]
pub struct Client {
    inner: StoredValue<Inner>,
    session: Session,
    i18n: I18n,
    preferences: Preferences,
}

/// What everybody may call.
#[derive(Clone, Copy)]
pub struct PublicApi {
    client: Client,
}

/// What a signed-in person may call; each call carries the token.
#[derive(Clone, Copy)]
pub struct AuthedApi {
    client: Client,
    slot: Option<AbortSlot>,
}

impl Client {
    /// Creates the sender; once, at the root of the app.
    #[must_use]
    pub fn new(session: Session, i18n: I18n, preferences: Preferences) -> Self {
        Self { inner: StoredValue::new(Inner::default()), session, i18n, preferences }
    }

    /// The calls that need no sign-in.
    #[must_use]
    pub const fn public(self) -> PublicApi {
        PublicApi { client: self }
    }

    /// The calls that need one.
    #[must_use]
    pub const fn authed(self) -> AuthedApi {
        AuthedApi { client: self, slot: None }
    }

    /// The session that this sender keeps.
    #[must_use]
    pub const fn session(self) -> Session {
        self.session
    }

    /// Restores the session from the cookie, once; later calls do nothing.
    pub fn restore(self) {
        if matches!(self.session.set_phase.get_untracked(), Phase::Unknown | Phase::Unreachable) {
            self.session.set_phase.set(Phase::Restoring);
            spawn_local(async move {
                drop(self.refresh().await);
            });
        }
    }

    /// Takes over a fresh sign-in or refresh.
    pub fn adopt(self, out: TokenOut) {
        let renew_at_ms = Date::now() + (f64::from(out.expires_in) - EARLY_SECONDS).max(5.0) * 1_000.0;
        self.inner.update_value(|inner| {
            inner.token = Some(Token { value: out.access_token, renew_at_ms });
        });
        let other_person = self
            .session
            .set_me
            .with_untracked(|old| old.as_ref().is_some_and(|old| identity(old) != identity(&out.me)));
        if other_person {
            // Another tab signed somebody else in: nothing of the former person may stay on screen.
            if let Some(window) = web_sys::window() {
                drop(window.location().reload());
            }
            return;
        }
        self.set_me(out.me);
        self.session.set_ended.set(None);
        self.session.set_phase.set(Phase::In);
    }

    /// Takes over what the server now says about the caller.
    pub fn set_me(self, me: MeOut) {
        if let Some(customer) = &me.customer {
            self.i18n.set_zone(&customer.time_zone);
            self.preferences.suggest_lang(customer.language);
        } else {
            self.i18n.set_zone("");
        }
        if self.session.set_me.with_untracked(|old| old.as_ref() != Some(&me)) {
            self.session.set_me.set(Some(me));
        }
    }

    /// Forgets the session in this tab.
    pub fn end(self, reason: Option<EndReason>) {
        self.inner.update_value(|inner| {
            inner.token = None;
            inner.kept = None;
        });
        self.session.set_ended.set(reason);
        self.session.set_phase.set(Phase::Out);
        self.session.set_me.set(None);
    }

    /// Renews the token; concurrent callers share one request.
    ///
    /// # Errors
    /// The problem of the server when the session is over, [`ApiError::Network`] when it cannot be asked.
    pub async fn refresh(self) -> Result<(), ApiError> {
        let running = self.inner.with_value(|inner| inner.refreshing.clone());
        let promise = running.unwrap_or_else(|| {
            let promise = across_tabs(&task(move || async move {
                let result = self.refresh_now().await;
                self.inner.update_value(|inner| {
                    inner.refreshing = None;
                    inner.refreshed = Some(result);
                });
            }));
            self.inner.update_value(|inner| inner.refreshing = Some(promise.clone()));
            promise
        });
        let done = JsFuture::from(promise).await;
        if done.is_err() {
            self.inner.update_value(|inner| inner.refreshing = None);
            return Err(ApiError::Network);
        }
        self.inner.with_value(|inner| inner.refreshed.clone()).unwrap_or(Err(ApiError::Network))
    }

    async fn refresh_now(self) -> Result<(), ApiError> {
        let result = crate::api::auth::refresh(&self.public()).await;
        let was_in = self.session.set_me.with_untracked(Option::is_some);
        match result {
            Ok(out) => {
                self.adopt(out);
                Ok(())
            }
            Err(error) => {
                if matches!(error.status(), Some(401 | 403)) {
                    self.end(was_in.then(|| EndReason::of(&error)));
                } else if !was_in {
                    self.session.set_phase.set(Phase::Unreachable);
                }
                Err(error)
            }
        }
    }

    fn token(self) -> Option<String> {
        self.inner.with_value(|inner| {
            inner
                .token
                .as_ref()
                .filter(|token| token.renew_at_ms > Date::now())
                .map(|token| token.value.clone())
        })
    }

    /// Sends once; statuses from 400 become problems.
    fn send(
        self,
        call: Call,
        token: Option<String>,
        slot: Option<AbortSlot>,
    ) -> Reply<(Response, AbortController)> {
        Box::pin(self.send_once(call, token, slot))
    }

    async fn send_once(
        self,
        call: Call,
        token: Option<String>,
        slot: Option<AbortSlot>,
    ) -> Result<(Response, AbortController), ApiError> {
        let controller = AbortController::new().map_err(|_| ApiError::Network)?;
        if let Some(slot) = slot {
            slot.occupy(&controller);
        }
        let mut builder = RequestBuilder::new(&format!("{BASE}{}", call.path))
            .method(match call.verb {
                Verb::Get => Method::GET,
                Verb::Post => Method::POST,
                Verb::Patch => Method::PATCH,
                Verb::Delete => Method::DELETE,
            })
            .abort_signal(Some(&controller.signal()))
            .header("Accept", "application/json, application/problem+json;q=0.9, */*;q=0.5")
            .header("Accept-Language", self.i18n.lang_untracked().code())
            .header("X-Requested-With", "mvai-connexx");
        if let Some(token) = token {
            builder = builder.header("Authorization", &format!("Bearer {token}"));
        }
        for (name, value) in &call.headers {
            builder = builder.header(name, value);
        }
        let request = match &call.body {
            Some((media_type, body)) => builder.header("Content-Type", media_type).body(body.as_str()),
            None => builder.build(),
        }
        .map_err(|_| ApiError::Decode)?;

        let timer = Timer::start(call.timeout, &controller);
        let result = request.send().await;
        let timed_out = timer.stop();
        let response = result.map_err(|_| match controller.signal().aborted() {
            true if !timed_out => ApiError::Aborted,
            _ => ApiError::Network,
        })?;
        if response.status() >= 400 {
            return Err(problem_of(&response).await);
        }
        Ok((response, controller))
    }

    /// Sends with a token, renewing it before or after when it has run out.
    fn send_authed(self, call: Call, slot: Option<AbortSlot>) -> Reply<(Response, AbortController)> {
        Box::pin(self.send_renewing(call, slot))
    }

    async fn send_renewing(
        self,
        call: Call,
        slot: Option<AbortSlot>,
    ) -> Result<(Response, AbortController), ApiError> {
        let token = match self.token() {
            Some(token) => token,
            None => {
                self.refresh().await?;
                self.token().ok_or(ApiError::Aborted)?
            }
        };
        match self.send(call.clone(), Some(token.clone()), slot).await {
            Err(error) if error.status() == Some(401) && !error.is(Code::InvalidCredentials) => {
                // Another call may have renewed the token in the meantime.
                if self.token().is_none_or(|now| now == token) {
                    self.refresh().await?;
                }
                let token = self.token().ok_or(ApiError::Aborted)?;
                self.send(call, Some(token), slot).await
            }
            other => other,
        }
    }
}

impl PublicApi {
    /// Sends and reads the answer whole.
    pub fn call(self, call: Call) -> Reply<Answer> {
        Box::pin(async move {
            let (response, _controller) = self.client.send(call, None, None).await?;
            answer_of(&response).await
        })
    }

    /// Sends and reads the answer as JSON.
    pub fn fetch<T: DeserializeOwned + 'static>(self, call: Call) -> Reply<T> {
        read(self.call(call))
    }

    /// The sender behind.
    #[must_use]
    pub const fn client(self) -> Client {
        self.client
    }
}

impl AuthedApi {
    /// The same API, but a new call ends the former call through this slot.
    #[must_use]
    pub const fn latest(self, slot: AbortSlot) -> Self {
        Self { client: self.client, slot: Some(slot) }
    }

    /// The sender behind.
    #[must_use]
    pub const fn client(self) -> Client {
        self.client
    }

    /// Sends and reads the answer whole.
    pub fn call(self, call: Call) -> Reply<Answer> {
        Box::pin(async move {
            let (response, _controller) = self.client.send_authed(call, self.slot).await?;
            answer_of(&response).await
        })
    }

    /// Sends and reads the answer as JSON.
    pub fn fetch<T: DeserializeOwned + 'static>(self, call: Call) -> Reply<T> {
        read(self.call(call))
    }

    /// Reads something, sending back the version it has; an unchanged answer costs no body.
    pub fn fetch_cached<T: DeserializeOwned + 'static>(self, path: String) -> Reply<T> {
        read(Box::pin(self.call_cached(path)))
    }

    async fn call_cached(self, path: String) -> Result<Answer, ApiError> {
        let known = self.client.inner.with_value(|inner| {
            inner
                .kept
                .as_ref()
                .filter(|kept| kept.path == path)
                .map(|kept| (kept.etag.clone(), kept.body.clone()))
        });
        let mut call = Call::get(path.clone());
        if let Some((etag, _)) = &known {
            call = call.header("If-None-Match", etag.clone());
        }
        let answer = self.call(call).await?;
        match (answer.status, known) {
            (304, Some((etag, body))) => Ok(Answer { status: 200, etag: Some(etag), body }),
            _ => {
                if let Some(etag) = answer.etag.clone() {
                    let kept = Kept { path, etag, body: answer.body.clone() };
                    self.client.inner.update_value(|inner| inner.kept = Some(kept));
                }
                Ok(answer)
            }
        }
    }

    /// Sends and hands the answer over piece by piece.
    ///
    /// # Errors
    /// See [`ApiError`].
    pub async fn open(self, call: Call) -> Result<Stream, ApiError> {
        let (response, abort) = self.client.send_authed(call, self.slot).await?;
        let headers = response.headers();
        let reader =
            response.body().and_then(|body| body.get_reader().dyn_into().ok()).ok_or(ApiError::Decode)?;
        Ok(Stream {
            reader,
            abort,
            length: headers.get("Content-Length").and_then(|length| length.parse().ok()),
            disposition: headers.get("Content-Disposition"),
            media_type: headers.get("Content-Type"),
        })
    }
}

/// What makes a person another person.
fn identity(me: &MeOut) -> (Option<i64>, Option<&str>) {
    (me.customer.as_ref().map(|customer| customer.id), me.username.as_deref())
}

/// Reads an answer as JSON; the one part of a call that is compiled for each type.
fn read<T: DeserializeOwned + 'static>(answer: Reply<Answer>) -> Reply<T> {
    Box::pin(async move { answer.await?.json() })
}

async fn answer_of(response: &Response) -> Result<Answer, ApiError> {
    let body = response.text().await.map_err(|_| ApiError::Network)?;
    Ok(Answer { status: response.status(), etag: response.headers().get("ETag"), body })
}

async fn problem_of(response: &Response) -> ApiError {
    let text = response.text().await.unwrap_or_default();
    let Ok(mut problem) = serde_json::from_str::<ProblemOut>(&text) else {
        // Not from our server: a proxy speaks for one that it cannot reach.
        return match response.status() {
            502..=504 => ApiError::Network,
            _ => ApiError::Decode,
        };
    };
    if let Some(wait) = response.headers().get("Retry-After").filter(|wait| wait.parse::<u32>().is_ok()) {
        problem.args.entry("seconds".to_owned()).or_insert(wait);
    }
    ApiError::Problem(Box::new(problem))
}

/// The sender of the app.
#[must_use]
pub fn use_client() -> Client {
    use_context::<Client>().unwrap_or_else(|| {
        let i18n = crate::i18n::use_i18n();
        Client::new(Session::new(), i18n, crate::state::preferences::use_preferences())
    })
}
