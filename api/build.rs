//! With the feature `embed`: puts the built web app (`dist/`) into the binary, precompressed.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../migrations");
    #[cfg(feature = "embed")]
    embed::run();
}

#[cfg(feature = "embed")]
mod embed {
    use std::fmt::Write as _;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};

    pub fn run() {
        let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist");
        println!("cargo:rerun-if-changed={}", dist.display());
        let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default());
        let mut files = Vec::new();
        collect(&dist, &dist, &mut files);
        files.sort();
        if !files.iter().any(|(name, _)| name == "index.html") {
            println!(
                "cargo:warning=dist/index.html is missing: run `trunk build --release` (or `cargo xtask dist`) first"
            );
        }
        let mut table = "pub static ASSETS: &[(&str, &[u8], Option<&[u8]>, Option<&[u8]>)] = &[\n".to_owned();
        for (at, (name, path)) in files.iter().enumerate() {
            let plain = read(path);
            let compressible = !name.ends_with(".woff2") && !name.ends_with(".png");
            let br = compressible
                .then(|| store(&out, at, "br", &brotli(&plain)))
                .filter(|(_, size)| *size < plain.len());
            let gzip = compressible
                .then(|| store(&out, at, "gz", &gzip(&plain)))
                .filter(|(_, size)| *size < plain.len());
            let include = |file: Option<(PathBuf, usize)>| {
                file.map_or("None".to_owned(), |(path, _)| format!("Some(include_bytes!({path:?}))"))
            };
            let _ok = writeln!(
                table,
                "    ({name:?}, include_bytes!({path:?}), {}, {}),",
                include(br),
                include(gzip)
            );
        }
        table.push_str("];\n");
        write(&out.join("assets.rs"), table.as_bytes());
    }

    fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, PathBuf)>) {
        let Ok(entries) = std::fs::read_dir(dir) else {
            return;
        };
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                collect(root, &path, files);
            } else if let Ok(relative) = path.strip_prefix(root) {
                let name = relative.to_string_lossy().replace('\\', "/");
                let full = path.canonicalize().unwrap_or_else(|_| path.clone());
                files.push((name, full));
            }
        }
    }

    fn brotli(plain: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        match brotli::BrotliCompress(&mut std::io::Cursor::new(plain), &mut out, &params) {
            Ok(_) => out,
            Err(error) => fail(&format!("brotli: {error}")),
        }
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        match encoder.write_all(plain).and_then(|()| encoder.finish()) {
            Ok(out) => out,
            Err(error) => fail(&format!("gzip: {error}")),
        }
    }

    fn store(out: &Path, at: usize, ending: &str, bytes: &[u8]) -> (PathBuf, usize) {
        let path = out.join(format!("asset-{at}.{ending}"));
        write(&path, bytes);
        (path, bytes.len())
    }

    fn read(path: &Path) -> Vec<u8> {
        std::fs::read(path).unwrap_or_else(|error| fail(&format!("{}: {error}", path.display())))
    }

    fn write(path: &Path, bytes: &[u8]) {
        if let Err(error) = std::fs::write(path, bytes) {
            fail(&format!("{}: {error}", path.display()));
        }
    }

    fn fail(reason: &str) -> ! {
        println!("cargo:warning={reason}");
        std::process::exit(1)
    }
}
