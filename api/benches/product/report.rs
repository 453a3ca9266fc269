//! The table of a run.

use std::fmt::Write;

use crate::Plan;

/// What becomes of the table beside being printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Nothing.
    No,
    /// It is the document.
    Write,
    /// It is added to the document, under a heading for slow disks.
    Append,
}

/// Lines of the table, and where it goes.
pub struct Report {
    plan: Plan,
    lines: Vec<[String; 4]>,
}

impl Report {
    /// Starts a table.
    pub fn start(plan: Plan) -> Self {
        Self { plan, lines: Vec::new() }
    }

    /// Adds a figure with what it is compared with and the goal.
    pub fn add(&mut self, figure: &str, measured: String, compared: String, goal: &str) {
        eprintln!("{figure}: {measured} | {compared} | {goal}");
        self.lines.push([figure.to_owned(), measured, compared, goal.to_owned()]);
    }

    /// Prints the table and keeps it in `docs/benchmarks.md` as asked.
    pub fn finish(self, keep: Keep) {
        let mut table = "| figure | measured | compared with | goal |\n|---|---|---|---|\n".to_owned();
        for [figure, measured, compared, goal] in &self.lines {
            let _ok = writeln!(table, "| {figure} | {measured} | {compared} | {goal} |");
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/benchmarks.md");
        let text = match keep {
            Keep::Append => format!(
                "{}\n## With a slower disk\n\nThe same with every flush made a millisecond longer (median now {:.3} ms).\n\n{table}",
                std::fs::read_to_string(path).unwrap_or_default(),
                flush_ms()
            ),
            Keep::No | Keep::Write => format!("{}{table}", self.head()),
        };
        println!("{table}");
        if keep != Keep::No {
            std::fs::write(path, text).expect("docs/benchmarks.md");
        }
    }

    fn head(&self) -> String {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpu
            .lines()
            .find_map(|line| line.strip_prefix("model name"))
            .map_or("unknown", |rest| rest.trim_start_matches(['\t', ' ', ':']));
        format!(
            "# Benchmarks\n\nWritten by `cargo xtask bench`: product and yardsticks in one run on the same machine, load from the same\n\
             machine. Ratios carry over, absolutes do not. Every write was flushed before its answer (product, REF and RGC alike).\n\
             What falls short and why stands in [performance.md](performance.md).\n\n\
             Machine: {cores} cores, {model}. Flush of 4 KiB (fdatasync): {:.3} ms median. Large database: {} rows of one customer among 50.\n\n",
            flush_ms(),
            self.plan.rows.last().copied().unwrap_or_default(),
        )
    }
}

/// Median time of a small durable write.
fn flush_ms() -> f64 {
    use std::io::Write as _;
    let dir = tempfile::tempdir().expect("directory");
    let mut file = std::fs::File::create(dir.path().join("flush")).expect("file");
    let mut times: Vec<f64> = (0..200)
        .map(|_| {
            let at = std::time::Instant::now();
            file.write_all(&[0; 4096]).expect("write");
            file.sync_data().expect("flush");
            at.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Writes a rate for people.
pub fn rate(value: f64) -> String {
    if value >= 10_000.0 { format!("{:.1} k/s", value / 1000.0) } else { format!("{value:.0}/s") }
}
