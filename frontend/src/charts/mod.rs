//! Own SVG charts: pure geometry from numbers to paths, drawn at the measured width so that text stays 12 px.

pub mod axis;
pub mod plot;
pub mod scale;
pub mod sparkline;
pub mod time_series;

pub use sparkline::sparkline;
pub use time_series::{Point, TimeSeries};
