//! Accepting connections: our own loop, because time limits and caps must hold from the first byte on.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::http::{Version, header};
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

use crate::app::App;
use crate::http::frame::Malformed;

/// Pause after a failed accept: no descriptors are left, and spinning frees none.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
const MAX_HEAD_BYTES: usize = 16 * 1024 + 8 * 1024;
const MAX_HEADERS: usize = 100;

/// How many connections may be open, and how long the server waits for them.
#[derive(Debug, Clone, Copy)]
pub struct Caps {
    /// In all.
    pub total: usize,
    /// From one address (IPv6: one /64); trusted proxies are not counted.
    pub per_address: usize,
    /// Time for the head of a request, and between two requests.
    pub head: Duration,
    /// Time without progress while writing an answer.
    pub write: Duration,
    /// Time for running requests when the server stops.
    pub stop: Duration,
}

impl Default for Caps {
    fn default() -> Self {
        let (head, write, stop) = (Duration::from_secs(10), Duration::from_secs(30), Duration::from_secs(10));
        Self { total: 4_096, per_address: 512, head, write, stop }
    }
}

/// Open connections by address.
#[derive(Debug, Default)]
struct Counts(Mutex<HashMap<IpAddr, usize>>);

/// A place under the cap of an address; given back when it is dropped.
struct Place {
    counts: Arc<Counts>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

impl Counts {
    fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Place> {
        let address = network(address);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Place { counts: Arc::clone(self), address })
    }
}

/// The address that is counted: IPv6 by its /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_none() => {
            let mut octets = v6.octets();
            octets[8..].fill(0);
            IpAddr::from(octets)
        }
        other => other,
    }
}

/// Serves until `stop` completes, then lets running requests finish.
///
/// # Errors
/// Never at present; the loop survives errors of single connections and of accepting.
pub async fn serve(
    app: App,
    router: Router,
    listener: TcpListener,
    caps: Caps,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(caps.total));
    let counts = Arc::new(Counts::default());
    let graceful = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut stop => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, event = "accept_failed");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
        };
        let Ok(permit) = Arc::clone(&places).try_acquire_owned() else {
            continue;
        };
        let trusted = app.config.trusted_proxies.iter().any(|net| net.contains(&peer.ip()));
        let most = if trusted { usize::MAX } else { caps.per_address };
        let Some(place) = counts.enter(peer.ip(), most) else {
            continue;
        };
        let connection = graceful.watch(connection(stream, peer, router.clone(), caps));
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, %peer, event = "connection_ended");
            }
            drop((place, permit));
        });
    }
    drop(listener);
    // Streams end when they see this; what was accepted is answered.
    app.stopping.send_replace(true);
    if tokio::time::timeout(caps.stop, graceful.shutdown()).await.is_err() {
        tracing::warn!(event = "stop_cut_off", "requests were still running after {} s", caps.stop.as_secs());
    }
    Ok(())
}

#[expect(clippy::type_complexity, reason = "hyper's connection with a service of ours")]
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    caps: Caps,
) -> hyper::server::conn::http1::Connection<
    TokioIo<std::pin::Pin<Box<TimeoutStream<TcpStream>>>>,
    impl hyper::service::Service<
        hyper::Request<Incoming>,
        Response = axum::response::Response,
        Error = std::convert::Infallible,
        Future = impl Future<Output = Result<axum::response::Response, std::convert::Infallible>> + Send,
    > + Send,
> {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "nodelay");
    }
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(caps.write));
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request: Request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        // RFC 9112 3.2: exactly one host, or front and back may each believe another.
        if request.version() == Version::HTTP_11
            && request.headers().get_all(header::HOST).iter().count() != 1
        {
            request.extensions_mut().insert(Malformed);
        }
        router.clone().oneshot(request)
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(caps.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .keep_alive(true)
        .serve_connection(TokioIo::new(Box::pin(stream)), service)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E2 of the security goals: an address has a cap, a /64 counts as one, and places are given back.
    #[test]
    fn addresses_have_a_cap() {
        let counts = Arc::new(Counts::default());
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let first = counts.enter(address("2001:db8::1"), 2).unwrap();
        let _second = counts.enter(address("2001:db8::2"), 2).unwrap();
        assert!(counts.enter(address("2001:db8::3"), 2).is_none());
        assert!(counts.enter(address("2001:db8:0:1::1"), 2).is_some());
        drop(first);
        assert!(counts.enter(address("2001:db8::3"), 2).is_some());
    }
}
