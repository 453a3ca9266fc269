//! Writing and reading the audit log.

use shared::audit::{AuditAction, AuditActorKind, AuditEventOut, AuditPrivate};
use shared::page::Page;
use shared::problem::Code;

use super::chain;
use super::model::Event;
use super::repo::{self, Filter};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::http::acting;
use crate::http::page::ListKey;
use crate::http::problem::{Answer, Problem};
use crate::util::crypto;
use crate::util::ids::{CustomerId, new_id_in_order};

/// SEC-16: writes a row in the transaction of the change that it tells of; both last, or neither. To be called last: the
/// end of the chain is locked from here to the commit.
///
/// # Errors
/// When the database fails; then the change must not happen either.
pub async fn record(app: &App, tx: &mut Conn, event: Event) -> Result<(), DbError> {
    let acting = acting::current();
    let actor = event.by.unwrap_or_else(|| acting.actor());
    let (actor_kind, actor_id) = actor.stored();
    let private = AuditPrivate { ip: acting.ip, client: acting.client, changes: event.typed };
    let private = Some(private).filter(|private| *private != AuditPrivate::default());
    let private = private.map(|private| {
        let (salt, text) = (crypto::hex(&crypto::random::<16>()), chain::private_text(&private));
        (chain::private_digest(&salt, &text), salt, text)
    });
    let now = app.clock.now();
    let key = app.keys.current();
    let end = repo::next(tx, event.customer).await?;
    // Rows of one millisecond keep their order in lists.
    let id = new_id_in_order(now, u32::try_from(end.number & 0x03FF_FFFF).unwrap_or_default());
    let mut row = AuditEventOut {
        id,
        customer_id: event.customer.0,
        customer_name: None,
        number: end.number,
        at: now,
        actor_kind,
        actor_id: actor_id.map(str::to_owned),
        actor_name: None,
        impersonator: None,
        action: event.action.as_str().to_owned(),
        target: event.target,
        outcome: if event.refused { "refused" } else { "ok" }.to_owned(),
        request_id: acting.request_id,
        changes: event.changes,
        private: None,
        private_digest: private.as_ref().map(|(digest, ..)| digest.clone()),
        private_salt: None,
        key_version: key.version.clone(),
        prev_hash: end.hash,
        hash: String::new(),
    };
    row.hash = chain::hash_of(key, &row);
    repo::insert(tx, &row, private.as_ref().map(|(_, salt, text)| (salt.as_str(), text.as_str()))).await
}

/// Writes a row about something that changed nothing else: a refusal, or a reading that matters.
///
/// # Errors
/// When the database fails; then what it tells of must not go on.
pub async fn record_alone(app: &App, event: Event) -> Answer<()> {
    let mut tx = app.db.write(Scope::Installation).await?;
    record(app, &mut tx, event).await?;
    Ok(tx.commit().await?)
}

/// Who reads: a customer its own rows, staff all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A customer; names of staff are not told.
    Customer(CustomerId),
    /// Staff.
    Staff,
}

impl Reader {
    const fn scope(self) -> Scope {
        match self {
            Self::Customer(id) => Scope::Customer(id),
            Self::Staff => Scope::Installation,
        }
    }

    const fn customer(self) -> Option<i64> {
        match self {
            Self::Customer(id) => Some(id.0),
            Self::Staff => None,
        }
    }

    /// What the reader sees of a row.
    pub(super) fn seen(self, mut row: AuditEventOut) -> AuditEventOut {
        if matches!(self, Self::Customer(_)) {
            row.customer_name = None;
            if row.actor_kind == AuditActorKind::Staff {
                row.actor_name = None;
                if let Some(private) = &mut row.private {
                    // Where staff of the operator work is theirs.
                    (private.ip, private.client) = (None, None);
                }
                row.private_salt = None;
            }
        } else if matches!(row.actor_kind, AuditActorKind::Person | AuditActorKind::Key) {
            // Queries, titles and reasons that customers type are theirs: staff see no content of logs through them.
            if let Some(private) = &mut row.private {
                private.changes.clear();
            }
            row.private_salt = None;
        }
        row
    }
}

/// The rows that a reader asks for, as lists and exports read them.
///
/// # Errors
/// When the database fails.
pub(super) async fn portion(
    app: &App,
    reader: Reader,
    filter: &Filter,
    before: &str,
    limit: i64,
) -> Answer<Vec<AuditEventOut>> {
    let filter = Filter { customer: reader.customer().or(filter.customer), ..filter.clone() };
    let mut conn = app.db.read(reader.scope()).await?;
    let rows = repo::list(&mut conn, &filter, before, limit).await?;
    Ok(rows.into_iter().map(|stored| reader.seen(stored.row)).collect())
}

/// SEC-16: rows, newest first.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`.
pub async fn list(
    app: &App,
    reader: Reader,
    filter: &Filter,
    cursor: Option<&str>,
    limit: i64,
) -> Answer<Page<AuditEventOut>> {
    let key = ListKey::new(&["audit", &format!("{reader:?}"), &format!("{filter:?}")]);
    let before = key.before(&app.keys, cursor)?;
    let data = portion(app, reader, filter, &before, limit + 1).await?;
    Ok(key.page(&app.keys, data, limit, |row| &row.id))
}

/// SRCH-10: the newest rows that what staff type leads to, among the newest 20,000: an identifier of a row or of who or
/// what is in it, a staff member's name, or the name of an action or its subject.
///
/// # Errors
/// When the database fails.
pub async fn search(app: &App, text: &str, limit: i64) -> Answer<Vec<AuditEventOut>> {
    let known = |action: &&AuditAction| action.as_str() == text || action.subject() == text;
    let action = AuditAction::ALL.iter().any(|action| known(&action)).then_some(text);
    let mut conn = app.db.read(Reader::Staff.scope()).await?;
    let rows = repo::search(&mut conn, text, action, limit).await?;
    Ok(rows.into_iter().map(|stored| Reader::Staff.seen(stored.row)).collect())
}

/// A row by its permanent identifier.
///
/// # Errors
/// `not_found`.
pub async fn find(app: &App, reader: Reader, id: &str) -> Answer<AuditEventOut> {
    let mut conn = app.db.read(reader.scope()).await?;
    let found = repo::find(&mut conn, reader.customer(), id).await?;
    found.map(|stored| reader.seen(stored.row)).ok_or_else(|| Problem::new(Code::NotFound))
}

/// Erases what may be about persons in the rows of a customer; rows and chain stay (SEC-17).
///
/// # Errors
/// When the database fails.
pub async fn erase_private(tx: &mut Conn, customer: CustomerId) -> Result<u64, DbError> {
    repo::delete_private(tx, customer).await
}
