//! LOG-11: how long logs are kept. A longer time counts at once; a shorter one after a week in which it can be
//! withdrawn. Each night what is older is erased; what is left of it is the record of the erasure.

use shared::erasure::{
    ErasureCause, MAX_RETENTION_DAYS, MIN_RETENTION_DAYS, NextRetention, RETENTION_NOTICE_DAYS, RetentionIn,
    RetentionOut, TEST_RETENTION_DAYS,
};
use shared::time::Millis;
use shared::validate::Checks;

use super::service::{self, Ordered};
use super::{purge, repo};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{Window, count, find_book};
use crate::domain::tenancy;
use crate::domain::tenancy::model::Retention;
use crate::http::extract::no_faults;
use crate::http::problem::Answer;
use crate::util::ids::{CustomerId, LogId, Space};
use crate::util::swallow::OrLog;
use crate::util::zone;

const DAY_MS: i64 = 24 * 3_600_000;
/// Local hour of the customer from which its logs are looked at.
const FROM_HOUR: i8 = 2;
/// Who erases by retention.
const ACTOR: &str = "retention";

/// How many live logs happened before an instant.
async fn count_before(app: &App, key: BookKey, at: Millis, up_to: i64) -> Answer<i64> {
    let low = LogId::range(key.customer, key.space).0;
    let ids = (low, LogId::base(key.customer, key.space).saturating_add(up_to));
    let mut conn = app.db.read(Scope::Customer(key.customer)).await?;
    Ok(count(&mut conn, key, Window { ids, occurred: (i64::MIN, at.0) }, i64::MAX).await?)
}

async fn seen(app: &App, customer: CustomerId, found: Retention) -> Answer<RetentionOut> {
    let next = match found.next {
        Some((days, at)) => {
            let key = BookKey { customer, space: Space::Live };
            let would_erase = count_before(app, key, Millis(at.0 - days * DAY_MS), i64::MAX >> 24).await?;
            Some(NextRetention { days, at, would_erase })
        }
        None => None,
    };
    Ok(RetentionOut { days: found.days, next })
}

/// How long a customer's logs are kept.
///
/// # Errors
/// When the database fails.
pub async fn get(app: &App, customer: CustomerId) -> Answer<RetentionOut> {
    let found = tenancy::service::retention(app, customer).await?;
    seen(app, customer, found).await
}

/// Chooses how long logs are kept.
///
/// # Errors
/// `invalid_body`.
pub async fn put(app: &App, customer: CustomerId, input: RetentionIn) -> Answer<RetentionOut> {
    let mut checks = Checks::default();
    if let Some(days) = input.days {
        checks.range("/days", days, MIN_RETENTION_DAYS, MAX_RETENTION_DAYS);
    }
    no_faults(checks)?;
    let now = app.clock.now();
    let found = tenancy::service::change_retention(app, customer, |present| {
        let shorter = match (input.days, present.days) {
            (Some(days), Some(before)) => days < before,
            (Some(_), None) => true,
            (None, _) => false,
        };
        // Whoever repeats a choice does not put it off.
        if present.next.is_some_and(|(days, _)| input.days == Some(days)) {
            present
        } else if shorter {
            let at = Millis(now.0 + RETENTION_NOTICE_DAYS * DAY_MS);
            Retention { next: input.days.map(|days| (days, at)), ..present }
        } else {
            Retention { days: input.days, next: None }
        }
    });
    seen(app, customer, found.await?).await
}

/// Withdraws a shorter time that does not count yet.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(app: &App, customer: CustomerId) -> Answer<RetentionOut> {
    let found =
        tenancy::service::change_retention(app, customer, |present| Retention { next: None, ..present });
    seen(app, customer, found.await?).await
}

/// Erases what is kept no longer, for each customer once a night.
///
/// # Errors
/// When the database fails; it is tried again.
pub async fn run(app: &App) -> Answer<()> {
    let now = app.clock.now();
    for (customer, zone_name) in tenancy::service::zones(app).await? {
        let Some(zone) = zone::find(&zone_name) else { continue };
        let local = zone::local(&zone, now);
        let tonight = zone::start_of(&zone, local.date());
        if local.hour() < FROM_HOUR || !tenancy::service::claim_retention(app, customer, tonight, now).await?
        {
            continue;
        }
        // One customer's trouble keeps nobody else's logs longer.
        erase_old(app, customer, now).await.or_log("erasing by retention");
    }
    Ok(())
}

/// Erases what a customer keeps no longer.
async fn erase_old(app: &App, customer: CustomerId, now: Millis) -> Answer<()> {
    let due = tenancy::service::change_retention(app, customer, |present| match present.next {
        Some((days, at)) if at <= now => Retention { days: Some(days), next: None },
        _ => present,
    });
    let live = BookKey { customer, space: Space::Live };
    let mut begun = false;
    if let Some(days) = due.await?.days {
        let before = Millis(now.0 - days * DAY_MS);
        let up_to = book_seq(app, live).await?;
        begun |= erase(app, live, ErasureCause::Retention, Some(before), up_to).await?;
    }
    let test = BookKey { customer, space: Space::Test };
    let before = Millis(now.0 - TEST_RETENTION_DAYS * DAY_MS);
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let up_to = repo::last_received_before(&mut conn, test, before).await?;
    drop(conn);
    begun |= up_to > 0 && erase(app, test, ErasureCause::TestSpace, None, up_to).await?;
    if begun { purge::run(app).await } else { Ok(()) }
}

async fn book_seq(app: &App, key: BookKey) -> Answer<i64> {
    Ok(find_book(&mut app.db.read(Scope::Customer(key.customer)).await?, key).await?.seq)
}

/// Erases logs that happened before an instant; says whether there were any.
async fn erase(
    app: &App,
    key: BookKey,
    cause: ErasureCause,
    before: Option<Millis>,
    up_to: i64,
) -> Answer<bool> {
    let expected = count_before(app, key, before.unwrap_or(Millis(i64::MAX)), up_to).await?;
    if expected == 0 {
        return Ok(false);
    }
    let ordered = Ordered {
        key,
        cause,
        fields: Vec::new(),
        query: String::new(),
        occurred: (None, before),
        up_to,
        reason: None,
        actor: ACTOR.to_owned(),
        expected,
    };
    let erasure = service::record(app, ordered).await?;
    service::carry_out(app, erasure).await?;
    Ok(true)
}
