//! What others ask of seals.

use std::time::Duration;

use shared::page::Page;
use shared::seals::{KeptSealOut, ManifestSeals, SealOut, VerificationOut};
use shared::time::Millis;

use super::verify::{Limits, Place, Verified, verify};
use super::{digest, repo};
use crate::app::App;
use crate::db::{Conn, DbError, Scope};
use crate::http::page::{Cursor, ListKey, Position};
use crate::http::params::invalid;
use crate::http::problem::Answer;
use crate::util::ids::{CustomerId, Space};

/// An answer verifies as much as it can in this time.
const LIMITS: Limits = Limits { time: Duration::from_secs(2), days: 366 };

/// Seals of a customer, newest first.
///
/// # Errors
/// `invalid_cursor`, `cursor_mismatch`.
pub async fn list(
    app: &App,
    customer: CustomerId,
    space: Space,
    cursor: Option<&str>,
    limit: usize,
) -> Answer<Page<SealOut>> {
    let key = ListKey::new(&["seals", &customer.to_string()]);
    let before = cursor.map(|text| key.read(&app.keys, text)).transpose()?;
    let before = before.and_then(|cursor| cursor.int(0)).unwrap_or(i64::MAX);
    let most = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows = match space {
        Space::Live => {
            let mut conn = app.db.read(Scope::Customer(customer)).await?;
            repo::list_before(&mut conn, customer, before, most).await?
        }
        Space::Test => Vec::new(),
    };
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more).map(|seal| seal.position);
    let next_cursor = last.map(|position| key.write(&app.keys, &Cursor::after(position)));
    Ok(Page { data: rows.into_iter().map(repo::Seal::out).collect(), next_cursor, has_more })
}

/// Verifies the seals of a customer for a while, from where a former answer ended.
///
/// # Errors
/// `invalid_parameter` when what was kept is no digest, `invalid_cursor`, `cursor_mismatch`.
pub async fn verification(
    app: &App,
    customer: CustomerId,
    space: Space,
    cursor: Option<&str>,
    kept: Option<&str>,
) -> Answer<VerificationOut> {
    let key = ListKey::new(&["verification", &customer.to_string()]);
    let from = cursor.map(|text| key.read(&app.keys, text)).transpose()?;
    let from = from.and_then(|at| Some(Place { position: at.int(0)?, number: at.int(1)? }));
    let kept = kept.map(|text| text.trim().to_ascii_lowercase());
    if kept.as_deref().is_some_and(|text| digest::read(text).is_none()) {
        return Err(invalid("seal", "64 hexadecimal digits"));
    }
    // The test space has no seals, and says nothing about the live ones.
    let live = space == Space::Live;
    let found = match live {
        true => verify(&app.db, customer, from.unwrap_or(Place::START), LIMITS).await?,
        false => Verified::default(),
    };
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let newest = if live { newest(&mut conn, customer).await? } else { None };
    let kept = match kept {
        Some(text) => {
            let seal = repo::find_digest(&mut conn, customer, &text).await?.filter(|_| live);
            Some(KeptSealOut {
                found: seal.is_some(),
                position: seal.as_ref().map(|seal| seal.position),
                day: seal.map(|seal| digest::date(seal.day)),
            })
        }
        None => None,
    };
    let state = found.state();
    let at = |place: Place| Cursor { at: vec![Position::Int(place.position), Position::Int(place.number)] };
    let next_cursor = found.next.map(|place| key.write(&app.keys, &at(place)));
    Ok(VerificationOut {
        state,
        seals: newest.as_ref().map_or(0, |seal| seal.position),
        unsealed: found.unsealed,
        newest,
        kept,
        has_more: next_cursor.is_some(),
        next_cursor,
        data: found.checks,
    })
}

async fn newest(conn: &mut Conn, customer: CustomerId) -> Result<Option<SealOut>, DbError> {
    Ok(repo::list_before(conn, customer, i64::MAX, 1).await?.pop().map(repo::Seal::out))
}

/// When the day of a log was sealed; none before, and for logs that are not sealed.
///
/// # Errors
/// When the database fails.
pub async fn sealed_at(conn: &mut Conn, customer: CustomerId, number: i64) -> Answer<Option<Millis>> {
    Ok(repo::find_covering(conn, customer, number).await?.map(|seal| Millis(seal.sealed_at)))
}

/// What an export says about seals: the newest one, and those of the logs between its first and its last.
///
/// # Errors
/// When the database fails.
pub async fn of_export(
    app: &App,
    customer: CustomerId,
    numbers: Option<(i64, i64)>,
) -> Answer<ManifestSeals> {
    let mut conn = app.db.read(Scope::Customer(customer)).await?;
    let days = match numbers {
        Some(numbers) => repo::list_covering(&mut conn, customer, numbers).await?,
        None => Vec::new(),
    };
    let newest = newest(&mut conn, customer).await?;
    Ok(ManifestSeals { newest, days: days.into_iter().map(repo::Seal::out).collect() })
}
