//! Errors on their way out: a code with values here, words in the caller's language in `frame`.

use std::error::Error;
use std::fmt::Display;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shared::lang::Lang;
use shared::problem::{Args, Code, FieldError, ProblemOut, fill};

/// An error answer, not yet in words.
#[derive(Debug, Clone)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    more: Box<More>,
}

/// What most problems do not have; apart, so that a `Result` stays small.
#[derive(Debug, Clone, Default)]
struct More {
    args: Args,
    errors: Vec<FieldError>,
    retry_after_s: Option<u64>,
    cause: Option<String>,
    body: Option<serde_json::Map<String, serde_json::Value>>,
}

/// For the server's own log: the code, and what caused it.
impl Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code.as_str())?;
        self.cause().map_or(Ok(()), |cause| write!(f, ": {cause}"))
    }
}

impl Problem {
    /// Starts a problem.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let retry_after_s = matches!(code.status(), 503 | 507).then_some(2);
        Self { code, more: Box::new(More { retry_after_s, ..More::default() }) }
    }

    /// Names a value that the text mentions.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Display) -> Self {
        self.more.args.insert(name.to_owned(), value.to_string());
        self
    }

    /// Adds faults of single members.
    #[must_use]
    pub fn faults(mut self, errors: Vec<FieldError>) -> Self {
        self.more.errors.extend(errors);
        self
    }

    /// Says after how many seconds trying again makes sense.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.more.retry_after_s = Some(seconds);
        self
    }

    /// Keeps the cause for the server's log; it never reaches the caller.
    #[must_use]
    pub fn caused_by(mut self, error: &(dyn Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(next) = source {
            let next_text = next.to_string();
            if !text.ends_with(&next_text) {
                text.push_str(": ");
                text.push_str(&next_text);
            }
            source = next.source();
        }
        self.more.cause = Some(text);
        self
    }

    /// Adds members to the body.
    #[must_use]
    pub fn with_body(mut self, body: &impl serde::Serialize) -> Self {
        if let Ok(serde_json::Value::Object(members)) = serde_json::to_value(body) {
            self.more.body.get_or_insert_default().extend(members);
        }
        self
    }

    /// More members of the answer's body, such as the verdicts of a batch.
    #[must_use]
    pub fn body(&self) -> Option<&serde_json::Map<String, serde_json::Value>> {
        self.more.body.as_ref()
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.more.cause.as_deref()
    }

    /// Detail in a language, without the frame of an HTTP answer (for verdicts of single lines). A text may speak of the
    /// first fault: `{at}` is its place, `{reason}` what is wrong there.
    #[must_use]
    pub fn detail(&self, lang: Lang) -> String {
        let template = self.code.text(lang).1;
        match self.more.errors.first().filter(|_| template.contains("{at}")) {
            None => fill(template, &self.more.args),
            Some(first) => {
                let mut args = self.more.args.clone();
                let at = if first.pointer.is_empty() { "#" } else { &first.pointer };
                args.insert("at".to_owned(), at.to_owned());
                args.insert("reason".to_owned(), first.render(lang).detail);
                fill(template, &args)
            }
        }
    }

    /// The place of the first fault (RFC 6901); the whole when there is none.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.more.errors.first().map_or("", |first| first.pointer.as_str())
    }

    /// The answer's body in words.
    #[must_use]
    pub fn render(&self, lang: Lang, instance: &str, request_id: &str) -> ProblemOut {
        let (title, _) = self.code.text(lang);
        let detail = self.detail(lang);
        ProblemOut {
            kind: format!("/docs/problems#{}", self.code.as_str()),
            title: title.to_owned(),
            status: self.code.status(),
            instance: instance.to_owned(),
            code: self.code.as_str().to_owned(),
            request_id: request_id.to_owned(),
            errors: self.more.errors.iter().map(|error| error.render(lang)).collect(),
            error: title.to_owned(),
            message: detail.clone(),
            detail,
            args: self.more.args.clone(),
        }
    }
}

/// Puts an error into the words of another protocol.
type Words = dyn Fn(Code, &ProblemOut) -> Worded + Send + Sync;

/// How an error reads in the protocol of a caller that does not speak ours; `frame` asks it before it writes.
#[derive(Clone)]
pub struct Wording(pub Arc<Words>);

/// An error in the words of another protocol.
#[derive(Debug)]
pub struct Worded {
    /// Status.
    pub status: StatusCode,
    /// Media type.
    pub kind: HeaderValue,
    /// Body.
    pub body: Vec<u8>,
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        if let Some(seconds) = self.more.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"mvai-connexx\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// What a handler answers.
pub type Answer<T> = Result<T, Problem>;
