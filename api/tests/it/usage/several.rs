//! Several servers with one Redis.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use api::app::App;
use api::config::Config;
use api::db::Db;
use api::domain::usage::rates::{Rates, Said, Subject};
use api::router::router;
use api::util::clock::Clock;
use api::util::ids::CustomerId;
use shared::limits::Rate;
use shared::tenancy::Plan;

use crate::support::program::free_port;
use crate::support::{Actor, TestApp, TestDatabase};

/// A Redis of its own for a test; ended when it is dropped.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// `None`, with a word about it, where the machine has none.
    fn start() -> Option<Self> {
        let port = free_port();
        Self::start_at(port)
    }

    fn start_at(port: u16) -> Option<Self> {
        let found = ["redis-server", "valkey-server"].into_iter().find_map(|program| {
            Command::new(program)
                .args([
                    "--port",
                    &port.to_string(),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                ])
                .stdout(Stdio::null())
                .spawn()
                .ok()
        });
        let Some(child) = found else {
            eprintln!("skipped: neither redis-server nor valkey-server is installed");
            return None;
        };
        let redis = Self { child, port };
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(since.elapsed() < Duration::from_secs(10), "Redis does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/", self.port)
    }

    fn stop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn config(redis: &Redis) -> Config {
    let mut config = Config::development("unused.db".into());
    config.rate_limit_storage = Some(redis.url().into());
    config
}

/// The store may lie away for so long before a server tries again.
const PAUSE: Duration = Duration::from_millis(1_100);

/// API-06: two servers together let in what one lets in, from all buckets of a request or from none of them.
#[tokio::test]
async fn servers_share_their_buckets() {
    let Some(redis) = Redis::start() else { return };
    let config = config(&redis);
    let nodes = [Rates::new(&config, &Clock::System), Rates::new(&config, &Clock::System)];
    let rate = Rate { per_minute: 60, burst: 30 };
    let key = |name: &str| Subject::Key(CustomerId(7), name.to_owned());
    let limits = |name: &str| {
        [(key(name), Rate { per_minute: 60, burst: 20 }), (Subject::Customer(CustomerId(7)), rate)]
    };
    let since = Instant::now();
    let mut let_in = [0_u64; 2];
    for at in 0..120 {
        let name = at % 2;
        let said = nodes[at / 2 % 2].check(Plan::Demo, &limits(["a", "b"][name])).await;
        assert_eq!(said.len(), 2);
        let_in[name] += u64::from(said.iter().all(|said| matches!(said, Said::Left(_))));
    }
    let refilled = since.elapsed().as_secs() + 1;
    let all = let_in[0] + let_in[1];
    assert!((30..=30 + refilled).contains(&all), "{let_in:?}, {refilled}");
    // The bucket of the customer refused, so those of the keys still hold five each.
    let said = nodes[1].check(Plan::Demo, &[(key("a"), Rate { per_minute: 60, burst: 20 })]).await;
    assert!(matches!(said.as_slice(), [Said::Left(left)] if (3..=6).contains(left)), "{said:?}");
    let Said::Wait(wait) = nodes[0].check(Plan::Demo, &limits("a")).await[1] else { panic!("no wait") };
    assert!(wait <= Duration::from_secs(1), "{wait:?}");
    // Another customer has buckets of its own.
    let other = [(Subject::Customer(CustomerId(8)), rate)];
    assert_eq!(nodes[0].check(Plan::Demo, &other).await, [Said::Left(29)]);
    assert_eq!(nodes[1].check(Plan::Demo, &other).await, [Said::Left(28)]);
    // Nothing was counted beside the store.
    assert_eq!(nodes[0].remembered() + nodes[1].remembered(), 0);
}

/// API-06: while the store is away each server limits by itself, nobody waits, and when it is back it is used again.
#[tokio::test]
async fn servers_limit_by_themselves_while_the_store_is_away() {
    let Some(mut redis) = Redis::start() else { return };
    let rates = Rates::new(&config(&redis), &Clock::System);
    let rate = Rate { per_minute: 60, burst: 30 };
    let limits = [(Subject::Customer(CustomerId(7)), rate)];
    for _ in 0..30 {
        assert!(matches!(rates.check(Plan::Demo, &limits).await[0], Said::Left(_)));
    }
    redis.stop();
    let since = Instant::now();
    let mut let_in = 0;
    for _ in 0..100 {
        let_in += u64::from(matches!(rates.check(Plan::Demo, &limits).await[0], Said::Left(_)));
    }
    assert!((30..=32).contains(&let_in), "its own bucket was full: {let_in}");
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    let redis = Redis::start_at(redis.port).unwrap();
    tokio::time::sleep(PAUSE).await;
    assert_eq!(rates.check(Plan::Demo, &limits).await, [Said::Left(29)], "the store came back empty");
    drop(redis);
}

/// API-06: two servers on one PostgreSQL and one Redis, through the public door; without Redis no request fails.
#[tokio::test]
async fn two_servers_let_in_what_one_lets_in() {
    if !TestDatabase::is_postgres() {
        return; // One server alone opens a file.
    }
    let Some(mut redis) = Redis::start() else { return };
    let url = redis.url();
    let test = TestApp::with(|config| {
        config.default_plan = Plan::Demo;
        config.ratelimit_enabled = true;
        config.rate_limit_storage = Some(url.into());
    })
    .await;
    let (_, _, key) = test.tenant().await;
    let config = test.app.config.clone();
    let opened = Db::open(&config.storage, config.durability, false).await.unwrap();
    let other = App::new(config, opened.db, test.clock.clone()).unwrap();
    let nodes = [key.clone(), Actor::new(router(other.clone()), test.peer, key.credential.clone())];
    let since = Instant::now();
    let mut let_in = 0;
    for at in 0..80 {
        let answer = nodes[at % 2].get("/api/v1/me").await;
        assert!(answer.status == 200 || answer.status == 429, "{}", answer.status);
        let_in += u64::from(answer.status == 200);
    }
    let refilled = since.elapsed().as_secs() + 1;
    assert!((30..=30 + refilled).contains(&let_in), "{let_in}, {refilled}");
    redis.stop();
    let mut let_in = 0;
    for at in 0..100 {
        let answer = nodes[at % 2].get("/api/v1/me").await;
        assert!(answer.status == 200 || answer.status == 429, "{}", answer.status);
        let_in += u64::from(answer.status == 200);
    }
    // The clock of the servers stands: each has a full bucket and no more.
    assert_eq!(let_in, 60);
    other.close().await;
}
