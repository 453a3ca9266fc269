//! Public forms, limited by address.

use api::config::Allowance;
use api::http::auth::PublicForm;
use api::http::frame::frame;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use serde_json::json;

use crate::support::{Actor, TestApp};

/// The door of public forms with nothing behind it.
async fn form(_form: PublicForm) -> &'static str {
    "taken"
}

async fn world(change: impl FnOnce(&mut api::config::Config)) -> (TestApp, Actor) {
    let test = TestApp::with(|config| {
        config.ratelimit_enabled = true;
        change(config);
    })
    .await;
    let router = Router::new()
        .route("/form", post(form))
        .layer(from_fn_with_state(test.app.clone(), frame))
        .with_state(test.app.clone());
    let actor = Actor::new(router, test.peer, None);
    (test, actor)
}

async fn taken(actor: &Actor, most: usize) -> usize {
    for heard in 0..most {
        let answer = actor.post("/form", &json!({})).await;
        if answer.status == 429 {
            answer.expect_problem(429, "rate_limited");
            return heard;
        }
        answer.expect_ok();
    }
    most
}

/// API-06: 50 forms an hour and 200 a day from one address; the refusal says how long to wait.
#[tokio::test]
async fn an_address_sends_so_many_forms() {
    let (test, actor) = world(|_| {}).await;
    assert_eq!(taken(&actor, 100).await, 50);
    let refused = actor.post("/form", &json!({})).await;
    assert_eq!(refused.headers["retry-after"], "72");
    assert_eq!(taken(&actor.from("203.0.113.8:1"), 100).await, 50, "another address");
    let mut all = 50;
    for _ in 0..10 {
        test.clock.advance(3_600_000);
        all += taken(&actor, 100).await;
    }
    // 200, and what refilled of them in ten hours; without the limit of the day it would be 550.
    assert!((200..=290).contains(&all), "{all}");
    assert!(taken(&actor, 100).await == 0);
}

/// API-06, SEC-03: an IPv6 network is one address; the setting decides; the switch switches off.
#[tokio::test]
async fn the_setting_decides() {
    let (_, actor) = world(|config| config.ratelimit_default = vec![Allowance::new(3, 60)]).await;
    assert_eq!(taken(&actor.from("[2001:db8:1:2::1]:1"), 10).await, 3);
    assert_eq!(taken(&actor.from("[2001:db8:1:2:ffff::9]:1"), 10).await, 0);
    assert_eq!(taken(&actor.from("[2001:db8:1:3::1]:1"), 10).await, 3);
    let (_, actor) = world(|config| config.ratelimit_enabled = false).await;
    assert_eq!(taken(&actor, 100).await, 100);
}

/// API-06, GEN-14: however many addresses come, only so many are remembered, and those away are forgotten.
#[tokio::test]
async fn memory_is_bounded() {
    let (test, actor) = world(|config| config.ratelimit_default = vec![Allowance::new(3, 60)]).await;
    let forms = &test.app.forms;
    let ip = |n: u32| api::http::client_ip::ClientIp {
        addr: Some(std::net::IpAddr::V4(n.into())),
        ..Default::default()
    };
    for n in 0..250_000 {
        forms.admit(ip(n)).unwrap();
        assert!(n % 10_000 != 0 || forms.remembered() <= 100_001, "{n}: {}", forms.remembered());
    }
    assert!(forms.remembered() > 1_000);
    test.clock.advance(61_000);
    forms.clean_up();
    assert_eq!(forms.remembered(), 0);
    assert_eq!(taken(&actor, 10).await, 3);
}
