//! Noting, writing, showing and forgetting requests.

use std::collections::HashMap;

use jiff::civil::Date;
use shared::requests::{
    ACCURACY, DayFigures, FIGURE_DAYS, KEPT_DAYS, PerformanceOut, RequestOut, RequestsOut, RouteFigures,
    SenderFigures,
};
use shared::time::Millis;

use super::latency::{self, Count, Histogram};
use super::memory::{Place, Request};
use super::model::{self, Filter};
use super::repo::{self, Durations};
use crate::app::App;
use crate::db::{DbError, Scope};
use crate::domain::{activity, keys};
use crate::http::auth::Tenant;
use crate::http::problem::Answer;
use crate::http::sender::{Answered, By, Sent};
use crate::util::swallow::OrLog;
use crate::util::zone;

const DAY_MS: i64 = 24 * 3_600_000;

impl App {
    /// Takes note of an answered request of a customer's caller. Memory alone is touched.
    pub fn note_request(&self, sent: &Sent, answered: &Answered<'_>) {
        let now = self.clock.now();
        activity::service::note(self, sent, answered, now);
        let customer = sent.customer.id;
        let duration_us = i64::try_from(answered.took.as_micros()).unwrap_or(i64::MAX);
        let (key, live) = match &sent.by {
            By::Person { .. } => (String::new(), true),
            By::Key { id, space, refused } => {
                let request = Request {
                    id: self.requests.next_id(now),
                    at: now,
                    method: answered.method.to_string(),
                    route: answered.route.to_owned(),
                    status: answered.status,
                    duration_us,
                    key: id.clone(),
                    test: space.is_test(),
                    request_id: answered.request_id.to_owned(),
                    code: answered.code.map(str::to_owned),
                    refused: *refused,
                };
                self.requests.note(customer, request);
                (id.clone(), !space.is_test())
            }
        };
        if live {
            let place = Place {
                customer,
                day: zone::date_of(&sent.customer.zone, now),
                key,
                route: format!("{} {}", answered.method, answered.route),
                bucket: latency::bucket_of(duration_us),
            };
            self.requests.count(place, Count::one(answered.status, duration_us));
        }
    }
}

/// Writes what was noted since the last time, in one transaction. What cannot be written is kept.
pub async fn flush(app: &App) {
    let _writing = app.requests.writing.lock().await;
    let batch = app.requests.take();
    if batch.is_empty() {
        return app.requests.settle();
    }
    let written = async {
        let mut tx = app.db.write(Scope::Installation).await?;
        if !batch.requests.is_empty() {
            repo::insert(&mut tx, &batch.requests).await?;
        }
        repo::add_durations(&mut tx, &batch.durations).await?;
        tx.commit().await
    };
    let done = written.await.or_log("writing requests");
    drop(batch);
    if done.is_some() { app.requests.settle() } else { app.requests.put_back() }
}

/// Forgets requests after 7 days and counted durations after 90.
///
/// # Errors
/// When the database fails.
pub async fn forget_old(app: &App) -> Result<u64, DbError> {
    let now = app.clock.now();
    let mut tx = app.db.write(Scope::Installation).await?;
    let gone = repo::delete_older(&mut tx, Millis(now.0 - KEPT_DAYS * DAY_MS)).await?;
    // Days are those of customers: one more stays, so that all of them have theirs.
    let first = zone::add_days(zone::date_of(&jiff::tz::TimeZone::UTC, now), -FIGURE_DAYS);
    let durations = repo::delete_durations(&mut tx, first).await?;
    tx.commit().await?;
    Ok(gone + durations)
}

/// API-13: the latest requests with the customer's keys, those of this server at once. A test key sees those of test
/// keys.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`, or when the database fails.
pub async fn list<P>(tenant: &Tenant<P>, filter: &Filter, cursor: Option<&str>) -> Answer<RequestsOut> {
    let (app, customer) = (&tenant.app, tenant.id());
    let list = filter.list(customer);
    let cursor = cursor.map(|text| list.read(&app.keys, text)).transpose()?;
    let since = Millis(app.clock.now().0 - KEPT_DAYS * DAY_MS);
    // Memory first: what is written in between is then in both, and counts once.
    let mut all = app.requests.of(customer);
    let mut conn = app.db.snapshot(Scope::Customer(customer)).await?;
    all.extend(repo::list(&mut conn, customer, since).await?);
    let names = keys::service::names(&mut conn, customer).await?;
    drop(conn);
    let test_alone = tenant.space().is_test();
    all.retain(|request| request.at >= since && (request.test || !test_alone));
    let (rows, has_more) = filter.page(all, cursor.as_ref());
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|row| list.write(&app.keys, &model::behind(row)));
    let data = rows.into_iter().map(|request| out(request, &names)).collect();
    Ok(RequestsOut { data, next_cursor, has_more })
}

fn out(request: Request, names: &HashMap<String, String>) -> RequestOut {
    RequestOut {
        key_name: names.get(&request.key).cloned(),
        id: request.id,
        at: request.at,
        method: request.method,
        route: request.route,
        status: request.status,
        duration_ms: request.duration_us as f64 / 1_000.0,
        key_id: request.key,
        test: request.test,
        request_id: request.request_id,
        code: request.code,
        refused: request.refused,
    }
}

/// What performance is asked of.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Local days up to now, the running one included.
    pub days: i64,
    /// Identifier of a key; `""` for people.
    pub key: Option<&'a str>,
    /// Method and path.
    pub route: Option<&'a str>,
}

/// ANA-14: how fast and how well own requests were answered, of live keys and of people.
///
/// # Errors
/// When the database fails.
pub async fn performance<P>(tenant: &Tenant<P>, asked: &Asked<'_>) -> Answer<PerformanceOut> {
    let (app, customer) = (&tenant.app, &tenant.customer);
    let now = app.clock.now();
    let last = zone::date_of(&customer.zone, now);
    let first = zone::add_days(last, 1 - asked.days);
    let mut conn = app.db.snapshot(Scope::Customer(customer.id)).await?;
    let rows = repo::list_durations(&mut conn, customer.id, first, asked.key, asked.route).await?;
    let names = keys::service::names(&mut conn, customer.id).await?;
    drop(conn);
    let mut total = Histogram::default();
    for row in &rows {
        add(&mut total, row);
    }
    let routes = group(&rows, |row| &row.route);
    let senders = group(&rows, |row| &row.key_id);
    Ok(PerformanceOut {
        first_day: first.to_string(),
        last_day: last.to_string(),
        time_zone: customer.time_zone.clone(),
        n: total.n(),
        computed_at: now,
        basis: "measured".to_owned(),
        accuracy: ACCURACY,
        total: total.figures(),
        routes: routes
            .into_iter()
            .map(|(route, all)| RouteFigures { route: route.to_owned(), figures: all.figures() })
            .collect(),
        senders: senders
            .into_iter()
            .map(|(key, all)| SenderFigures {
                key_id: Some(key.to_owned()).filter(|key| !key.is_empty()),
                key_name: names.get(key).cloned(),
                figures: all.figures(),
            })
            .collect(),
        days: days(&rows, first, asked.days),
    })
}

fn add(all: &mut Histogram, row: &Durations) {
    let Durations { n, refused, failed, total_us, .. } = *row;
    all.add(row.bucket, Count { n, refused, failed, total_us });
}

/// Durations by something, most answers first.
fn group(rows: &[Durations], by: fn(&Durations) -> &str) -> Vec<(&str, Histogram)> {
    let mut groups: HashMap<&str, Histogram> = HashMap::new();
    for row in rows {
        add(groups.entry(by(row)).or_default(), row);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by(|(a, left), (b, right)| (right.n(), a).cmp(&(left.n(), b)));
    groups
}

fn days(rows: &[Durations], first: Date, count: i64) -> Vec<DayFigures> {
    let known: HashMap<&str, Histogram> = group(rows, |row| &row.day).into_iter().collect();
    let day = |at: i64| {
        let date = zone::add_days(first, at).to_string();
        let figures =
            known.get(date.as_str()).map_or_else(|| Histogram::default().figures(), Histogram::figures);
        DayFigures { date, partial: at == count - 1, figures }
    };
    (0..count).map(day).collect()
}
