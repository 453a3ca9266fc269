//! Rows of API keys.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::json;
use shared::access::Scope;
use shared::keys::{KeyMode, KeyUseOut, MAX_USES};
use shared::mail::KEY_WARNINGS_DAYS;
use shared::time::Millis;

use super::model::StoredKey;
use super::usage::{LateUses, UsedKeys};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::http::cors::WebOrigin;
use crate::util::ids::{CustomerId, Space};

/// Keys that no longer work and are still listed: the newest of them.
const HISTORY: i64 = 500;
/// Rows of one statement that writes use.
const USAGE_ROWS: usize = 1_000;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, customer_id, key_id, digest, key_version, last4, name, mode, scopes, cidrs, origins, expires_at, \
             rotated_from, overlap_until, revoked_at, last_used_at, last_used_ip, last_used_route, usage_count, created_at FROM api_key ",
            $rest
        )
    };
}

#[derive(sqlx::FromRow)]
struct KeyRow {
    id: String,
    customer_id: i64,
    key_id: String,
    digest: String,
    key_version: String,
    last4: String,
    name: String,
    mode: String,
    scopes: String,
    cidrs: String,
    origins: String,
    expires_at: Option<i64>,
    rotated_from: Option<String>,
    overlap_until: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_ip: Option<String>,
    last_used_route: Option<String>,
    usage_count: i64,
    created_at: i64,
}

impl TryFrom<KeyRow> for StoredKey {
    type Error = DbError;

    /// A scope that this version does not know gives nothing; a list of networks that cannot be read would open
    /// the key to everywhere, so it is a failure. An origin that cannot be read opens nothing.
    fn try_from(row: KeyRow) -> Result<Self, DbError> {
        let scopes: Vec<String> = serde_json::from_str(&row.scopes).map_err(broken)?;
        Ok(Self {
            id: row.id,
            customer: CustomerId(row.customer_id),
            key_id: row.key_id,
            digest: row.digest,
            key_version: row.key_version,
            last4: row.last4,
            name: row.name,
            scopes: scopes.iter().filter_map(|name| Scope::parse(name)).collect(),
            cidrs: serde_json::from_str::<Vec<String>>(&row.cidrs)
                .map_err(broken)?
                .iter()
                .map(|net| net.parse().map_err(|error| DbError::Other(sqlx::Error::Decode(Box::new(error)))))
                .collect::<Result<_, _>>()?,
            origins: read_origins(&row.origins)?,
            space: if row.mode == KeyMode::Test.as_str() { Space::Test } else { Space::Live },
            expires_at: row.expires_at.map(Millis),
            rotated_from: row.rotated_from,
            overlap_until: row.overlap_until.map(Millis),
            revoked_at: row.revoked_at.map(Millis),
            last_used_at: row.last_used_at.map(Millis),
            last_used_ip: row.last_used_ip,
            last_used_route: row.last_used_route,
            usage_count: row.usage_count,
            created_at: Millis(row.created_at),
        })
    }
}

fn broken(error: serde_json::Error) -> DbError {
    DbError::Other(sqlx::Error::Decode(Box::new(error)))
}

fn read_origins(list: &str) -> Result<Vec<WebOrigin>, DbError> {
    let list: Vec<String> = serde_json::from_str(list).map_err(broken)?;
    Ok(list.iter().filter_map(|origin| WebOrigin::parse(origin)).collect())
}

fn origin_list(origins: &[WebOrigin]) -> String {
    json!(origins.iter().map(WebOrigin::as_str).collect::<Vec<_>>()).to_string()
}

fn all(rows: Vec<KeyRow>) -> Result<Vec<StoredKey>, DbError> {
    rows.into_iter().map(StoredKey::try_from).collect()
}

/// Finds a key by the id inside it, over all customers: that is how a caller is recognised.
///
/// # Errors
/// When the database fails.
pub async fn find_by_key_id(conn: &mut Conn, key_id: &str) -> Result<Option<StoredKey>, DbError> {
    let row: Option<KeyRow> = sql(select!("WHERE key_id = $1")).bind(key_id).optional(conn).await?;
    row.map(StoredKey::try_from).transpose()
}

/// Finds a key of a customer.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn, customer: CustomerId, id: &str) -> Result<Option<StoredKey>, DbError> {
    let row: Option<KeyRow> =
        sql(select!("WHERE customer_id = $1 AND id = $2")).bind(customer).bind(id).optional(conn).await?;
    row.map(StoredKey::try_from).transpose()
}

/// Lists the keys of a customer, newest first: all that work, and the latest of those that do not.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, customer: CustomerId, now: Millis) -> Result<Vec<StoredKey>, DbError> {
    let rows = sql(select!(
        "WHERE customer_id = $1 AND ((revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) \
         AND (overlap_until IS NULL OR overlap_until > $2)) \
         OR id IN (SELECT id FROM api_key WHERE customer_id = $1 ORDER BY created_at DESC, id DESC LIMIT $3)) \
         ORDER BY created_at DESC, id DESC"
    ));
    all(rows.bind(customer).bind(now).bind(HISTORY).all(conn).await?)
}

/// Lists the keys of a customer that work.
///
/// # Errors
/// When the database fails.
pub async fn list_working(
    conn: &mut Conn,
    customer: CustomerId,
    now: Millis,
) -> Result<Vec<StoredKey>, DbError> {
    let rows = sql(select!(
        "WHERE customer_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) \
         AND (overlap_until IS NULL OR overlap_until > $2) ORDER BY created_at DESC, id DESC"
    ));
    all(rows.bind(customer).bind(now).all(conn).await?)
}

/// Lists the web sites that working keys of all customers are open to.
///
/// # Errors
/// When the database fails.
pub async fn list_origins(conn: &mut Conn, now: Millis) -> Result<HashSet<WebOrigin>, DbError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        origins: String,
    }
    let rows: Vec<Row> =
        sql("SELECT DISTINCT origins FROM api_key WHERE origins <> '[]' AND revoked_at IS NULL \
         AND (expires_at IS NULL OR expires_at > $1) AND (overlap_until IS NULL OR overlap_until > $1)")
        .bind(now)
        .all(conn)
        .await?;
    let lists = rows.iter().map(|row| read_origins(&row.origins)).collect::<Result<Vec<_>, _>>()?;
    Ok(lists.into_iter().flatten().collect())
}

#[derive(sqlx::FromRow)]
struct EndingRow {
    customer_id: i64,
    id: String,
}

/// KEY-08: keys whose owners are to be told that they end, those that end first: they work, are not being replaced, and
/// have lived for a moment before the notice is due.
///
/// # Errors
/// When the database fails.
pub async fn list_expiring(conn: &mut Conn, now: Millis) -> Result<Vec<(CustomerId, String)>, DbError> {
    let due: Vec<String> = KEY_WARNINGS_DAYS
        .iter()
        .map(|days| {
            let ms = days * 86_400_000;
            format!(
                "(expires_at <= $1 + {ms} AND created_at <= expires_at - {ms} AND (warned_days IS NULL OR warned_days > {days}))"
            )
        })
        .collect();
    let text = format!(
        "SELECT customer_id, id FROM api_key WHERE revoked_at IS NULL AND overlap_until IS NULL AND expires_at > $1 \
         AND ({}) AND customer_id IN (SELECT id FROM customer WHERE status <> 'closed') ORDER BY expires_at, id LIMIT 500",
        due.join(" OR ")
    );
    let rows: Vec<EndingRow> = sql_owned(text).bind(now).all(conn).await?;
    Ok(rows.into_iter().map(|row| (CustomerId(row.customer_id), row.id)).collect())
}

/// Notes that the owner of a key is told now. `false`: somebody has told as much already.
///
/// # Errors
/// When the database fails.
pub async fn claim_warning(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    days: i64,
) -> Result<bool, DbError> {
    let claimed =
        sql("UPDATE api_key SET warned_days = $1 WHERE customer_id = $2 AND id = $3 AND revoked_at IS NULL \
         AND overlap_until IS NULL AND (warned_days IS NULL OR warned_days > $1)")
        .bind(days)
        .bind(customer)
        .bind(id)
        .execute(conn)
        .await?;
    Ok(claimed > 0)
}

/// Stores a new key.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &mut Conn,
    customer: CustomerId,
    key: &StoredKey,
    created_by: &str,
) -> Result<u64, DbError> {
    let cidrs: Vec<String> = key.cidrs.iter().map(ToString::to_string).collect();
    sql("INSERT INTO api_key (id, customer_id, key_id, digest, key_version, last4, name, mode, scopes, cidrs, origins, \
         expires_at, rotated_from, created_by, usage_count, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 0, $15, $15)")
        .bind(&key.id)
        .bind(customer)
        .bind(&key.key_id)
        .bind(&key.digest)
        .bind(&key.key_version)
        .bind(&key.last4)
        .bind(&key.name)
        .bind(key.mode().as_str())
        .bind(scope_list(&key.scopes))
        .bind(json!(cidrs).to_string())
        .bind(origin_list(&key.origins))
        .bind(key.expires_at)
        .bind(key.rotated_from.clone())
        .bind(created_by)
        .bind(key.created_at)
        .execute(conn)
        .await
}

fn scope_list(scopes: &[Scope]) -> String {
    json!(scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()).to_string()
}

/// Stores name, scopes and web sites of a key.
///
/// # Errors
/// When the database fails.
pub async fn update(
    conn: &mut Conn,
    customer: CustomerId,
    key: &StoredKey,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE api_key SET name = $1, scopes = $2, origins = $3, updated_at = $4 WHERE customer_id = $5 AND id = $6")
        .bind(&key.name)
        .bind(scope_list(&key.scopes))
        .bind(origin_list(&key.origins))
        .bind(now)
        .bind(customer)
        .bind(&key.id)
        .execute(conn)
        .await
}

/// Stores how a key ends: the end of its overlap, or that it is revoked.
///
/// # Errors
/// When the database fails.
pub async fn update_end(
    conn: &mut Conn,
    customer: CustomerId,
    key: &StoredKey,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE api_key SET overlap_until = $1, revoked_at = $2, updated_at = $3 WHERE customer_id = $4 AND id = $5")
        .bind(key.overlap_until)
        .bind(key.revoked_at)
        .bind(now)
        .bind(customer)
        .bind(&key.id)
        .execute(conn)
        .await
}

/// Adds counted use of keys of all customers.
///
/// # Errors
/// When the database fails.
pub async fn update_usage(conn: &mut Conn, used: &UsedKeys) -> Result<(), DbError> {
    let mut rows: Vec<_> = used.iter().collect();
    // One order for all servers, so that two of them do not wait for each other.
    rows.sort_unstable_by_key(|(key, _)| *key);
    let source = conn.dialect().json_rows();
    for part in rows.chunks(USAGE_ROWS) {
        let values: Vec<_> = part
            .iter()
            .map(|((customer, id), used)| {
                json!([customer.0, id, used.count, used.at.0, used.ip, used.operation])
            })
            .collect();
        let text = format!(
            "UPDATE api_key SET usage_count = usage_count + CAST(r.v ->> 2 AS BIGINT), \
             last_used_ip = CASE WHEN last_used_at > CAST(r.v ->> 3 AS BIGINT) THEN last_used_ip ELSE r.v ->> 4 END, \
             last_used_route = CASE WHEN last_used_at > CAST(r.v ->> 3 AS BIGINT) THEN last_used_route ELSE r.v ->> 5 END, \
             last_used_at = CASE WHEN last_used_at > CAST(r.v ->> 3 AS BIGINT) THEN last_used_at ELSE CAST(r.v ->> 3 AS BIGINT) END \
             FROM {source} WHERE api_key.customer_id = CAST(r.v ->> 0 AS BIGINT) AND api_key.id = r.v ->> 1"
        );
        sql_owned(text).bind(json!(values).to_string()).execute(conn).await?;
    }
    Ok(())
}

/// Adds uses of keys that are being replaced; of each key the latest are kept.
///
/// # Errors
/// When the database fails.
pub async fn insert_late_uses(conn: &mut Conn, late: &LateUses) -> Result<(), DbError> {
    let mut rows: Vec<_> = late.iter().collect();
    // One order for all servers, so that two of them do not wait for each other.
    rows.sort_unstable();
    let (_, greatest) = conn.dialect().least_greatest();
    let text = format!(
        "INSERT INTO key_use (customer_id, key_id, ip, client, route, times, last_used_at) \
         SELECT CAST(v ->> 0 AS BIGINT), v ->> 1, v ->> 2, v ->> 3, v ->> 4, CAST(v ->> 5 AS BIGINT), CAST(v ->> 6 AS BIGINT) \
         FROM {} WHERE true ON CONFLICT (customer_id, key_id, ip, client, route) DO UPDATE SET \
         times = key_use.times + excluded.times, last_used_at = {greatest}(key_use.last_used_at, excluded.last_used_at)",
        conn.dialect().json_rows()
    );
    for part in rows.chunks(USAGE_ROWS) {
        let values: Vec<_> = part
            .iter()
            .map(|(used, (times, at))| {
                json!([used.customer.0, used.key, used.ip, used.client, used.operation, times, at.0])
            })
            .collect();
        sql_owned(text.clone()).bind(json!(values).to_string()).execute(conn).await?;
    }
    let keys: BTreeSet<_> = late.keys().map(|used| (used.customer, &used.key)).collect();
    for (customer, key) in keys {
        // One more than is shown stays, so that it can be said that there are more.
        sql("DELETE FROM key_use WHERE customer_id = $1 AND key_id = $2 AND last_used_at < (SELECT last_used_at FROM key_use \
             WHERE customer_id = $1 AND key_id = $2 ORDER BY last_used_at DESC LIMIT 1 OFFSET $3)")
        .bind(customer)
        .bind(key)
        .bind(MAX_USES as i64)
        .execute(conn)
        .await?;
    }
    Ok(())
}

#[derive(sqlx::FromRow)]
struct UseRow {
    ip: String,
    client: String,
    route: String,
    times: i64,
    last_used_at: i64,
}

/// Uses of a key that is being replaced, latest first.
///
/// # Errors
/// When the database fails.
pub async fn list_late_uses(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    limit: usize,
) -> Result<Vec<KeyUseOut>, DbError> {
    let rows: Vec<UseRow> = sql("SELECT ip, client, route, times, last_used_at FROM key_use \
         WHERE customer_id = $1 AND key_id = $2 ORDER BY last_used_at DESC, ip, client, route LIMIT $3")
    .bind(customer)
    .bind(id)
    .bind(limit as i64)
    .all(conn)
    .await?;
    let known = |text: String| Some(text).filter(|text| !text.is_empty());
    let uses = rows.into_iter().map(|row| KeyUseOut {
        ip: known(row.ip),
        client: known(row.client),
        route: row.route,
        last_used_at: Millis(row.last_used_at),
        times: row.times,
    });
    Ok(uses.collect())
}

/// Forgets the uses of keys that are not being replaced any more, and says how many that were.
///
/// # Errors
/// When the database fails.
pub async fn delete_late_uses(conn: &mut Conn, now: Millis) -> Result<u64, DbError> {
    sql("DELETE FROM key_use WHERE NOT EXISTS (SELECT 1 FROM api_key k WHERE k.customer_id = key_use.customer_id \
         AND k.id = key_use.key_id AND k.revoked_at IS NULL AND k.overlap_until > $1 \
         AND (k.expires_at IS NULL OR k.expires_at > $1))")
    .bind(now)
    .execute(conn)
    .await
}

#[derive(sqlx::FromRow)]
struct NameRow {
    id: String,
    name: String,
}

/// Names of all keys that a customer has or had.
///
/// # Errors
/// When the database fails.
pub async fn list_names(conn: &mut Conn, customer: CustomerId) -> Result<HashMap<String, String>, DbError> {
    let rows: Vec<NameRow> =
        sql("SELECT id, name FROM api_key WHERE customer_id = $1").bind(customer).all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
