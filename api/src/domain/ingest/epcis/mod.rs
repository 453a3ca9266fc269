//! GS1 EPCIS 2.0: capture of events and their query, the REST bindings in JSON-LD.
//!
//! An event is a log of the kind `epcis.<type>`; `data` is the event as sent, with two members added where they are
//! missing: the `@context` of its document if that is more than the standard one (or its extensions would mean nothing),
//! and an `eventID`. That id is made of the event itself, as the event hash of the standard is, so that a capture that is
//! repeated stores nothing twice and equal events without an id are one event. The `recordTime` of an answer is ours.
//!
//! Master data of a document's header is not kept, and capture jobs are forgotten after 30 days.

mod capture;
mod document;
pub mod errors;
mod event;
mod filter;
mod members;
mod normal;
mod query;
pub mod repo;
pub mod routes;
mod routes_capture;
mod vocabulary;

const STANDARD: &str = "EPCIS 2.0";
/// Capture jobs are kept for 30 days.
pub const KEEP_MS: i64 = 30 * 24 * 3_600_000;
/// The context that every document names.
const CONTEXT: &str = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";
/// Beginning of the kinds of events.
const KIND: &str = "epcis.";
/// The kinds of events that the standard knows; all others are extensions.
const TYPES: [&str; 5] =
    ["ObjectEvent", "AggregationEvent", "TransactionEvent", "TransformationEvent", "AssociationEvent"];
const EXTENDED: &str = "ExtendedEvent";

/// The kind of log for a type of event.
fn kind(event_type: &str) -> String {
    let known = TYPES.into_iter().find(|name| *name == event_type);
    format!("{KIND}{}", known.unwrap_or(EXTENDED))
}
