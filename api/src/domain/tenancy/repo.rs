//! Rows of customers. Their figures come from the books and roll-ups of their logs, never from the logs.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::json;
use shared::access::Role;
use shared::lang::Lang;
use shared::tenancy::{ActiveCustomer, CustomerCounts, CustomerOut, CustomerStatus, Plan, Segment};
use shared::time::Millis;

use super::model::{CustomerFilter, CustomerSort, OfKind, Profile, Retention, Versioned, name_key};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::http::auth::{Customer, Keeping};
use crate::http::page::Cursor;
use crate::util::ids::CustomerId;
use crate::util::zone;

const MOST_ACTIVE: i64 = 10;

#[derive(sqlx::FromRow)]
struct AuthRow {
    id: i64,
    name: String,
    contact_email: String,
    status: String,
    status_reason: Option<String>,
    plan: String,
    language: String,
    time_zone: String,
    created_at: i64,
    retention_days: Option<i64>,
    retention_kinds: String,
    search_history: bool,
    owners: i64,
    code_role: Option<String>,
}

/// Finds a customer as every request needs it.
///
/// # Errors
/// When the database fails.
pub async fn find_for_auth(conn: &mut Conn, id: CustomerId) -> Result<Option<Customer>, DbError> {
    let row: Option<AuthRow> =
        sql("SELECT id, name, contact_email, status, status_reason, plan, language, time_zone, \
                                    created_at, retention_days, retention_kinds, search_history, code_role, \
             (SELECT COUNT(*) FROM person p WHERE p.customer_id = customer.id AND p.role = 'owner' AND p.state = 'active') AS owners \
             FROM customer WHERE id = $1")
        .bind(id)
        .optional(conn)
        .await?;
    row.map(|row| {
        Ok(Customer {
            id: CustomerId(row.id),
            name: row.name,
            contact_email: row.contact_email,
            status: known(CustomerStatus::parse(&row.status), &row.status)?,
            status_reason: row.status_reason,
            plan: known(Plan::parse(&row.plan), &row.plan)?,
            language: Lang::from_code(&row.language).unwrap_or_default(),
            zone: known(zone::find(&row.time_zone), &row.time_zone)?,
            time_zone: row.time_zone,
            created_at: Millis(row.created_at),
            retention: Arc::new(Keeping {
                days: row.retention_days,
                kinds: kinds(&row.retention_kinds)?
                    .into_iter()
                    .filter_map(|own| Some((own.kind, own.days?)))
                    .collect(),
            }),
            search_history: row.search_history,
            has_owner: row.owners > 0,
            code_role: row.code_role.as_deref().and_then(Role::parse),
        })
    })
    .transpose()
}

fn kinds(text: &str) -> Result<Vec<OfKind>, DbError> {
    known(serde_json::from_str(text).ok(), text)
}

/// A stored word that this version does not know is a failure: guessing could let somebody in.
fn known<T>(found: Option<T>, word: &str) -> Result<T, DbError> {
    found.ok_or_else(|| {
        DbError::Other(sqlx::Error::Decode(format!("unknown word in a customer's row: {word}").into()))
    })
}

/// What a change of a customer is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Locked {
    /// State.
    pub status: CustomerStatus,
    /// Plan.
    pub plan: Plan,
    /// Version.
    pub version: i64,
}

#[derive(sqlx::FromRow)]
struct LockedRow {
    status: String,
    plan: String,
    version: i64,
}

/// Locks a customer until the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn find_locked(conn: &mut Conn, id: CustomerId) -> Result<Option<Locked>, DbError> {
    let lock = conn.dialect().for_update();
    let text = format!("SELECT status, plan, version FROM customer WHERE id = $1{lock}");
    let row: Option<LockedRow> = sql_owned(text).bind(id).optional(conn).await?;
    row.map(|row| {
        let status = known(CustomerStatus::parse(&row.status), &row.status)?;
        Ok(Locked { status, plan: known(Plan::parse(&row.plan), &row.plan)?, version: row.version })
    })
    .transpose()
}

/// `$1` is the present instant.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.name, c.contact_email, c.company_info, c.vat_number, c.country, c.segment, c.language, \
             c.time_zone, c.plan, c.status, c.status_reason, c.version, c.created_at, c.updated_at, \
             COALESCE(b.total, 0) AS total_logs, b.last_received_at, \
             (SELECT a.hint FROM access_code a WHERE a.customer_id = c.id AND a.revoked_at IS NULL \
              AND (a.expires_at IS NULL OR a.expires_at > $1) ORDER BY a.created_at DESC, a.id DESC LIMIT 1) AS hint, \
             (SELECT MAX(a.last_used_at) FROM access_code a WHERE a.customer_id = c.id) AS last_login_at, \
             (SELECT COUNT(*) FROM api_key k WHERE k.customer_id = c.id AND k.revoked_at IS NULL \
              AND (k.expires_at IS NULL OR k.expires_at > $1) \
              AND (k.overlap_until IS NULL OR k.overlap_until > $1)) AS active_keys \
             FROM customer c LEFT JOIN log_book b ON b.customer_id = c.id AND NOT b.test ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct CustomerRow {
    id: i64,
    name: String,
    contact_email: String,
    company_info: Option<String>,
    vat_number: Option<String>,
    country: String,
    segment: String,
    language: String,
    time_zone: String,
    plan: String,
    status: String,
    status_reason: Option<String>,
    version: i64,
    created_at: i64,
    updated_at: i64,
    total_logs: i64,
    last_received_at: Option<i64>,
    hint: Option<String>,
    last_login_at: Option<i64>,
    active_keys: i64,
}

impl CustomerRow {
    fn versioned(self, logs_this_month: i64) -> Result<Versioned, DbError> {
        let customer = CustomerOut {
            id: self.id,
            name: self.name,
            contact_email: self.contact_email,
            company_info: self.company_info,
            vat_number: self.vat_number,
            country: self.country,
            segment: if self.segment == Segment::Consumer.as_str() {
                Segment::Consumer
            } else {
                Segment::Business
            },
            language: Lang::from_code(&self.language).unwrap_or_default(),
            time_zone: self.time_zone,
            plan: known(Plan::parse(&self.plan), &self.plan)?,
            status: known(CustomerStatus::parse(&self.status), &self.status)?,
            status_reason: self.status_reason,
            access_code_hint: self.hint,
            last_login_at: self.last_login_at.map(Millis),
            total_logs: self.total_logs,
            logs_this_month,
            last_log_at: self.last_received_at.map(Millis),
            active_keys: self.active_keys,
            created_at: Millis(self.created_at),
            updated_at: Millis(self.updated_at),
        };
        Ok(Versioned { customer, version: self.version })
    }
}

#[derive(sqlx::FromRow)]
struct MonthRow {
    customer_id: i64,
    value: i64,
}

/// Adds the use of the running month, which each customer has in its own zone.
async fn with_month(conn: &mut Conn, rows: Vec<CustomerRow>, now: Millis) -> Result<Vec<Versioned>, DbError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut periods = Vec::with_capacity(rows.len());
    for row in &rows {
        periods
            .push(json!([row.id, zone::month_of(&known(zone::find(&row.time_zone), &row.time_zone)?, now)]));
    }
    let (source, fence) = (conn.dialect().json_rows(), conn.dialect().fence());
    let text = format!(
        "SELECT u.customer_id, u.value FROM (SELECT CAST(v ->> 0 AS BIGINT) AS customer_id, v ->> 1 AS period \
         FROM {source}{fence}) AS a JOIN usage_counter u \
         ON u.customer_id = a.customer_id AND u.period = a.period AND u.metric = 'logs'"
    );
    let used: Vec<MonthRow> = sql_owned(text).bind(json!(periods).to_string()).all(conn).await?;
    let used: HashMap<i64, i64> = used.into_iter().map(|row| (row.customer_id, row.value)).collect();
    rows.into_iter()
        .map(|row| {
            let logs = used.get(&row.id).copied().unwrap_or_default();
            row.versioned(logs)
        })
        .collect()
}

/// Finds a customer with its figures.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, id: CustomerId, now: Millis) -> Result<Option<Versioned>, DbError> {
    let rows = sql(select!("WHERE c.id = $2")).bind(now).bind(id).all(conn).await?;
    Ok(with_month(conn, rows, now).await?.pop())
}

/// Lists customers with their figures, one more than asked for if there are more.
///
/// # Errors
/// When the database fails.
pub async fn list(
    conn: &mut Conn,
    filter: &CustomerFilter,
    after: Option<&Cursor>,
    now: Millis,
) -> Result<Vec<Versioned>, DbError> {
    let (order, behind) = match filter.sort {
        CustomerSort::Name => ("c.name_key", "c.name_key > $7"),
        CustomerSort::Newest => {
            ("c.created_at DESC, c.id DESC", "(c.created_at < $7 OR (c.created_at = $7 AND c.id < $8))")
        }
        CustomerSort::Logs => (
            "total_logs DESC, c.id DESC",
            "(COALESCE(b.total, 0) < $7 OR (COALESCE(b.total, 0) = $7 AND c.id < $8))",
        ),
    };
    let behind = if after.is_some() { format!("AND {behind} ") } else { String::new() };
    let head = select!(
        "WHERE (CAST($2 AS TEXT) IS NULL OR c.name_key LIKE $2 ESCAPE '\\' OR LOWER(c.contact_email) LIKE $2 ESCAPE '\\' \
         OR CAST(c.id AS TEXT) = $3) AND (CAST($4 AS TEXT) IS NULL OR c.status = $4) \
         AND (CAST($5 AS TEXT) IS NULL OR c.plan = $5) "
    );
    let mut statement = sql_owned(format!("{head}{behind}ORDER BY {order} LIMIT $6"))
        .bind(now)
        .bind(filter.pattern())
        .bind(filter.q.clone())
        .bind(filter.status.map(CustomerStatus::as_str))
        .bind(filter.plan.map(Plan::as_str))
        .bind(filter.limit + 1);
    if let Some(cursor) = after {
        statement = match filter.sort {
            CustomerSort::Name => statement.bind(cursor.text(0).unwrap_or_default()),
            CustomerSort::Newest | CustomerSort::Logs => {
                statement.bind(cursor.int(0).unwrap_or_default()).bind(cursor.int(1).unwrap_or_default())
            }
        };
    }
    let rows = statement.all(conn).await?;
    with_month(conn, rows, now).await
}

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

/// Stores a new customer and returns its number.
///
/// # Errors
/// When the name exists or the database fails.
pub async fn insert(
    conn: &mut Conn,
    profile: &Profile,
    demo: bool,
    now: Millis,
) -> Result<CustomerId, DbError> {
    let row: IdRow = sql(
        "INSERT INTO customer (name, name_key, contact_email, company_info, vat_number, country, segment, language, time_zone, \
         plan, status, demo, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1, $13, $13) RETURNING id",
    )
    .bind(&profile.name)
    .bind(name_key(&profile.name))
    .bind(&profile.contact_email)
    .bind(profile.company_info.clone())
    .bind(profile.vat_number.clone())
    .bind(&profile.country)
    .bind(profile.segment.as_str())
    .bind(profile.language.code())
    .bind(&profile.time_zone)
    .bind(profile.plan.as_str())
    .bind(CustomerStatus::Active.as_str())
    .bind(demo)
    .bind(now)
    .one(conn)
    .await?;
    Ok(CustomerId(row.id))
}

/// Opens the books of a new customer's logs, one for each space.
///
/// # Errors
/// When the database fails.
pub async fn insert_books(conn: &mut Conn, id: CustomerId) -> Result<u64, DbError> {
    sql("INSERT INTO log_book (customer_id, test, seq, total, bytes) VALUES ($1, $2, 0, 0, 0), ($1, $3, 0, 0, 0)")
        .bind(id)
        .bind(false)
        .bind(true)
        .execute(conn)
        .await
}

/// Stores what was edited of a customer.
///
/// # Errors
/// When the name exists or the database fails.
pub async fn update(conn: &mut Conn, id: CustomerId, profile: &Profile, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE customer SET name = $1, name_key = $2, contact_email = $3, company_info = $4, vat_number = $5, country = $6, \
         segment = $7, language = $8, time_zone = $9, plan = $10, version = version + 1, updated_at = $11 WHERE id = $12")
        .bind(&profile.name)
        .bind(name_key(&profile.name))
        .bind(&profile.contact_email)
        .bind(profile.company_info.clone())
        .bind(profile.vat_number.clone())
        .bind(&profile.country)
        .bind(profile.segment.as_str())
        .bind(profile.language.code())
        .bind(&profile.time_zone)
        .bind(profile.plan.as_str())
        .bind(now)
        .bind(id)
        .execute(conn)
        .await
}

/// Stores language and time zone where they are given.
///
/// # Errors
/// When the database fails.
pub async fn update_account(
    conn: &mut Conn,
    id: CustomerId,
    language: Option<Lang>,
    time_zone: Option<String>,
    search_history: Option<bool>,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE customer SET language = COALESCE($1, language), time_zone = COALESCE($2, time_zone), \
         search_history = CASE WHEN $5 IS NULL THEN search_history ELSE $5 = 1 END, version = version + 1, \
         updated_at = $3 WHERE id = $4")
    .bind(language.map(Lang::code))
    .bind(time_zone)
    .bind(now)
    .bind(id)
    .bind(search_history.map(i64::from))
    .execute(conn)
    .await
}

/// Stores a new state with its reason.
///
/// # Errors
/// When the database fails.
pub async fn update_status(
    conn: &mut Conn,
    id: CustomerId,
    status: CustomerStatus,
    reason: Option<&str>,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE customer SET status = $1, status_reason = $2, version = version + 1, updated_at = $3 WHERE id = $4")
        .bind(status.as_str())
        .bind(reason)
        .bind(now)
        .bind(id)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct StatusCount {
    status: String,
    n: i64,
}

/// Counts customers by state; closed ones are not counted.
///
/// # Errors
/// When the database fails.
pub async fn count_by_status(conn: &mut Conn) -> Result<CustomerCounts, DbError> {
    let rows: Vec<StatusCount> =
        sql("SELECT status, COUNT(*) AS n FROM customer GROUP BY status").all(conn).await?;
    let of = |status: CustomerStatus| {
        rows.iter().filter(|row| row.status == status.as_str()).map(|row| row.n).sum()
    };
    let mut counts = CustomerCounts {
        total: 0,
        active: of(CustomerStatus::Active),
        read_only: of(CustomerStatus::ReadOnly),
        suspended: of(CustomerStatus::Suspended),
        closing: of(CustomerStatus::Closing),
    };
    counts.total = counts.active + counts.read_only + counts.suspended + counts.closing;
    Ok(counts)
}

#[derive(sqlx::FromRow)]
struct Sum {
    n: i64,
}

/// Sums the logs stored over all customers, test space aside.
///
/// # Errors
/// When the database fails.
pub async fn count_logs(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(sql("SELECT CAST(COALESCE(SUM(total), 0) AS BIGINT) AS n FROM log_book WHERE NOT test")
        .one::<Sum>(conn)
        .await?
        .n)
}

#[derive(sqlx::FromRow)]
struct HourRow {
    hour: i64,
    n: i64,
}

/// Logs over all customers by unix hour of occurrence, from (included) to (excluded). The cross join makes the
/// engine go through the index customer by customer instead of through all hours ever.
///
/// # Errors
/// When the database fails.
pub async fn list_hours(conn: &mut Conn, from: i64, to: i64) -> Result<BTreeMap<i64, i64>, DbError> {
    let rows: Vec<HourRow> = sql("SELECT h.hour, CAST(SUM(h.total) AS BIGINT) AS n FROM customer c CROSS JOIN log_hour h \
                                  WHERE h.customer_id = c.id AND h.hour >= $1 AND h.hour < $2 GROUP BY h.hour")
        .bind(from)
        .bind(to)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.hour, row.n)).collect())
}

#[derive(sqlx::FromRow)]
struct ActiveRow {
    id: i64,
    name: String,
    n: i64,
}

/// Lists the customers with the most logs in hours from (included) to (excluded).
///
/// # Errors
/// When the database fails.
pub async fn list_most_active(conn: &mut Conn, from: i64, to: i64) -> Result<Vec<ActiveCustomer>, DbError> {
    let rows: Vec<ActiveRow> = sql("SELECT c.id, c.name, CAST(SUM(h.total) AS BIGINT) AS n FROM customer c CROSS JOIN log_hour h \
                                    WHERE h.customer_id = c.id AND h.hour >= $1 AND h.hour < $2 \
                                    GROUP BY c.id, c.name HAVING SUM(h.total) > 0 ORDER BY n DESC, c.id LIMIT $3")
        .bind(from)
        .bind(to)
        .bind(MOST_ACTIVE)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| ActiveCustomer { id: row.id, name: row.name, logs: row.n }).collect())
}

#[derive(sqlx::FromRow)]
struct RetentionRow {
    retention_days: Option<i64>,
    retention_kinds: String,
    retention_next_days: Option<i64>,
    retention_next_at: Option<i64>,
    retention_totals: bool,
}

/// How long a customer's logs are kept; with `lock` the row stays locked until the end of the transaction.
///
/// # Errors
/// When the database fails.
pub async fn find_retention(
    conn: &mut Conn,
    id: CustomerId,
    lock: bool,
) -> Result<Option<Retention>, DbError> {
    let lock = if lock { conn.dialect().for_update() } else { "" };
    let row: Option<RetentionRow> = sql_owned(format!(
        "SELECT retention_days, retention_kinds, retention_next_days, retention_next_at, retention_totals \
         FROM customer WHERE id = $1{lock}"
    ))
    .bind(id)
    .optional(conn)
    .await?;
    row.map(|row| {
        Ok(Retention {
            days: row.retention_days,
            next: row.retention_next_days.zip(row.retention_next_at.map(Millis)),
            kinds: kinds(&row.retention_kinds)?,
            totals: row.retention_totals,
        })
    })
    .transpose()
}

/// Changes how long a customer's logs are kept.
///
/// # Errors
/// When the database fails.
pub async fn update_retention(
    conn: &mut Conn,
    id: CustomerId,
    retention: &Retention,
) -> Result<u64, DbError> {
    sql("UPDATE customer SET retention_days = $1, retention_next_days = $2, retention_next_at = $3, retention_kinds = $4, \
         retention_totals = $5 WHERE id = $6")
        .bind(retention.days)
        .bind(retention.next.map(|(days, _)| days))
        .bind(retention.next.map(|(_, at)| at))
        .bind(serde_json::to_string(&retention.kinds).unwrap_or_else(|_| "[]".to_owned()))
        .bind(retention.totals)
        .bind(id)
        .execute(conn)
        .await
}

/// Takes a customer's retention of this night on oneself, unless somebody did.
///
/// # Errors
/// When the database fails.
pub async fn claim_retention(
    conn: &mut Conn,
    id: CustomerId,
    tonight: Millis,
    now: Millis,
) -> Result<bool, DbError> {
    let claimed = sql(
        "UPDATE customer SET retention_ran_at = $1 WHERE id = $2 AND (retention_ran_at IS NULL OR retention_ran_at < $3)",
    )
    .bind(now)
    .bind(id)
    .bind(tonight)
    .execute(conn)
    .await?;
    Ok(claimed == 1)
}

#[derive(sqlx::FromRow)]
struct NameRow {
    id: i64,
    name: String,
}

/// Names of some customers.
///
/// # Errors
/// When the database fails.
pub async fn list_names(conn: &mut Conn, ids: &[CustomerId]) -> Result<HashMap<CustomerId, String>, DbError> {
    let text = format!(
        "SELECT c.id, c.name FROM (SELECT CAST(v ->> 0 AS BIGINT) AS id FROM {}{}) AS a JOIN customer c ON c.id = a.id",
        conn.dialect().json_rows(),
        conn.dialect().fence()
    );
    let ids: Vec<[i64; 1]> = ids.iter().map(|id| [id.0]).collect();
    let rows: Vec<NameRow> = sql_owned(text).bind(json!(ids).to_string()).all(conn).await?;
    Ok(rows.into_iter().map(|row| (CustomerId(row.id), row.name)).collect())
}

#[derive(sqlx::FromRow)]
struct ZoneRow {
    id: i64,
    time_zone: String,
}

#[derive(sqlx::FromRow)]
struct BeginningRow {
    id: i64,
    created_at: i64,
}

/// When each customer began, those that have ended included.
///
/// # Errors
/// When the database fails.
pub async fn list_beginnings(conn: &mut Conn) -> Result<Vec<(CustomerId, Millis)>, DbError> {
    let rows: Vec<BeginningRow> = sql("SELECT id, created_at FROM customer ORDER BY id").all(conn).await?;
    Ok(rows.into_iter().map(|row| (CustomerId(row.id), Millis(row.created_at))).collect())
}

/// Customers with their time zones, those that are erased left out.
///
/// # Errors
/// When the database fails.
pub async fn list_zones(conn: &mut Conn) -> Result<Vec<(CustomerId, String)>, DbError> {
    let rows: Vec<ZoneRow> =
        sql("SELECT id, time_zone FROM customer WHERE status <> 'closed' ORDER BY id").all(conn).await?;
    Ok(rows.into_iter().map(|row| (CustomerId(row.id), row.time_zone)).collect())
}
