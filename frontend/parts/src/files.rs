//! Files and their names.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Done;

/// A folder.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Makes it, empty.
    pub fn clear(&self) -> Done {
        match fs::remove_dir_all(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(&self.0)(error)),
            _ => {}
        }
        fs::create_dir_all(&self.0).map_err(failed(&self.0))
    }

    /// The path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Adds a file under a name with the hash of its content; gives that name.
    pub fn add(&self, name: &str, ending: &str, content: &[u8]) -> Done<String> {
        let name = format!("{name}-{:016x}{ending}", hash(content));
        write(&self.file(&name), content)?;
        Ok(name)
    }
}

/// Reads a file.
pub fn read(path: &Path) -> Done<Vec<u8>> {
    fs::read(path).map_err(failed(path))
}

/// Reads a text file.
pub fn read_text(path: &Path) -> Done<String> {
    fs::read_to_string(path).map_err(failed(path))
}

/// Writes a file.
pub fn write(path: &Path, content: &[u8]) -> Done {
    fs::write(path, content).map_err(failed(path))
}

/// Removes a file that may not be there.
pub fn remove(path: &Path) -> Done {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(path)(error)),
        _ => Ok(()),
    }
}

fn failed(path: &Path) -> impl Fn(std::io::Error) -> String {
    move |error| format!("{}: {error}", path.display())
}

/// FNV-1a: tells one content from another; it need not resist anybody.
fn hash(content: &[u8]) -> u64 {
    content
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    /// PERF-03: the same content has the same name; the hash is FNV-1a.
    #[test]
    fn names_follow_the_content() {
        assert_eq!(super::hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(super::hash(b"a"), 0xaf63_dc4c_8601_ec8c);
    }
}
