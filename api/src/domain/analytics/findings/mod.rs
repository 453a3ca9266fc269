//! What is unusual in a customer's logs, found without being told where to look (ANA-07).
//!
//! Numbers of logs come from roll-ups; fields from one pass over the newest logs, within the time budget.

mod fields;
mod numbers;
mod sample;
mod shares;
mod volume;

use std::collections::HashMap;

use shared::analytics::{Finding, FindingGroup, FindingKind, FindingsOut, Reason};
use shared::query::{Expr, Query, field_term};
use shared::time::Millis;

use self::sample::Sample;
use super::period::Period;
use crate::db::Conn;
use crate::domain::logs::finder::{BUDGET, Order, Search};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service as logs;
use crate::domain::logs::tally::Field;
use crate::http::problem::Answer;
use crate::util::holidays::is_holiday;
use crate::util::zone::{self, Zone};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// History that is compared with, in days.
const HISTORY_DAYS: i64 = 91;
/// Most findings of an answer.
const MAX_FINDINGS: usize = 50;
/// A value stands out when this part of the logs holds it …
const MOSTLY: f64 = 0.5;
/// … and it is this many times as frequent as usual.
const MOSTLY_RATIO: f64 = 2.0;

/// Whose logs are looked at, and when.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// The book.
    pub key: BookKey,
    /// Zone of hours and days.
    pub zone: &'a Zone,
    /// Findings begin within this period.
    pub period: Period,
    /// Now.
    pub now: Millis,
}

impl Look<'_> {
    /// Looks at everything.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn findings(&self, conn: &mut Conn) -> Answer<FindingsOut> {
        let zone = &self.zone.zone;
        // The running hour is no complete one.
        let end = Millis(self.period.to.0.min(self.now.0 - self.now.0.rem_euclid(HOUR)));
        let oldest = zone::start_of(zone, zone::add_days(zone::date_of(zone, end), -HISTORY_DAYS));
        let book = logs::book(conn, self.key.customer, self.key.space).await?;
        let first = book.first_occurred_at.unwrap_or(end.0);
        let begin = Millis(oldest.0.min(self.period.from.0).max(first - first.rem_euclid(HOUR)));
        let mut hours = self.hours(conn, begin, end).await?;
        let begun = volume::beginning(&hours);
        hours.drain(..begun);
        let begin = hours.first().map_or(end, |hour| Millis(hour.at));
        let mut out = FindingsOut {
            findings: Vec::new(),
            reason: None,
            days: (end.0 - begin.0).max(0) / DAY,
            n: 0,
            complete: true,
            from: self.period.from,
            to: self.period.to,
            time_zone: self.zone.name.clone(),
            computed_at: self.now,
        };
        if book.total == 0 {
            out.reason = Some(Reason::NoData);
            return Ok(out);
        }
        if !volume::can_judge(&hours) {
            out.reason = Some(Reason::TooFew);
        }
        let gaps = volume::gaps(&hours, self.period.from.0);
        let episodes = volume::without_gaps(volume::episodes(&hours, self.period.from.0), &gaps);
        for gap in &gaps {
            let mut finding = counted(FindingKind::Gap, gap);
            finding.arrived_later = Some(self.arrived_later(conn, gap).await?);
            out.findings.push(finding);
        }
        for episode in episodes.iter().take(MAX_FINDINGS) {
            let kind = if episode.busy() { FindingKind::Busy } else { FindingKind::Quiet };
            let mut finding = counted(kind, episode);
            if episode.busy() {
                finding.mostly = self.mostly(conn, (begin.0, end.0), episode).await?;
                finding.query = finding.mostly.as_ref().map(term).unwrap_or_default();
            }
            out.findings.push(finding);
        }
        let (sample, complete) = self.sample(conn, begin, end).await?;
        out.n = sample.kinds.values().map(|kind| kind.times.len() as i64).sum();
        out.complete = complete;
        // Unusual hours have unusual shares of everything: that is one finding.
        let counted = std::mem::take(&mut out.findings);
        for (name, kind) in &sample.kinds {
            let new = fields::findings(name, kind, zone).into_iter().filter(|found| {
                let explained = found.kind == FindingKind::Share
                    && counted.iter().any(|other| fields::overlap(other, found));
                found.to > self.period.from && !explained
            });
            out.findings.extend(new);
        }
        out.findings.extend(counted);
        out.findings.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.from.cmp(&b.from)));
        out.findings.truncate(MAX_FINDINGS);
        Ok(out)
    }

    async fn hours(&self, conn: &mut Conn, begin: Millis, end: Millis) -> Answer<Vec<volume::Hour>> {
        let range = (begin.0.div_euclid(HOUR), end.0.div_euclid(HOUR));
        let counted = logs::hours(conn, self.key, range).await?;
        let known: HashMap<i64, (i64, i64)> =
            counted.into_iter().map(|(hour, total, received)| (hour, (total, received))).collect();
        let zone = &self.zone.zone;
        let hour = |hour: i64| {
            let at = Millis(hour * HOUR);
            let local = zone::local(zone, at);
            let date = local.date();
            let length = zone::start_of(zone, zone::add_days(date, 1)).0 - zone::start_of(zone, date).0;
            let (count, received) = known.get(&hour).copied().unwrap_or_default();
            volume::Hour {
                at: at.0,
                day: i64::from(date.year()) * 1_000 + i64::from(date.day_of_year()),
                weekday: u8::try_from(date.weekday().to_monday_zero_offset()).unwrap_or_default(),
                hour: u8::try_from(local.hour()).unwrap_or_default(),
                special: is_holiday(date) || length != DAY,
                count,
                received,
            }
        };
        Ok((range.0..range.1).map(hour).collect())
    }

    fn search<'q>(&'q self, query: &'q Query, (from, to): (i64, i64)) -> Search<'q> {
        Search {
            key: self.key,
            query,
            zone: &self.zone.zone,
            occurred: (from, to),
            order: Order::NewestArrival,
            after: None,
            up_to: None,
            kinds: None,
            budget: BUDGET,
        }
    }

    /// Logs of a gap that came in more than a day after they happened.
    async fn arrived_later(&self, conn: &mut Conn, gap: &volume::Episode) -> Answer<i64> {
        let late = shared::query::parse("flag:late").unwrap_or(Query { expr: Expr::All });
        Ok(self.search(&late, (gap.from, gap.to)).count(conn, None).await?.value)
    }

    /// The address or kind that most logs of a busy time come from, if it is not as frequent at other times.
    async fn mostly(
        &self,
        conn: &mut Conn,
        whole: (i64, i64),
        episode: &volume::Episode,
    ) -> Answer<Option<FindingGroup>> {
        let all = Query { expr: Expr::All };
        for name in ["ip", "kind", "source"] {
            let field = [Field::named(name)];
            let (within, coverage) =
                self.search(&all, (episode.from, episode.to)).values(conn, &field).await?;
            let Some((value, count)) =
                within.first().and_then(|values| values.top(1).first().map(|(v, n)| ((*v).to_owned(), *n)))
            else {
                continue;
            };
            let share = count as f64 / coverage.n.max(1) as f64;
            if share < MOSTLY {
                continue;
            }
            let (around, coverage) = self.search(&all, whole).values(conn, &field).await?;
            let usual =
                around.first().and_then(|values| values.counts.get(&value)).copied().unwrap_or_default();
            if share >= MOSTLY_RATIO * usual as f64 / coverage.n.max(1) as f64 {
                return Ok(Some(FindingGroup { field: name.to_owned(), value }));
            }
        }
        Ok(None)
    }

    async fn sample(&self, conn: &mut Conn, begin: Millis, end: Millis) -> Answer<(Sample, bool)> {
        let all = Query { expr: Expr::All };
        let mut sample = Sample::default();
        let coverage = self
            .search(&all, (begin.0, end.0))
            .each(conn, |log| {
                sample.add(log);
                !sample.full()
            })
            .await?;
        Ok((sample, coverage.complete))
    }
}

fn counted(kind: FindingKind, episode: &volume::Episode) -> Finding {
    Finding {
        kind,
        from: Millis(episode.from),
        to: Millis(episode.to),
        field: None,
        value: None,
        group: None,
        // What arrived later is told beside it.
        observed: if kind == FindingKind::Gap { 0.0 } else { episode.observed },
        usual: episode.usual,
        low: episode.low,
        high: episode.high,
        n: episode.observed as i64,
        score: episode.score,
        query: String::new(),
        mostly: None,
        arrived_later: None,
    }
}

/// The term that finds a value.
fn term(group: &FindingGroup) -> String {
    field_term(&group.field, &group.value, false)
}
