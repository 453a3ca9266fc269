//! The direction between modules, read from the source. Exceptions stand in lists that may only shrink.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Uses of another area's `repo` from a domain area, as `file: other`.
const ALLOWED_FOREIGN_REPOS: &[&str] = &[];
/// Files beside `repo.rs` and `db/` that hold SQL.
const ALLOWED_SQL: &[&str] = &[];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Rust files under a folder, by their path from the root of the project.
pub(super) fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no source");
    found
}

/// The text without comments and without its tests.
fn product(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    before_tests
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn areas() -> BTreeSet<String> {
    std::fs::read_dir(root().join("api/src/domain"))
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect()
}

/// Areas whose `repo` a text reaches, written in full or inside a group of `use`.
fn foreign_repos(own: &str, text: &str) -> BTreeSet<String> {
    let squeezed: String = product(text).split_whitespace().collect();
    let word = |at: usize| !squeezed[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    areas()
        .into_iter()
        .filter(|area| area != own)
        .filter(|area| {
            let direct = squeezed.match_indices(&format!("{area}::repo")).any(|(at, found)| {
                let rest = &squeezed[at + found.len()..];
                word(at) && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
            });
            let grouped = squeezed.match_indices(&format!("{area}::{{")).any(|(at, open)| {
                let mut depth = 0;
                let inside = squeezed[at + open.len() - 1..].chars().take_while(|c| {
                    depth += i32::from(*c == '{') - i32::from(*c == '}');
                    depth > 0
                });
                let inside: String = inside.collect();
                word(at)
                    && inside.split(['{', ',', '}']).any(|part| part == "repo" || part.starts_with("repo::"))
            });
            direct || grouped
        })
        .collect()
}

/// API-01, ACC-01: an area reaches another area's rows through its service alone.
#[test]
fn areas_do_not_use_each_others_repos() {
    let mut found = BTreeSet::new();
    for (name, text) in sources("api/src/domain") {
        let own = name.split('/').nth(3).unwrap_or_default().to_owned();
        found.extend(foreign_repos(&own, &text).into_iter().map(|other| format!("{name}: {other}")));
    }
    let allowed: BTreeSet<String> = ALLOWED_FOREIGN_REPOS.iter().map(|entry| (*entry).to_owned()).collect();
    assert_eq!(found, allowed, "the list of exceptions may only shrink");
}

/// ACC-01: each way of reaching a foreign repo is noticed, and one's own is not.
#[test]
fn planted_uses_of_foreign_repos_are_noticed() {
    for (text, expected) in [
        ("use crate::domain::auth::repo;", true),
        ("let x = crate::domain::auth::repo::find(conn).await?;", true),
        ("use crate::domain::{keys, auth::{model::X, repo as r}};", false),
        ("use crate::domain::{keys, auth::{model::X, repo}};", true),
        ("use crate::domain::auth::{\n    model::X,\n    repo::find,\n};", true),
        ("auth::repo::end(&mut tx)", true),
        ("use super::repo;", false),
        ("keys::repo::find()", false),
        ("// auth::repo is not used here\nuse crate::domain::auth::service;", false),
        ("let report = auth::report();", false),
        ("auth::repository::x()", false),
        ("my_auth::repo::x()", false),
    ] {
        assert_eq!(foreign_repos("keys", text).contains("auth"), expected, "{text}");
    }
}

/// API-01: the data layer, the HTTP layer and the helpers know no area.
#[test]
fn lower_layers_know_no_area() {
    for folder in ["api/src/db", "api/src/util"] {
        for (name, text) in sources(folder) {
            assert!(!product(&text).contains("crate::domain"), "{name} uses an area");
        }
    }
    for (name, text) in sources("api/src/http") {
        assert!(!product(&text).contains("crate::domain"), "{name} uses an area");
        assert!(!product(&text).contains("crate::db"), "{name} uses the database");
    }
}

/// Literals that begin like a statement of SQL.
fn statements(text: &str) -> Vec<String> {
    const VERBS: [&str; 12] = [
        "SELECT ",
        "INSERT ",
        "UPDATE ",
        "DELETE ",
        "WITH ",
        "CREATE ",
        "DROP ",
        "ALTER ",
        "PRAGMA ",
        "MERGE ",
        "TRUNCATE ",
        "VACUUM",
    ];
    let text = product(text);
    let literals = text.split('"').skip(1).step_by(2);
    literals
        .filter(|literal| VERBS.iter().any(|verb| literal.trim_start().starts_with(verb)))
        .map(|literal| literal.chars().take(60).collect())
        .collect()
}

/// ACC-01: SQL stands in `repo.rs` and `db/` alone, where a review finds it.
#[test]
fn sql_stands_where_it_belongs() {
    let mut found = BTreeSet::new();
    let mut seen = 0;
    for (name, text) in sources("api/src") {
        if name.rsplit('/').next().is_some_and(|file| file.starts_with("tests")) {
            continue; // modules of tests may look into the database
        }
        let belongs = name.ends_with("/repo.rs") || name.starts_with("api/src/db/");
        let calls = ["sql(", "sql_owned(", "sqlx::query"].iter().any(|call| product(&text).contains(call));
        if belongs {
            seen += statements(&text).len();
        } else if calls || !statements(&text).is_empty() {
            found.insert(name);
        }
    }
    assert!(seen > 40, "the check sees SQL where it is: {seen}");
    let allowed: BTreeSet<String> = ALLOWED_SQL.iter().map(|entry| (*entry).to_owned()).collect();
    assert_eq!(found, allowed, "the list of exceptions may only shrink");
}

/// ACC-01: statements are told from other texts.
#[test]
fn planted_sql_is_noticed() {
    assert_eq!(
        statements("let a = sql(\"SELECT 1\"); let b = \"  DELETE FROM log\"; let c = \"PRAGMA x\";").len(),
        3
    );
    assert_eq!(
        statements(
            "let a = \"selects what\";\n//! \"DELETE x\"\n    // \"SELECT 1\"\nlet b = \"Update the key\";"
        )
        .len(),
        0
    );
}

/// ACC-01: handlers get the application from a permission extractor, never from the state itself.
#[test]
fn handlers_take_no_state() {
    for (name, text) in sources("api/src/domain") {
        let text = product(&text);
        assert!(!text.contains("State<") && !text.contains("State("), "{name} takes the state");
        // Each annotated handler names one of the doors in its signature.
        for handler in text.split("#[utoipa::path").skip(1) {
            let signature = handler.split_once("async fn ").unwrap().1.split_once('{').unwrap().0;
            let door = ["Tenant<", "Staff<", "SignedIn", ": Person", "Public"]
                .iter()
                .any(|door| signature.contains(door));
            assert!(door, "{name}: {}", signature.lines().next().unwrap_or_default());
        }
    }
}

/// GEN-11: no text of a user becomes markup by way of the web app.
#[test]
fn the_web_app_sets_no_inner_html() {
    for (name, text) in sources("frontend/src") {
        let product = product(&text);
        // Patterns of views are texts of the program, made at compile time.
        let patterns = usize::from(name == "frontend/src/html/pattern.rs");
        if patterns == 1 {
            assert!(
                product.contains("fn read(html: &'static str)"),
                "{name}: a pattern is no text of a user"
            );
        }
        assert_eq!(product.matches("inner_html").count(), patterns, "{name}");
        for forbidden in ["insert_adjacent_html", "set_outer_html", "document().write"] {
            assert!(!product.contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// The names of a section of a manifest.
fn dependencies(manifest: &str, section: &str) -> BTreeSet<String> {
    let lines = manifest
        .lines()
        .skip_while(|line| line.trim() != section)
        .skip(1)
        .take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['=', '.', ' ']).next())
        .filter(|name| !name.is_empty() && !name.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

/// API-01: what browser and server share depends on serialisation alone.
#[test]
fn shared_types_depend_on_serialisation_alone() {
    let manifest = std::fs::read_to_string(root().join("shared/Cargo.toml")).unwrap();
    let found = dependencies(&manifest, "[dependencies]");
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), ["serde", "serde_json", "utoipa"]);
    assert!(manifest.contains("utoipa = { version = \"6.0.0\", optional = true }"));
    for (name, text) in sources("shared/src") {
        for forbidden in [
            "std::fs",
            "std::net::Tcp",
            "std::env",
            "std::time::SystemTime",
            "std::time::Instant",
            "std::thread",
            "tokio",
        ] {
            assert!(!product(&text).contains(forbidden), "{name}: {forbidden}");
        }
    }
}

/// API-01: the web app knows the server by what they share, not by its insides.
#[test]
fn the_web_app_does_not_depend_on_the_server() {
    let manifest = std::fs::read_to_string(root().join("frontend/Cargo.toml")).unwrap();
    let found = dependencies(&manifest, "[dependencies]");
    assert!(found.contains("shared") && found.contains("leptos"), "{found:?}");
    assert!(!found.contains("api") && !found.contains("sqlx"), "{found:?}");
    for (name, text) in sources("frontend/src") {
        let sends = product(&text).contains("gloo_net");
        assert!(!sends || name.starts_with("frontend/src/api/"), "{name} sends requests by itself");
    }
}
