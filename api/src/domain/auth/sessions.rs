//! ACC-09: sessions that live, as people see them, and ending them.

use shared::audit::AuditAction;
use shared::people::{EndedOut, SessionOut, SessionsOut};
use shared::problem::Code;
use shared::time::Millis;

use super::model::EndReason;
use super::repo::{self, Of};
use super::service::STAFF_IDLE_MS;
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::domain::audit;
use crate::domain::audit::model::Event;
use crate::http::auth::{Caller, Principal};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::CustomerId;

/// Sessions in a list.
const MOST: i64 = 500;

impl<'a> Of<'a> {
    /// Those of a caller. People with the same access code cannot be told apart: each sees those of all of them.
    ///
    /// # Errors
    /// `forbidden` for keys, which have none.
    pub fn caller(principal: &'a Principal) -> Answer<Self> {
        match (&principal.caller, &principal.customer) {
            (Caller::Staff { id, .. }, _) => Ok(Self::Staff(id)),
            (Caller::Person { user: Some(user), .. }, Some(customer)) => {
                Ok(Self::Person(customer.id, &user.id))
            }
            (Caller::Person { user: None, .. }, Some(customer)) => Ok(Self::Code(customer.id)),
            _ => Err(Problem::new(Code::Forbidden).with("permission", "sessions")),
        }
    }

    const fn customer(self) -> Option<CustomerId> {
        match self {
            Self::Customer(id) | Self::Code(id) | Self::Person(id, _) => Some(id),
            Self::Staff(_) => None,
        }
    }

    /// An event of the audit log about them.
    fn event(self) -> Event {
        let action = AuditAction::SessionRevoke;
        self.customer().map_or_else(|| Event::of_installation(action), |id| Event::of(action, id))
    }
}

/// The session of a caller; nothing for keys.
#[must_use]
pub fn current(principal: &Principal) -> &str {
    match &principal.caller {
        Caller::Person { session, .. } | Caller::Staff { session, .. } => session,
        Caller::Key { .. } => "",
    }
}

/// Sessions that live, the latest used first.
///
/// # Errors
/// When the database fails.
pub async fn list(app: &App, of: Of<'_>, current: &str) -> Answer<SessionsOut> {
    let now = app.clock.now();
    let mut conn = app.db.read(of.customer().map_or(Scope::Installation, Scope::Customer)).await?;
    let rows = repo::list_sessions(&mut conn, of, Millis(now.0 - STAFF_IDLE_MS), now, MOST).await?;
    let shown = |row: repo::ListedRow| SessionOut {
        current: row.id == current,
        id: row.id,
        who: row.who,
        client: row.client,
        ip_address: row.ip_address,
        created_at: Millis(row.created_at),
        last_seen_at: Millis(row.last_seen_at),
        expires_at: Millis(row.expires_at),
    };
    Ok(SessionsOut { sessions: rows.into_iter().map(shown).collect() })
}

/// Ends one of some sessions; its next request is refused.
///
/// # Errors
/// `not_found` when none of them lives by this name.
pub async fn end_one(app: &App, of: Of<'_>, id: &str) -> Answer<()> {
    let mut tx = write(app, of).await?;
    if !repo::end_one(&mut tx, of, id, EndReason::Ended, app.clock.now()).await? {
        return Err(Problem::new(Code::NotFound));
    }
    audit::service::record(app, &mut tx, of.event().target(id).with("sessions_ended", 1)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(())
}

/// Ends sessions, but for one; their next requests are refused.
///
/// # Errors
/// When the database fails.
pub async fn end_all(app: &App, of: Of<'_>, but: &str) -> Answer<EndedOut> {
    let mut tx = write(app, of).await?;
    let ended = repo::end_sessions(&mut tx, of, but, EndReason::Ended, app.clock.now()).await?;
    let event = match of {
        Of::Person(_, id) | Of::Staff(id) => of.event().target(id),
        Of::Customer(id) | Of::Code(id) => of.event().target(id.to_string()),
    };
    audit::service::record(app, &mut tx, event.with("sessions_ended", ended)).await?;
    tx.commit().await?;
    app.auth.forget();
    Ok(EndedOut { ended: i64::try_from(ended).unwrap_or(i64::MAX) })
}

async fn write(app: &App, of: Of<'_>) -> Answer<Conn> {
    Ok(app.db.write(of.customer().map_or(Scope::Installation, Scope::Customer)).await?)
}

/// Ends all sessions of a customer inside a transaction; says how many.
///
/// # Errors
/// When the database fails.
pub async fn end_of_customer(
    tx: &mut Conn,
    customer: CustomerId,
    reason: EndReason,
    now: Millis,
) -> Result<u64, DbError> {
    repo::end_sessions(tx, Of::Customer(customer), "", reason, now).await
}
