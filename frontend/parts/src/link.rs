//! The script: what `wasm-bindgen` wrote, with the loader of the parts inside.
//!
//! The splitter writes a loader of its own, which would be one more file before the app can start. It also knows
//! what the parts take from the main module; that is read from it.

use crate::Done;

/// The module that the main module imports the loaders from; the splitter writes it and it is not shipped.
pub const MODULE: &str = "./parts.js";

/// The script with the loader; `parts` says which files a part needs.
pub fn script(bindgen: &str, splitter: &str, parts: &[(String, Vec<String>)]) -> Done<String> {
    // One line for each loader that the main module imports.
    let is_import = |line: &&str| line.starts_with("import ") && line.contains(MODULE);
    let mut imports = bindgen.lines().filter(is_import);
    let import = imports.next().ok_or("wasm-bindgen does not import the loaders: is nothing split?")?;
    let name = |import| between(import, "* as ", " from").ok_or_else(|| format!("unexpected: {import}"));
    let first = name(import)?;
    let shared = between(splitter, "const {", "} = initSync").ok_or("the splitter names no shared items")?;
    let canary = between(splitter, "__wasm_split: {", "}").ok_or("the splitter shares nothing")?;
    let loader = include_str!("loader.js")
        .replace("import_parts", first)
        .replace("FILES", &files(parts))
        .replace("SHARED", shared.trim().trim_end_matches(','))
        .replace("CANARY", canary.trim());
    let mut made = bindgen.replacen(import, &loader, 1);
    for import in imports {
        made = made.replacen(import, &format!("const {} = {first};", name(import)?), 1);
    }
    Ok(shorter(&made))
}

/// `{"logs":["common-….wasm","logs-….wasm"]}`.
fn files(parts: &[(String, Vec<String>)]) -> String {
    let part = |(name, files): &(String, Vec<String>)| {
        let files: Vec<String> = files.iter().map(|file| format!("\"{file}\"")).collect();
        format!("\"{name}\":[{}]", files.join(","))
    };
    format!("{{{}}}", parts.iter().map(part).collect::<Vec<_>>().join(","))
}

/// Without the comments on types and the space before lines: nobody reads this file.
fn shorter(script: &str) -> String {
    let mut text = String::with_capacity(script.len());
    let mut comment = false;
    for line in script.lines().map(str::trim) {
        comment |= line.starts_with("/*");
        if !comment && !line.is_empty() {
            text.push_str(line);
            text.push('\n');
        }
        comment &= !line.ends_with("*/");
    }
    text
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

#[cfg(test)]
mod tests {
    use super::{script, shorter};

    const SPLITTER: &str = "import { initSync } from \"./frontend.js\";\n\
        sharedImports = { __wasm_split: { __canary_1: ~0xdead, } };\n\
        const { memory, __stack_pointer,  } = initSync(undefined, undefined);\n";

    /// PERF-03: the loader takes the place of the import, so that no file stands between script and start.
    #[test]
    fn the_loader_stands_in_the_script() {
        let parts = [("logs".to_owned(), vec!["common-0.wasm".to_owned(), "logs-0.wasm".to_owned()])];
        let bindgen =
            "import * as import1 from \"./parts.js\"\nimport * as import2 from \"./parts.js\"\nlet wasm;\n";
        let made = script(bindgen, SPLITTER, &parts).unwrap();
        assert!(made.starts_with(
            "const import1 = (() => {\nconst files = {\"logs\":[\"common-0.wasm\",\"logs-0.wasm\"]};\n"
        ));
        assert!(made.contains("const { memory, __stack_pointer } = wasm;"), "{made}");
        assert!(
            made.contains("{ __wasm_split: { __canary_1: ~0xdead, memory, __stack_pointer } }"),
            "{made}"
        );
        assert!(made.ends_with("const import2 = import1;\nlet wasm;\n"), "{made}");
        assert!(script("let wasm;\n", SPLITTER, &parts).is_err(), "a program that is not split is refused");
    }

    #[test]
    fn comments_are_left_out() {
        assert_eq!(
            shorter("/**\n * @returns {number}\n */\n  get a() {\n    /* b */\n  }\n"),
            "get a() {\n}\n"
        );
    }
}
