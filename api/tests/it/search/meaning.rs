//! What a query means: by hand, by an oracle of its own, and by index against reading.

use api::db::Scope;
use api::domain::logs::repo::{self, Window};
use api::domain::search::doc::Doc;
use api::domain::search::eval;
use api::util::ids::{CustomerId, LogId, Space};
use api::util::zone;
use serde_json::json;

use super::corpus::{self, Ask, CORPUS};
use crate::support::{Actor, Dice, TestApp, audit_parts, encode, find, ids, upload};

/// SRCH-01, SRCH-03: queries find what a person expects, written down by hand.
#[tokio::test]
async fn queries_find_what_a_person_expects() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    corpus::store(&key).await;
    let all: Vec<i64> = (1..=40).rev().collect();
    for (query, expected) in [
        ("*", all.clone()),
        ("msku1234567", vec![3, 1]),
        ("MSKU", vec![3, 1]),
        ("=MSKU", vec![]),
        ("1234567", vec![]),
        ("*1234567*", vec![3, 1]),
        ("*4567", vec![3, 1]),
        ("container", vec![39, 3, 2, 1]),
        ("contain rotterdam", vec![3, 2, 1]),
        ("contain -rotterdam", vec![39]),
        ("\"dok 3\"", vec![40]),
        ("\"dok 31\"", vec![1]),
        ("dok 3", vec![40, 1]),
        ("=3 dok", vec![40]),
        ("straße", vec![10]),
        ("STRASSE", vec![10]),
        ("koln", vec![10]),
        ("renée", vec![8, 7]),
        ("cafe", vec![25]),
        ("°", vec![11]),
        ("€", vec![14, 13]),
        ("\"4,2 °C\"", vec![11]),
        ("50%", vec![16, 13]),
        ("A_B%C", vec![16]),
        ("*B%C*", vec![16]),
        ("*%_*", vec![16]),
        ("📦", vec![17]),
        ("🚚", vec![17]),
        ("الميناء", vec![18]),
        ("港口", vec![19]),
        ("pallet:7", vec![4]),
        ("pallet:>7", vec![6, 5]),
        ("pallet:7..70", vec![5, 4]),
        ("temperature_c:>=4,2", vec![11, 2, 1]),
        ("temperature_c:..0", vec![12]),
        ("temperature_c:12.0", vec![11]),
        ("amount:1250.50", vec![13]),
        ("rows:1000", vec![37, 35]),
        ("rate:0.10", vec![36]),
        ("rate:*0.10*", vec![36]),
        ("rate 0.10", vec![36]),
        ("order:88213", vec![6, 5, 4]),
        ("order:88213-A", vec![4]),
        ("location.city:rotterdam", vec![3, 2, 1]),
        ("location:rotterdam", vec![40]),
        ("location.city:\"den haag\"", vec![4]),
        ("location.city:Den", vec![5, 4]),
        ("heeft:location", vec![40, 5, 4, 3, 2, 1]),
        ("has:location.dock", vec![2, 1]),
        ("has:battery", vec![22, 21, 20]),
        ("battery:*", vec![22, 21, 20]),
        ("paid:false", vec![13]),
        ("tags:spoed", vec![10]),
        ("sensor.id:S-17", vec![22, 20]),
        ("sensor.id:=S-17", vec![20]),
        ("sensor.values:>30", vec![21]),
        ("eta:>2026-11-20", vec![24]),
        ("eta:>=2026-11-20", vec![24, 23]),
        ("eta:2026-11-19..2026-11-24", vec![23]),
        ("kind:scan", vec![40, 10, 9, 8, 7]),
        ("kind:=scan", vec![40, 10, 8, 7]),
        ("soort:SCAN_", vec![9]),
        ("kind:\"laden gereed\"", vec![33]),
        ("kind:laden_gereed", vec![34]),
        ("kind:*gereed*", vec![34, 33]),
        ("level:critical", vec![11]),
        ("niveau:fout", vec![31, 27, 6]),
        ("level:>=error", vec![31, 27, 11, 6]),
        ("level:<info", vec![30]),
        ("source:api kind:epcis", vec![29, 28]),
        ("source:web", vec![]),
        ("ip:203.0.113.0/24 kind:epcis", vec![29, 28]),
        ("ip:203.0.113.7 kind:epcis", vec![29, 28]),
        ("ip:203.0.114.0/24", vec![]),
        ("id:12", vec![12]),
        ("id:38..", vec![40, 39, 38]),
        ("nummer:..2", vec![2, 1]),
        ("na:2026-11-04 voor:2026-11-05", vec![5, 4]),
        ("after:2026-11-18T10:00 before:2026-11-18T11:00", vec![36]),
        ("na:18-11-2026 before:2026-11-19", vec![37, 36, 35]),
        ("flag:late kind:gate", vec![24, 23]),
        ("-flag:late", vec![40, 39, 38]),
        ("message:container", vec![2, 1]),
        ("external_id:evt-2026", vec![36, 35]),
        ("external_id:88213", vec![37]),
        ("88213", vec![37, 6, 5, 4]),
        ("bizStep:urn:epcglobal:cbv:bizstep:shipping", vec![28]),
        ("urn:epc:id:sgtin:0614141", vec![29, 28]),
        ("scan OR gate", vec![40, 24, 23, 10, 9, 8, 7]),
        ("(kind:scan OF kind:gate) -gate:A1", vec![40, 24, 23, 10, 8]),
        ("kind:scan a OR kind:gate b", vec![40, 24, 23, 10, 9, 8, 7]),
        ("utrecht -(kerkstraat 12)", vec![25]),
        ("--utrecht", vec![26, 25]),
        ("kerkstraat 12", vec![27, 26]),
        ("\"kerkstraat 12\"", vec![26]),
        ("=utrecht =12", vec![26, 25]),
        ("lijst rotterdam", vec![38]),
        ("'; drop table log; \"--\"", vec![]),
        ("drop off", vec![31]),
        ("<script>", vec![32]),
        ("data.kind:scan_failed", vec![9]),
    ] {
        assert_eq!(find(&key, query).await, expected, "{query}");
    }
}

/// SRCH-01, SRCH-03, SRCH-05, GEN-13: ten thousand random queries find exactly what an oracle with no code of the server finds, in
/// every order, and the exact count says how many, however many logs the index of parts has by then.
#[tokio::test]
async fn random_queries_find_what_an_independent_oracle_finds() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    corpus::store(&key).await;
    let entries = corpus::entries();
    let mut dice = Dice::new(2026);
    let mut hits = 0;
    for round in 0..10_000 {
        if round % 250 == 0 {
            // Nothing, a part of them, all.
            app.index_parts([0, 40, dice.within(1, 39)][round / 250 % 3]).await;
        }
        let ask = Ask::random(&mut dice, round % 4);
        let query = ask.query();
        let expected: Vec<i64> =
            entries.iter().rev().filter(|entry| ask.holds(entry)).map(|entry| entry.number).collect();
        assert_eq!(find(&key, &query).await, expected, "{query}");
        hits += expected.len();
        if round % 5 == 0 {
            // In order of time the word index is not asked.
            let path = format!("/api/v1/logs?limit=1000&sort=occurred_at&count=exact&q={}", encode(&query));
            let page = key.get(&path).await.expect_ok().json();
            let mut by_reading = ids(&page);
            by_reading.sort_unstable_by(|a, b| b.cmp(a));
            assert_eq!(
                (by_reading, &page["total"]),
                (expected.clone(), &json!({"value": expected.len(), "capped": false})),
                "{query}"
            );
        }
    }
    assert!(hits > 20_000, "the questions are too narrow: {hits}");
}

/// Every stored log as the server's own test of a log sees it.
async fn docs(app: &TestApp, customer: i64) -> Vec<Doc> {
    let customer = CustomerId(customer);
    let mut conn = app.app.db.read(Scope::Customer(customer)).await.unwrap();
    let window = Window { ids: LogId::range(customer, Space::Live), occurred: (i64::MIN, i64::MAX) };
    let rows = repo::list_window(&mut conn, customer, window, false, 10_000).await.unwrap();
    rows.iter().map(repo::LogRow::doc).collect()
}

async fn same_by_index_and_by_reading(key: &Actor, docs: &[Doc], query: &str) -> bool {
    let path = format!("/api/v1/logs/search?limit=1000&q={}", encode(query));
    let Ok(parsed) = shared::query::parse(query) else {
        let answer = key.get(&path).await;
        assert_eq!(answer.status.as_u16(), 400, "{query:?}");
        return false;
    };
    if query.trim().is_empty() {
        return false;
    }
    let zone = zone::find("Europe/Amsterdam").unwrap();
    let expected: Vec<i64> =
        docs.iter().filter(|doc| eval::matches(&parsed, doc, &zone)).map(|doc| doc.seq).collect();
    let found = ids(&key.get(&path).await.expect_ok().json());
    assert_eq!(found, expected, "{query:?} read as {parsed}");
    true
}

/// SRCH-01, SRCH-03, GEN-13: for wild queries the word index gives exactly what reading every log gives.
#[tokio::test]
async fn the_index_gives_what_reading_every_log_gives() {
    let app = TestApp::new().await;
    let (customer, _, key) = app.tenant().await;
    let long = "w".repeat(70);
    let mut logs: Vec<String> = CORPUS.map(str::to_owned).to_vec();
    logs.extend([
        json!({"kind": "a b", "v": long, "w": format!("{long}x"), "x": "w".repeat(64)}).to_string(),
        json!({"kind": "a_b", "p".repeat(120): "diep", "p".repeat(119): "anders", "_": 1, "@": "bij"}).to_string(),
        json!({"kind": "Überlänge", "v": "İstanbul ﬁle ＡＢＣ １２ Ⅷ ½", "\u{301}": "leeg", "a b": {"c:d": "e"}}).to_string(),
        json!({"kind": "k".repeat(64), "big": 1e21, "zero": 0, "min": -7, "f": 8.0, "i": 8, "t": "8.0", "u": "08", "e": "1e3"}).to_string(),
        json!({"level": "ERROR", "txt": "x\ty\nz\r\u{a0}q", "emoji": "👩‍👩‍👧 🇳🇱 e\u{301}", "tab\tname": "v"}).to_string(),
        format!("{{\"kind\":\"note\",\"external_id\":\"{}\"}}", "é".repeat(100)),
    ]);
    upload(&key, &logs).await;
    let docs = docs(&app, customer.id).await;
    assert_eq!(docs.len(), 46);
    let mut dice = Dice::new(99);
    let pieces = [
        "a b",
        "a_b",
        "kind:a_b",
        "kind:\"a b\"",
        "kind:=a_b",
        "kind:a",
        "kind:über",
        "kind:uberlange",
        "flag:láte",
        "flag:LATE",
        "flag:\"la te\"",
        "source:API",
        "source:upload",
        "source:uplöad",
        "source:up_load",
        "big:1e21",
        "big:1000000000000000000000",
        "zero:0",
        "zero:-0",
        "zero:0.0",
        "min:-7",
        "f:8",
        "i:8",
        "f:8.0",
        "i:8.0",
        "t:8",
        "t:8.0",
        "u:8",
        "u:08",
        "i:08",
        "i:+8",
        "i:8e0",
        "e:1e3",
        "e:1000",
        "has:\u{301}",
        "\"\u{301}\":leeg",
        "has:_",
        "has:@",
        "_:1",
        "@:bij",
        "\"@\":bij",
        "\"a b.c:d\":e",
        "a_b.c_d:e",
        "has:a_b",
        "\"tab\tname\":v",
        "istanbul",
        "file",
        "abc",
        "12",
        "viii",
        "½",
        "👩",
        "🇳🇱",
        "é",
        "e\u{301}",
        "=e",
        "emoji:é",
        "v:=",
        "nan",
        "big:nan",
        "big:inf",
        "i:infinity",
        "ip:::1",
        "ip:203.*",
        "level:>critical",
        "id:0",
        "id:99999999999999999999",
        "after:9999-12-31",
        "before:0001-01-01",
        "after:2026",
        "kind:kkkkkk",
        "x:=",
        "*",
        "-*",
        "(*)",
        "a OR *",
        "-(-(-scan))",
        "*rotterda*",
        "*1234567* OR *ontaine*",
        "*straß*",
        "kind:*gereed*",
        "location.city:*aag*",
        "*wwww*",
        "message:*aad* -*klep*",
        "-(*aad* *bru*)",
        "*12.*",
        "*\"den h\"*",
        "*ﬁl*",
        "*الميناء*",
        "*港口*",
        "external_id:*eeeee*",
    ];
    let long_queries = [
        long.clone(),
        format!("={long}"),
        format!("{long}x"),
        "w".repeat(64),
        format!("={}", "w".repeat(64)),
        format!("v:={}", "w".repeat(64)),
        format!("x:={}", "w".repeat(64)),
        format!("v:{}", "w".repeat(63)),
        format!("{}:diep", "p".repeat(120)),
        format!("{}:diep", "p".repeat(119)),
        format!("{}:diep", "p".repeat(96)),
        format!("has:{}", "p".repeat(96)),
        format!("has:{}", "p".repeat(10)),
        format!("kind:={}", "k".repeat(64)),
        format!("kind:={}", "k".repeat(63)),
        format!("external_id:={}", "é".repeat(100)),
        format!("external_id:={}", "e".repeat(100)),
        format!("\"{} {}\"", "w".repeat(70), "w".repeat(71)),
    ];
    for (at, query) in pieces.iter().map(|piece| (*piece).to_owned()).chain(long_queries).enumerate() {
        if at % 8 == 0 {
            app.index_parts([46, 0, 23][at / 8 % 3]).await;
        }
        same_by_index_and_by_reading(&key, &docs, &query).await;
        same_by_index_and_by_reading(&key, &docs, &format!("{query} note")).await;
        if query.contains('*') {
            app.index_parts(46).await;
            same_by_index_and_by_reading(&key, &docs, &query).await;
        }
    }
    audit_parts(&app.app.db).await;
    let mut read = 0;
    for _ in 0..400 {
        let mut query = String::new();
        for _ in 0..1 + dice.below(4) {
            match dice.below(9) {
                0 => query.push_str(" OR "),
                1 => query.push_str(" -"),
                2 => query.push_str(&format!("({})", dice.pick(&pieces))),
                3 => query.push_str(&Ask::random(&mut dice, 2).query()),
                _ => {
                    let piece: &&str = dice.pick(&pieces);
                    query.push_str(piece);
                }
            }
            query.push(' ');
        }
        read += usize::from(same_by_index_and_by_reading(&key, &docs, &query).await);
    }
    assert!(read > 150, "most queries were nonsense: {read}");
}

/// SRCH-03: a word that first came in with logs that were refused is found by its beginning once it is stored.
#[tokio::test]
async fn words_of_refused_logs_are_found_later() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let batch = "/api/v1/logs/batch?atomic=true";
    let refused = json!({"logs": [
        {"external_id": "een", "message": "eerst"}, {"external_id": "een", "message": "zeldzaamwoord"},
    ]});
    key.post(batch, &refused).await.expect_problem(422, "all_rejected");
    key.post("/api/v1/logs", &json!({"message": "zeldzaamwoord"}))
        .await
        .expect(axum::http::StatusCode::CREATED);
    for query in ["zeldzaam", "zeldzaamwoord", "message:zeldz", "has:message"] {
        assert_eq!(find(&key, query).await, [1], "{query}");
    }
}
