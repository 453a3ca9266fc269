//! Histograms and facets of what a search finds.

use shared::analytics::{Bucket, FacetOut, FacetsOut, HistogramOut, Unit, ValueCount};
use shared::query::{Expr, Test, field_term};
use shared::time::Millis;

use super::buckets;
use super::finder::Search;
use super::repo;
use super::tally::{Coverage, Field, Values};
use crate::db::Conn;
use crate::domain::search::plan::plan;
use crate::domain::search::vocabulary::Expansions;
use crate::http::params::invalid;
use crate::http::problem::Answer;
use crate::util::zone::Zone;

const HOUR: i64 = 3_600_000;
/// Longest value that is shown of a field, in characters.
const MAX_VALUE_CHARS: usize = 256;

/// From the first log to the later of now and the last log; only now without logs.
async fn extent(search: &Search<'_>, conn: &mut Conn, now: Millis) -> Answer<(i64, i64)> {
    let book = repo::find_book(conn, search.key).await?;
    let end = book.last_occurred_at.map_or(now.0, |last| now.0.max(last.saturating_add(1)));
    Ok((book.first_occurred_at.unwrap_or(end), end))
}

/// The range of time that a search covers: as it says itself, else from the first log to the later of now and the
/// last log.
///
/// # Errors
/// When the database fails.
pub async fn range(search: &Search<'_>, conn: &mut Conn, now: Millis) -> Answer<(Millis, Millis)> {
    let said = plan(search.query, conn.dialect(), &Expansions::new(), search.zone).occurred;
    let (from, to) = (search.occurred.0.max(said.0), search.occurred.1.min(said.1));
    let (begin, end) = extent(search, conn, now).await?;
    let to = if to == i64::MAX { end } else { to };
    let from = if from == i64::MIN { begin.min(to) } else { from };
    Ok((Millis(from), Millis(to.max(from))))
}

/// Logs in the hours that a range touches, whatever else narrows the search.
async fn count_by_hours(search: &Search<'_>, conn: &mut Conn, from: Millis, to: Millis) -> Answer<i64> {
    let hours = (from.0.div_euclid(HOUR), to.0.saturating_add(HOUR - 1).div_euclid(HOUR));
    let totals = repo::hours(conn, search.key.customer, hours).await?;
    Ok(totals.iter().map(|(_, total, _)| total).sum())
}

/// Logs over time. Without a unit, one that suits the range.
///
/// # Errors
/// `invalid_parameter` when the unit is too fine for the range, or what the database says.
pub async fn histogram(
    search: &Search<'_>,
    conn: &mut Conn,
    unit: Option<Unit>,
    zone: &Zone,
    now: Millis,
) -> Answer<HistogramOut> {
    let (mut from, mut to) = range(search, conn, now).await?;
    let asked = unit;
    let suiting = |from, to| asked.unwrap_or_else(|| buckets::comfortable(from, to));
    let mut unit = suiting(from, to);
    let mut borders = buckets::borders(&zone.zone, unit, from, to);
    if borders.is_none() {
        // A range that reaches far beyond all logs is cut to them.
        let (begin, end) = extent(search, conn, now).await?;
        to = to.min(Millis(end)).max(Millis(begin));
        from = from.max(Millis(begin)).min(to);
        unit = suiting(from, to);
        borders = buckets::borders(&zone.zone, unit, from, to);
    }
    if asked.is_none() {
        let affordable = buckets::affordable(unit, count_by_hours(search, conn, from, to).await?);
        if affordable != unit {
            let (begin, end) = extent(search, conn, now).await?;
            unit = affordable;
            // There are no logs outside of all logs: whole hours count the same.
            from = if from.0 == begin { buckets::start(&zone.zone, unit, from) } else { from };
            to = if to.0 == end { buckets::end(&zone.zone, unit, to) } else { to };
            borders = buckets::borders(&zone.zone, unit, from, to);
        }
    }
    let borders = borders.ok_or_else(|| invalid("unit", buckets::comfortable(from, to).as_str()))?;
    let (counts, coverage) = search.between(conn, &borders).await?;
    let whole = |from: Millis, to: Millis| {
        buckets::start(&zone.zone, unit, from) == from
            && buckets::start(&zone.zone, unit, to) == to
            && to <= now
    };
    let bucket = |(pair, count): (&[i64], i64)| {
        let (from, to) = (Millis(pair[0]), Millis(pair[1]));
        Bucket { from, to, count, partial: !whole(from, to) }
    };
    Ok(HistogramOut {
        unit,
        from,
        to,
        time_zone: zone.name.clone(),
        n: coverage.n,
        kept: 0,
        complete: coverage.complete,
        buckets: borders.windows(2).zip(counts).map(bucket).collect(),
        computed_at: now,
    })
}

/// The most frequent values of fields.
///
/// # Errors
/// When the database fails.
pub async fn facets(
    search: &Search<'_>,
    conn: &mut Conn,
    names: &[&str],
    limit: usize,
    now: Millis,
) -> Answer<FacetsOut> {
    let fields: Vec<Field> = names.iter().map(|name| Field::named(name)).collect();
    let (values, coverage) = search.values(conn, &fields).await?;
    Ok(FacetsOut {
        facets: names
            .iter()
            .zip(&values)
            .map(|(name, values)| facet(name, values, coverage, limit))
            .collect(),
        n: coverage.n,
        complete: coverage.complete,
        computed_at: now,
    })
}

/// The name of a field in the search grammar: a path into the data that is spelled like a field of the grammar is
/// told from it.
fn searched(name: &str) -> String {
    let own = matches!(Field::named(name), Field::Column(_));
    let read = shared::query::parse(&field_term(name, "x", false)).map(|query| query.expr);
    let plain = matches!(read, Ok(Expr::Term(term)) if matches!(term.test, Test::Field { .. }));
    if own || plain || name.starts_with("data.") { name.to_owned() } else { format!("data.{name}") }
}

fn facet(name: &str, values: &Values, coverage: Coverage, limit: usize) -> FacetOut {
    let searched = searched(name);
    let top = values.top(limit);
    let shown: i64 = top.iter().map(|(_, count)| count).sum();
    let all: i64 = values.counts.values().sum();
    let value = |(value, count): (&str, i64)| ValueCount {
        value: value.chars().take(MAX_VALUE_CHARS).collect(),
        count,
        share: count as f64 / coverage.n.max(1) as f64,
        term: field_term(&searched, value, false),
    };
    FacetOut {
        field: name.to_owned(),
        other: all - shown + values.beyond,
        missing: values.missing,
        distinct: i64::try_from(values.counts.len()).unwrap_or(i64::MAX),
        distinct_capped: values.beyond > 0,
        values: top.into_iter().map(value).collect(),
    }
}
