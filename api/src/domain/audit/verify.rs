//! Recomputing the audit log: rows against each other, ends against signed checkpoints. Changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde::Serialize;
use shared::audit::{AuditCheckOut, AuditEventOut, AuditFault, AuditFindingOut};
use shared::time::Millis;

use super::chain::{self, Checkpoint};
use super::repo::{self, Chain, Stored};
use crate::db::{Db, Scope};
use crate::http::problem::Answer;
use crate::util::crypto::Keyring;

/// Rows that are read at a time.
const PORTION: i64 = 2_000;

/// A walk along one chain.
struct Walk<'a> {
    keys: &'a Keyring,
    customer: i64,
    /// The row that was last seen.
    number: i64,
    hash: String,
    /// Hashes that rows must have, by number.
    wanted: BTreeMap<i64, String>,
}

impl<'a> Walk<'a> {
    /// From the beginning, or from where the chain was cut off; checkpoints say what must be met on the way.
    fn begin(keys: &'a Keyring, customer: i64, cut: Option<&Checkpoint>, marks: &[&Checkpoint]) -> Self {
        let (number, hash) = cut.map(|cut| (cut.number, cut.hash.clone())).unwrap_or_default();
        let wanted = marks.iter().map(|mark| (mark.number, mark.hash.clone()));
        Self { keys, customer, number, hash, wanted: wanted.filter(|(at, _)| *at > number).collect() }
    }

    fn finding(&self, number: i64, id: Option<&str>, fault: AuditFault) -> AuditFindingOut {
        AuditFindingOut { customer_id: self.customer, number, id: id.map(str::to_owned), fault }
    }

    /// Judges the next row.
    fn step(&mut self, stored: &Stored) -> Result<(), AuditFindingOut> {
        let row = &stored.row;
        let wanted = self.wanted.remove(&row.number);
        let bad = |fault| Err(self.finding(row.number, Some(&row.id), fault));
        if row.number != self.number + 1 {
            return bad(AuditFault::Missing);
        }
        let Some(key) = self.keys.by_version(&row.key_version) else { return bad(AuditFault::UnknownKey) };
        if !stored.faithful || chain::hash_of(key, row) != row.hash {
            return bad(AuditFault::Changed);
        }
        if row.prev_hash != self.hash {
            return bad(AuditFault::Moved);
        }
        if let (Some(text), salt) = (&stored.private, row.private_salt.as_deref().unwrap_or_default())
            && row.private_digest.as_deref() != Some(&chain::private_digest(salt, text))
        {
            return bad(AuditFault::PrivateChanged);
        }
        if wanted.is_some_and(|hash| hash != row.hash) {
            return bad(AuditFault::Truncated);
        }
        (self.number, self.hash) = (row.number, row.hash.clone());
        Ok(())
    }

    /// Judges where the chain ends; `end` is what is on record of it.
    fn end(&self, end: Option<&repo::End>) -> Result<(), AuditFindingOut> {
        let short = self.wanted.keys().next().is_some();
        let agrees = end.is_none_or(|end| end.number == self.number && end.hash == self.hash);
        if short || !agrees {
            return Err(self.finding(self.number + 1, None, AuditFault::Truncated));
        }
        Ok(())
    }
}

fn is_signed(keys: &Keyring, checkpoint: &Checkpoint) -> bool {
    keys.by_version(&checkpoint.key_version).is_some_and(|key| checkpoint.is_signed_by(key))
}

/// What is verified, and with what.
#[derive(Debug)]
pub struct Asked<'a> {
    /// One chain; all if absent.
    pub only: Option<i64>,
    /// Checkpoints that were kept elsewhere.
    pub kept: &'a [Checkpoint],
    /// Verifying stops after this long, if there is a limit.
    pub time: Option<Duration>,
}

/// Verifies the chains of a database.
///
/// # Errors
/// When the database fails.
pub async fn database(
    db: &Db,
    keys: &Keyring,
    asked: &Asked<'_>,
    computed_at: Millis,
) -> Answer<AuditCheckOut> {
    let started = Instant::now();
    let mut conn = db.snapshot(Scope::Installation).await?;
    let chains = repo::list_chains(&mut conn, asked.only).await?;
    let endless = repo::list_endless(&mut conn, asked.only).await?;
    drop(conn);
    let mut kept: HashMap<i64, Vec<&Checkpoint>> = HashMap::new();
    let wanted = |id: i64| asked.only.is_none_or(|only| only == id);
    for checkpoint in asked.kept.iter().filter(|checkpoint| wanted(checkpoint.customer_id)) {
        kept.entry(checkpoint.customer_id).or_default().push(checkpoint);
    }
    let mut out = AuditCheckOut {
        intact: true,
        complete: true,
        chains: 0,
        rows: 0,
        findings: Vec::new(),
        checkpoint_at: None,
        computed_at,
    };
    for id in chains.iter().map(|chain| chain.customer_id).chain(endless.iter().copied()) {
        let marks = kept.remove(&id).unwrap_or_default();
        out.chains += 1;
        match one(db, keys, id, &marks, (&mut out, started, asked.time)).await? {
            Ok(true) => {}
            Ok(false) => {
                out.complete = false;
                break;
            }
            Err(finding) => out.findings.push(finding),
        }
    }
    // A chain that a checkpoint knows and the database does not.
    if out.complete {
        let mut gone: Vec<AuditFindingOut> = kept
            .into_values()
            .flatten()
            .map(|mark| AuditFindingOut {
                customer_id: mark.customer_id,
                number: 1,
                id: None,
                fault: if is_signed(keys, mark) {
                    AuditFault::Truncated
                } else {
                    AuditFault::CheckpointForged
                },
            })
            .collect();
        gone.sort_by_key(|finding| finding.customer_id);
        gone.dedup_by_key(|finding| finding.customer_id);
        out.findings.extend(gone);
    }
    out.intact = out.findings.is_empty();
    Ok(out)
}

/// Verifies a chain; whether it was read to its end, or what is wrong with it.
async fn one(
    db: &Db,
    keys: &Keyring,
    id: i64,
    kept: &[&Checkpoint],
    (out, started, limit): (&mut AuditCheckOut, Instant, Option<Duration>),
) -> Answer<Result<bool, AuditFindingOut>> {
    // One state for rows and end: others go on writing.
    let mut conn = db.snapshot(Scope::Installation).await?;
    let chain: Option<Chain> = repo::list_chains(&mut conn, Some(id)).await?.pop();
    let (mark, cut) =
        chain.as_ref().map(|chain| (chain.mark.as_ref(), chain.cut.as_ref())).unwrap_or_default();
    let marks: Vec<&Checkpoint> = mark.into_iter().chain(kept.iter().copied()).collect();
    let newest = marks.iter().map(|mark| mark.at).max();
    out.checkpoint_at = out.checkpoint_at.max(newest);
    if let Some(forged) = marks.iter().copied().chain(cut).find(|mark| !is_signed(keys, mark)) {
        let (number, fault) = (forged.number, AuditFault::CheckpointForged);
        return Ok(Err(AuditFindingOut { customer_id: id, number, id: None, fault }));
    }
    let mut walk = Walk::begin(keys, id, cut, &marks);
    loop {
        if limit.is_some_and(|limit| started.elapsed() >= limit) {
            return Ok(Ok(false));
        }
        let rows = repo::list_chain(&mut conn, id, walk.number, PORTION).await?;
        for stored in &rows {
            if let Err(finding) = walk.step(stored) {
                return Ok(Err(finding));
            }
            out.rows += 1;
        }
        if i64::try_from(rows.len()).unwrap_or_default() < PORTION {
            // Rows without an end on record had their end removed.
            let gone = repo::End { number: -1, hash: String::new() };
            let end = chain.as_ref().map_or(&gone, |chain| &chain.end);
            return Ok(walk.end(Some(end)).map(|()| true));
        }
        tokio::task::yield_now().await;
    }
}

/// A row of a file by its number, or what is wrong with its line.
type Line = (i64, Result<Stored, AuditFindingOut>);

/// Verifies rows of an exported file (NDJSON), in any order. A chain may begin late, as an export of a period does;
/// within it nothing may be missing.
#[must_use]
pub fn file(keys: &Keyring, text: &str, kept: &[Checkpoint], computed_at: Millis) -> AuditCheckOut {
    let mut chains: BTreeMap<i64, Vec<Line>> = BTreeMap::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match serde_json::from_str::<AuditEventOut>(line) {
            Ok(row) => {
                let private = row.private.as_ref().filter(|_| row.private_salt.is_some());
                let private = private.map(chain::private_text);
                let (id, number) = (row.customer_id, row.number);
                chains.entry(id).or_default().push((number, Ok(Stored { row, faithful: true, private })));
            }
            Err(_) => {
                let number = i64::try_from(at + 1).unwrap_or(i64::MAX);
                let finding =
                    AuditFindingOut { customer_id: 0, number, id: None, fault: AuditFault::Changed };
                chains.entry(0).or_default().push((number, Err(finding)));
            }
        }
    }
    let mut out = AuditCheckOut {
        intact: true,
        complete: true,
        chains: i64::try_from(chains.len()).unwrap_or_default(),
        rows: 0,
        findings: Vec::new(),
        checkpoint_at: kept.iter().map(|mark| mark.at).max(),
        computed_at,
    };
    for (id, mut rows) in chains {
        rows.sort_by_key(|(number, _)| *number);
        let marks: Vec<&Checkpoint> = kept.iter().filter(|mark| mark.customer_id == id).collect();
        let mut walk = Walk::begin(keys, id, None, &marks);
        if let Some((_, Ok(first))) = rows.first() {
            (walk.number, walk.hash) = (first.row.number - 1, first.row.prev_hash.clone());
            walk.wanted.retain(|at, _| *at >= first.row.number);
        }
        let judged = rows.iter().try_for_each(|(_, row)| match row {
            Ok(stored) => walk.step(stored).map(|()| out.rows += 1),
            Err(finding) => Err(finding.clone()),
        });
        let forged = marks.iter().find(|mark| !is_signed(keys, mark));
        let forged = forged.map(|mark| walk.finding(mark.number, None, AuditFault::CheckpointForged));
        out.findings.extend(forged.or(judged.and_then(|()| walk.end(None)).err()));
    }
    out.intact = out.findings.is_empty();
    out
}

/// What the command line prints.
#[derive(Debug, Serialize)]
pub struct Report {
    /// What was found.
    #[serde(flatten)]
    pub check: AuditCheckOut,
    /// Public key of checkpoints, base64url.
    pub public_key: String,
}

impl Report {
    /// Lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let AuditCheckOut { chains, rows, findings, checkpoint_at, .. } = &self.check;
        let mut lines = vec![format!("{rows} rows in {chains} chains were recomputed")];
        let mark = checkpoint_at.map_or_else(|| "none".to_owned(), Millis::to_rfc3339);
        lines.push(format!("newest signed checkpoint: {mark}; public key {}", self.public_key));
        for finding in findings {
            let id = finding.id.as_deref().unwrap_or("–");
            let (customer, number) = (finding.customer_id, finding.number);
            lines.push(format!("chain {customer}, row {number} ({id}): {}", words(finding.fault)));
        }
        lines.push(if self.check.intact { "intact" } else { "CHANGED" }.to_owned());
        lines
    }
}

const fn words(fault: AuditFault) -> &'static str {
    match fault {
        AuditFault::Changed => "the row is not as it was written",
        AuditFault::Missing => "rows before this one are missing",
        AuditFault::Moved => "the row does not follow the one before",
        AuditFault::PrivateChanged => "the address or a text that somebody typed was exchanged",
        AuditFault::Truncated => {
            "rows from here on are missing or were rewritten: a checkpoint or the end on record knows more"
        }
        AuditFault::CheckpointForged => "a checkpoint is not signed by this installation",
        AuditFault::UnknownKey => {
            "the key of the row is not among SECRET_KEY and SECRET_KEY_PREVIOUS of this installation"
        }
    }
}
