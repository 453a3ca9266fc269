//! Security of the installation, for staff.

use shared::page::Page;
use shared::security::{
    AcknowledgeIn, AcknowledgedOut, DecisionIn, DecisionOut, DecisionPatch, DetectorModes, SecurityEventOut,
    SecurityOut,
};

use super::call::{Call, Reply};
use super::client::AuthedApi;
use super::params::{Params, encode};

/// At a glance.
pub fn overview(api: &AuthedApi) -> Reply<SecurityOut> {
    api.fetch(Call::get("/admin/security"))
}

/// A page of events.
pub fn events(
    api: &AuthedApi,
    kind: &str,
    network: &str,
    cursor: Option<&str>,
) -> Reply<Page<SecurityEventOut>> {
    let params = Params::new()
        .with("kind", kind)
        .with("network", network)
        .with("limit", "20")
        .with_some("cursor", cursor)
        .finish();
    api.fetch(Call::get(format!("/admin/security/events{params}")))
}

/// Says that an event and all before it were seen to.
pub fn acknowledge(api: &AuthedApi, until: String) -> Reply<AcknowledgedOut> {
    api.fetch(Call::post("/admin/security/events/acknowledgements").json(&AcknowledgeIn { until }))
}

/// A page of decisions.
pub fn decisions(
    api: &AuthedApi,
    active: bool,
    words: &str,
    cursor: Option<&str>,
) -> Reply<Page<DecisionOut>> {
    let active = if active { "true" } else { "false" };
    let params = Params::new().with("active", active).with("q", words).with_some("cursor", cursor).finish();
    api.fetch(Call::get(format!("/admin/security/decisions{params}")))
}

/// Decides about a network.
pub fn decide(api: &AuthedApi, decision: &DecisionIn) -> Reply<DecisionOut> {
    api.fetch(Call::post("/admin/security/decisions").json(decision))
}

/// Gives a decision another end.
pub fn extend(api: &AuthedApi, id: &str, hours: i64) -> Reply<DecisionOut> {
    let patch = DecisionPatch { hours: Some(hours), simulated: None };
    api.fetch(Call::patch(format!("/admin/security/decisions/{}", encode(id))).json(&patch))
}

/// Ends a decision.
pub fn lift(api: &AuthedApi, id: &str) -> Reply<DecisionOut> {
    api.fetch(Call::delete(format!("/admin/security/decisions/{}", encode(id))))
}

/// Sets what the detector may do.
pub fn set_modes(api: &AuthedApi, modes: DetectorModes) -> Reply<DetectorModes> {
    api.fetch(Call::put("/admin/security/modes").json(&modes))
}
