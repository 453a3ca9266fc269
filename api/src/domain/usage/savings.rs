//! ANA-15: what the product saves, by the customer's own assumptions, against what the plan costs.

use jiff::civil::Date;
use shared::analytics::Reason;
use shared::audit::AuditAction;
use shared::problem::Code;
use shared::savings::{SavingsIn, SavingsMonth, SavingsOut};

use super::repo;
use crate::app::App;
use crate::db::Scope;
use crate::domain::audit::model::Event;
use crate::domain::tenancy::model::IfMatch;
use crate::domain::{activity, audit, exports};
use crate::http::auth::Tenant;
use crate::http::extract::no_faults;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::CustomerId;
use crate::util::zone;

/// What was saved in this month and the one before.
///
/// # Errors
/// When the database fails.
pub async fn get<P>(tenant: &Tenant<P>) -> Answer<SavingsOut> {
    let (app, customer) = (&tenant.app, &tenant.customer);
    let now = app.clock.now();
    let days = activity::service::zone_of_days(app);
    let since = activity::service::counted_since(app).await?;
    let mut conn = app.db.snapshot(Scope::Customer(customer.id)).await?;
    let (assumptions, version) = repo::find_assumptions(&mut conn, customer.id).await?;
    let cents = customer.plan.limits().cents_a_month;
    let this = zone::first_of_month(zone::date_of(&days, now));
    let mut months = Vec::new();
    for first in [this, zone::first_of_month(zone::add_days(this, -1))] {
        let end = zone::first_of_next_month(first);
        let period = (zone::start_of(&days, first), zone::start_of(&days, end));
        let searches = activity::service::searches_by_people(&mut conn, customer.id, (first, end)).await?;
        let exports = exports::service::by_people(&mut conn, customer.id, period).await?;
        let counted = Counted { first, end, since, complete: first != this, searches, exports };
        months.push(counted.month(assumptions, cents));
    }
    Ok(SavingsOut {
        assumptions,
        version,
        plan: customer.plan,
        plan_cents: cents,
        months,
        time_zone: app.config.time_zone.clone(),
        computed_at: now,
        basis: "derived".to_owned(),
    })
}

/// Takes other assumptions.
///
/// # Errors
/// `invalid_body`, `precondition_required`, `precondition_failed`.
pub async fn put<P>(tenant: &Tenant<P>, if_match: &IfMatch, input: SavingsIn) -> Answer<SavingsOut> {
    no_faults(input.check())?;
    let (app, customer) = (&tenant.app, tenant.customer.id);
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    let (before, version) = repo::find_assumptions(&mut tx, customer).await?;
    if_match.check(version)?;
    if !repo::put_assumptions(&mut tx, customer, input, version, app.clock.now()).await? {
        return Err(Problem::new(Code::PreconditionFailed));
    }
    let event = Event::of(AuditAction::SavingsUpdate, customer)
        .changed("minutes_per_search", before.minutes_per_search, input.minutes_per_search)
        .changed("minutes_per_export", before.minutes_per_export, input.minutes_per_export);
    audit::service::record(app, &mut tx, event).await?;
    tx.commit().await?;
    get(tenant).await
}

/// Takes the assumptions of an archive.
///
/// # Errors
/// `invalid_body`, or when the database fails.
pub async fn restore(app: &App, customer: CustomerId, input: SavingsIn) -> Answer<()> {
    no_faults(input.check())?;
    let mut tx = app.db.write(Scope::Customer(customer)).await?;
    repo::put_assumptions(&mut tx, customer, input, 0, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

/// What was counted in a month.
struct Counted {
    first: Date,
    /// The first day of the next month.
    end: Date,
    /// The first day of which anything is known.
    since: Option<Date>,
    complete: bool,
    searches: i64,
    exports: i64,
}

impl Counted {
    fn month(&self, assumed: SavingsIn, cents: i64) -> SavingsMonth {
        // Where nothing was ever counted, counting begins in the running month.
        let began = self.since.or((!self.complete).then_some(self.first));
        let known = began.filter(|since| *since < self.end);
        let whole = self.complete && known.is_some_and(|since| since <= self.first);
        let minutes = match (assumed.minutes_per_search, assumed.minutes_per_export) {
            _ if known.is_none() => Err(Reason::NoData),
            (None, None) => Err(Reason::NoAssumption),
            (search, export) => {
                Ok(self.searches * search.unwrap_or_default() + self.exports * export.unwrap_or_default())
            }
        };
        let hours = minutes.ok().map(|minutes| minutes as f64 / 60.0);
        SavingsMonth {
            period: format!("{:04}-{:02}", self.first.year(), self.first.month()),
            complete: self.complete,
            counted_from: known.filter(|since| *since > self.first).map(|since| since.to_string()),
            searches: known.map(|_| self.searches),
            exports: known.map(|_| self.exports),
            hours,
            cents_per_hour: minutes.ok().filter(|minutes| whole && *minutes > 0).map(|minutes| {
                // Half a cent rounds up.
                (cents * 60 * 2 + minutes) / (minutes * 2)
            }),
            reason: minutes.err(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn month(
        searches: i64,
        exports: i64,
        since: Option<Date>,
        assumed: (Option<i64>, Option<i64>),
    ) -> SavingsMonth {
        let (first, end) = (date(2026, 10, 1), date(2026, 11, 1));
        let assumed = SavingsIn { minutes_per_search: assumed.0, minutes_per_export: assumed.1 };
        Counted { first, end, since, complete: true, searches, exports }.month(assumed, 4_900)
    }

    /// ANA-15, GEN-03: hours are searches and exports times the customer's minutes; the price of an hour is rounded to
    /// cents, half a cent upwards.
    #[test]
    fn hours_are_what_the_customer_says() {
        let since = Some(date(2026, 1, 1));
        let found = month(100, 4, since, (Some(4), Some(30)));
        assert_eq!((found.hours, found.cents_per_hour, found.reason), (Some(520.0 / 60.0), Some(565), None));
        let found = month(100, 4, since, (None, Some(30)));
        assert_eq!((found.hours, found.cents_per_hour), (Some(2.0), Some(2_450)));
        // 150 cents over 80 minutes.
        let half = Counted {
            first: date(2026, 10, 1),
            end: date(2026, 11, 1),
            since,
            complete: true,
            searches: 8,
            exports: 0,
        };
        let assumed = SavingsIn { minutes_per_search: Some(10), minutes_per_export: None };
        assert_eq!(half.month(assumed, 150).cents_per_hour, Some(113), "112.5 cents");
    }

    /// ANA-15, GEN-01: no assumption, nothing known and nothing saved give no figure, and the first two a reason; a month
    /// that was counted in part has no price.
    #[test]
    fn without_assumptions_there_is_no_figure() {
        let since = Some(date(2026, 10, 9));
        let found = month(100, 4, since, (None, None));
        assert_eq!((found.hours, found.reason), (None, Some(Reason::NoAssumption)));
        let found = month(0, 0, None, (Some(4), None));
        assert_eq!((found.hours, found.searches, found.reason), (None, None, Some(Reason::NoData)));
        let found = month(0, 0, Some(date(2026, 11, 1)), (None, None));
        assert_eq!((found.exports, found.counted_from, found.reason), (None, None, Some(Reason::NoData)));
        let found = month(10, 0, since, (Some(6), None));
        assert_eq!((found.hours, found.cents_per_hour), (Some(1.0), None));
        let found = month(0, 0, since, (Some(4), None));
        assert_eq!((found.hours, found.cents_per_hour, found.reason), (Some(0.0), None, None));
        assert_eq!(found.counted_from.as_deref(), Some("2026-10-09"));
    }
}
