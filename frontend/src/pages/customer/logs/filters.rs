//! What the explorer shows, as it stands in the address.

use shared::query::{self, Expr, ParseError, Query, Span};
use shared::time::{Civil, Millis};

use crate::api::logs::LogQuery;
use crate::api::params::Params;
use crate::i18n::format::day_number;

/// Which stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Range {
    /// No limit.
    #[default]
    All,
    /// The last hour.
    Hour,
    /// The last 24 hours.
    Day,
    /// The last seven days.
    Week,
    /// The last 30 days.
    Month,
    /// From a day to a day.
    Custom,
    /// From a moment to a moment, as chosen in the histogram.
    Exact,
}

impl Range {
    /// All ranges that can be chosen from a list.
    pub const ALL: [Self; 6] = [Self::All, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Custom];

    /// Name in the address.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "",
            Self::Hour => "1u",
            Self::Day => "24u",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Custom => "datums",
            Self::Exact => "precies",
        }
    }

    /// Finds a range by its name; unknown ones are no limit.
    #[must_use]
    pub fn parse(name: &str) -> Self {
        let all = Self::ALL.into_iter().chain([Self::Exact]);
        all.into_iter().find(|range| range.as_str() == name).unwrap_or_default()
    }

    const fn length_ms(self) -> Option<i64> {
        const HOUR: i64 = 3_600_000;
        match self {
            Self::Hour => Some(HOUR),
            Self::Day => Some(24 * HOUR),
            Self::Week => Some(7 * 24 * HOUR),
            Self::Month => Some(30 * 24 * HOUR),
            Self::All | Self::Custom | Self::Exact => None,
        }
    }
}

/// What the explorer shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filters {
    /// Query in the search grammar, as typed.
    pub q: String,
    /// Stretch of time.
    pub range: Range,
    /// First day of a chosen stretch, `YYYY-MM-DD`, or its first moment (RFC 3339).
    pub from: String,
    /// Last day of a chosen stretch, `YYYY-MM-DD`, or the moment after it (RFC 3339).
    pub to: String,
    /// Oldest first.
    pub oldest_first: bool,
}

impl Filters {
    /// Whether nothing is filtered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.q.trim().is_empty() && self.range == Range::All
    }

    /// The query string of the address; `id` is the open row.
    #[must_use]
    pub fn address(&self, id: Option<i64>) -> String {
        let custom = matches!(self.range, Range::Custom | Range::Exact);
        Params::new()
            .with("q", self.q.trim())
            .with("tijd", self.range.as_str())
            .with("van", if custom { &self.from } else { "" })
            .with("tot", if custom { &self.to } else { "" })
            .with("sort", if self.oldest_first { "oud" } else { "" })
            .with("id", &id.map(|id| id.to_string()).unwrap_or_default())
            .finish()
    }

    /// The query that is sent; days are days of the customer, so they travel in the grammar.
    #[must_use]
    pub fn query(&self) -> String {
        let mut q = self.q.trim().to_owned();
        if self.range != Range::Custom {
            return q;
        }
        let until = day_number(&self.to).map(|day| date(day + 1));
        let from = day_number(&self.from).map(date);
        if until.is_none() && from.is_none() {
            return q;
        }
        if matches!(query::parse(&q), Ok(Query { expr: Expr::Or(_) })) {
            q = format!("({q})");
        }
        for (name, day) in [("after", from), ("before", until)] {
            if let Some(day) = day {
                if !q.is_empty() {
                    q.push(' ');
                }
                q.push_str(name);
                q.push(':');
                q.push_str(&day);
            }
        }
        q
    }

    /// What to ask the API at this moment.
    #[must_use]
    pub fn to_query(&self, now: Millis) -> LogQuery {
        let from = self.range.length_ms().map(|length| Millis(now.0 - length).to_rfc3339());
        let exact = |moment: &String| if self.range == Range::Exact { moment.clone() } else { String::new() };
        LogQuery {
            q: self.query(),
            from: from.unwrap_or_else(|| exact(&self.from)),
            to: exact(&self.to),
            sort: if self.oldest_first { "occurred_at".to_owned() } else { String::new() },
            ..LogQuery::default()
        }
    }
}

fn date(day: i64) -> String {
    let Civil { year, month, day } = Civil::from_days(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// One filter of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chip {
    /// The term as typed.
    pub text: String,
    /// Whether it excludes.
    pub excluded: bool,
    /// The query without it.
    pub without: String,
}

/// The filters of a query in the order of the text.
///
/// # Errors
/// When the query cannot be read.
pub fn chips(q: &str) -> Result<Vec<Chip>, ParseError> {
    let parsed = query::parse(q)?;
    let mut found = Vec::new();
    collect(&parsed.expr, false, &mut found);
    found.sort_by_key(|(span, _)| span.start);
    Ok(found
        .into_iter()
        .map(|(span, excluded)| Chip {
            text: q.chars().skip(span.start).take(span.end.saturating_sub(span.start)).collect(),
            excluded,
            without: parsed.without(q, span).trim().to_owned(),
        })
        .collect())
}

fn collect(expr: &Expr, excluded: bool, out: &mut Vec<(Span, bool)>) {
    match expr {
        Expr::All => {}
        Expr::And(items) | Expr::Or(items) => items.iter().for_each(|item| collect(item, excluded, out)),
        Expr::Not(inner) => collect(inner, !excluded, out),
        Expr::Term(term) => out.push((term.span, excluded)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// UI-06: the address holds what is filtered and nothing else.
    #[test]
    fn filters_stand_in_the_address() {
        assert_eq!(Filters::default().address(None), "");
        let filters = Filters {
            q: " niveau:fout ".to_owned(),
            range: Range::Custom,
            from: "2026-11-01".to_owned(),
            to: "2026-11-30".to_owned(),
            oldest_first: true,
        };
        assert_eq!(
            filters.address(Some(7)),
            "?q=niveau%3Afout&tijd=datums&van=2026-11-01&tot=2026-11-30&sort=oud&id=7"
        );
        for range in Range::ALL {
            assert_eq!(Range::parse(range.as_str()), range);
        }
    }

    /// SRCH-01: chosen days limit every side of an OR, and the last day counts in full.
    #[test]
    fn chosen_days_become_part_of_the_query() {
        let filters = |q: &str| Filters {
            q: q.to_owned(),
            range: Range::Custom,
            from: "2026-11-01".to_owned(),
            to: "2026-12-31".to_owned(),
            ..Filters::default()
        };
        assert_eq!(filters("").query(), "after:2026-11-01 before:2027-01-01");
        assert_eq!(filters("a b").query(), "a b after:2026-11-01 before:2027-01-01");
        assert_eq!(filters("a OF b").query(), "(a OF b) after:2026-11-01 before:2027-01-01");
        assert!(query::parse(&filters("a OF b").query()).is_ok());
        assert_eq!(Filters { to: String::new(), ..filters("a") }.query(), "a after:2026-11-01");
        assert_eq!(Filters { range: Range::Week, ..filters("a") }.query(), "a");
    }

    /// SRCH-01: every term gets a chip, and taking one away leaves the others as typed.
    #[test]
    fn every_term_has_a_chip() {
        let found = chips("niveau:fout -bron:api \"dok 3\"").unwrap_or_default();
        let seen: Vec<_> =
            found.iter().map(|chip| (chip.text.as_str(), chip.excluded, chip.without.as_str())).collect();
        assert_eq!(
            seen,
            [
                ("niveau:fout", false, "-bron:api \"dok 3\""),
                ("bron:api", true, "niveau:fout \"dok 3\""),
                ("\"dok 3\"", false, "niveau:fout -bron:api"),
            ]
        );
        assert!(chips("").is_ok_and(|chips| chips.is_empty()));
        assert!(chips("niveau:onzin").is_err());
    }
}
