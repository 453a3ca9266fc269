//! Rows of demo customers as a whole: nobody else erases customers by deleting rows.

use shared::time::Millis;

use super::company::COMPANIES;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::{CustomerId, LogId, Space};

#[derive(sqlx::FromRow)]
struct IdRow {
    id: i64,
}

#[derive(sqlx::FromRow)]
struct CountRow {
    n: i64,
}

/// Lists the customers that are demonstration.
///
/// # Errors
/// When the database fails.
pub async fn list_demo(conn: &mut Conn) -> Result<Vec<CustomerId>, DbError> {
    let rows: Vec<IdRow> = sql("SELECT id FROM customer WHERE demo ORDER BY id").all(conn).await?;
    Ok(rows.into_iter().map(|row| CustomerId(row.id)).collect())
}

/// Counts the customers that are not.
///
/// # Errors
/// When the database fails.
pub async fn count_others(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(sql("SELECT COUNT(*) AS n FROM customer WHERE NOT demo").one::<CountRow>(conn).await?.n)
}

/// Finds the name of a demo company that a real customer has.
///
/// # Errors
/// When the database fails.
pub async fn find_taken(conn: &mut Conn) -> Result<Option<&'static str>, DbError> {
    for company in &COMPANIES {
        let found: CountRow = sql("SELECT COUNT(*) AS n FROM customer WHERE NOT demo AND name_key = $1")
            .bind(crate::domain::tenancy::model::name_key(company.name))
            .one(conn)
            .await?;
        if found.n > 0 {
            return Ok(Some(company.name));
        }
    }
    Ok(None)
}

/// Finds a customer by its name, without regard to case.
///
/// # Errors
/// When the database fails.
pub async fn find_by_name(conn: &mut Conn, name: &str) -> Result<Option<CustomerId>, DbError> {
    let row: Option<IdRow> = sql("SELECT id FROM customer WHERE name_key = $1")
        .bind(crate::domain::tenancy::model::name_key(name))
        .optional(conn)
        .await?;
    Ok(row.map(|row| CustomerId(row.id)))
}

/// Says that a customer has been there since an instant.
///
/// # Errors
/// When the database fails.
pub async fn update_created_at(conn: &mut Conn, id: CustomerId, at: Millis) -> Result<u64, DbError> {
    sql("UPDATE customer SET created_at = $1, updated_at = $1 WHERE id = $2 AND demo")
        .bind(at)
        .bind(id)
        .execute(conn)
        .await
}

/// Tables with what is a customer's own, beside its logs and their words, in an order in which they can be emptied.
pub(super) const OF_CUSTOMER: [&str; 34] = [
    "security_event",
    "audit_private",
    "log_part",
    "log_part_mark",
    "log_hour",
    "log_hour_kind",
    "log_book",
    "usage_counter",
    "export_run",
    "epcis_capture",
    "idempotency",
    "log_kept",
    "log_erasure",
    "log_hidden",
    "log_leaf",
    "log_seal",
    "log_seal_block",
    "log_seal_head",
    "search_log",
    "saved_search",
    "quarantine",
    "log_kind",
    "api_request",
    "request_latency",
    "key_use",
    "activity_day",
    "visit",
    "saving_assumption",
    "mail",
    "session",
    "access_link",
    "person",
    "api_key",
    "access_code",
];

/// Deletes a demo customer with everything that is its own. Real customers are left alone, whatever the number.
///
/// # Errors
/// When the database fails; then nothing is deleted once the transaction ends.
pub async fn delete(conn: &mut Conn, id: CustomerId) -> Result<bool, DbError> {
    let found: CountRow =
        sql("SELECT COUNT(*) AS n FROM customer WHERE demo AND id = $1").bind(id).one(conn).await?;
    if found.n == 0 {
        return Ok(false);
    }
    let words = conn.dialect().delete_words();
    for space in [Space::Live, Space::Test] {
        let (low, high) = LogId::range(id, space);
        sql(words).bind(id).bind(low).bind(high).execute(conn).await?;
        sql("DELETE FROM log WHERE customer_id = $1 AND id BETWEEN $2 AND $3")
            .bind(id)
            .bind(low)
            .bind(high)
            .execute(conn)
            .await?;
    }
    for table in OF_CUSTOMER {
        sql_owned(format!("DELETE FROM {table} WHERE customer_id = $1")).bind(id).execute(conn).await?;
    }
    sql("DELETE FROM customer WHERE id = $1 AND demo").bind(id).execute(conn).await?;
    Ok(true)
}
