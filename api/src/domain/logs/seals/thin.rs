//! Removing what is kept of days of which every log was erased: the seal stays, and the chain with it.

use std::time::Duration;

use shared::time::Millis;

use super::repo::{self, Seal};
use crate::app::App;
use crate::db::Scope;
use crate::http::problem::Answer;
use crate::util::ids::{CustomerId, LogId, Space};

/// Erasures are looked at for this long after their logs are gone.
const LOOK_BACK_MS: i64 = 2 * 86_400_000;
/// Numbers that are cleared in one transaction.
const PORTION: i64 = 5_000;
/// Pause in which others write.
const BREATH: Duration = Duration::from_millis(5);

/// Thins out every day that is empty by now, and says how many days that were.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn run(app: &App) -> Answer<u64> {
    let since = Millis(app.clock.now().0 - LOOK_BACK_MS);
    let customers = repo::list_erasing(&mut app.db.read(Scope::Installation).await?, since).await?;
    let mut thinned = 0;
    for customer in customers {
        let emptied =
            repo::list_emptied(&mut app.db.read(Scope::Customer(customer)).await?, customer).await?;
        for seal in emptied {
            thinned += u64::from(thin(app, customer, &seal).await?);
        }
    }
    Ok(thinned)
}

/// Thins out a day that has no log, if erasures on record took every one of them.
async fn thin(app: &App, customer: CustomerId, seal: &Seal) -> Answer<bool> {
    let base = LogId::base(customer, Space::Live);
    let ids = (base + seal.first_number, base + seal.last());
    if seal.removed_at.is_none() {
        let mut tx = app.db.write(Scope::Customer(customer)).await?;
        let (erased, last) = repo::last_erasure(&mut tx, customer, ids).await?;
        let Some(last) = last.filter(|_| erased == seal.total) else { return Ok(false) };
        if !repo::is_erasure(&mut tx, customer, &last).await? {
            return Ok(false);
        }
        repo::update_removed(&mut tx, seal, &last, app.clock.now()).await?;
        tx.commit().await?;
    }
    let mut at = seal.first_number;
    while at <= seal.last() {
        let last = seal.last().min(at + PORTION - 1);
        let mut tx = app.db.write(Scope::Customer(customer)).await?;
        repo::delete_kept(&mut tx, customer, (base + at, base + last)).await?;
        tx.commit().await?;
        tokio::time::sleep(BREATH).await;
        at = last + 1;
    }
    // Last, because it is by these that an unfinished day is found.
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    repo::delete_blocks(&mut tx, customer, (seal.first_number, seal.last())).await?;
    tx.commit().await?;
    Ok(true)
}
