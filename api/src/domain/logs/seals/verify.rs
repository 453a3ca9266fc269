//! Computing seals anew from what is stored, and comparing. Nothing is written; memory does not grow with the days.
//!
//! A day is compared part by part, so that an answer can end anywhere and the next one goes on there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use shared::seals::{FindingKind, FindingOut, MAX_NAMED, SealCheckOut, SealState};

use super::digest::{self, Hash, MARK_BYTES};
use super::repo::{self, Head, Seal};
use super::sealing::BLOCK;
use super::stored::{Reader, Stored};
use super::tree::{Tree, root_of};
use crate::db::{Conn, Db, Scope};
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo::find_book;
use crate::http::problem::Answer;
use crate::util::crypto;
use crate::util::ids::{CustomerId, LogId, Space};

/// Rows of seals, and roots of parts, that are read at once.
const PAGE: i64 = 200;
/// Missing seals that are named one by one.
const MOST_MISSING: i64 = 100;

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Place of a seal in the chain, from 1.
    pub position: i64,
    /// The number in it; 0 for its beginning.
    pub number: i64,
}

impl Place {
    /// The beginning of a chain.
    pub const START: Self = Self { position: 1, number: 0 };
}

/// How much to do at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// No part is begun after this long.
    pub time: Duration,
    /// Days.
    pub days: usize,
}

/// What verifying has come to.
#[derive(Debug, Clone, Default)]
pub struct Verified {
    /// Days, oldest first; at the end of the chain also what is not sealed yet, if something is wrong with it.
    pub checks: Vec<SealCheckOut>,
    /// Where to go on; none when all is verified.
    pub next: Option<Place>,
    /// Logs that are not sealed yet; known at the end of the chain.
    pub unsealed: i64,
}

impl Verified {
    /// The worst of what was found.
    #[must_use]
    pub fn state(&self) -> SealState {
        self.checks.iter().map(|check| check.state).max().unwrap_or(SealState::Intact)
    }
}

/// Verifies the chain of a customer from a place on.
///
/// # Errors
/// When the database fails.
pub async fn verify(db: &Db, customer: CustomerId, from: Place, limits: Limits) -> Answer<Verified> {
    let scan = Scan { db, customer, began: Instant::now(), limits };
    let mut found = Verified::default();
    let mut place = from;
    let mut before = match from.position {
        ..=1 => None,
        position => scan.seal(position - 1).await?,
    };
    loop {
        let mut conn = scan.conn().await?;
        let seals = repo::list_from(&mut conn, customer, place.position, PAGE).await?;
        drop(conn);
        if seals.is_empty() {
            break;
        }
        for seal in seals {
            if scan.is_over() && !found.checks.is_empty() || found.checks.len() >= limits.days {
                found.next = Some(place);
                return Ok(found);
            }
            if seal.position > place.position {
                found.checks.push(missing(place.position, seal.position - 1));
                (before, place.number) = (None, 0);
            }
            let (check, cut) = scan.day(&seal, before.as_ref(), place.number).await?;
            found.checks.push(check);
            if let Some(number) = cut {
                found.next = Some(Place { position: seal.position, number });
                return Ok(found);
            }
            place = Place { position: seal.position + 1, number: 0 };
            before = Some(seal);
        }
    }
    scan.end(place.position, before.as_ref(), &mut found).await?;
    Ok(found)
}

/// Seals that are not there.
fn missing(first: i64, last: i64) -> SealCheckOut {
    let ids = (first..=last.min(first + MOST_MISSING - 1)).collect();
    let finding = FindingOut { kind: FindingKind::SealMissing, count: last - first + 1, ids };
    SealCheckOut { position: Some(first), findings: vec![finding], state: SealState::Changed, ..nothing() }
}

const fn nothing() -> SealCheckOut {
    SealCheckOut {
        position: None,
        day: None,
        state: SealState::Intact,
        first_id: 0,
        last_id: 0,
        logs: 0,
        erased: 0,
        redacted: 0,
        findings: Vec::new(),
    }
}

/// What is wrong, by kind.
#[derive(Debug, Default)]
struct Findings(BTreeMap<&'static str, FindingOut>);

impl Findings {
    fn add(&mut self, kind: FindingKind, id: i64) {
        self.add_many(kind, 1, &[id]);
    }

    fn add_many(&mut self, kind: FindingKind, count: i64, ids: &[i64]) {
        let new = || FindingOut { kind, count: 0, ids: Vec::new() };
        let finding = self.0.entry(kind.as_str()).or_insert_with(new);
        finding.count += count;
        let room = MAX_NAMED.saturating_sub(finding.ids.len());
        finding.ids.extend(ids.iter().take(room));
    }

    fn into_check(self, check: &mut SealCheckOut) {
        if !self.0.is_empty() {
            check.state = SealState::Changed;
        }
        check.findings = self.0.into_values().collect();
    }
}

/// What verifies one chain.
struct Scan<'a> {
    db: &'a Db,
    customer: CustomerId,
    began: Instant,
    limits: Limits,
}

impl Scan<'_> {
    async fn conn(&self) -> Answer<Conn> {
        Ok(self.db.read(Scope::Customer(self.customer)).await?)
    }

    async fn seal(&self, position: i64) -> Answer<Option<Seal>> {
        let found = repo::list_from(&mut self.conn().await?, self.customer, position, 1).await?;
        Ok(found.into_iter().find(|seal| seal.position == position))
    }

    fn is_over(&self) -> bool {
        self.began.elapsed() > self.limits.time
    }

    const fn ids(&self, numbers: (i64, i64)) -> (i64, i64) {
        let base = LogId::base(self.customer, Space::Live);
        (base + numbers.0, base + numbers.1)
    }

    /// Verifies a day from a number on; says where it was cut off, if it was.
    async fn day(
        &self,
        seal: &Seal,
        before: Option<&Seal>,
        number: i64,
    ) -> Answer<(SealCheckOut, Option<i64>)> {
        let begins = number <= seal.first_number;
        let mut findings = Findings::default();
        if begins {
            chain(seal, before, &mut findings);
        }
        if seal.removed_at.is_some() {
            return Ok((self.removed(seal, findings).await?, None));
        }
        if begins && !self.digests_lead_to(seal).await? {
            findings.add_many(FindingKind::DigestsChanged, 1, &[]);
        }
        let first = number.max(seal.first_number);
        let mut check = SealCheckOut {
            position: Some(seal.position),
            day: Some(digest::date(seal.day)),
            first_id: first,
            last_id: seal.last(),
            ..nothing()
        };
        let mut at = first;
        while at <= seal.last() {
            let last = seal.last().min(at + BLOCK - 1);
            self.block((at, last), &mut check, &mut findings).await?;
            at = last + 1;
            if at <= seal.last() && self.is_over() {
                check.last_id = last;
                break;
            }
        }
        // What was left of the day may have been removed while it was read.
        let now = self.seal(seal.position).await?;
        if let Some(now) = now.filter(|now| now.removed_at.is_some()) {
            let mut findings = Findings::default();
            chain(&now, before.filter(|_| begins), &mut findings);
            return Ok((self.removed(&now, findings).await?, None));
        }
        findings.into_check(&mut check);
        Ok((check, Some(at).filter(|at| *at <= seal.last())))
    }

    /// A day of which nothing is kept but its seal.
    async fn removed(&self, seal: &Seal, mut findings: Findings) -> Answer<SealCheckOut> {
        let numbers = (seal.first_number, seal.last());
        let mut conn = self.conn().await?;
        let by = seal.removed_by.as_deref().unwrap_or_default();
        if !repo::is_erasure(&mut conn, self.customer, by).await? {
            findings.add_many(FindingKind::ErasureUnknown, seal.total, &[]);
        }
        for id in repo::list_ids(&mut conn, self.customer, self.ids(numbers), BLOCK).await? {
            findings.add(FindingKind::LogAdded, id.seq());
        }
        let mut check = SealCheckOut {
            position: Some(seal.position),
            day: Some(digest::date(seal.day)),
            state: SealState::Removed,
            first_id: numbers.0,
            last_id: numbers.1,
            erased: seal.total,
            ..nothing()
        };
        findings.into_check(&mut check);
        Ok(check)
    }

    /// Whether the roots of the parts of a day lead to the root of its seal.
    async fn digests_lead_to(&self, seal: &Seal) -> Answer<bool> {
        let (mut tree, mut at) = (Tree::default(), seal.first_number);
        loop {
            let mut conn = self.conn().await?;
            let page = repo::list_block_digests(&mut conn, self.customer, (at, seal.last()), PAGE).await?;
            drop(conn);
            for (first, digest) in &page {
                let Some(root) = digest::read(digest).filter(|_| *first == at) else { return Ok(false) };
                tree.push(root);
                at += BLOCK;
            }
            if page.is_empty() {
                let complete = at > seal.last();
                return Ok(complete && tree.root().is_some_and(|root| crypto::hex(&root) == seal.root));
            }
        }
    }

    /// Compares a part of a day.
    async fn block(
        &self,
        numbers: (i64, i64),
        check: &mut SealCheckOut,
        findings: &mut Findings,
    ) -> Answer<()> {
        let mut leaves: Vec<Hash> = Vec::new();
        let mut named = Vec::new();
        let mut reader = Reader::new(self.db, self.customer, numbers.0);
        while let Some(portion) = reader.next(Some(numbers.1)).await? {
            for stored in portion {
                leaves.push(stored.leaf(self.customer));
                if let Some(kind) = judge(&stored, check) {
                    findings.add(kind, stored.number);
                    named.push(stored.number);
                }
            }
        }
        let block = repo::find_block(&mut self.conn().await?, self.customer, numbers.0).await?;
        let (root, marks) = block.map_or_else(Default::default, |block| (block.digest, block.marks));
        if root_of(&leaves).map(|root| crypto::hex(&root)).as_deref() == Some(&root) {
            return Ok(());
        }
        let marks = crypto::from_base64url(&marks).unwrap_or_default();
        let marks = marks.chunks(MARK_BYTES);
        let mut told = !named.is_empty();
        for ((number, leaf), mark) in (numbers.0..).zip(&leaves).zip(marks) {
            if digest::mark(leaf) != mark && !named.contains(&number) {
                findings.add(FindingKind::LogChanged, number);
                told = true;
            }
        }
        if !told {
            findings.add_many(FindingKind::DigestsChanged, 1, &[]);
        }
        Ok(())
    }

    /// The end of the chain, and what is not sealed yet. `position` is where the next seal would stand.
    async fn end(&self, position: i64, before: Option<&Seal>, found: &mut Verified) -> Answer<()> {
        let customer = self.customer;
        let mut conn = self.db.snapshot(Scope::Customer(customer)).await?;
        let head = repo::find_head(&mut conn, customer).await?;
        if let Some(head) = head.as_ref().filter(|head| head.position >= position) {
            // A seal that was made meanwhile is for the next time.
            let fresh = repo::list_from(&mut conn, customer, position, 1).await?;
            if fresh.is_empty() {
                found.checks.push(missing(position, head.position));
            }
        } else if !joins(head.as_ref(), before) {
            let finding = FindingOut { kind: FindingKind::ChainBroken, count: 1, ids: vec![position - 1] };
            found.checks.push(SealCheckOut {
                position: Some(position - 1),
                findings: vec![finding],
                state: SealState::Changed,
                ..nothing()
            });
        }
        let first = head.map_or(1, |head| head.last_number + 1);
        let book = find_book(&mut conn, BookKey { customer, space: Space::Live }).await?;
        let numbers = (first, book.seq.max(first - 1));
        let (there, erased) = repo::count_range(&mut conn, customer, self.ids(numbers)).await?;
        let beyond =
            (numbers.1 + 1, LogId::range(customer, Space::Live).1 - LogId::base(customer, Space::Live));
        let strange = repo::list_ids(&mut conn, customer, self.ids(beyond), BLOCK).await?;
        drop(conn);
        found.unsealed = there;
        let mut findings = Findings::default();
        for id in strange {
            findings.add(FindingKind::LogAdded, id.seq());
        }
        let gone = numbers.1 - numbers.0 + 1 - there - erased;
        if gone > 0 {
            findings.add_many(FindingKind::LogMissing, gone, &self.gaps(numbers).await?);
        }
        if !findings.0.is_empty() {
            let (first_id, last_id) = numbers;
            let mut check = SealCheckOut { first_id, last_id, logs: there, erased, ..nothing() };
            findings.into_check(&mut check);
            found.checks.push(check);
        }
        Ok(())
    }

    /// Numbers without a log, the first of them.
    async fn gaps(&self, numbers: (i64, i64)) -> Answer<Vec<i64>> {
        let mut gaps = Vec::new();
        let mut reader = Reader::new(self.db, self.customer, numbers.0);
        while let Some(portion) = reader.next(Some(numbers.1)).await? {
            let empty = portion.iter().filter(|stored| stored.log.is_none() && stored.kept.is_none());
            gaps.extend(empty.map(|stored| stored.number));
            if gaps.len() >= MAX_NAMED || self.is_over() {
                break;
            }
        }
        Ok(gaps)
    }
}

/// Whether a seal fits itself and the one before.
fn chain(seal: &Seal, before: Option<&Seal>, findings: &mut Findings) {
    if seal.computed() != seal.digest {
        findings.add(FindingKind::SealEdited, seal.position);
    }
    let joined = match before {
        Some(before) => seal.previous == before.digest && seal.first_number == before.last() + 1,
        None => seal.position > 1 || seal.previous.is_empty(),
    };
    if !joined {
        findings.add(FindingKind::ChainBroken, seal.position);
    }
}

/// Whether the end of the chain is where it is said to be.
fn joins(head: Option<&Head>, last: Option<&Seal>) -> bool {
    match (head, last) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(head), Some(last)) => {
            head.position == last.position
                && head.digest == last.digest
                && head.last_number == last.last()
                && head.day == last.day
        }
    }
}

/// What is wrong with what stands under a number, as far as it can be seen without the seal.
fn judge(stored: &Stored, check: &mut SealCheckOut) -> Option<FindingKind> {
    let log = stored.log.map(|(leaf, _)| leaf);
    check.logs += i64::from(log.is_some());
    let Some(kept) = &stored.kept else { return log.is_none().then_some(FindingKind::LogMissing) };
    match kept.cause.as_str() {
        "erased" => {
            check.erased += 1;
            check.logs -= i64::from(log.is_some());
            match log {
                Some(_) if !kept.hidden => Some(FindingKind::LogAdded),
                _ => (!kept.known).then_some(FindingKind::ErasureUnknown),
            }
        }
        "redacted" => {
            check.redacted += 1;
            match log.map(|leaf| crypto::hex(&leaf)) {
                None => Some(FindingKind::LogMissing),
                now if now != kept.now_digest => Some(FindingKind::LogChanged),
                _ => (!kept.known).then_some(FindingKind::ErasureUnknown),
            }
        }
        _ if log.is_some() => Some(FindingKind::LogAdded),
        _ => Some(FindingKind::LogMissing),
    }
}
