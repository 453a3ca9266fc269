//! Rows of access codes, staff and sessions.

use shared::access::Role;
use shared::people::UserState;
use shared::time::Millis;

use super::model::{EndReason, Member, Session, StaffMember, Subject};
use crate::db::{Conn, DbError, sql, sql_owned};
use crate::http::auth::User;
use crate::util::ids::CustomerId;

/// An access code as sign-in needs it.
#[derive(Debug, sqlx::FromRow)]
pub struct CodeRow {
    /// Identifier.
    pub id: String,
    /// Number of the customer.
    pub customer_id: i64,
    /// When it stops working.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
}

/// Finds an access code by its digest.
///
/// # Errors
/// When the database fails.
pub async fn find_code(conn: &mut Conn, digest: &str) -> Result<Option<CodeRow>, DbError> {
    sql("SELECT id, customer_id, expires_at, revoked_at FROM access_code WHERE digest = $1")
        .bind(digest)
        .optional(conn)
        .await
}

/// Notes that a code was used.
///
/// # Errors
/// When the database fails.
pub async fn update_code_used(
    conn: &mut Conn,
    customer: CustomerId,
    id: &str,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE access_code SET last_used_at = $1 WHERE customer_id = $2 AND id = $3")
        .bind(now)
        .bind(customer)
        .bind(id)
        .execute(conn)
        .await
}

/// A new access code.
#[derive(Debug, Clone)]
pub struct NewCode<'a> {
    /// Identifier.
    pub id: &'a str,
    /// Keyed digest.
    pub digest: &'a str,
    /// Version of the key.
    pub key_version: &'a str,
    /// Last four characters.
    pub hint: &'a str,
}

/// Stores a new access code.
///
/// # Errors
/// When the database fails.
pub async fn insert_code(
    conn: &mut Conn,
    customer: CustomerId,
    code: &NewCode<'_>,
    now: Millis,
) -> Result<u64, DbError> {
    sql("INSERT INTO access_code (id, customer_id, digest, key_version, hint, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(code.id)
        .bind(customer)
        .bind(code.digest)
        .bind(code.key_version)
        .bind(code.hint)
        .bind(now)
        .execute(conn)
        .await
}

/// Ends the codes in use, at once or at the end of an overlap.
///
/// # Errors
/// When the database fails.
pub async fn retire_codes(
    conn: &mut Conn,
    customer: CustomerId,
    now: Millis,
    until: Option<Millis>,
) -> Result<u64, DbError> {
    // A code that was in overlap already ends now: at most one active and one in overlap.
    sql("UPDATE access_code SET revoked_at = $1 WHERE customer_id = $2 AND revoked_at IS NULL \
         AND (expires_at IS NOT NULL OR CAST($3 AS BIGINT) IS NULL)")
    .bind(now)
    .bind(customer)
    .bind(until)
    .execute(conn)
    .await?;
    sql("UPDATE access_code SET expires_at = $1 WHERE customer_id = $2 AND revoked_at IS NULL")
        .bind(until)
        .bind(customer)
        .execute(conn)
        .await
}

/// A staff member as sign-in needs it.
#[derive(Debug, sqlx::FromRow)]
pub struct StaffRow {
    /// Identifier.
    pub id: String,
    /// Username.
    pub username: String,
    /// Role.
    pub role: String,
    /// PHC string.
    pub password_hash: String,
    /// Whether the password must be replaced first.
    pub must_change_password: bool,
    /// `active` or `disabled`.
    pub status: String,
}

/// Finds a staff member by username, without regard to case.
///
/// # Errors
/// When the database fails.
pub async fn find_staff(conn: &mut Conn, username: &str) -> Result<Option<StaffRow>, DbError> {
    sql("SELECT id, username, role, password_hash, must_change_password, status FROM staff WHERE username_key = $1")
        .bind(username.trim().to_lowercase())
        .optional(conn)
        .await
}

/// A user as sign-in needs it.
#[derive(Debug, sqlx::FromRow)]
pub struct PersonRow {
    /// Identifier.
    pub id: String,
    /// Number of the customer.
    pub customer_id: i64,
    /// Role.
    pub role: String,
    /// See `UserState`; `removed` for somebody who was removed.
    pub state: String,
    /// PHC string; absent for somebody who has not chosen a password.
    pub password_hash: Option<String>,
}

/// Finds a user by e-mail address, without regard to case.
///
/// # Errors
/// When the database fails.
pub async fn find_person(conn: &mut Conn, email: &str) -> Result<Option<PersonRow>, DbError> {
    sql("SELECT id, customer_id, role, state, password_hash FROM person WHERE email_key = $1")
        .bind(email.trim().to_lowercase())
        .optional(conn)
        .await
}

/// Where accounts with a password are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// Users of customers.
    Person,
    /// The operator's staff.
    Staff,
}

impl Realm {
    const fn table(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Staff => "staff",
        }
    }
}

#[derive(sqlx::FromRow)]
struct Count {
    n: i64,
}

/// Counts staff members.
///
/// # Errors
/// When the database fails.
pub async fn count_staff(conn: &mut Conn) -> Result<i64, DbError> {
    Ok(sql("SELECT COUNT(*) AS n FROM staff").one::<Count>(conn).await?.n)
}

/// Stores a new staff member.
///
/// # Errors
/// When the username exists or the database fails.
pub async fn insert_staff(
    conn: &mut Conn,
    id: &str,
    username: &str,
    role: Role,
    hash: &str,
    one_time: bool,
    now: Millis,
) -> Result<u64, DbError> {
    sql("INSERT INTO staff (id, username, username_key, role, password_hash, must_change_password, status, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, 'active', $7, $7)")
        .bind(id)
        .bind(username)
        .bind(username.to_lowercase())
        .bind(role.as_str())
        .bind(hash)
        .bind(one_time)
        .bind(now)
        .execute(conn)
        .await
}

/// Replaces a staff member's password.
///
/// # Errors
/// When the database fails.
pub async fn update_password(
    conn: &mut Conn,
    id: &str,
    hash: &str,
    one_time: bool,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE staff SET password_hash = $1, must_change_password = $2, updated_at = $3 WHERE id = $4")
        .bind(hash)
        .bind(one_time)
        .bind(now)
        .bind(id)
        .execute(conn)
        .await
}

/// Notes a sign-in; failures before it are forgotten.
///
/// # Errors
/// When the database fails.
pub async fn update_login(conn: &mut Conn, realm: Realm, id: &str, now: Millis) -> Result<u64, DbError> {
    let table = realm.table();
    sql_owned(format!("UPDATE {table} SET last_login_at = $1, failures = 0, locked_until = 0 WHERE id = $2"))
        .bind(now)
        .bind(id)
        .execute(conn)
        .await
}

/// ACC-10: takes one of the attempts that strangers have at an account, before it is known whether it is right. How many
/// failed in a row with this one; none if none may be made now.
///
/// # Errors
/// When the database fails.
pub async fn take_attempt(
    conn: &mut Conn,
    (realm, id): (Realm, &str),
    most: i64,
    now: Millis,
) -> Result<Option<i64>, DbError> {
    let table = realm.table();
    let taken = sql_owned(format!(
        "UPDATE {table} SET failures = failures + 1 WHERE id = $1 AND failures < $2 AND locked_until <= $3"
    ))
    .bind(id)
    .bind(most)
    .bind(now)
    .execute(conn)
    .await?;
    let row: Option<Count> =
        sql_owned(format!("SELECT failures AS n FROM {table} WHERE id = $1")).bind(id).optional(conn).await?;
    Ok(row.filter(|_| taken > 0).map(|row| row.n))
}

/// Until when the next attempt waits.
///
/// # Errors
/// When the database fails.
pub async fn update_locked(
    conn: &mut Conn,
    (realm, id): (Realm, &str),
    until: Millis,
) -> Result<u64, DbError> {
    let table = realm.table();
    sql_owned(format!("UPDATE {table} SET locked_until = $1 WHERE id = $2"))
        .bind(until)
        .bind(id)
        .execute(conn)
        .await
}

/// Writes a row as it is: takes the time of a write.
///
/// # Errors
/// When the database fails.
pub async fn write_nothing(conn: &mut Conn) -> Result<u64, DbError> {
    sql("UPDATE security_state SET version = version WHERE id = 1").execute(conn).await
}

/// ACC-10: lets strangers try again.
///
/// # Errors
/// When the database fails.
pub async fn unlock(conn: &mut Conn, (realm, id): (Realm, &str)) -> Result<u64, DbError> {
    let table = realm.table();
    sql_owned(format!("UPDATE {table} SET failures = 0, locked_until = 0 WHERE id = $1"))
        .bind(id)
        .execute(conn)
        .await
}

/// Replaces a user's password.
///
/// # Errors
/// When the database fails.
pub async fn update_person_password(
    conn: &mut Conn,
    id: &str,
    hash: &str,
    now: Millis,
) -> Result<u64, DbError> {
    sql("UPDATE person SET password_hash = $1, updated_at = $2 WHERE id = $3")
        .bind(hash)
        .bind(now)
        .bind(id)
        .execute(conn)
        .await
}

#[derive(sqlx::FromRow)]
struct SessionRow {
    id: String,
    customer_id: Option<i64>,
    generation: i64,
    rotated_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    revoke_reason: Option<String>,
    staff_id: Option<String>,
    username: Option<String>,
    staff_role: Option<String>,
    staff_status: Option<String>,
    must_change_password: Option<bool>,
    person_id: Option<String>,
    person_name: Option<String>,
    person_email: Option<String>,
    person_role: Option<String>,
    person_state: Option<String>,
}

#[derive(sqlx::FromRow)]
struct AddressRow {
    ip_address: Option<String>,
}

/// Addresses from which staff is signed in.
///
/// # Errors
/// When the database fails.
pub async fn list_staff_addresses(
    conn: &mut Conn,
    idle_since: Millis,
    now: Millis,
) -> Result<Vec<String>, DbError> {
    let rows: Vec<AddressRow> = sql(
        "SELECT DISTINCT ip_address FROM session WHERE staff_id IS NOT NULL AND revoked_at IS NULL AND expires_at > $1 \
         AND rotated_at > $2",
    )
    .bind(now)
    .bind(idle_since)
    .all(conn)
    .await?;
    Ok(rows.into_iter().filter_map(|row| row.ip_address).collect())
}

/// Finds a session with whom it belongs to.
///
/// # Errors
/// When the database fails.
pub async fn find_session(conn: &mut Conn, id: &str) -> Result<Option<Session>, DbError> {
    let row: Option<SessionRow> = sql(
        "SELECT s.id, s.customer_id, s.generation, s.rotated_at, s.expires_at, s.revoked_at, s.revoke_reason, s.staff_id, \
         m.username, m.role AS staff_role, m.status AS staff_status, m.must_change_password, s.person_id, \
         p.name AS person_name, p.email AS person_email, p.role AS person_role, p.state AS person_state \
         FROM session s LEFT JOIN staff m ON m.id = s.staff_id LEFT JOIN person p ON p.id = s.person_id WHERE s.id = $1",
    )
    .bind(id)
    .optional(conn)
    .await?;
    Ok(row.and_then(|row| {
        let subject = match (row.customer_id, row.person_id, row.staff_id) {
            (Some(customer), None, _) => Subject::Customer(CustomerId(customer)),
            (Some(customer), Some(id), _) => {
                let (name, email) = (row.person_name?, row.person_email?);
                let member = Member {
                    user: User { id, name, email },
                    role: Role::parse(&row.person_role?)?,
                    active: row.person_state.as_deref() == Some(UserState::Active.as_str()),
                };
                Subject::User(CustomerId(customer), member)
            }
            (None, _, Some(id)) => Subject::Staff(StaffMember {
                id,
                username: row.username.unwrap_or_default(),
                role: Role::parse(&row.staff_role.unwrap_or_default())?,
                active: row.staff_status.as_deref() == Some("active"),
                must_change_password: row.must_change_password.unwrap_or(false),
            }),
            (None, _, None) => return None,
        };
        Some(Session {
            id: row.id,
            subject,
            generation: row.generation,
            rotated_at: Millis(row.rotated_at),
            expires_at: Millis(row.expires_at),
            revoked_at: row.revoked_at.map(Millis),
            revoke_reason: row.revoke_reason,
        })
    }))
}

/// A new session.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Identifier.
    pub id: &'a str,
    /// Customer, for a person of a customer.
    pub customer: Option<CustomerId>,
    /// Staff member, for staff.
    pub staff_id: Option<&'a str>,
    /// User, for one who signed in by name.
    pub person_id: Option<&'a str>,
    /// Access code that it was made with.
    pub access_code_id: Option<&'a str>,
    /// Role.
    pub role: Role,
    /// Address of the client.
    pub ip_address: Option<String>,
    /// Program of the client.
    pub client: Option<String>,
    /// When it ends.
    pub expires_at: Millis,
}

/// Stores a new session.
///
/// # Errors
/// When the database fails.
pub async fn insert_session(conn: &mut Conn, session: &NewSession<'_>, now: Millis) -> Result<u64, DbError> {
    sql("INSERT INTO session (id, customer_id, staff_id, access_code_id, role, generation, rotated_at, ip_address, client, \
         created_at, last_seen_at, expires_at, person_id) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $6, $6, $9, $10)")
        .bind(session.id)
        .bind(session.customer)
        .bind(session.staff_id)
        .bind(session.access_code_id)
        .bind(session.role.as_str())
        .bind(now)
        .bind(session.ip_address.clone())
        .bind(session.client.clone())
        .bind(session.expires_at)
        .bind(session.person_id)
        .execute(conn)
        .await
}

/// Makes the next refresh token of a family current, if nobody else has; one of many parallel callers wins.
///
/// # Errors
/// When the database fails.
pub async fn rotate_session(
    conn: &mut Conn,
    id: &str,
    generation: i64,
    now: Millis,
) -> Result<bool, DbError> {
    let changed = sql("UPDATE session SET generation = generation + 1, rotated_at = $1, last_seen_at = $1 \
                       WHERE id = $2 AND generation = $3 AND revoked_at IS NULL")
    .bind(now)
    .bind(id)
    .bind(generation)
    .execute(conn)
    .await?;
    Ok(changed == 1)
}

/// Ends a session.
///
/// # Errors
/// When the database fails.
pub async fn end_session(conn: &mut Conn, id: &str, reason: EndReason, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE session SET revoked_at = $1, revoke_reason = $2 WHERE id = $3 AND revoked_at IS NULL")
        .bind(now)
        .bind(reason.as_str())
        .bind(id)
        .execute(conn)
        .await
}

/// Whose sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of<'a> {
    /// Everybody's of a customer.
    Customer(CustomerId),
    /// Those of a customer with the access code.
    Code(CustomerId),
    /// A user's.
    Person(CustomerId, &'a str),
    /// A staff member's.
    Staff(&'a str),
}

impl<'a> Of<'a> {
    /// The condition, with `$1` for the customer and `$2` for the account.
    const fn condition(self) -> &'static str {
        match self {
            Self::Customer(_) => "s.customer_id = $1 AND $2 = ''",
            Self::Code(_) => "s.customer_id = $1 AND s.person_id IS NULL AND $2 = ''",
            Self::Person(..) => "s.customer_id = $1 AND s.person_id = $2",
            Self::Staff(_) => "CAST($1 AS BIGINT) IS NULL AND s.staff_id = $2",
        }
    }

    const fn values(self) -> (Option<CustomerId>, &'a str) {
        match self {
            Self::Customer(id) | Self::Code(id) => (Some(id), ""),
            Self::Person(id, account) => (Some(id), account),
            Self::Staff(account) => (None, account),
        }
    }
}

/// Ends sessions, but for one; says how many lived.
///
/// # Errors
/// When the database fails.
pub async fn end_sessions(
    conn: &mut Conn,
    of: Of<'_>,
    but: &str,
    reason: EndReason,
    now: Millis,
) -> Result<u64, DbError> {
    let (customer, account) = of.values();
    sql_owned(format!(
        "UPDATE session AS s SET revoked_at = $3, revoke_reason = $4 WHERE {} AND s.id <> $5 AND s.revoked_at IS NULL \
         AND s.expires_at > $3",
        of.condition()
    ))
    .bind(customer)
    .bind(account)
    .bind(now)
    .bind(reason.as_str())
    .bind(but)
    .execute(conn)
    .await
}

/// Ends one of some sessions. Whether it lived.
///
/// # Errors
/// When the database fails.
pub async fn end_one(
    conn: &mut Conn,
    of: Of<'_>,
    id: &str,
    reason: EndReason,
    now: Millis,
) -> Result<bool, DbError> {
    let (customer, account) = of.values();
    let ended = sql_owned(format!(
        "UPDATE session AS s SET revoked_at = $3, revoke_reason = $4 WHERE {} AND s.id = $5 AND s.revoked_at IS NULL \
         AND s.expires_at > $3",
        of.condition()
    ))
    .bind(customer)
    .bind(account)
    .bind(now)
    .bind(reason.as_str())
    .bind(id)
    .execute(conn)
    .await?;
    Ok(ended > 0)
}

/// A session as it is shown.
#[derive(Debug, sqlx::FromRow)]
pub struct ListedRow {
    /// Identifier.
    pub id: String,
    /// Name of the user or staff member.
    pub who: Option<String>,
    /// What the browser calls itself.
    pub client: Option<String>,
    /// Address at sign-in.
    pub ip_address: Option<String>,
    /// When it began.
    pub created_at: i64,
    /// When it was used last.
    pub last_seen_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

/// Sessions that live, the latest used first. Those of staff that idle since an instant live no more.
///
/// # Errors
/// When the database fails.
pub async fn list_sessions(
    conn: &mut Conn,
    of: Of<'_>,
    idle_since: Millis,
    now: Millis,
    limit: i64,
) -> Result<Vec<ListedRow>, DbError> {
    let (customer, account) = of.values();
    sql_owned(format!(
        "SELECT s.id, COALESCE(p.name, m.username) AS who, s.client, s.ip_address, s.created_at, s.last_seen_at, s.expires_at \
         FROM session s LEFT JOIN person p ON p.id = s.person_id LEFT JOIN staff m ON m.id = s.staff_id \
         WHERE {} AND s.revoked_at IS NULL AND s.expires_at > $3 AND (s.staff_id IS NULL OR s.rotated_at > $4) \
         ORDER BY s.last_seen_at DESC, s.id LIMIT $5",
        of.condition()
    ))
    .bind(customer)
    .bind(account)
    .bind(now)
    .bind(idle_since)
    .bind(limit)
    .all(conn)
    .await
}

/// What a link is for, to whom.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LinkRow {
    /// Identifier.
    pub id: String,
    /// Number of the customer.
    pub customer_id: i64,
    /// The user.
    pub person_id: String,
    /// See `LinkPurpose`.
    pub purpose: String,
    /// When it ends.
    pub expires_at: i64,
    /// When it was used.
    pub used_at: Option<i64>,
}

/// Keeps a link; those of before for the same user and purpose work no more.
///
/// # Errors
/// When the database fails.
pub async fn insert_link(conn: &mut Conn, link: &LinkRow, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE access_link SET used_at = $1 WHERE person_id = $2 AND purpose = $3 AND used_at IS NULL")
        .bind(now)
        .bind(&link.person_id)
        .bind(&link.purpose)
        .execute(conn)
        .await?;
    sql("INSERT INTO access_link (id, customer_id, person_id, purpose, expires_at, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&link.id)
        .bind(link.customer_id)
        .bind(&link.person_id)
        .bind(&link.purpose)
        .bind(link.expires_at)
        .bind(now)
        .execute(conn)
        .await
}

/// A link by its identifier.
///
/// # Errors
/// When the database fails.
pub async fn find_link(conn: &mut Conn, id: &str) -> Result<Option<LinkRow>, DbError> {
    sql("SELECT id, customer_id, person_id, purpose, expires_at, used_at FROM access_link WHERE id = $1")
        .bind(id)
        .optional(conn)
        .await
}

/// Uses a link. Whether it worked: of many at once one does.
///
/// # Errors
/// When the database fails.
pub async fn spend_link(conn: &mut Conn, id: &str, now: Millis) -> Result<bool, DbError> {
    let spent =
        sql("UPDATE access_link SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2")
            .bind(id)
            .bind(now)
            .execute(conn)
            .await?;
    Ok(spent > 0)
}

/// Links for a new password that a user got since an instant.
///
/// # Errors
/// When the database fails.
pub async fn count_resets(conn: &mut Conn, person: &str, since: Millis) -> Result<i64, DbError> {
    let count: Count = sql("SELECT COUNT(*) AS n FROM access_link WHERE person_id = $1 AND created_at > $2 AND purpose = 'reset'")
        .bind(person)
        .bind(since)
        .one(conn)
        .await?;
    Ok(count.n)
}

/// Ends all links of a user.
///
/// # Errors
/// When the database fails.
pub async fn end_links(conn: &mut Conn, person: &str, now: Millis) -> Result<u64, DbError> {
    sql("UPDATE access_link SET used_at = $2 WHERE person_id = $1 AND used_at IS NULL")
        .bind(person)
        .bind(now)
        .execute(conn)
        .await
}
