//! ANA-09: use of the own account month by month, and a month day by day.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use shared::time::Millis;
use shared::usage::{DayReceived, UsageDaysOut, UsageHistoryOut, UsageMonth};

use super::calls::Month;
use super::repo;
use crate::db::Scope;
use crate::domain::exports;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service as logs;
use crate::http::auth::Tenant;
use crate::http::params::invalid;
use crate::http::problem::Answer;
use crate::util::ids::Space;
use crate::util::zone;

/// Months at most: the running one and the year before it.
const MONTHS: usize = 13;
const HOUR_MS: i64 = 3_600_000;

fn name_of(first: Date) -> String {
    format!("{:04}-{:02}", first.year(), first.month())
}

/// The first day of a month by its name, `YYYY-MM`.
fn first_of(name: &str) -> Option<Date> {
    (name.len() == 7).then(|| format!("{name}-01").parse().ok()).flatten()
}

/// What was used in each month since the account began, a year back at most. Live logs and live keys, whoever asks.
///
/// # Errors
/// When the database fails.
pub async fn months<P>(tenant: &Tenant<P>) -> Answer<UsageHistoryOut> {
    let (app, customer) = (&tenant.app, &tenant.customer);
    let now = app.clock.now();
    let this = zone::first_of_month(zone::date_of(&customer.zone, now));
    let mut conn = app.db.snapshot(Scope::Customer(customer.id)).await?;
    let counted = repo::list_counted(&mut conn, customer.id).await?;
    let of = |period: &str, metric: &str| {
        let found = counted.iter().find(|row| row.period == period && row.metric == metric);
        found.map_or(0, |row| row.value)
    };
    let begun = zone::month_of(&customer.zone, customer.created_at);
    let oldest = counted.iter().map(|row| row.period.as_str()).chain([begun.as_str()]).min();
    let oldest = oldest.unwrap_or_default().to_owned();
    let mut months = Vec::new();
    let mut first = this;
    loop {
        let period = name_of(first);
        if months.len() == MONTHS || period < oldest {
            break;
        }
        let from = zone::start_of(&customer.zone, first);
        let to = zone::start_of(&customer.zone, zone::first_of_next_month(first));
        let exports = exports::service::count_taken(&mut conn, customer.id, (from, to), now).await?;
        let month: Month = (customer.id, period.as_str().into());
        // What is counted and not yet written counts too.
        let api_calls = app.usage.calls.used(&month).unwrap_or_else(|| of(&period, "api_calls"));
        let logs = of(&period, "logs");
        months.push(UsageMonth { complete: first != this, logs, api_calls, exports, period });
        first = zone::first_of_month(zone::add_days(first, -1));
    }
    Ok(UsageHistoryOut {
        months,
        time_zone: customer.time_zone.clone(),
        computed_at: now,
        basis: "measured".to_owned(),
    })
}

/// Logs received on each day of a month.
///
/// # Errors
/// `invalid_parameter` when the month has not begun or is none.
pub async fn month<P>(tenant: &Tenant<P>, period: &str) -> Answer<UsageDaysOut> {
    let (app, customer) = (&tenant.app, &tenant.customer);
    let now = app.clock.now();
    let this = zone::first_of_month(zone::date_of(&customer.zone, now));
    let first = first_of(period)
        .filter(|first| *first <= this)
        .ok_or_else(|| invalid("period", &format!("YYYY-MM ≤ {}", name_of(this))))?;
    let from = zone::start_of(&customer.zone, first);
    let end = zone::start_of(&customer.zone, zone::first_of_next_month(first)).min(Millis(now.0 + 1));
    let mut conn = app.db.read(Scope::Customer(customer.id)).await?;
    let key = BookKey { customer: customer.id, space: Space::Live };
    let hours = (from.0.div_euclid(HOUR_MS), (end.0 - 1).div_euclid(HOUR_MS) + 1);
    let hours = logs::hours(&mut conn, key, hours).await?;
    Ok(UsageDaysOut {
        period: name_of(first),
        days: days(&customer.zone, (from, Millis(end.0 - 1)), now, &hours),
        time_zone: customer.time_zone.clone(),
        computed_at: now,
        basis: "measured".to_owned(),
    })
}

/// Logs received on each local day from an instant to another.
pub(super) fn days(
    zone: &TimeZone,
    (from, to): (Millis, Millis),
    now: Millis,
    hours: &[(i64, i64, i64)],
) -> Vec<DayReceived> {
    let (today, last) = (zone::date_of(zone, now), zone::date_of(zone, to));
    let mut days = Vec::new();
    let mut date = zone::date_of(zone, from);
    while date <= last {
        let next = zone::add_days(date, 1);
        let within = |hour: i64| zone::date_of(zone, Millis(hour * HOUR_MS)) == date;
        let logs = hours.iter().filter(|(hour, ..)| within(*hour)).map(|(.., received)| received).sum();
        days.push(DayReceived { date: date.to_string(), logs, partial: date == today });
        if next == date {
            break;
        }
        date = next;
    }
    days
}
