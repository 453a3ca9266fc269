//! What an export takes out: whose logs, which of them, in which form and words.

use std::sync::Arc;

use axum::http::HeaderValue;
use shared::exports::{CsvDialect, ExportFormat};
use shared::lang::Lang;
use shared::problem::Code;
use shared::time::Millis;

use super::repo::Run;
use crate::domain::logs::finder;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::service::{self as logs, Asked};
use crate::http::auth::Customer;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, LogId, Space};
use crate::util::zone::{self, Zone};

/// Form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Its format.
    pub format: ExportFormat,
    /// Kind of CSV.
    pub dialect: CsvDialect,
    /// Whether cells of a CSV stay as they are.
    pub exact: bool,
}

/// What is taken out.
#[derive(Debug)]
pub struct Order {
    /// Whose logs.
    pub customer: Arc<Customer>,
    /// Space of the logs.
    pub key: BookKey,
    /// The filter; its order is that of arrival, oldest first.
    pub asked: Asked,
    /// Form of the file.
    pub form: Form,
    /// Most logs.
    pub limit: usize,
    /// Logs with a higher number only.
    pub after: i64,
    /// Logs up to this number only; what arrives later is left out.
    pub up_to: i64,
    /// Language of words in the file.
    pub lang: Lang,
    /// Zone of times in the file.
    pub zone: Zone,
    /// When it was asked for.
    pub made_at: Millis,
}

impl Order {
    /// The order of a stored export.
    ///
    /// # Errors
    /// `internal_error` when a stored word is none of ours, `invalid_query` when the grammar has changed.
    pub fn of(run: &Run, customer: Arc<Customer>) -> Answer<Self> {
        let strange = || Problem::new(Code::Internal);
        let lang = Lang::from_code(&run.language).unwrap_or_default();
        let form = Form {
            format: format_of(&run.format).ok_or_else(strange)?,
            dialect: dialect_of(&run.dialect).ok_or_else(strange)?,
            exact: run.exact,
        };
        let asked = Asked {
            query: logs::parse(&run.query, lang)?,
            occurred: (run.occurred_from.unwrap_or(i64::MIN), run.occurred_to.unwrap_or(i64::MAX)),
            text: String::new(),
            order: finder::Order::OldestArrival,
        };
        Ok(Self {
            key: BookKey { customer: CustomerId(run.customer_id), space: Space::of(run.test) },
            asked,
            form,
            limit: usize::MAX,
            after: run.after_id,
            up_to: run.up_to,
            lang,
            zone: Zone { name: run.time_zone.clone(), zone: zone::find(&run.time_zone).ok_or_else(strange)? },
            made_at: Millis(run.created_at),
            customer,
        })
    }

    /// The search for what is taken out.
    #[must_use]
    pub fn search(&self) -> finder::Search<'_> {
        let mut search = self.asked.search(self.key, &self.zone.zone);
        search.up_to = Some(self.up_to);
        search.after =
            (self.after > 0).then(|| (i64::MIN, LogId::base(self.key.customer, self.key.space) + self.after));
        search
    }

    /// `mvai_<customer>_logs_<yyyymmdd-hhmm>.<ext>`, and `…_archive_…` for an archive.
    #[must_use]
    pub fn file_name(&self) -> String {
        let at = zone::local(&self.zone.zone, self.made_at);
        let stamp =
            format!("{:04}{:02}{:02}-{:02}{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute());
        let name: String =
            self.customer.name.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let what = if self.form.format == ExportFormat::Archive { "archive" } else { "logs" };
        format!("mvai_{name}_{what}_{stamp}.{}", self.form.format.ending())
    }
}

/// The format with a name.
#[must_use]
pub fn format_of(name: &str) -> Option<ExportFormat> {
    ExportFormat::ALL.into_iter().find(|format| format.as_str() == name)
}

/// The kind of CSV with a name.
#[must_use]
pub fn dialect_of(name: &str) -> Option<CsvDialect> {
    CsvDialect::ALL.into_iter().find(|dialect| dialect.as_str() == name)
}

/// The name of a file for browsers, in a plain and a UTF-8 form (RFC 6266).
#[must_use]
pub fn disposition(file_name: &str) -> Option<HeaderValue> {
    let kept = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let plain: String = file_name.chars().map(|c| if kept(c) { c } else { '-' }).collect();
    let encoded: String = file_name
        .bytes()
        .map(
            |byte| {
                if kept(char::from(byte)) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
            },
        )
        .collect();
    HeaderValue::from_str(&format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")).ok()
}
