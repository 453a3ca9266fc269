//! Measures the web app in `dist/` as a browser downloads it, against its budget.

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::system::{self, Need};
use crate::table;

/// 1 KB is 1,000 bytes, as in the design.
const KB: u64 = 1_000;
/// Where the first visit should be.
const TOTAL_GOAL: u64 = 260 * KB;
/// The gate, a little above what the app weighs; what raises it says in its commit what was bought.
const TOTAL_BUDGET: u64 = 517 * KB;
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

/// What a first visit downloads from `dist/`, in bytes.
pub fn total(workspace: &Workspace) -> Done<u64> {
    Ok(measure(workspace)?.iter().map(|asset| asset.sent).sum())
}

/// The files in `dist/` that a first visit downloads.
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
    let counted = measure(workspace)?;
    let total: u64 = counted.iter().map(|asset| asset.sent).sum();
    let mut rows: Vec<Vec<String>> =
        counted.iter().map(|asset| row(&asset.path, asset.sent, asset.raw)).collect();
    rows.push(row("total", total, counted.iter().map(|asset| asset.raw).sum()));
    println!("{}", table::render(&["file", "sent", "raw"], &rows));

    if total > TOTAL_GOAL {
        println!("{} KB above the goal of {} KB", (total - TOTAL_GOAL) / KB, TOTAL_GOAL / KB);
    }
    let mut over: Vec<String> = Vec::new();
    if total > TOTAL_BUDGET {
        over.push(format!("the web app is {total} bytes, the budget {TOTAL_BUDGET}"));
    }
    let fonts = counted.iter().filter(|asset| asset.path.ends_with(".woff2") && asset.sent > FONT_BUDGET);
    over.extend(fonts.map(|font| format!("{} is {} bytes, the budget {FONT_BUDGET}", font.path, font.sent)));
    if over.is_empty() { Ok(()) } else { Err(over.join("; ")) }
}

/// Whether a first visit downloads the file: pages, code, styles and fonts.
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

fn row(name: &str, sent: u64, raw: u64) -> Vec<String> {
    vec![name.to_owned(), kilobytes(sent), kilobytes(raw)]
}

/// A size in KB with one decimal.
pub fn kilobytes(bytes: u64) -> String {
    format!("{}.{} KB", bytes / KB, bytes % KB / 100)
}

#[cfg(test)]
mod tests {
    use super::{Asset, counts, kilobytes, parse};

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
    fn sizes_are_decimal() {
        assert_eq!(kilobytes(29_776), "29.7 KB");
    }
}
