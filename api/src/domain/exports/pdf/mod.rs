//! Logs as a PDF report: what it is about, figures, charts, and the first logs; accessible (PDF/UA-1), with its letters in
//! it, made from the same counts that the analysis gives.

mod chart;
mod face;
mod sheet;
mod words;

use std::time::Duration;

use sha2::{Digest, Sha256};
use shared::analytics::{FacetsOut, HistogramOut};
use shared::exports::MAX_PDF_ROWS;
use shared::logs::LogOut;
use shared::problem::Code;
use shared::time::Millis;

use self::face::Weight;
use self::sheet::{Info, MARGIN, Mark, Part, Shade, Sheet, WIDE};
use self::words::Words;
use super::make::{self, Go, Out, Portion, Reading, Taker};
use super::order::Order;
use super::text::ndjson_row;
use crate::app::App;
use crate::domain::logs::counts;
use crate::domain::logs::finder::connect;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::crypto;

/// How long figures may be counted; beyond it the report says what they cover.
const BUDGET: Duration = Duration::from_secs(20);
/// Characters of a text that are looked at; more never fit.
const MOST_CHARS: usize = 900;
/// Lines of a cell.
const MOST_LINES: usize = 6;
/// Left edges and widths of the columns, and the right edge of the table.
const COLUMNS: [(f32, f32); 5] =
    [(0.0, 46.0), (46.0, 96.0), (142.0, 50.0), (192.0, 92.0), (284.0, WIDE - 284.0)];
/// Room between two columns.
const GAP: f32 = 6.0;
const ROW_SIZE: f32 = 7.5;
const ROW_LINE: f32 = 10.0;

/// A log as the table shows it.
struct Line {
    id: i64,
    at: Millis,
    level: &'static str,
    kind: String,
    text: String,
    /// Whether the text goes on.
    longer: bool,
}

/// What a report tells.
struct Report {
    words: Words,
    customer: String,
    filter: String,
    made_at: Millis,
    up_to: i64,
    test: bool,
    total: i64,
    over_time: HistogramOut,
    values: FacetsOut,
    lines: Vec<Line>,
    sha256: String,
}

fn line(log: &LogOut) -> Line {
    let text = log.message.as_deref().or(log.data.as_deref()).unwrap_or_default();
    let short: String = text.chars().take(MOST_CHARS).collect();
    Line {
        id: log.id,
        at: log.timestamp,
        level: log.level.as_str(),
        kind: log.kind.clone(),
        longer: short.len() < text.len(),
        text: short,
    }
}

/// Counts, reads the first logs, and hands over the report.
///
/// # Errors
/// When the logs cannot be read or the file not be kept.
pub async fn write<T: Taker>(
    app: &App,
    order: &Order,
    mut reading: Reading<'_>,
    out: &mut Out<'_, T>,
) -> Answer<Go> {
    let total = make::count(app, order).await?;
    let mut search = order.search();
    search.budget = BUDGET;
    let mut conn = connect(app, order.key).await?;
    let over_time = counts::histogram(&search, &mut conn, None, &order.zone, order.made_at).await?;
    let values =
        counts::facets(&search, &mut conn, &["level", "kind"], chart::MOST_BARS, order.made_at).await?;
    drop(conn);
    // The rows are hashed as NDJSON gives them, so that anybody can check the report against the logs.
    let (mut hash, mut lines, mut bytes) = (Sha256::new(), Vec::new(), Vec::new());
    while let Some(logs) = reading.next().await? {
        out.count(Portion::of(&logs));
        for log in logs {
            lines.push(line(&log));
            ndjson_row(&mut bytes, log)?;
            hash.update(&bytes);
            bytes.clear();
        }
        if out.go().await? == Go::Stop {
            return Ok(Go::Stop);
        }
    }
    let report = Report {
        words: Words { lang: order.lang, zone: order.zone.clone() },
        customer: order.customer.name.clone(),
        filter: order.asked.query.to_string(),
        made_at: order.made_at,
        up_to: order.up_to,
        test: order.key.space.is_test(),
        total,
        over_time,
        values,
        lines,
        sha256: crypto::hex(&hash.finalize()),
    };
    let broken = |reason: String| Problem::new(Code::Internal).caused_by(&std::io::Error::other(reason));
    let file = blocking(move || report.write().map_err(broken)).await?;
    out.put(file).await
}

fn text(at: (f32, f32), size: f32, weight: Weight, shade: Shade, text: &str) -> Mark {
    Mark::Text { at, size, weight, shade, text: text.to_owned() }
}

impl Report {
    fn write(&self) -> Result<Vec<u8>, String> {
        let words = &self.words;
        let mut sheet = Sheet::new();
        let title = words.say("Lograpport", "Log report");
        let (customer, _) = face::shown(&self.customer);
        sheet.y += 20.0;
        sheet.put(Part::Heading(1, vec![text((MARGIN, sheet.y), 20.0, Weight::Bold, Shade::Ink, title)]));
        sheet.y += 14.0;
        self.about(&mut sheet, &customer);
        self.tiles(&mut sheet);
        self.charts(&mut sheet);
        self.table(&mut sheet);
        sheet.write(&Info {
            title: format!("{title} – {customer}"),
            lang: words.lang,
            made_at: self.made_at,
            foot: format!("MVAI Connexx – {title} – {}", cut(&customer, 60)),
            page_of: (words.say("pagina", "page"), words.say("van", "of")),
            table: words.say("De logs van het rapport", "The logs of the report").to_owned(),
        })
    }

    fn rows(&self) -> i64 {
        i64::try_from(self.lines.len()).unwrap_or(i64::MAX)
    }

    fn about(&self, sheet: &mut Sheet, customer: &str) {
        let words = &self.words;
        let all = words.say("alle logs", "all logs");
        let (filter, _) = face::shown(if self.filter.is_empty() { all } else { &self.filter });
        let (from, to) = (self.over_time.from, self.over_time.to);
        let mut about = vec![
            (words.say("Klant", "Customer"), customer.to_owned()),
            (words.say("Filter", "Filter"), filter),
            (words.say("Periode", "Period"), format!("{} – {}", words.time(from), words.time(to))),
            (words.say("Tijdzone", "Time zone"), words.zone.name.clone()),
            (words.say("Gemaakt op", "Made at"), words.time(self.made_at)),
            (
                words.say("Logs tot en met", "Logs up to"),
                format!("{} {}", words.say("nummer", "number"), self.up_to),
            ),
            (
                words.say("SHA-256 van de rijen", "SHA-256 of the rows"),
                format!("{} ({})", self.sha256, words.say("rijen als NDJSON", "rows as NDJSON")),
            ),
        ];
        if self.test {
            let note = words.say("testruimte: geen echte gegevens", "test space: no real data");
            about.insert(1, (words.say("Ruimte", "Space"), note.to_owned()));
        }
        for (label, value) in about {
            let (lines, _) = face::wrap(&value, Weight::Regular, 9.0, WIDE - 110.0, 60);
            for (at, line) in lines.iter().enumerate() {
                sheet.room(13.0);
                sheet.y += 13.0;
                let mut marks = Vec::new();
                if at == 0 {
                    marks.push(text(
                        (MARGIN, sheet.y),
                        9.0,
                        Weight::Bold,
                        Shade::Muted,
                        &format!("{label} "),
                    ));
                }
                marks.push(text((MARGIN + 110.0, sheet.y), 9.0, Weight::Regular, Shade::Ink, line));
                sheet.put(Part::Paragraph(marks));
            }
        }
        sheet.y += 16.0;
    }

    fn tiles(&self, sheet: &mut Sheet) {
        let words = &self.words;
        let level = |names: &[&str]| {
            let levels = self.values.facets.first().into_iter().flat_map(|facet| &facet.values);
            levels.filter(|value| names.contains(&value.value.as_str())).map(|value| value.count).sum::<i64>()
        };
        let kinds = self.values.facets.get(1).map_or(0, |facet| facet.distinct);
        let tiles = [
            (words.say("Logs", "Logs"), self.total),
            (words.say("Fouten en kritiek", "Errors and critical"), level(&["error", "critical"])),
            (words.say("Waarschuwingen", "Warnings"), level(&["warning"])),
            (words.say("Soorten", "Kinds"), kinds),
        ];
        sheet.room(52.0);
        let width = (WIDE - 3.0 * 10.0) / 4.0;
        for (at, (label, value)) in tiles.into_iter().enumerate() {
            let left = MARGIN + (width + 10.0) * at as f32;
            let area = Mark::Area { area: (left, sheet.y, width, 46.0), shade: Shade::Soft };
            sheet.put(Part::Decoration(vec![area]));
            let label = format!("{label} ");
            sheet.put(Part::Paragraph(vec![
                text((left + 10.0, sheet.y + 15.0), 8.0, Weight::Regular, Shade::Muted, &label),
                text((left + 10.0, sheet.y + 36.0), 17.0, Weight::Bold, Shade::Ink, &words.number(value)),
            ]));
        }
        sheet.y += 62.0;
        if !(self.over_time.complete && self.values.complete) {
            let n = words.number(self.over_time.n.min(self.values.n));
            let note = match words.lang {
                shared::lang::Lang::Nl => {
                    format!(
                        "Niveaus, soorten en grafieken gaan over de nieuwste {n} logs; alles tellen duurde te lang."
                    )
                }
                shared::lang::Lang::En => {
                    format!("Levels, kinds and charts cover the newest {n} logs; counting all took too long.")
                }
            };
            self.note(sheet, &note);
        }
    }

    fn note(&self, sheet: &mut Sheet, note: &str) {
        let (note, _) = face::shown(note);
        let (lines, _) = face::wrap(&note, Weight::Regular, 8.5, WIDE, 10);
        sheet.room(12.0 * lines.len() as f32);
        let mut marks = Vec::new();
        for line in &lines {
            marks.push(text((MARGIN, sheet.y + 8.0), 8.5, Weight::Regular, Shade::Ink, line));
            sheet.y += 12.0;
        }
        sheet.put(Part::Paragraph(marks));
    }

    fn heading(sheet: &mut Sheet, heading: &str, with: f32) {
        sheet.room(30.0 + with);
        sheet.y += 14.0;
        sheet.put(Part::Heading(2, vec![text((MARGIN, sheet.y), 12.0, Weight::Bold, Shade::Ink, heading)]));
        sheet.y += 12.0;
    }

    fn charts(&self, sheet: &mut Sheet) {
        let words = &self.words;
        let per = words.unit(self.over_time.unit);
        Self::heading(sheet, &format!("{} {per}", words.say("Logs per", "Logs per")), chart::OVER_TIME);
        let (marks, said) = chart::over_time(words, &self.over_time, (MARGIN, sheet.y));
        sheet.put(Part::Figure(said, marks));
        sheet.y += chart::OVER_TIME;
        let mut below = 0.0_f32;
        let width = (WIDE - 24.0) / 2.0;
        let headings =
            [words.say("Logs per niveau", "Logs by level"), words.say("Logs per soort", "Logs by kind")];
        sheet.room(170.0);
        let top = sheet.y + 14.0;
        for (at, (heading, facet)) in headings.into_iter().zip(&self.values.facets).enumerate() {
            let left = MARGIN + (width + 24.0) * at as f32;
            sheet.put(Part::Heading(2, vec![text((left, top), 12.0, Weight::Bold, Shade::Ink, heading)]));
            let (marks, said, height) = chart::by_value(words, facet, (left, top + 8.0), width);
            if !marks.is_empty() {
                sheet.put(Part::Figure(said, marks));
            }
            below = below.max(height);
        }
        sheet.y = top + 8.0 + below + 8.0;
    }

    fn table(&self, sheet: &mut Sheet) {
        let words = &self.words;
        let (mut replaced, mut shortened) = (0, 0);
        let mut rows = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let cells = [
                line.id.to_string(),
                words.time(line.at),
                line.level.to_owned(),
                line.kind.clone(),
                line.text.clone(),
            ];
            let mut cut_here = line.longer;
            let cells = cells.map(|cell| face::shown(&cell));
            replaced += cells.iter().map(|(_, replaced)| replaced).sum::<usize>();
            let mut lines: Vec<Vec<String>> = Vec::with_capacity(cells.len());
            for ((cell, _), (_, width)) in cells.iter().zip(COLUMNS) {
                let (wrapped, cut) = face::wrap(cell, Weight::Regular, ROW_SIZE, width - GAP, MOST_LINES);
                cut_here |= cut;
                lines.push(wrapped);
            }
            shortened += usize::from(cut_here);
            rows.push(lines);
        }
        Self::heading(sheet, words.say("Logs", "Logs"), 60.0);
        self.notes(sheet, shortened, replaced);
        if rows.is_empty() {
            return;
        }
        sheet.y += 6.0;
        sheet.room(ROW_LINE * 4.0);
        self.head(sheet);
        for (at, lines) in rows.into_iter().enumerate() {
            let tall = lines.iter().map(Vec::len).max().unwrap_or(1) as f32 * ROW_LINE + 4.0;
            if sheet.room(tall) {
                self.head(sheet);
            }
            if at % 2 == 1 {
                let area = Mark::Area { area: (MARGIN, sheet.y, WIDE, tall), shade: Shade::Soft };
                sheet.put(Part::Decoration(vec![area]));
            }
            let cells = lines.iter().zip(COLUMNS).map(|(lines, (left, _))| {
                let place = |at: usize| (MARGIN + left + 2.0, sheet.y + 9.5 + ROW_LINE * at as f32);
                let one = |(at, line): (usize, &String)| {
                    text(place(at), ROW_SIZE, Weight::Regular, Shade::Ink, line)
                };
                lines.iter().enumerate().map(one).collect()
            });
            let cells = cells.collect();
            sheet.put(Part::Row(cells));
            sheet.y += tall;
        }
    }

    fn head(&self, sheet: &mut Sheet) {
        let words = &self.words;
        let names = [
            words.say("Nr.", "No."),
            words.say("Tijd", "Time"),
            words.say("Niveau", "Level"),
            words.say("Soort", "Kind"),
            words.say("Bericht", "Message"),
        ];
        let y = sheet.y + 10.0;
        let cells = names.into_iter().zip(COLUMNS).map(|(name, (left, _))| {
            vec![text((MARGIN + left + 2.0, y), ROW_SIZE, Weight::Bold, Shade::Ink, name)]
        });
        sheet.put(Part::Head(cells.collect()));
        let rule = Mark::Area { area: (MARGIN, sheet.y + 14.0, WIDE, 0.75), shade: Shade::Accent };
        sheet.put(Part::Decoration(vec![rule]));
        sheet.y += 16.0;
    }

    fn notes(&self, sheet: &mut Sheet, shortened: usize, replaced: usize) {
        let words = &self.words;
        let nl = words.lang == shared::lang::Lang::Nl;
        let number = |value: usize| words.number(i64::try_from(value).unwrap_or(i64::MAX));
        let (rows, total) = (words.number(self.rows()), words.number(self.total));
        let first = match (self.rows() < self.total, nl) {
            (true, true) => format!(
                "De tabel toont de eerste {rows} van {total} logs in volgorde van aankomst; een rapport bevat er ten hoogste {}. Alle logs staan in de export als CSV of NDJSON.",
                number(MAX_PDF_ROWS)
            ),
            (true, false) => format!(
                "The table shows the first {rows} of {total} logs in order of arrival; a report holds {} at most. The export as CSV or NDJSON holds all of them.",
                number(MAX_PDF_ROWS)
            ),
            (false, true) => format!("De tabel toont alle {total} logs in volgorde van aankomst."),
            (false, false) => format!("The table shows all {total} logs in order of arrival."),
        };
        self.note(sheet, &first);
        if shortened > 0 {
            let cut = number(shortened);
            self.note(
                sheet,
                &if nl {
                    format!("Ingekort, eindigend op […]: {cut} rijen. CSV en NDJSON zijn volledig.")
                } else {
                    format!("Cut, ending in […]: {cut} rows. CSV and NDJSON are complete.")
                },
            );
        }
        if replaced > 0 {
            let count = number(replaced);
            self.note(sheet, &if nl {
                format!("Tekens zonder letterbeeld staan als \u{FFFD}: {count}. CSV en NDJSON zijn volledig.")
            } else {
                format!("Characters that cannot be shown stand as \u{FFFD}: {count}. CSV and NDJSON are complete.")
            });
        }
    }
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    cut
}
