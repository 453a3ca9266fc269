//! A small HTTP/1.1 client that keeps connections busy; the same for product and yardsticks.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load measured.
#[derive(Debug, Clone, Copy, Default)]
pub struct Measured {
    /// Requests answered in a second.
    pub per_second: f64,
    /// Median, in milliseconds.
    pub p50_ms: f64,
    /// 99th percentile (nearest rank), in milliseconds.
    pub p99_ms: f64,
    /// The slowest, in milliseconds.
    pub max_ms: f64,
    /// Answers that were no 2xx.
    pub failed: u64,
}

impl Measured {
    /// Puts latencies together.
    pub fn of(mut latencies: Vec<Duration>, wall: Duration, failed: u64) -> Self {
        latencies.sort_unstable();
        let at = |share: f64| {
            let rank =
                ((latencies.len() as f64 * share).ceil() as usize).clamp(1, latencies.len().max(1)) - 1;
            latencies.get(rank).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
        };
        Self {
            per_second: latencies.len() as f64 / wall.as_secs_f64(),
            p50_ms: at(0.5),
            p99_ms: at(0.99),
            max_ms: at(1.0),
            failed,
        }
    }
}

/// One connection that is kept open.
pub struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    /// Connects.
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("connect");
        stream.set_nodelay(true).expect("nodelay");
        Self { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// Sends a request and reads the whole answer; returns the status and the size of the body.
    pub async fn send(&mut self, request: &[u8]) -> (u16, usize) {
        self.stream.write_all(request).await.expect("write");
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.stream.read_buf(&mut self.buffer).await.expect("read") > 0, "closed");
        };
        let head = String::from_utf8_lossy(&self.buffer[..head_end]).to_ascii_lowercase();
        let status: u16 = head.split(' ').nth(1).and_then(|text| text.parse().ok()).unwrap_or(0);
        if let Some(length) = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next())
        {
            let length: usize = length.parse().expect("length");
            while self.buffer.len() < head_end + length {
                assert!(self.stream.read_buf(&mut self.buffer).await.expect("read") > 0, "closed");
            }
            return (status, length);
        }
        if status == 304 || status == 204 {
            return (status, 0);
        }
        // Chunked: read to the last chunk, keeping only a tail.
        let mut total = self.buffer.len() - head_end;
        loop {
            if self.buffer.ends_with(b"0\r\n\r\n") {
                return (status, total);
            }
            let keep = self.buffer.len().min(8);
            self.buffer.drain(..self.buffer.len() - keep);
            let more = self.stream.read_buf(&mut self.buffer).await.expect("read");
            assert!(more > 0, "closed");
            total += more;
        }
    }
}

/// Builds a request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: bench\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut bytes = text.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// Keeps a number of connections busy for a time; every request is made anew by `make`.
pub async fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    make: impl Fn(u64) -> Vec<u8> + Send + Sync + 'static,
) -> Measured {
    let make = Arc::new(make);
    let counter = Arc::new(AtomicU64::new(0));
    let started = Instant::now();
    let tasks: Vec<_> = (0..connections)
        .map(|_| {
            let (make, counter) = (Arc::clone(&make), Arc::clone(&counter));
            tokio::spawn(async move {
                let mut client = Client::connect(address).await;
                let (mut latencies, mut failed) = (Vec::new(), 0);
                while started.elapsed() < time {
                    let bytes = make(counter.fetch_add(1, Ordering::Relaxed));
                    let at = Instant::now();
                    let (status, _) = client.send(&bytes).await;
                    latencies.push(at.elapsed());
                    failed += u64::from(!(200..300).contains(&status) && status != 304);
                }
                (latencies, failed)
            })
        })
        .collect();
    let (mut latencies, mut failed) = (Vec::new(), 0);
    for task in tasks {
        let (own, bad) = task.await.expect("client");
        latencies.extend(own);
        failed += bad;
    }
    Measured::of(latencies, started.elapsed(), failed)
}
