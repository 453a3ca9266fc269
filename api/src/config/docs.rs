//! Documentation made from the settings: `.env.example` and `docs/configuration.md`.

use std::fmt::Write;

use super::SETTINGS;

/// The text of `.env.example`.
#[must_use]
pub fn env_example() -> String {
    let mut text = "# Settings of MVAI Connexx. Made by `cargo xtask openapi`; do not edit.\n\
                    # Flags go before the environment, the environment before this file (read outside production only).\n"
        .to_owned();
    for setting in SETTINGS {
        let _ok = write!(
            text,
            "\n# {} Accepts: {}.\n#{}={}\n",
            setting.help, setting.accepts, setting.name, setting.default
        );
    }
    text
}

/// The text of `docs/configuration.md`.
#[must_use]
pub fn markdown() -> String {
    let mut text = "# Configuration\n\nMade from the code by `cargo xtask openapi`; do not edit. Order: flags of `serve`, environment, `.env`\n\
                    (outside production), default. `mvai-connexx config check` lists every problem at once, `config show`\n\
                    prints the effective settings with secrets masked.\n\n| Variable | Default | Accepts | Effect |\n|---|---|---|---|\n"
        .to_owned();
    for setting in SETTINGS {
        let default =
            if setting.default.is_empty() { "–".to_owned() } else { format!("`{}`", setting.default) };
        let alias = setting.alias.map(|alias| format!(" (also `{alias}`)")).unwrap_or_default();
        let accepts = setting.accepts.replace('|', "\\|");
        let _ok = writeln!(text, "| `{}`{alias} | {default} | {accepts} | {} |", setting.name, setting.help);
    }
    text
}
