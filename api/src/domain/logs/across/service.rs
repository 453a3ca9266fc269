//! What staff look for across customers, and that they looked.

use jiff::tz::TimeZone;
use shared::audit::AuditAction;
use shared::lang::Lang;
use shared::logs::{AllLogsOut, CustomerLogOut};
use shared::problem::Code;
use shared::time::Millis;

use super::finder::Search;
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit::model::{Event, INSTALLATION};
use crate::domain::logs::finder::{BUDGET, Found, Position};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::LogRow;
use crate::domain::logs::service::{self as logs, Asked};
use crate::domain::{audit, tenancy};
use crate::http::page::{Cursor, ListKey, Position as Place};
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, LogId, MAX_CUSTOMER, Space};
use crate::util::zone;

/// What is looked for.
#[derive(Debug)]
pub struct Wanted {
    /// Query and filters.
    asked: Asked,
    /// One customer, or all.
    customer: Option<CustomerId>,
    /// Zone of times in the query: that of the installation, for there are several customers.
    zone: TimeZone,
}

/// Logs that were found.
#[derive(Debug)]
pub struct Portion {
    /// The logs.
    pub logs: Vec<CustomerLogOut>,
    /// Position behind the last one that was looked at, if there may be more.
    pub next: Option<Position>,
    /// Whether the time budget ended first.
    pub partial: bool,
}

impl Wanted {
    /// Reads query, filters and customer.
    ///
    /// # Errors
    /// `invalid_query` with position and suggestion, `invalid_parameter`, `not_found` for a customer that is not there.
    pub async fn read(app: &App, params: &Params, lang: Lang) -> Answer<Self> {
        let asked = logs::asked(params, lang)?;
        let customer = match params.get("customer") {
            None => None,
            Some(_) => Some(CustomerId(params.int("customer", 0, 1, MAX_CUSTOMER)?)),
        };
        if let Some(id) = customer {
            let found = tenancy::service::find_for_auth(app, id).await?;
            found.ok_or_else(|| Problem::new(Code::NotFound))?;
        }
        let zone = zone::find(&app.config.time_zone).unwrap_or(TimeZone::UTC);
        Ok(Self { asked, customer, zone })
    }

    fn list(&self) -> ListKey {
        let customer = self.customer.map(|id| id.to_string()).unwrap_or_default();
        ListKey::new(&["admin/logs", &customer, &self.asked.text])
    }

    /// SEC-16: notes that somebody looks, before anything is read: for the installation, and for the customer that it is
    /// about. What was asked for is in it, nothing of what is found.
    ///
    /// # Errors
    /// When the database fails; then nothing may be read.
    pub async fn note(&self, app: &App, action: AuditAction, more: &[(&str, &str)]) -> Answer<()> {
        let instant = |at: i64| Some(Millis(at).to_rfc3339()).filter(|_| at != i64::MIN && at != i64::MAX);
        let (from, to) = self.asked.occurred;
        let query = self.asked.query.to_string();
        let told = |chain: CustomerId| {
            let event = Event::of(action, chain)
                .changed("customer_id", None, self.customer)
                .changed("from", None, instant(from))
                .changed("to", None, instant(to))
                .typed("q", None, Some(query.as_str()).filter(|query| !query.is_empty()));
            more.iter().fold(event, |event, (field, value)| event.with(field, value))
        };
        let mut tx = app.db.write(Scope::Installation).await?;
        for chain in std::iter::once(INSTALLATION).chain(self.customer) {
            audit::service::record(app, &mut tx, told(chain)).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Finds logs behind a position.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn portion(&self, app: &App, after: Option<Position>, limit: usize) -> Answer<Portion> {
        let scope = self.customer.map_or(Scope::Installation, Scope::Customer);
        let mut conn = app.db.read(scope).await?;
        let found: Found = match self.customer {
            Some(customer) => {
                let mut search = self.asked.search(BookKey { customer, space: Space::Live }, &self.zone);
                search.after = after;
                search.page(&mut conn, limit).await?
            }
            None => {
                let Asked { query, occurred, .. } = &self.asked;
                let search = Search { query, zone: &self.zone, occurred: *occurred, after, budget: BUDGET };
                search.page(&mut conn, limit).await?
            }
        };
        drop(conn);
        let customers: Vec<CustomerId> = found.rows.iter().map(|row| LogId(row.id).customer()).collect();
        let names = tenancy::service::names(app, &customers).await?;
        let named = |row: LogRow| {
            let log = row.out();
            let name = names.get(&CustomerId(log.customer_id)).cloned();
            CustomerLogOut { customer_name: name.unwrap_or_default(), log }
        };
        let logs = found.rows.into_iter().map(named).collect();
        Ok(Portion { logs, next: found.next, partial: found.partial })
    }
}

/// A page of logs across customers, newest arrival first.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`, or what the database says.
pub async fn page(app: &App, wanted: &Wanted, cursor: Option<&str>, limit: usize) -> Answer<AllLogsOut> {
    let list = wanted.list();
    let after = match cursor {
        Some(text) => {
            let cursor = list.read(&app.keys, text)?;
            cursor.int(0).zip(cursor.int(1))
        }
        None => None,
    };
    let more: &[(&str, &str)] = if after.is_some() { &[("continued", "true")] } else { &[] };
    wanted.note(app, AuditAction::LogsSearch, more).await?;
    let Portion { logs, next, partial } = wanted.portion(app, after, limit).await?;
    let next_cursor =
        next.map(|(at, id)| list.write(&app.keys, &Cursor { at: vec![Place::Int(at), Place::Int(id)] }));
    Ok(AllLogsOut { data: logs, has_more: next_cursor.is_some(), next_cursor, partial })
}
