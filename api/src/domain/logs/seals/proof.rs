//! Proof that a log stands in the seal of its day: its leaf, and the digests beside the way to the root.

use shared::problem::Code;
use shared::seals::ProofOut;

use super::digest::{self, Hash};
use super::repo;
use super::sealing::BLOCK;
use super::stored::Reader;
use super::tree::{leads, path};
use crate::app::App;
use crate::db::Scope;
use crate::domain::logs::finder::connect;
use crate::domain::logs::model::BookKey;
use crate::domain::logs::repo as logs;
use crate::http::problem::{Answer, Problem};
use crate::util::crypto;
use crate::util::ids::{CustomerId, LogId, Space};

/// The proof of a log. Logs of the test space, and those from before there were seals, have none.
///
/// # Errors
/// `log_not_found`.
pub async fn proof(app: &App, customer: CustomerId, space: Space, number: i64) -> Answer<ProofOut> {
    let absent = || Problem::new(Code::LogNotFound);
    let id = LogId::new(customer, space, number).ok_or_else(absent)?;
    let mut conn = connect(app, BookKey { customer, space }).await?;
    let row = logs::find(&mut conn, customer, id).await?.ok_or_else(absent)?;
    let kept = repo::list_kept(&mut conn, customer, (id.0, id.0)).await?.pop();
    let seal = match space {
        Space::Live => repo::find_covering(&mut conn, customer, number).await?,
        Space::Test => None,
    };
    drop(conn);
    let own = digest::leaf(&row);
    let leaf = kept.as_ref().and_then(|kept| digest::read(&kept.digest)).unwrap_or(own);
    let out = ProofOut {
        id: number,
        leaf: crypto::hex(&leaf),
        salt: row.salt.filter(|_| kept.is_none()),
        redacted: kept.is_some(),
        index: None,
        path: Vec::new(),
        seal: None,
        fits: false,
    };
    let Some(seal) = seal.filter(|seal| seal.removed_at.is_none()) else { return Ok(out) };
    let index = number - seal.first_number;
    let block = index / BLOCK;
    let first = seal.first_number + block * BLOCK;
    let last = seal.last().min(first + BLOCK - 1);
    let mut leaves: Vec<Hash> = Vec::new();
    let mut reader = Reader::new(&app.db, customer, first);
    while let Some(portion) = reader.next(Some(last)).await? {
        leaves.extend(portion.iter().map(|stored| stored.leaf(customer)));
    }
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let numbers = (seal.first_number, seal.last());
    let blocks = repo::list_block_digests(&mut conn, customer, numbers, i64::MAX).await?;
    drop(conn);
    let blocks: Vec<Hash> = blocks.iter().map(|(_, text)| digest::read(text).unwrap_or_default()).collect();
    let place = |number: i64| usize::try_from(number).unwrap_or_default();
    let path = [path(&leaves, place(index % BLOCK)), path(&blocks, place(block))].concat();
    let fits = digest::read(&seal.root)
        .is_some_and(|root| leads(&leaf, index.unsigned_abs(), seal.total.unsigned_abs(), &path, &root));
    Ok(ProofOut {
        index: Some(index),
        path: path.iter().map(|hash| crypto::hex(hash)).collect(),
        seal: Some(seal.out()),
        fits,
        ..out
    })
}
