//! Noting, writing, counting and forgetting activity.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::activity::{
    CustomerActivity, CustomerActivityPage, CustomerCohortsOut, Feature, FeatureCount, FeatureUse, KEPT_DAYS,
    MONTH_DAYS, ProductOut, VISIT_DAYS,
};
use shared::time::Millis;

use super::cohorts::Known;
use super::feature::feature_of;
use super::figures::{self, Calendar};
use super::memory::{Count, Place};
use super::repo::{self, Did, Presence, Used};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::tenancy;
use crate::domain::tenancy::model::CustomerFilter;
use crate::http::problem::Answer;
use crate::http::sender::{Answered, By, Sent};
use crate::util::ids::CustomerId;
use crate::util::swallow::OrLog;
use crate::util::zone::{self, add_days};

const DAY_MS: i64 = 24 * 3_600_000;

/// Statuses with which a key was not let in.
const TURNED_AWAY: [u16; 3] = [401, 403, 429];

/// Takes note of an answered request. Memory alone is touched.
pub fn note(app: &App, sent: &Sent, answered: &Answered<'_>, now: Millis) {
    let feature = feature_of(answered.route, answered.method.as_str(), answered.asked);
    let done = answered.status < 400;
    let (actor, system) = match &sent.by {
        By::Person { actor, .. } if done && feature.is_some() => (actor.clone(), false),
        By::Key { id, space, refused: None }
            if !space.is_test() && !TURNED_AWAY.contains(&answered.status) =>
        {
            (format!("key:{id}"), true)
        }
        By::Person { .. } | By::Key { .. } => return,
    };
    let day = zone::date_of(&zone_of_days(app), now);
    let place = Place { customer: sent.customer.id, day, actor, feature, system };
    app.activity.count(place, Count { requests: 1, actions: i64::from(done), last: now });
    if let By::Person { session, .. } = &sent.by {
        app.activity.visit((sent.customer.id, session.clone()), now);
    }
}

/// The zone that days of activity are counted in.
#[must_use]
pub fn zone_of_days(app: &App) -> TimeZone {
    zone::find(&app.config.time_zone).unwrap_or(TimeZone::UTC)
}

/// Writes what was noted since the last time, in one transaction. What cannot be written is kept.
pub async fn flush(app: &App) {
    let _writing = app.activity.writing.lock().await;
    let batch = app.activity.take();
    if batch.is_empty() {
        return;
    }
    let written = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        repo::add_days(&mut tx, &batch.days).await?;
        repo::add_visits(&mut tx, &batch.visits).await?;
        tx.commit().await
    };
    if written.await.or_log("writing activity").is_none() {
        app.activity.put_back(batch);
    }
}

/// Forgets activity after 400 days and visits after 90.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let now = app.clock.now();
    let before = add_days(zone::date_of(&zone_of_days(app), now), 1 - KEPT_DAYS);
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_older(&mut tx, before, Millis(now.0 - VISIT_DAYS * DAY_MS)).await?;
    tx.commit().await?;
    Ok(gone)
}

/// The last local days of the installation, the running one included.
struct Period {
    zone: TimeZone,
    now: Millis,
    first: Date,
    last: Date,
}

impl Period {
    fn of(app: &App, days: i64) -> Self {
        let (zone, now) = (zone_of_days(app), app.clock.now());
        let last = zone::date_of(&zone, now);
        Self { first: add_days(last, 1 - days), last, zone, now }
    }
}

/// ANA-19: figures about the product.
///
/// # Errors
/// When the database fails.
pub async fn product(app: &App, days: i64) -> Answer<ProductOut> {
    let period = Period::of(app, days);
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let since = repo::first_day(&mut conn).await?;
    // A month before the first day, and one before yesterday.
    let earliest =
        add_days(period.first.min(period.last), 1 - MONTH_DAYS).min(add_days(period.last, -MONTH_DAYS));
    let calendar = Calendar::new(repo::list_active(&mut conn, earliest).await?, since);
    let used = repo::list_used(&mut conn, period.first).await?;
    let active_customers = repo::count_active(&mut conn, period.first).await?;
    let begin = zone::start_of(&period.zone, period.first);
    let visits = repo::list_visits(&mut conn, (begin, Millis(period.now.0 + 1))).await?;
    drop(conn);
    let people = |feature: Feature| used.iter().find(|row| row.feature == feature.as_str());
    Ok(ProductOut {
        first_day: period.first.to_string(),
        last_day: period.last.to_string(),
        time_zone: app.config.time_zone.clone(),
        recorded_since: since.map(|day| day.to_string()),
        computed_at: period.now,
        basis: "measured".to_owned(),
        days: calendar.days(period.first, days),
        stickiness: calendar.stickiness(add_days(period.last, -1)),
        active_customers,
        searches: people(Feature::Search).map_or(0, |row| row.by_people + row.by_systems),
        sign_ins: people(Feature::SignIn).map_or(0, |row| row.by_people),
        api_calls: used.iter().map(|row| row.calls).sum(),
        features: features(&used, active_customers),
        visits: figures::visits(&visits),
    })
}

/// ANA-10: customers by the month in which they began, and in which later months they were active.
///
/// # Errors
/// When the database fails.
pub async fn cohorts(app: &App) -> Answer<CustomerCohortsOut> {
    let today = Period::of(app, 1);
    let began = tenancy::service::beginnings(app).await?;
    let began: Vec<(i64, Date)> =
        began.into_iter().map(|(id, at)| (id.0, zone::date_of(&today.zone, at))).collect();
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let since = repo::first_day(&mut conn).await?;
    let active = match since {
        Some(since) => repo::list_months(&mut conn, since).await?,
        None => HashSet::new(),
    };
    drop(conn);
    Ok(CustomerCohortsOut {
        rows: Known { active, since }.rows(&began, today.last),
        time_zone: app.config.time_zone.clone(),
        recorded_since: since.map(|day| day.to_string()),
        computed_at: today.now,
        basis: "measured".to_owned(),
    })
}

/// The first day of which activity is known.
///
/// # Errors
/// When the database fails.
pub async fn counted_since(app: &App) -> Result<Option<Date>, DbError> {
    let mut conn = app.db.read(Scope::Installation).await?;
    repo::first_day(&mut conn).await
}

/// Searches by people of a customer, from a day on and before another.
///
/// # Errors
/// When the database fails.
pub async fn searches_by_people(
    conn: &mut Conn,
    customer: CustomerId,
    days: (Date, Date),
) -> Result<i64, DbError> {
    repo::count_used(conn, customer, Feature::Search, days).await
}

/// Every part of the product, most used first.
fn features(used: &[Used], active: i64) -> Vec<FeatureUse> {
    let of = |feature: &Feature| {
        let found = used.iter().find(|row| row.feature == feature.as_str());
        let customers = found.map_or(0, |row| row.customers);
        FeatureUse {
            feature: *feature,
            customers,
            adoption: (active > 0).then(|| customers as f64 / active as f64),
            by_people: found.map_or(0, |row| row.by_people),
            by_systems: found.map_or(0, |row| row.by_systems),
        }
    };
    let mut all: Vec<FeatureUse> = Feature::ALL.iter().map(of).collect();
    all.sort_by_key(|row| std::cmp::Reverse((row.customers, row.by_people + row.by_systems)));
    all
}

/// ANA-12: a page of customers with what they did in the last days.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`, or when the database fails.
pub async fn customers(
    app: &App,
    filter: &CustomerFilter,
    cursor: Option<&str>,
    days: i64,
) -> Answer<CustomerActivityPage> {
    let page = tenancy::service::list(app, filter, cursor).await?;
    let period = Period::of(app, days);
    let ids: Vec<i64> = page.data.iter().map(|customer| customer.id).collect();
    let mut conn = app.db.snapshot(Scope::Installation).await?;
    let since = repo::first_day(&mut conn).await?;
    let did = repo::list_did(&mut conn, &ids, period.first).await?;
    let presence = repo::list_presence(&mut conn, &ids, period.first).await?;
    drop(conn);
    let mut done: HashMap<i64, Vec<&Did>> = HashMap::new();
    for row in &did {
        done.entry(row.customer_id).or_default().push(row);
    }
    let present: HashMap<i64, Presence> = presence.into_iter().map(|row| (row.customer_id, row)).collect();
    let data = page.data.into_iter().map(|customer| {
        let rows = done.get(&customer.id).map(Vec::as_slice).unwrap_or_default();
        activity(customer.id, customer.name, rows, present.get(&customer.id).copied().unwrap_or_default())
    });
    Ok(CustomerActivityPage {
        first_day: period.first.to_string(),
        last_day: period.last.to_string(),
        n: figures::recorded(period.first, period.last, since),
        time_zone: app.config.time_zone.clone(),
        recorded_since: since.map(|day| day.to_string()),
        computed_at: period.now,
        basis: "measured".to_owned(),
        data: data.collect(),
        next_cursor: page.next_cursor,
        has_more: page.has_more,
    })
}

fn activity(id: i64, name: String, did: &[&Did], present: Presence) -> CustomerActivity {
    let mut features: Vec<FeatureCount> = did
        .iter()
        .filter(|row| row.actions > 0)
        .filter_map(|row| Some(FeatureCount { feature: Feature::parse(&row.feature)?, uses: row.actions }))
        .collect();
    features.sort_by_key(|row| (std::cmp::Reverse(row.uses), row.feature));
    CustomerActivity {
        id,
        name,
        sign_ins: features.iter().find(|row| row.feature == Feature::SignIn).map_or(0, |row| row.uses),
        active_days: present.days,
        people: present.people,
        systems: present.systems,
        api_calls: did.iter().map(|row| row.calls).sum(),
        last_active_at: present.last_at.map(Millis),
        features,
    }
}
