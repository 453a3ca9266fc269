//! Logs as an Excel workbook, written row by row to disk.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::PathBuf;

use jiff::tz::TimeZone;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use shared::lang::Lang;
use shared::logs::LogOut;
use shared::problem::Code;
use shared::time::Millis;

use super::files;
use super::make::{Go, Out, Portion, Reading, Taker};
use super::order::Order;
use super::text::COLUMNS;
use crate::app::App;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::zone;

/// Rows of a sheet below its heading; Excel has 1,048,576 in all.
const ROWS: u32 = 1_000_000;
/// Characters of a cell, counted as Excel does (UTF-16).
const CELL: usize = 32_767;
/// Stands at the end of a cell that was too long.
const CUT: &str = " […]";
/// Widths of the columns, in characters.
const WIDTHS: [f64; 9] = [9.0, 20.0, 20.0, 22.0, 10.0, 60.0, 12.0, 16.0, 80.0];

/// What the first sheet tells.
#[derive(Debug)]
pub struct About {
    /// Name of the customer.
    pub customer: String,
    /// The query; empty for all logs.
    pub filter: String,
    /// When the export was made.
    pub exported_at: Millis,
    /// Zone of the times.
    pub zone: String,
}

/// Writes the workbook to disk and hands it over when it is complete: its index stands at the end.
///
/// # Errors
/// When the logs cannot be read or the file not be kept.
pub async fn write<T: Taker>(
    app: &App,
    order: &Order,
    mut reading: Reading<'_>,
    out: &mut Out<'_, T>,
) -> Answer<Go> {
    let (folder, zone, lang) = (app.config.export_dir(), order.zone.zone.clone(), order.lang);
    let mut book = blocking(move || Book::new(folder, &zone, lang)).await?;
    while let Some(logs) = reading.next().await? {
        out.count(Portion::of(&logs));
        // Writing takes a while; other requests go on.
        book = blocking(move || logs.iter().try_for_each(|log| book.add(log)).map(|()| book)).await?;
        if out.go().await? == Go::Stop {
            return Ok(Go::Stop);
        }
    }
    let about = About {
        customer: order.customer.name.clone(),
        filter: order.asked.query.to_string(),
        exported_at: order.made_at,
        zone: order.zone.name.clone(),
    };
    let file = blocking(move || book.finish(&about)).await?;
    out.put_file(file).await
}

/// A workbook that grows.
pub struct Book {
    workbook: Workbook,
    /// Where it grows: what belongs to customers stays out of the folder that every program may look into.
    folder: PathBuf,
    /// Row that is written next, of the last sheet; none before the first log.
    next: Option<u32>,
    zone: TimeZone,
    lang: Lang,
    time: Format,
    bold: Format,
    logs: u64,
    shortened: u64,
}

fn broken(error: &XlsxError) -> Problem {
    Problem::new(Code::Internal).caused_by(error)
}

fn io(error: &std::io::Error) -> Problem {
    Problem::new(Code::Internal).caused_by(error)
}

impl Book {
    /// An empty workbook; its first sheet is kept for what it tells about itself.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn new(folder: PathBuf, zone: &TimeZone, lang: Lang) -> Answer<Self> {
        files::make_folder(&folder).map_err(|error| io(&error))?;
        let mut workbook = Workbook::new();
        workbook.set_tempdir(&folder).map_err(|error| broken(&error))?;
        workbook.add_worksheet();
        let mut book = Self {
            workbook,
            folder,
            next: None,
            zone: zone.clone(),
            lang,
            time: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss.000"),
            bold: Format::new().set_bold(),
            logs: 0,
            shortened: 0,
        };
        book.add_sheet().map_err(|error| broken(&error))?;
        Ok(book)
    }

    fn add_sheet(&mut self) -> Result<(), XlsxError> {
        let number = self.logs / u64::from(ROWS) + 1;
        let bold = self.bold.clone();
        let sheet = self.workbook.add_worksheet_with_constant_memory()?;
        sheet.set_name(if number == 1 { "Logs".to_owned() } else { format!("Logs {number}") })?;
        sheet.set_freeze_panes(1, 0)?;
        for ((column, name), width) in (0_u16..).zip(COLUMNS).zip(WIDTHS) {
            sheet.set_column_width(column, width)?;
            sheet.write_string_with_format(0, column, name, &bold)?;
        }
        self.next = Some(1);
        Ok(())
    }

    /// Adds a log.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn add(&mut self, log: &LogOut) -> Answer<()> {
        self.write(log).map_err(|error| broken(&error))
    }

    fn write(&mut self, log: &LogOut) -> Result<(), XlsxError> {
        if self.next.is_none_or(|next| next > ROWS) {
            self.add_sheet()?;
        }
        let row = self.next.unwrap_or(1);
        let (time, zone) = (self.time.clone(), self.zone.clone());
        let mut shortened = 0;
        let sheet = last(&mut self.workbook)?;
        // Numbers of logs are far below 2⁵³.
        sheet.write_number(row, 0, log.id as f64)?;
        for (column, at) in [(1, log.timestamp), (2, log.received_at)] {
            match local(&zone, at) {
                Some(local) => sheet.write_datetime_with_format(row, column, &local, &time)?,
                // Before 1900 Excel knows no dates.
                None => sheet.write_string(row, column, at.to_rfc3339())?,
            };
        }
        let texts = [
            log.kind.as_str(),
            log.level.as_str(),
            log.message.as_deref().unwrap_or_default(),
            &log.source,
            log.ip_address.as_deref().unwrap_or_default(),
            log.data.as_deref().unwrap_or_default(),
        ];
        for (column, text) in (3_u16..).zip(texts) {
            if text.is_empty() {
                continue;
            }
            let fitting = fitting(text);
            shortened += u64::from(fitting.is_some());
            // A text is never run as a formula, whatever it begins with.
            sheet.write_string(row, column, fitting.as_deref().unwrap_or(text))?;
        }
        self.next = Some(row + 1);
        self.logs += 1;
        self.shortened += shortened;
        Ok(())
    }

    /// Writes what the workbook tells about itself, and gives the finished file.
    ///
    /// # Errors
    /// When the disk cannot be written.
    pub fn finish(mut self, about: &About) -> Answer<File> {
        self.tell(about).map_err(|error| broken(&error))?;
        let mut file = tempfile::tempfile_in(&self.folder).map_err(|error| io(&error))?;
        self.workbook.save_to_writer(&mut file).map_err(|error| broken(&error))?;
        file.seek(SeekFrom::Start(0)).map_err(|error| io(&error))?;
        Ok(file)
    }

    fn tell(&mut self, about: &About) -> Result<(), XlsxError> {
        let nl = self.lang == Lang::Nl;
        let say = |dutch: &'static str, english: &'static str| if nl { dutch } else { english };
        let all = say("alle logs", "all logs");
        let filter = if about.filter.is_empty() { all.to_owned() } else { about.filter.clone() };
        let mut lines = vec![
            (say("Klant", "Customer"), about.customer.clone()),
            (say("Filter", "Filter"), filter),
            (say("Aantal logs", "Number of logs"), self.logs.to_string()),
            (say("Gemaakt op", "Made at"), about.exported_at.to_rfc3339()),
            (say("Tijdzone van de tijden", "Time zone of the times"), about.zone.clone()),
        ];
        if self.shortened > 0 {
            let note = say(
                "cellen zijn ingekort tot 32.767 tekens, eindigend op […]; NDJSON en CSV zijn volledig",
                "cells were cut to 32,767 characters and end in […]; NDJSON and CSV are complete",
            );
            lines.push((say("Ingekort", "Shortened"), format!("{} {note}", self.shortened)));
        }
        let (bold, name) = (self.bold.clone(), say("Over dit bestand", "About this file"));
        let sheet = self.workbook.worksheet_from_index(0)?;
        sheet.set_name(name)?;
        sheet.set_column_width(0, 26)?;
        sheet.set_column_width(1, 90)?;
        for (row, (label, text)) in (0_u32..).zip(&lines) {
            sheet.write_string_with_format(row, 0, *label, &bold)?;
            sheet.write_string(row, 1, fitting(text).as_deref().unwrap_or(text))?;
        }
        Ok(())
    }
}

fn last(workbook: &mut Workbook) -> Result<&mut Worksheet, XlsxError> {
    let count = workbook.worksheets().len();
    workbook.worksheet_from_index(count.saturating_sub(1))
}

/// The local time as Excel counts it; none before 1900 and after 9999.
fn local(zone: &TimeZone, at: Millis) -> Option<ExcelDateTime> {
    let local = zone::local(zone, at);
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(local.year()).ok()?, part(local.month()), part(local.day()))
        .ok()?
        .and_hms_milli(
            u16::from(part(local.hour())),
            part(local.minute()),
            part(local.second()),
            u16::try_from(local.millisecond()).ok()?,
        )
        .ok()
}

/// A text that is too long for a cell, cut; none for one that fits.
fn fitting(text: &str) -> Option<String> {
    if text.len() <= CELL || text.chars().map(char::len_utf16).sum::<usize>() <= CELL {
        return None;
    }
    let mut left = CELL - CUT.chars().map(char::len_utf16).sum::<usize>();
    let fits = |c: &char| {
        let fits = c.len_utf16() <= left;
        left = left.saturating_sub(c.len_utf16());
        fits
    };
    Some(text.chars().take_while(fits).chain(CUT.chars()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// EXP-03, GEN-10: cells hold what Excel can hold, and what was cut says so.
    #[test]
    fn long_texts_are_cut_visibly() {
        assert_eq!(fitting(&"x".repeat(CELL)), None);
        assert_eq!(fitting(&"é".repeat(CELL)), None);
        for text in ["x".repeat(CELL + 1), "🚚".repeat(CELL)] {
            let cut = fitting(&text).unwrap();
            assert!(cut.ends_with(CUT) && cut.chars().map(char::len_utf16).sum::<usize>() <= CELL);
        }
    }

    /// EXP-03: times before Excel's calendar are no dates.
    #[test]
    fn only_dates_that_excel_knows_are_dates() {
        let zone = zone::find("Europe/Amsterdam").unwrap();
        let at = |text: &str| Millis::from_rfc3339(text).unwrap();
        assert!(local(&zone, at("2026-03-29T01:30:00.250Z")).is_some());
        assert!(local(&zone, at("1850-01-01T00:00:00Z")).is_none());
    }
}
