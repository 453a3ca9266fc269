//! The page that names the files of the app.

use crate::Done;
use crate::files::{self, Folder};

/// `index.html` as Trunk wrote it.
pub struct Page {
    html: String,
    script: String,
    main: String,
}

impl Page {
    /// Reads it, with the names of the files that are to be replaced.
    pub fn read(staging: &Folder) -> Done<Self> {
        let html = files::read_text(&staging.file("index.html"))?;
        let script = named(&html, ".js")?;
        let main = named(&html, ".wasm")?;
        Ok(Self { html, script, main })
    }

    /// Puts other files in the place of those that Trunk made.
    pub fn replace(&mut self, staging: &Folder, script: &str, main: &str) -> Done {
        for (old, new) in [(&self.script, script), (&self.main, main)] {
            self.html = self.html.replace(old.as_str(), new);
            if old != new {
                files::remove(&staging.file(old))?;
            }
        }
        files::write(&staging.file("index.html"), self.html.as_bytes())
    }
}

/// The name of the file of the app with that ending: `/frontend-….js`.
fn named(html: &str, ending: &str) -> Done<String> {
    let name = |rest: &str| {
        let name = rest.split(['"', '\'', ' ', '>']).next()?;
        name.ends_with(ending).then(|| format!("frontend-{name}"))
    };
    html.split("/frontend-")
        .skip(1)
        .find_map(name)
        .ok_or_else(|| format!("index.html names no {ending} file"))
}

#[cfg(test)]
mod tests {
    use super::named;

    /// PERF-03: the names are found however the page is written.
    #[test]
    fn the_page_names_script_and_program() {
        let html = "<meta name=mvai-app data-js=/frontend-1a.js data-wasm='/frontend-1a_bg.wasm'>";
        assert_eq!(named(html, ".js"), Ok("frontend-1a.js".to_owned()));
        assert_eq!(named(html, ".wasm"), Ok("frontend-1a_bg.wasm".to_owned()));
        assert!(named("<p>", ".js").is_err());
    }
}
