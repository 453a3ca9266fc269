//! News about commits for those who follow: who has new logs, and up to which number.

use tokio::sync::broadcast;

use crate::util::ids::{CustomerId, Space};

const CAPACITY: usize = 1_024;

/// A commit that brought logs of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct News {
    /// The customer.
    pub customer: CustomerId,
    /// The space.
    pub space: Space,
    /// Highest number.
    pub seq: i64,
}

/// The way from the writer to those who follow. A follower that falls behind reads from the database; nothing
/// is lost, because news carry no content.
#[derive(Debug, Clone)]
pub struct Live {
    sender: broadcast::Sender<News>,
}

impl Default for Live {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(CAPACITY) }
    }
}

impl Live {
    /// Tells of a commit.
    pub fn publish(&self, news: News) {
        // Without followers there is nobody to tell.
        if self.sender.receiver_count() > 0 {
            drop(self.sender.send(news));
        }
    }

    /// Starts to listen.
    #[must_use]
    pub fn follow(&self) -> broadcast::Receiver<News> {
        self.sender.subscribe()
    }
}
