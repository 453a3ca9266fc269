//! Tools that the project brings along in a fixed version, kept in a cache folder of the user.
//!
//! A tool is built or unpacked in a temporary folder and renamed when it is complete, so what stands
//! under its final name is whole. A lock keeps two checkouts from installing at the same time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::paths::Workspace;
use crate::process::{self, Done};
use crate::system::{self, Need};

/// A program that is installed from source by cargo.
pub struct CargoTool {
    package: &'static str,
    program: &'static str,
    version: &'static str,
    arguments: &'static [&'static str],
    /// Whether any version that is already on the search path will do.
    any_version: bool,
}

/// Bundles the web app.
pub const TRUNK: CargoTool = CargoTool {
    package: "trunk",
    program: "trunk",
    version: "0.21.14",
    arguments: &["--locked", "--no-default-features", "--features", "rustls"],
    any_version: false,
};

/// Makes the glue between WASM and JavaScript; the same version as the crate in `Cargo.lock`.
pub const WASM_BINDGEN: CargoTool = CargoTool {
    package: "wasm-bindgen-cli",
    program: "wasm-bindgen",
    version: "0.2.130",
    // Not `--locked`: its lock file asks for a crate version that is not served.
    arguments: &[],
    any_version: false,
};

/// Runs the Rust tests.
pub const NEXTEST: CargoTool = CargoTool {
    package: "cargo-nextest",
    program: "cargo-nextest",
    version: "0.9.143",
    arguments: &["--locked", "--no-default-features", "--features", "default-no-update"],
    any_version: true,
};

/// Checks bans, licences and sources of the dependencies.
pub const DENY: CargoTool = CargoTool {
    package: "cargo-deny",
    program: "cargo-deny",
    version: "0.20.2",
    arguments: &["--locked"],
    any_version: false,
};

/// Checks the dependencies against known advisories.
pub const AUDIT: CargoTool = CargoTool {
    package: "cargo-audit",
    program: "cargo-audit",
    version: "0.22.2",
    arguments: &["--locked", "--no-default-features"],
    any_version: false,
};

impl CargoTool {
    /// Makes sure that the tool is there and returns the folder of its program.
    pub fn ensure(&self, workspace: &Workspace) -> Done<PathBuf> {
        if let Some(found) = process::find(self.program).filter(|_| self.any_version) {
            return found
                .parent()
                .map(Path::to_path_buf)
                .ok_or_else(|| format!("{} has no folder", self.program));
        }
        let home = workspace.cache.join(format!("{}-{}", self.program, self.version));
        install(workspace, &home, &|| home.join("bin").join(self.program), |temporary| {
            // Outside the workspace, so that its `.cargo/config.toml` does not apply; and with a
            // profile that builds quickly, since these tools are run far less than they are compiled.
            let mut cargo = workspace.command("cargo");
            cargo
                .current_dir(&workspace.cache)
                .env("CARGO_TARGET_DIR", workspace.cache.join(".build"))
                .env("CARGO_PROFILE_RELEASE_LTO", "off")
                .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
                .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
                .args(["install", self.package, "--version", self.version])
                .args(self.arguments)
                .arg("--root")
                .arg(temporary);
            process::run(&mut cargo)?;
            remove(&workspace.cache.join(".build"))
        })?;
        Ok(home.join("bin"))
    }
}

/// Packages of npm in fixed versions.
pub struct NodePackages {
    /// Begins the name of their folder.
    pub name: &'static str,
    /// `package.json`
    pub manifest: &'static str,
    /// `package-lock.json`
    pub lock: &'static str,
    /// A file that is there when they are.
    pub proof: &'static str,
}

/// Where packages of npm are.
pub struct NodeTools {
    /// The folder that holds `node_modules`.
    pub home: PathBuf,
    /// The `node_modules` folder.
    pub modules: PathBuf,
    /// The programs in it.
    pub bin: PathBuf,
}

impl NodePackages {
    /// Makes sure that Node and the packages are there.
    pub fn ensure(&self, workspace: &Workspace) -> Done<NodeTools> {
        system::ensure(&[Need::Node])?;
        let version = fingerprint(&[self.manifest, self.lock].concat());
        let home = workspace.cache.join(format!("{}-{version:016x}", self.name));
        install(workspace, &home, &|| home.join(self.proof), |temporary| {
            let write = |name: &str, text: &str| {
                fs::write(temporary.join(name), text).map_err(|error| format!("{name}: {error}"))
            };
            write("package.json", self.manifest)?;
            write("package-lock.json", self.lock)?;
            let mut npm = workspace.command("npm");
            npm.current_dir(temporary).env("PUPPETEER_SKIP_DOWNLOAD", "1").args([
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
            ]);
            process::run(&mut npm)
        })?;
        let modules = home.join("node_modules");
        Ok(NodeTools { home, bin: modules.join(".bin"), modules })
    }
}

/// wasm-opt and what the browser tests use.
const NODE: NodePackages = NodePackages {
    name: "node",
    manifest: include_str!("../node/package.json"),
    lock: include_str!("../node/package-lock.json"),
    proof: "node_modules/.bin/wasm-opt",
};

/// Makes sure that wasm-opt and what the browser tests use are there.
pub fn node(workspace: &Workspace) -> Done<NodeTools> {
    NODE.ensure(workspace)
}

/// Unpacks packages of Debian beside the system, where they may not be installed together with others; returns the
/// folder that stands for the root.
pub fn debian(workspace: &Workspace, name: &str, packages: &[&str]) -> Done<PathBuf> {
    let home = workspace.cache.join(format!("{name}-debian"));
    install(workspace, &home, &|| home.join("usr"), |temporary| {
        fs::create_dir_all(temporary).map_err(|error| format!("{}: {error}", temporary.display()))?;
        process::run(workspace.command("apt-get").current_dir(temporary).arg("download").args(packages))?;
        for entry in fs::read_dir(temporary).map_err(|error| error.to_string())? {
            let file = entry.map_err(|error| error.to_string())?.path();
            process::run(workspace.command("dpkg").arg("--extract").arg(&file).arg(temporary))?;
        }
        Ok(())
    })?;
    Ok(home)
}

/// Makes sure that a Python with the packages of a requirements file is there, and returns its program.
pub fn python(workspace: &Workspace, requirements: &str) -> Done<PathBuf> {
    system::ensure(&[Need::Python])?;
    let home = workspace.cache.join(format!("python-{:016x}", fingerprint(requirements)));
    let program = |home: &Path| home.join("bin/python");
    install(workspace, &home, &|| program(&home), |temporary| {
        process::run(workspace.command("python3").args(["-m", "venv"]).arg(temporary))?;
        let list = temporary.join("requirements.txt");
        fs::write(&list, requirements).map_err(|error| format!("{}: {error}", list.display()))?;
        let mut pip = workspace.command(program(temporary));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&list);
        process::run(&mut pip)
    })?;
    Ok(program(&home))
}

/// Makes sure that the compiler can build for the browser.
pub fn wasm_target(workspace: &Workspace) -> Done {
    const TARGET: &str = "wasm32-unknown-unknown";
    let sysroot = process::capture(workspace.command("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).is_dir() {
        return Ok(());
    }
    process::run(workspace.command("rustup").args(["target", "add", TARGET]))
}

/// Installs everything that any command needs.
pub fn install_all(workspace: &Workspace) -> Done {
    system::ensure(&Need::ALL)?;
    wasm_target(workspace)?;
    let node = node(workspace)?;
    println!("node modules: {}", node.modules.display());
    for tool in [TRUNK, WASM_BINDGEN, NEXTEST, DENY, AUDIT] {
        println!("{}: {}", tool.program, tool.ensure(workspace)?.display());
    }
    Ok(())
}

/// Fills a temporary folder and renames it to `home`, unless `proof` already exists there.
fn install(
    workspace: &Workspace,
    home: &Path,
    proof: &dyn Fn() -> PathBuf,
    fill: impl FnOnce(&Path) -> Done,
) -> Done {
    if proof().exists() {
        return Ok(());
    }
    let failed = |error: std::io::Error| format!("{}: {error}", home.display());
    fs::create_dir_all(&workspace.cache).map_err(failed)?;
    let lock = File::create(workspace.cache.join(".lock")).map_err(failed)?;
    lock.lock().map_err(failed)?;
    // Somebody else may have installed it while we waited for the lock.
    if proof().exists() {
        return Ok(());
    }
    eprintln!("── setting up {} (once for this user)", home.display());
    let temporary = workspace.cache.join(".incomplete");
    remove(&temporary)?;
    fs::create_dir_all(&temporary).map_err(failed)?;
    fill(&temporary)?;
    remove(home)?;
    fs::rename(&temporary, home).map_err(failed)?;
    if proof().exists() { Ok(()) } else { Err(format!("{} is missing after the install", proof().display())) }
}

/// Removes a folder that may not be there.
pub fn remove(folder: &Path) -> Done {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("cannot remove {}: {error}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// FNV-1a; tells one lock file from another, nothing more.
fn fingerprint(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{NODE, WASM_BINDGEN, fingerprint};

    #[test]
    fn the_fingerprint_is_fnv_1a() {
        assert_eq!(fingerprint(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn the_npm_lock_names_no_server() {
        assert!(!NODE.lock.contains("\"resolved\""));
        assert!(NODE.lock.contains("\"integrity\""));
        assert!(NODE.manifest.contains("binaryen"));
    }

    #[test]
    fn the_wasm_bindgen_program_has_the_version_of_the_crate() {
        let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock")).unwrap();
        let wanted = format!("name = \"wasm-bindgen\"\nversion = \"{}\"", WASM_BINDGEN.version);
        assert!(lock.contains(&wanted), "xtask installs {} but Cargo.lock has another", WASM_BINDGEN.version);
    }
}
