//! Hostile and strange texts are data: found as they are, and harmless.

use serde_json::json;

use super::corpus;
use crate::support::{Dice, TestApp, audit, encode, find, ids, record};

fn strange() -> Vec<String> {
    let mut all: Vec<String> = [
        "Den Haag",
        "spoed koel",
        "12345678901234567890",
        "-7.25",
        "1e400",
        "é ñ ß",
        "📦🚚",
        "👩‍👩‍👧",
        "مرحبا بالعالم",
        "שלום",
        "100%",
        "50%_x",
        "_",
        "a_b",
        "a%b",
        "\"quoted\"",
        "it's",
        "'; drop table log; --",
        "' OR '1'='1",
        "\") OR (\"\"=\"",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "../../etc/passwd",
        "a:b:c",
        "kind:scan",
        "-not",
        "OR",
        "OF",
        "(",
        ")",
        "()",
        "*",
        "**",
        "a*",
        "=x",
        ">8",
        "4..8",
        "\\",
        "\\\"",
        "C:\\temp\\new",
        "https://x.example/?a=b&c=d#e",
        "NEAR(a b)",
        "a & b | !c",
        "a:*",
        "'a':*",
        "<->",
        "^a",
        "+a -b",
        "#k:scan",
        "x\u{0}y",
        "\u{feff}bom",
        "a\u{200b}b",
        "\u{202e}rtl",
        "ﬁ",
        "İ",
        "Ω",
        "½",
        "\t\n",
        "NULL",
        "null",
        "true",
        "0x41",
        "; rm -rf /",
        "$(id)",
        "`id`",
        "\u{1f469}\u{200d}",
        "e\u{301}",
        "\u{301}",
        "…",
        "--",
        "/*",
        "%00",
        "%s%n",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("x".repeat(4_080));
    all.push("x".repeat(4_096));
    all.push("woord ".repeat(680));
    all.push("é".repeat(4_000));
    all
}

/// SRCH-07, SEC-02: every strange value is found as value of its field, by parameter and by query; nothing else happens.
#[tokio::test]
async fn strange_values_are_found_as_they_are() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    let values = strange();
    for (number, value) in (1..).zip(&values) {
        assert_eq!(
            record(&key, &json!({"v": value, "message": value, "n": number}).to_string()).await,
            number
        );
    }
    for (number, value) in (1..).zip(&values) {
        let term = shared::query::field_term("v", value, false);
        // A value as long as a query leaves no room for the name of its field, and an address has a limit as well.
        if term.chars().count() <= 4_096 && encode(&term).len() < 16_000 {
            assert!(find(&key, &term).await.contains(&number), "{value:?} as {term}");
            let parameter = format!("/api/v1/logs?limit=1000&field.v={}", encode(value));
            assert!(
                ids(&key.get(&parameter).await.expect_ok().json()).contains(&number),
                "{value:?} as parameter"
            );
            let excluded = shared::query::field_term("v", value, true);
            assert!(!find(&key, &excluded).await.contains(&number), "{value:?} as {excluded}");
        }
        let part = format!("v:*{}*", shared::query::quote(&value.chars().take(2_000).collect::<String>()));
        if let Ok(parsed) = shared::query::parse(&part)
            && part.ends_with("\"*")
        {
            assert!(find(&key, &part).await.contains(&number), "{value:?} as {parsed}");
        }
        // As a query of its own it may be refused, but never hurts.
        let status = key.get(&format!("/api/v1/logs/search?q={}", encode(value))).await.status.as_u16();
        assert!([200, 400, 414].contains(&status), "{value:?}: {status}");
    }
    assert_eq!(audit(&app.app.db).await, values.len());
}

/// SRCH-07, API-10: texts of random signs in every parameter are answered or refused, never with a failure of the server.
#[tokio::test]
async fn random_texts_never_hurt() {
    let app = TestApp::new().await;
    let (_, _, key) = app.tenant().await;
    corpus::store(&key).await;
    let mut dice = Dice::new(13);
    let signs: Vec<char> = "ab1 \"'()*-=<>:.,;/\\|&!^~%_#@${}[]`\u{0}\u{1}\t\né€📦مש\u{301}\u{200b}\u{202e}\u{feff}\u{fffd}\u{10ffff}OR".chars().collect();
    let mut understood = 0;
    for round in 0..600 {
        let text: String = (0..1 + dice.below(14)).map(|_| *dice.pick(&signs)).collect();
        let value = encode(&text);
        let path = match round % 6 {
            0 | 1 => format!("/api/v1/logs/search?q={value}"),
            2 => format!("/api/v1/logs?q=scan&field.{value}={value}"),
            3 => format!("/api/v1/logs?kind={value}&sort=occurred_at&count=capped"),
            4 => format!("/api/v1/logs?source={value}&q=has:{value}"),
            _ => {
                format!("/api/v1/logs?q={value}:{value}&level={value}&ip={value}&from={value}&cursor={value}")
            }
        };
        let answer = key.get(&path).await;
        let status = answer.status.as_u16();
        assert!(
            [200, 400].contains(&status),
            "{text:?} in {path}: {status} {}",
            String::from_utf8_lossy(&answer.body)
        );
        understood += usize::from(status == 200);
    }
    assert!(understood > 100, "{understood}");
    // Broken escapes in the address itself.
    for query in ["%", "%f", "%zz", "q=%ff%fe", "q=%c0%80", "=&==", "q", "q[]=1", "q=a&q=b"] {
        let status = key.get(&format!("/api/v1/logs?{query}")).await.status.as_u16();
        assert!([200, 400].contains(&status), "{query}: {status}");
    }
    assert_eq!(audit(&app.app.db).await, 40);
}
