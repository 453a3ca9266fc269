//! LOG-11, LOG-15: how long logs are kept, and those of some kinds longer or shorter than the others. A longer time
//! counts at once; a shorter one after a week in which it can be withdrawn. Each night what is older is erased; what is
//! left of it is the record of the erasure.

use shared::erasure::{
    ErasureCause, KindRetention, MAX_KIND_RETENTIONS, MAX_RETENTION_DAYS, MIN_RETENTION_DAYS,
    NextKindRetention, NextRetention, RETENTION_NOTICE_DAYS, RetentionIn, RetentionOut, TEST_RETENTION_DAYS,
};
use shared::logs::MAX_KIND_CHARS;
use shared::problem::Code;
use shared::time::Millis;
use shared::validate::Checks;

use super::service::{self, Ordered};
use super::{purge, repo};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::finder::Kinds;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::{Window, count, find_book};
use crate::domain::tenancy;
use crate::domain::tenancy::model::{OfKind, Retention};
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, LogId, Space};
use crate::util::swallow::OrLog;
use crate::util::zone;

/// No log of a space has a higher number.
const ANY_NUMBER: i64 = (1 << 39) - 1;
const DAY_MS: i64 = 24 * 3_600_000;
/// Local hour of the customer from which its logs are looked at.
const FROM_HOUR: i8 = 2;
/// Who erases by retention.
const ACTOR: &str = "retention";

/// How many live logs happened before an instant and are of these kinds.
async fn count_before(app: &App, key: BookKey, at: Millis, up_to: i64, kinds: Option<&Kinds>) -> Answer<i64> {
    let low = LogId::range(key.customer, key.space).0;
    let last = LogId::base(key.customer, key.space).saturating_add(up_to);
    let mut conn = app.db.read(Scope::Customer(key.customer)).await?;
    let Some(kinds) = kinds else {
        let window = Window { ids: (low, last), occurred: (i64::MIN, at.0) };
        return Ok(count(&mut conn, key, window, i64::MAX).await?);
    };
    let counts = repo::count_kinds_before(&mut conn, key, at, LogId(last)).await?;
    Ok(counts.iter().filter(|(kind, _)| kinds.hold(kind)).map(|(_, n)| n).sum())
}

/// Kinds whose logs are kept as long as the customer's; none is all.
fn others(found: &Retention) -> Option<Kinds> {
    let own: Vec<String> =
        found.kinds.iter().filter(|own| own.days.is_some()).map(|own| own.kind.clone()).collect();
    (!own.is_empty()).then_some(Kinds::Except(own))
}

async fn seen(app: &App, customer: CustomerId, found: Retention) -> Answer<RetentionOut> {
    let key = BookKey { customer, space: Space::Live };
    let erased = async |days: Option<i64>, at: Millis, kinds: Option<&Kinds>| match days {
        Some(days) => count_before(app, key, Millis(at.0 - days * DAY_MS), ANY_NUMBER, kinds).await,
        None => Ok(0),
    };
    let next = match found.next {
        Some((days, at)) => {
            let would_erase = erased(Some(days), at, others(&found).as_ref()).await?;
            Some(NextRetention { days, at, would_erase })
        }
        None => None,
    };
    let mut kinds = Vec::with_capacity(found.kinds.len());
    for own in found.kinds {
        let next = match own.next {
            Some((days, at)) => {
                let only = Kinds::Only(own.kind.clone());
                let would_erase = erased(days.or(found.days), Millis(at), Some(&only)).await?;
                Some(NextKindRetention { days, at: Millis(at), would_erase })
            }
            None => None,
        };
        kinds.push(KindRetention { kind: own.kind, days: own.days, next });
    }
    Ok(RetentionOut { days: found.days, next, kinds, keep_totals: found.totals })
}

/// How long a customer's logs are kept.
///
/// # Errors
/// When the database fails.
pub async fn get(app: &App, customer: CustomerId) -> Answer<RetentionOut> {
    let found = tenancy::service::retention(app, customer).await?;
    seen(app, customer, found).await
}

/// Whether a time is shorter than another; none is without limit.
const fn is_shorter(days: Option<i64>, before: Option<i64>) -> bool {
    match (days, before) {
        (Some(days), Some(before)) => days < before,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// Chooses how long a customer's logs are kept, or those of a kind.
///
/// # Errors
/// `invalid_body`, `kind_limit_reached`.
pub async fn put(app: &App, customer: CustomerId, input: RetentionIn) -> Answer<RetentionOut> {
    let mut checks = Checks::default();
    if let Some(days) = input.days {
        checks.range("/days", days, MIN_RETENTION_DAYS, MAX_RETENTION_DAYS);
    }
    let kind = input.kind.as_ref().map(|kind| checks.line("/kind", kind, 1, MAX_KIND_CHARS));
    no_faults(checks)?;
    let at = Millis(app.clock.now().0 + RETENTION_NOTICE_DAYS * DAY_MS);
    let days = input.days;
    if let Some(kind) = &kind {
        let present = tenancy::service::retention(app, customer).await?;
        if present.kinds.len() >= MAX_KIND_RETENTIONS && !present.kinds.iter().any(|own| own.kind == *kind) {
            return Err(Problem::new(Code::KindLimitReached).with("limit", MAX_KIND_RETENTIONS));
        }
    }
    let totals = input.keep_totals;
    let chosen = |present| match kind {
        Some(kind) => of_kind(present, kind, days, at),
        // Whoever repeats a choice does not put it off.
        None if present.next.is_some_and(|(next, _)| days == Some(next)) => present,
        None if is_shorter(days, present.days) => Retention { next: days.map(|days| (days, at)), ..present },
        None => Retention { days, next: None, ..present },
    };
    let found = tenancy::service::change_retention(app, customer, |present| {
        let found: Retention = chosen(present);
        Retention { totals: totals.unwrap_or(found.totals), ..found }
    });
    seen(app, customer, found.await?).await
}

/// Chooses how long logs of a kind are kept; none is as long as all others.
fn of_kind(mut present: Retention, kind: String, days: Option<i64>, at: Millis) -> Retention {
    let all = present.days;
    let place = present.kinds.iter().position(|own| own.kind == kind);
    let mut own = match place {
        Some(place) => present.kinds.remove(place),
        None => OfKind { kind, days: None, next: None },
    };
    if own.next.is_none_or(|(next, _)| next != days) {
        if is_shorter(days.or(all), own.days.or(all)) {
            own.next = Some((days, at.0));
        } else {
            (own.days, own.next) = (days, None);
        }
    }
    present.kinds.push(own);
    tidy(present)
}

/// Kinds that have and will have no time of their own are not kept; the others stand by name.
fn tidy(mut retention: Retention) -> Retention {
    retention.kinds.retain(|own| own.days.is_some() || own.next.is_some());
    retention.kinds.sort_by(|a, b| a.kind.cmp(&b.kind));
    retention
}

/// Withdraws a shorter time that does not count yet, of all logs or of a kind.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(app: &App, customer: CustomerId, kind: Option<&str>) -> Answer<RetentionOut> {
    let found = tenancy::service::change_retention(app, customer, |mut present| match kind {
        Some(kind) => {
            present.kinds.iter_mut().filter(|own| own.kind == kind).for_each(|own| own.next = None);
            tidy(present)
        }
        None => Retention { next: None, ..present },
    });
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

/// What counts from now on.
fn due(mut present: Retention, now: Millis) -> Retention {
    if let Some((days, _)) = present.next.filter(|(_, at)| *at <= now) {
        (present.days, present.next) = (Some(days), None);
    }
    for own in &mut present.kinds {
        if let Some((days, _)) = own.next.filter(|(_, at)| *at <= now.0) {
            (own.days, own.next) = (days, None);
        }
    }
    tidy(present)
}

/// Erases what a customer keeps no longer.
async fn erase_old(app: &App, customer: CustomerId, now: Millis) -> Answer<()> {
    let found = tenancy::service::change_retention(app, customer, |present| due(present, now)).await?;
    let live = BookKey { customer, space: Space::Live };
    let up_to = book_seq(app, live).await?;
    let mut begun = false;
    let mut times = vec![(found.days, others(&found))];
    times.extend(found.kinds.into_iter().map(|own| (own.days, Some(Kinds::Only(own.kind)))));
    for (days, kinds) in times {
        if let Some(days) = days {
            let before = Millis(now.0 - days * DAY_MS);
            begun |= erase(app, live, ErasureCause::Retention, Some(before), up_to, kinds).await?;
        }
    }
    let test = BookKey { customer, space: Space::Test };
    let before = Millis(now.0 - TEST_RETENTION_DAYS * DAY_MS);
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let up_to = repo::last_received_before(&mut conn, test, before).await?;
    drop(conn);
    begun |= up_to > 0 && erase(app, test, ErasureCause::TestSpace, None, up_to, None).await?;
    if begun { purge::run(app).await } else { Ok(()) }
}

async fn book_seq(app: &App, key: BookKey) -> Answer<i64> {
    Ok(find_book(&mut app.db.read(Scope::Customer(key.customer)).await?, key).await?.seq)
}

/// Leads to a kind by the word index, and tells the owner what it was about. Names that differ in case fit it as well.
fn query(kinds: &Kinds) -> String {
    match kinds {
        Kinds::Only(kind) => {
            let term = shared::query::field_term("kind", kind, false);
            if shared::query::parse(&term).is_ok() { term } else { String::new() }
        }
        Kinds::Except(_) => String::new(),
    }
}

/// Erases logs that happened before an instant; says whether there were any.
async fn erase(
    app: &App,
    key: BookKey,
    cause: ErasureCause,
    before: Option<Millis>,
    up_to: i64,
    kinds: Option<Kinds>,
) -> Answer<bool> {
    let expected = count_before(app, key, before.unwrap_or(Millis(i64::MAX)), up_to, kinds.as_ref()).await?;
    if expected == 0 {
        return Ok(false);
    }
    let ordered = Ordered {
        key,
        cause,
        fields: Vec::new(),
        query: kinds.as_ref().map(query).unwrap_or_default(),
        kinds,
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
