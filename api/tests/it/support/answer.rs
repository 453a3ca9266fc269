//! An answer, with the status that a test must expect.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use serde_json::Value;

/// A complete answer.
#[derive(Debug)]
#[must_use = "say which status is expected"]
pub struct Answer {
    name: String,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// An answer whose status was as expected.
#[derive(Debug)]
pub struct Expected {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub async fn read(name: String, response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes().to_vec()).unwrap_or_default();
        Self { name, status: parts.status, headers: parts.headers, body }
    }

    /// Requires a status.
    #[track_caller]
    pub fn expect(self, status: StatusCode) -> Expected {
        let text = String::from_utf8_lossy(&self.body);
        assert_eq!(self.status, status, "{}: {}", self.name, &text[..text.len().min(2_000)]);
        Expected { headers: self.headers, body: self.body }
    }

    /// Requires 200.
    #[track_caller]
    pub fn expect_ok(self) -> Expected {
        self.expect(StatusCode::OK)
    }

    /// Requires a problem with a code; checks its shape on the way.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Value {
        let expected = self.expect(StatusCode::from_u16(status).unwrap());
        assert_eq!(expected.header("content-type"), "application/problem+json");
        let problem = expected.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status);
        for member in ["type", "title", "detail", "instance", "request_id", "error", "message"] {
            assert!(problem[member].is_string(), "{member} is missing in {problem}");
        }
        assert_eq!(problem["request_id"], expected.header("x-request-id"));
        problem
    }
}

impl Expected {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
    }
}
