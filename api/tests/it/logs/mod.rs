//! Recording logs and getting them back.

mod batch;
mod counts;
mod data;
mod dry_run;
mod limits;
mod list;
mod shapes;
mod times;
