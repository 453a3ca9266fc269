//! Schemas that are in force, ready to be looked through.
//!
//! Which kinds have one is kept for a second and forgotten at every change, as callers are: a change acts on the next
//! request of this server, and within a second on others. A schema is compiled once for each of its versions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::kinds::KindMode;

use super::schema::Schema;
use crate::util::cache::Cache;
use crate::util::ids::CustomerId;

/// Weight of all schemas that are kept, in bytes.
const MAX_WEIGHT: usize = 64 * 1024 * 1024;

/// A kind whose schema is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InForce {
    /// Identifier of the kind.
    pub id: String,
    /// Its version.
    pub version: i64,
    /// What happens to logs that do not fit.
    pub mode: KindMode,
}

/// Kinds by name.
pub type AllInForce = Arc<HashMap<String, InForce>>;

/// See the module.
#[derive(Debug, Default)]
pub struct KindCache {
    /// Kinds whose schemas are in force.
    pub in_force: Cache<CustomerId, AllInForce>,
    ready: Mutex<Ready>,
}

#[derive(Debug, Default)]
struct Ready {
    schemas: HashMap<String, (i64, Option<Arc<Schema>>)>,
    weight: usize,
}

impl KindCache {
    /// The compiled schema of a version of a kind, if it is at hand; a version that cannot be read has none.
    #[must_use]
    pub fn schema(&self, id: &str, version: i64) -> Option<Option<Arc<Schema>>> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        ready.schemas.get(id).filter(|(known, _)| *known == version).map(|(_, schema)| schema.clone())
    }

    /// Keeps a compiled schema; when too much is kept, everything is compiled anew.
    pub fn keep(&self, id: &str, version: i64, schema: Option<Arc<Schema>>) {
        let weight = |schema: Option<&Arc<Schema>>| schema.map_or(1_024, |schema| schema.weight());
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, before)) = ready.schemas.remove(id) {
            ready.weight = ready.weight.saturating_sub(weight(before.as_ref()));
        }
        let own = weight(schema.as_ref());
        if ready.weight + own > MAX_WEIGHT {
            *ready = Ready::default();
        }
        ready.weight += own;
        ready.schemas.insert(id.to_owned(), (version, schema));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// LOG-15: a new version takes the place of the old one, and what is kept stays within its bounds.
    #[test]
    fn schemas_are_kept_by_version() {
        let cache = KindCache::default();
        let schema = || Some(Arc::new(Schema::read(r#"{"pattern": "a"}"#).unwrap()));
        cache.keep("a", 1, schema());
        assert!(cache.schema("a", 1).is_some() && cache.schema("a", 2).is_none());
        cache.keep("a", 2, None);
        assert!(cache.schema("a", 1).is_none() && matches!(cache.schema("a", 2), Some(None)));
        for n in 0..2_000 {
            cache.keep(&n.to_string(), 1, schema());
        }
        assert!(cache.ready.lock().unwrap().weight <= MAX_WEIGHT);
        assert!(cache.schema("1999", 1).is_some() && cache.schema("0", 1).is_none());
    }
}
