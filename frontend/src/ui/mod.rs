//! The design system: each component keeps its part of the ARIA contract, pages only place them.

pub mod icons;

mod badge;
mod button;
mod copy;
mod csv;
mod dialog;
pub mod dom;
mod field;
mod load;
mod meter;
mod page;
mod states;
mod table;
mod toast;

pub use badge::{Tone, badge, level_badge, level_name, status_dot};
pub use button::{Button, IconButton, LinkButton, Variant};
pub use copy::CopyButton;
pub use csv::{Rows, csv_button};
pub use dialog::{Dialog, DialogActions};
pub use field::{Checkbox, Choice, ErrorSummary, SelectField, TextArea, TextField};
pub use icons::{Icon, icon, logo};
pub use load::{Async, Load};
pub use meter::Meter;
pub use page::{Card, PageHeader, name_document, note};
pub use states::{EmptyState, ErrorState, Skeleton};
pub use table::{Kpi, TableScroll};
pub use toast::ToastRegion;
