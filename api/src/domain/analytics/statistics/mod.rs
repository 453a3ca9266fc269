//! Statistics that the figures rest on. Pure functions of plain numbers; sources stand beside the formulas.

pub mod proportion;
pub mod robust;
pub mod smoothing;

#[cfg(test)]
pub(crate) mod reference;
