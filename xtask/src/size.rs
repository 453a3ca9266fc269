//! Measures the web app in `dist/` as a browser downloads it, against its budget.

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::system::{self, Need};
use crate::table;

/// 1 KB is 1,000 bytes, as in the design.
const KB: u64 = 1_000;
/// What a first visit may download: the goal of the design, and the gate.
const VISIT_BUDGET: u64 = 260 * KB;
/// The gate of everything together, a little above what it weighs; what raises it says in its commit what was bought.
const TOTAL_BUDGET: u64 = 790 * KB;
/// A part and what it has in common with others: what the first page in it costs.
const PART_BUDGET: u64 = 200 * KB;
const FONT_BUDGET: u64 = 21 * KB;

/// Prints path and size of every file, compressed as the server sends it.
const MEASURE: &str = r#"
const fs = require("fs"), path = require("path"), zlib = require("zlib");
const root = process.argv[1];
const files = fs.readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
for (const entry of files) {
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  const bytes = fs.readFileSync(file);
  const params = { [zlib.constants.BROTLI_PARAM_QUALITY]: 11, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const sent = /\.woff2$/.test(file) ? bytes.length : zlib.brotliCompressSync(bytes, { params }).length;
  console.log(`${sent}\t${bytes.length}\t${path.relative(root, file)}`);
}
"#;

/// One file of the web app.
#[derive(Debug, PartialEq)]
struct Asset {
    sent: u64,
    raw: u64,
    path: String,
}

/// What the first visit of a customer downloads from `dist/`, in bytes.
pub fn first_visit(workspace: &Workspace) -> Done<u64> {
    Ok(sum(&measure(workspace)?, |asset| asset.comes(Visit::Overview)))
}

/// What somebody sees first; `frontend/e2e/budget.mjs` compares it with what a browser asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Visit {
    /// The start page.
    Public,
    /// Signing in, and the overview of a customer.
    Overview,
}

impl Asset {
    /// The name of the part that a file belongs to; the main module and other files belong to none.
    fn part(&self) -> Option<&str> {
        let (name, _) = self.path.strip_suffix(".wasm")?.rsplit_once('-')?;
        (name != "frontend").then_some(name)
    }

    /// Whether a visit downloads the file.
    fn comes(&self, visit: Visit) -> bool {
        self.part().is_none() && (visit == Visit::Overview || !self.path.contains(MONO))
    }
}

/// The font of numbers, codes and keys: the start page has none of these.
const MONO: &str = "geist-mono";

/// The part that others need as well.
const COMMON: &str = "common";

fn sum(assets: &[Asset], counts: impl Fn(&Asset) -> bool) -> u64 {
    assets.iter().filter(|asset| counts(asset)).map(|asset| asset.sent).sum()
}

/// The files in `dist/` that browsers download to show pages.
fn measure(workspace: &Workspace) -> Done<Vec<Asset>> {
    let dist = workspace.dist();
    if !dist.join("index.html").is_file() {
        return Err(format!("{} is not built; run `cargo xtask dist`", workspace.shown(&dist)));
    }
    system::ensure(&[Need::Node])?;
    let printed = process::capture(workspace.command("node").args(["-e", MEASURE]).arg(&dist))?;
    Ok(parse(&printed)?.into_iter().filter(|asset| counts(&asset.path)).collect())
}

/// Measures `dist/` and fails over the budget.
pub fn check(workspace: &Workspace) -> Done {
    let assets = measure(workspace)?;
    let mut rows: Vec<Vec<String>> =
        assets.iter().map(|asset| row(&asset.path, asset.sent, Some(asset.raw))).collect();
    let public = sum(&assets, |asset| asset.comes(Visit::Public));
    let overview = sum(&assets, |asset| asset.comes(Visit::Overview));
    let total = sum(&assets, |_| true);
    rows.push(row("first visit: start page", public, None));
    rows.push(row("first visit: sign-in, overview", overview, None));
    rows.push(row("everything", total, None));
    println!("{}", table::render(&["file", "sent", "raw"], &rows));

    let mut over: Vec<String> = Vec::new();
    let mut limit = |what: &str, bytes: u64, budget: u64| {
        if bytes > budget {
            over.push(format!("{what} is {bytes} bytes, the budget {budget}"));
        }
    };
    limit("the first visit", overview, VISIT_BUDGET);
    limit("the web app", total, TOTAL_BUDGET);
    let common = sum(&assets, |asset| asset.part() == Some(COMMON));
    for asset in &assets {
        match asset.part() {
            Some(COMMON) => {}
            Some(part) => limit(&format!("part {part} with {COMMON}"), asset.sent + common, PART_BUDGET),
            None if asset.path.ends_with(".woff2") => limit(&asset.path, asset.sent, FONT_BUDGET),
            None => {}
        }
    }
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

/// Whether a browser downloads the file to show pages: the page itself, code, styles and fonts.
fn counts(path: &str) -> bool {
    [".html", ".js", ".wasm", ".css", ".woff2"].iter().any(|ending| path.ends_with(ending))
}

fn parse(printed: &str) -> Done<Vec<Asset>> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, '\t');
        let sent = parts.next()?.parse().ok()?;
        let raw = parts.next()?.parse().ok()?;
        Some(Asset { sent, raw, path: parts.next()?.to_owned() })
    };
    let mut assets: Vec<Asset> = printed
        .lines()
        .map(|text| line(text).ok_or_else(|| format!("unexpected output: {text}")))
        .collect::<Done<_>>()?;
    assets.sort_by_key(|asset| std::cmp::Reverse(asset.sent));
    Ok(assets)
}

fn row(name: &str, sent: u64, raw: Option<u64>) -> Vec<String> {
    vec![name.to_owned(), kilobytes(sent), raw.map(kilobytes).unwrap_or_default()]
}

/// A size in KB with one decimal.
pub fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / KB, bytes % KB / 100)
}

#[cfg(test)]
mod tests {
    use super::{Asset, Visit, counts, kilobytes, parse};

    #[test]
    fn the_largest_file_comes_first() {
        let assets = parse("10\t20\ta.css\n30\t40\tb c.wasm\n").unwrap();
        assert_eq!(assets.first(), Some(&Asset { sent: 30, raw: 40, path: "b c.wasm".to_owned() }));
        assert!(parse("x\t1\ta").is_err());
    }

    #[test]
    fn pictures_and_texts_do_not_count() {
        assert!(counts("assets/app_bg.wasm"));
        assert!(!counts("favicon.svg"));
        assert!(!counts("robots.txt"));
    }

    #[test]
    fn parts_are_no_part_of_a_first_visit() {
        let asset = |path: &str| Asset { sent: 1, raw: 1, path: path.to_owned() };
        let main = asset("frontend-0123456789abcdef_bg.wasm");
        assert!(main.part().is_none() && main.comes(Visit::Public));
        let part = asset("logs-0123456789abcdef.wasm");
        assert_eq!(part.part(), Some("logs"));
        assert!(!part.comes(Visit::Overview));
        let mono = asset("fonts/geist-mono-0.woff2");
        assert!(mono.comes(Visit::Overview) && !mono.comes(Visit::Public));
    }

    #[test]
    fn sizes_are_decimal() {
        assert_eq!(kilobytes(29_776), "29.7 KB");
    }
}
