//! Texts, numbers and dates in the language of the person.
//!
//! Every text on screen comes from [`Texts`]: the keys stand in `texts.rs`, the words in one file per
//! language. A missing key does not compile; the tests below refuse an empty or untranslated one.

mod en;
pub mod format;
mod nl;
pub mod texts;

use std::sync::Arc;

use crate::prelude::*;

pub use shared::lang::Lang;

pub use format::Formats;
use texts::PartTexts;
pub use texts::Texts;

static NL: Texts = nl::NL.main();
static EN: Texts = en::EN.main();

/// The texts of a language.
#[must_use]
pub fn texts_of(lang: Lang) -> &'static Texts {
    // Only in the browser do parts come later.
    if cfg!(not(target_family = "wasm")) {
        bring_parts();
    }
    match lang {
        Lang::Nl => &NL,
        Lang::En => &EN,
    }
}

/// Brings the texts of the pages in parts; a part does so before it hands over its pages. Nothing in the main part
/// calls this, so they are in the file that the parts have in common.
pub fn bring_parts() {
    static DUTCH: PartTexts = nl::NL.parts();
    static ENGLISH: PartTexts = en::EN.parts();
    NL.bring(&DUTCH);
    EN.bring(&ENGLISH);
}

/// Handle on the language and time zone in force; cheap to copy, reactive when read.
#[derive(Clone, Copy)]
pub struct I18n {
    lang: RwSignal<Lang>,
    zone: RwSignal<Arc<str>>,
}

impl I18n {
    /// Creates the handle; an empty zone means the zone of the browser.
    #[must_use]
    pub fn new(lang: Lang) -> Self {
        Self { lang: RwSignal::new(lang), zone: RwSignal::new(Arc::from("")) }
    }

    /// The texts of the language in force (tracked).
    #[must_use]
    pub fn t(self) -> &'static Texts {
        texts_of(self.lang.get())
    }

    /// The texts of the language in force, for event handlers and futures (not tracked).
    #[must_use]
    pub fn t_untracked(self) -> &'static Texts {
        texts_of(self.lang.get_untracked())
    }

    /// A reactive text for `view!`: `{i18n.tr(|t| t.login.title)}`; all uses share one compiled type.
    pub fn tr(
        self,
        pick: fn(&'static Texts) -> &'static str,
    ) -> impl Fn() -> &'static str + Copy + Send + Sync {
        move || pick(self.t())
    }

    /// The language in force (tracked).
    #[must_use]
    pub fn lang(self) -> Lang {
        self.lang.get()
    }

    /// The language in force (not tracked).
    #[must_use]
    pub fn lang_untracked(self) -> Lang {
        self.lang.get_untracked()
    }

    /// Changes the language of all texts; `state::preferences` also remembers it.
    pub fn set_lang(self, lang: Lang) {
        if self.lang.get_untracked() != lang {
            self.lang.set(lang);
        }
    }

    /// The IANA zone that times are shown in; empty for the zone of the browser (tracked).
    #[must_use]
    pub fn zone(self) -> Arc<str> {
        self.zone.get()
    }

    /// Changes the zone that times are shown in.
    pub fn set_zone(self, zone: &str) {
        if &*self.zone.get_untracked() != zone {
            self.zone.set(Arc::from(zone));
        }
    }

    /// Numbers and dates in the language and zone in force (tracked).
    #[must_use]
    pub fn fmt(self) -> Formats {
        Formats::new(self.lang.get(), self.zone.get())
    }

    /// Numbers and dates in the language and zone in force (not tracked).
    #[must_use]
    pub fn fmt_untracked(self) -> Formats {
        Formats::new(self.lang.get_untracked(), self.zone.get_untracked())
    }
}

/// The language handle of the app; Dutch when nothing was provided.
#[must_use]
pub fn use_i18n() -> I18n {
    use_context::<I18n>().unwrap_or_else(|| I18n::new(Lang::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a walk over the catalogue finds.
    pub(super) enum Kind {
        /// A plain text.
        Plain(&'static str),
        /// A text with values, and the values that it was given.
        Filled(String, Vec<String>),
    }

    /// A walk over all texts.
    pub(super) trait Walk {
        fn walk(&self, path: &str, visit: &mut dyn FnMut(String, Kind));
    }

    /// A value to fill a text with; words that no text holds by itself.
    pub(super) trait Sample {
        fn sample(slot: &mut usize, values: &mut Vec<String>) -> Self;
    }

    impl Sample for &str {
        fn sample(slot: &mut usize, values: &mut Vec<String>) -> Self {
            const WORDS: [&str; 6] = ["§a", "§b", "§c", "§d", "§e", "§f"];
            let word = WORDS[*slot];
            *slot += 1;
            values.push(word.to_owned());
            word
        }
    }

    /// Numbers only choose between one and many; what is shown arrives formatted.
    impl Sample for i64 {
        fn sample(_slot: &mut usize, _values: &mut Vec<String>) -> Self {
            2
        }
    }

    fn collect(lang: Lang) -> Vec<(String, Kind)> {
        let mut all = Vec::new();
        let catalogue = match lang {
            Lang::Nl => nl::NL,
            Lang::En => en::EN,
        };
        catalogue.walk("", &mut |path, kind| all.push((path, kind)));
        all
    }

    /// Texts that are right in both languages: names, loan words and terms of the trade.
    const SAME: &[&str] = &[
        "savings.csv_exports",
        "exports.holds",
        "plan.col_exports",
        "shell.open_log",
        "funnel.field_example",
        "analytics.per_week",
        "common.product",
        "common.status",
        "names.lang_en",
        "names.lang_nl",
        "names.mode_test",
        "names.plan_demo",
        "names.plan_enterprise",
        "names.plan_professional",
        "names.plan_starter",
        "keys.sample_curl",
        "keys.sample_javascript",
        "keys.sample_python",
        "account.title",
        "admin.col_logs",
        "admin.filter_status",
        "admin.logs",
        "across.list",
        "shell.logs",
        "shell.account",
        "overview.live",
        "logs.title",
        "logs.export_start",
        "logs.export_stop",
        "logs.data",
        "logs.count_one",
        "logs.count",
        "logs.log_title",
        "charts.csv",
        "ui.level_debug",
        "ui.level_info",
    ];

    /// I18N-01: every text exists in both languages, none is empty, and none was left untranslated.
    #[test]
    fn every_text_is_translated() {
        let (dutch, english) = (collect(Lang::Nl), collect(Lang::En));
        assert_eq!(dutch.len(), english.len());
        assert!(dutch.len() > 100, "the walk found only {} texts", dutch.len());
        let text = |kind: &Kind| match kind {
            Kind::Plain(text) => (*text).to_owned(),
            Kind::Filled(text, _) => text.clone(),
        };
        let mut faults = Vec::new();
        for ((path, nl), (_, en)) in dutch.iter().zip(&english) {
            let (nl, en) = (text(nl), text(en));
            if nl.trim().is_empty() || en.trim().is_empty() {
                faults.push(format!("{path} is empty"));
            }
            if (nl == en) != SAME.contains(&path.as_str()) {
                faults.push(format!("{path}: ‘{nl}’ and ‘{en}’ against the allow-list"));
            }
        }
        for name in SAME {
            if !dutch.iter().any(|(path, _)| path == name) {
                faults.push(format!("the allow-list names {name}, which is gone"));
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    /// I18N-01: every value that a text is given appears in it, in both languages.
    #[test]
    fn every_value_is_shown() {
        for lang in Lang::ALL {
            for (path, kind) in collect(lang) {
                if let Kind::Filled(text, values) = kind {
                    for value in values {
                        assert!(text.contains(&value), "{path} in {lang:?} leaves out {value}: {text}");
                    }
                }
            }
        }
    }

    /// I18N-03: Dutch says "u", nobody shouts, and no text starts or ends with a space.
    #[test]
    fn texts_keep_the_tone() {
        let informal = |word: &str| matches!(word, "je" | "jij" | "jouw" | "jullie");
        for lang in Lang::ALL {
            for (path, kind) in collect(lang) {
                let text = match kind {
                    Kind::Plain(text) => text.to_owned(),
                    Kind::Filled(text, _) => text,
                };
                // The continuation of a visible word.
                let continues = path == "shell.switch_language";
                assert!(continues || text.trim() == text, "{path} in {lang:?} has a space at an end");
                assert!(!text.contains('!'), "{path} in {lang:?} shouts: {text}");
                if lang == Lang::Nl {
                    let lower = text.to_lowercase();
                    let found = lower.split(|c: char| !c.is_alphabetic()).find(|word| informal(word));
                    assert_eq!(found, None, "{path} is informal: {text}");
                }
            }
        }
    }

    /// What the main part is made of; the other folders and files of `src/pages` are in parts.
    const MAIN: &[&str] = &[
        "api",
        "app.rs",
        "charts",
        "html",
        "lib.rs",
        "main.rs",
        "reactive",
        "router.rs",
        "routes.rs",
        "shell",
        "state",
        "ui",
        "pages/customer/overview",
        "pages/form.rs",
        "pages/parts.rs",
        "pages/public",
    ];

    fn sources(path: &std::path::Path, all: &mut Vec<(String, String)>) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                sources(&entry.unwrap().path(), all);
            }
        } else {
            all.push((path.display().to_string(), std::fs::read_to_string(path).unwrap()));
        }
    }

    /// PERF-03: nothing that a first visit shows asks for a text that comes with the parts.
    #[test]
    fn the_main_part_has_its_texts() {
        let mut all = Vec::new();
        for name in MAIN {
            sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(name), &mut all);
        }
        let uses = |source: &str, section: &str| {
            ["t.", "t().", "t_untracked()."].iter().any(|t| {
                let word = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
                source.match_indices(&format!("{t}{section}.")).any(|(at, _)| !word(&source[..at]))
            })
        };
        // The check itself finds what it looks for.
        assert!(all.iter().any(|(path, source)| path.ends_with("landing.rs") && uses(source, "landing")));
        for (path, source) in &all {
            for section in texts::OF_PARTS {
                assert!(!uses(source, section), "{path} is in the main part and uses texts of {section}");
            }
        }
    }
}
