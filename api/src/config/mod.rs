//! Settings: flags, environment, `.env` outside production, default — in this order.
//!
//! Reading is total: every problem is collected, and the program does not start with any of them.

mod docs;
mod read;
mod settings;
mod smtp;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use shared::lang::Lang;
use shared::tenancy::Plan;

use crate::http::cors::WebOrigin;

pub use docs::{env_example, markdown};
pub use read::{Problem, Vars, environment};
pub use settings::{SETTINGS, Setting};

/// Where the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AppEnv {
    /// On a developer's machine: secrets are made up, logs are readable.
    Development,
    /// For customers: secrets are required.
    Production,
}

/// Form of the server's own logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// What a 2xx answer to a write promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// On disk, flushed.
    Full,
    /// With the operating system: a power cut may lose it. Never in production.
    Relaxed,
}

/// So many times within a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many times; 1 or more.
    pub count: u32,
    /// Within so many seconds.
    pub seconds: u32,
}

impl Allowance {
    /// So many times within so many seconds.
    #[must_use]
    pub const fn new(count: u32, seconds: u32) -> Self {
        Self { count, seconds }
    }

    /// Reads `50 per hour` or `50/hour`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (count, unit) = text.split_once(" per ").or_else(|| text.split_once('/'))?;
        let seconds = match unit.trim() {
            "second" => 1,
            "minute" => 60,
            "hour" => 3_600,
            "day" => 86_400,
            _ => return None,
        };
        let count = count.trim().parse().ok().filter(|count| *count > 0)?;
        Some(Self { count, seconds })
    }
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// Plain at first, protected before anything is said. A server that does not offer it is not used.
    StartTls,
    /// Protected from the first byte.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl SmtpTls {
    /// The name in the settings.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartTls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }
}

/// The mail server that takes our mail.
#[derive(Debug, Clone)]
pub struct Smtp {
    /// `SMTP_SERVER`
    pub server: String,
    /// `SMTP_PORT`
    pub port: u16,
    /// `SMTP_USERNAME` and `SMTP_PASSWORD`, both or none.
    pub credentials: Option<(String, SecretString)>,
    /// `SMTP_FROM_EMAIL`
    pub from_email: String,
    /// `SMTP_FROM_NAME`
    pub from_name: String,
    /// `SMTP_TLS`
    pub tls: SmtpTls,
    /// Content of `SMTP_CA_FILE`: certificates in PEM that are believed instead of the public ones.
    pub ca: Option<Vec<u8>>,
    /// How long one step of the conversation may take; handing the mail over may take four times as long.
    pub patience: Duration,
}

impl Smtp {
    /// A server on this machine, without protection; tests start from here.
    #[must_use]
    pub fn local(port: u16) -> Self {
        Self {
            server: "127.0.0.1".to_owned(),
            port,
            credentials: None,
            from_email: "noreply@mvai.example".to_owned(),
            from_name: "MVAI Connexx".to_owned(),
            tls: SmtpTls::None,
            ca: None,
            patience: Duration::from_secs(30),
        }
    }
}

/// Where the data lies.
#[derive(Debug, Clone)]
pub enum Storage {
    /// An embedded database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(SecretString),
}

/// Who reaches the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkMode {
    /// Everybody.
    Public,
    /// Everybody, but the back office only named networks.
    Hybrid,
    /// Only named networks.
    Private,
}

/// Effective settings.
#[derive(Debug, Clone)]
pub struct Config {
    /// `APP_ENV`
    pub app_env: AppEnv,
    /// `SECRET_KEY`; `None` lets development keep one in the data directory.
    pub secret_key: Option<SecretString>,
    /// `SECRET_KEY_PREVIOUS`
    pub secret_key_previous: Vec<SecretString>,
    /// `ADMIN_PASSWORD`
    pub admin_password: Option<SecretString>,
    /// `BIND`
    pub bind: IpAddr,
    /// `PORT`
    pub port: u16,
    /// `DATABASE_PATH` or `DATABASE_URL`
    pub storage: Storage,
    /// `EXPORT_DIR`; `None` for `exports` in the data directory.
    pub export_dir: Option<PathBuf>,
    /// `AUDIT_CHECKPOINTS`; `None` for a file in the data directory.
    pub audit_checkpoints: Option<PathBuf>,
    /// `AUDIT_MONTHS`
    pub audit_months: u32,
    /// `DURABILITY`
    pub durability: Durability,
    /// `PUBLIC_URL`
    pub public_url: Option<String>,
    /// `DEFAULT_LANGUAGE`
    pub default_language: Lang,
    /// `TIME_ZONE`
    pub time_zone: String,
    /// `TRUSTED_PROXIES`
    pub trusted_proxies: Vec<IpNet>,
    /// `CORS_ORIGINS`
    pub cors_origins: Vec<WebOrigin>,
    /// `SESSION_LIFETIME_HOURS`
    pub session_lifetime_hours: u32,
    /// `SIGN_IN_FAILURES`
    pub sign_in_failures: u32,
    /// `SIGN_IN_BLOCK_HOURS`
    pub sign_in_block_hours: u32,
    /// `ENABLE_IP_WHITELIST`
    pub trust_lists: bool,
    /// `TRUSTED_IPS`
    pub trusted_ips: Vec<IpNet>,
    /// `ADMIN_IPS`; empty for everywhere.
    pub admin_ips: Vec<IpNet>,
    /// `NETWORK_MODE`
    pub network_mode: NetworkMode,
    /// `ALLOWED_NETWORKS`
    pub allowed_networks: Vec<IpNet>,
    /// `ENABLE_THREAT_DETECTION`
    pub threat_detection: bool,
    /// `AUTO_BLACKLIST_THRESHOLD`
    pub auto_blacklist_threshold: u32,
    /// `BLACKLIST_DURATION_HOURS`
    pub blacklist_duration_hours: u32,
    /// `ENABLE_HONEYPOT`
    pub honeypot: bool,
    /// `HONEYPOT_PATHS`
    pub honeypot_paths: Vec<String>,
    /// `HONEYPOT_BLOCK_HOURS`
    pub honeypot_block_hours: u32,
    /// `RATELIMIT_ENABLED`
    pub ratelimit_enabled: bool,
    /// `RATELIMIT_DEFAULT`
    pub ratelimit_default: Vec<Allowance>,
    /// `RATE_LIMIT_STORAGE_URL`; `None` for memory.
    pub rate_limit_storage: Option<SecretString>,
    /// `DEFAULT_PRICING_TIER`
    pub default_plan: Plan,
    /// `SMTP_…`; `None` without a mail server: mails are held.
    pub smtp: Option<Smtp>,
    /// `LOG_LEVEL`
    pub log_level: String,
    /// `LOG_FORMAT`
    pub log_format: LogFormat,
}

impl Config {
    /// Settings of a development machine on a database file; tests start from here.
    #[must_use]
    pub fn development(database: PathBuf) -> Self {
        Self {
            app_env: AppEnv::Development,
            secret_key: None,
            secret_key_previous: Vec::new(),
            admin_password: None,
            bind: IpAddr::from([127, 0, 0, 1]),
            port: 5000,
            storage: Storage::Sqlite(database),
            export_dir: None,
            audit_checkpoints: None,
            audit_months: 24,
            durability: Durability::Full,
            public_url: None,
            default_language: Lang::Nl,
            time_zone: "Europe/Amsterdam".to_owned(),
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            session_lifetime_hours: 24,
            sign_in_failures: 5,
            sign_in_block_hours: 24,
            trust_lists: true,
            trusted_ips: Vec::new(),
            admin_ips: Vec::new(),
            network_mode: NetworkMode::Public,
            allowed_networks: Vec::new(),
            threat_detection: true,
            auto_blacklist_threshold: 5,
            blacklist_duration_hours: 24,
            honeypot: true,
            honeypot_paths: Vec::new(),
            honeypot_block_hours: 168,
            ratelimit_enabled: true,
            ratelimit_default: vec![Allowance::new(200, 86_400), Allowance::new(50, 3_600)],
            rate_limit_storage: None,
            default_plan: Plan::Demo,
            smtp: None,
            log_level: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }

    /// Whether customers depend on this installation.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.app_env == AppEnv::Production
    }

    /// Directory of data and secrets: that of the database file, or `data`.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        match &self.storage {
            Storage::Sqlite(path) => match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
                _ => PathBuf::from("."),
            },
            Storage::Postgres(_) => PathBuf::from("data"),
        }
    }

    /// Address under which people reach the installation, without a slash at its end.
    #[must_use]
    pub fn address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://localhost:{}", self.port))
    }

    /// File of checkpoints of the audit log.
    #[must_use]
    pub fn audit_checkpoints(&self) -> PathBuf {
        self.audit_checkpoints.clone().unwrap_or_else(|| self.data_dir().join("audit-checkpoints.ndjson"))
    }

    /// Folder of finished exports.
    #[must_use]
    pub fn export_dir(&self) -> PathBuf {
        self.export_dir.clone().unwrap_or_else(|| self.data_dir().join("exports"))
    }
}
