//! Staying signed in, signing out, and everything that ends a session.

use std::collections::HashSet;

use axum::http::StatusCode;
use serde_json::json;

use super::{
    HOUR, LOGIN, LOGOUT, MINUTE, REFRESH, browser, code, cookie_of, password, refresh, sign_in, with_cookie,
};
use crate::support::{ADMIN_PASSWORD, TestApp};

/// ACC-07: the refresh token is in a cookie that scripts and other sites cannot use, and nowhere in the body.
#[tokio::test]
async fn the_refresh_cookie_is_out_of_reach() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let answer = test.anon().post(LOGIN, &code(&customer.access_code)).await.expect_ok();
    let line = answer.header("set-cookie");
    let mut parts: Vec<&str> = line.split("; ").collect();
    let (name, value) = parts.remove(0).split_once('=').unwrap();
    parts.sort_unstable();
    assert_eq!(name, "__Host-mvai_refresh");
    assert_eq!(parts, ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Strict", "Secure"], "no Domain");
    assert!(!answer.text().contains(value) && value.len() > 60);
    let others: Vec<_> = answer.headers.get_all("set-cookie").iter().skip(1).collect();
    assert!(others.len() == 1 && others[0].to_str().unwrap().starts_with("__Host-mvai_device="));
    assert_eq!(answer.header("cache-control"), "no-store");
}

/// ACC-07: a refresh gives new tokens of the same session, with what is left of its life.
#[tokio::test]
async fn a_refresh_gives_new_tokens_of_the_same_session() {
    let test = TestApp::new().await;
    let first = sign_in(&test, &test.customer().await.access_code).await;
    test.clock.advance(9 * MINUTE);
    let answer = refresh(&test, &first.cookie).await.expect_ok();
    assert!(answer.header("set-cookie").contains("Max-Age=85860"));
    let next = answer.json();
    assert_ne!(next["access_token"], first.token["access_token"]);
    assert_ne!(cookie_of(&answer.headers), first.cookie);
    assert_eq!(next["session_expires_at"], first.token["session_expires_at"]);
    assert_eq!(next["me"], first.token["me"]);
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM session WHERE customer_id IS NOT NULL").await, 1);
    first.actor.get("/api/v1/me").await.expect_ok();
}

/// ACC-07: an answer that was lost can be asked for again within seconds, and gives the same successor.
#[tokio::test]
async fn a_lost_answer_can_be_asked_for_again() {
    let test = TestApp::new().await;
    let first = sign_in(&test, &test.customer().await.access_code).await;
    let second = browser(&test, refresh(&test, &first.cookie).await);
    test.clock.advance(10_000);
    let again = browser(&test, refresh(&test, &first.cookie).await);
    assert_eq!(again.cookie, second.cookie);
    let third = browser(&test, refresh(&test, &second.cookie).await);
    assert_ne!(third.cookie, second.cookie);
}

/// ACC-07: a spent token that comes back later may have been stolen: the whole family ends, access tokens included.
#[tokio::test]
async fn a_spent_token_ends_its_family() {
    for wait in [10_001, HOUR] {
        let test = TestApp::new().await;
        let customer = test.customer().await;
        let bystander = sign_in(&test, &customer.access_code).await;
        let first = sign_in(&test, &customer.access_code).await;
        let second = browser(&test, refresh(&test, &first.cookie).await);
        test.clock.advance(wait);
        let late = refresh(&test, &first.cookie).await;
        assert!(
            late.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"),
            "the cookie is taken away"
        );
        late.expect_problem(401, "invalid_token");
        refresh(&test, &second.cookie).await.expect_problem(401, "invalid_token");
        if wait < 10 * MINUTE {
            second.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
            bystander.actor.get("/api/v1/me").await.expect_ok();
        }
        assert_eq!(
            test.texts("SELECT revoke_reason AS text FROM session WHERE revoked_at IS NOT NULL").await,
            ["token_reuse"]
        );
    }
    // Two steps back is never a lost answer, however quick.
    let test = TestApp::new().await;
    let first = sign_in(&test, &test.customer().await.access_code).await;
    let second = browser(&test, refresh(&test, &first.cookie).await);
    let third = browser(&test, refresh(&test, &second.cookie).await);
    refresh(&test, &first.cookie).await.expect_problem(401, "invalid_token");
    refresh(&test, &third.cookie).await.expect_problem(401, "invalid_token");
}

/// ACC-07: fifty uses of one refresh token at once leave one family with one successor, and it lives.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_simultaneous_refreshes_leave_one_family() {
    let test = TestApp::new().await;
    let first = sign_in(&test, &test.customer().await.access_code).await;
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let actor = with_cookie(&test, &first.cookie);
            tokio::spawn(async move { cookie_of(&actor.post(REFRESH, &json!({})).await.expect_ok().headers) })
        })
        .collect();
    let mut cookies = HashSet::new();
    for task in tasks {
        cookies.insert(task.await.unwrap());
    }
    assert_eq!(cookies.len(), 1, "one successor");
    assert_eq!(test.number("SELECT generation AS n FROM session").await, 2, "one rotation");
    let successor = cookies.into_iter().next().unwrap();
    let next = browser(&test, refresh(&test, &successor).await);
    next.actor.get("/api/v1/me").await.expect_ok();
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM session WHERE revoked_at IS NOT NULL").await, 0);
}

/// ACC-07: cookies that are not ours, or not of a session that lives, refresh nothing and harm nobody.
#[tokio::test]
async fn strange_refresh_cookies_are_refused() {
    let test = TestApp::new().await;
    let first = sign_in(&test, &test.customer().await.access_code).await;
    let other = sign_in(&test, &test.customer().await.access_code).await;
    let parts: Vec<&str> = first.cookie.split('.').collect();
    let (session, tag) = (parts[0], parts[2]);
    let other_tag = other.cookie.split('.').nth(2).unwrap();
    let access = first.token["access_token"].as_str().unwrap().to_owned();
    for forged in [
        format!("{session}.2.{tag}"),
        format!("{session}.0.{tag}"),
        format!("{session}.-1.{tag}"),
        format!("{session}.1.{other_tag}"),
        format!("{session}.1."),
        format!("{session}.1"),
        format!("{session}.1.{tag}.x"),
        format!("{session}.1.{}", tag.to_uppercase()),
        format!("{session}.9223372036854775808.{tag}"),
        format!("{}.1.{tag}", other.cookie.split('.').next().unwrap()),
        format!("{session}.1.{tag}0"),
        format!("{session}.01.{tag}x"),
        "x".to_owned(),
        "a".repeat(5_000),
        access,
    ] {
        let answer = refresh(&test, &forged).await;
        assert!(answer.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"), "{forged}");
        answer.expect_problem(401, "invalid_token");
    }
    for actor in [
        test.anon(),
        test.anon().with("cookie", "mvai_refresh=x; other=y"),
        test.anon().with("cookie", "__Host-mvai_refresh="),
    ] {
        actor.post(REFRESH, &json!({})).await.expect_problem(401, "unauthenticated");
    }
    let among_others = test.anon().with("cookie", &format!("a=b; __Host-mvai_refresh={}; c=d", first.cookie));
    among_others.post(REFRESH, &json!({})).await.expect_ok();
    refresh(&test, &other.cookie).await.expect_ok();
}

/// ACC-07: what another site makes a browser send is refused by both routes that read the cookie, and changes nothing.
#[tokio::test]
async fn other_sites_cannot_use_the_cookie() {
    let test = TestApp::with(|config| config.public_url = Some("https://connexx.example".to_owned())).await;
    let mine = sign_in(&test, &test.customer().await.access_code).await;
    let base = with_cookie(&test, &mine.cookie).with("host", "connexx.example");
    let own = base.with("x-requested-with", "mvai-connexx");
    for route in [REFRESH, LOGOUT] {
        for actor in [
            own.with("origin", "https://evil.example"),
            own.with("origin", "null"),
            own.with("origin", "https://connexx.example.evil.example"),
            own.with("origin", "https://sub.connexx.example"),
            own.with("sec-fetch-site", "cross-site"),
            own.with("sec-fetch-site", "same-site"),
            own.with("origin", "https://connexx.example").with("sec-fetch-site", "cross-site"),
            base.with("origin", "https://connexx.example"),
            base.with("sec-fetch-site", "same-origin"),
        ] {
            actor.post(route, &json!({})).await.expect_problem(403, "cross_site_request");
        }
        // A form and a request without consent can send these kinds alone.
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            own.with("origin", "https://connexx.example")
                .post_raw(route, kind, "{}")
                .await
                .expect_problem(403, "cross_site_request");
            base.post_raw(route, kind, "{}").await.expect_problem(415, "unsupported_media_type");
        }
    }
    mine.actor.get("/api/v1/me").await.expect_ok();
    let here = own.with("origin", "https://connexx.example").with("sec-fetch-site", "same-origin");
    here.post(REFRESH, &json!({})).await.expect_ok();
    here.post(LOGOUT, &json!({})).await.expect(StatusCode::NO_CONTENT);
    mine.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
}

/// ACC-08: signing out ends the session of the cookie, of the access token, or of both, and clears what the browser keeps.
#[tokio::test]
async fn signing_out_ends_the_session() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let (by_cookie, by_token, lower, stays) = (
        sign_in(&test, &customer.access_code).await,
        sign_in(&test, &customer.access_code).await,
        sign_in(&test, &customer.access_code).await,
        sign_in(&test, &customer.access_code).await,
    );
    let scheme = test
        .anon()
        .with("authorization", &format!("bearer {}", lower.token["access_token"].as_str().unwrap()));
    for (actor, ended) in [
        (with_cookie(&test, &by_cookie.cookie), &by_cookie),
        (by_token.actor.clone(), &by_token),
        (scheme, &lower),
    ] {
        let answer = actor.post(LOGOUT, &json!({})).await.expect(StatusCode::NO_CONTENT);
        assert_eq!(
            answer.header("set-cookie"),
            "__Host-mvai_refresh=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Strict"
        );
        assert_eq!(answer.header("clear-site-data"), "\"cache\"");
        ended.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
        refresh(&test, &ended.cookie).await.expect_problem(401, "invalid_token");
        actor.post(LOGOUT, &json!({})).await.expect(StatusCode::NO_CONTENT);
    }
    for nobody in [test.anon(), test.bearer("x.y.z"), with_cookie(&test, "x.1.y"), test.bearer("mvai_live_x")]
    {
        nobody.post(LOGOUT, &json!({})).await.expect(StatusCode::NO_CONTENT);
    }
    stays.actor.get("/api/v1/me").await.expect_ok();
    let both = with_cookie(&test, &stays.cookie)
        .with("authorization", &format!("Bearer {}", stays.token["access_token"].as_str().unwrap()));
    both.send(axum::http::Method::POST, LOGOUT, None, "".into()).await.expect(StatusCode::NO_CONTENT);
    stays.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    assert_eq!(test.number("SELECT COUNT(*) AS n FROM session WHERE revoke_reason = 'signed_out'").await, 4);
}

/// ACC-08: signing in replaces the session that the browser had, and no other.
#[tokio::test]
async fn signing_in_replaces_the_browsers_session() {
    let test = TestApp::new().await;
    let (first, second) = (test.customer().await, test.customer().await);
    let before = sign_in(&test, &first.access_code).await;
    let elsewhere = sign_in(&test, &first.access_code).await;
    let after =
        browser(&test, with_cookie(&test, &before.cookie).post(LOGIN, &code(&second.access_code)).await);
    assert_eq!(after.token["me"]["customer"]["id"], second.id);
    before.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
    refresh(&test, &before.cookie).await.expect_problem(401, "invalid_token");
    elsewhere.actor.get("/api/v1/me").await.expect_ok();
    // A refused attempt leaves the session as it is, and a forged cookie ends nobody's.
    with_cookie(&test, &after.cookie)
        .post(LOGIN, &code("MVAI-0"))
        .await
        .expect_problem(401, "invalid_credentials");
    let session = elsewhere.cookie.split('.').next().unwrap();
    with_cookie(&test, &format!("{session}.1.{}", "0".repeat(64)))
        .post(LOGIN, &code(&second.access_code))
        .await
        .expect_ok();
    after.actor.get("/api/v1/me").await.expect_ok();
    elsewhere.actor.get("/api/v1/me").await.expect_ok();
    assert_eq!(
        test.texts("SELECT revoke_reason AS text FROM session WHERE revoked_at IS NOT NULL").await,
        ["replaced"]
    );
}

/// ACC-07: an access token lives ten minutes, to the second.
#[tokio::test]
async fn access_tokens_live_ten_minutes() {
    let test = TestApp::new().await;
    let mine = sign_in(&test, &test.customer().await.access_code).await;
    test.clock.advance(10 * MINUTE - 1);
    mine.actor.get("/api/v1/me").await.expect_ok();
    test.clock.advance(1);
    let answer = mine.actor.get("/api/v1/me").await;
    assert_eq!(answer.headers["www-authenticate"], "Bearer realm=\"mvai-connexx\"");
    answer.expect_problem(401, "invalid_token");
    let next = browser(&test, refresh(&test, &mine.cookie).await);
    next.actor.get("/api/v1/me").await.expect_ok();
    // A token from the future is refused as well: clocks may differ by five seconds, not by more.
    test.clock.advance(-5_000);
    next.actor.get("/api/v1/me").await.expect_ok();
    test.clock.advance(-1_000);
    next.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
}

/// ACC-07: a session ends at its absolute end, however busy it is, and its last token ends with it.
#[tokio::test]
async fn sessions_have_an_absolute_end() {
    for hours in [1_u32, 24, 168] {
        let test = TestApp::with(|config| config.session_lifetime_hours = hours).await;
        let mut mine = sign_in(&test, &test.customer().await.access_code).await;
        let end = i64::from(hours) * HOUR;
        let mut passed = 0;
        for step in [end / 2, end / 2 - 3 * MINUTE] {
            test.clock.advance(step);
            passed += step;
            mine = browser(&test, refresh(&test, &mine.cookie).await);
        }
        assert_eq!(mine.token["expires_in"], 180, "the token says that the session ends first");
        test.clock.advance(end - passed - 1);
        mine.actor.get("/api/v1/me").await.expect_ok();
        test.clock.advance(1);
        mine.actor.get("/api/v1/me").await.expect_problem(401, "invalid_token");
        refresh(&test, &mine.cookie).await.expect_problem(401, "invalid_token");
    }
}

/// ACC-07: staff who do nothing for an hour sign in again; customers stay signed in.
#[tokio::test]
async fn idle_staff_sign_in_again() {
    let test = TestApp::new().await;
    let staff = browser(&test, test.anon().post(LOGIN, &password("admin", ADMIN_PASSWORD)).await);
    let customer = sign_in(&test, &test.customer().await.access_code).await;
    test.clock.advance(HOUR);
    let staff = browser(&test, refresh(&test, &staff.cookie).await);
    test.clock.advance(HOUR + 1);
    refresh(&test, &staff.cookie).await.expect_problem(401, "invalid_token");
    refresh(&test, &customer.cookie).await.expect_ok();
}

/// ACC-08: the role of a session counts as it is now, not as it was when the token was made.
#[tokio::test]
async fn roles_count_as_they_are_now() {
    let test = TestApp::new().await;
    let customer = test.customer().await;
    let member = test.person(&customer, shared::access::Role::Member).await;
    member.post("/api/v1/logs", &json!({ "x": 1 })).await.expect(StatusCode::CREATED);
    test.run_sql("UPDATE person SET role = 'viewer' WHERE role = 'member'").await;
    member.post("/api/v1/logs", &json!({ "x": 1 })).await.expect_problem(403, "forbidden");
    member.get("/api/v1/logs").await.expect_ok();
    let admin = test.admin().await;
    test.run_sql("UPDATE staff SET role = 'analyst' WHERE username = 'admin'").await;
    admin
        .post("/api/v1/admin/customers", &json!({ "name": "x", "contact_email": "a@b.nl" }))
        .await
        .expect_problem(403, "forbidden");
    admin.get("/api/v1/admin/customers").await.expect_ok();
}
