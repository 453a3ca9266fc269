//! Figures over a period and a filter: series, pattern, growth, forecast, cohorts, funnels.

use jiff::civil::Date;
use shared::analytics::{
    BusiestHour, CohortsOut, FacetsOut, ForecastDay, ForecastOut, FunnelIn, FunnelOut, GrowthOut,
    HistogramOut, PatternOut, Reason, SeriesOut, Unit,
};
use shared::lang::Lang;
use shared::query::{Expr, Query};
use shared::time::Millis;

use super::cohorts::Cohorts;
use super::forecast;
use super::funnel::Funnel;
use super::period::{Counted, Period, compare};
use crate::db::Conn;
use crate::domain::logs::buckets;
use crate::domain::logs::counts;
use crate::domain::logs::finder::Search;
use crate::domain::logs::kept;
use crate::domain::logs::service as logs;
use crate::domain::logs::tally::Field;
use crate::http::problem::Answer;
use crate::util::zone::{self, Zone};

const HOUR: i64 = 3_600_000;
/// Longest history that a forecast rests on, in days.
const FORECAST_HISTORY: i64 = 2 * 365;

/// What a period is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// The period before.
    Previous,
    /// The same weekdays a year before.
    Year,
}

/// A search together with zone, period and moment of its figures.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The logs.
    pub search: Search<'a>,
    /// Zone of days and hours.
    pub zone: &'a Zone,
    /// The period.
    pub period: Period,
    /// Now.
    pub now: Millis,
}

impl View<'_> {
    fn within(&self, period: Period) -> Search<'_> {
        Search { occurred: (period.from.0, period.to.0), ..self.search.clone() }
    }

    async fn counted(&self, conn: &mut Conn, period: Period) -> Answer<Counted> {
        let borders = [period.from.0, period.to.0];
        let (counts, coverage) = self.within(period).between(conn, &borders).await?;
        let kept = self.kept(conn, &borders).await?.iter().sum();
        let count = counts.first().copied().unwrap_or_default() + kept;
        Ok(Counted { period, count, kept, complete: coverage.complete })
    }

    /// LOG-11: totals that are kept of deleted logs, between borders. Who looks for something finds what there is.
    async fn kept(&self, conn: &mut Conn, borders: &[i64]) -> Answer<Vec<i64>> {
        let Search { key, query, kinds, .. } = &self.search;
        if query.expr != Expr::All || kinds.is_some() || key.space.is_test() {
            return Ok(vec![0; borders.len().saturating_sub(1)]);
        }
        Ok(kept::between(conn, key.customer, borders).await?)
    }

    /// Logs over time, with the totals that are kept of deleted ones.
    async fn histogram(&self, conn: &mut Conn, period: Period, unit: Option<Unit>) -> Answer<HistogramOut> {
        let mut out = counts::histogram(&self.within(period), conn, unit, self.zone, self.now).await?;
        let ends = out.buckets.last().map(|last| last.to.0);
        let borders: Vec<i64> = out.buckets.iter().map(|bucket| bucket.from.0).chain(ends).collect();
        for (bucket, kept) in out.buckets.iter_mut().zip(self.kept(conn, &borders).await?) {
            bucket.count += kept;
            out.n += kept;
            out.kept += kept;
        }
        Ok(out)
    }

    /// Logs over time, beside an earlier period if asked for.
    ///
    /// # Errors
    /// `invalid_parameter` when the unit is too fine, or what the database says.
    pub async fn series(
        &self,
        conn: &mut Conn,
        unit: Option<Unit>,
        earlier: Option<Earlier>,
    ) -> Answer<SeriesOut> {
        let zone = &self.zone.zone;
        let current = self.histogram(conn, self.period, unit).await?;
        let mean_per_day = current
            .complete
            .then(|| current.n as f64 / self.period.days_passed(zone, self.now).max(1) as f64);
        let Some(earlier) = earlier else {
            return Ok(SeriesOut { current, previous: None, comparison: None, mean_per_day });
        };
        let before = match earlier {
            Earlier::Previous => self.period.before(zone),
            Earlier::Year => self.period.year_before(zone),
        };
        let previous = self.histogram(conn, before, Some(current.unit)).await?;
        let part = self.period.elapsed_of(before, zone, self.now);
        // A clock that is ahead may have sent logs from after now.
        let passed =
            Period { from: self.period.from, to: self.period.to.min(self.now.max(self.period.from)) };
        let comparison = compare(self.counted(conn, passed).await?, self.counted(conn, part).await?);
        Ok(SeriesOut { current, previous: Some(previous), comparison: Some(comparison), mean_per_day })
    }

    /// Logs by day of the week and hour of the day. Both passes of a double hour count for the same hour.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn pattern(&self, conn: &mut Conn) -> Answer<PatternOut> {
        let zone = &self.zone.zone;
        let borders = buckets::borders_up_to(zone, Unit::Hour, self.period.from, self.period.to, usize::MAX)
            .unwrap_or_default();
        let (counts, coverage) = self.within(self.period).between(conn, &borders).await?;
        let kept = self.kept(conn, &borders).await?;
        let n_kept: i64 = kept.iter().sum();
        let n = coverage.n + n_kept;
        let mut cells = vec![vec![0_i64; 24]; 7];
        for (at, count) in borders.iter().zip(counts.iter().zip(&kept).map(|(count, kept)| count + kept)) {
            let local = zone::local(zone, Millis(*at));
            let weekday = usize::try_from(local.date().weekday().to_monday_zero_offset()).unwrap_or_default();
            let hour = usize::try_from(local.hour()).unwrap_or_default();
            if let Some(cell) = cells.get_mut(weekday).and_then(|day| day.get_mut(hour)) {
                *cell += count;
            }
        }
        let mut busiest: Option<BusiestHour> = None;
        for (weekday, day) in (1_u8..).zip(&cells) {
            for (hour, count) in (0_u8..).zip(day) {
                if *count > busiest.map_or(0, |busiest| busiest.count) {
                    let share = *count as f64 / n.max(1) as f64;
                    busiest = Some(BusiestHour { weekday, hour, count: *count, share });
                }
            }
        }
        Ok(PatternOut {
            cells,
            busiest,
            from: self.period.from,
            to: self.period.to,
            time_zone: self.zone.name.clone(),
            n,
            kept: n_kept,
            complete: coverage.complete,
            computed_at: self.now,
        })
    }

    /// The most frequent values of fields.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn top(&self, conn: &mut Conn, names: &[&str], limit: usize) -> Answer<FacetsOut> {
        counts::facets(&self.within(self.period), conn, names, limit, self.now).await
    }

    /// The last complete week and month, each beside the one before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn growth(&self, conn: &mut Conn) -> Answer<GrowthOut> {
        let zone = &self.zone.zone;
        let today = zone::date_of(zone, self.now);
        let start = |date: Date| zone::start_of(zone, date);
        let monday = zone::monday_of(today);
        let week = |back: i64| Period {
            from: start(zone::add_days(monday, -7 * back)),
            to: start(zone::add_days(monday, 7 - 7 * back)),
        };
        let first = zone::first_of_month(today);
        let last_month =
            Period { from: start(zone::first_of_month(zone::add_days(first, -1))), to: start(first) };
        let (week, week_before) = (week(1), week(2));
        Ok(GrowthOut {
            week: compare(self.counted(conn, week).await?, self.counted(conn, week_before).await?),
            month: compare(
                self.counted(conn, last_month).await?,
                self.counted(conn, last_month.before(zone)).await?,
            ),
            time_zone: self.zone.name.clone(),
            computed_at: self.now,
        })
    }

    /// Logs per day for the next four weeks.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forecast(&self, conn: &mut Conn) -> Answer<ForecastOut> {
        let zone = &self.zone.zone;
        let today = zone::date_of(zone, self.now);
        // The first day is seldom a complete one.
        let (first, _) = counts::range(&self.within(ALWAYS), conn, self.now).await?;
        let first =
            zone::add_days(zone::date_of(zone, first), 1).max(zone::add_days(today, -FORECAST_HISTORY));
        let mut borders = Vec::new();
        let mut date = first;
        while date < today {
            borders.push(zone::start_of(zone, date).0);
            date = zone::add_days(date, 1);
        }
        borders.push(zone::start_of(zone, today).0);
        let (counts, coverage) = self.within(ALWAYS).between(conn, &borders).await?;
        let begun = forecast::beginning(&counts);
        let history: Vec<f64> = counts[begun..].iter().map(|count| *count as f64).collect();
        let made = if coverage.n == 0 {
            Err(Reason::NoData)
        } else if coverage.complete {
            forecast::forecast(&history)
        } else {
            Err(Reason::Incomplete)
        };
        let mut out = ForecastOut {
            method: None,
            days: Vec::new(),
            n: history.len() as i64,
            error: None,
            error_ratio: None,
            reason: None,
            needed: forecast::LEAST_DAYS as i64,
            time_zone: self.zone.name.clone(),
            computed_at: self.now,
        };
        match made {
            Ok(made) => {
                out.method = Some(made.method);
                (out.error, out.error_ratio) = (Some(made.error), made.error_ratio);
                let day = |(after, day): (i64, &forecast::Expected)| ForecastDay {
                    date: zone::add_days(today, after).to_string(),
                    expected: day.value,
                    low: day.low,
                    high: day.high,
                };
                out.days = (0..).zip(&made.days).map(day).collect();
            }
            Err(reason) => out.reason = Some(reason),
        }
        Ok(out)
    }

    /// Cohorts of the values of a field by the month of their first log in the period.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn cohorts(&self, conn: &mut Conn, name: &str) -> Answer<CohortsOut> {
        let zone = &self.zone.zone;
        let (from, to) = (self.period.from, self.period.to.min(self.now.max(Millis(self.period.from.0 + 1))));
        let number = |at: Millis| {
            let date = zone::date_of(zone, at);
            i64::from(date.year()) * 12 + i64::from(date.month()) - 1
        };
        let (first, last) = (number(from), number(Millis(to.0 - 1)));
        let names: Vec<String> = (first..=last)
            .map(|month| format!("{:04}-{:02}", month.div_euclid(12), month.rem_euclid(12) + 1))
            .collect();
        let field = Field::named(name);
        let mut cohorts = Cohorts::default();
        let coverage = self
            .within(Period { from, to })
            .each(conn, |log| {
                let month = usize::try_from(number(log.occurred_at()) - first).unwrap_or(usize::MAX);
                for value in log.values(&field) {
                    cohorts.add(&value, month);
                }
                true
            })
            .await?;
        let running =
            zone::start_of(zone, zone::first_of_next_month(zone::date_of(zone, Millis(to.0 - 1)))) > self.now;
        Ok(CohortsOut {
            field: name.to_owned(),
            rows: cohorts.rows(&names, running),
            n: coverage.n,
            complete: coverage.complete && !cohorts.overflowed,
            from,
            to,
            time_zone: self.zone.name.clone(),
            computed_at: self.now,
        })
    }

    /// Who came from step to step.
    ///
    /// # Errors
    /// `invalid_query` naming the step, or what the database says.
    pub async fn funnel(&self, conn: &mut Conn, asked: &FunnelIn, lang: Lang) -> Answer<FunnelOut> {
        let queries =
            asked.steps.iter().map(|step| logs::parse(&step.q, lang)).collect::<Answer<Vec<Query>>>()?;
        let any = Query { expr: Expr::or(queries.iter().map(|query| query.expr.clone()).collect()) };
        let window = asked.window_hours * HOUR;
        let field = Field::named(&asked.field);
        let mut funnel = Funnel::default();
        let search = Search {
            query: &any,
            occurred: (self.period.from.0, self.period.to.0.saturating_add(window)),
            ..self.search.clone()
        };
        let zone = &self.zone.zone;
        let coverage = search
            .each(conn, |log| {
                let mut mask = 0_u8;
                for (step, query) in queries.iter().enumerate() {
                    mask |= u8::from(log.fits(query, zone)) << step;
                }
                for value in log.values(&field) {
                    funnel.add(&value, log.occurred_at().0, mask);
                }
                true
            })
            .await?;
        let complete = coverage.complete && !funnel.overflowed;
        let texts: Vec<String> = asked.steps.iter().map(|step| step.q.clone()).collect();
        let range = (self.period.from.0, self.period.to.0);
        let steps = funnel.steps(&texts, range, window, self.now.0);
        let (entered, arrived) =
            (steps.first().map_or(0, |step| step.reached), steps.last().map_or(0, |step| step.reached));
        let reason = if !complete {
            Some(Reason::Incomplete)
        } else if entered == 0 {
            Some(Reason::NoDenominator)
        } else {
            None
        };
        Ok(FunnelOut {
            field: asked.field.clone(),
            steps,
            converted: reason.is_none().then(|| arrived as f64 / entered as f64),
            reason,
            n: coverage.n,
            complete,
            from: self.period.from,
            to: self.period.to,
            computed_at: self.now,
        })
    }
}

/// No bounds beside those of the query.
const ALWAYS: Period = Period { from: Millis(i64::MIN), to: Millis(i64::MAX) };

/// The first log of all, for a period that begins there.
///
/// # Errors
/// When the database fails.
pub async fn first_log(search: &Search<'_>, conn: &mut Conn, now: Millis) -> Answer<Millis> {
    let book = logs::book(conn, search.key.customer, search.key.space).await?;
    Ok(book.first_occurred_at.map_or(now, Millis).min(now))
}
