//! Who is denied, for how long, who never is, and how it ends: through the front door.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use shared::time::Millis;

use crate::support::{Actor, Answer, TestApp, encode, program, wire};

const DECISIONS: &str = "/api/v1/admin/security/decisions";
const EVENTS: &str = "/api/v1/admin/security/events";
/// Somebody who attacks, and somebody next door.
const STRANGER: &str = "198.51.100.23:1";
const NEIGHBOUR: &str = "198.51.100.24:1";
const HOUR_MS: i64 = 3_600_000;

/// An attack in the query that is plain.
async fn attack(from: &Actor) -> Answer {
    from.get(&format!("/api/v1/me?x={}", encode("1' UNION SELECT password FROM staff --"))).await
}

async fn decisions(admin: &Actor, query: &str) -> Vec<Value> {
    let page = admin.get(&format!("{DECISIONS}?{query}")).await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}

/// Events that are written down by now.
async fn events(test: &TestApp, admin: &Actor, query: &str) -> Vec<Value> {
    api::domain::security::events::service::flush(&test.app).await;
    let page = admin.get(&format!("{EVENTS}?{query}")).await.expect_ok().json();
    page["data"].as_array().unwrap().clone()
}

async fn is_denied(actor: &Actor) -> bool {
    let answer = actor.get("/api/v1/public/plans-that-are-not").await;
    if answer.status == StatusCode::FORBIDDEN {
        answer.expect_problem(403, "address_denied");
        return true;
    }
    false
}

/// Five threats within ten minutes and the sixth request is denied, whatever it asks for; four are not enough.
/// What names the block names the very events, and it ends by itself.
#[tokio::test]
async fn the_sixth_request_is_denied() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let stranger = test.anon().from(STRANGER);
    for _ in 0..4 {
        attack(&stranger).await.expect_problem(403, "request_refused");
    }
    assert!(!is_denied(&stranger).await, "four are not enough");
    attack(&stranger).await.expect_problem(403, "request_refused");
    let refused = stranger.get("/api/v1/public/plans").await;
    let wait: i64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert_eq!(wait, 24 * 3_600);
    let number = refused.headers["x-request-id"].to_str().unwrap().to_owned();
    let problem = refused.expect_problem(403, "address_denied");
    assert_eq!(problem["incident_id"], number);
    for rule in ["union", "score", "detector"] {
        assert!(!problem.to_string().contains(rule), "{problem}");
    }
    assert!(!is_denied(&test.anon().from(NEIGHBOUR)).await);
    stranger.get("/api/v1/health").await.expect_ok();

    let found = decisions(&admin, "active=true").await;
    assert_eq!(found.len(), 1);
    let decision = &found[0];
    assert_eq!(decision["network"], "198.51.100.23/32");
    assert_eq!((&decision["origin"], &decision["action"]), (&json!("detector"), &json!("deny")));
    let evidence: Vec<&str> =
        decision["evidence"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    let told = events(&test, &admin, "network=198.51.100.23&kind=threat").await;
    let ids: Vec<&str> = told.iter().map(|event| event["id"].as_str().unwrap()).collect();
    assert!(!evidence.is_empty() && evidence.iter().all(|id| ids.contains(id)), "{evidence:?} {ids:?}");
    let times: i64 = told
        .iter()
        .filter(|event| event["outcome"] == "refused")
        .map(|event| event["times"].as_i64().unwrap())
        .sum();
    assert_eq!(times, 5, "{told:?}");
    assert!(told.iter().any(|event| event["outcome"] == "blocked"), "{told:?}");
    assert!(
        decision["hits"].as_i64().unwrap() > 0 || events(&test, &admin, "kind=list_hit").await.len() == 1
    );

    test.clock.advance(24 * HOUR_MS);
    assert!(!is_denied(&stranger).await, "it ends by itself");
    // Ten minutes later the count begins anew.
    for _ in 0..4 {
        attack(&stranger).await.expect_problem(403, "request_refused");
    }
    test.clock.advance(10 * 60_000);
    attack(&stranger).await.expect_problem(403, "request_refused");
    assert!(!is_denied(&stranger).await);
}

/// Whoever shows a valid credential is never denied by machines, neither for what it sends itself nor for its
/// neighbours behind the same address; the events say whose they are. A credential that is no good is none.
#[tokio::test]
async fn honest_senders_pass() {
    let test = TestApp::new().await;
    let (customer, owner, key) = test.tenant().await;
    let admin = test.admin().await;
    let (owner, key) = (owner.from(STRANGER), key.from(STRANGER));
    let shipped = json!({ "kind": "note", "message": "1' UNION SELECT password FROM staff --" });
    for sender in [&owner, &key] {
        for _ in 0..7 {
            attack(sender).await.expect_ok();
        }
    }
    assert!(decisions(&admin, "active=true").await.is_empty());
    let told = events(&test, &admin, "network=198.51.100.23").await;
    assert!(
        told.iter().all(|event| event["customer_id"] == customer.id && event["outcome"] == "simulated"),
        "{told:?}"
    );

    let impostor = test.bearer("mvai_live_nobody").from(STRANGER);
    for _ in 0..5 {
        attack(&impostor).await.expect_problem(403, "request_refused");
    }
    assert!(is_denied(&test.anon().from(STRANGER)).await);
    assert!(is_denied(&impostor).await);
    for sender in [&owner, &key] {
        sender.get("/api/v1/logs").await.expect_ok();
        sender.post("/api/v1/logs", &shipped).await.expect(StatusCode::CREATED);
    }
    // Staff's own word is about everybody.
    let deny = json!({ "network": "198.51.100.23", "action": "deny", "reason": "proef" });
    admin.post(DECISIONS, &deny).await.expect(StatusCode::CREATED);
    key.get("/api/v1/logs").await.expect_problem(403, "address_denied");
}

/// SEC-11: a trap answers like any unknown path and has a stranger denied for seven days; honest places are none.
#[tokio::test]
async fn traps_are_watched() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (_, owner, _) = test.tenant().await;
    let stranger = test.anon().from(STRANGER);
    let unknown = test.anon().from(NEIGHBOUR).get("/there-is-nothing").await;
    let trap = stranger.get("/.env").await;
    assert_eq!(
        (trap.status, trap.headers.get("content-type")),
        (unknown.status, unknown.headers.get("content-type"))
    );
    let same = |answer: Answer| {
        let mut problem: Value = serde_json::from_slice(&answer.body).unwrap();
        for own in ["request_id", "instance"] {
            problem.as_object_mut().unwrap().remove(own);
        }
        problem
    };
    assert_eq!(same(trap), same(unknown));
    assert!(is_denied(&stranger).await);
    let found = decisions(&admin, "origin=honeypot").await;
    let life = Millis::from_rfc3339(found[0]["expires_at"].as_str().unwrap()).unwrap().0 - test.clock.now().0;
    assert_eq!(life, 168 * HOUR_MS);
    // With a credential it is an event and no more.
    owner
        .from("198.51.100.77:1")
        .send(Method::POST, "/wp-login.php", None, "x".into())
        .await
        .expect(StatusCode::NOT_FOUND);
    owner.from("198.51.100.77:1").get("/api/v1/me").await.expect_ok();
    assert!(!is_denied(&test.anon().from("198.51.100.77:1")).await);
    let told = events(&test, &admin, "kind=honeypot").await;
    assert_eq!(told.len(), 2, "{told:?}");
    let severities: Vec<_> = told.iter().map(|event| event["severity"].as_str().unwrap()).collect();
    assert!(severities.contains(&"critical") && severities.contains(&"high"));
    // The page says that somebody has to look, until somebody did.
    let page = admin.get("/api/v1/admin/security").await.expect_ok().json();
    assert_eq!(
        (&page["level"]["level"], &page["level"]["open_critical"], &page["honeypot"]),
        (&json!("high"), &json!(1), &json!(2))
    );
    let until = json!({ "until": told[0]["id"] });
    admin.post(&format!("{EVENTS}/acknowledgements"), &until).await.expect_ok();
    let page = admin.get("/api/v1/admin/security").await.expect_ok().json();
    assert_eq!(page["level"]["open_critical"], 0);

    let off = TestApp::with(|config| config.honeypot = false).await;
    off.anon().get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(!is_denied(&off.anon()).await, "ENABLE_HONEYPOT");
}

/// A picture in a page of another web site does not have whoever looks at it denied; and who is signed in behind a denied
/// address reloads the page and stays signed in.
#[tokio::test]
async fn bystanders_are_not_harmed() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let bystander = test.anon().from(STRANGER).with("sec-fetch-site", "cross-site");
    bystander.get("/.env").await.expect(StatusCode::NOT_FOUND);
    for _ in 0..6 {
        attack(&bystander).await.expect_problem(403, "request_refused");
    }
    assert!(!is_denied(&test.anon().from(STRANGER)).await);
    let login = json!({ "access_code": customer.access_code });
    let signed_in = test.anon().from(STRANGER).post("/api/v1/auth/login", &login).await.expect_ok();
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    // Control: the same by somebody's own doing.
    test.anon().from(STRANGER).get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&test.anon().from(STRANGER)).await);
    let browser = test.anon().from(STRANGER).with("cookie", &cookie);
    assert_ne!(browser.with("accept", "text/html").get("/app").await.status, StatusCode::FORBIDDEN);
    browser.post("/api/v1/auth/refresh", &json!({})).await.expect_ok();
    let forged = test.anon().from(STRANGER).with("cookie", &format!("{cookie}x"));
    assert!(is_denied(&forged).await);
    let admin = test.admin().await;
    for _ in 0..30 {
        assert!(is_denied(&test.anon().from(STRANGER)).await);
        api::domain::security::events::service::flush(&test.app).await;
    }
    assert_eq!(
        events(&test, &admin, "kind=list_hit").await.len(),
        1,
        "whoever knocks again says nothing new"
    );
    let hits = decisions(&admin, "active=true").await[0]["hits"].as_i64().unwrap();
    assert!(hits >= 32, "but it is counted: {hits}");
}

/// Allowing beats denying and lifts at once; lifting gives a day in which the same cause only alerts.
#[tokio::test]
async fn decisions_end_when_staff_says_so() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let stranger = test.anon().from(STRANGER);
    stranger.get("/.git/config").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&stranger).await);
    let id = decisions(&admin, "active=true").await[0]["id"].as_str().unwrap().to_owned();
    let lifted = admin.delete(&format!("{DECISIONS}/{id}")).await.expect_ok().json();
    assert_eq!(lifted["state"], "lifted");
    assert!(!is_denied(&stranger).await);
    admin.delete(&format!("{DECISIONS}/{id}")).await.expect_problem(409, "state_conflict");
    stranger.get("/.git/config").await.expect(StatusCode::NOT_FOUND);
    assert!(!is_denied(&stranger).await, "only alerts for a day");
    let told = events(&test, &admin, "kind=honeypot").await;
    assert_eq!(told[0]["outcome"], "grace");
    test.clock.advance(25 * HOUR_MS);
    stranger.get("/.git/config").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&stranger).await);

    // The session of staff has ended meanwhile.
    let admin = test.admin().await;
    let allow =
        json!({ "network": "198.51.100.0/24", "action": "allow", "reason": "onze vestiging", "hours": null });
    let made = admin.post(DECISIONS, &allow).await.expect(StatusCode::CREATED);
    assert!(made.headers["location"].to_str().unwrap().starts_with(DECISIONS));
    assert!(!is_denied(&stranger).await);
    assert_eq!(decisions(&admin, "active=true").await.len(), 1, "the automatic one is lifted");
    for _ in 0..6 {
        attack(&stranger).await.expect_problem(403, "request_refused");
    }
    stranger.get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(!is_denied(&stranger).await, "whom staff trusts is never denied by machines");
    let deny = json!({ "network": "198.51.100.23", "action": "deny", "reason": "toch", "hours": 1 });
    admin.post(DECISIONS, &deny).await.expect(StatusCode::CREATED);
    assert!(!is_denied(&stranger).await, "allowing beats denying");
}

/// SEC-13: this machine, proxies, what settings trust, yourself, and staff that is signed in are refused with a reason,
/// and machines spare them.
#[tokio::test]
async fn nobody_denies_themselves() {
    let nets = |text: &str| vec![api::http::client_ip::parse_net(text).unwrap()];
    let test = TestApp::with(|config| {
        config.trusted_proxies = nets("10.0.0.0/8");
        config.trusted_ips = nets("192.0.2.0/24");
    })
    .await;
    let admin = test.admin().await;
    let elsewhere = admin.from("203.0.113.200:1");
    for (actor, network, why) in [
        (&admin, "203.0.113.7", "you"),
        (&admin, "203.0.113.0/24", "you"),
        (&elsewhere, "203.0.113.7", "staff"),
        (&admin, "127.0.0.1", "loopback"),
        (&admin, "::1", "loopback"),
        (&admin, "0.0.0.0/0", "loopback"),
        (&admin, "10.1.2.3", "proxy"),
        (&admin, "::ffff:10.1.2.3", "proxy"),
        (&admin, "192.0.2.17", "trusted"),
    ] {
        let deny = json!({ "network": network, "action": "deny", "reason": "proef" });
        let problem = actor.post(DECISIONS, &deny).await.expect_problem(409, "address_spared");
        assert_eq!(problem["why"], why, "{network}");
    }
    assert!(decisions(&admin, "").await.is_empty());
    // What only says what it would do may be about anybody.
    let simulated =
        json!({ "network": "203.0.113.7", "action": "deny", "reason": "proef", "simulated": true });
    let made = admin.post(DECISIONS, &simulated).await.expect(StatusCode::CREATED).json();
    admin.get("/api/v1/me").await.expect_ok();
    let path = format!("{DECISIONS}/{}", made["id"].as_str().unwrap());
    admin.patch(&path, &json!({ "simulated": false })).await.expect_problem(409, "address_spared");
    api::domain::security::events::service::flush(&test.app).await;
    assert!(decisions(&admin, "").await[0]["hits"].as_i64().unwrap() > 0, "and counts");
    // Machines spare them as well.
    for spared in ["203.0.113.7:1", "127.0.0.1:1", "10.1.2.3:1", "192.0.2.17:1"] {
        let somebody = test.anon().from(spared);
        somebody.get("/.env").await.expect(StatusCode::NOT_FOUND);
        assert!(!is_denied(&somebody).await, "{spared}");
    }
    // Control: somebody else is not spared.
    test.anon().from(STRANGER).get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&test.anon().from(STRANGER)).await);
    // A forged header neither denies a victim nor helps an attacker.
    let forger = test.anon().from("198.51.100.99:1").with("x-forwarded-for", "198.51.100.50");
    forger.get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(!is_denied(&test.anon().from("198.51.100.50:1")).await);
    assert!(is_denied(&test.anon().from("198.51.100.99:1").with("x-forwarded-for", "192.0.2.1")).await);
    // Behind a proxy it is the client that is denied, and not the proxy.
    let proxy = test.anon().from("10.9.9.9:1");
    proxy.with("x-forwarded-for", "198.51.100.60").get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&proxy.with("x-forwarded-for", "198.51.100.60")).await);
    assert!(!is_denied(&proxy.with("x-forwarded-for", "198.51.100.61")).await);
    // A proxy that nobody named is not denied: everybody comes from it. A private address that forwards nothing is.
    let unnamed = test.anon().from("192.168.1.1:1");
    unnamed.with("x-forwarded-for", "198.51.100.70").get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(!is_denied(&unnamed).await);
    unnamed.get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert!(is_denied(&unnamed).await);
}

/// What cannot be read, has no end or no reason is refused with the place of the fault.
#[tokio::test]
async fn decisions_are_checked() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    for (body, pointer) in [
        (json!({ "network": "banana", "action": "deny", "reason": "x" }), "/network"),
        (json!({ "network": "198.51.100.0/33", "action": "deny", "reason": "x" }), "/network"),
        (json!({ "network": "198.51.100.1", "action": "deny", "reason": " " }), "/reason"),
        (json!({ "network": "198.51.100.1", "action": "deny", "reason": "x", "hours": null }), "/hours"),
        (json!({ "network": "198.51.100.1", "action": "deny", "reason": "x", "hours": 8761 }), "/hours"),
        (json!({ "network": "198.51.100.1", "action": "deny", "reason": "x", "hours": 0 }), "/hours"),
        (
            json!({ "network": "198.51.100.1", "action": "deny", "reason": "x", "evidence": ["' or 1=1"] }),
            "/evidence",
        ),
        (json!({ "network": "198.51.100.1", "action": "ban", "reason": "x" }), "/action"),
        (
            json!({ "network": "198.51.100.1", "action": "deny", "reason": "x", "customer_id": 1 }),
            "/customer_id",
        ),
    ] {
        let problem = admin.post(DECISIONS, &body).await.expect_problem(422, "invalid_body");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    admin.get(&format!("{DECISIONS}?q={}", encode("100%_!"))).await.expect_ok();
    let analyst = test.analyst().await;
    analyst.get(DECISIONS).await.expect_ok();
    let deny = json!({ "network": "198.51.100.1", "action": "deny", "reason": "x" });
    analyst.post(DECISIONS, &deny).await.expect_problem(403, "forbidden");
}

/// Where decisions hold; the back office and private installations are for named networks.
#[tokio::test]
async fn decisions_hold_where_they_are_meant_to() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (_, owner, key) = test.tenant().await;
    let (from_there, key) = (admin.from(STRANGER), key.from(STRANGER));
    let deny = |scope: &str| json!({ "network": "198.51.100.23", "action": "deny", "scope": scope, "reason": "proef" });
    let made = admin.post(DECISIONS, &deny("admin")).await.expect(StatusCode::CREATED).json();
    from_there.get("/api/v1/admin/customers").await.expect_problem(403, "address_denied");
    from_there.get("/api/v1/me").await.expect_ok();
    key.get("/api/v1/logs").await.expect_ok();
    admin.delete(&format!("{DECISIONS}/{}", made["id"].as_str().unwrap())).await.expect_ok();
    admin.post(DECISIONS, &deny("api")).await.expect(StatusCode::CREATED);
    from_there.get("/api/v1/admin/customers").await.expect_ok();
    key.get("/api/v1/logs").await.expect_problem(403, "address_denied");
    // A shipper hears it in the words of its protocol.
    let push = key.post_raw("/loki/api/v1/push", "application/json", "{}").await;
    assert_eq!(
        (push.status, push.headers["content-type"].to_str().unwrap()),
        (StatusCode::FORBIDDEN, "text/plain; charset=utf-8")
    );
    // A browser gets a page that can be read.
    admin.post(DECISIONS, &deny("all")).await.expect(StatusCode::CREATED);
    let page = test
        .anon()
        .from(STRANGER)
        .with("accept", "text/html")
        .with("accept-language", "nl")
        .get("/app")
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let html = String::from_utf8_lossy(&page.body);
    assert!(
        html.contains("<html lang=\"nl\">") && html.contains("Toegang vanaf uw netwerk is dicht"),
        "{html}"
    );
    owner.get("/api/v1/me").await.expect_ok();

    let nets = |text: &str| vec![api::http::client_ip::parse_net(text).unwrap()];
    let office = TestApp::with(|config| config.admin_ips = nets("203.0.113.0/24")).await;
    let admin = office.admin().await;
    admin.get("/api/v1/admin/customers").await.expect_ok();
    admin.from(STRANGER).get("/api/v1/admin/customers").await.expect_problem(403, "network_not_allowed");
    let private = TestApp::with(|config| {
        config.network_mode = api::config::NetworkMode::Private;
        config.allowed_networks = nets("203.0.113.0/24");
    })
    .await;
    private.anon().get("/api/v1/permissions").await.expect_ok();
    private.anon().from(STRANGER).get("/api/v1/permissions").await.expect_problem(403, "network_not_allowed");
    private.anon().from(STRANGER).get("/api/v1/health").await.expect_ok();
}

/// A stranger who tries many addresses is slowed, and says so; whoever shows a valid credential is not.
#[tokio::test]
async fn oddities_are_slowed() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (_, _, key) = test.tenant().await;
    let (stranger, key) = (test.anon().from(STRANGER), key.from(STRANGER));
    for number in 0..20 {
        key.get(&format!("/api/v1/nothing-{number}")).await.expect(StatusCode::NOT_FOUND);
        stranger.get(&format!("/api/v1/missing-{number}")).await.expect(StatusCode::NOT_FOUND);
        key.get("/api/v1/nothing-0").await.expect(StatusCode::NOT_FOUND);
    }
    assert!(decisions(&admin, "active=true").await.is_empty(), "twenty are allowed");
    stranger.get("/api/v1/missing-20").await.expect(StatusCode::NOT_FOUND);
    let found = decisions(&admin, "active=true").await;
    assert_eq!((&found[0]["action"], &found[0]["origin"]), (&json!("throttle"), &json!("behaviour")));
    let mut heard = 0;
    while stranger.get("/api/v1/permissions").await.status == StatusCode::OK {
        heard += 1;
        assert!(heard <= 60, "never slowed");
    }
    assert_eq!(heard, 60);
    key.get("/api/v1/permissions").await.expect_ok();
    test.clock.advance(HOUR_MS);
    stranger.get("/api/v1/permissions").await.expect_ok();
    // Many clients at one address.
    let other = test.anon().from("198.51.100.40:1");
    for number in 0..6 {
        other
            .with("user-agent", &format!("client/{number}"))
            .get("/api/v1/me")
            .await
            .expect(StatusCode::UNAUTHORIZED);
    }
    // The session of staff has idled away meanwhile.
    let admin = test.admin().await;
    let told = events(&test, &admin, "kind=behaviour").await;
    let rules: Vec<_> = told.iter().map(|event| event["rules"][0].as_str().unwrap()).collect();
    assert_eq!(rules, ["many-clients", "many-missing"]);
}

/// Modes act on the next request; observing says what it would have done and does nothing.
#[tokio::test]
async fn modes_act() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let (_, owner, _) = test.tenant().await;
    let stranger = test.anon().from(STRANGER);
    let set = |anonymous: &str, signed_in: &str| json!({ "anonymous": anonymous, "signed_in": signed_in });
    let modes = "/api/v1/admin/security/modes";
    admin.put(modes, &set("observe", "enforce")).await.expect_ok();
    for _ in 0..7 {
        attack(&stranger).await.expect_problem(401, "unauthenticated");
    }
    attack(&owner).await.expect_problem(403, "request_refused");
    let told = events(&test, &admin, "kind=threat").await;
    assert!(told.iter().any(|event| event["outcome"] == "simulated" && event["times"] == 7), "{told:?}");
    assert!(decisions(&admin, "").await.is_empty());
    admin.put(modes, &set("off", "off")).await.expect_ok();
    attack(&stranger).await.expect_problem(401, "unauthenticated");
    attack(&owner).await.expect_ok();
    assert_eq!(events(&test, &admin, "kind=threat").await.len(), told.len());
    admin.put(modes, &set("enforce", "observe")).await.expect_ok();
    attack(&stranger).await.expect_problem(403, "request_refused");
    let audit = admin.get("/api/v1/admin/audit?action=detector").await.expect_ok().json();
    assert_eq!(audit["data"].as_array().unwrap().len(), 3);
}

/// Events are kept 400 days and can be taken out; what strangers call themselves is no formula and no command
/// for a terminal.
#[tokio::test]
async fn events_are_kept_and_taken_out() {
    let test = TestApp::new().await;
    let admin = test.admin().await;
    let stranger = test.anon().from(STRANGER).with("user-agent", "=cmd|' /C calc'!A1");
    stranger.get("/.env").await.expect(StatusCode::NOT_FOUND);
    assert_eq!(events(&test, &admin, "").await.len(), 1);
    let csv = admin.get(&format!("{EVENTS}/export")).await.expect_ok().text();
    let mut lines = csv.lines();
    assert!(lines.next().unwrap().contains("severity"));
    let line = lines.next().unwrap();
    assert!(line.contains("198.51.100.23") && line.contains("'=cmd"), "{line}");
    let rows =
        admin.get(&format!("{EVENTS}/export?format=ndjson&severity=critical")).await.expect_ok().text();
    assert_eq!(rows.lines().count(), 1);
    admin.get(&format!("{EVENTS}?network=banana")).await.expect_problem(400, "invalid_parameter");
    test.clock.advance(399 * 24 * HOUR_MS);
    assert_eq!(api::domain::security::events::service::forget_old(&test.app).await.unwrap(), 0);
    test.clock.advance(2 * 24 * HOUR_MS);
    assert_eq!(api::domain::security::events::service::forget_old(&test.app).await.unwrap(), 1);
}

/// Decisions survive a kill, and whoever stands at the machine ends them beside the running server, within a
/// second.
#[test]
fn decisions_survive_and_the_command_line_ends_them() {
    if crate::support::TestDatabase::is_postgres() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let proxied = [("TRUSTED_PROXIES", "127.0.0.0/8")];
    let server = program::Program::start(dir.path(), &proxied);
    let ask = |port: u16, path: &str| {
        wire::request(port, "GET", path, &[("X-Forwarded-For", "198.51.100.23")], b"").unwrap().status
    };
    assert_eq!(ask(server.port, "/.env"), 404);
    assert_eq!(ask(server.port, "/api/v1/permissions"), 403);
    drop(server);
    let server = program::Program::start(dir.path(), &proxied);
    assert_eq!(ask(server.port, "/api/v1/permissions"), 403, "after a kill");
    let database = dir.path().join("data").join("mvai.db");
    let vars = [("SECRET_KEY", program::SECRET), ("DATABASE_PATH", database.to_str().unwrap())];
    let told = program::run(dir.path(), &["security", "list", "--json"], &vars);
    let listed: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(listed["network"], "198.51.100.23/32");
    let id = listed["id"].as_str().unwrap();
    assert!(program::run(dir.path(), &["security", "lift", id], &vars).status.success());
    let open = || {
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(5);
        while std::time::Instant::now() < deadline {
            if ask(server.port, "/api/v1/permissions") == 200 {
                return true;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        false
    };
    assert!(open());
    assert!(!program::run(dir.path(), &["security", "lift", id], &vars).status.success(), "a second time");
    // In grace the trap only alerts; an allowed network is named as such, and clearing leaves it.
    let allowed =
        program::run(dir.path(), &["security", "allow", "198.51.100.0/24", "--reason", "vestiging"], &vars);
    assert!(allowed.status.success(), "{allowed:?}");
    let cleared = program::run(dir.path(), &["security", "clear"], &vars);
    assert!(String::from_utf8_lossy(&cleared.stdout).starts_with("0 decision(s)"), "{cleared:?}");
    assert!(!program::run(dir.path(), &["security", "allow", "banana"], &vars).status.success());
    assert!(program::run(dir.path(), &["security", "unlock", "admin"], &vars).status.success());
    assert!(!program::run(dir.path(), &["security", "unlock", "nobody"], &vars).status.success());
}
