//! Measures the product beside yardsticks in one run and prints ratios (data-and-performance design §5).
//!
//! Times are never asserted. RGC: group commit of the same rows by threads without HTTP. REF: accept loop and
//! writer without product logic. HELLO: the product's accept loop answering a constant. RAW: the same query on
//! SQLite directly. All of them flush before they answer, unless the table says otherwise.

#![expect(clippy::expect_used, reason = "a test or measurement ends where something is not as it must be")]

mod load;
mod postgres;
mod process;
mod product;
mod reads;
mod report;
mod writes;
mod yardsticks;

use std::time::Duration;

use report::{Keep, Report};

/// Size of a run.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Time of each measurement.
    pub each: Duration,
    /// Rows of the large database, in steps.
    pub rows: &'static [u64],
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let given = |name: &str| arguments.iter().any(|argument| argument == name);
    let quick = given("--quick");
    let plan = if quick {
        Plan { each: Duration::from_secs(1), rows: &[100_000] }
    } else if given("--huge") {
        Plan { each: Duration::from_secs(4), rows: &[1_000_000, 10_000_000] }
    } else {
        Plan { each: Duration::from_secs(4), rows: &[1_000_000] }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("runtime");
    let mut report = Report::start(plan);
    // `singles`, `batches`, `postgres`, `neighbour`, `log-ins`, `reads`, `process`: only these parts.
    let parts: Vec<&str> =
        arguments.iter().skip(1).map(String::as_str).filter(|name| !name.starts_with('-')).collect();
    let wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    runtime.block_on(async {
        if wanted("singles") {
            writes::singles(plan, &mut report).await;
        }
        if wanted("batches") {
            writes::batches(plan, &mut report).await;
        }
        if wanted("postgres") {
            postgres::batches(plan, &mut report).await;
        }
        if wanted("neighbour") {
            writes::neighbour(plan, &mut report).await;
        }
        if wanted("log-ins") {
            writes::log_ins(plan, &mut report).await;
        }
        if wanted("reads") {
            let (directory, key) = reads::reads(plan, &mut report).await;
            process::large(plan, directory.path(), &key, &mut report).await;
        }
        if wanted("process") {
            let bytes = arguments.iter().find_map(|argument| argument.strip_prefix("--web-app-bytes="));
            process::small(bytes.and_then(|text| text.parse().ok()), &mut report).await;
        }
    });
    report.finish(match (quick, given("--slow-disk"), parts.is_empty()) {
        (false, true, _) => Keep::Append,
        (false, false, true) => Keep::Write,
        _ => Keep::No,
    });
}
