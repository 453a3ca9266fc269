//! Brings a company's slots through the real way in: read, prepared and handed to the writer, in order of arrival.
//!
//! Parts are prepared on other threads while the writer stores the part before; their order never changes.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use jiff::tz::TimeZone;
use shared::lang::Lang;
use shared::problem::Code;
use shared::time::Millis;
use tokio::task::JoinHandle;

use super::company::Company;
use super::content;
use super::schedule::Slot;
use crate::app::App;
use crate::domain::logs::model::{NewLog, Origin, Prepared, Source};
use crate::domain::logs::reader::{self, Context};
use crate::domain::logs::writer::Outcome;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::{CustomerId, Space};
use crate::util::zone;

/// Logs of one part: one commit of the writer.
const PART: usize = 4_000;
/// Parts that are being prepared or ready.
const AHEAD: usize = 3;
/// What stands in a demo log as its sender.
const ACTOR: &str = "demo";

/// What became of a company's logs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fed {
    /// Logs stored.
    pub created: u64,
    /// Logs that had been stored before.
    pub duplicates: u64,
}

/// Slots received in one calendar month, which they count in.
struct Part {
    slots: Range<usize>,
    period: Arc<str>,
}

/// Cuts slots into parts that do not reach over the end of a month.
fn parts(zone: &TimeZone, slots: &[Slot]) -> VecDeque<Part> {
    let mut parts = VecDeque::new();
    let mut from = 0;
    while let Some(first) = slots.get(from) {
        let month = zone::date_of(zone, Millis(first.received_at)).first_of_month();
        let next_month = zone::start_of(zone, zone::add_days(month, 31).first_of_month()).0;
        let within = slots[from..].partition_point(|slot| slot.received_at < next_month);
        let to = from + within.min(PART);
        let period = zone::month_of(zone, Millis(first.received_at)).into();
        parts.push_back(Part { slots: from..to, period });
        from = to;
    }
    parts
}

/// Reads a slot's log as if it had just arrived.
///
/// # Errors
/// When the reader refuses it, which is a defect of the generator.
pub fn read(zone: &TimeZone, company: &Company, slot: &Slot) -> Answer<(NewLog, String)> {
    let sent = content::render(zone, company, slot);
    let context = Context {
        now: Millis(slot.received_at),
        zone: zone.clone(),
        lang: Lang::Nl,
        retention: std::sync::Arc::default(),
    };
    Ok((reader::read(sent.data.as_bytes(), &context)?, sent.ip))
}

/// Stores the slots for a customer; `progress` gets the number of slots of each part.
///
/// # Errors
/// What the writer says, or when a part cannot be prepared.
pub async fn feed(
    app: &App,
    customer: CustomerId,
    company: &'static Company,
    zone: &TimeZone,
    slots: Vec<Slot>,
    progress: &mut (dyn FnMut(u64) + Send),
) -> Answer<Fed> {
    let slots: Arc<[Slot]> = slots.into();
    let mut waiting = parts(zone, &slots);
    let mut ready: VecDeque<(Part, JoinHandle<Answer<Vec<Prepared>>>)> = VecDeque::new();
    let mut fed = Fed::default();
    loop {
        while ready.len() < AHEAD
            && let Some(part) = waiting.pop_front()
        {
            let job = prepare(
                Arc::clone(&slots),
                part.slots.clone(),
                customer,
                company,
                zone.clone(),
                Arc::clone(&part.period),
            );
            ready.push_back((part, tokio::task::spawn_blocking(job)));
        }
        let Some((part, job)) = ready.pop_front() else {
            return Ok(fed);
        };
        let rows = job.await.map_err(|error| Problem::new(Code::Internal).caused_by(&error))??;
        let outcomes = app.writer.submit(customer, Space::Live, part.period.into(), rows, false).await?;
        for outcome in outcomes {
            match outcome {
                Outcome::Created(_) => fed.created += 1,
                // Two logs under one number differ: the generator is wrong.
                Outcome::Conflict(_) | Outcome::OverQuota => return Err(Problem::new(Code::Internal)),
                Outcome::Duplicate(_) => fed.duplicates += 1,
            }
        }
        progress(part.slots.len() as u64);
    }
}

fn prepare(
    slots: Arc<[Slot]>,
    range: Range<usize>,
    customer: CustomerId,
    company: &'static Company,
    zone: TimeZone,
    period: Arc<str>,
) -> impl FnOnce() -> Answer<Vec<Prepared>> + Send {
    move || {
        let mut origin = Origin {
            customer,
            space: Space::Live,
            source: Source::Demo,
            way: Source::Demo.as_str(),
            ip: None,
            actor: ACTOR.to_owned(),
            received_at: Millis(0),
            period: period.into(),
        };
        let mut rows = Vec::with_capacity(range.len());
        for slot in &slots[range] {
            let (log, ip) = read(&zone, company, slot)?;
            origin.received_at = Millis(slot.received_at);
            origin.ip = Some(ip);
            rows.push(log.prepare(&origin));
        }
        Ok(rows)
    }
}
