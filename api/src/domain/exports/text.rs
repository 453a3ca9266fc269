//! Logs as CSV, NDJSON or one JSON document.

use jiff::tz::TimeZone;
use serde::Serialize;
use shared::exports::{CsvDialect, ExportCustomer, ExportFormat};
use shared::logs::LogOut;
use shared::problem::Code;
use shared::time::Millis;

use super::make::{Go, Out, Portion, Reading, Taker};
use super::order::{Form, Order};
use crate::domain::logs::service;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::zone;

/// Columns of a table of logs.
pub(super) const COLUMNS: [&str; 9] =
    ["id", "timestamp", "received_at", "kind", "level", "message", "source", "ip_address", "data"];

/// The documented export.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExportDocument {
    /// The customer.
    pub customer: ExportCustomer,
    /// When the export was made.
    pub exported_at: Millis,
    /// Logs in it.
    pub log_count: usize,
    /// Whether logs were left out.
    pub truncated: bool,
    /// The logs, oldest first.
    pub logs: Vec<LogOut>,
}

/// Writes the file, a portion of logs at a time; while one is written the next one is read.
///
/// # Errors
/// When the logs cannot be read or the file not be kept.
pub async fn write<T: Taker>(order: &Order, mut reading: Reading<'_>, out: &mut Out<'_, T>) -> Answer<Go> {
    // A file that is continued has its beginning already.
    if order.after == 0 && out.put(head(order)).await? == Go::Stop {
        return Ok(Go::Stop);
    }
    let (form, zone) = (order.form, order.zone.zone.clone());
    let mut written = 0_usize;
    let mut ahead = reading.next().await?;
    while let Some(logs) = ahead.take() {
        let (portion, zone) = (Portion::of(&logs), zone.clone());
        let work = async {
            let bytes = blocking(move || rows(logs, written, form, &zone)).await?;
            if out.put(bytes).await? == Go::Stop { Ok(Go::Stop) } else { out.go().await }
        };
        let (next, went) = tokio::join!(reading.next(), work);
        if went? == Go::Stop {
            return Ok(Go::Stop);
        }
        out.count(portion);
        written += portion.logs;
        ahead = next?;
    }
    if form.format == ExportFormat::Json {
        let foot = format!("],\"log_count\":{written},\"truncated\":{}}}", reading.truncated);
        return out.put(foot.into_bytes()).await;
    }
    Ok(Go::On)
}

/// Logs in the form of the file; `written` are before them.
fn rows(logs: Vec<LogOut>, written: usize, form: Form, zone: &TimeZone) -> Answer<Vec<u8>> {
    let size: usize = logs.iter().map(|log| log.data.as_ref().map_or(0, String::len) + 400).sum();
    let mut bytes = Vec::with_capacity(size);
    for (at, log) in (written..).zip(logs) {
        row(&mut bytes, log, at, form, zone)?;
    }
    Ok(bytes)
}

fn head(order: &Order) -> Vec<u8> {
    match (order.form.format, order.form.dialect) {
        (ExportFormat::Csv, CsvDialect::Rfc4180) => format!("{}\r\n", COLUMNS.join(",")).into_bytes(),
        (ExportFormat::Csv, CsvDialect::ExcelNl) => format!("\u{feff}{}\r\n", COLUMNS.join(";")).into_bytes(),
        (ExportFormat::Json, _) => {
            let customer = ExportCustomer { id: order.key.customer.0, name: order.customer.name.clone() };
            let customer = serde_json::to_string(&customer).unwrap_or_default();
            let at = order.made_at.to_rfc3339();
            format!("{{\"customer\":{customer},\"exported_at\":\"{at}\",\"logs\":[").into_bytes()
        }
        _ => Vec::new(),
    }
}

fn row(out: &mut Vec<u8>, log: LogOut, at: usize, form: Form, zone: &TimeZone) -> Answer<()> {
    match form.format {
        ExportFormat::Csv => csv_row(out, &log, form.dialect, form.exact, zone),
        ExportFormat::Ndjson => ndjson_row(out, log)?,
        _ => {
            if at > 0 {
                out.push(b',');
            }
            serde_json::to_writer(&mut *out, &log).map_err(|error| broken(&error))?;
        }
    }
    Ok(())
}

fn broken(error: &serde_json::Error) -> Problem {
    Problem::new(Code::Internal).caused_by(error)
}

/// Writes a log as a line of NDJSON.
///
/// # Errors
/// `internal_error` when it cannot be written as JSON.
pub fn ndjson_row(out: &mut Vec<u8>, mut log: LogOut) -> Answer<()> {
    service::expand(std::slice::from_mut(&mut log));
    ndjson_line(out, &log)
}

/// Writes a line of NDJSON that may hold JSON as it was sent.
///
/// # Errors
/// `internal_error` when it cannot be written as JSON.
pub fn ndjson_line(out: &mut Vec<u8>, row: &impl Serialize) -> Answer<()> {
    let start = out.len();
    serde_json::to_writer(&mut *out, row).map_err(|error| broken(&error))?;
    // Within JSON a line break is white space between values, as it was sent; here it would end the line.
    out.iter_mut().skip(start).filter(|byte| matches!(**byte, b'\n' | b'\r')).for_each(|byte| *byte = b' ');
    out.push(b'\n');
    Ok(())
}

fn csv_row(out: &mut Vec<u8>, log: &LogOut, dialect: CsvDialect, exact: bool, zone: &TimeZone) {
    let time = |at: Millis| match dialect {
        CsvDialect::Rfc4180 => at.to_rfc3339(),
        CsvDialect::ExcelNl => {
            let local = zone::local(zone, at);
            format!(
                "{:02}-{:02}-{:04} {:02}:{:02}:{:02}",
                local.day(),
                local.month(),
                local.year(),
                local.hour(),
                local.minute(),
                local.second()
            )
        }
    };
    let (id, occurred, received) = (log.id.to_string(), time(log.timestamp), time(log.received_at));
    let cells = [
        id.as_str(),
        &occurred,
        &received,
        &log.kind,
        log.level.as_str(),
        log.message.as_deref().unwrap_or_default(),
        &log.source,
        log.ip_address.as_deref().unwrap_or_default(),
        log.data.as_deref().unwrap_or_default(),
    ];
    let delimiter = if dialect == CsvDialect::Rfc4180 { b',' } else { b';' };
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        csv_cell(out, cell, delimiter, exact);
    }
    out.extend(b"\r\n");
}

/// A line of CSV (RFC 4180) of cells that people may have typed.
#[must_use]
pub fn csv_line(cells: &[String]) -> Vec<u8> {
    let mut out = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        csv_cell(&mut out, cell, b',', false);
    }
    out.extend(b"\r\n");
    out
}

/// Writes a cell: quoted where needed, and guarded against being run as a formula. Numbers are not altered.
fn csv_cell(out: &mut Vec<u8>, cell: &str, delimiter: u8, exact: bool) {
    let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && cell.parse::<f64>().is_err();
    let guard = if formula && !exact { "'" } else { "" };
    let quote = !guard.is_empty()
        || cell.bytes().any(|byte| byte == delimiter || matches!(byte, b'"' | b'\r' | b'\n' | b',' | b';'));
    if quote {
        out.push(b'"');
        out.extend(guard.bytes());
        out.extend(cell.replace('"', "\"\"").bytes());
        out.push(b'"');
    } else {
        out.extend(cell.bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(text: &str, exact: bool) -> String {
        let mut out = Vec::new();
        csv_cell(&mut out, text, b',', exact);
        String::from_utf8(out).unwrap()
    }

    /// EXP-02, F4 of the security goals: formulas are defused unless exactness is asked for; numbers stay.
    #[test]
    fn cells_are_quoted_and_guarded() {
        for (text, guarded, plain) in [
            ("a", "a", "a"),
            ("a,b", "\"a,b\"", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "\"'=1+1\"", "=1+1"),
            ("@cmd", "\"'@cmd\"", "@cmd"),
            ("-5.2", "-5.2", "-5.2"),
            ("-lijst", "\"'-lijst\"", "-lijst"),
            ("\t=1", "\"'\t=1\"", "\t=1"),
            ("", "", ""),
        ] {
            assert_eq!((cell(text, false).as_str(), cell(text, true).as_str()), (guarded, plain), "{text:?}");
        }
    }
}
