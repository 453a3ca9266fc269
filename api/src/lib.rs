//! Server of MVAI Connexx: one API over a portable data layer, and the web app beside it.
//!
//! The way of a request: `server` → layers of `router` → handler → permission extractor (`http::auth`) → service
//! or repo of an area → `db`. The order of the layers and the rules between modules stand in ARCHITECTURE.md.

pub mod app;
pub mod cli;
pub mod config;
pub mod db;
pub mod demo;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod openapi;
pub mod router;
pub mod server;
pub mod util;

/// A tenth of a request's time would go to the allocator of the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
