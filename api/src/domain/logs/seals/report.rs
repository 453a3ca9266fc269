//! Verifying from the command line: every customer, in lines that are read at three in the morning.

use std::time::Duration;

use serde::Serialize;
use shared::seals::{FindingKind, SealCheckOut, SealState};

use super::verify::{Limits, Place, verify};
use super::{digest, repo};
use crate::db::{Db, Scope};
use crate::http::problem::Answer;
use crate::util::ids::CustomerId;

/// After so long, or so many days, a line tells how far it is.
const LIMITS: Limits = Limits { time: Duration::from_secs(10), days: 1_000 };
/// Numbers that a line names.
const NAMED: usize = 20;

/// What verifying all customers has come to.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// The worst state of all.
    state: Option<SealState>,
    customers: Vec<CustomerReport>,
    /// Whether a seal that was looked for is in the chain.
    seal_found: Option<bool>,
}

/// What verifying one customer has come to.
#[derive(Debug, Serialize)]
struct CustomerReport {
    id: i64,
    name: String,
    state: SealState,
    /// Days that are sealed.
    seals: usize,
    /// Logs that were compared.
    logs: i64,
    /// Logs that are not sealed yet.
    unsealed: i64,
    /// Digest of the newest seal.
    newest: Option<String>,
    /// Days on which something was changed.
    changed: Vec<SealCheckOut>,
}

impl Report {
    /// What the exit code says.
    ///
    /// # Errors
    /// In words, when something was changed, nothing was found to verify, or a seal is not in its chain.
    pub fn verdict(&self) -> Result<(), String> {
        let changed: Vec<String> = self
            .customers
            .iter()
            .filter(|customer| customer.state == SealState::Changed)
            .map(|customer| customer.id.to_string())
            .collect();
        if !changed.is_empty() {
            return Err(format!(
                "stored logs or seals were changed past the product (customer {}). Keep a copy of the database as it is \
                 now, then compare with a backup from before the day that is named",
                changed.join(", ")
            ));
        }
        match self.seal_found {
            Some(false) => {
                Err("the seal is not in the chain of this customer: either it was mistyped or belongs to \
                another customer, or the chain was written anew"
                    .to_owned())
            }
            _ => Ok(()),
        }
    }
}

/// Verifies one customer or all, and tells lines on the way.
///
/// # Errors
/// When the database fails.
pub async fn make(
    db: &Db,
    only: Option<CustomerId>,
    seal: Option<&str>,
    tell: impl Fn(String),
) -> Answer<Report> {
    let customers = repo::list_customers(&mut db.read(Scope::Installation).await?, only).await?;
    let mut report = Report::default();
    if customers.is_empty() {
        tell(only.map_or_else(
            || "nobody has recorded a log".to_owned(),
            |id| format!("there is no customer {id}"),
        ));
    }
    for customer in customers {
        let one = one(db, CustomerId(customer.id), customer.name, &tell).await?;
        report.state = report.state.max(Some(one.state));
        report.customers.push(one);
    }
    if let (Some(customer), Some(seal)) = (only, seal) {
        let text = seal.trim().to_ascii_lowercase();
        let mut conn = db.read(Scope::Customer(customer)).await?;
        let found = repo::find_digest(&mut conn, customer, &text).await?;
        if let Some(found) = &found {
            tell(format!(
                "the seal is number {} of the chain, of {}",
                found.position,
                digest::date(found.day)
            ));
        }
        report.seal_found = Some(found.is_some());
    }
    Ok(report)
}

async fn one(db: &Db, customer: CustomerId, name: String, tell: &impl Fn(String)) -> Answer<CustomerReport> {
    let mut out = CustomerReport {
        id: customer.0,
        name,
        state: SealState::Intact,
        seals: 0,
        logs: 0,
        unsealed: 0,
        newest: None,
        changed: Vec::new(),
    };
    let (mut removed, mut place) = (0, Place::START);
    loop {
        let found = verify(db, customer, place, LIMITS).await?;
        out.unsealed = found.unsealed;
        for check in found.checks {
            // A day that is cut is counted where it ends.
            let cut = found.next.is_some_and(|next| next.number > 0 && Some(next.position) == check.position);
            out.seals += usize::from(check.day.is_some() && !cut);
            out.logs += check.logs;
            removed += usize::from(check.state == SealState::Removed);
            if check.state == SealState::Changed {
                out.state = SealState::Changed;
                out.changed.push(check);
            }
        }
        match found.next {
            Some(next) => place = next,
            None => break,
        }
        tell(format!("customer {}: {} days and {} logs so far", out.id, out.seals, out.logs));
    }
    let mut conn = db.read(Scope::Customer(customer)).await?;
    let newest = repo::list_before(&mut conn, customer, i64::MAX, 1).await?.pop();
    drop(conn);
    let verdict = if out.state == SealState::Changed { "CHANGED" } else { "intact" };
    tell(format!(
        "customer {} ({}): {verdict}; {} days sealed, {} logs compared, {} not sealed yet{}",
        out.id,
        out.name,
        out.seals,
        out.logs,
        out.unsealed,
        if removed > 0 { format!(", {removed} days erased as a whole") } else { String::new() }
    ));
    for check in &out.changed {
        for finding in &check.findings {
            tell(format!("  {}: {}", place_of(check), words(finding.kind, finding.count, &finding.ids)));
        }
    }
    if let Some(newest) = newest {
        tell(format!("  newest seal: {} {} {}", newest.position, digest::date(newest.day), newest.digest));
        out.newest = Some(newest.digest);
    }
    Ok(out)
}

fn place_of(check: &SealCheckOut) -> String {
    match (check.position, &check.day) {
        (Some(position), Some(day)) => format!("{day} (seal {position})"),
        (Some(position), None) => format!("seal {position}"),
        _ => "not sealed yet".to_owned(),
    }
}

fn words(kind: FindingKind, count: i64, ids: &[i64]) -> String {
    let shown: Vec<String> = ids.iter().take(NAMED).map(i64::to_string).collect();
    let more = count > i64::try_from(shown.len()).unwrap_or(i64::MAX);
    let list = format!("{}{}", shown.join(", "), if more { " …" } else { "" });
    match kind {
        FindingKind::LogChanged => format!("{count} logs are not as they were sealed: {list}"),
        FindingKind::LogMissing => format!("{count} logs are gone and no erasure took them: {list}"),
        FindingKind::LogAdded => format!("{count} logs stand under numbers that have none: {list}"),
        FindingKind::ErasureUnknown => {
            format!("{count} logs went by an erasure that is not on record: {list}")
        }
        FindingKind::DigestsChanged => "digests kept beside the logs do not lead to the seal".to_owned(),
        FindingKind::SealEdited => "the seal was edited".to_owned(),
        FindingKind::SealMissing => format!("{count} seals are missing: {list}"),
        FindingKind::ChainBroken => {
            "the seal does not join the one before, or the end of the chain".to_owned()
        }
    }
}
