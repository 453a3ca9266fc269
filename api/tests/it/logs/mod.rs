//! Recording logs and getting them back.

mod batch;
mod counts;
mod data;
mod limits;
mod list;
mod shapes;
mod times;
