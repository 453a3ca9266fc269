//! Rows of users.

use shared::access::Role;
use shared::lang::Lang;
use shared::people::{UserOut, UserState};
use shared::time::Millis;

use super::model::Wish;
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::util::ids::CustomerId;

/// The state of somebody who was removed; the row stays, so that what the user did keeps a name.
const REMOVED: &str = "removed";

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    email: String,
    name: String,
    role: String,
    language: String,
    state: String,
    invited_until: Option<i64>,
    last_login_at: Option<i64>,
    created_at: i64,
    sessions: i64,
}

impl Row {
    /// A row that nobody can read is nobody.
    fn out(self) -> Option<UserOut> {
        let state = UserState::parse(&self.state)?;
        Some(UserOut {
            role: Role::parse(&self.role)?,
            language: Lang::from_code(&self.language).unwrap_or_default(),
            invited_until: self.invited_until.filter(|_| state == UserState::Invited).map(Millis),
            id: self.id,
            email: self.email,
            name: self.name,
            state,
            last_login_at: self.last_login_at.map(Millis),
            created_at: Millis(self.created_at),
            sessions: self.sessions,
        })
    }
}

const SELECT: &str = "SELECT p.id, p.email, p.name, p.role, p.language, p.state, p.last_login_at, p.created_at, \
     (SELECT MAX(CASE WHEN l.used_at IS NULL THEN l.expires_at ELSE 0 END) FROM access_link l \
      WHERE l.person_id = p.id AND l.purpose = 'invitation') AS invited_until, \
     (SELECT COUNT(*) FROM session s WHERE s.person_id = p.id AND s.revoked_at IS NULL AND s.expires_at > $2) AS sessions \
     FROM person p WHERE p.customer_id = $1 AND p.state <> 'removed'";

/// Users of a customer by name.
///
/// # Errors
/// When the database fails.
pub async fn list(conn: &mut Conn, customer: CustomerId, now: Millis) -> Result<Vec<UserOut>, DbError> {
    let rows: Vec<Row> = sql_owned(format!("{SELECT} ORDER BY LOWER(p.name), p.id"))
        .bind(customer)
        .bind(now)
        .all(conn)
        .await?;
    Ok(rows.into_iter().filter_map(Row::out).collect())
}

/// A user of a customer.
///
/// # Errors
/// When the database fails.
pub async fn find(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    now: Millis,
) -> Result<Option<UserOut>, DbError> {
    let row: Option<Row> =
        sql_owned(format!("{SELECT} AND p.id = $3")).bind(customer).bind(now).bind(id).optional(conn).await?;
    Ok(row.and_then(Row::out))
}

/// Keeps somebody who is invited.
///
/// # Errors
/// `DbError::Unique` when somebody has this address.
pub async fn insert(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    wish: &Wish,
    now: Millis,
) -> Result<u64, DbError> {
    sql("INSERT INTO person (id, customer_id, email, email_key, name, role, language, state, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)")
        .bind(id)
        .bind(customer)
        .bind(&wish.email)
        .bind(wish.email.to_lowercase())
        .bind(&wish.name)
        .bind(wish.role.as_str())
        .bind(wish.language.code())
        .bind(UserState::Invited.as_str())
        .bind(now)
        .execute(conn)
        .await
}

/// Changes a user.
///
/// # Errors
/// When the database fails.
pub async fn update(
    conn: &mut Conn,
    customer: CustomerId,
    user: &UserOut,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE person SET name = $3, role = $4, state = $5, updated_at = $6 WHERE customer_id = $1 AND id = $2")
        .bind(customer)
        .bind(&user.id)
        .bind(&user.name)
        .bind(user.role.as_str())
        .bind(user.state.as_str())
        .bind(now)
        .execute(conn)
        .await
}

/// Removes a user: the name stays, the address becomes free, and nobody signs in with it.
///
/// # Errors
/// When the database fails.
pub async fn remove(conn: &mut Conn, customer: CustomerId, id: &str, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE person SET state = $3, email = '', email_key = id, password_hash = NULL, updated_at = $4 \
         WHERE customer_id = $1 AND id = $2")
    .bind(customer)
    .bind(id)
    .bind(REMOVED)
    .bind(now)
    .execute(conn)
    .await
}

/// Lets somebody who was invited in. One who is in or kept out stays so.
///
/// # Errors
/// When the database fails.
pub async fn activate(conn: &mut Conn, id: &str, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE person SET state = 'active', updated_at = $2 WHERE id = $1 AND state = 'invited'")
        .bind(id)
        .bind(now)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct Way {
    owners: i64,
    code_role: Option<String>,
}

/// Active owners by name, and what the access code may do beside them.
///
/// # Errors
/// When the database fails.
pub async fn ways_in(conn: &mut Conn, customer: CustomerId) -> Result<(i64, Option<Role>), DbError> {
    let way: Way = sql(
        "SELECT code_role, (SELECT COUNT(*) FROM person p WHERE p.customer_id = customer.id AND p.role = 'owner' \
         AND p.state = 'active') AS owners FROM customer WHERE id = $1",
    )
    .bind(customer)
    .one(conn)
    .await?;
    Ok((way.owners, way.code_role.as_deref().and_then(Role::parse)))
}

/// Sets what the access code may do.
///
/// # Errors
/// When the database fails.
pub async fn update_code_role(
    conn: &mut Conn,
    customer: CustomerId,
    role: Option<Role>,
) -> Result<u64, DbError> {
    sql("UPDATE customer SET code_role = $2 WHERE id = $1")
        .bind(customer)
        .bind(role.map(Role::as_str))
        .execute(conn)
        .await
}
