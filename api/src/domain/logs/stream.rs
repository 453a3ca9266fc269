//! Following logs live: server-sent events that miss nothing and send nothing twice.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use bytes::Bytes;
use shared::access::Permission;
use shared::problem::Code;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;

use super::finder::{Order, connect};
use super::model::BookKey;
use super::repo;
use super::service::{self, Asked};
use crate::db::Db;
use crate::http::auth::{LogsRead, Tenant};
use crate::http::params::Params;
use crate::http::problem::{Answer, Problem};
use crate::util::ids::LogId;

const PING_EVERY: Duration = Duration::from_secs(15);
/// How often the caller is checked again, and on PostgreSQL the database asked for what other nodes stored.
const CHECK_EVERY: Duration = Duration::from_millis(500);
/// Pause between two reads while many commits come in.
const GATHER: Duration = Duration::from_millis(50);
const PORTION: usize = 200;

/// Opens a stream.
///
/// # Errors
/// `invalid_query`, or what the database says.
pub async fn open(tenant: Tenant<LogsRead>, headers: &HeaderMap, params: &Params) -> Answer<Response> {
    let mut asked = service::asked(params, tenant.info.lang)?;
    asked.order = Order::OldestArrival;
    let key = BookKey { customer: tenant.id(), space: tenant.space() };
    let resumed = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .or_else(|| params.get("last_event_id"));
    let after = match resumed.and_then(|text| text.trim().parse::<i64>().ok()).filter(|seq| *seq >= 0) {
        Some(seq) => seq,
        None => repo::find_book(&mut connect(&tenant.app, key).await?, key).await?.seq,
    };
    let (sender, receiver) = mpsc::channel::<Bytes>(64);
    tokio::spawn(follow(tenant, asked, key, after, sender));
    let body = Body::from_stream(ReceiverStream::new(receiver).map(Ok::<_, Infallible>));
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}

async fn follow(
    tenant: Tenant<LogsRead>,
    asked: Asked,
    key: BookKey,
    after: i64,
    sender: mpsc::Sender<Bytes>,
) {
    let reason = match run(&tenant, &asked, key, after, &sender).await {
        Ok(()) => return,
        Err(problem) => problem,
    };
    let text = serde_json::json!({ "code": reason.code.as_str(), "reason": reason.detail(tenant.info.lang) });
    // The reader may have gone; then there is nobody to tell.
    drop(sender.send(Bytes::from(format!("event: end\ndata: {text}\n\n"))).await);
}

/// Sends until the reader goes (`Ok`) or must go (`Err`).
async fn run(
    tenant: &Tenant<LogsRead>,
    asked: &Asked,
    key: BookKey,
    mut after: i64,
    sender: &mpsc::Sender<Bytes>,
) -> Answer<()> {
    let app = &tenant.app;
    let mut news = app.live.follow();
    let mut stopping = app.stopping.subscribe();
    let mut ping = tokio::time::interval(PING_EVERY);
    let mut check = tokio::time::interval(CHECK_EVERY);
    check.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let many_nodes = matches!(app.db, Db::Postgres(_));
    if sender.send(Bytes::from_static(b"retry: 2000\n\n")).await.is_err() {
        return Ok(());
    }
    after = send_new(tenant, asked, key, after, sender).await?;
    loop {
        let look = tokio::select! {
            () = sender.closed() => return Ok(()),
            () = async { drop(stopping.wait_for(|stop| *stop).await) } => return Err(Problem::new(Code::Stopping)),
            heard = news.recv() => match heard {
                Ok(heard) => heard.customer == key.customer && heard.space == key.space && heard.seq > after,
                Err(RecvError::Lagged(_)) => true,
                Err(RecvError::Closed) => return Err(Problem::new(Code::Stopping)),
            },
            _ = ping.tick() => {
                if sender.send(Bytes::from_static(b": ping\n\n")).await.is_err() {
                    return Ok(());
                }
                false
            }
            _ = check.tick() => {
                app.still(&tenant.principal, Permission::LogsRead).await?;
                many_nodes
            }
        };
        if look {
            // The caller may have lost its right since the last look.
            app.still(&tenant.principal, Permission::LogsRead).await?;
            after = send_new(tenant, asked, key, after, sender).await?;
            tokio::time::sleep(GATHER).await;
        }
    }
}

/// Sends what came after a number and fits; returns the number up to which everything is sent.
async fn send_new(
    tenant: &Tenant<LogsRead>,
    asked: &Asked,
    key: BookKey,
    after: i64,
    sender: &mpsc::Sender<Bytes>,
) -> Answer<i64> {
    let mut after = after;
    let newest = repo::find_book(&mut connect(&tenant.app, key).await?, key).await?.seq;
    let mut search = asked.search(key, &tenant.customer.zone);
    search.up_to = Some(newest);
    while after < newest {
        search.after = Some((i64::MIN, LogId::base(key.customer, key.space) + after));
        // Given back before anything is sent: a slow reader holds nothing.
        let found = search.page(&mut connect(&tenant.app, key).await?, PORTION).await?;
        for row in found.rows {
            after = LogId(row.id).seq();
            let json = serde_json::to_string(&row.out())
                .map_err(|error| Problem::new(Code::Internal).caused_by(&error))?;
            if sender.send(Bytes::from(format!("id: {after}\nevent: log\ndata: {json}\n\n"))).await.is_err() {
                return Ok(newest);
            }
        }
        after = found.next.map_or(newest, |(_, id)| LogId(id).seq());
    }
    Ok(after)
}
