//! Two exports of a customer run at a time on a server; the next one waits (EXP-05).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use shared::exports::MAX_RUNNING;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::util::ids::CustomerId;

/// The right of one export to run; given back when it is dropped.
pub type Slot = OwnedSemaphorePermit;

/// Who may run, and the bell of the workers.
#[derive(Debug, Default)]
pub struct Slots {
    customers: Mutex<HashMap<CustomerId, Arc<Semaphore>>>,
    /// Rung when a job is waiting.
    pub bell: Notify,
}

impl Slots {
    fn of(&self, customer: CustomerId) -> Arc<Semaphore> {
        let mut customers = self.customers.lock().unwrap_or_else(PoisonError::into_inner);
        // Customers without a running export are forgotten.
        customers.retain(|_, slots| Arc::strong_count(slots) > 1 || slots.available_permits() < MAX_RUNNING);
        Arc::clone(customers.entry(customer).or_insert_with(|| Arc::new(Semaphore::new(MAX_RUNNING))))
    }

    /// A slot, as soon as one is free; those who came first get it first.
    pub async fn wait(&self, customer: CustomerId) -> Option<Slot> {
        self.of(customer).acquire_owned().await.ok()
    }

    /// A slot, if one is free now.
    pub fn take(&self, customer: CustomerId) -> Option<Slot> {
        self.of(customer).try_acquire_owned().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-05: two run, the third waits until one has ended; other customers do not notice.
    #[tokio::test]
    async fn two_of_a_customer_run_at_a_time() {
        let slots = Slots::default();
        let (one, other) = (CustomerId(1), CustomerId(2));
        let first = slots.take(one).unwrap();
        let _second = slots.take(one).unwrap();
        assert!(slots.take(one).is_none());
        assert!(slots.take(other).is_some());
        drop(first);
        let _third = slots.wait(one).await.unwrap();
        assert!(slots.take(one).is_none());
        assert_eq!(slots.customers.lock().unwrap().len(), 1, "who runs nothing is forgotten");
    }
}
