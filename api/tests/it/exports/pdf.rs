//! The report: readable by people, by programs and by those who have it read to them.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Document, Object};
use serde_json::{Value, json};

use crate::support::{Actor, TestApp, encode, record, upload};

/// The text of every page, as an independent reader gives it.
fn pages(document: &Document) -> Vec<String> {
    let numbers = document.get_pages();
    numbers.keys().map(|number| document.extract_text(&[*number]).unwrap()).collect()
}

/// Text without regard to where lines break.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn report(actor: &Actor, query: &str) -> (Document, String, Vec<u8>) {
    let answer = actor.get(&format!("/api/v1/logs/export?format=pdf{query}")).await.expect_ok();
    assert_eq!(answer.header("content-type"), "application/pdf");
    assert!(answer.header("content-disposition").ends_with(".pdf"));
    let document = Document::load_mem(&answer.body).unwrap();
    let text = squeezed(&pages(&document).join(" "));
    (document, text, answer.body)
}

fn dict<'a>(document: &'a Document, object: &'a Object) -> &'a Dictionary {
    match object {
        Object::Reference(id) => document.get_dictionary(*id).unwrap(),
        other => other.as_dict().unwrap(),
    }
}

/// Roles of the elements of structure, in reading order.
fn roles(document: &Document, element: &Object, found: &mut Vec<(String, Option<String>)>) {
    match element {
        Object::Array(list) => list.iter().for_each(|one| roles(document, one, found)),
        Object::Reference(id) => roles(document, document.get_object(*id).unwrap(), found),
        Object::Dictionary(dict) => {
            if let Ok(role) = dict.get(b"S").and_then(Object::as_name) {
                let alt = dict.get(b"Alt").ok().map(|alt| lopdf::decode_text_string(alt).unwrap());
                found.push((String::from_utf8_lossy(role).into_owned(), alt));
            }
            if let Ok(kids) = dict.get(b"K") {
                roles(document, kids, found);
            }
        }
        _ => {}
    }
}

fn structure(document: &Document) -> Vec<(String, Option<String>)> {
    let catalog = document.catalog().unwrap();
    let root = dict(document, catalog.get(b"StructTreeRoot").unwrap());
    let mut found = Vec::new();
    roles(document, root.get(b"K").unwrap(), &mut found);
    found
}

async fn fill(key: &Actor) {
    let levels = ["info", "info", "info", "warning", "error", "critical"];
    let lines: Vec<String> = (0..600)
        .map(|at| {
            json!({
                "kind": if at % 3 == 0 { "scan" } else { "temperatuur" }, "level": levels[at % 6],
                "message": format!("Zending {at} naar Łódź, 12 °C, € 5, één ë"),
                "occurred_at": format!("2026-11-{:02}T10:00:00Z", 1 + at % 20),
            })
            .to_string()
        })
        .collect();
    upload(key, &lines).await;
}

/// EXP-04: a report says what it is about, counts what the database holds, shows every log, and numbers its pages; the
/// text can be taken out again by another program.
#[tokio::test]
async fn a_report_tells_what_the_database_holds() {
    let test = TestApp::new().await;
    let (customer, _, key) = test.tenant().await;
    fill(&key).await;
    let query = "&q=kind%3Ascan&from=2026-11-01T00:00:00Z&to=2026-11-11T00:00:00Z";
    let (document, text, _) = report(&key.with("accept-language", "nl"), query).await;
    let filter = query.trim_start_matches('&');
    let listed =
        key.get(&format!("/api/v1/logs?count=exact&sort=id&limit=1000&{filter}")).await.expect_ok().json();
    let total = listed["total"]["value"].as_i64().unwrap();
    assert_eq!(total, 100);
    let facets = key.get(&format!("/api/v1/logs/facets?fields=level&{filter}")).await.expect_ok().json();
    let level = |name: &str| {
        let values = facets["facets"][0]["values"].as_array().unwrap();
        values.iter().find(|value| value["value"] == name).map_or(0, |value| value["count"].as_i64().unwrap())
    };
    for expected in [
        "Lograpport".to_owned(),
        format!("Klant {}", customer.name),
        "Filter kind:scan".to_owned(),
        "Periode 01-11-2026 01:00:00 – 11-11-2026 01:00:00".to_owned(),
        "Tijdzone Europe/Amsterdam".to_owned(),
        "Gemaakt op 22-11-2026 13:00:00".to_owned(),
        "Logs tot en met nummer 600".to_owned(),
        format!(
            "Logs {total} Fouten en kritiek {} Waarschuwingen {} Soorten 1",
            level("error") + level("critical"),
            level("warning")
        ),
        format!("De tabel toont alle {total} logs in volgorde van aankomst."),
        format!("info {}", level("info")),
        format!("scan {total}"),
        "€ 5, één ë".to_owned(),
    ] {
        assert!(text.contains(&expected), "{expected}\n{text}");
    }
    // Every log is there, in order, with its local time.
    let mut rest = text.as_str();
    for log in listed["logs"].as_array().unwrap() {
        let (id, message) = (log["id"].to_string(), log["message"].as_str().unwrap());
        let day = &log["timestamp"].as_str().unwrap()[8..10];
        let row = format!("{id} {day}-11-2026 11:00:00 {} scan {message}", log["level"].as_str().unwrap());
        let at = rest.find(&row).unwrap_or_else(|| panic!("{row}\n{rest}"));
        rest = &rest[at + row.len()..];
    }
    let count = document.get_pages().len();
    assert!(count >= 3, "{count}");
    for (at, page) in pages(&document).iter().enumerate() {
        assert!(squeezed(page).contains(&format!("pagina {} van {count}", at + 1)));
    }
    // The rows can be checked against the logs themselves.
    let ndjson = key.get(&format!("/api/v1/logs/export?format=ndjson&{filter}")).await.expect_ok();
    assert!(text.contains(&format!("SHA-256 van de rijen {}", api::util::crypto::sha256_hex(&ndjson.body))));
}

/// EXP-04: a report is tagged: title, language, headings, described figures, and a table of heads and cells; its letters
/// are in it, as far as they are used.
#[tokio::test]
async fn a_report_is_accessible() {
    let test = TestApp::new().await;
    let (customer, _, key) = test.tenant().await;
    fill(&key).await;
    for (language, title, alt) in
        [("nl", "Lograpport", "Logs per dag: 600 logs"), ("en", "Log report", "Logs per day: 600 logs")]
    {
        let (document, text, body) = report(&key.with("accept-language", language), "").await;
        let catalog = document.catalog().unwrap();
        let marked = dict(&document, catalog.get(b"MarkInfo").unwrap());
        assert!(marked.get(b"Marked").unwrap().as_bool().unwrap());
        assert_eq!(catalog.get(b"Lang").unwrap().as_str().unwrap(), language.as_bytes());
        let info = dict(&document, document.trailer.get(b"Info").unwrap());
        let told = lopdf::decode_text_string(info.get(b"Title").unwrap()).unwrap();
        assert_eq!(told, format!("{title} – {}", customer.name));
        assert!(catalog.get(b"Outlines").is_ok());
        let metadata = catalog.get(b"Metadata").and_then(Object::as_reference).unwrap();
        let stream = document.get_object(metadata).unwrap().as_stream().unwrap();
        let xmp = stream.get_plain_content().unwrap_or_else(|_| stream.content.clone());
        assert!(String::from_utf8_lossy(&xmp).contains("pdfuaid"), "it says that it keeps PDF/UA");
        let structure = structure(&document);
        let count = |role: &str| structure.iter().filter(|(found, _)| found == role).count();
        assert_eq!(
            (count("H1"), count("H2"), count("Table"), count("THead"), count("TBody")),
            (1, 4, 1, 1, 1)
        );
        assert_eq!((count("Figure"), count("TH"), count("TR"), count("TD")), (3, 5, 601, 3_000));
        let figures: Vec<&String> = structure
            .iter()
            .filter(|(role, _)| role == "Figure")
            .map(|(_, alt)| alt.as_ref().unwrap())
            .collect();
        assert!(figures[0].starts_with(alt), "{figures:?}");
        assert!(figures[1].contains("info: 300") && figures[2].contains("temperatuur: 400"), "{figures:?}");
        // A subset of each face: a name with six letters in front, and far less than the whole.
        let mut fonts = BTreeSet::new();
        for object in document.objects.values() {
            let Ok(dict) = object.as_dict() else { continue };
            if dict.get(b"Type").and_then(Object::as_name).is_ok_and(|kind| kind == b"FontDescriptor") {
                let name = String::from_utf8_lossy(dict.get(b"FontName").and_then(Object::as_name).unwrap())
                    .into_owned();
                assert!(dict.has(b"FontFile2") || dict.has(b"FontFile3"), "{name} is not embedded");
                assert_eq!(name.find('+'), Some(6), "{name}");
                fonts.insert(name);
            }
        }
        assert_eq!(fonts.len(), 2, "{fonts:?}");
        let font_bytes: usize = document
            .objects
            .values()
            .filter_map(|object| object.as_dict().ok())
            .flat_map(|dict| {
                [b"FontFile2".as_slice(), b"FontFile3"]
                    .map(|name| dict.get(name).and_then(Object::as_reference))
            })
            .filter_map(|id| Some(document.get_object(id.ok()?).ok()?.as_stream().ok()?.content.len()))
            .sum();
        assert!((1_000..40_000).contains(&font_bytes), "{font_bytes}");
        assert!(text.contains(title) && body.starts_with(b"%PDF-1.7"));
    }
}

/// EXP-04: at most 5,000 logs stand in the table, and the report says of how many.
#[tokio::test]
async fn a_report_that_is_cut_says_so() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let line = |at: usize| json!({ "kind": "scan", "message": format!("m{at}e") }).to_string();
    upload(&key, &(0..5_003).map(line).collect::<Vec<_>>()).await;
    let (document, text, _) = report(&key.with("accept-language", "en"), "").await;
    assert!(text.contains(
        "The table shows the first 5,000 of 5,003 logs in order of arrival; a report holds 5,000 at most."
    ));
    assert!(text.contains("Logs 5,003 "), "the figures count all");
    assert!(text.contains("5000 22 Nov 2026, 13:00:00 info scan m4999e") && !text.contains("m5000e"));
    assert!(document.get_pages().len() > 50);
    let ndjson = key.get("/api/v1/logs/export?format=ndjson").await.expect_ok().text();
    let rows: String = ndjson.lines().take(5_000).map(|line| format!("{line}\n")).collect();
    assert!(text.contains(&api::util::crypto::sha256_hex(rows.as_bytes())), "of the rows that are shown");
}

/// EXP-04, GEN-10, SEC-02: no text breaks a report; what cannot be shown is replaced and what is too long is cut, visibly.
#[tokio::test]
async fn hostile_texts_do_not_break_a_report() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    for message in [
        "مرحبا بالعالم",
        "🚚📦 onderweg",
        "a\u{202e}fdp.exe",
        "regel een\r\nregel twee\tkolom",
        "(haakje) \\ <</JS (app.alert(1))>> endstream endobj",
        "日本語 ไทย हिन्दी",
        "\u{feff}\u{200b}",
        "Z̷̢a̸l̵g̶o̷",
    ] {
        record(&key, &json!({ "kind": "vijandig", "message": message }).to_string()).await;
    }
    record(&key, &json!({ "kind": "lang", "message": "x".repeat(8_192) }).to_string()).await;
    record(&key, &json!({ "kind": "k".repeat(64), "message": "woord ".repeat(1_300) }).to_string()).await;
    // No message: the record itself is shown. A value may be as large as a record may be.
    record(&key, &json!({ "groot": "y".repeat(200_000) }).to_string()).await;
    record(&key, "\"alleen tekst\"").await;
    record(&key, r#"{"message":"nul \u0000 en \u001b[31m"}"#).await;
    let (document, text, body) = report(&key.with("accept-language", "en"), "").await;
    for expected in [
        "� onderweg",
        "a�fdp.exe",
        "regel een regel twee kolom",
        "(haakje) \\ <</JS (app.alert(1))>> endstream endobj",
        "alleen tekst",
        // Control characters make no message; the record shows them as they were sent.
        "\"message\":\"nul \\u0000 en \\u001b[31m\"",
        "Cut, ending in […]: 3 rows. CSV and NDJSON are complete.",
        "Characters that cannot be shown stand as �:",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains('\u{202e}') && !text.contains('\u{200b}') && !text.contains('\u{0}'));
    assert_eq!(structure(&document).iter().filter(|(role, _)| role == "TR").count(), 14);
    assert!(body.len() < 200_000, "{}", body.len());
    // Nothing in it runs.
    for object in document.objects.values() {
        let active =
            object.as_dict().is_ok_and(|dict| dict.has(b"JS") || dict.has(b"AA") || dict.has(b"OpenAction"));
        assert!(!active);
    }
}

/// EXP-04: a report about nothing is a report; what only other forms can do is refused.
#[tokio::test]
async fn a_report_about_nothing_is_a_report() {
    let test = TestApp::new().await;
    let (_, _, key) = test.tenant().await;
    let filter = encode(&format!("nergens {}", "lang ".repeat(700)));
    for query in [
        String::new(),
        "&q=niets".to_owned(),
        format!("&q={filter}"),
        "&from=1970-01-01T00:00:00Z".to_owned(),
    ] {
        let (document, text, _) = report(&key.with("accept-language", "nl"), &query).await;
        assert!(text.contains("De tabel toont alle 0 logs") && text.contains("Logs 0 Fouten"), "{text}");
        assert_eq!(structure(&document).iter().filter(|(role, _)| role == "Table").count(), 0);
    }
    let refused = key.get("/api/v1/logs/export?format=pdf&after=5").await;
    let problem: Value = refused.expect_problem(400, "invalid_parameter");
    assert!(problem["detail"].as_str().unwrap().contains("after"));
}
