//! Recording logs and getting them back.

mod batch;
mod corrections;
mod counts;
mod data;
mod dry_run;
mod erasure;
mod limits;
mod list;
mod retention;
mod seals;
mod shapes;
mod times;
