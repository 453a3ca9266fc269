//! The program: the linked module, cut and made ready for the browser.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use wasm_split_cli_support::{Options, transform};

use crate::Done;
use crate::files::{self, Folder};
use crate::link;
use crate::merge::merge;

/// The module with what several parts need.
const COMMON: &str = "common";

/// The web app in modules.
pub struct Program {
    /// The module that every visit loads.
    pub main: Vec<u8>,
    /// What `wasm-bindgen` wrote for it.
    bindgen: String,
    /// What the splitter wrote for the parts.
    splitter: String,
    /// The parts.
    parts: BTreeSet<String>,
    /// All modules but the main one: those of the parts and the common one.
    modules: BTreeMap<String, Vec<u8>>,
}

impl Program {
    /// Splits a linked module; `work` holds what lies between.
    pub fn split(linked: &[u8], work: &Folder, release: bool) -> Done<Self> {
        work.clear()?;
        let main = work.file("main.wasm");
        let mut options = Options::new(linked);
        options.output_dir = &work.0;
        options.main_out_path = &main;
        options.link_name = link::MODULE;
        options.main_module = "./frontend.js";
        let split = transform(options).map_err(|error| format!("the program cannot be split: {error:?}"))?;

        // The table of functions has to stay visible: parts put theirs into it.
        let mut bindgen = Command::new("wasm-bindgen");
        bindgen.args(["--target=web", "--no-typescript", "--keep-lld-exports", "--out-name=frontend"]);
        if release {
            bindgen.args(["--remove-name-section", "--remove-producers-section"]);
        }
        run(bindgen.arg("--out-dir").arg(&work.0).arg(&main))?;
        let bound = work.file("frontend_bg.wasm");

        // What more than one part needs is one module: a file for each set of parts would be dozens.
        let (own, shared): (Vec<PathBuf>, Vec<PathBuf>) =
            split.split_modules.into_iter().partition(|path| part_of(path).is_some());
        let common = work.file("common.wasm");
        if !shared.is_empty() {
            let modules = shared.iter().map(|path| files::read(path)).collect::<Done<Vec<_>>>()?;
            files::write(&common, &merge(&modules)?)?;
        }
        let named: Vec<(&str, &Path)> = [("main", bound.as_path()), (COMMON, common.as_path())]
            .into_iter()
            .filter(|(name, _)| *name != COMMON || !shared.is_empty())
            .chain(own.iter().filter_map(|path| Some((part_of(path)?, path.as_path()))))
            .collect();
        let finished = finished(&named, release)?;
        let mut modules: BTreeMap<String, Vec<u8>> =
            named.iter().map(|(name, _)| (*name).to_owned()).zip(finished).collect();
        Ok(Self {
            main: modules.remove("main").ok_or("there is no main module")?,
            bindgen: files::read_text(&work.file("frontend.js"))?,
            splitter: files::read_text(&work.file(link::MODULE))?,
            parts: split.prefetch_map.into_keys().collect(),
            modules,
        })
    }

    /// Writes the files of the parts and gives the script that loads them.
    pub fn script(&self, staging: &Folder) -> Done<String> {
        let mut names = BTreeMap::new();
        for (name, module) in &self.modules {
            names.insert(name.as_str(), staging.add(name, ".wasm", module)?);
        }
        let files = |part: &String| {
            let files = [COMMON, part.as_str()].into_iter().filter_map(|name| names.get(name));
            (part.clone(), files.cloned().collect())
        };
        link::script(&self.bindgen, &self.splitter, &self.parts.iter().map(files).collect::<Vec<_>>())
    }
}

/// The part that a file of the splitter belongs to alone.
fn part_of(path: &Path) -> Option<&str> {
    path.file_stem()?.to_str()?.strip_prefix("split_")
}

/// Modules as they are shipped: shrunk as Trunk would (`-Oz`), two at a time, or as they are.
fn finished(modules: &[(&str, &Path)], release: bool) -> Done<Vec<Vec<u8>>> {
    let shrink = |path: &Path| run(Command::new("wasm-opt").arg("-Oz").arg("--output").arg(path).arg(path));
    if release {
        // The main module takes as long as all others together.
        let (main, others) = modules.split_at(1);
        std::thread::scope(|scope| {
            let others = scope.spawn(|| others.iter().try_for_each(|(_, path)| shrink(path)));
            main.iter().try_for_each(|(_, path)| shrink(path))?;
            others.join().unwrap_or_else(|_| Err("wasm-opt was not waited for".to_owned()))
        })?;
    }
    modules.iter().map(|(_, path)| files::read(path)).collect()
}

fn run(command: &mut Command) -> Done {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed: {status}")),
        Err(error) => Err(format!("{name}: {error}; it has to be on the search path, as for Trunk")),
    }
}
