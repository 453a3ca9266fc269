//! Files of rows that are written line by line while they are sent: CSV or NDJSON, the newest row first.

use axum::response::Response;
use bytes::Bytes;
use serde::Serialize;
use shared::time::Millis;

use super::text::csv_line;
use crate::http::attachment::{LineForm, streamed};
use crate::http::page::NEWEST;
use crate::http::problem::Answer;

/// Rows of a portion.
pub const PORTION: i64 = 500;

/// What a file is, and how its rows become lines.
#[derive(Debug, Clone, Copy)]
pub struct LineFile<T, const N: usize> {
    /// What it is called, see [`streamed`].
    pub name: &'static str,
    /// Its form.
    pub form: LineForm,
    /// Names of the columns.
    pub columns: [&'static str; N],
    /// Cells of a row.
    pub cells: fn(&T) -> [String; N],
    /// The identifier of a row.
    pub id: fn(&T) -> &str,
}

impl<T: Serialize + Send + 'static, const N: usize> LineFile<T, N> {
    fn lines(&self, rows: &[T]) -> Result<Vec<u8>, std::io::Error> {
        let mut out = Vec::new();
        for row in rows {
            match self.form {
                LineForm::Csv => out.extend(csv_line(&(self.cells)(row))),
                LineForm::Ndjson => {
                    serde_json::to_writer(&mut out, row)?;
                    out.push(b'\n');
                }
            }
        }
        Ok(out)
    }

    /// The answer, portion by portion: `fetch` gives those of [`PORTION`] rows that come before an identifier.
    pub fn stream<F>(self, now: Millis, fetch: impl Fn(String) -> F + Send + 'static) -> Response
    where
        F: Future<Output = Answer<Vec<T>>> + Send,
    {
        let (form, name) = (self.form, self.name);
        let (sender, receiver) = tokio::sync::mpsc::channel::<Result<Bytes, std::io::Error>>(2);
        tokio::spawn(async move {
            if self.form == LineForm::Csv {
                let heading = Bytes::from(format!("{}\r\n", self.columns.join(",")));
                if sender.send(Ok(heading)).await.is_err() {
                    return;
                }
            }
            let mut before = NEWEST.to_owned();
            loop {
                let rows =
                    fetch(before).await.map_err(|problem| std::io::Error::other(problem.code.as_str()));
                let last =
                    rows.as_ref().ok().and_then(|rows| rows.last()).map(|row| (self.id)(row).to_owned());
                let part = rows.and_then(|rows| self.lines(&rows)).map(Bytes::from);
                let broken = part.is_err();
                // Whoever has gone, or an error that cuts the connection, ends it.
                if sender.send(part).await.is_err() || broken {
                    return;
                }
                match last {
                    Some(last) => before = last,
                    None => return,
                }
            }
        });
        streamed(receiver, form.media_type(), (name, form.name()), now)
    }
}
