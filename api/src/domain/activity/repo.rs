//! Rows of counted activity, and of visits.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use serde_json::json;
use shared::activity::{Feature, INACTIVE_MS};
use shared::time::Millis;

use super::figures::Active;
use super::memory::{Count, Place, Session, Stretch, join};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// Rows of one statement.
const ROWS: usize = 1_000;

/// Adds counted activity.
///
/// # Errors
/// When the database fails.
pub async fn add_days(conn: &mut Conn, days: &HashMap<Place, Count>) -> Result<(), DbError> {
    let mut rows: Vec<_> = days.iter().collect();
    // One order for all servers, so that two of them do not wait for each other.
    rows.sort_unstable_by_key(|(place, _)| *place);
    let (_, greatest) = conn.dialect().least_greatest();
    let text = format!(
        "INSERT INTO activity_day (customer_id, day, actor, feature, is_system, requests, actions, last_at) \
         SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, v ->> 2, v ->> 3, CAST(v ->> 4 AS BOOLEAN), CAST(v ->> 5 AS BIGINT), \
         CAST(v ->> 6 AS BIGINT), CAST(v ->> 7 AS BIGINT) FROM {} WHERE true \
         ON CONFLICT (customer_id, day, actor, feature) DO UPDATE SET requests = activity_day.requests + excluded.requests, \
         actions = activity_day.actions + excluded.actions, last_at = {greatest}(activity_day.last_at, excluded.last_at)",
        conn.dialect().json_rows()
    );
    for part in rows.chunks(ROWS) {
        let values: Vec<_> = part
            .iter()
            .map(|(place, count)| {
                let feature = place.feature.map_or("", Feature::as_str);
                let day = place.day.to_string();
                json!([
                    place.customer.0,
                    day,
                    place.actor,
                    feature,
                    place.system,
                    count.requests,
                    count.actions,
                    count.last.0
                ])
            })
            .collect();
        sql_owned(text.clone()).bind(json!(values).to_string()).execute(conn).await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct VisitRow {
    customer_id: i64,
    session: String,
    started_at: i64,
    ended_at: i64,
    actions: i64,
}

/// Adds what was done in sessions to their visits: what follows within half an hour makes a visit longer.
///
/// # Errors
/// When the database fails.
pub async fn add_visits(conn: &mut Conn, visits: &HashMap<Session, Vec<Stretch>>) -> Result<(), DbError> {
    let earliest = visits.values().flatten().map(|stretch| stretch.from.0).min().unwrap_or_default();
    let (source, fence) = (conn.dialect().json_rows(), conn.dialect().fence());
    let sessions =
        format!("(customer_id, session) IN (SELECT CAST(v ->> 0 AS BIGINT), v ->> 1 FROM {source}{fence})");
    let find = format!(
        "SELECT customer_id, session, started_at, ended_at, actions FROM visit WHERE {sessions} AND ended_at > $2{}",
        conn.dialect().for_update()
    );
    let delete = format!(
        "DELETE FROM visit WHERE (customer_id, session, started_at) IN \
         (SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, CAST(v ->> 2 AS BIGINT) FROM {source}{fence})"
    );
    let insert = format!(
        "INSERT INTO visit (customer_id, session, started_at, ended_at, actions) SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, \
         CAST(v ->> 2 AS BIGINT), CAST(v ->> 3 AS BIGINT), CAST(v ->> 4 AS BIGINT) FROM {source}"
    );
    let mut all: Vec<_> = visits.iter().collect();
    all.sort_unstable_by_key(|(session, _)| *session);
    for part in all.chunks(ROWS) {
        let names: Vec<_> = part.iter().map(|(session, _)| json!([session.0.0, session.1])).collect();
        let found: Vec<VisitRow> = sql_owned(find.clone())
            .bind(json!(names).to_string())
            .bind(earliest - INACTIVE_MS)
            .all(conn)
            .await?;
        let gone: Vec<_> =
            found.iter().map(|row| json!([row.customer_id, row.session, row.started_at])).collect();
        let mut known: HashMap<Session, Vec<Stretch>> = HashMap::new();
        for row in found {
            let stretch =
                Stretch { from: Millis(row.started_at), to: Millis(row.ended_at), actions: row.actions };
            known.entry((CustomerId(row.customer_id), row.session)).or_default().push(stretch);
        }
        let mut rows = Vec::new();
        for (session, stretches) in part {
            let mut joined = known.remove(*session).unwrap_or_default();
            for stretch in *stretches {
                join(&mut joined, *stretch);
            }
            rows.extend(
                joined
                    .iter()
                    .map(|visit| json!([session.0.0, session.1, visit.from.0, visit.to.0, visit.actions])),
            );
        }
        if !gone.is_empty() {
            sql_owned(delete.clone()).bind(json!(gone).to_string()).execute(conn).await?;
        }
        sql_owned(insert.clone()).bind(json!(rows).to_string()).execute(conn).await?;
    }
    Ok(())
}

/// Forgets activity of days before a day, and visits that began before an instant.
///
/// # Errors
/// When the database fails.
pub async fn delete_older(conn: &mut Conn, before: Date, visits: Millis) -> Result<u64, DbError> {
    let days = sql("DELETE FROM activity_day WHERE day < $1").bind(before.to_string()).execute(conn).await?;
    let visits = sql("DELETE FROM visit WHERE started_at < $1").bind(visits).execute(conn).await?;
    Ok(days + visits)
}

#[derive(sqlx::FromRow)]
struct FirstRow {
    day: Option<String>,
}

/// The first day on record.
///
/// # Errors
/// When the database fails.
pub async fn first_day(conn: &mut Conn) -> Result<Option<Date>, DbError> {
    let found: FirstRow = sql("SELECT MIN(day) AS day FROM activity_day").one(conn).await?;
    Ok(found.day.and_then(|day| day.parse().ok()))
}

#[derive(sqlx::FromRow)]
struct ActiveRow {
    day: String,
    customer_id: i64,
    actor: String,
    is_system: bool,
}

/// Who was active on which day, from a day on.
///
/// # Errors
/// When the database fails.
pub async fn list_active(conn: &mut Conn, from: Date) -> Result<Vec<Active>, DbError> {
    let rows: Vec<ActiveRow> = sql("SELECT DISTINCT day, customer_id, actor, is_system FROM activity_day \
         WHERE day >= $1 AND (is_system OR actions > 0)")
    .bind(from.to_string())
    .all(conn)
    .await?;
    let active = |row: ActiveRow| {
        let day = row.day.parse().ok()?;
        Some(Active { day, who: (row.customer_id, row.actor), system: row.is_system })
    };
    Ok(rows.into_iter().filter_map(active).collect())
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    customer_id: i64,
    month: String,
}

/// In which months customers were active: number, and first day of the month.
///
/// # Errors
/// When the database fails.
pub async fn list_months(conn: &mut Conn, from: Date) -> Result<HashSet<(i64, Date)>, DbError> {
    let rows: Vec<MonthRow> =
        sql("SELECT DISTINCT customer_id, substr(day, 1, 7) AS month FROM activity_day \
         WHERE day >= $1 AND (is_system OR actions > 0)")
        .bind(from.to_string())
        .all(conn)
        .await?;
    let month = |row: MonthRow| Some((row.customer_id, format!("{}-01", row.month).parse().ok()?));
    Ok(rows.into_iter().filter_map(month).collect())
}

/// Use of a part of the product over all customers.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Used {
    /// The part; empty for what is no use of one.
    pub feature: String,
    /// Customers that used it.
    pub customers: i64,
    /// Successful requests of people.
    pub by_people: i64,
    /// Successful requests of systems.
    pub by_systems: i64,
    /// All requests of systems.
    pub calls: i64,
}

/// Use of each part of the product from a day on.
///
/// # Errors
/// When the database fails.
pub async fn list_used(conn: &mut Conn, from: Date) -> Result<Vec<Used>, DbError> {
    sql("SELECT feature, COUNT(DISTINCT CASE WHEN actions > 0 THEN customer_id END) AS customers, \
         CAST(SUM(CASE WHEN is_system THEN 0 ELSE actions END) AS BIGINT) AS by_people, \
         CAST(SUM(CASE WHEN is_system THEN actions ELSE 0 END) AS BIGINT) AS by_systems, \
         CAST(SUM(CASE WHEN is_system THEN requests ELSE 0 END) AS BIGINT) AS calls \
         FROM activity_day WHERE day >= $1 GROUP BY feature")
    .bind(from.to_string())
    .all(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct Number {
    n: i64,
}

/// How often people of a customer used a part of the product, from a day on and before another.
///
/// # Errors
/// When the database fails.
pub async fn count_used(
    conn: &mut Conn,
    customer: CustomerId,
    feature: Feature,
    (from, to): (Date, Date),
) -> Result<i64, DbError> {
    let found: Number = sql("SELECT CAST(COALESCE(SUM(actions), 0) AS BIGINT) AS n FROM activity_day \
         WHERE customer_id = $1 AND NOT is_system AND feature = $2 AND day >= $3 AND day < $4")
    .bind(customer)
    .bind(feature.as_str())
    .bind(from.to_string())
    .bind(to.to_string())
    .one(conn)
    .await?;
    Ok(found.n)
}

/// Customers of which anybody or anything was active from a day on.
///
/// # Errors
/// When the database fails.
pub async fn count_active(conn: &mut Conn, from: Date) -> Result<i64, DbError> {
    let found: Number = sql("SELECT COUNT(DISTINCT customer_id) AS n FROM activity_day \
         WHERE day >= $1 AND (is_system OR actions > 0)")
    .bind(from.to_string())
    .one(conn)
    .await?;
    Ok(found.n)
}

#[derive(sqlx::FromRow)]
struct VisitLength {
    ms: i64,
    actions: i64,
}

/// Visits that began within a period: how long they were, in milliseconds, and their actions.
///
/// # Errors
/// When the database fails.
pub async fn list_visits(conn: &mut Conn, (from, to): (Millis, Millis)) -> Result<Vec<(i64, i64)>, DbError> {
    let rows: Vec<VisitLength> = sql("SELECT ended_at - started_at AS ms, actions FROM visit \
         WHERE started_at >= $1 AND started_at < $2")
    .bind(from)
    .bind(to)
    .all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.ms, row.actions)).collect())
}

/// What a customer did with a part of the product from a day on.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Did {
    /// Customer.
    pub customer_id: i64,
    /// The part; empty for what is no use of one.
    pub feature: String,
    /// Successful requests.
    pub actions: i64,
    /// All requests of systems.
    pub calls: i64,
}

/// What some customers did from a day on.
///
/// # Errors
/// When the database fails.
pub async fn list_did(conn: &mut Conn, customers: &[i64], from: Date) -> Result<Vec<Did>, DbError> {
    let text = format!(
        "SELECT customer_id, feature, CAST(SUM(actions) AS BIGINT) AS actions, \
         CAST(SUM(CASE WHEN is_system THEN requests ELSE 0 END) AS BIGINT) AS calls FROM activity_day \
         WHERE customer_id IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {}{}) AND day >= $2 GROUP BY customer_id, feature",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    sql_owned(text).bind(list(customers)).bind(from.to_string()).all(conn).await
}

/// How many of a customer were active from a day on.
#[derive(Debug, Clone, Copy, Default, sqlx::FromRow)]
pub struct Presence {
    /// Customer.
    pub customer_id: i64,
    /// Days on which anybody or anything was active.
    pub days: i64,
    /// People.
    pub people: i64,
    /// Systems.
    pub systems: i64,
    /// Last activity of all on record.
    pub last_at: Option<i64>,
}

/// Who of some customers was active from a day on, and when anybody or anything last was.
///
/// # Errors
/// When the database fails.
pub async fn list_presence(conn: &mut Conn, customers: &[i64], from: Date) -> Result<Vec<Presence>, DbError> {
    let text = format!(
        "SELECT customer_id, COUNT(DISTINCT CASE WHEN day >= $2 THEN day END) AS days, \
         COUNT(DISTINCT CASE WHEN day >= $2 AND NOT is_system THEN actor END) AS people, \
         COUNT(DISTINCT CASE WHEN day >= $2 AND is_system THEN actor END) AS systems, MAX(last_at) AS last_at \
         FROM activity_day WHERE customer_id IN (SELECT CAST(v ->> 0 AS BIGINT) FROM {}{}) AND (is_system OR actions > 0) \
         GROUP BY customer_id",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    sql_owned(text).bind(list(customers)).bind(from.to_string()).all(conn).await
}

fn list(customers: &[i64]) -> String {
    json!(customers.iter().map(|customer| [customer]).collect::<Vec<_>>()).to_string()
}
