//! Sealing days that have ended: for each customer, day after day, in portions. One server works on a chain at a time;
//! what another one does at the same time is noticed when the seal is put on the end of the chain.

use shared::time::Millis;

use super::digest::{self, DAY_MS, Hash};
use super::repo::{self, Block, Head, Seal};
use super::stored::{Reader, Stored};
use super::tree::{Tree, root_of};
use crate::app::App;
use crate::db::Scope;
use crate::http::problem::Answer;
use crate::util::crypto;
use crate::util::ids::CustomerId;
use crate::util::swallow::OrLog;

/// Numbers of a part of a day.
pub const BLOCK: i64 = 256;
/// A day is sealed this long after its end, so that what is just being stored belongs to it.
const SETTLE_MS: i64 = 5 * 60_000;
/// Without a sign of life for this long somebody else goes on with a chain.
const LEASE_MS: i64 = 60_000;
/// Parts that are written at once.
const BLOCKS_AT_ONCE: usize = 16;

/// Seals every day that has ended, of every customer, and says how many seals that were.
///
/// # Errors
/// When the database fails before the first customer; it is tried again.
pub async fn run(app: &App) -> Answer<u64> {
    let now = app.clock.now();
    let target = (now.0 - SETTLE_MS).div_euclid(DAY_MS) - 1;
    let due = repo::list_due(&mut app.db.read(Scope::Installation).await?, target, now).await?;
    let mut made = 0;
    for customer in due {
        // One customer's trouble leaves nobody else's logs unsealed.
        made += seal_up(app, customer, target).await.or_log("sealing logs").unwrap_or_default();
    }
    Ok(made)
}

/// Seals the days of a customer up to one.
async fn seal_up(app: &App, customer: CustomerId, target: i64) -> Answer<u64> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let mine = repo::lease(&mut tx, customer, now, Millis(now.0 + LEASE_MS)).await?;
    tx.commit().await?;
    let mut made = 0;
    if mine {
        while seal_next(app, customer, target).await? {
            made += 1;
        }
        if *app.stopping.borrow() {
            return Ok(made);
        }
        let mut tx = app.db.write(Scope::Customer(customer)).await?;
        repo::give_back(&mut tx, customer, target).await?;
        tx.commit().await?;
    }
    Ok(made)
}

/// Makes the next seal of a customer; false when none is due.
async fn seal_next(app: &App, customer: CustomerId, target: i64) -> Answer<bool> {
    let found = repo::find_head(&mut app.db.read(Scope::Customer(customer)).await?, customer).await?;
    let Some(head) = found else { return Ok(false) };
    let today = app.clock.now().0.div_euclid(DAY_MS);
    // Two seals of one day would tell nobody anything; only a clock that was ahead has made days that are to come.
    let floor = if head.position > 0 && head.day <= target { head.day + 1 } else { i64::MIN };
    let mut draft = Draft { first: head.last_number + 1, ..Draft::default() };
    let mut reader = Reader::new(&app.db, customer, draft.first);
    'read: while let Some(numbers) = reader.next(None).await? {
        for stored in &numbers {
            // A time to come says that a clock was wrong, not that the day is over.
            if let Some(day) = stored.day().filter(|day| *day <= today) {
                let own = *draft.day.get_or_insert(day.max(floor));
                if own > target {
                    return Ok(false);
                }
                if day > own {
                    break 'read;
                }
            }
            draft.add(customer, stored);
        }
        if draft.blocks.len() >= BLOCKS_AT_ONCE {
            draft.write(app, customer).await?;
        }
        if *app.stopping.borrow() {
            return Ok(false);
        }
    }
    let day = draft.day.unwrap_or_else(|| target.max(floor));
    draft.close();
    let Some(root) = draft.tree.root().filter(|_| day <= target) else { return Ok(false) };
    draft.write(app, customer).await?;
    put(app, customer, &head, &draft, day, &root).await
}

/// Puts a seal on the end of the chain.
async fn put(
    app: &App,
    customer: CustomerId,
    head: &Head,
    draft: &Draft,
    day: i64,
    root: &Hash,
) -> Answer<bool> {
    let mut seal = Seal {
        customer_id: customer.0,
        position: head.position + 1,
        day,
        first_number: draft.first,
        total: draft.total,
        root: crypto::hex(root),
        previous: head.digest.clone(),
        digest: String::new(),
        sealed_at: app.clock.now().0,
        removed_by: None,
        removed_at: None,
    };
    seal.digest = seal.computed();
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let put = repo::insert(&mut tx, &seal, head).await?;
    tx.commit().await?;
    if put {
        let (day, logs) = (digest::date(day), seal.total);
        tracing::info!(event = "sealed", customer = customer.0, position = seal.position, day, logs);
    }
    Ok(put)
}

/// A day that is being sealed.
#[derive(Debug, Default)]
struct Draft {
    first: i64,
    total: i64,
    day: Option<i64>,
    /// Over the parts that are complete.
    tree: Tree,
    /// Leaves of the part that is not.
    leaves: Vec<Hash>,
    /// Parts that are to be written.
    blocks: Vec<Block>,
    gaps: Vec<i64>,
}

impl Draft {
    fn add(&mut self, customer: CustomerId, stored: &Stored) {
        self.leaves.push(stored.leaf(customer));
        self.total += 1;
        if stored.log.is_none() && stored.kept.is_none() {
            self.gaps.push(stored.number);
        }
        if self.total % BLOCK == 0 {
            self.close();
        }
    }

    /// Completes a part.
    fn close(&mut self) {
        let Some(root) = root_of(&self.leaves) else { return };
        let before = self.total - i64::try_from(self.leaves.len()).unwrap_or_default();
        let marks: Vec<u8> = self.leaves.iter().flat_map(|leaf| digest::mark(leaf).to_vec()).collect();
        self.blocks.push(Block {
            first_number: self.first + before,
            digest: crypto::hex(&root),
            marks: crypto::base64url(&marks),
        });
        self.tree.push(root);
        self.leaves.clear();
    }

    /// Writes the parts that are complete.
    async fn write(&mut self, app: &App, customer: CustomerId) -> Answer<()> {
        if !self.gaps.is_empty() {
            tracing::error!(
                event = "seal_gap",
                customer = customer.0,
                first = self.gaps.first(),
                logs = self.gaps.len()
            );
        }
        let until = Millis(app.clock.now().0 + LEASE_MS);
        let mut tx = app.db.write(Scope::Customer(customer)).await?;
        repo::upsert_blocks(&mut tx, customer, &self.blocks, &self.gaps, until).await?;
        tx.commit().await?;
        self.blocks.clear();
        self.gaps.clear();
        Ok(())
    }
}
