//! The application: everything that handlers share, built the same way by `main` and by tests.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use tokio::sync::{Mutex, Semaphore, watch};

use crate::config::Config;
use crate::db::Db;
use crate::domain::activity::{self, memory::Activity};
use crate::domain::auth::cache::AuthCache;
use crate::domain::exports::slots::Slots;
use crate::domain::keys::usage::KeyUsage;
use crate::domain::kinds::cache::KindCache;
use crate::domain::logs::live::Live;
use crate::domain::logs::writer::LogWriter;
use crate::domain::requests::{self, memory::Requests};
use crate::domain::searches::{self, history::SearchHistory};
use crate::domain::security::{self, state::Security};
use crate::domain::usage::Usage;
use crate::http::limits::Forms;
use crate::util::clock::Clock;
use crate::util::crypto::{self, Keyring};

/// How long a server that stops waits for the mail that it is sending.
const LAST_MAIL: Duration = Duration::from_secs(5);

/// Shared state; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What [`App`] points to.
pub struct Inner {
    /// Effective settings.
    pub config: Config,
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Keys of the installation.
    pub keys: Keyring,
    /// The way in for logs.
    pub writer: LogWriter,
    /// The way to those who follow logs live.
    pub live: Live,
    /// Who calls, kept for a moment.
    pub auth: AuthCache,
    /// Schemas of kinds that are in force.
    pub kinds: KindCache,
    /// Use of API keys, kept until it is written.
    pub key_usage: KeyUsage,
    /// What customers use, and the limits on it.
    pub usage: Usage,
    /// Limits on public forms.
    pub forms: Forms,
    /// Who may take logs out now.
    pub exports: Slots,
    /// One password hash per core at a time.
    pub hashing: Arc<Semaphore>,
    /// Searches, kept until they are written.
    pub searches: SearchHistory,
    /// Requests of customers, kept until they are written.
    pub requests: Requests,
    /// What people and systems did, kept until it is written.
    pub activity: Activity,
    /// Held by who removes erased logs.
    pub purging: Mutex<()>,
    /// Held by who sends a mail, until it is written down what became of it.
    pub sending: Mutex<()>,
    /// Who gets in, and what happened.
    pub security: Security,
    /// Turns true when the server stops.
    pub stopping: watch::Sender<bool>,
}

impl Deref for App {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the application together on an open database and starts its writer.
    ///
    /// # Errors
    /// When development cannot keep a secret in the data directory.
    pub fn new(config: Config, db: Db, clock: Clock) -> std::io::Result<Self> {
        let keys = keyring(&config)?;
        let live = Live::default();
        let writer = LogWriter::start(db.clone(), live.clone());
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let usage = Usage::new(&config, &clock);
        let allowances: &[_] = if config.ratelimit_enabled { &config.ratelimit_default } else { &[] };
        let forms = Forms::new(allowances, clock.clone());
        Ok(Self(Arc::new(Inner {
            security: Security::new(&config, &clock),
            usage,
            forms,
            config,
            db,
            clock,
            keys,
            writer,
            live,
            auth: AuthCache::default(),
            kinds: KindCache::default(),
            key_usage: KeyUsage::default(),
            exports: Slots::default(),
            hashing: Arc::new(Semaphore::new(cores)),
            searches: SearchHistory::default(),
            requests: Requests::default(),
            activity: Activity::default(),
            purging: Mutex::default(),
            sending: Mutex::default(),
            stopping: watch::Sender::new(false),
        })))
    }

    /// Ends streams, writes what is still in memory and closes the database.
    pub async fn close(&self) {
        self.stopping.send_replace(true);
        self.writer.stop().await;
        crate::jobs::flush_key_usage(self).await;
        searches::service::flush(self).await;
        requests::service::flush(self).await;
        activity::service::flush(self).await;
        security::events::service::flush(self).await;
        crate::jobs::flush_calls(self).await;
        // A mail that is being handed over would go out twice if nobody wrote down that it went.
        drop(tokio::time::timeout(LAST_MAIL, self.sending.lock()).await);
        self.db.close().await;
    }
}

/// The secrets of an installation.
///
/// # Errors
/// When development cannot keep a secret in the data directory.
pub fn keyring(config: &Config) -> std::io::Result<Keyring> {
    let secret = match &config.secret_key {
        Some(secret) => secret.clone(),
        None => development_secret(&config.data_dir())?,
    };
    Ok(Keyring::new(secret, config.secret_key_previous.clone()))
}

/// Development keeps a secret of its own beside the database, so that sessions and keys survive a restart.
fn development_secret(dir: &Path) -> std::io::Result<SecretString> {
    let path = dir.join("secret.key");
    if let Ok(text) = std::fs::read_to_string(&path)
        && text.trim().len() >= 32
    {
        return Ok(text.trim().to_owned().into());
    }
    let secret = crypto::base64url(&crypto::random::<32>());
    std::fs::create_dir_all(dir)?;
    std::fs::write(&path, &secret)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    }
    Ok(secret.into())
}
