//! The gate that every request passes after credential and permission (KEY-06): first the rate, then the month.

use jiff::tz::TimeZone;
use shared::access::Permission;
use shared::limits::Rate;
use shared::problem::Code;
use shared::time::Millis;

use super::calls::{Counted, Month};
use super::rates::{self, Said};
use super::service::{self, SHARE_EVERY_S};
use crate::app::App;
use crate::db::Dialect;
use crate::http::auth::{Caller, Customer, Principal};
use crate::http::frame::RequestInfo;
use crate::http::limits::{Window, too_many};
use crate::http::problem::{Answer, Problem};
use crate::util::zone;

impl App {
    /// API-06: counts a request against the limits of key and customer, and tells where the key stands.
    ///
    /// # Errors
    /// `rate_limited`, with the time to wait.
    pub async fn admit(&self, principal: &Principal, info: &RequestInfo) -> Answer<()> {
        let Some(customer) = principal.customer.as_deref().filter(|_| self.usage.rates.enabled()) else {
            return Ok(());
        };
        let limits = rates::limits(principal, customer);
        if limits.is_empty() {
            return Ok(());
        }
        let told = matches!(principal.caller, Caller::Key { .. });
        let said = self.usage.rates.check(customer.plan, &limits).await;
        let mut wait = None;
        for ((subject, rate), said) in limits.iter().zip(said) {
            let left = match said {
                Said::Left(left) => left,
                Said::Wait(time) => {
                    wait = wait.max(Some(time));
                    0
                }
            };
            if told {
                info.standing.note(rates::window(subject, *rate, left));
            }
        }
        wait.map_or(Ok(()), |wait| Err(too_many(wait)))
    }

    /// Calls before the end of a month's quota that servers take from the database one by one. What the servers do not
    /// know of each other is what came in since they last wrote: no more than a burst and what refills meanwhile, where
    /// they share their limits on requests. Twice that, because what they know is as old on both sides.
    fn near_end(&self, rate: Rate) -> i64 {
        match self.db.dialect() {
            // One server alone opens a file.
            Dialect::Sqlite => 0,
            Dialect::Postgres => {
                let refilled = (rate.per_minute * SHARE_EVERY_S).div_ceil(60);
                2 * (i64::from(rate.burst) + i64::from(refilled))
            }
        }
    }

    /// API-07: counts a call of a live key in the month. When the month is used up, recording and managing go on:
    /// a quota on calls must not lose events, nor keep a key from being revoked. Without a permission (who calls, what a
    /// shipper asks before it sends) nothing is refused either.
    ///
    /// # Errors
    /// `api_quota_exhausted` with the time at which the next month begins, or what the database says.
    pub async fn count_call(
        &self,
        principal: &Principal,
        info: &RequestInfo,
        permission: Option<Permission>,
    ) -> Answer<()> {
        let (Caller::Key { space, .. }, Some(customer)) = (&principal.caller, &principal.customer) else {
            return Ok(());
        };
        if space.is_test() {
            return Ok(());
        }
        let goes_on = permission
            .is_none_or(|permission| matches!(permission, Permission::LogsWrite | Permission::KeysManage));
        let (now, limit) = (self.clock.now(), customer.plan.limits().api_calls_a_month);
        let month: Month = (customer.id, zone::month_of(&customer.zone, now).into());
        let most = if goes_on { i64::MAX } else { limit };
        let calls = &self.usage.calls;
        let used = match calls.ask(&month) {
            Some(used) => used,
            None => {
                let stored = service::stored_calls(self, &month).await?;
                calls.learn(month.clone(), stored);
                stored
            }
        };
        let near = limit - self.near_end(customer.plan.limits().requests);
        let counted = if !goes_on && (near..limit).contains(&used) {
            service::take_call(self, &month, limit).await?
        } else {
            calls.count(&month, most)
        };
        let (Counted::Yes(used) | Counted::Exhausted(used)) = counted else {
            // Forgotten in between: by a month that nobody has asked about for two writes.
            return Err(Problem::new(Code::Overloaded));
        };
        info.standing.note(standing(&customer.zone, now, used, limit));
        match counted {
            Counted::Exhausted(_) => Err(exhausted(customer, now, limit)),
            Counted::Yes(_) | Counted::Unknown => Ok(()),
        }
    }
}

fn standing(zone: &TimeZone, now: Millis, used: i64, limit: i64) -> Window {
    let (from, to) = zone::month_around(zone, now);
    let seconds = |ms: i64| u64::try_from(ms).unwrap_or_default().div_ceil(1_000);
    Window {
        name: "month",
        quota: u64::try_from(limit).unwrap_or_default(),
        seconds: seconds(to.0 - from.0),
        remaining: u64::try_from(limit - used).unwrap_or_default(),
        reset: seconds(to.0 - now.0),
    }
}

fn exhausted(customer: &Customer, now: Millis, limit: i64) -> Problem {
    crate::http::limits::until_next_month(Problem::new(Code::ApiQuotaExhausted), &customer.zone, now)
        .with("limit", limit)
}
