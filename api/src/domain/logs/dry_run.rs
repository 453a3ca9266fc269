//! What would become of logs if they were stored: as the writer decides it, and without the writer.

use std::collections::HashMap;

use shared::lang::Lang;
use shared::logs::{DryRunOut, ParsedLog};
use shared::problem::Code;

use super::finder::connect;
use super::model::BookKey;
use super::model::{NewLog, Origin, Prepared};
use super::repo::{self, Known};
use super::writer::Outcome;
use crate::app::App;
use crate::domain::kinds::screen::{Keeping, screen};
use crate::http::problem::{Answer, Problem};
use crate::util::ids::Space;

/// Stands for the number of a log that has none.
const UNNUMBERED: i64 = 0;

/// A log as it was understood.
#[must_use]
pub fn parsed(log: &NewLog) -> ParsedLog {
    ParsedLog {
        kind: log.kind.clone(),
        level: log.level,
        message: log.message.clone(),
        timestamp: log.occurred_at,
        external_id: log.external_id.clone(),
        flags: log.flags.iter().map(|flag| flag.as_str().to_owned()).collect(),
    }
}

/// What would become of one log.
///
/// # Errors
/// `schema_rejected`, `external_id_conflict`, `log_quota_exhausted`, or what the database says.
pub async fn one(app: &App, origin: &Origin, log: NewLog, lang: Lang) -> Answer<DryRunOut> {
    let screened = screen(app, origin, vec![log], Keeping::Nothing, lang).await?;
    let log = screened.into_iter().next().ok_or_else(|| Problem::new(Code::Internal))??;
    let (warnings, external_id, parsed) = (log.warnings.clone(), log.external_id.clone(), parsed(&log));
    let outcomes = outcomes(app, origin, &[log.prepare(origin)]).await?;
    let log_id = match outcomes.first() {
        Some(Outcome::Duplicate(seq)) => Some(*seq),
        Some(Outcome::Conflict(seq)) => {
            return Err(super::service::conflict(Some(*seq), external_id.as_deref()));
        }
        Some(Outcome::OverQuota) => return Err(super::service::over_quota(origin)),
        Some(Outcome::Created(_)) | None => None,
    };
    Ok(DryRunOut { dry_run: true, duplicate: log_id.is_some(), log_id, log: parsed, warnings })
}

/// What would become of each log of a request.
///
/// # Errors
/// When the database fails.
pub async fn outcomes(app: &App, origin: &Origin, rows: &[Prepared]) -> Answer<Vec<Outcome>> {
    let key = BookKey { customer: origin.customer, space: origin.space };
    let ids = rows.iter().filter_map(|row| row.external_id.as_ref());
    let asked: Vec<_> = ids.map(|(id, _)| (key.customer, key.space, id.as_str())).collect();
    let known = if asked.is_empty() {
        HashMap::new()
    } else {
        repo::find_external(&mut connect(app, key).await?, &asked).await?
    };
    let mut known: HashMap<String, Known> = known.into_iter().map(|((_, id), found)| (id, found)).collect();
    let mut room = match origin.period.stop.as_ref().filter(|_| origin.space == Space::Live) {
        Some(stop) => {
            let mut conn = connect(app, key).await?;
            stop.limit - repo::find_usage(&mut conn, key.customer, &origin.period.name).await?
        }
        None => i64::MAX,
    };
    let judge = |row: &Prepared| {
        let mut created = || {
            room = room.saturating_sub(1);
            if room < 0 { Outcome::OverQuota } else { Outcome::Created(UNNUMBERED) }
        };
        let Some((id, digest)) = &row.external_id else {
            return created();
        };
        match known.get(id) {
            Some(found) if found.digest == *digest => Outcome::Duplicate(found.seq),
            Some(found) => Outcome::Conflict(found.seq),
            None => {
                let outcome = created();
                if outcome != Outcome::OverQuota {
                    known.insert(id.clone(), Known { seq: UNNUMBERED, digest: *digest });
                }
                outcome
            }
        }
    };
    Ok(rows.iter().map(judge).collect())
}

/// The number of a log, if it has one.
#[must_use]
pub fn numbered(seq: i64) -> Option<i64> {
    Some(seq).filter(|seq| *seq != UNNUMBERED)
}
