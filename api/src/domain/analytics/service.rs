//! Dashboard figures from one snapshot.

use shared::analytics::{DailyOut, OverviewOut, StatsOut, UsageOut};
use shared::query::{Expr, Query};
use shared::time::Millis;

use super::days;
use crate::db::{Conn, Scope};
use crate::domain::logs::finder::{BUDGET, Order, Search};
use crate::domain::logs::kept;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service as logs;
use crate::http::auth::Tenant;
use crate::http::problem::Answer;
use crate::util::ids::{CustomerId, Space};
use crate::util::zone::{self, Zone};

/// Whose figures, at which moment.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The customer.
    pub customer: CustomerId,
    /// The space; test logs are in no roll-up.
    pub space: Space,
    /// Zone of days and weeks.
    pub zone: &'a Zone,
    /// Now.
    pub now: Millis,
}

/// Opens one snapshot for a whole dashboard.
///
/// # Errors
/// When no connection can be had.
pub async fn snapshot<P>(tenant: &Tenant<P>) -> Answer<Conn> {
    Ok(tenant.app.db.snapshot(Scope::Customer(tenant.id())).await?)
}

impl Subject<'_> {
    /// Live logs between borders; test logs are in no figure.
    async fn between(&self, conn: &mut Conn, borders: &[i64]) -> Answer<Vec<i64>> {
        if self.space == Space::Test {
            return Ok(vec![0; borders.len().saturating_sub(1)]);
        }
        let all = Query { expr: Expr::All };
        Ok(self.search(&all).between(conn, borders).await?.0)
    }

    /// A search of this subject's logs.
    #[must_use]
    pub fn search<'q>(&'q self, query: &'q Query) -> Search<'q> {
        Search {
            key: BookKey { customer: self.customer, space: self.space },
            query,
            zone: &self.zone.zone,
            occurred: (i64::MIN, i64::MAX),
            order: Order::NewestArrival,
            after: None,
            up_to: None,
            kinds: None,
            budget: BUDGET,
        }
    }

    /// Headline figures.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stats(&self, conn: &mut Conn) -> Answer<StatsOut> {
        let zone = &self.zone.zone;
        let book = logs::book(conn, self.customer, self.space).await?;
        let today = zone::date_of(zone, self.now);
        let monday = zone::monday_of(today);
        let yesterday = zone::add_days(today, -1);
        let start = |date| zone::start_of(zone, date).0;
        // The same local moment of yesterday and of last week, so that the comparison is fair.
        let clock = zone::local(zone, self.now).time();
        let same_time = |date: jiff::civil::Date| zone::resolve(zone, date.to_datetime(clock)).0.0;
        let tomorrow = start(zone::add_days(today, 1));
        let day = self.between(conn, &[start(today), tomorrow]).await?;
        let week = self.between(conn, &[start(monday), tomorrow]).await?;
        let one = |counts: Vec<i64>| counts.first().copied().unwrap_or_default();
        let before = self.between(conn, &[start(yesterday), same_time(yesterday)]).await?;
        let last_monday = zone::add_days(monday, -7);
        let last_week =
            self.between(conn, &[start(last_monday), same_time(zone::add_days(today, -7))]).await?;
        Ok(StatsOut {
            total_logs: book.total,
            first_log: book.first_occurred_at.map(Millis),
            last_log: book.last_occurred_at.map(Millis),
            logs_today: one(day),
            logs_week: one(week),
            logs_yesterday_same_time: one(before),
            logs_last_week_same_time: one(last_week),
            time_zone: self.zone.name.clone(),
            computed_at: self.now,
        })
    }

    /// Logs per local day.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn daily(&self, conn: &mut Conn, days: i64) -> Answer<DailyOut> {
        let today = zone::date_of(&self.zone.zone, self.now);
        let borders = days::borders(&self.zone.zone, today, days);
        let mut counts = self.between(conn, &borders).await?;
        let mut kept = 0;
        if self.space == Space::Live {
            for (count, of_day) in counts.iter_mut().zip(kept::between(conn, self.customer, &borders).await?)
            {
                *count += of_day;
                kept += of_day;
            }
        }
        Ok(DailyOut {
            period: format!("{days} days"),
            time_zone: self.zone.name.clone(),
            n: counts.iter().sum(),
            kept,
            data: days::dated(today, &counts),
            computed_at: self.now,
        })
    }
}

/// The whole dashboard.
///
/// # Errors
/// When the database fails.
pub async fn overview<P>(tenant: &Tenant<P>, conn: &mut Conn, days: i64) -> Answer<OverviewOut> {
    let zone = tenant.customer.local();
    let subject =
        Subject { customer: tenant.id(), space: tenant.space(), zone: &zone, now: tenant.app.clock.now() };
    let period = logs::period(&zone.zone, subject.now);
    let usage = UsageOut {
        logs_used: logs::usage(conn, subject.customer, &period).await?,
        logs_included: tenant.customer.plan.logs_included(),
        period: period.to_string(),
    };
    Ok(OverviewOut {
        stats: subject.stats(conn).await?,
        daily: subject.daily(conn, days).await?,
        usage,
        recent: logs::newest(conn, subject.customer, subject.space, 10).await?,
        last_id: logs::book(conn, subject.customer, subject.space).await?.seq,
    })
}
