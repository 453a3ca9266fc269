//! What is known about callers, kept for a second and forgotten at every change.

use std::sync::Arc;

use super::model::Session;
use crate::domain::keys::model::StoredKey;
use crate::http::auth::Customer;
use crate::http::cors::Origins;
use crate::util::cache::Cache;
use crate::util::ids::CustomerId;

/// Sessions, keys and customers by their ids; a missing one is remembered as missing.
#[derive(Debug, Default)]
pub struct AuthCache {
    /// Sessions by id.
    pub sessions: Cache<String, Option<Arc<Session>>>,
    /// API keys by the id inside the key.
    pub keys: Cache<String, Option<Arc<StoredKey>>>,
    /// Customers by number.
    pub customers: Cache<CustomerId, Option<Arc<Customer>>>,
    /// What working keys list, all of them together.
    pub origins: Cache<(), Origins>,
}

impl AuthCache {
    /// Forgets everything; call it after the commit of a change to any of them.
    pub fn forget(&self) {
        self.sessions.forget();
        self.keys.forget();
        self.customers.forget();
        self.origins.forget();
    }
}
