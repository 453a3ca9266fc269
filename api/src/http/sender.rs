//! Who turned out to have sent a request. Whoever recognises the caller notes it, and `frame` reads it when the answer
//! is there, so that requests can be told and counted in one place.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::Method;
use shared::requests::Refusal;

use super::auth::Customer;
use crate::util::ids::Space;

/// A place for the sender of one request; all copies are the same place.
#[derive(Debug, Clone, Default)]
pub struct Sender(Arc<OnceLock<Sent>>);

/// A caller of a customer.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The customer.
    pub customer: Arc<Customer>,
    /// Person or system.
    pub by: By,
}

/// Person or system.
#[derive(Debug, Clone)]
pub enum By {
    /// A person.
    Person {
        /// The session.
        session: String,
        /// Who it is; people with the same access code cannot be told apart.
        actor: String,
    },
    /// A system.
    Key {
        /// Identifier of the key.
        id: String,
        /// Space that it works in.
        space: Space,
        /// Why it was turned away, if it was.
        refused: Option<Refusal>,
    },
}

impl Sender {
    /// Notes who it is; the first one counts.
    pub fn note(&self, sent: Sent) {
        self.0.get_or_init(|| sent);
    }

    /// Who it is, if that is known.
    #[must_use]
    pub fn get(&self) -> Option<&Sent> {
        self.0.get()
    }
}

/// A request with its answer, without anything of what either said.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// Number of the request.
    pub request_id: &'a str,
    /// Method.
    pub method: &'a Method,
    /// Path of the operation, with the names of its parameters.
    pub route: &'a str,
    /// Whether it asked for logs with certain words or fields (`q`); a next page of them asks nothing new.
    pub asked: bool,
    /// Status of the answer.
    pub status: u16,
    /// Code of the problem, if it was one.
    pub code: Option<&'static str>,
    /// Time until the answer began.
    pub took: Duration,
}
