//! Taking logs out: streamed with constant memory, without a limit, as they were when the export began.

use std::io::Read;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use jiff::tz::TimeZone;
use serde::Serialize;
use shared::access::Permission;
use shared::logs::LogOut;
use shared::problem::Code;
use shared::time::Millis;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::finder::{Order, connect};
use super::model::BookKey;
use super::repo::{self, LogRow};
use super::service::{self, Asked};
use super::xlsx;
use crate::http::auth::{ExportRead, Tenant};
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};
use crate::http::work::blocking;
use crate::util::zone;

/// Logs in one short read; the database is not held between two of them.
const PORTION: usize = 1_000;
/// Bytes of a finished file that are sent at once.
const CHUNK: usize = 64 * 1024;
const DIALECTS: [(&str, Dialect); 2] = [("rfc4180", Dialect::Rfc4180), ("excel-nl", Dialect::ExcelNl)];
/// Columns of a table of logs.
pub(super) const COLUMNS: [&str; 9] =
    ["id", "timestamp", "received_at", "kind", "level", "message", "source", "ip_address", "data"];

/// Form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Csv { dialect: Dialect, exact: bool },
    Ndjson,
    Json,
    Xlsx,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Rfc4180,
    ExcelNl,
}

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

/// The customer in the documented export.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct ExportCustomer {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// The filtered logs as a file.
///
/// # Errors
/// `invalid_query`, `invalid_parameter`, or what the database says.
pub async fn filtered(tenant: Tenant<ExportRead>, params: &Params) -> Answer<Response> {
    let mut asked = service::asked(params, tenant.info.lang)?;
    asked.order = Order::OldestArrival;
    let dialect = params.choice("dialect", &DIALECTS)?.unwrap_or(Dialect::Rfc4180);
    let csv = Format::Csv { dialect, exact: params.flag("exact")? };
    let format = params
        .choice(
            "format",
            &[("csv", csv), ("ndjson", Format::Ndjson), ("json", Format::Json), ("xlsx", Format::Xlsx)],
        )?
        .unwrap_or(csv);
    let (kind, ending) = match format {
        Format::Csv { .. } => ("text/csv; charset=utf-8; header=present", "csv"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
        Format::Json => ("application/json", "json"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    };
    let disposition = disposition(&tenant, ending);
    let body = stream(tenant, asked, format, usize::MAX).await?;
    Ok(respond(body, kind, disposition))
}

/// The documented JSON export.
///
/// # Errors
/// What the database says.
pub async fn document(tenant: Tenant<ExportRead>, limit: usize) -> Answer<Response> {
    let mut asked = service::asked(&Params::default(), tenant.info.lang)?;
    asked.order = Order::OldestArrival;
    let disposition = disposition(&tenant, "json");
    let body = stream(tenant, asked, Format::Json, limit).await?;
    Ok(respond(body, "application/json", disposition))
}

fn respond(body: Body, kind: &'static str, disposition: Option<HeaderValue>) -> Response {
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Some(value) = disposition {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// `mvai_<customer>_logs_<yyyymmdd-hhmm>.<ext>` with a plain and a UTF-8 form (RFC 6266).
fn disposition(tenant: &Tenant<ExportRead>, ending: &str) -> Option<HeaderValue> {
    let at = zone::local(&tenant.customer.zone, tenant.app.clock.now());
    let stamp =
        format!("{:04}{:02}{:02}-{:02}{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute());
    let file = |name: &str| format!("mvai_{name}_logs_{stamp}.{ending}");
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let plain: String = tenant.customer.name.chars().map(safe).collect();
    let full: String =
        tenant.customer.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let encoded: String = file(&full)
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-._".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{}\"; filename*=UTF-8''{encoded}", file(&plain)))
        .ok()
}

async fn stream(tenant: Tenant<ExportRead>, asked: Asked, format: Format, limit: usize) -> Answer<Body> {
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let newest = repo::find_book(&mut connect(&tenant.app, key).await?, key).await?.seq;
    let (sender, receiver) = mpsc::channel::<Result<Bytes, std::io::Error>>(4);
    tokio::spawn(async move {
        let writer = Writer { tenant, asked, key, newest, format, limit };
        let written =
            if format == Format::Xlsx { writer.workbook(&sender).await } else { writer.run(&sender).await };
        if let Err(problem) = written {
            tracing::error!(event = "export_broken", code = problem.code.as_str(), cause = problem.cause());
            // Cutting the connection tells the reader that the file is not complete.
            drop(sender.send(Err(std::io::Error::other("export broken off"))).await);
        }
    });
    Ok(Body::from_stream(
        ReceiverStream::new(receiver)
            .map(|chunk| chunk.map_err(Box::<dyn std::error::Error + Send + Sync>::from)),
    ))
}

struct Writer {
    tenant: Tenant<ExportRead>,
    asked: Asked,
    key: BookKey,
    newest: i64,
    format: Format,
    limit: usize,
}

impl Writer {
    /// Writes the file; `Ok` also when the reader has gone.
    async fn run(&self, sender: &mpsc::Sender<Result<Bytes, std::io::Error>>) -> Answer<()> {
        let zone = &self.tenant.customer.zone;
        let mut search = self.asked.search(self.key, zone);
        search.up_to = Some(self.newest);
        let mut written = 0_usize;
        let mut out = self.head();
        loop {
            // A new connection for each portion: a slow reader holds nothing.
            let mut conn = connect(&self.tenant.app, self.key).await?;
            let found = search.page(&mut conn, PORTION.min(self.limit - written)).await?;
            drop(conn);
            for row in found.rows {
                self.row(&mut out, row, written, zone)?;
                written += 1;
            }
            let truncated = found.next.is_some() && written >= self.limit;
            let more = found.next.filter(|_| !truncated);
            if more.is_none() {
                self.foot(&mut out, written, truncated);
            }
            if sender.send(Ok(Bytes::from(std::mem::take(&mut out)))).await.is_err() {
                return Ok(());
            }
            match more {
                Some(next) => search.after = Some(next),
                None => return Ok(()),
            }
            // Who loses the right to it stops in the middle as well.
            self.tenant.app.still(&self.tenant.principal, Permission::ExportRead).await?;
        }
    }

    /// Writes the logs to a workbook on disk and sends it when it is complete: its index stands at the end.
    async fn workbook(&self, sender: &mpsc::Sender<Result<Bytes, std::io::Error>>) -> Answer<()> {
        let zone = &self.tenant.customer.zone;
        let mut search = self.asked.search(self.key, zone);
        search.up_to = Some(self.newest);
        let mut book = xlsx::Book::new(zone, self.tenant.info.lang)?;
        loop {
            let mut conn = connect(&self.tenant.app, self.key).await?;
            let found = search.page(&mut conn, PORTION).await?;
            drop(conn);
            // Writing takes a while; other requests go on.
            book = blocking(move || {
                found.rows.into_iter().try_for_each(|row| book.add(&row.out())).map(|()| book)
            })
            .await?;
            match found.next {
                Some(next) if !sender.is_closed() => search.after = Some(next),
                Some(_) => return Ok(()),
                None => break,
            }
            self.tenant.app.still(&self.tenant.principal, Permission::ExportRead).await?;
        }
        let about = xlsx::About {
            customer: self.tenant.customer.name.clone(),
            filter: self.asked.query.to_string(),
            exported_at: self.tenant.app.clock.now(),
            zone: self.tenant.customer.time_zone.clone(),
        };
        let mut file = blocking(move || book.finish(&about)).await?;
        loop {
            let (rest, chunk) = blocking(move || {
                let mut chunk = vec![0; CHUNK];
                let read =
                    file.read(&mut chunk).map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
                chunk.truncate(read);
                Ok((file, chunk))
            })
            .await?;
            file = rest;
            if chunk.is_empty() || sender.send(Ok(Bytes::from(chunk))).await.is_err() {
                return Ok(());
            }
        }
    }

    fn head(&self) -> Vec<u8> {
        match self.format {
            Format::Csv { dialect: Dialect::Rfc4180, .. } => {
                format!("{}\r\n", COLUMNS.join(",")).into_bytes()
            }
            Format::Csv { dialect: Dialect::ExcelNl, .. } => {
                format!("\u{feff}{}\r\n", COLUMNS.join(";")).into_bytes()
            }
            Format::Ndjson | Format::Xlsx => Vec::new(),
            Format::Json => {
                let customer =
                    ExportCustomer { id: self.key.customer.0, name: self.tenant.customer.name.clone() };
                let customer = serde_json::to_string(&customer).unwrap_or_default();
                let at = self.tenant.app.clock.now().to_rfc3339();
                format!("{{\"customer\":{customer},\"exported_at\":\"{at}\",\"logs\":[").into_bytes()
            }
        }
    }

    fn row(&self, out: &mut Vec<u8>, row: LogRow, at: usize, zone: &TimeZone) -> Answer<()> {
        let broken = |error: serde_json::Error| Problem::new(Code::Internal).caused_by(&error);
        match self.format {
            // A workbook is written by rows of its own.
            Format::Xlsx => {}
            Format::Csv { dialect, exact } => csv_row(out, &row.out(), dialect, exact, zone),
            Format::Ndjson => {
                let mut log = row.out();
                service::expand(std::slice::from_mut(&mut log));
                let start = out.len();
                serde_json::to_writer(&mut *out, &log).map_err(broken)?;
                // Within JSON a line break is white space between values, as it was sent; here it would end the line.
                out.iter_mut()
                    .skip(start)
                    .filter(|byte| matches!(**byte, b'\n' | b'\r'))
                    .for_each(|byte| *byte = b' ');
                out.push(b'\n');
            }
            Format::Json => {
                if at > 0 {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, &row.out()).map_err(broken)?;
            }
        }
        Ok(())
    }

    fn foot(&self, out: &mut Vec<u8>, written: usize, truncated: bool) {
        if self.format == Format::Json {
            out.extend(format!("],\"log_count\":{written},\"truncated\":{truncated}}}").bytes());
        }
    }
}

fn csv_row(out: &mut Vec<u8>, log: &LogOut, dialect: Dialect, exact: bool, zone: &TimeZone) {
    let time = |at: Millis| match dialect {
        Dialect::Rfc4180 => at.to_rfc3339(),
        Dialect::ExcelNl => {
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
    let delimiter = if dialect == Dialect::Rfc4180 { b',' } else { b';' };
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(delimiter);
        }
        csv_cell(out, cell, delimiter, exact);
    }
    out.extend(b"\r\n");
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
