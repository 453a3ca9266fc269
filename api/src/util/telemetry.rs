//! Logs of the server: one event a line, JSON in production; never bodies or secrets.

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// Starts logging to standard error. Repeated calls change nothing.
pub fn start(config: &Config) {
    let filter = EnvFilter::try_new(format!("{},sqlx=warn,hyper=warn", config.log_level))
        .unwrap_or_else(|_| EnvFilter::new("info"));
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let started = match config.log_format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.compact().try_init(),
    };
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
