//! Small things that belong to no area.

pub mod cache;
pub mod clock;
pub mod crypto;
pub mod holidays;
pub mod ids;
pub mod swallow;
pub mod telemetry;
pub mod zone;
