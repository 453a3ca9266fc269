//! Figures about the own logs.

use shared::analytics::{
    CohortsOut, DailyOut, FacetsOut, FindingsOut, ForecastOut, FunnelIn, FunnelOut, GrowthOut, OverviewOut,
    PatternOut, SeriesOut, StatsOut,
};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::Params;

/// The whole dashboard from one snapshot; an unchanged one costs no body.
pub fn overview(api: &AuthedApi, days: u32) -> Reply<OverviewOut> {
    api.fetch_cached(format!("/analytics/overview?days={days}"))
}

/// Headline figures.
pub fn stats(api: &AuthedApi) -> Reply<StatsOut> {
    api.fetch(Call::get("/analytics/stats"))
}

/// Logs per day.
pub fn daily(api: &AuthedApi, days: u32, time_zone: Option<&str>) -> Reply<DailyOut> {
    let query = Params::new().with_int("days", i64::from(days)).with_some("tz", time_zone).finish();
    api.fetch(Call::get(format!("/analytics/daily{query}")))
}

/// Values that a top list shows.
const TOP: i64 = 5;
/// Fields of the top lists; those that nobody uses are not shown.
const TOP_FIELDS: &str = "kind,level,location,carrier,result,ip";

/// Which logs figures are about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Query in the search grammar.
    pub q: String,
    /// Local days of the period, with today.
    pub days: i64,
    /// Earlier period to compare with: `previous`, `year` or none.
    pub compare: &'static str,
}

impl Asked {
    fn params(&self) -> Params {
        Params::new().with("q", &self.q).with_int("days", self.days)
    }
}

/// Logs over time.
pub fn series(api: &AuthedApi, asked: &Asked) -> Reply<SeriesOut> {
    let query = asked.params().with("compare", asked.compare).finish();
    api.fetch(Call::get(format!("/analytics/series{query}")))
}

/// Complete weeks and months beside each other.
pub fn growth(api: &AuthedApi, asked: &Asked) -> Reply<GrowthOut> {
    let query = Params::new().with("q", &asked.q).finish();
    api.fetch(Call::get(format!("/analytics/growth{query}")))
}

/// Logs by weekday and hour.
pub fn pattern(api: &AuthedApi, asked: &Asked) -> Reply<PatternOut> {
    api.fetch(Call::get(format!("/analytics/pattern{}", asked.params().finish())))
}

/// The most frequent values.
pub fn top(api: &AuthedApi, asked: &Asked) -> Reply<FacetsOut> {
    let query = asked.params().with("fields", TOP_FIELDS).with_int("limit", TOP).finish();
    api.fetch(Call::get(format!("/analytics/top{query}")))
}

/// The next four weeks.
pub fn forecast(api: &AuthedApi, asked: &Asked) -> Reply<ForecastOut> {
    let query = Params::new().with("q", &asked.q).finish();
    api.fetch(Call::get(format!("/analytics/forecast{query}")))
}

/// What is unusual.
pub fn findings(api: &AuthedApi) -> Reply<FindingsOut> {
    api.fetch(Call::get("/analytics/findings"))
}

/// The values of a field by the month of their first log.
pub fn cohorts(api: &AuthedApi, field: &str, q: &str) -> Reply<CohortsOut> {
    let query = Params::new().with("field", field).with("q", q).finish();
    api.fetch(Call::get(format!("/analytics/cohorts{query}")))
}

/// How many come from step to step.
pub fn funnel(api: &AuthedApi, asked: &FunnelIn) -> Reply<FunnelOut> {
    api.fetch(Call::post("/analytics/funnel").json(asked))
}
