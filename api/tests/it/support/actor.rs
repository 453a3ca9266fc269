//! Somebody who sends requests.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use serde_json::Value;
use tower::ServiceExt;

use super::Answer;

/// A client with or without a credential.
#[derive(Clone)]
pub struct Actor {
    router: Router,
    peer: SocketAddr,
    pub credential: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Actor {
    pub fn new(router: Router, peer: SocketAddr, credential: Option<String>) -> Self {
        Self { router, peer, credential, headers: Vec::new() }
    }

    /// The same client with one more header on every request.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut other = self.clone();
        other.headers.push((name.parse().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap()));
        other
    }

    /// The same client from another address.
    pub fn from(&self, peer: &str) -> Self {
        Self { peer: peer.parse().unwrap(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None, Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PATCH, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, Some("application/json"), Body::from(body.to_string())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None, Body::empty()).await
    }

    pub async fn post_raw(&self, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
        self.send(Method::POST, path, Some(kind), body.into()).await
    }

    /// Sends anything; the answer's body is read to its end.
    pub async fn send(&self, method: Method, path: &str, kind: Option<&str>, body: Body) -> Answer {
        let name = format!("{method} {path}");
        let response = self.open(method, path, kind, body).await;
        Answer::read(name, response).await
    }

    /// Sends anything and leaves the answer's body unread (streams).
    pub async fn open(
        &self,
        method: Method,
        path: &str,
        kind: Option<&str>,
        body: Body,
    ) -> axum::response::Response {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(kind) = kind {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        if let Some(credential) = &self.credential {
            request = request.header(header::AUTHORIZATION, format!("Bearer {credential}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(ConnectInfo(self.peer));
        self.router.clone().oneshot(request).await.unwrap()
    }
}
