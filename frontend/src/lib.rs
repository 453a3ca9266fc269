//! Web app of MVAI Connexx: two portals and the public pages, rendered in the browser.

pub mod api;
pub mod app;
pub mod charts;
pub mod html;
pub mod i18n;
pub mod pages;
pub mod parts;
pub mod prelude;
pub mod reactive;
pub mod router;
pub mod routes;
pub mod shell;
pub mod state;
pub mod ui;
