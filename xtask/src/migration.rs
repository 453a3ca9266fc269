//! `cargo xtask migration NAME`: the next migration, under the same name for both databases.

use std::fs::{self, OpenOptions};
use std::path::Path;

use crate::paths::Workspace;
use crate::process::Done;

const FOLDERS: [&str; 2] = ["migrations/sqlite", "migrations/postgres"];

/// Creates the two empty files.
pub fn create(workspace: &Workspace, arguments: &[String]) -> Done {
    let [name] = arguments else {
        return Err("usage: cargo xtask migration NAME".to_owned());
    };
    if !is_name(name) {
        return Err(format!("'{name}': a name has lower-case letters, digits and underscores"));
    }
    let mut existing = Vec::new();
    for folder in FOLDERS {
        existing.extend(file_names(&workspace.root.join(folder))?);
    }
    let file = format!("{:04}_{name}.sql", next_number(&existing)?);
    for folder in FOLDERS {
        let path = workspace.root.join(folder).join(&file);
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        println!("{}", workspace.shown(&path));
    }
    Ok(())
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn file_names(folder: &Path) -> Done<Vec<String>> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    fs::create_dir_all(folder).map_err(failed)?;
    let entries = fs::read_dir(folder).map_err(failed)?;
    Ok(entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
}

fn next_number(names: &[String]) -> Done<u16> {
    let number = |name: &String| name.split('_').next()?.parse::<u16>().ok();
    let last = names.iter().filter(|name| name.ends_with(".sql")).filter_map(number).max().unwrap_or(0);
    last.checked_add(1).filter(|next| *next <= 9_999).ok_or_else(|| "the numbers have run out".to_owned())
}

#[cfg(test)]
mod tests {
    use super::{is_name, next_number};

    #[test]
    fn numbers_follow_the_highest_of_either_folder() {
        let names = ["0001_start.sql", "0007_logs.sql", "README.md"].map(str::to_owned);
        assert_eq!(next_number(&names), Ok(8));
        assert_eq!(next_number(&[]), Ok(1));
        assert!(next_number(&["9999_end.sql".to_owned()]).is_err());
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        assert!(is_name("add_log_flags2"));
        for name in ["", "../x", "Add", "a b", "a.sql"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
