//! Erasing logs and fields of logs: out of sight at once, out of every figure, gone from disk, and only by the owner.

use api::db::Scope;
use api::domain::logs::erasure::service::{Ordered, record as note, resume};
use api::domain::logs::erasure::{purge, repo};
use api::domain::logs::model::BookKey;
use api::util::ids::{CustomerId, Space};
use axum::http::StatusCode;
use serde_json::{Value, json};
use shared::erasure::ErasureCause;

use crate::support::{Actor, Dice, TestApp, TestDatabase, audit_erased, encode, find, ids, record, upload};

const ERASURES: &str = "/api/v1/logs/erasures";

async fn preview(owner: &Actor, q: &str) -> Value {
    owner.get(&format!("{ERASURES}/preview?q={}", encode(q))).await.expect_ok().json()
}

/// Erases as the web app does: what the preview has counted.
async fn erase(owner: &Actor, q: &str, more: Value) -> Value {
    let seen = preview(owner, q).await;
    let mut body = json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"] });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let out = owner.post(ERASURES, &body).await.expect_ok().json();
    assert_eq!(out["expected_count"], seen["count"]);
    out
}

async fn get(actor: &Actor, path: &str) -> Value {
    actor.get(path).await.expect_ok().json()
}

/// Waits until nothing hidden is left.
async fn purged(app: &TestApp) {
    purge::run(&app.app).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_hidden").await, 0);
}

fn event(n: usize, driver: &str) -> String {
    let day = 1 + n % 20;
    format!(
        r#"{{"kind":"scan{}","level":"{}","occurred_at":"2026-11-{day:02}T0{}:30:00Z","external_id":"e-{n}","driver":"{driver}","n":{n}}}"#,
        n % 3,
        ["info", "warning", "error"][n % 3],
        n % 9,
    )
}

/// LOG-10, LOG-16: what is erased is in no list, search, count, figure, export or neighbourhood any more; everything
/// else is; numbers are not given again and external ids are free.
#[tokio::test]
async fn erased_logs_are_in_nothing() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    let lines: Vec<String> =
        (0..60).map(|n| event(n, if n % 4 == 0 { "Jansen" } else { "Bakker" })).collect();
    for actor in [&key, &other] {
        upload(actor, &lines).await;
    }
    app.index_parts(31).await;
    let etag = owner.get("/api/v1/analytics/overview").await.expect_ok();
    let etag = etag.header("etag").to_owned();
    let out = erase(&owner, "driver:Jansen", json!({ "reason": "Verzoek van de chauffeur" })).await;
    assert_eq!((&out["count"], &out["cause"]), (&json!(15), &json!("request")));
    assert!(out["hidden_at"].is_string());
    // Before and after the rows themselves are gone.
    for moment in ["hidden", "purged"] {
        assert_eq!(find(&key, "driver:Jansen").await, Vec::<i64>::new(), "{moment}");
        assert_eq!(find(&key, "*anse*").await, Vec::<i64>::new(), "{moment}");
        assert_eq!(find(&key, "*akke*").await.len(), 45, "{moment}");
        let left = find(&key, "driver:Bakker").await;
        assert_eq!(left.len(), 45, "{moment}");
        assert!(left.iter().all(|id| (id - 1) % 4 != 0));
        let list = get(&key, "/api/v1/logs?limit=1000&count=exact").await;
        assert_eq!((ids(&list).len(), &list["total"]["value"]), (45, &json!(45)));
        let timed = get(&key, "/api/v1/logs?sort=occurred_at&limit=1000").await;
        assert_eq!(ids(&timed).len(), 45);
        for q in ["kind:scan0", "level:info", "driver:B*", "-driver:Bakker", "n:>=0", "*akk*", ""] {
            let path = format!("/api/v1/logs?limit=1000&count=exact&q={}", encode(q));
            let found = get(&key, &path).await;
            let facets = get(&key, &format!("/api/v1/logs/facets?fields=kind&q={}", encode(q))).await;
            let bars = get(&key, &format!("/api/v1/logs/histogram?q={}", encode(q))).await;
            let counted: i64 =
                bars["buckets"].as_array().unwrap().iter().map(|bar| bar["count"].as_i64().unwrap()).sum();
            let n = i64::try_from(ids(&found).len()).unwrap();
            assert_eq!(found["total"]["value"], n, "{moment} {q}");
            assert_eq!((counted, &facets["n"]), (n, &json!(n)), "{moment} {q} {facets}");
        }
        assert_eq!(get(&key, "/api/v1/analytics/stats").await["total_logs"], 45);
        key.get("/api/v1/logs/1").await.expect_problem(404, "log_not_found");
        let around = get(&key, "/api/v1/logs/2/around").await;
        assert!(around["before"].as_array().unwrap().is_empty(), "{moment}");
        let export = key.get("/api/v1/logs/export?format=ndjson").await.expect_ok().text();
        assert_eq!((export.lines().count(), export.contains("Jansen")), (45, false), "{moment}");
        purged(&app).await;
    }
    let fresh = owner.with("if-none-match", &etag).get("/api/v1/analytics/overview").await.expect_ok().json();
    assert_eq!(fresh["stats"]["total_logs"], 45, "the dashboard is computed anew");
    assert_eq!(record(&key, &event(0, "Jansen")).await, 61, "its external id is free, its number is not");
    assert_eq!(ids(&get(&other, "/api/v1/logs?limit=1000").await).len(), 60);
    assert_eq!(audit_erased(&app.app.db).await, 106);
}

/// LOG-10, SRCH-04: logs that are out of sight and not removed yet do not end a page early: what lies behind them is found,
/// counted and erased.
#[tokio::test]
async fn hidden_logs_do_not_end_a_page() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let lines: Vec<String> =
        (1..=300).map(|n| format!(r#"{{"kind":"rit","driver":"D{}","n":{n}}}"#, u8::from(n > 200))).collect();
    upload(&key, &lines).await;
    app.index_parts(300).await;
    // The newest hundred go out of sight; nothing removes them before the end of this test.
    let purging = app.app.purging.lock().await;
    assert_eq!(erase(&owner, "driver:D1", json!({})).await["count"], 100);
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_hidden").await, 100);
    for q in ["rit", "kind:rit", "*rive*", "driver:D0", "kind:rit *rive*"] {
        let page = get(&key, &format!("/api/v1/logs?limit=50&q={}", encode(q))).await;
        assert_eq!((ids(&page).len(), ids(&page)[0], &page["has_more"]), (50, 200, &json!(true)), "{q}");
    }
    // A second erasure takes everything that is left, not only what its first page shows.
    assert_eq!(erase(&owner, "kind:rit", json!({})).await["count"], 200);
    drop(purging);
    purged(&app).await;
    assert_eq!(audit_erased(&app.app.db).await, 0);
    assert_eq!(app.number("SELECT COUNT(*) AS n FROM log_part").await, 0);
}

/// LOG-10: another number than was confirmed changes nothing; what arrives after the preview stays.
#[tokio::test]
async fn only_what_was_confirmed_is_erased() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    upload(&key, &vec![r#"{"kind":"a"}"#.to_owned(); 5]).await;
    let seen = preview(&owner, "kind:a").await;
    assert_eq!((&seen["count"], &seen["up_to"]), (&json!(5), &json!(5)));
    record(&key, r#"{"kind":"a"}"#).await;
    let body = |count: i64, up_to: i64| json!({ "q": "kind:a", "up_to": up_to, "expected_count": count });
    for (count, up_to) in [(4, 5), (6, 5), (5, 6)] {
        owner.post(ERASURES, &body(count, up_to)).await.expect_problem(409, "count_changed");
    }
    assert_eq!(find(&key, "kind:a").await.len(), 6, "nothing was changed");
    owner.post(ERASURES, &body(0, 5)).await.expect_problem(422, "invalid_body");
    owner
        .post(ERASURES, &json!({ "q": "kind:(", "up_to": 5, "expected_count": 5 }))
        .await
        .expect_problem(400, "invalid_query");
    owner.post(ERASURES, &body(5, 5)).await.expect_ok();
    assert_eq!(find(&key, "kind:a").await, [6]);
}

/// LOG-10, ACC-02: owners alone erase; members, viewers and keys of every scope do not.
#[tokio::test]
async fn nobody_but_an_owner_erases() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"a"}"#).await;
    let all: Vec<&str> = shared::access::Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let mighty = app.key(&owner, Some(&all)).await;
    let member = app.person(&customer, shared::access::Role::Member).await;
    let viewer = app.person(&customer, shared::access::Role::Viewer).await;
    for actor in [&mighty, &member, &viewer] {
        let body = json!({ "q": "", "up_to": 1, "expected_count": 1 });
        actor.post(ERASURES, &body).await.expect_problem(403, "forbidden");
        actor.get(&format!("{ERASURES}/preview")).await.expect_problem(403, "forbidden");
        actor.put("/api/v1/retention", &json!({ "days": 30 })).await.expect_problem(403, "forbidden");
    }
    assert_eq!(find(&key, "kind:a").await, [1]);
    assert_eq!(erase(&owner, "", json!({})).await["count"], 1, "the positive control");
}

/// LOG-10: every erasure is on record for the owner: who, what, how many, when, why.
#[tokio::test]
async fn erasures_are_on_record() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, stranger, _) = app.tenant().await;
    for n in 0..3 {
        upload(&key, &vec![format!(r#"{{"kind":"k{n}"}}"#); n + 1]).await;
        app.clock.advance(1_000);
        erase(&owner, &format!("kind:k{n}"), json!({ "reason": format!("reden {n}") })).await;
    }
    let first = get(&owner, &format!("{ERASURES}?limit=2")).await;
    let rest =
        get(&owner, &format!("{ERASURES}?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    let rows: Vec<&Value> =
        [&first, &rest].into_iter().flat_map(|page| page["data"].as_array().unwrap()).collect();
    for (n, row) in rows.iter().rev().enumerate() {
        assert_eq!(row["q"], format!("kind:k{n}"));
        assert_eq!((&row["count"], &row["expected_count"]), (&json!(n + 1), &json!(n + 1)));
        assert_eq!((&row["actor"], &row["reason"]), (&json!("access_code"), &json!(format!("reden {n}"))));
        assert_eq!(
            get(&owner, &format!("{ERASURES}/{}", row["id"].as_str().unwrap())).await["id"],
            row["id"]
        );
        stranger
            .get(&format!("{ERASURES}/{}", row["id"].as_str().unwrap()))
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!((rows.len(), &rest["has_more"]), (3, &json!(false)));
    assert_eq!(get(&stranger, ERASURES).await["data"], json!([]));
}

/// LOG-10, GEN-06: an erasure that was cut off goes on by itself, from where it was, and takes each log once.
#[tokio::test]
async fn a_cut_off_erasure_goes_on() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    for _ in 0..3 {
        upload(
            &key,
            &(0..1_000)
                .map(|n| {
                    event(n, "Jansen").replace("e-", &format!("{n}-")).replace(r#""external_id":"#, r#""x":"#)
                })
                .collect::<Vec<_>>(),
        )
        .await;
    }
    let ordered = Ordered {
        key: BookKey { customer: CustomerId(customer.id), space: Space::Live },
        cause: ErasureCause::Request,
        fields: Vec::new(),
        query: "kind:scan1".to_owned(),
        kinds: None,
        occurred: (None, None),
        up_to: 3_000,
        reason: None,
        actor: "access_code".to_owned(),
        expected: 999,
    };
    let erasure = note(&app.app, ordered).await.unwrap();
    let id = erasure.id.clone();
    // A part of it was done when the process ended.
    let part = "n:<=300 kind:scan1 id:2001..3000";
    let hidden = find(&key, part).await;
    let before = get(&owner, &format!("{ERASURES}/{id}")).await;
    assert_eq!(before["state"], "hiding");
    resume(&app.app).await.unwrap();
    assert_eq!(find(&key, "kind:scan1").await.len(), 999, "somebody else holds it");
    app.clock.advance(61_000);
    resume(&app.app).await.unwrap();
    assert!(!hidden.is_empty() && find(&key, "kind:scan1").await.is_empty());
    let owner = app.owner(&customer).await;
    let after = get(&owner, &format!("{ERASURES}/{id}")).await;
    assert_eq!((&after["state"], &after["count"]), (&json!("cleaning"), &json!(999)));
    assert_eq!(audit_erased(&app.app.db).await, 2_001);
}

/// LOG-10, GEN-12: after a random mix of late logs, duplicates, erasures and redactions every roll-up, book and index
/// says what the logs say, while others write.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn figures_equal_a_recount_after_erasing_amid_writes() {
    let app = std::sync::Arc::new(TestApp::new().await);
    let (_, owner, key) = app.tenant().await;
    let (_, _, other) = app.tenant().await;
    let follower = {
        let app = std::sync::Arc::clone(&app);
        tokio::spawn(async move {
            loop {
                api::domain::logs::parts::follow::bring_in(&app.app, 1).await.unwrap();
                tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            }
        })
    };
    let writers: Vec<_> = [(key.clone(), 1), (other, 2)]
        .into_iter()
        .map(|(actor, seed)| {
            tokio::spawn(async move {
                let mut dice = Dice::new(seed);
                for _ in 0..25 {
                    let lines: Vec<String> = (0..dice.below(80) + 1)
                        .map(|_| event(dice.below(2_000), dice.pick::<&str>(&["Jansen", "Bakker", "Visser"])))
                        .collect();
                    let kind = "application/x-ndjson";
                    let answer = actor.post_raw("/api/v1/logs/batch", kind, lines.join("\n")).await;
                    assert!(
                        answer.status.as_u16() < 500 && answer.status.as_u16() != 409,
                        "{}",
                        answer.status
                    );
                }
            })
        })
        .collect();
    let mut erased = 0;
    let mut dice = Dice::new(3);
    // For as long as others write, and once after them.
    for after in 0.. {
        let q = format!("driver:{} n:<{}", dice.pick::<&str>(&["Jansen", "Bakker"]), dice.below(2_000));
        let fields = if dice.below(3) == 0 { json!({ "fields": ["driver"] }) } else { json!({}) };
        if preview(&owner, &q).await["count"] == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        } else {
            erased += erase(&owner, &q, fields).await["count"].as_i64().unwrap();
        }
        if after > 25 && writers.iter().all(tokio::task::JoinHandle::is_finished) {
            break;
        }
    }
    for writer in writers {
        writer.await.unwrap();
    }
    follower.abort();
    purged(&app).await;
    assert!(erased > 20, "{erased}");
    assert!(audit_erased(&app.app.db).await > 200);
}

/// LOG-10: named fields become unreadable wherever they stand, the rest stays as it was, and the search knows it.
#[tokio::test]
async fn fields_are_made_unreadable() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    record(
        &key,
        r#"{"kind":"rit","txt":"Rit van Pietersen","driver":{"name":"Pietersen","nr":7},"temp":4.20}"#,
    )
    .await;
    record(&key, r#"{"kind":"rit","driver":{"nr":8},"temp":1}"#).await;
    let out = erase(&owner, "kind:rit", json!({ "fields": ["driver.name", "txt", "ip_address"] })).await;
    assert_eq!((&out["count"], &out["fields"]), (&json!(2), &json!(["driver.name", "txt", "ip_address"])));
    let log = get(&key, "/api/v1/logs/1").await;
    assert_eq!(log["data"], r#"{"kind":"rit","txt":null,"driver":{"name":null,"nr":7},"temp":4.20}"#);
    assert_eq!((&log["message"], &log["ip_address"]), (&json!(null), &json!(null)));
    assert!(log["flags"].as_array().unwrap().contains(&json!("redacted")));
    for (q, found) in [
        ("Pietersen", vec![]),
        ("driver.name:Pietersen", vec![]),
        ("Piet*", vec![]),
        ("203.0.113.7", vec![]),
        ("driver.nr:7", vec![1]),
        ("temp:4.2", vec![1]),
        ("flag:redacted", vec![2, 1]),
        ("kind:rit", vec![2, 1]),
    ] {
        assert_eq!(find(&key, q).await, found, "{q}");
    }
    let again = erase(&owner, "kind:rit", json!({ "fields": ["driver.name"] })).await;
    assert_eq!(again["count"], 0, "what is gone does not go again");
    let many: Vec<String> = (0..21).map(|n| format!("f{n}")).collect();
    for fields in [json!([""]), json!(["a\u{1}"]), json!(many), json!(["x".repeat(97)])] {
        let body = json!({ "q": "kind:rit", "up_to": 2, "expected_count": 2, "fields": fields });
        owner.post(ERASURES, &body).await.expect_problem(422, "invalid_body");
    }
    assert_eq!(audit_erased(&app.app.db).await, 2);
}

/// LOG-10, LEG-07: after the night nothing of erased logs is left in the file: not in rows, index, vocabulary, free
/// pages or the write-ahead log. Words that other logs still have stay findable by their beginning.
#[tokio::test]
async fn no_trace_is_left_on_disk() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let secret = |n: usize| {
        format!("geheimpje{}", ["aap", "noot", "mies", "wim", "zus", "jet", "teun", "vuur"][n % 8])
    };
    let lines: Vec<String> = (0..600)
        .map(|n| format!(r#"{{"kind":"weg","driver":"{}","note":"gedeeldwoord {n}"}}"#, secret(n)))
        .chain((0..50).map(|n| format!(r#"{{"kind":"blijft","note":"gedeeldwoord {n}"}}"#)))
        .collect();
    upload(&key, &lines).await;
    app.index_parts(650).await;
    assert!(find(&key, "*eheimpj*").await.len() == 600, "the positive control");
    let on_disk = || {
        let file = app.database.file()?;
        let mut bytes = std::fs::read(&file).unwrap();
        bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
        Some(bytes.windows(9).filter(|window| *window == b"geheimpje").count())
    };
    assert!(on_disk().is_none_or(|count| count > 600), "the positive control");
    assert_eq!(erase(&owner, "kind:weg", json!({})).await["count"], 600);
    purged(&app).await;
    purge::clean(&app.app).await.unwrap();
    assert_eq!(on_disk().unwrap_or_default(), 0);
    let state = get(&owner, ERASURES).await["data"][0].clone();
    assert_eq!(state["state"], "done");
    assert!(state["finished_at"].is_string());
    assert_eq!((find(&key, "gedeeld*").await.len(), find(&key, "geheim*").await.len()), (50, 0));
    assert_eq!((find(&key, "*edeeld*").await.len(), find(&key, "*eheim*").await.len()), (50, 0));
    // Of three letters that only they had, nothing stands in the index of parts.
    let mpj = i64::from(api::domain::search::parts::Parts::of("mpj").unwrap().grams()[0]);
    assert_eq!(app.number(&format!("SELECT COUNT(*) AS n FROM log_part WHERE gram = {mpj}")).await, 0);
    record(&key, r#"{"driver":"geheimpjeaap"}"#).await;
    assert_eq!(find(&key, "geheimp*").await.len(), 1, "a word that was forgotten is learnt again");
    if !TestDatabase::is_postgres() {
        assert_eq!(app.number("SELECT COUNT(*) AS n FROM vocabulary WHERE entry LIKE '%geheim%'").await, 2);
    }
}

/// LOG-10: traces are removed at night, or when they have waited for most of a day.
#[tokio::test]
async fn traces_go_at_night() {
    let app = TestApp::new().await;
    let (customer, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"weg"}"#).await;
    erase(&owner, "kind:weg", json!({})).await;
    purged(&app).await;
    // 13:00, and then three in the night.
    for (hours, state) in [(0, "cleaning"), (14, "done")] {
        app.clock.advance(hours * 3_600_000);
        purge::clean_at_night(&app.app).await.unwrap();
        let mut conn = app.app.db.read(Scope::Installation).await.unwrap();
        let found = repo::list_before(&mut conn, CustomerId(customer.id), "~", 1).await.unwrap();
        assert_eq!(found[0].state, state);
    }
}

/// LOG-10, KEY-09: the test space is emptied on demand, and the live logs stay.
#[tokio::test]
async fn the_test_space_is_emptied() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let made = owner.post("/api/v1/keys", &json!({"name": "Proef", "mode": "test"})).await;
    let test = app.bearer(made.expect(StatusCode::CREATED).json()["api_key"].as_str().unwrap());
    for actor in [&key, &test, &test] {
        record(actor, r#"{"kind":"a"}"#).await;
    }
    app.index_parts(9).await;
    let seen = get(&owner, &format!("{ERASURES}/preview?test=true")).await;
    assert_eq!((&seen["count"], &seen["up_to"]), (&json!(2), &json!(2)));
    let body = json!({ "q": "", "test": true, "up_to": 2, "expected_count": 2 });
    assert_eq!(owner.post(ERASURES, &body).await.expect_ok().json()["count"], 2);
    assert_eq!((find(&test, "kind:a").await.len(), find(&key, "kind:a").await.len()), (0, 1));
    assert_eq!(record(&test, "1").await, 3);
    purged(&app).await;
    assert_eq!(audit_erased(&app.app.db).await, 2);
}

/// LOG-10, EXP-07: what was erased is in no file that the server keeps: those that are ready go, other customers' stay.
#[tokio::test]
async fn files_of_exports_go_with_what_was_erased() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let (_, other, other_key) = app.tenant().await;
    let mut made = Vec::new();
    for (actor, sender) in [(&owner, &key), (&other, &other_key)] {
        record(sender, r#"{"kind":"weg"}"#).await;
        let job = actor.post("/api/v1/exports", &json!({ "format": "ndjson" })).await;
        let job = job.expect(StatusCode::ACCEPTED).json();
        api::domain::exports::worker::work_off(&app.app).await.unwrap();
        made.push(format!("/api/v1/exports/{}/file", job["id"].as_str().unwrap()));
        assert!(actor.get(&made[made.len() - 1]).await.expect_ok().text().contains("weg"));
    }
    erase(&owner, "kind:weg", json!({})).await;
    let gone = owner.get(&made[0]).await;
    assert!(matches!(gone.status.as_u16(), 404 | 409 | 410), "{}", gone.status);
    assert!(other.get(&made[1]).await.expect_ok().text().contains("weg"));
    let folder = app.app.config.export_dir();
    let mut left = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        left += usize::from(
            made[0].contains(entry.unwrap().file_name().to_str().unwrap().split('.').next().unwrap()),
        );
    }
    assert_eq!(left, 0, "the file itself is gone");
}

/// LOG-10, GEN-14: erasures of the same logs at the same time do not undo each other: no field comes back, no log is
/// taken out of a figure twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn simultaneous_erasures_do_not_undo_each_other() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    for part in 0..3 {
        let lines = (0..1_000).map(|n| {
            format!(r#"{{"kind":"k{}","a":"aap{n}","b":"beer{n}","c":"cavia{n}","part":{part}}}"#, n % 3)
        });
        upload(&key, &lines.collect::<Vec<_>>()).await;
    }
    let tasks: Vec<_> = ["a", "b", "c"]
        .into_iter()
        .map(|field| {
            let owner = owner.clone();
            tokio::spawn(async move { erase(&owner, "part:>=0", json!({ "fields": [field] })).await })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap()["count"], 3_000);
    }
    for q in ["aap*", "beer*", "cavia*"] {
        assert_eq!(find(&key, q).await, Vec::<i64>::new(), "{q}");
    }
    let log = get(&key, "/api/v1/logs/1500").await;
    assert_eq!(log["data"], r#"{"kind":"k1","a":null,"b":null,"c":null,"part":1}"#);
    let tasks: Vec<_> = ["kind:k0", "part:1", "part:>=1"]
        .into_iter()
        .map(|q| {
            let owner = owner.clone();
            tokio::spawn(async move {
                let seen = preview(&owner, q).await;
                let body = json!({ "q": q, "up_to": seen["up_to"], "expected_count": seen["count"] });
                let answer = owner.post(ERASURES, &body).await;
                // Another one may have taken some of them already.
                assert!([200, 409, 422].contains(&answer.status.as_u16()), "{}", answer.status);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    purged(&app).await;
    audit_erased(&app.app.db).await;
}

/// LOG-10: what was read or made from a field goes with it, whatever the way in: message, kind, external id; and nobody
/// learns by sending a guess again what stood there.
#[tokio::test]
async fn nothing_made_from_a_field_outlives_it() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    let body = r#"{"kind":"geheimsoort","message":"Rit van Pietersen","external_id":"klant-77","driver":{"name":"Pietersen"},"n":1}"#;
    record(&key, body).await;
    let otlp = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [{ "timeUnixNano": "1795348800000000000", "body": { "stringValue": "otlpgeheim" } }] }] }] });
    key.post("/otlp/v1/logs", &otlp).await.expect_ok();
    let loki = json!({ "streams": [{ "stream": { "job": "lokigeheim" }, "values": [["1795348800000000001", "lokiregel"]] }] });
    key.post("/loki/api/v1/push", &loki).await.expect(StatusCode::NO_CONTENT);
    let event = json!({
        "type": "ObjectEvent", "eventTime": "2026-11-22T08:00:00Z", "eventTimeZoneOffset": "+01:00", "action": "OBSERVE",
        "epcList": ["urn:x:1"], "eventID": "urn:x:geheim", "bizStep": "geheimestap",
    });
    let document = json!({ "@context": [], "type": "EPCISDocument", "schemaVersion": "2.0", "creationDate": "2026-11-22T08:00:00Z", "epcisBody": { "eventList": [event] } });
    key.post("/epcis/v2/capture", &document).await.expect(StatusCode::ACCEPTED);
    let words = [
        "Pietersen",
        "geheimsoort",
        "klant",
        "otlpgeheim",
        "lokigeheim",
        "lokiregel",
        "geheimestap",
        "geheim",
    ];
    app.index_parts(100).await;
    let inside = |word: &str| format!("*{}*", &word[1..]);
    for word in words {
        assert!(!find(&key, word).await.is_empty(), "the positive control: {word}");
        assert!(!find(&key, &inside(word)).await.is_empty(), "the positive control: {word}");
    }
    let fields = json!({ "fields": ["driver.name", "kind", "external_id", "body", "line", "labels.job", "job", "eventID", "bizStep"] });
    erase(&owner, "", fields).await;
    for word in words {
        assert_eq!(find(&key, word).await, Vec::<i64>::new(), "{word}");
        assert_eq!(find(&key, &inside(word)).await, Vec::<i64>::new(), "{word}");
    }
    let iet = i64::from(api::domain::search::parts::Parts::of("iet").unwrap().grams()[0]);
    assert_eq!(app.number(&format!("SELECT COUNT(*) AS n FROM log_part WHERE gram = {iet}")).await, 0);
    let export = key.get("/api/v1/logs/export?format=ndjson").await.expect_ok().text();
    for word in words {
        assert!(!export.contains(word), "{word} in {export}");
    }
    for path in ["/api/v1/analytics/top?fields=kind", "/api/v1/logs/facets?fields=kind"] {
        assert!(!key.get(path).await.expect_ok().text().contains("geheim"), "{path}");
    }
    key.get("/epcis/v2/events/urn:x:geheim").await.expect(StatusCode::NOT_FOUND);
    // Neither the right nor a wrong guess is told from the other.
    record(&key, r#"{"external_id":"vast","naam":"Jansen"}"#).await;
    erase(&owner, "external_id:vast", json!({ "fields": ["naam"] })).await;
    for guess in ["Jansen", "Bakker"] {
        let body = json!({ "external_id": "vast", "naam": guess });
        key.post("/api/v1/logs", &body).await.expect_problem(409, "external_id_conflict");
        key.post("/api/v1/logs?dry_run=true", &body).await.expect_problem(409, "external_id_conflict");
    }
    audit_erased(&app.app.db).await;
}

/// LOG-10: a kind or identifier goes with the member that it was read from, whatever that is called; a member of such a
/// name that says something else stays.
#[tokio::test]
async fn kinds_and_identifiers_go_with_their_members() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    record(&key, r#"{"type":"geheimsoort","event_id":"geheim-9","action":"laden","n":1}"#).await;
    record(&key, r#"{"kind":"geheimsoort","type":"vrachtwagen","external_id":"geheim-8","event_id":"x"}"#)
        .await;
    erase(&owner, "", json!({ "fields": ["kind", "external_id"] })).await;
    let data = async |id: i64| get(&key, &format!("/api/v1/logs/{id}")).await["data"].clone();
    assert_eq!(data(1).await, r#"{"type":null,"event_id":null,"action":"laden","n":1}"#);
    assert_eq!(data(2).await, r#"{"kind":null,"type":"vrachtwagen","external_id":null,"event_id":"x"}"#);
    for word in ["geheimsoort", "geheim-9", "geheim-8"] {
        assert_eq!(find(&key, word).await, Vec::<i64>::new(), "{word}");
    }
    assert_eq!(find(&key, "vrachtwagen").await, [2]);
    assert_eq!(audit_erased(&app.app.db).await, 2);
}

/// LOG-10: a text that says nothing erases nothing, and columns that every log needs are not made unreadable.
#[tokio::test]
async fn what_means_nothing_erases_nothing() {
    let app = TestApp::new().await;
    let (_, owner, key) = app.tenant().await;
    record(&key, r#"{"kind":"a","level":"error"}"#).await;
    for q in ["\u{200b}", "\u{feff}", "\u{202e}", "\0", " \u{200b} "] {
        let path = format!("{ERASURES}/preview?q={}", encode(q));
        owner.get(&path).await.expect_problem(400, "invalid_parameter");
        let body = json!({ "q": q, "up_to": 1, "expected_count": 1 });
        assert!(matches!(owner.post(ERASURES, &body).await.status.as_u16(), 400 | 422), "{q:?}");
    }
    for field in ["level", "data.timestamp", "Source", "occurred_at"] {
        let body = json!({ "q": "kind:a", "up_to": 1, "expected_count": 1, "fields": [field] });
        owner.post(ERASURES, &body).await.expect_problem(422, "invalid_body");
    }
    assert_eq!(find(&key, "kind:a level:error").await, [1]);
}
