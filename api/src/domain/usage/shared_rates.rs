//! Buckets that several servers share, in Redis or Valkey: one script takes from all buckets of a request at once, by
//! the clock of the store. While the store is away each server limits by itself; that is told once, not per request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, RedisResult};
use secrecy::{ExposeSecret, SecretString};
use shared::limits::Rate;
use tokio::sync::RwLock;

use super::rates::{Said, Subject};

/// How long the store may take; a request never waits longer for it.
const PATIENCE: Duration = Duration::from_millis(250);
/// Pause between attempts to reach a store that is away.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A bucket is the time at which it will be full again (GCRA), in microseconds. Nothing is taken where one refuses.
const SCRIPT: &str = "
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, wait, answer = {}, 0, {}
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local at = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local over = at + interval - now - interval * burst
  full[i] = at + interval
  answer[i] = math.floor((interval * burst - (full[i] - now)) / interval)
  if over > 0 then
    answer[i] = -over
    wait = 1
  end
end
if wait == 0 then
  for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000) + 1)
  end
end
return answer";

/// Whether a text is the address of a store.
#[must_use]
pub fn is_address(url: &str) -> bool {
    url.starts_with("redis://") && Client::open(url).is_ok()
}

/// The way to the store.
#[derive(Debug)]
pub struct SharedRates {
    client: Client,
    line: RwLock<Line>,
    away: AtomicBool,
}

#[derive(Debug, Default)]
struct Line {
    conn: Option<(MultiplexedConnection, String)>,
    failed_at: Option<Instant>,
}

impl SharedRates {
    /// Nothing is asked of the store yet.
    #[must_use]
    pub fn new(url: &SecretString) -> Option<Self> {
        let client = Client::open(url.expose_secret()).ok()?;
        Some(Self { client, line: RwLock::default(), away: AtomicBool::new(false) })
    }

    /// Takes one request from each bucket, or none. `None` while the store is away.
    pub async fn check(&self, limits: &[(Subject, Rate)]) -> Option<Vec<Said>> {
        let (mut conn, script) = self.connected().await?;
        let mut command = redis::cmd("EVALSHA");
        command.arg(script).arg(limits.len());
        for (subject, _) in limits {
            command.arg(name(subject));
        }
        for (_, rate) in limits {
            command.arg(rate.interval_ms() * 1_000).arg(rate.burst);
        }
        let answer: RedisResult<Vec<i64>> = command.query_async(&mut conn).await;
        match answer {
            Ok(answer) => {
                self.back();
                Some(answer.into_iter().map(said).collect())
            }
            Err(error) => {
                self.lost(&error).await;
                None
            }
        }
    }

    async fn connected(&self) -> Option<(MultiplexedConnection, String)> {
        let pausing = |line: &Line| line.failed_at.is_some_and(|at| at.elapsed() < RETRY_AFTER);
        {
            let line = self.line.read().await;
            if let Some(conn) = &line.conn {
                return Some(conn.clone());
            }
            if pausing(&line) {
                return None;
            }
        }
        // One request dials; the others meanwhile go by the limits of this server.
        let mut line = self.line.try_write().ok()?;
        if line.conn.is_none() && !pausing(&line) {
            match self.dial().await {
                Ok(conn) => *line = Line { conn: Some(conn), failed_at: None },
                Err(error) => {
                    line.failed_at = Some(Instant::now());
                    self.report(&error);
                }
            }
        }
        line.conn.clone()
    }

    async fn dial(&self) -> RedisResult<(MultiplexedConnection, String)> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        let mut conn = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let script = redis::cmd("SCRIPT").arg("LOAD").arg(SCRIPT).query_async(&mut conn).await?;
        Ok((conn, script))
    }

    async fn lost(&self, error: &RedisError) {
        let mut line = self.line.write().await;
        *line = Line { conn: None, failed_at: Some(Instant::now()) };
        self.report(error);
    }

    fn report(&self, error: &RedisError) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::error!(
                event = "rate_limit_storage_away",
                %error,
                "the shared store of limits is away; this server limits by itself until it is back"
            );
        }
    }

    fn back(&self) {
        if self.away.load(Ordering::Relaxed) && self.away.swap(false, Ordering::Relaxed) {
            tracing::info!(event = "rate_limit_storage_back", "the shared store of limits is back");
        }
    }
}

/// The braces keep the buckets of a customer on one node of a cluster, as one script needs them.
fn name(subject: &Subject) -> String {
    match subject {
        Subject::Key(customer, id) => format!("mvai:rate:{{{customer}}}:key:{id}"),
        Subject::Customer(customer) => format!("mvai:rate:{{{customer}}}:keys"),
        Subject::People(customer) => format!("mvai:rate:{{{customer}}}:people"),
    }
}

/// Requests that are left, or minus the microseconds to wait.
fn said(answer: i64) -> Said {
    match u32::try_from(answer) {
        Ok(left) => Said::Left(left),
        Err(_) => Said::Wait(Duration::from_micros(answer.unsigned_abs())),
    }
}
